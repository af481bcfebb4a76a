"""A lifetime energy that never falls, whatever its source does."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
import math
import sys
from typing import TYPE_CHECKING, Any, Final, Self

# Most devices refresh their registers within minutes: a step may hold this much
# time's energy although the last reading is seconds old.
_REFRESH_LAG = timedelta(minutes=5)
# The slowest refresh worth waiting for; a step this large has to be confirmed.
_LONGEST_REFRESH = timedelta(hours=1)
_MARGIN = 1.25
# A fall or a jump is believed when this many readings in a row agree with it.
_AGREEMENT = 3
# Where values may come in any order, three old ones in a row are no rarity, but they
# do not go on for this long.
_DISORDER = timedelta(minutes=10)
# Of what comes at once in any order the first may be far below the last.
_BURST = timedelta(minutes=2)
# Two samples further apart than this say nothing of what happened between.
_LONGEST_STEP = timedelta(minutes=2)


class Step(StrEnum):
    """What a counter made of one sample."""

    FIRST = "first"
    COUNTED = "counted"
    UNCHANGED = "unchanged"
    LATE = "late"
    SPIKE = "spike"
    """More than capacity and time allow: refused, nothing counted."""

    FALL = "fall"
    """Less than before: held back until later readings agree."""

    RESET = "reset"
    """The source starts anew from here: a new base, the total goes on."""

    ROLLOVER = "rollover"
    GAP = "gap"
    """Too long since the last sample to know what flowed between."""


@dataclass(slots=True)
class EnergyCounter:
    """Count energy in Wh from a device's register or from its power.

    The total starts at zero and only grows. It is the sum of what was seen to
    flow, so adding a device with a lifetime behind it does not make it jump.

    Attributes:
        origin: What the register stood at when counting began, in Wh.
        total: Counted energy in Wh.
        register: The last register value that was believed, in Wh.
        taken: When the last believed sample was taken (UTC).
        changed: When the register last moved (UTC).
        power: The last power sample in W.
        candidate: A register value that does not follow from the last one.
        agreed: How many samples in a row follow from the candidate.
        pending: What the register grew by since the first candidate, in Wh.
        judged: When the last sample was taken, believed or not (UTC).
        doubted: When the first candidate was taken (UTC).
        spare: What might have flowed beyond the last step of a burst, in Wh.
        spare_until: When the burst has passed (UTC).
    """

    origin: float = 0.0
    total: float = 0.0
    register: float | None = None
    taken: datetime | None = None
    changed: datetime | None = None
    power: float | None = None
    candidate: float | None = None
    agreed: int = 0
    pending: float = 0.0
    judged: datetime | None = None
    doubted: datetime | None = None
    spare: float = 0.0
    spare_until: datetime | None = None

    @property
    def lifetime(self) -> float:
        """What the register would stand at had it never fallen or spiked, in Wh."""
        return self.origin + self.total

    def count_register(
        self,
        taken: datetime,
        register: float,
        *,
        capacity: float,
        resolution: float = 1.0,
        modulus: float | None = None,
        daily: bool = False,
        ordered: bool = True,
    ) -> Step:
        """Count what a register grew by since the last sample.

        Args:
            taken: When the register was read (UTC).
            register: Its value in Wh.
            capacity: The most power in W that can flow through it.
            resolution: The register's smallest step in Wh.
            modulus: Where the register rolls over to zero, in Wh.
            daily: Whether it starts anew every day at the device's midnight.
            ordered: Whether values come in the order in which they were measured.
        """
        if self.register is None or self.taken is None or self.changed is None:
            self.origin = register
            self._believe(taken, register)
            return Step.FIRST
        if taken <= (self.judged or self.taken):
            return Step.LATE
        self.judged = taken
        allowed = self._allowed(taken, capacity, resolution, _REFRESH_LAG)
        if not ordered:
            allowed += self._left_of_burst(taken)
        growth = register - self.register
        if growth == 0.0:
            self.taken, self.candidate = taken, None
            return Step.UNCHANGED
        if 0.0 < growth <= allowed:
            self.total += growth
            self.spare = 0.0 if ordered else allowed - growth
            self._believe(taken, register)
            return Step.COUNTED
        if growth > 0.0:
            step = self._doubt(taken, register, allowed, Step.SPIKE, ordered=ordered)
            if step is not Step.RESET:
                return step
            slowest = self._allowed(taken, capacity, resolution, _LONGEST_REFRESH)
            counted = growth <= slowest
            self.total += growth if counted else self.pending
            self._believe(taken, register)
            return Step.COUNTED if counted else Step.RESET
        if modulus and self.register > modulus / 2 and register < modulus / 10:
            growth += modulus
            if 0.0 <= growth <= allowed:
                self.total += growth
                self._believe(taken, register)
                return Step.ROLLOVER
        if daily and 0.0 <= register <= allowed:
            # What stands on a daily register after midnight flowed since then.
            self.total += register
            self._believe(taken, register)
            return Step.RESET
        if register == 0.0:
            # Booting devices show an empty register: no base to go on from.
            return Step.FALL
        step = self._doubt(taken, register, allowed, Step.FALL, ordered=ordered)
        if step is Step.RESET:
            self.total += self.pending
            self._believe(taken, register)
        return step

    def count_power(self, taken: datetime, power: float) -> Step:
        """Count the energy under the line between two power samples.

        Args:
            taken: When the sample was taken (UTC).
            power: The power in W; what is negative flows elsewhere and counts 0.
        """
        power = max(0.0, power)
        before, self.power = self.power, power
        last = self.taken
        if last is not None and taken <= last:
            self.power = before
            return Step.LATE
        self.taken = taken
        if last is None or before is None:
            return Step.FIRST
        elapsed = taken - last
        if elapsed > _LONGEST_STEP:
            return Step.GAP
        self.total += (before + power) / 2 * elapsed.total_seconds() / 3600
        return Step.COUNTED

    def pause(self) -> None:
        """Forget the last power sample: what flows until the next is unknown."""
        self.power = None

    def _allowed(
        self, taken: datetime, capacity: float, resolution: float, lag: timedelta
    ) -> float:
        """Return the most energy in Wh that can have come to light by now.

        That is what flowed since the last believed sample, and before it what the
        register may not have shown yet.
        """
        if TYPE_CHECKING:
            assert self.taken is not None
            assert self.changed is not None
        elapsed = taken - self.taken + min(self.taken - self.changed, lag)
        hours = elapsed.total_seconds() / 3600
        return capacity * _MARGIN * hours + 2 * resolution

    def _left_of_burst(self, taken: datetime) -> float:
        """Return what the samples that came just before did not use up, in Wh."""
        if self.spare_until is not None and taken <= self.spare_until:
            return self.spare
        self.spare, self.spare_until = 0.0, taken + _BURST
        return 0.0

    def _doubt(
        self,
        taken: datetime,
        register: float,
        allowed: float,
        doubt: Step,
        *,
        ordered: bool,
    ) -> Step:
        """Hold back a value that does not follow, until others agree with it."""
        step = math.inf if self.candidate is None else register - self.candidate
        if step >= 0.0 and self.pending + step <= allowed:
            self.agreed, self.pending = self.agreed + 1, self.pending + step
        else:
            self.agreed, self.pending, self.doubted = 1, 0.0, taken
        self.candidate = register
        held = taken - (self.doubted or taken)
        if self.agreed < _AGREEMENT or not (ordered or held >= _DISORDER):
            return doubt
        return Step.RESET

    def _believe(self, taken: datetime, register: float) -> None:
        self.register, self.taken, self.changed = register, taken, taken
        self.judged = taken
        self.candidate, self.agreed, self.pending = None, 0, 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        state = asdict(self)
        for key in _TIMES:
            if (when := state[key]) is not None:
                state[key] = when.isoformat()
        return state

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """Return the counter that `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        counter = cls(
            origin=finite(state["origin"]),
            total=finite(state["total"]),
            register=_optional(finite, state["register"]),
            taken=_optional(_instant, state["taken"]),
            changed=_optional(_instant, state["changed"]),
            power=_optional(finite, state["power"]),
            candidate=_optional(finite, state["candidate"]),
            agreed=int(finite(state["agreed"])),
            pending=finite(state["pending"]),
            judged=_optional(_instant, state["judged"]),
            doubted=_optional(_instant, state["doubted"]),
            spare=finite(state["spare"]),
            spare_until=_optional(_instant, state["spare_until"]),
        )
        if counter.total < 0.0 or counter.pending < 0.0:
            raise ValueError("a counted energy is negative")
        return counter


_TIMES: Final = ("taken", "changed", "judged", "doubted", "spare_until")


def finite(value: Any) -> float:
    """Return a stored number.

    Raises:
        TypeError, ValueError: It is no number, or not a finite one.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    # Compared before it is converted: a long integer would overflow.
    if not -sys.float_info.max <= value <= sys.float_info.max:
        raise ValueError(f"{value!r} is not finite")
    return float(value)


def mapping(state: Any) -> Mapping[Any, Any]:
    """Return a stored mapping.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"{type(state).__name__} is no mapping")
    return state


def _instant(value: str) -> datetime:
    when = datetime.fromisoformat(value)
    if when.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return when


def _optional[S, T](convert: Callable[[S], T], value: S | None) -> T | None:
    return None if value is None else convert(value)
