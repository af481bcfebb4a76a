"""The one way by which a command reaches hardware.

Intent, limits, write, read back, owned: each write is put down before it is tried,
with who wanted it and why. A read-back that differs from what we wrote last proves
that somebody else changed it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

type Value = str | float | bool

_REMEMBERED: Final = 200
_DAY: Final = timedelta(days=1)


class Target(NamedTuple):
    """One thing that can be commanded.

    Attributes:
        device: The device's lasting identity.
        key: What is commanded there: a setting, a relay...
    """

    device: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How often a target may be written.

    Attributes:
        pause: The least time between two writes.
        per_day: Writes within 24 hours.
    """

    pause: timedelta
    per_day: int


# Flash of a cheap controller takes 10 000 writes: eight a day last over three years,
# and nobody changes a setting that often by hand.
FLASH: Final = Budget(pause=timedelta(seconds=5), per_day=8)
# Memory that does not wear out, and relays' own logic limits them further.
VOLATILE: Final = Budget(pause=timedelta(seconds=1), per_day=5_000)


class Outcome(StrEnum):
    """What became of a command."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    """Read back as written."""

    UNCONFIRMED = "unconfirmed"
    """Accepted, but it did not read back as written."""

    REFUSED = "refused"
    """The device refused it."""

    FAILED = "failed"
    """The device did not answer."""


@dataclass(slots=True)
class Entry:
    """One command and what became of it.

    Attributes:
        target: What was commanded.
        value: What it was to become.
        before: What it was, ``None`` if that was not known.
        when: When it was wanted (UTC).
        actor: Who wanted it, empty for the integration itself.
        reason: Why, for the integration's own decisions.
        outcome: What became of it.
        read_back: What the device showed afterwards.
        fine: It only followed a finely changing wish.
    """

    target: Target
    value: Value
    before: Value | None
    when: datetime
    actor: str
    reason: str = ""
    outcome: Outcome = Outcome.PENDING
    read_back: Value | None = None
    fine: bool = False


class WriteRefusedError(Exception):
    """A command that must not be sent now.

    Attributes:
        reason: Why: ``too_soon`` or ``worn``.
        wait: When it may be sent, from now.
    """

    def __init__(self, reason: str, wait: timedelta) -> None:
        """Keep both."""
        super().__init__(f"{reason}: wait {wait}")
        self.reason = reason
        self.wait = wait


@dataclass(slots=True)
class WriteLedger:
    """Who commanded what when, and what became of it.

    Attributes:
        entries: The last commands, oldest first.
        owned: What each target read back after our last confirmed command.
    """

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    owned: dict[Target, Value] = field(default_factory=dict)
    _writes: dict[Target, list[datetime]] = field(default_factory=dict)

    def open(
        self,
        target: Target,
        value: Value,
        *,
        now: datetime,
        budget: Budget,
        actor: str,
        before: Value | None = None,
        reason: str = "",
        fine: bool = False,
    ) -> Entry:
        """Put a command down, right before it is sent.

        Args:
            target: What is to be commanded.
            value: What it is to become.
            now: The present (UTC).
            budget: How often the target may be written.
            actor: Who wants it, empty for the integration itself.
            before: What it is.
            reason: Why.
            fine: It only follows a finely changing wish: of such commands in a row
                the last one counts, or they would push out everything else.

        Raises:
            WriteRefusedError: It would be written too often.
        """
        # A clock that was put back has left times that are yet to come.
        writes = [
            min(when, now) for when in self._writes.get(target, ()) if now - when < _DAY
        ]
        self._writes[target] = writes
        if writes and now - writes[-1] < budget.pause:
            raise WriteRefusedError("too_soon", budget.pause - (now - writes[-1]))
        if len(writes) >= budget.per_day:
            raise WriteRefusedError("worn", _DAY - (now - writes[-budget.per_day]))
        self._writes[target] = [*(writes[:-1] if fine else writes), now]
        entry = Entry(target, value, before, now, actor, reason, fine=fine)
        last = self.last(target) if fine else None
        if last is not None and last.fine and last.outcome is not Outcome.PENDING:
            self.entries.remove(last)
        self.entries.append(entry)
        return entry

    def close(
        self, entry: Entry, outcome: Outcome, read_back: Value | None = None
    ) -> None:
        """Put down what became of a command.

        Args:
            entry: The command.
            outcome: What became of it.
            read_back: What the device shows now.
        """
        entry.outcome, entry.read_back = outcome, read_back
        if outcome is Outcome.CONFIRMED:
            self.owned[entry.target] = entry.value
        elif outcome is Outcome.UNCONFIRMED:
            self.owned.pop(entry.target, None)

    def observe(self, target: Target, value: Value) -> bool:
        """Tell whether somebody else has changed what we commanded last.

        Args:
            target: What was read.
            value: What it is now.
        """
        owned = self.owned.get(target)
        if owned is None or owned == value:
            return False
        del self.owned[target]
        return True

    def last(self, target: Target) -> Entry | None:
        """Return the last command to a target."""
        return next((e for e in reversed(self.entries) if e.target == target), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "entries": [
                [
                    *entry.target,
                    entry.value,
                    entry.before,
                    entry.when.isoformat(),
                    entry.actor,
                    entry.reason,
                    entry.outcome,
                    entry.read_back,
                ]
                for entry in self.entries
            ],
            "owned": [[*target, value] for target, value in self.owned.items()],
            "writes": [
                [*target, [when.isoformat() for when in writes]]
                for target, writes in self._writes.items()
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off; a wear budget outlives a restart.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        entries = [
            Entry(
                Target(str(device), str(key)),
                _value(value),
                None if before is None else _value(before),
                _instant(when),
                str(actor),
                str(reason),
                Outcome(outcome),
                None if read_back is None else _value(read_back),
            )
            for (
                device,
                key,
                value,
                before,
                when,
                actor,
                reason,
                outcome,
                read_back,
            ) in state["entries"]
        ]
        owned = {
            Target(str(device), str(key)): _value(value)
            for device, key, value in state["owned"]
        }
        writes = {
            Target(str(device), str(key)): [_instant(when) for when in times]
            for device, key, times in state["writes"]
        }
        for entry in entries:
            if entry.outcome is Outcome.PENDING:
                # Whoever was to write it down is gone.
                entry.outcome = Outcome.FAILED
        self.entries.clear()
        self.entries.extend(entries)
        self.owned, self._writes = owned, writes


def _value(value: Any) -> Value:
    if not isinstance(value, str | float | int):
        raise TypeError(f"{value!r} is no value")
    return value


def _instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return when
