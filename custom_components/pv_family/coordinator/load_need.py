"""What a load still needs, by when, and when it may have it, by the local clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from .load_book import LoadBook
from .load_settings import HOURS, Kind, LoadSettings, Window

_DAY: Final = timedelta(days=1)
# What a load without a limit is taken to have room for, in h of its power.
_ROOM: Final = 24.0


@dataclass(frozen=True, slots=True)
class Need:
    """What a load needs.

    Attributes:
        due: By the deadline, in Wh.
        room: What it can take now, in Wh.
        deadline: When what is due must be in (UTC).
    """

    due: float
    room: float
    deadline: datetime | None


def daily_need(
    settings: LoadSettings, book: LoadBook, need: float, deadline: datetime | None
) -> Need:
    """Return what a load that is no programme needs until its deadline.

    Args:
        settings: What its user has set up.
        book: What it has had.
        need: The least of a day, in the unit of need.
        deadline: As `next_deadline` tells.
    """

    def left(amount: float) -> float:
        if settings.need_unit == HOURS:
            return max(0.0, amount - book.ran) * settings.power
        return max(0.0, 1000.0 * amount - book.need)

    due = left(need) if need > 0.0 else 0.0
    most = settings.most
    if most is None:
        limited = settings.kind is Kind.THERMAL and need > 0.0
        room = due if limited else max(due, _ROOM * settings.power)
    else:
        room = max(due, left(most))
    return Need(due, room, deadline if due > 0.0 else None)


def next_deadline(clock: time, now: datetime, zone: tzinfo) -> datetime:
    """Return when the local clock shows a time next (UTC).

    Args:
        clock: The time of the day.
        now: The present (UTC).
        zone: Whose clock.
    """
    day = now.astimezone(zone).date()
    while (when := _at(day, clock, zone)) <= now:
        day += _DAY
    return when


def open_windows(
    windows: tuple[Window, ...], now: datetime, zone: tzinfo
) -> tuple[tuple[datetime, datetime], ...] | None:
    """Return the windows from yesterday until tomorrow (UTC), in order and apart.

    ``None`` if there are none, which is always.
    """
    if not windows:
        return None
    merged: list[tuple[datetime, datetime]] = []
    for since, until in sorted(_spans(windows, now, zone)):
        if merged and since <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(until, merged[-1][1])
        else:
            merged.append((since, until))
    return tuple(span for span in merged if span[1] > now)


def _spans(
    windows: tuple[Window, ...], now: datetime, zone: tzinfo
) -> Iterator[tuple[datetime, datetime]]:
    today = now.astimezone(zone).date()
    for window in windows:
        over_midnight = window.until <= window.since
        for offset in (-1, 0, 1, 2):
            day = today + offset * _DAY
            end = day + _DAY if over_midnight else day
            since, until = (
                _at(day, window.since, zone),
                _at(end, window.until, zone),
            )
            # A clock that is put forward can swallow a window.
            if since < until:
                yield since, until


def _at(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return when the clock of a zone shows a time on a day (UTC)."""
    return datetime.combine(day, clock, zone).astimezone(UTC)
