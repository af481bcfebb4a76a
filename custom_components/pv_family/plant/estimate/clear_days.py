"""Find the cloudless days of a production history without any weather data."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..model.arrays import BoolArray, FloatArray, IntArray
from ..model.plant import Site
from ..model.sun import SunPosition, sun_position
from ..model.time_grid import TimeGrid

LOWEST_SUN: Final = 8.0
"""Degrees below which houses and hills matter more than the roof."""

_WINDOW: Final = 15
"""Days to either side whose best hours are the measure of a day."""
_ENVELOPE: Final = 92.0
"""Percentile of the same time of day that stands for a clear sky.

The highest values are brightened by the edges of clouds.
"""
_CLEAR: Final = 0.90
"""Least share of that measure which a cloudless day reaches."""
_MOST_DAYS: Final = 90
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class ClearHistory:
    """The usable intervals of cloudless days; arrays of one length.

    Attributes:
        instants: Middle of each interval, s since 1970.
        sun: Where the sun stood.
        power: W.
        day: Number of the day of each interval, from 0.
        days: How many days there are.
    """

    instants: FloatArray
    sun: SunPosition
    power: FloatArray
    day: IntArray
    days: int


def clear_history(grid: TimeGrid, power: FloatArray, site: Site) -> ClearHistory:
    """Return the cloudless days of a history.

    A day is cloudless if it comes near the best of the days around it at every time
    of day. Days are solar ones, so it does not matter what the clocks do. Intervals
    in which the inverter clips are left out, and so is the lowest sun.

    Args:
        grid: The intervals of the history.
        power: AC power, mean of each interval, W; NaN is not known.
        site: Where it was.
    """
    instants = grid.middles()
    solar = instants + site.longitude * 240.0
    number = np.floor(solar / _DAY)
    number -= number.min(initial=number[0] if number.size else 0.0)
    slot = np.floor((solar % _DAY) / grid.step.total_seconds()).astype(np.int64)
    table = np.full(
        (int(number.max(initial=0.0)) + 1, int(slot.max(initial=0)) + 1), np.nan
    )
    table[number.astype(np.int64), slot] = power
    chosen = _clearest(table)
    sun = sun_position(instants, site.latitude, site.longitude)
    keep = (
        np.isin(number, chosen)
        & np.isfinite(power)
        & (sun.elevation > LOWEST_SUN)
        & ~_clipped(power)
    )
    names, day = np.unique(number[keep], return_inverse=True)
    return ClearHistory(
        instants[keep],
        SunPosition(sun.elevation[keep], sun.azimuth[keep], sun.extraterrestrial[keep]),
        power[keep],
        day.astype(np.int64),
        int(names.size),
    )


def _clearest(table: FloatArray) -> FloatArray:
    """Return the numbers of the days that look cloudless, the clearest first."""
    days = table.shape[0]
    score = np.zeros(days)
    for day in range(days):
        around = table[max(0, day - _WINDOW) : day + _WINDOW + 1]
        known = np.isfinite(table[day])
        seen = np.isfinite(around).sum(axis=0) >= 5
        usable = known & seen
        if not np.any(usable):
            continue
        measure = np.nanpercentile(around[:, usable], _ENVELOPE, axis=0)
        bright = measure > 0.15 * measure.max()
        expected = int(np.count_nonzero(seen))
        if measure.max() <= 0.0 or np.count_nonzero(usable) < 0.9 * expected:
            continue
        ratio = table[day][usable][bright] / measure[bright]
        # The 20th percentile: one cloud at noon is enough to spoil a day.
        score[day] = min(float(np.percentile(ratio, 20.0)), 1.0)
    order = np.argsort(-score, kind="stable")[:_MOST_DAYS]
    return order[score[order] >= _CLEAR].astype(np.float64)


def _clipped(power: FloatArray) -> BoolArray:
    """Return where the inverter is at its limit, if it ever is.

    A limit shows as a flat top: more than one in fifty of the bright intervals within
    1 % of the highest.
    """
    top = float(np.nanmax(power, initial=0.0))
    near = power >= 0.99 * top
    bright = power >= 0.5 * top
    if np.count_nonzero(near) <= 0.02 * np.count_nonzero(bright):
        return np.zeros(power.shape, dtype=np.bool_)
    return power >= 0.97 * top
