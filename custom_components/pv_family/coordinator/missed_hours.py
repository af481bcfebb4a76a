"""Hours that a node counted while nobody listened, where they flowed.

When a node is back, its registers bring everything at once, in the hour of its
return. Its hours say when it flowed. What is moved back is never more than what the
registers brought, so the statistics of a home add up to what it counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from ..readings.energy_book import Flow
from ..readings.energy_counter import finite, mapping
from ..readings.spans import EnergySpan, Missed, hour_of

_HOUR: Final = timedelta(hours=1)
# Registers come every half a minute; some may be lost on their way.
_SHORTEST: Final = timedelta(seconds=120)
# The hours come right after the return, or when the running one has ended.
_KEPT: Final = timedelta(days=2)
_MOST_GAPS: Final = 32
_MOST_ROWS: Final = 2048
# What comes this late in a slot of statistics counts as the next slot's, unless the
# entity has shown nothing new for long, as after a gap.
_SHOWN_LATE: Final = timedelta(seconds=15)

type Rows = dict[tuple[Flow, datetime], float]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time over the end of an hour in which no register of a node was heard.

    Attributes:
        start: Up to when its registers were known before (UTC).
        until: Up to when they are known after it (UTC).
        end: When the home counted what they had grown by (UTC).
        caught: What it counted then of each flow, in Wh.
        before: What it had counted live of the hour of ``start``, in Wh.
    """

    start: datetime
    until: datetime
    end: datetime
    caught: Mapping[Flow, float]
    before: Mapping[Flow, float]

    def as_list(self) -> list[Any]:
        """Return the gap as JSON types, for `from_list`."""
        times = [when.isoformat() for when in (self.start, self.until, self.end)]
        return [*times, dict(self.caught), dict(self.before)]

    @classmethod
    def from_list(cls, state: Any) -> Gap:
        """Return the gap that `as_list` described.

        Raises:
            KeyError, TypeError, ValueError: It is none of ours.
        """
        start, until, end, caught, before = state
        return cls(
            _instant(start),
            _instant(until),
            _instant(end),
            _energies(caught),
            _energies(before),
        )


class Repair(NamedTuple):
    """What the statistics of a flow have to learn of a gap.

    Attributes:
        flow: The flow.
        gap: When the gap began: its lasting name.
        spans: When the caught energy flowed.
        missed: The gap.
    """

    flow: Flow
    gap: datetime
    spans: tuple[EnergySpan, ...]
    missed: Missed


