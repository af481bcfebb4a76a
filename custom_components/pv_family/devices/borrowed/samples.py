"""Synchronous samples of several powers, out of what was recorded of each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
from typing import Final

SLOT: Final = timedelta(minutes=5)

type Means = Mapping[datetime, float]


@dataclass(frozen=True, slots=True)
class Table:
    """Powers at the same instants.

    Attributes:
        times: When each slot begins (UTC), ascending.
        elevations: The sun's elevation in its middle in degrees, ``None`` if unknown.
        rows: The mean power in W of each column in each slot, ``None`` if unknown.
    """

    times: tuple[datetime, ...]
    elevations: tuple[float | None, ...]
    rows: tuple[tuple[float | None, ...], ...]

    def column(self, index: int) -> list[float | None]:
        """Return one column."""
        return [row[index] for row in self.rows]

    def part(self, indices: Sequence[int]) -> Table:
        """Return some of the rows."""
        return Table(
            tuple(self.times[i] for i in indices),
            tuple(self.elevations[i] for i in indices),
            tuple(self.rows[i] for i in indices),
        )


def align(
    columns: Sequence[Means], elevation: Callable[[datetime], float | None]
) -> Table:
    """Return the slots in which at least one column is known.

    Args:
        columns: The mean power in W of each column by the start of the slot (UTC).
        elevation: Gives the sun's elevation at an instant in degrees.
    """
    times = sorted({time for column in columns for time in column})
    return Table(
        tuple(times),
        tuple(elevation(time + SLOT / 2) for time in times),
        tuple(tuple(column.get(time) for column in columns) for time in times),
    )


def combined(terms: Sequence[tuple[Means, float]]) -> dict[datetime, float]:
    """Return what several powers are together, where all of them are known.

    Args:
        terms: Each power with the sign that it has in the sum.
    """
    if not terms:
        return {}
    first, *others = terms
    return {
        time: first[1] * value + sum(factor * means[time] for means, factor in others)
        for time, value in first[0].items()
        if all(time in means for means, _ in others)
    }


def slot_means(
    changes: Iterable[tuple[datetime, float | None]], start: datetime, end: datetime
) -> dict[datetime, float]:
    """Return the time-weighted mean of each slot that is known from end to end.

    Args:
        changes: The value from each instant on, ``None`` for unknown; ascending.
        start: Where to begin (UTC).
        end: Where to stop (UTC).
    """
    step = SLOT.total_seconds()
    known: dict[int, float] = {}
    areas: dict[int, float] = {}
    ordered = [
        (max(taken, start).timestamp(), value)
        for taken, value in changes
        if taken < end and (value is None or math.isfinite(value))
    ]
    ordered.append((end.timestamp(), None))
    for (begin, value), (finish, _) in pairwise(ordered):
        if value is None:
            continue
        at = begin
        while at < finish:
            slot = math.floor(at / step)
            until = min(finish, (slot + 1) * step)
            known[slot] = known.get(slot, 0.0) + until - at
            areas[slot] = areas.get(slot, 0.0) + value * (until - at)
            at = until
    return {
        datetime.fromtimestamp(slot * step, UTC): areas[slot] / seconds
        for slot, seconds in known.items()
        if seconds > step - 1e-3
    }
