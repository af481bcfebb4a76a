"""Prices of energy over time, and how well each of them is known."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from typing import Any, Final, Self

LONGEST: Final = 100_000
"""Intervals that a series may have."""


class PriceQuality(StrEnum):
    """How a price is known, the best first."""

    PUBLISHED = "published"
    """By the first of the sources, in the home's currency."""
    FAILOVER = "failover"
    """By a later source, for the same auction and in the home's currency."""
    CONVERTED = "converted"
    """By a source in another currency, at the central bank's rate."""
    ENTERED = "entered"
    """By the user: a fixed price or a tariff by time of use."""
    REPORTED = "reported"
    """By an entity of Home Assistant."""
    ESTIMATED = "estimated"
    """Not published: the price of the same time on the last day that is known."""


_RANK: Final = {quality: rank for rank, quality in enumerate(PriceQuality)}


def worst_quality(qualities: Iterable[PriceQuality]) -> PriceQuality | None:
    """Return how well something is known that rests on several prices."""
    return max(qualities, key=_RANK.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class PriceInterval:
    """A price for a while.

    Attributes:
        start: First instant (UTC).
        end: First instant after it (UTC).
        price: Per kWh; may be negative.
        quality: How it is known.
        source: Who says so.
    """

    start: datetime
    end: datetime
    price: float
    quality: PriceQuality
    source: str


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Prices in order of time, without overlaps; holes are prices nobody knows.

    Attributes:
        currency: Code of ISO 4217.
        intervals: In order of time.
    """

    currency: str
    intervals: tuple[PriceInterval, ...] = ()
    _starts: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is not a series.

        Raises:
            ValueError: Intervals are empty, overlap, or are not in UTC.
        """
        if len(self.intervals) > LONGEST:
            raise ValueError("too many prices")
        for item in self.intervals:
            if item.start.tzinfo is not UTC or item.end.tzinfo is not UTC:
                raise ValueError("a price is not in UTC")
            if item.end <= item.start or not isfinite(item.price):
                raise ValueError("a price has no length or no value")
        if any(after.start < before.end for before, after in pairwise(self.intervals)):
            raise ValueError("prices overlap")
        starts = tuple(item.start for item in self.intervals)
        object.__setattr__(self, "_starts", starts)

    def __bool__(self) -> bool:
        """Return whether any price is known."""
        return bool(self.intervals)

    @property
    def start(self) -> datetime | None:
        """When the first known price begins (UTC)."""
        return self.intervals[0].start if self.intervals else None

    @property
    def end(self) -> datetime | None:
        """When the last known price ends (UTC)."""
        return self.intervals[-1].end if self.intervals else None

    def interval_at(self, when: datetime) -> PriceInterval | None:
        """Return the interval that holds an instant."""
        index = bisect_right(self._starts, when) - 1
        if index < 0 or when >= self.intervals[index].end:
            return None
        return self.intervals[index]

    def price_at(self, when: datetime) -> float | None:
        """Return the price of an instant, per kWh."""
        found = self.interval_at(when)
        return None if found is None else found.price

    def next_change(self, when: datetime) -> datetime | None:
        """Return when the price after an instant begins or ends (UTC)."""
        found = self.interval_at(when)
        if found is not None:
            return found.end
        index = bisect_right(self._starts, when)
        return self._starts[index] if index < len(self._starts) else None

    def between(self, start: datetime, end: datetime) -> PriceSeries:
        """Return what is known of a time; intervals at its ends are cut."""
        first = max(0, bisect_right(self._starts, start) - 1)
        kept = []
        for item in self.intervals[first:]:
            if item.start >= end:
                break
            if item.end > start:
                kept.append(_cut(item, start, end))
        return PriceSeries(self.currency, tuple(kept))

    def covers(self, start: datetime, end: datetime) -> bool:
        """Return whether every instant of a time has a price."""
        at = start
        for item in self.between(start, end).intervals:
            if item.start > at:
                return False
            at = item.end
        return at >= end

    def mean(self, start: datetime, end: datetime) -> float | None:
        """Return the mean price of a time, or ``None`` unless all of it is known."""
        at, total = start, 0.0
        for item in self.between(start, end).intervals:
            if item.start > at:
                return None
            total += item.price * (item.end - item.start).total_seconds()
            at = item.end
        span = (end - start).total_seconds()
        return total / span if at >= end and span > 0.0 else None

    def lowest(self) -> PriceInterval | None:
        """Return the cheapest interval, the first of several."""
        return min(self.intervals, key=lambda item: item.price, default=None)

    def highest(self) -> PriceInterval | None:
        """Return the dearest interval, the first of several."""
        return max(self.intervals, key=lambda item: item.price, default=None)

    @property
    def quality(self) -> PriceQuality | None:
        """How well the least certain price is known."""
        return worst_quality(item.quality for item in self.intervals)

    def priced(self, price: Callable[[PriceInterval], float]) -> PriceSeries:
        """Return the series with other prices for the same intervals."""
        return replace(
            self,
            intervals=tuple(
                replace(item, price=price(item)) for item in self.intervals
            ),
        )

    def overlaid(self, newer: PriceSeries) -> PriceSeries:
        """Return both series in one; where both know a price the newer one counts.

        Raises:
            ValueError: The currencies differ.
        """
        if newer.currency != self.currency:
            raise ValueError(f"{newer.currency} is not {self.currency}")
        if not newer:
            return self
        left = list(newer.intervals)
        holes = _holes(newer)
        for start, end in holes:
            left += self.between(start, end).intervals
        left.sort(key=lambda item: item.start)
        return PriceSeries(self.currency, tuple(left))

    def as_dict(self) -> dict[str, Any]:
        """Return the series as JSON types, for `from_dict`."""
        return {
            "currency": self.currency,
            "intervals": [
                [
                    item.start.timestamp(),
                    item.end.timestamp(),
                    item.price,
                    str(item.quality),
                    item.source,
                ]
                for item in self.intervals
            ],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return the series that `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: It is not one of ours.
        """
        return cls(
            str(stored["currency"]),
            tuple(
                PriceInterval(
                    datetime.fromtimestamp(start, UTC),
                    datetime.fromtimestamp(end, UTC),
                    float(price),
                    PriceQuality(quality),
                    str(source),
                )
                for start, end, price, quality, source in stored["intervals"]
            ),
        )


_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_END: Final = datetime.max.replace(tzinfo=UTC)


def _holes(series: PriceSeries) -> list[tuple[datetime, datetime]]:
    """Return the times that a series says nothing of, all of history included."""
    holes = []
    at = _BEGINNING
    for item in series.intervals:
        if item.start > at:
            holes.append((at, item.start))
        at = item.end
    return [*holes, (at, _END)]


def _cut(item: PriceInterval, start: datetime, end: datetime) -> PriceInterval:
    if item.start >= start and item.end <= end:
        return item
    return replace(item, start=max(item.start, start), end=min(item.end, end))


def repeated_until(series: PriceSeries, end: datetime) -> PriceSeries:
    """Return a series that goes on after its end as on its last day.

    For plans that look further than prices are published: each added price is that
    of 24 hours before, and says that it is estimated.

    Args:
        series: What is known.
        end: Until when prices are wanted (UTC), at most a week ahead.
    """
    known_until = series.end
    if known_until is None:
        return series
    day = timedelta(days=1)
    until = min(end, known_until + 7 * day)
    pattern = series.between(known_until - day, known_until).intervals
    added = []
    shift = day
    while pattern and pattern[0].start + shift < until:
        added += [
            _cut(
                PriceInterval(
                    item.start + shift,
                    item.end + shift,
                    item.price,
                    PriceQuality.ESTIMATED,
                    item.source,
                ),
                known_until,
                until,
            )
            for item in pattern
            if item.start + shift < until
        ]
        shift += day
    return PriceSeries(series.currency, series.intervals + tuple(added))
