"""What the controller is told of the hours to come."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, radians, sin
from typing import TYPE_CHECKING, Any, Final

from ..control.surplus.site import Outlook

if TYPE_CHECKING:
    from ..plant.forecast.series import Forecast
    from ..plant.model.arrays import FloatArray

SLOT: Final = timedelta(minutes=15)
# A day, and the slot that the last of it slides into.
_SLOTS: Final = 97
# How far persistence errs in the end: P10 and P90 of production lie off by that share
# of it.
_ERROR: Final = 0.7
# How long the present lasts, in s.
_SOON: Final = 3600.0
# At a lower sun the present says nothing about the day.
_LOWEST_SUN: Final = radians(10.0)
# How fast the present is followed where it matters now, and as a habit, in s.
_FAST: Final = 300.0
_SLOW: Final = 6 * 3600.0
# A base that has moved by this is news: in W, or as a share.
_NEWS: Final = 300.0
_NEWS_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices per kWh, by the start of a slot.

    Attributes:
        buy: Of import.
        sell: Of export.
        version: Changes when they do.
    """

    buy: Callable[[datetime], float]
    sell: Callable[[datetime], float]
    version: Hashable


class OutlookMaker:
    """Makes an outlook a quarter of an hour, from forecasts or from the present."""

    def __init__(self, sun: Callable[[datetime], float]) -> None:
        """Know nothing yet.

        Args:
            sun: The elevation of the sun at a time, in degrees.
        """
        self._sun = sun
        self._made: tuple[tuple[Any, ...], Outlook] | None = None
        self._kept: tuple[Forecast | None, Forecast | None] = None, None
        self._production: float | None = None
        self._base: float | None = None
        self._habit: float | None = None
        self._told: float = 0.0
        self._seen: datetime | None = None

    def see(self, now: datetime, production: float | None, base: float | None) -> None:
        """Take up the present.

        Args:
            now: The present (UTC).
            production: In W, ``None`` if not known.
            base: Consumption without the controlled loads, in W.
        """
        passed = 0.0
        if self._seen is not None:
            passed = max(0.0, (now - self._seen).total_seconds())
        fast, slow = 1.0 - exp(-passed / _FAST), 1.0 - exp(-passed / _SLOW)
        self._seen = now
        self._production = _follow(self._production, production, fast)
        self._base = _follow(self._base, base, fast)
        self._habit = _follow(self._habit, base, slow)

    def outlook(
        self,
        now: datetime,
        potential: Forecast | None,
        load: Forecast | None,
        prices: Prices,
    ) -> Outlook:
        """Return what is to be expected; the same object while it stays the same.

        Args:
            now: The present (UTC).
            potential: What the roof can give, if that is forecast.
            load: What the home draws without the controlled loads, if that is.
            prices: What energy costs.
        """
        start = _slot_of(now)
        key = (start, id(potential), id(load), prices.version)
        base_now = self._base or 0.0
        news = abs(base_now - self._told) > max(_NEWS, _NEWS_SHARE * self._told)
        if self._made is not None and self._made[0] == key and not news:
            return self._made[1]
        self._told = base_now
        times = [start + k * SLOT for k in range(_SLOTS)]
        middle, low, high = self._harvest(now, times, potential)
        base = self._consumption(times, load)
        outlook = Outlook(
            start=start,
            slot=SLOT.total_seconds(),
            production=tuple(middle),
            production_low=tuple(low),
            production_high=tuple(high),
            base=tuple(base),
            buy=tuple(prices.buy(when) for when in times),
            sell=tuple(prices.sell(when) for when in times),
        )
        # The forecasts are kept with it: their identities must not be given anew.
        self._made = key, outlook
        self._kept = potential, load
        return outlook

    def _consumption(
        self, times: Sequence[datetime], load: Forecast | None
    ) -> list[float]:
        """Return the base: as foreseen or as usual, but for the next hour as it is."""
        foreseen = None if load is None else _resampled(load, times, load.p50)
        if foreseen is None:
            foreseen = [max(0.0, self._habit or 0.0)] * len(times)
        if self._base is None:
            return foreseen
        off = self._base - foreseen[0]
        return [
            max(0.0, power + off * exp(-k * SLOT.total_seconds() / _SOON))
            for k, power in enumerate(foreseen)
        ]

    def _harvest(
        self, now: datetime, times: Sequence[datetime], potential: Forecast | None
    ) -> tuple[list[float], list[float], list[float]]:
        if potential is not None:
            rows = [
                _resampled(potential, times, row)
                for row in (potential.p50, potential.p10, potential.p90)
            ]
            if rows[0] is not None and rows[1] is not None and rows[2] is not None:
                return rows[0], rows[1], rows[2]
        # The present goes on as the sun does.
        height = max(sin(radians(self._sun(now))), sin(_LOWEST_SUN))
        share = max(0.0, self._production or 0.0) / height
        middle = [
            share * max(0.0, sin(radians(self._sun(when + SLOT / 2)))) for when in times
        ]
        errors = [
            _ERROR * (1.0 - exp(-(k + 0.5) * SLOT.total_seconds() / _SOON))
            for k in range(len(times))
        ]
        return (
            middle,
            [p * (1.0 - error) for p, error in zip(middle, errors, strict=True)],
            [p * (1.0 + error) for p, error in zip(middle, errors, strict=True)],
        )


def _follow(old: float | None, new: float | None, part: float) -> float | None:
    if new is None or old is None:
        return old if new is None else new
    return old + part * (new - old)


def _slot_of(now: datetime) -> datetime:
    seconds = now.timestamp()
    return datetime.fromtimestamp(seconds - seconds % SLOT.total_seconds(), UTC)


def _resampled(
    forecast: Forecast, times: Sequence[datetime], row: FloatArray
) -> list[float] | None:
    """Return a row of a forecast in other slots; its last value goes on for an hour.

    ``None`` if it does not reach over most of the time.
    """
    step = forecast.step.total_seconds()
    values: list[float] = []
    for when in times:
        k = int(((when + SLOT / 2) - forecast.start).total_seconds() // step)
        if not 0 <= k < len(row) or (value := float(row[k])) != value:
            break
        values.append(max(0.0, value))
    missing = len(times) - len(values)
    if missing > len(times) // 2:
        return None
    # What is not foreseen is taken to be as a day before, or as the last that was.
    while missing := len(times) - len(values):
        values.append(values[-96] if len(values) >= 96 else values[-1])
    return values
