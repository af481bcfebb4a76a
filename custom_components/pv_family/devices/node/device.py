"""A node as a device of the home: fed by messages, asked like any other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..device import Capability, Diagnostics, Identity, Poll, Ratings
from .node import NodeState, Result

_MOST_TOPICS = 48
_SHOWN_BYTES = 1024


@dataclass(slots=True)
class NodeDevice:
    """A node that was set up.

    Attributes:
        state: What is known of it.
        implemented: The values it has shown to have.
    """

    state: NodeState
    implemented: set[Capability] = field(default_factory=set)
    _last: dict[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """Return who it is."""
        return self.state.identity

    @property
    def ratings(self) -> Ratings:
        """Return what it says that it can carry."""
        return self.state.ratings

    def feed(self, topic: str, payload: bytes, retained: bool, now: datetime) -> Result:
        """Take in one message, as `NodeState.feed` does."""
        if topic in self._last or len(self._last) < _MOST_TOPICS:
            self._last[topic] = payload[:_SHOWN_BYTES].decode(errors="replace")
        return self.state.feed(topic, payload, retained, now)

    async def poll(self, now: datetime, *, full: bool) -> Poll:
        """Return what is the present; the node is not asked for anything.

        Raises:
            WrongDeviceError: Another node uses the same topics.
            SilentError: The node is away, or was not heard for too long.
        """
        poll = self.state.poll(now)
        self.implemented |= poll.capabilities
        return poll

    async def read_all(self) -> Diagnostics:
        """Return the last payload of each topic and what was made of them."""
        state = self.state
        refusals: Mapping[str, int] = {str(k): v for k, v in state.refusals.items()}
        return {
            "messages": dict(sorted(self._last.items())),
            "refusals": dict(refusals),
            "available": state.available,
            "clock_offset": state.clock.offset,
            "clock_steady": state.clock.steady,
            "boot": state.order.boot,
            "restarts": state.order.restarts,
        }
