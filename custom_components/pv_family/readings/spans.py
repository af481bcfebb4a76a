"""Energy over stretches of time, and its shares of the hours."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

_HOUR: Final = timedelta(hours=1)


class EnergySpan(NamedTuple):
    """Energy in Wh that flowed from ``start`` to ``end`` (UTC)."""

    start: datetime
    end: datetime
    energy: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start).total_seconds()


class Missed(NamedTuple):
    """A time (UTC) in which a source was not heard.

    Attributes:
        start: When it was last heard.
        end: When it was heard again.
        caught: What the home counted of it at ``end`` in one step, because a register
            of the source had grown, in Wh.
    """

    start: datetime
    end: datetime
    caught: float = 0.0


def hour_of(when: datetime) -> datetime:
    """Return the start of the UTC hour that holds an instant."""
    return when.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def overlap(one: EnergySpan | Missed, other: EnergySpan | Missed) -> float:
    """Return for how many seconds two stretches of time overlap."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return max(0.0, (end - start).total_seconds())


def union(
    stretches: Iterable[tuple[datetime, datetime]],
) -> list[tuple[datetime, datetime]]:
    """Return stretches of time in order, with those that overlap joined."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def by_hour(
    spans: Iterable[EnergySpan], shape: Callable[[datetime], float] | None = None
) -> dict[datetime, float]:
    """Return the energy in Wh of each UTC hour.

    Energy of up to an hour is shared by time. Of a longer span every piece gets its
    share by ``shape`` at its middle; by time where that is zero throughout.

    Args:
        spans: What flowed when.
        shape: How strongly energy flows at an instant, for example with the sun's
            height; not negative.
    """
    hours: dict[datetime, float] = {}
    for span in spans:
        pieces = list(_pieces(span))
        weights = [(b - a).total_seconds() for a, b in pieces]
        if shape is not None and span.end - span.start > _HOUR:
            shaped = [
                weight * shape(a + (b - a) / 2)
                for weight, (a, b) in zip(weights, pieces, strict=True)
            ]
            weights = shaped if sum(shaped) > 0.0 else weights
        whole = sum(weights)
        for (start, _), weight in zip(pieces, weights, strict=True):
            # A dark hour of a day's total is known to have given nothing: it gets 0.
            hour = hour_of(start)
            hours[hour] = hours.get(hour, 0.0) + span.energy * (weight / whole)
    return hours


def _pieces(span: EnergySpan) -> Iterable[tuple[datetime, datetime]]:
    start = span.start.astimezone(UTC)
    end = span.end.astimezone(UTC)
    while start < end:
        stop = min(end, hour_of(start) + _HOUR)
        yield start, stop
        start = stop