@dataclass(slots=True)
class MissedHours:
    """Watches what a home counts from a node's registers, and finds its gaps.

    Attributes:
        heard: Up to when the registers are known (UTC), ``None`` before the first.
        gaps: The gaps of the last days, oldest first.
    """

    heard: datetime | None = None
    gaps: list[Gap] = field(default_factory=list)
    _rows: Rows = field(default_factory=dict)
    _counted: dict[Flow, float] = field(default_factory=dict)
    _totals: dict[Flow, float] = field(default_factory=dict)
    _arrived: datetime | None = None

    def arrive(self, known_until: datetime) -> None:
        """Note that registers came.

        Args:
            known_until: When they were read (UTC).
        """
        self._arrived = max(known_until, self._arrived or known_until)

    def deliver(self, rows: Rows) -> None:
        """Take in whole hours, in Wh."""
        self._rows.update(rows)
        while len(self._rows) > _MOST_ROWS:
            del self._rows[next(iter(self._rows))]

    def beat(self, now: datetime, totals: Mapping[Flow, float]) -> bool:
        """Take in what the home has counted by now, and tell whether a gap has ended.

        Args:
            now: The present (UTC).
            totals: What each flow has counted, in Wh; only flows of which this node
                is the one that is believed.
        """
        known, self._totals = self._totals, dict(totals)
        grown = {
            flow: max(0.0, total - known.get(flow, total))
            for flow, total in totals.items()
        }
        arrived, self._arrived = self._arrived, None
        if arrived is None:
            self._count(grown)
            return False
        start, until = self.heard, min(now, max(arrived, self.heard or arrived))
        self.heard = until
        if start is None:
            return False
        booked = now - _SHOWN_LATE
        if now - start <= _SHORTEST or hour_of(start) == hour_of(booked):
            if hour_of(start) != hour_of(until):
                into = (until - hour_of(until)) / (until - start)
                self._counted.clear()
                grown = {flow: energy * into for flow, energy in grown.items()}
            self._count(grown)
            return False
        gap = Gap(start, min(until, booked), booked, grown, dict(self._counted))
        self._counted.clear()
        self.gaps = [g for g in self.gaps if now - g.start < _KEPT][-_MOST_GAPS:]
        self.gaps.append(gap)
        return True

    def since(self, now: datetime) -> datetime:
        """Return from when on hours are worth asking for (UTC)."""
        times = [now if self.heard is None else self.heard]
        times += [gap.start for gap in self.gaps]
        return hour_of(min(times))

    def repairs(self) -> list[Repair]:
        """Return what is known of when the caught energies flowed."""
        found: list[Repair] = []
        flows = {flow for gap in self.gaps for flow in gap.caught}
        for flow in sorted(flows):
            carried: float | None = 0.0
            hour = None
            for gap in self.gaps:
                if hour_of(gap.start) != hour:
                    carried = 0.0
                if carried is None:
                    continue
                before = carried + gap.before.get(flow, 0.0)
                spans, carried = self._spread(gap, flow, before)
                hour = hour_of(gap.until)
                if spans:
                    missed = Missed(gap.start, gap.end, gap.caught[flow])
                    found.append(Repair(flow, gap.start, tuple(spans), missed))
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "heard": None if self.heard is None else self.heard.isoformat(),
            "counted": dict(self._counted),
            "gaps": [gap.as_list() for gap in self.gaps],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        heard = state["heard"]
        gaps = [Gap.from_list(item) for item in state["gaps"]]
        counted = _energies(state["counted"])
        self.heard = None if heard is None else _instant(heard)
        self.gaps, self._counted = gaps, counted

    def _count(self, grown: Mapping[Flow, float]) -> None:
        for flow, energy in grown.items():
            self._counted[flow] = self._counted.get(flow, 0.0) + energy

    def _spread(
        self, gap: Gap, flow: Flow, before: float
    ) -> tuple[list[EnergySpan], float | None]:
        """Return when a gap's energy flowed, and what of it flowed in its last hour.

        The latter is ``None`` while an hour before it is not known.
        """
        left = gap.caught.get(flow, 0.0)
        spans: list[EnergySpan] = []
        for hour in _hours(gap.start, gap.until):
            end = hour + _HOUR
            if end > gap.until:
                if hour != hour_of(gap.end) and left > 0.0:
                    start = max(hour, gap.start)
                    spans.append(EnergySpan(start, gap.until, left))
                return spans, left
            if (row := self._row(flow, hour)) is None:
                # What follows must not be taken from what flowed in this hour.
                return spans, None
            row -= before if hour < gap.start else 0.0
            energy = min(left, max(0.0, row))
            left -= energy
            spans.append(EnergySpan(max(hour, gap.start), end, energy))
        return spans, left

    def _row(self, flow: Flow, hour: datetime) -> float | None:
        if flow is not Flow.CONSUMPTION:
            return self._rows.get((flow, hour))
        produced = self._rows.get((Flow.PRODUCTION, hour))
        taken = self._rows.get((Flow.GRID_IMPORT, hour))
        given = self._rows.get((Flow.GRID_EXPORT, hour))
        if produced is None or taken is None or given is None:
            return None
        return max(0.0, produced + taken - given)


def _hours(start: datetime, until: datetime) -> Iterator[datetime]:
    hour = hour_of(start)
    while hour < until:
        yield hour
        hour += _HOUR


def _energies(state: Any) -> dict[Flow, float]:
    return {Flow(flow): finite(energy) for flow, energy in mapping(state).items()}


def _instant(value: Any) -> datetime:
    when = datetime.fromisoformat(value)
    if when.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return when
