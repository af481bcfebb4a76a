"""What is remembered of a load between pulses, and what outlives a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from .loads import Load, LoadKind

_DAY: Final = timedelta(days=1)
# Longer gaps between pulses say nothing about energy.
_GAP: Final = timedelta(minutes=2)
_STEADY: Final = timedelta(seconds=60)


@dataclass(slots=True)
class Track:
    """A load's history.

    Attributes:
        changed: When it was last seen to change between on and off (UTC).
        starts: Its starts within 24 hours (UTC), oldest first.
        energy: What it has drawn since local midnight, in Wh.
        day: That day.
        rate: What it draws as a share of its nominal power, once that is known.
        departure: Its last deadline (UTC).
        wish: Since when a change has looked right (UTC).
        sent: The set point on its way, ``None`` once it is confirmed, in W.
        sent_at: When that was sent (UTC).
        forced: The deadline that it must run for (UTC).
        endured: How long it has run on import that could wait, less the time without
            such import, in s.
        looked: When that was last counted (UTC).
        unanswered: How many commands in a row it has not obeyed.
    """

    changed: datetime | None = None
    starts: list[datetime] = field(default_factory=list)
    energy: float = 0.0
    day: date | None = None
    rate: float | None = None
    departure: datetime | None = None
    wish: datetime | None = None
    sent: float | None = None
    sent_at: datetime | None = None
    forced: datetime | None = None
    endured: float = 0.0
    looked: datetime | None = None
    unanswered: int = 0
    _on: bool | None = None
    _seen: datetime | None = None
    _lost: datetime | None = None

    def observe(self, now: datetime, load: Load, zone: tzinfo) -> None:
        """Take up how the load stands.

        Args:
            now: The present (UTC).
            load: The load.
            zone: Whose midnight begins a day.
        """
        state = load.state
        if self._on and not state.on and not state.available:
            # Nobody knows what a load does that does not answer.
            self._lost = self._lost or now
        else:
            if self._on is not None and state.on != self._on:
                self.changed = now if state.on else self._lost or now
                if state.on:
                    self.starts.append(now)
            self._on, self._lost = state.on, None
        self.starts = [when for when in self.starts if now - when < _DAY]
        day = now.astimezone(zone).date()
        if day != self.day:
            self.day, self.energy = day, 0.0
        if self._seen is not None and timedelta() < now - self._seen < _GAP:
            self.energy += load.drawn * (now - self._seen).total_seconds() / 3600.0
        self._seen = now
        if state.deadline is not None:
            self.departure = state.deadline
        self._learn(now, load)

    def _learn(self, now: datetime, load: Load) -> None:
        state = load.state
        if (
            load.spec.kind is not LoadKind.SWITCH
            or state.measured is None
            or not state.on
            or state.setting <= 0.0
            or now - state.since <= _STEADY
        ):
            return
        ratio = state.measured / state.setting
        # A thermostat that holds the load says nothing about its power.
        if 0.7 < ratio < 1.3:
            self.rate = ratio if self.rate is None else 0.9 * self.rate + 0.1 * ratio

    def endure(self, now: datetime, *, importing: bool) -> None:
        """Count the time on import.

        Args:
            now: The present (UTC).
            importing: The home imports, and the load could wait.
        """
        passed = 0.0
        if self.looked is not None and now - self.looked < _GAP:
            passed = (now - self.looked).total_seconds()
        self.endured = max(0.0, self.endured + (passed if importing else -passed))

    def rested(self, now: datetime, load: Load) -> float:
        """Return how long the load has been on, or off, in s."""
        since = load.state.since
        if self.changed is not None:
            since = max(since, self.changed)
        return (now - since).total_seconds()

    def put_back(self, now: datetime) -> None:
        """Forget what is yet to come on a clock that was put back.

        Args:
            now: The present (UTC).
        """
        self.changed = None if self.changed is None else min(self.changed, now)
        self.starts = [min(when, now) for when in self.starts]
        self.wish = self.sent = self.sent_at = self.looked = None
        self._seen = self._lost = None
        self.endured = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return what outlives a restart as JSON types, for `from_dict`."""
        return {
            "changed": None if self.changed is None else self.changed.isoformat(),
            "starts": [when.isoformat() for when in self.starts],
            "energy": self.energy,
            "day": None if self.day is None else self.day.isoformat(),
            "rate": self.rate,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Track:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        changed, day, rate = state["changed"], state["day"], state["rate"]
        return cls(
            changed=None if changed is None else _instant(changed),
            starts=[_instant(when) for when in state["starts"]],
            energy=float(state["energy"]),
            day=None if day is None else date.fromisoformat(day),
            rate=None if rate is None else float(rate),
        )


def _instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return when
