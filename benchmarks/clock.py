"""A clock that stands still between polls."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from unittest.mock import patch

from homeassistant.util import dt as dt_util

INTERVAL: Final = timedelta(seconds=10)


class Clock:
    """A clock that each poll moves on by the interval of the real polls.

    What is shown, and how often, follows from it as it does in a home.
    """

    def __init__(self, start: datetime | None = None) -> None:
        """Start at a time (UTC), at the present unless told."""
        self.now = start or datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the time of the running poll (UTC)."""
        return self.now

    def tick(self) -> datetime:
        """Move on to the next poll and return its time."""
        self.now += INTERVAL
        return self.now

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Let the integration look at this clock."""
        with patch.object(dt_util, "utcnow", self):
            yield
