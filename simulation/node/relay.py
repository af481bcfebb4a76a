"""A relay of a simulated node: on only while its lease lasts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
import math
from typing import Any

LONGEST_LEASE = 900


@dataclass(slots=True)
class SimulatedRelay:
    """One relay with its limits.

    Attributes:
        number: From 1.
        min_on: Shortest time on in s.
        min_off: Shortest time off in s.
        starts_per_hour: Most starts in an hour.
        on: Whether it is on.
        reason: Why it is where it is.
        starts: How often it was switched on.
    """

    number: int
    min_on: int = 0
    min_off: int = 0
    starts_per_hour: int = 60
    on: bool = False
    reason: str = "boot"
    starts: int = 0
    _until: datetime | None = None
    _moved: datetime | None = None
    _started: list[datetime] = field(default_factory=list)
    _command: int | None = None
    _outcome: str | None = None
    _free: datetime | None = None

    def command(self, body: dict[str, Any], retained: bool, now: datetime) -> None:
        """Do what a command says, or keep why not."""
        sequence, on = body.get("seq"), body.get("on")
        if not isinstance(sequence, int) or not isinstance(on, bool):
            self._outcome = "errato"
            return
        if retained:
            self._answer(self._command, "retained")
        elif self._command is not None and not (
            0 < (sequence - self._command) % 2**32 < 2**31
        ):
            self._answer(self._command, "vecchio")
        elif on:
            self._switch_on(sequence, body.get("ttl_s"), now)
        else:
            self._switch_off(sequence, now)

    def step(self, now: datetime) -> bool:
        """Let time pass; return whether the relay moved."""
        if not self.on or self._until is None or now < self._until:
            return False
        self._move(on=False, reason="lease", now=now)
        return True

    def report(self, now: datetime) -> dict[str, Any]:
        """Return what the node says of it."""
        body: dict[str, Any] = {"on": self.on, "motivo": self.reason}
        if self._command is not None:
            body["cmd"] = self._command
        if self._outcome is not None:
            body["esito"] = self._outcome
        if self._free is not None and self._free > now:
            body["attesa_s"] = math.ceil((self._free - now).total_seconds())
        if self.on and self._until is not None:
            body["resta_s"] = max(0, int((self._until - now).total_seconds()))
        body["avvii"] = self.starts
        return body

    def _switch_on(self, sequence: int, lease: object, now: datetime) -> None:
        if not isinstance(lease, int) or not 0 < lease <= LONGEST_LEASE:
            self._answer(sequence, "errato")
            return
        if not self.on:
            hour_ago = now - timedelta(hours=1)
            self._started = [start for start in self._started if start > hour_ago]
            if (free := self._free_after(self.min_off, now)) is not None:
                self._answer(sequence, "attesa", free)
                return
            if len(self._started) >= self.starts_per_hour:
                self._answer(sequence, "avvii", self._started[0] + timedelta(hours=1))
                return
            self.starts += 1
            self._started.append(now)
            self._move(on=True, reason="cmd", now=now)
        self._until = now + timedelta(seconds=lease)
        self._answer(sequence, "ok")

    def _switch_off(self, sequence: int, now: datetime) -> None:
        if self.on and (free := self._free_after(self.min_on, now)) is not None:
            self._answer(sequence, "attesa", free)
            return
        if self.on:
            self._move(on=False, reason="cmd", now=now)
        self._answer(sequence, "ok")

    def _free_after(self, shortest: int, now: datetime) -> datetime | None:
        """Return until when the relay has to stay where it is."""
        if self._moved is None:
            return None
        free = self._moved + timedelta(seconds=shortest)
        return free if free > now else None

    def _answer(
        self, sequence: int | None, outcome: str, free: datetime | None = None
    ) -> None:
        self._command, self._outcome, self._free = sequence, outcome, free

    def _move(self, *, on: bool, reason: str, now: datetime) -> None:
        self.on, self.reason, self._moved = on, reason, now
        if not on:
            self._until = None
