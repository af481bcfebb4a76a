"""When to ask for day-ahead prices."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from .market_day import MARKET_ZONE, market_day

FIRST_RETRY: Final = timedelta(minutes=2)
LAST_RETRY: Final = timedelta(hours=2)
IMPROVE_EVERY: Final = timedelta(hours=1)
"""Prices of a second source are the same auction; the first is asked again slowly."""

_PUBLISHED: Final = time(13, 30)
_PATIENCE: Final = time(15)
_POLL: Final = timedelta(minutes=10)
_SPREAD: Final = timedelta(minutes=5)
_LATE_POLL: Final = timedelta(minutes=30)


def published_at(day: date, jitter: float) -> datetime:
    """Return from when the prices of a market day are worth asking for (UTC).

    The auction's results come between 13:00 and 15:00 CET on the day before.

    Args:
        day: The day of delivery.
        jitter: From 0 to 1, another for each home, so that not all ask at once.
    """
    at = datetime.combine(day - timedelta(days=1), _PUBLISHED, MARKET_ZONE)
    return (at + 2 * jitter * _SPREAD).astimezone(UTC)


def patience_ends(day: date) -> datetime:
    """Return when another source is asked for what the first has not published (UTC).

    Until then "not yet" is an answer: the others have it no earlier.
    """
    at = datetime.combine(day - timedelta(days=1), _PATIENCE, MARKET_ZONE)
    return at.astimezone(UTC)


def next_publication(now: datetime, jitter: float) -> datetime:
    """Return when the next results are worth asking for (UTC)."""
    tomorrow = market_day(now) + timedelta(days=1)
    at = published_at(tomorrow, jitter)
    return at if at > now else published_at(tomorrow + timedelta(days=1), jitter)


def next_poll(now: datetime, day: date, jitter: float) -> datetime:
    """Return when to ask again for a day that was not published (UTC)."""
    pause = _POLL if now < patience_ends(day) else _LATE_POLL
    return now + pause + jitter * _SPREAD


def next_retry(now: datetime, failures: int) -> datetime:
    """Return when a source may be asked again that failed, ever more slowly (UTC)."""
    return now + min(FIRST_RETRY * 2.0 ** min(max(failures - 1, 0), 10), LAST_RETRY)
