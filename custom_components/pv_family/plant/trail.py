"""What a sensor showed lately, and its mean over any time within."""

from collections import deque
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

_KEPT: Final = timedelta(hours=26)
_MINUTE: Final = timedelta(minutes=1)


class Trail:
    """Values that hold until the next one comes, for a while at most."""

    def __init__(self, hold: timedelta = timedelta(minutes=15)) -> None:
        """Start empty.

        Args:
            hold: How long a value stands if no other one comes.
        """
        self._hold = hold
        self._points: deque[tuple[datetime, float | None]] = deque()

    def add(self, when: datetime, value: float | None) -> None:
        """Take in what is shown from now on.

        Args:
            when: Not before the last one (UTC).
            value: ``None`` while it is not known.
        """
        points = self._points
        # Several in one minute: the mean of a quarter of an hour does not need them.
        if len(points) > 1 and when - points[-2][0] < _MINUTE:
            points.pop()
        points.append((when, value))
        while points[0][0] < when - _KEPT:
            points.popleft()

    def mean(
        self, start: datetime, end: datetime, covered: float = 0.8
    ) -> float | None:
        """Return the mean over a time, ``None`` if too little of it is known.

        Args:
            start: Of the time (UTC).
            end: Of the time (UTC).
            covered: Share of the time that has to be known.
        """
        total = known = 0.0
        for (since, value), (until, _) in pairwise((*self._points, (end, None))):
            if value is None:
                continue
            first = max(since, start)
            last = min(until, end, since + self._hold)
            if (seconds := (last - first).total_seconds()) > 0.0:
                total += value * seconds
                known += seconds
        if known <= 0.0 or known < covered * (end - start).total_seconds():
            return None
        return total / known

    def latest(self, now: datetime) -> float | None:
        """Return what is shown now."""
        if not self._points:
            return None
        since, value = self._points[-1]
        return value if now - since <= self._hold else None
