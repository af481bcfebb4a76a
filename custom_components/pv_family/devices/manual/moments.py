"""Dates and times as people and portals write them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from itertools import pairwise
import re
from typing import Final, NamedTuple

_DATE: Final = r"(?P<a>\d{1,4})[-./](?P<b>\d{1,2})[-./](?P<c>\d{1,4})\.?"
_TIME: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?:(?P<half>[aApP])\.?[mM]\.?)?"
)
_ZONE: Final = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
# Some write an hour as "10:00 - 11:00": its start counts.
_MOMENT: Final = re.compile(rf"{_DATE}(?:[T ,]\s*{_TIME}{_ZONE}(?:\s*[-–]\s*\S+)?)?")
_COMPACT: Final = re.compile(r"(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})")
_EPOCH: Final = re.compile(r"\d{10}(?:\d{3})?")
_FIRST_YEAR: Final = 1990
_LAST_YEAR: Final = 2100
_LONGEST: Final = 60


class DateOrder(StrEnum):
    """In which order a date is written unless its year comes first."""

    DMY = "dmy"
    MDY = "mdy"


class Moment(NamedTuple):
    """A written time.

    Attributes:
        when: Naive local time, or aware if the text says its zone.
        whole_day: Whether it has no time of day.
    """

    when: datetime
    whole_day: bool


def parse_moment(text: str, order: DateOrder) -> Moment | None:
    """Return the time that a text names, ``None`` if it names none."""
    if len(text) > _LONGEST:
        return None
    text = text.strip()
    if _EPOCH.fullmatch(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return _checked(datetime.fromtimestamp(seconds, UTC), whole_day=False)
    match = _MOMENT.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        return None
    fields = match.groupdict()
    a, b, c = match["a"], match["b"], match["c"]
    if len(a) >= 3:
        year, month, day = a, b, c
    elif order is DateOrder.DMY:
        day, month, year = a, b, c
    else:
        month, day, year = a, b, c
    try:
        when = datetime(
            int(year) + (2000 if len(year) <= 2 else 0), int(month), int(day)
        )
        if fields.get("hour") is None:
            return _checked(when, whole_day=True)
        when += _time_of_day(fields)
        if (zone := fields.get("zone")) is not None:
            when = when.replace(tzinfo=_zone(zone))
    except ValueError, OverflowError:
        return None
    return _checked(when, whole_day=False)


def guess_order(texts: Iterable[str]) -> DateOrder:
    """Return in which order the dates of a column are written.

    A number over 12 decides; without one, points stand for the day first, and else
    the order in which the dates of the file follow each other more closely.
    """
    seen = [text for text in texts if parse_any(text) is not None]
    readable = {
        order: [
            m.when.replace(tzinfo=None) for t in seen if (m := parse_moment(t, order))
        ]
        for order in DateOrder
    }
    dmy, mdy = readable[DateOrder.DMY], readable[DateOrder.MDY]
    if len(dmy) != len(mdy):
        return DateOrder.DMY if len(dmy) > len(mdy) else DateOrder.MDY
    if any("." in text[:6] for text in seen):
        return DateOrder.DMY
    return DateOrder.MDY if _travel(mdy) < _travel(dmy) else DateOrder.DMY


def parse_any(text: str) -> Moment | None:
    """Return the time that a text names in whichever order."""
    return parse_moment(text, DateOrder.DMY) or parse_moment(text, DateOrder.MDY)


def _travel(moments: list[datetime]) -> timedelta:
    """Return how far it is from each date to the next, there and back."""
    return sum((abs(b - a) for a, b in pairwise(moments)), timedelta())


def _time_of_day(fields: dict[str, str | None]) -> timedelta:
    hour, minute = int(fields["hour"] or 0), int(fields["minute"] or 0)
    second = int(fields["second"] or 0)
    if half := fields["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half in "pP" else 0)
    # A day's last moment may be written as 24:00.
    if hour > 24 or (hour == 24 and (minute or second)) or minute > 59 or second > 59:
        raise ValueError("no such time")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(text: str) -> timezone:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _checked(when: datetime, *, whole_day: bool) -> Moment | None:
    if not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        return None
    return Moment(when, whole_day)
