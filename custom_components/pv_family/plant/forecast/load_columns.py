"""What a household's past says about a day to come, column by column."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..model.arrays import BoolArray, FloatArray, IntArray
from .regression import weighted_quantile

HISTORY_DAYS: Final = 60
COLUMNS: Final = 26
# Where some of them stand.
USUAL: Final = 0
NEWEST: Final = 6
USUAL_AT_LEVEL: Final = 9
USUAL_SMOOTH: Final = 12
NEWEST_SMOOTH: Final = 13
UPPER_QUARTILE: Final = 15
LOWER_QUARTILE: Final = 16
CONSTANT: Final = 18
COOL: Final = 19
HEAT: Final = 20
_CONSTANT_W: Final = 500.0
_HALF_LIFE_DAYS: Final = 10.0
_SHORT_HALF_LIFE_DAYS: Final = 3.0
_SHORT_TYPE_HALF_LIFE_DAYS: Final = 5.0
_TYPE_HALF_LIFE_DAYS: Final = 20.0
_WEEK_HALF_LIFE_DAYS: Final = 28.0
_OTHER_TYPE: Final = 0.15
_OTHER_WEEKDAY: Final = 0.1
_SHORT_OTHER_TYPE: Final = 0.1
# Days that began like this one: how many are needed, and what makes them count.
_FEWEST_ALIKE: Final = 8
_ALIKE_HALF_LIFE_DAYS: Final = 30.0
_ALIKE_OTHER_TYPE: Final = 0.4
_FOUR_WEEKS: Final = 28
_RECENT_HOURS: Final = 4.0
_FADE_HOURS: Final = 2.0
# Degrees beyond which homes begin to cool and to heat, °C, and what counts as much.
_COOL_FROM: Final = 22.0
_HEAT_BELOW: Final = 15.0
_DEGREES: Final = 10.0


@dataclass(frozen=True, slots=True)
class Past:
    """The days before a target day, newest first.

    Attributes:
        load: W, nan where not known when the forecast is made, shape (k, slots).
        temperature: °C, same shape.
        free: Whether each day is a weekend or a holiday, shape (k,).
        age: Days before the target day, shape (k,).
    """

    load: FloatArray
    temperature: FloatArray
    free: BoolArray
    age: IntArray


def load_columns(
    past: Past,
    free: bool,
    temperature: FloatArray,
    trail: FloatArray,
    lead: FloatArray,
) -> FloatArray:
    """Return what is known of each slot of a day, W.

    Args:
        past: The days before.
        free: Whether the day is a weekend or a holiday.
        temperature: Forecast for the day, °C, nan where unknown, shape (slots,).
        trail: The last 24 h by slot of the day, W, shape (slots,).
        lead: Hours from now to the start of each slot; negative for what is past.

    Returns:
        Shape (slots, COLUMNS).
    """
    load = past.load
    known = np.isfinite(load)
    value = np.where(known, load, 0.0)
    age = past.age[:, None].astype(float)
    late = known * 0.5 ** (age / _HALF_LIFE_DAYS)
    usual = _filled(weighted_quantile(value, late, 0.5), load)
    mean = _filled(_mean(value, late), load)

    def middle(weights: FloatArray, quantile: float = 0.5) -> FloatArray:
        found = weighted_quantile(value, weights * known, quantile)
        return np.where(np.isfinite(found), found, usual)

    month = (age <= _FOUR_WEEKS).astype(float)
    alike = (
        0.5 ** (age / _TYPE_HALF_LIFE_DAYS)
        * np.where(past.free == free, 1.0, _OTHER_TYPE)[:, None]
    )
    alike_lately = (
        0.5 ** (age / _SHORT_TYPE_HALF_LIFE_DAYS)
        * np.where(past.free == free, 1.0, _SHORT_OTHER_TYPE)[:, None]
    )
    weekday = (
        0.5 ** (age / _WEEK_HALF_LIFE_DAYS)
        * np.where(past.age % 7 == 0, 1.0, _OTHER_WEEKDAY)[:, None]
    )
    newest = _newest(load, usual)
    hours = 24.0 / load.shape[1]
    recent = np.isfinite(trail)
    lately = recent & (_since(lead, hours) < _RECENT_HOURS)
    day_level = _ratio(trail, usual, recent, 0.3, 3.0)
    hour_level = _ratio(trail, usual, lately, 0.2, 4.0)
    days = _row_means(load)
    three = _nan_mean(days[1:4]) / max(_nan_mean(days[:_FOUR_WEEKS]), 1.0)
    deviation = float(np.mean((trail - usual)[lately])) if lately.any() else 0.0
    fade = np.exp(-np.maximum(lead, 0.0) / _FADE_HOURS)
    cool, heat = _degrees(temperature, past.temperature)
    columns = [
        usual,
        middle(month),
        middle(np.ones_like(age)),
        mean,
        middle(alike),
        middle(weekday),
        newest,
        _on(load, 1, usual),
        _on(load, 6, usual),
        usual * day_level,
        usual * hour_level,
        usual * float(np.clip(np.nan_to_num(three, nan=1.0), 0.3, 3.0)),
        _smooth(usual, hours),
        _smooth(newest, hours),
        _smooth(mean, hours),
        middle(month, 0.75),
        middle(month, 0.25),
        deviation * fade,
        np.full(len(usual), _CONSTANT_W),
        usual * cool,
        usual * heat,
        middle(0.5 ** (age / _SHORT_HALF_LIFE_DAYS)),
        middle(alike_lately),
        middle(_began_alike(past, free, trail, lead, usual)),
        _smooth(_on(load, 2, usual), hours),
        _smooth(_on(load, 6, usual), hours),
    ]
    return np.stack(columns, axis=1)


def _mean(value: FloatArray, weights: FloatArray) -> FloatArray:
    mass = weights.sum(axis=0)
    total: FloatArray = (value * weights).sum(axis=0)
    return np.where(mass > 0.0, total / np.maximum(mass, 1e-12), np.nan)


def _nan_mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _row_means(values: FloatArray) -> FloatArray:
    return np.array([_nan_mean(row) for row in values])


def _filled(values: FloatArray, load: FloatArray) -> FloatArray:
    known = load[np.isfinite(load)]
    spare = float(known.mean()) if len(known) else 0.0
    return np.where(np.isfinite(values), values, spare)


def _newest(load: FloatArray, usual: FloatArray) -> FloatArray:
    """Return each slot's value on the last day on which it is known."""
    known = np.isfinite(load)
    found: FloatArray = np.take_along_axis(load, known.argmax(axis=0)[None, :], 0)[0]
    return np.where(known.any(axis=0), found, usual)


