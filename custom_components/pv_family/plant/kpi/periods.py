"""Calendar periods in a home's own time zone, whatever the clocks do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from ..model.time_grid import TimeGrid


class Calendar(StrEnum):
    """A length that a calendar knows."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    def first_day(self, day: date) -> date:
        """Return the first day of the period that holds a day; weeks start on Monday."""
        match self:
            case Calendar.DAY:
                return day
            case Calendar.WEEK:
                return day - timedelta(days=day.weekday())
            case Calendar.MONTH:
                return day.replace(day=1)
            case Calendar.YEAR:
                return day.replace(month=1, day=1)

    def next_first_day(self, day: date) -> date:
        """Return the first day of the period after the one that holds a day."""
        first = self.first_day(day)
        reach = {
            Calendar.DAY: 1,
            Calendar.WEEK: 7,
            Calendar.MONTH: 32,
            Calendar.YEAR: 367,
        }[self]
        return self.first_day(first + timedelta(days=reach))


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """One day, week, month or year.

    Attributes:
        first_day: In the home's calendar.
        start: UTC.
        end: UTC.
        intervals: Those of a grid that start in it.
    """

    first_day: date
    start: datetime
    end: datetime
    intervals: slice

    @property
    def hours(self) -> float:
        """Its true length: a day has 23 or 25 hours when the clocks change."""
        return (self.end - self.start) / timedelta(hours=1)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day begins in a time zone (UTC)."""
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


def lasted(day: date, zone: tzinfo, until: datetime | None) -> float:
    """Return how long a day has lasted in h.

    Args:
        day: In the home's calendar.
        zone: Of the home.
        until: How far it is known (UTC); ``None`` means all of it.
    """
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    if until is not None:
        end = max(min(end, until), start)
    return (end - start) / timedelta(hours=1)


def calendar_periods(
    grid: TimeGrid, zone: tzinfo, calendar: Calendar
) -> Iterator[CalendarPeriod]:
    """Yield the periods that a grid touches, with the intervals that start in each."""
    if not grid.count:
        return
    last = grid.at(grid.count - 1)
    first_day = calendar.first_day(grid.at(0).astimezone(zone).date())
    while (start := midnight(first_day, zone)) <= last:
        following = calendar.next_first_day(first_day)
        end = midnight(following, zone)
        yield CalendarPeriod(
            first_day, start, end, slice(_from(grid, start), _from(grid, end))
        )
        first_day = following


def _from(grid: TimeGrid, when: datetime) -> int:
    """Return the first interval that starts at an instant or later."""
    index = -((grid.start - when) // grid.step)
    return min(max(index, 0), grid.count)
