"""The day of the European day-ahead market, which is that of Brussels everywhere."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MARKET_ZONE: Final = ZoneInfo("Europe/Brussels")
"""CET and CEST: a Romanian day begins within the market day before."""

RESOLUTIONS: Final = (
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)


def market_day(when: datetime) -> date:
    """Return the market day that holds an instant."""
    return when.astimezone(MARKET_ZONE).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a market day begins and ends (UTC); it has 23, 24 or 25 hours."""
    start, end = (
        datetime.combine(which, time(), MARKET_ZONE).astimezone(UTC)
        for which in (day, day + timedelta(days=1))
    )
    return start, end


def days_between(start: datetime, end: datetime) -> list[date]:
    """Return the market days that hold some of a time."""
    first, last = market_day(start), market_day(end - timedelta(microseconds=1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def resolution_of(day: date, count: int) -> timedelta | None:
    """Return how long each of the intervals is that a whole market day has.

    Args:
        day: The market day.
        count: How many intervals it is divided into: 23 to 25 are hours, 46 to 50 half
            hours, 92 to 100 quarter hours, each in keeping with the day's length.
    """
    start, end = day_bounds(day)
    return next(
        (step for step in RESOLUTIONS if count and (end - start) == count * step),
        None,
    )


def wall_numbers(day: date, step: timedelta) -> list[int]:
    """Return the number of each interval of a day, from 1, by the clock on the wall."""
    start, end = day_bounds(day)
    walls = (
        (start + index * step).astimezone(MARKET_ZONE)
        for index in range((end - start) // step)
    )
    return [
        timedelta(hours=wall.hour, minutes=wall.minute) // step + 1 for wall in walls
    ]


def laid_out(
    day: date, prices: Sequence[float], step: timedelta
) -> Iterator[tuple[datetime, datetime, float]]:
    """Yield start, end (UTC) and price of each interval of a market day."""
    start, _ = day_bounds(day)
    for index, price in enumerate(prices):
        yield start + index * step, start + (index + 1) * step, price
