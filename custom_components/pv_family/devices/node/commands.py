"""What a node is told, as topic and payload. Commands are never retained."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import json
from typing import Any, Final, NamedTuple

from .messages import SEQUENCE_END
from .topics import Command, Topics

_MAX_ALERT: Final = 200


class CleaningAction(StrEnum):
    """What a cleaning robot can be told."""

    START = "avvia"
    STOP = "ferma"
    RESET = "reset"
    """Take back a fault that somebody has looked at."""


class Outgoing(NamedTuple):
    """A message to a node: to be sent with QoS 0 or 1, and never retained."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class Commands:
    """Writes the commands to one node, each with a number that only grows.

    The number starts at the Unix time, so that a node that remembers the last one
    does not take the first command after a restart for an old one.

    Attributes:
        topics: Where the node listens.
    """

    topics: Topics
    _last: int = field(default=0)

    def relay(
        self, number: int, *, on: bool, lease: int, now: datetime
    ) -> tuple[int, Outgoing]:
        """Return the number of a relay command, and the command.

        Args:
            number: The relay, from 1.
            on: Where it shall be.
            lease: How long it may stay on without another command, in s.
            now: The present (UTC).
        """
        body: dict[str, Any] = {"on": on}
        if on:
            body["ttl_s"] = lease
        return self._order(Command.RELAY, body, now, number)

    def calibrate(self, body: dict[str, Any], now: datetime) -> tuple[int, Outgoing]:
        """Return the number of a calibration command, and the command."""
        return self._order(Command.CALIBRATE, body, now)

    def clean(self, action: CleaningAction, now: datetime) -> tuple[int, Outgoing]:
        """Return the number of a cleaning command, and the command."""
        return self._order(Command.CLEAN, {"azione": action}, now)

    def announce(self, now: datetime) -> tuple[int, Outgoing]:
        """Ask the node to say everything again."""
        return self._order(Command.ANNOUNCE, {}, now)

    def hours(self, since: datetime, now: datetime) -> tuple[int, Outgoing]:
        """Ask the node for the hours that it kept, from a time on."""
        return self._order(Command.HOURS, {"da": int(since.timestamp())}, now)

    def alert(self, text: str) -> Outgoing:
        """Return an alert to show at the node."""
        return Outgoing(self.topics.alert, _dump({"messaggio": text[:_MAX_ALERT]}))

    def _order(
        self, command: Command, body: dict[str, Any], now: datetime, number: int = 0
    ) -> tuple[int, Outgoing]:
        self._last = max(self._last + 1, int(now.timestamp())) % SEQUENCE_END
        topic = self.topics.command(command, number)
        return self._last, Outgoing(topic, _dump({**body, "seq": self._last}))


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
