"""One ever growing register out of one that starts anew now and then.

Many entities count the energy of a day, a month or since a restart. The energy of the
home is counted by differences, so what stood on the register before it started anew
is added to what it shows afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ...readings.energy_counter import finite
from ...readings.quantity import BOUNDS, Quantity

# A house connection of 3 x 63 A: no borrowed register grows faster.
_CAPACITY: Final = 43_500.0
# How long a portal may take to show what flowed.
_REFRESH: Final = timedelta(hours=1)
_LAG: Final = timedelta(minutes=5)
# Some entities say that they started anew whenever their integration did.
_SKEW: Final = timedelta(minutes=1)
# A fall is believed when this many reports over this long agree with it.
_AGREEMENT: Final = 3
_HELD: Final = timedelta(minutes=10)
# Home Assistant's own limit: less of a fall is noise, not a new beginning.
_DIP: Final = 0.9


@dataclass(slots=True)
class GrowingRegister:
    """Follow an energy entity through its resets, energies in Wh.

    Attributes:
        entity: The entity that is followed.
        base: What is added to what it shows.
        value: What it showed last and was believed.
        taken: When it reported that (UTC).
        last_reset: When it says that it started anew.
        low: Where the reports began that do not follow from `value`.
        latest: The last of them.
        agreed: How many of them agree with each other.
        since: When the first of them was reported (UTC).
        heard: When the last report came, believed or not (UTC).
        before: What it showed before it started anew, until it has grown again.
        before_taken: When it showed that (UTC).
    """

    entity: str = ""
    base: float = 0.0
    value: float | None = None
    taken: datetime | None = None
    last_reset: datetime | None = None
    low: float | None = None
    latest: float = 0.0
    agreed: int = 0
    since: datetime | None = None
    heard: datetime | None = None
    before: float | None = None
    before_taken: datetime | None = None

    def take(
        self,
        entity: str,
        taken: datetime,
        value: float,
        last_reset: datetime | None = None,
    ) -> float | None:
        """Return the ever growing energy, ``None`` while a report is held back.

        Args:
            entity: What reports; another one than before goes on where that ended.
            taken: When it reported (UTC).
            value: What it shows.
            last_reset: When it says that it started anew (aware).
        """
        if not 0.0 <= value <= BOUNDS[Quantity.ENERGY_PRODUCED].high:
            return None
        if self.value is None or self.taken is None or entity != self.entity:
            if self.value is not None:
                self.base += self.value - value
            self.entity, self.last_reset = entity, last_reset
            self.before = self.before_taken = None
            return self._believe(taken, value)
        if taken <= (self.heard or self.taken):
            return None
        declared = (
            last_reset is not None
            and self.last_reset is not None
            and last_reset > self.last_reset
        )
        self.last_reset = last_reset or self.last_reset
        if declared and last_reset is not None and last_reset <= taken:
            if value <= _possible(taken - last_reset, _SKEW):
                self.base += self.value
                self.before = self.before_taken = None
                return self._believe(taken, value)
        if self._returned(taken, value):
            return self._believe(taken, value)
        growth = value - self.value
        if 0.0 <= growth <= _possible(taken - self.taken, _REFRESH):
            if growth > 0.0:
                self.before = self.before_taken = None
            return self._believe(taken, value)
        return self._doubt(taken, value)

    def _returned(self, taken: datetime, value: float) -> bool:
        """Take back a new beginning that was a long fall to nothing.

        A lifetime register that shows 0 all night comes back with a jump that no
        energy explains, to where it had been.
        """
        if self.before is None or self.before_taken is None:
            return False
        assert self.value is not None
        assert self.taken is not None
        jump = value - self.value
        if jump <= _possible(taken - self.taken, _LAG):
            return False
        if (
            not 0.0
            <= value - self.before
            <= _possible(taken - self.before_taken, _REFRESH)
        ):
            return False
        # Never less than what was handed over.
        self.base = max(self.base - self.before, self.base - jump)
        self.before = self.before_taken = None
        return True

    def _doubt(self, taken: datetime, value: float) -> float | None:
        """Hold back what does not follow, until enough reports agree."""
        assert self.value is not None
        assert self.taken is not None
        self.heard = taken
        step = value - self.latest
        if (
            self.low is None
            or self.since is None
            or not 0.0 <= step <= _possible(_REFRESH, timedelta())
        ):
            self.low, self.since, self.agreed = value, taken, 0
        self.latest = value
        self.agreed += 1
        if self.agreed < _AGREEMENT or taken - self.since < _HELD:
            return None
        if value < self.value:
            low = self.low
            anew = low < _DIP * self.value and low <= _possible(
                self.since - self.taken, _LAG
            )
            # What flowed before the first report after a new beginning counts too.
            self.base += self.value - (0.0 if anew else low)
            self.before, self.before_taken = (
                (self.value, self.taken) if anew else (None, None)
            )
        return self._believe(taken, value)

    def _believe(self, taken: datetime, value: float) -> float:
        self.value, self.taken, self.heard = value, taken, taken
        self.low, self.since, self.agreed, self.latest = None, None, 0, 0.0
        return self.base + value

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        state = asdict(self)
        for key in _TIMES:
            if (when := state[key]) is not None:
                state[key] = when.isoformat()
        return state

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """Return the register that `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        return cls(
            entity=str(state["entity"]),
            base=finite(state["base"]),
            value=_optional(finite, state["value"]),
            taken=_optional(_instant, state["taken"]),
            last_reset=_optional(_instant, state["last_reset"]),
            low=_optional(finite, state["low"]),
            latest=finite(state["latest"]),
            agreed=int(finite(state["agreed"])),
            since=_optional(_instant, state["since"]),
            heard=_optional(_instant, state["heard"]),
            before=_optional(finite, state["before"]),
            before_taken=_optional(_instant, state["before_taken"]),
        )


_TIMES: Final = ("taken", "last_reset", "since", "heard", "before_taken")


def _possible(elapsed: timedelta, lag: timedelta) -> float:
    """Return the most energy in Wh that can have come to light in a time."""
    return _CAPACITY * (elapsed + lag).total_seconds() / 3600


def _instant(value: str) -> datetime:
    when = datetime.fromisoformat(value)
    if when.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return when


def _optional[S, T](convert: Callable[[S], T], value: S | None) -> T | None:
    return None if value is None else convert(value)
