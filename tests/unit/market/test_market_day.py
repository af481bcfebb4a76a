"""The day of the market, seen from UTC and from Bucharest."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.pv_family.market.market_day import (
    day_bounds,
    days_between,
    market_day,
    resolution_of,
)

BUCHAREST = ZoneInfo("Europe/Bucharest")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2026, 6, 15), 24)],
    ids=str,
)
def test_length(day: date, hours: int) -> None:
    """The day on which clocks change is an hour shorter or longer."""
    start, end = day_bounds(day)
    assert end - start == timedelta(hours=hours)
    assert market_day(start) == market_day(end - timedelta(seconds=1)) == day
    for per_hour in (1, 2, 4):
        step = resolution_of(day, hours * per_hour)
        assert step == timedelta(hours=1) / per_hour
    assert resolution_of(day, hours + 1) is None
    assert resolution_of(day, 0) is None


def test_autumn_starts_where_it_did() -> None:
    """The long day of October 2025 began at 22:00 UTC."""
    assert day_bounds(date(2025, 10, 26))[0] == datetime(2025, 10, 25, 22, tzinfo=UTC)


def test_romanian_day_needs_two_market_days() -> None:
    """The first hour of a Romanian day is the last one of the market day before."""
    midnight = datetime(2026, 6, 15, tzinfo=BUCHAREST).astimezone(UTC)
    assert market_day(midnight + timedelta(minutes=59)) == date(2026, 6, 14)
    assert market_day(midnight + timedelta(minutes=60)) == date(2026, 6, 15)
    assert days_between(midnight, midnight + timedelta(days=1)) == [
        date(2026, 6, 14),
        date(2026, 6, 15),
    ]


def test_brussels_day_needs_one() -> None:
    """Where the market's time is the home's, one market day is enough."""
    assert days_between(*day_bounds(date(2026, 6, 15))) == [date(2026, 6, 15)]
