"""How often Open-Meteo may be asked."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ..web import LastGood

EVERY: Final = timedelta(minutes=45)
"""Its models are renewed hourly to every three hours."""
_FIRST_RETRY: Final = timedelta(minutes=2)
_LAST_RETRY: Final = timedelta(hours=2)


def next_ask[T](state: LastGood[T], last_asked: datetime) -> datetime:
    """Return when to ask next (UTC).

    A quota that is used up is waited for as long as its name says; other failures are
    retried ever more slowly.

    Args:
        state: What came of asking so far.
        last_asked: When it was asked last (UTC).
    """
    if state.failure is None:
        return last_asked + EVERY
    words = state.failure.lower()
    now = last_asked.astimezone(UTC)
    if "limit exceeded" in words:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if "month" in words:
            return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
        if "daily" in words:
            return midnight + timedelta(days=1, minutes=5)
        if "hour" in words:
            return now + timedelta(hours=1)
    retry = _FIRST_RETRY * 2.0 ** min(state.failures - 1, 10)
    return now + min(retry, _LAST_RETRY)
