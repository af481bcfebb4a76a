"""A fixed price, and prices by the time of day and the day of the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, Final, Self

from .price_series import PriceInterval, PriceQuality, PriceSeries

FIXED: Final = "fixed"
TIME_OF_USE: Final = "time_of_use"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Band:
    """A price for some hours of some days, by the clock on the wall.

    Attributes:
        weekdays: 0 is Monday; of a band past midnight, the days on which it begins.
        start: When it begins.
        end: When it ends; not later than the start means the day after.
        price: Per kWh.
    """

    weekdays: frozenset[int]
    start: time
    end: time
    price: float

    def holds(self, wall: datetime) -> bool:
        """Return whether the band holds a moment of the clock on the wall."""
        at = wall.time()
        today = wall.weekday() in self.weekdays
        if self.start < self.end:
            return today and self.start <= at < self.end
        yesterday = (wall.weekday() - 1) % 7 in self.weekdays
        return (today and at >= self.start) or (yesterday and at < self.end)

    @classmethod
    def from_dict(cls, entered: Mapping[str, Any]) -> Self:
        """Return the band that a form holds.

        Raises:
            KeyError, TypeError, ValueError: It is none, or not on a quarter hour.
        """
        start, end = (time.fromisoformat(entered[key]) for key in ("start", "end"))
        if any(at.minute % 15 or at.second or at.tzinfo for at in (start, end)):
            raise ValueError("a band begins and ends on a quarter hour")
        days = entered.get("days") or WEEKDAYS
        return cls(
            frozenset(WEEKDAYS.index(day) for day in days),
            start,
            end,
            float(entered["price"]),
        )


@dataclass(frozen=True, slots=True)
class TimeOfUse:
    """A tariff that the user entered.

    Attributes:
        currency: Code of ISO 4217.
        price: Per kWh whenever no band holds.
        bands: The first that holds counts.
    """

    currency: str
    price: float
    bands: Sequence[Band] = ()

    def price_at(self, wall: datetime) -> float:
        """Return the price of a moment of the clock on the wall."""
        return next((b.price for b in self.bands if b.holds(wall)), self.price)

    def series(self, start: datetime, end: datetime, zone: tzinfo) -> PriceSeries:
        """Return the prices of a time.

        Each quarter hour is judged by the wall clock of its beginning, so a day on
        which the clocks change has its 23 or 25 hours.

        Args:
            start: First instant (UTC), on a quarter hour.
            end: First instant after it (UTC), on a quarter hour.
            zone: Of the home.
        """
        source = TIME_OF_USE if self.bands else FIXED
        intervals: list[PriceInterval] = []
        since, price = start, self.price_at(start.astimezone(zone))
        at = start + STEP if self.bands else end
        while at < end:
            now = self.price_at(at.astimezone(zone))
            if now != price:
                intervals.append(_entered(since, at, price, source))
                since, price = at, now
            at += STEP
        if since < end:
            intervals.append(_entered(since, end, price, source))
        return PriceSeries(self.currency, tuple(intervals))


def _entered(
    start: datetime, end: datetime, price: float, source: str
) -> PriceInterval:
    return PriceInterval(
        start.astimezone(UTC), end.astimezone(UTC), price, PriceQuality.ENTERED, source
    )
