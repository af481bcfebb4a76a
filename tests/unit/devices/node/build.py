"""A node that is fed by hand, on a clock that stands still until it is moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from custom_components.pv_family.devices.node.node import NodeState, Result
from custom_components.pv_family.devices.node.topics import Topics
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Reading, Series

NOW = datetime(2026, 6, 21, 12, tzinfo=UTC)
SERIAL = "a0b1c2d3e4f5"
TOPICS = Topics("casa_A")


@dataclass
class Feeder:
    """Feeds messages to a node."""

    state: NodeState = field(default_factory=lambda: NodeState(TOPICS, SERIAL))
    now: datetime = NOW

    def feed(self, leaf: str, body: Any, *, retained: bool = False) -> Result:
        """Feed one message, JSON unless it is bytes."""
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.state.feed(f"comunita/casa_A/{leaf}", payload, retained, self.now)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def clock(self, error: float = 0.0) -> float:
        """Return the Unix time that a node reads whose clock is off."""
        return self.now.timestamp() + error


def series(part: str, quantity: Quantity) -> Series:
    """Return a series of the node."""
    return Series(SERIAL, part, quantity)


def values(readings: tuple[Reading, ...]) -> dict[tuple[str, str], float]:
    """Return readings by part and quantity."""
    return {(r.series.part, r.series.quantity.value): r.value for r in readings}
