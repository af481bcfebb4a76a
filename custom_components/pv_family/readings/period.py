"""Energy since the start of the day, the week and the month."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """A calendar period in the home's own time zone; weeks start on Monday."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """Return the first day of the period that holds ``day``."""
        match self:
            case Period.TODAY:
                return day
            case Period.WEEK:
                return day - timedelta(days=day.weekday())
            case Period.MONTH:
                return day.replace(day=1)


@dataclass(slots=True)
class PeriodTotals:
    """Split a growing total into calendar periods.

    Attributes:
        anchors: For each period its first day and the total at its start in Wh.
    """

    anchors: dict[Period, tuple[date, float]] = field(default_factory=dict)

    def since_start(self, period: Period, day: date, total: float) -> float:
        """Return the energy in Wh since the start of the period that holds ``day``.

        What flowed while nobody looked counts into the period that saw it first.
        """
        start = period.start(day)
        anchor = self.anchors.get(period)
        # A clock that steps back does not reopen a period that is over.
        if anchor is None or start > anchor[0]:
            anchor = self.anchors[period] = (start, total)
        return total - anchor[1]

    def start_of(self, period: Period) -> date | None:
        """Return the first day of the running period, once it has begun."""
        anchor = self.anchors.get(period)
        return anchor[0] if anchor else None
