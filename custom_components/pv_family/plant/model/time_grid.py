"""Regular intervals of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from .arrays import FloatArray

FINEST = timedelta(minutes=15)
"""Within such an interval the sun's position in the middle stands for all of it."""


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """Adjoining intervals of one length.

    Attributes:
        start: Start of the first one (UTC).
        step: Their length.
        count: How many there are.

    Raises:
        ValueError: The start has no time zone, the step is not positive or the
            count is negative.
    """

    start: datetime
    step: timedelta
    count: int

    def __post_init__(self) -> None:
        """Refuse what is not a grid."""
        if self.start.tzinfo is None:
            raise ValueError("the start of a grid needs a time zone")
        if self.step <= timedelta(0) or self.count < 0:
            raise ValueError("a grid needs a positive step and no negative count")

    @property
    def hours(self) -> float:
        """Length of an interval in h."""
        return self.step / timedelta(hours=1)

    @property
    def end(self) -> datetime:
        """End of the last interval (UTC)."""
        return (self.start + self.count * self.step).astimezone(UTC)

    def starts(self) -> FloatArray:
        """Return the start of each interval in s since 1970."""
        return self.start.timestamp() + self.step.total_seconds() * np.arange(
            self.count, dtype=np.float64
        )

    def middles(self) -> FloatArray:
        """Return the middle of each interval in s since 1970."""
        return self.starts() + self.step.total_seconds() / 2.0

    def at(self, index: int) -> datetime:
        """Return the start of one interval (UTC)."""
        return (self.start + index * self.step).astimezone(UTC)

    def index(self, when: datetime) -> int:
        """Return the interval that holds an instant; it may lie outside the grid."""
        return (when - self.start) // self.step

    def __iter__(self) -> Iterator[datetime]:
        """Yield the start of each interval (UTC)."""
        return (self.at(index) for index in range(self.count))

    def refined(self) -> tuple[TimeGrid, int]:
        """Return the grid cut into equal parts of 15 min at most, and how many.

        An hour's mean irradiance on a plane is not that of the sun at half past.
        """
        parts = -(-self.step // FINEST)
        if parts == 1:
            return self, 1
        return TimeGrid(self.start, self.step / parts, self.count * parts), parts
