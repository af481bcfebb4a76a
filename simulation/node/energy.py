"""The energy registers of a simulated node, in whole Wh, and its hours."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from .flows import Flows

HOUR = 3600
KEPT_HOURS = 48


@dataclass(slots=True)
class NodeEnergy:
    """Counts four energies, and keeps each hour that ended.

    What the registers grow by in an hour is exactly what the hour says.

    Attributes:
        exact: Produced, consumed, imported and exported energy in Wh.
        hours: The hours that ended: start by the node's clock, and the four energies.
    """

    exact: list[float] = field(default_factory=lambda: [0.0] * 4)
    hours: deque[tuple[int, int, int, int, int]] = field(
        default_factory=lambda: deque(maxlen=KEPT_HOURS)
    )
    _until: datetime | None = None
    _hour: int | None = None
    _whole: bool = False
    _at_start: tuple[int, ...] = (0, 0, 0, 0)

    @property
    def totals(self) -> tuple[int, ...]:
        """The registers."""
        return tuple(int(energy) for energy in self.exact)

    def count(self, flows: Flows, now: datetime, clock: float) -> None:
        """Count what flowed since the last call.

        Args:
            flows: The powers since then.
            now: The present (UTC).
            clock: The node's own Unix time in s.
        """
        if self._until is not None:
            hours = (now - self._until).total_seconds() / HOUR
            powers = (
                flows.production,
                flows.consumption,
                max(0.0, flows.grid),
                max(0.0, -flows.grid),
            )
            for index, power in enumerate(powers):
                self.exact[index] += max(0.0, power) * hours
        self._until = now
        self._close_hour(int(clock // HOUR) * HOUR)

    def _close_hour(self, hour: int) -> None:
        if hour == self._hour:
            return
        totals = self.totals
        if self._hour is not None and self._whole:
            grown = [
                now - then for now, then in zip(totals, self._at_start, strict=True)
            ]
            self.hours.append((self._hour, grown[0], grown[1], grown[2], grown[3]))
        # The hour in which the node starts, or its clock is moved, is not whole.
        self._whole = self._hour is not None and hour == self._hour + HOUR
        self._hour, self._at_start = hour, totals