def _on(load: FloatArray, index: int, usual: FloatArray) -> FloatArray:
    if index >= len(load):
        return usual
    return np.where(np.isfinite(load[index]), load[index], usual)


def _since(lead: FloatArray, hours: float) -> FloatArray:
    """Return how long ago each slot of the last 24 h was, h."""
    since: FloatArray = (-lead - hours) % 24.0
    return since


def _ratio(
    trail: FloatArray, usual: FloatArray, use: BoolArray, low: float, high: float
) -> float:
    expected = float(usual[use].sum())
    if expected <= 1.0:
        return 1.0
    return float(np.clip(trail[use].sum() / expected, low, high))


def _began_alike(
    past: Past,
    free: bool,
    trail: FloatArray,
    lead: FloatArray,
    usual: FloatArray,
) -> FloatArray:
    """Return how much each day counts by how alike the 24 h before it were.

    Nearest neighbours with a Gaussian kernel, as wide as the usual distance.

    Returns:
        Shape (k, 1), all zero while too few days are known.
    """
    days, slots = past.load.shape
    hours = 24.0 / slots
    weights = np.zeros((days, 1))
    first = round(float(lead[0]) / hours)
    now = -first % slots
    ahead = (first + now) // slots
    count = days - ahead - 1
    if count < _FEWEST_ALIKE:
        return weights
    # The day that lies as far before the target as today lies before it, and so on.
    until = past.load[ahead : ahead + count]
    since = past.load[ahead + 1 : ahead + 1 + count]
    then = np.where(np.arange(slots) < now, until, since)
    trails = np.vstack([trail, then])
    trails = _smooth(np.where(np.isfinite(trails), trails, usual), hours)
    distance = np.abs(trails[1:] - trails[0]).mean(axis=1)
    scale = max(float(np.median(distance)), 1e-9)
    weights[:count, 0] = (
        np.exp(-2.0 * (distance / scale) ** 2)
        * np.where(past.free[:count] == free, 1.0, _ALIKE_OTHER_TYPE)
        * 0.5 ** (past.age[:count] / _ALIKE_HALF_LIFE_DAYS)
    )
    return weights


def _smooth(values: FloatArray, hours: float) -> FloatArray:
    """Return values averaged over about an hour to both sides, round the clock."""
    reach = max(1, round(1.0 / hours))
    shifts = np.arange(-reach, reach + 1)
    weights = 1.0 + reach - np.abs(shifts)
    total: FloatArray = np.zeros(values.shape)
    for shift, weight in zip(shifts, weights, strict=True):
        total += weight * np.roll(values, int(shift), axis=-1)
    smooth: FloatArray = total / weights.sum()
    return smooth


def _degrees(ahead: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how much more there is to cool and to heat than in the last two weeks."""
    recent = past[:14]
    return (
        _excess(np.maximum(ahead - _COOL_FROM, 0), np.maximum(recent - _COOL_FROM, 0)),
        _excess(
            np.maximum(_HEAT_BELOW - ahead, 0), np.maximum(_HEAT_BELOW - recent, 0)
        ),
    )


def _excess(now: FloatArray, then: FloatArray) -> FloatArray:
    known = np.isfinite(then)
    usual = _mean(np.where(known, then, 0.0), known.astype(float))
    return np.nan_to_num((now - usual) / _DEGREES)
