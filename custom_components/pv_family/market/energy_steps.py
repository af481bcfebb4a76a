"""What a plant did between two looks at the home's energy books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..readings.energy_book import Flow
from ..readings.energy_counter import finite, mapping

NEEDED: Final = frozenset({Flow.PRODUCTION, Flow.GRID_EXPORT})
"""Flows without which nobody knows what a plant saved."""
_COUNTED: Final = (
    Flow.PRODUCTION,
    Flow.GRID_EXPORT,
    Flow.BATTERY_CHARGE,
    Flow.BATTERY_DISCHARGE,
)
_RESET: Final = 2000.0
"""Wh: more than a crash can take back; a fall beyond it is a book that starts anew."""
_CLOCK_ERROR: Final = timedelta(hours=1)
_GAP: Final = timedelta(minutes=20)
_SETTLING: Final = timedelta(minutes=2)
"""After a gap registers are believed only once several readings agree."""


@dataclass(frozen=True, slots=True)
class EnergyStep:
    """Energy between two instants, in Wh.

    Attributes:
        start: UTC.
        end: UTC.
        produced: What the arrays gave.
        own: What the household drew less from the grid than without the plant: below
            zero while a battery is charged from the grid.
        exported: What was fed in.
    """

    start: datetime
    end: datetime
    produced: float
    own: float
    exported: float


@dataclass(slots=True)
class EnergySteps:
    """Turn growing totals into steps, each watt-hour once.

    A total that falls a little, as after a crash, is not counted a second time on its
    way up.

    Attributes:
        marks: The highest total of each flow so far, in Wh.
        taken: When the last step ended (UTC).
    """

    marks: dict[Flow, float] = field(default_factory=dict)
    taken: datetime | None = None
    _resumed: datetime | None = None

    def step(self, now: datetime, totals: Mapping[Flow, float]) -> EnergyStep | None:
        """Return what flowed since the last step, or ``None`` if nothing is known.

        Args:
            now: The present (UTC).
            totals: What each known flow has carried since counting began, in Wh.
        """
        if not totals.keys() >= NEEDED:
            return None
        if self.taken is None or self.taken - now > _CLOCK_ERROR:
            # A clock that was far ahead must not stop counting until it is caught up.
            started = self.taken is None
            self.taken = now
            if started:
                self._grown(totals)
                return None
        if now <= self.taken or self._is_settling(now):
            return None
        start, self.taken = self.taken, now
        grown = self._grown(totals)
        own = (
            grown[Flow.PRODUCTION]
            + grown[Flow.BATTERY_DISCHARGE]
            - grown[Flow.BATTERY_CHARGE]
            - grown[Flow.GRID_EXPORT]
        )
        return EnergyStep(
            start, now, grown[Flow.PRODUCTION], own, grown[Flow.GRID_EXPORT]
        )

    def _is_settling(self, now: datetime) -> bool:
        """Return whether energy of a gap may still come.

        It belongs to the time of the gap, not to the moment at which it is believed.
        """
        assert self.taken is not None
        if now - self.taken <= _GAP:
            self._resumed = None
        elif self._resumed is None or self._resumed > now:
            self._resumed = now
        elif now - self._resumed >= _SETTLING:
            self._resumed = None
            return False
        return self._resumed is not None

    def _grown(self, totals: Mapping[Flow, float]) -> dict[Flow, float]:
        """Return by how much each flow grew; a flow that is new or gone by nothing."""
        grown = dict.fromkeys(_COUNTED, 0.0)
        for flow in _COUNTED:
            total = totals.get(flow)
            if total is None:
                continue
            mark = self.marks.get(flow)
            if mark is None or mark - total > _RESET:
                self.marks[flow] = total
            elif total > mark:
                grown[flow] = total - mark
                self.marks[flow] = total
        return grown

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "marks": {str(flow): total for flow, total in self.marks.items()},
            "taken": None if self.taken is None else self.taken.isoformat(),
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError: It is not one of ours.
        """
        marks = {
            Flow(flow): finite(total)
            for flow, total in mapping(stored["marks"]).items()
        }
        taken = stored["taken"]
        self.taken = (
            None if taken is None else datetime.fromisoformat(taken).astimezone(UTC)
        )
        self.marks = marks
