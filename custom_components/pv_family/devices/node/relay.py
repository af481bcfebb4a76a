"""A relay that stays on only as long as somebody keeps saying so.

Whoever switched it on may lose the link, crash or forget: its lease then ends, and the
node switches it off by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .announcement import DEFAULT_LEASE
from .commands import Commands, Outgoing
from .messages import Outcome, PinReason, RelayReport

# A node answers at once and repeats where its relays are every 30 s.
_ANSWER: Final = timedelta(seconds=5)
_TRIES: Final = 3
_BLIND: Final = timedelta(seconds=90)
# Asked again after a refusal that does not say how long it holds.
_AGAIN: Final = timedelta(seconds=60)


class RelayState(StrEnum):
    """How a relay stands to what is wanted of it."""

    IDLE = "idle"
    """Nothing is wanted of it."""

    COMMANDED = "commanded"
    """Told, and no answer yet."""

    CONFIRMED = "confirmed"
    """Read back where it shall be."""

    REFUSED = "refused"
    """The node has a reason not to do it, or undid it."""

    LOST = "lost"
    """No answer: what was switched on ends with its lease."""


@dataclass(slots=True)
class RelayLease:
    """Keeps one relay where it is wanted, or knows why it is not there.

    Attributes:
        number: The relay, from 1.
        commands: Writes the commands to its node.
        lease: How long it may stay on without another command, in s.
        state: How it stands to what is wanted.
        reason: Why it was refused, in the node's words.
        wanted: Where it shall be, ``None`` if nobody wants anything.
        retry: When a refused command is tried again (UTC).
    """

    number: int
    commands: Commands
    lease: int = DEFAULT_LEASE
    state: RelayState = RelayState.IDLE
    reason: Outcome | PinReason | None = None
    wanted: bool | None = None
    retry: datetime | None = None
    _command: int | None = None
    _first: int | None = None
    _sent: datetime | None = None
    _tries: int = 0
    _heard: datetime | None = None

    def want(self, on: bool | None) -> None:
        """Say where the relay shall be; ``None`` leaves it alone.

        What was on and is left alone is not renewed: its lease ends.
        """
        if on is self.wanted:
            return
        self.wanted = on
        self._begin()
        if on is None:
            self.state = RelayState.IDLE

    def report(self, report: RelayReport, now: datetime) -> None:
        """Take in where the relay really is.

        Args:
            report: Of the present.
            now: When it was heard (UTC).
        """
        self._heard = now
        if self.wanted is None:
            return
        answered = self._command is not None and self._is_ours(report.command)
        if answered and report.outcome not in (None, Outcome.DONE):
            # It is repeated, and holds no longer for that.
            if self.state is not RelayState.REFUSED:
                self._refuse(report.outcome, report.wait, now)
        elif report.on is self.wanted and (answered or not self.wanted):
            self.state, self.reason, self.retry = RelayState.CONFIRMED, None, None
            self._tries = 0
        elif self.state is RelayState.CONFIRMED:
            # It was there, and something else has moved it.
            self._refuse(report.reason, report.wait, now)
        elif self.state is RelayState.LOST:
            self._begin()

    def step(self, now: datetime) -> Outgoing | None:
        """Return the command that is due, if one is.

        Args:
            now: The present (UTC).
        """
        if self.wanted is None:
            return None
        if self.state is RelayState.CONFIRMED and self._blind(now):
            # Renewing what cannot be seen would keep it on for ever.
            self.state = RelayState.LOST
        match self.state:
            case RelayState.CONFIRMED:
                due = self.wanted and self._since(now) >= self._renewal
                return self._send(now) if due else None
            case RelayState.REFUSED:
                if self.retry is None or now < self.retry:
                    return None
                self._begin()
                return self._send(now)
            case RelayState.LOST:
                return None
        if self._sent is not None and self._since(now) < _ANSWER:
            return None
        if self._tries >= _TRIES:
            self.state = RelayState.LOST
            return None
        self._tries += 1
        return self._send(now)

    @property
    def _renewal(self) -> timedelta:
        return timedelta(seconds=self.lease / 3)

    def _is_ours(self, command: int | None) -> bool:
        return (
            command is not None
            and self._first is not None
            and self._command is not None
            and self._first <= command <= self._command
        )

    def _since(self, now: datetime) -> timedelta:
        return timedelta.max if self._sent is None else now - self._sent

    def _blind(self, now: datetime) -> bool:
        return self._heard is None or now - self._heard > _BLIND

    def _begin(self) -> None:
        self.state, self.reason, self.retry = RelayState.COMMANDED, None, None
        self._command = self._first = self._sent = None
        self._tries = 0

    def _refuse(
        self, reason: Outcome | PinReason | None, wait: float, now: datetime
    ) -> None:
        self.state, self.reason = RelayState.REFUSED, reason
        self.retry = now + (timedelta(seconds=wait) if wait else _AGAIN)

    def _send(self, now: datetime) -> Outgoing:
        assert self.wanted is not None
        self._command, order = self.commands.relay(
            self.number, on=self.wanted, lease=self.lease, now=now
        )
        if self._first is None:
            self._first = self._command
        self._sent = now
        return order
