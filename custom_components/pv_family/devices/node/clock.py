"""Find out what a node's clock is worth, from when its messages arrive."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

# What a right clock and a slow broker may differ by.
TOLERANCE: Final = 120.0
# A clock that was never set counts from 1970 or 2000; no node is older than this.
_FIRST_TIME: Final = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
# Live messages of a wrong clock keep their distance from arrival; those of a buffer
# that is being sent do not, or come all at once. How closely, in s, and for how long:
# messages that are shuffled on their way need longer.
_AGREEMENTS: Final = ((5.0, 20.0), (60.0, 120.0))
_FEWEST: Final = 3
# A clock that wanders by more than this has no offset to correct by.
_WANDER: Final = 120.0
_REMEMBERED: Final = 256


class Instant(NamedTuple):
    """When a message was measured.

    Attributes:
        taken: By our clock (UTC), never after it arrived.
        live: Whether it tells the present.
    """

    taken: datetime
    live: bool


@dataclass(slots=True)
class NodeClock:
    """What is known of a node's clock.

    Attributes:
        offset: What to add to the node's time in s to get ours; 0 for a right clock,
            ``None`` while nothing is known.
        steady: Whether the offset has stayed what it was.
    """

    offset: float | None = None
    steady: bool = True
    _ages: deque[tuple[float, float]] = field(
        default_factory=lambda: deque(maxlen=_REMEMBERED)
    )
    _least: float = 0.0
    _most: float = 0.0

    @property
    def trusted(self) -> bool:
        """Return whether old times of the node can be told in ours.

        They cannot while messages contradict what was believed.
        """
        return self.offset is not None and self.steady and not self._ages

    def forget(self) -> None:
        """Start anew: the node has restarted and may have lost its clock."""
        self.offset, self.steady = None, True
        self._ages.clear()

    def place(self, time: float | None, now: datetime) -> Instant | None:
        """Place a message that was just sent, and learn from it.

        Args:
            time: The node's Unix time in s, ``None`` if it did not say.
            now: When the message arrived (UTC).

        Returns:
            ``None`` if the message may be old or the clock wrong, and nobody knows.
        """
        if time is None or time < _FIRST_TIME:
            return Instant(now, live=True)
        age = now.timestamp() - time
        if self.offset is None and abs(age) <= TOLERANCE:
            self._learn(0.0, age)
        if self.offset is not None and abs(age - self.offset) <= TOLERANCE:
            self._watch(age)
            return Instant(self._ours(time, now), live=True)
        if self._agreed(now.timestamp(), age):
            return Instant(now, live=True)
        if age < (self.offset or 0.0):
            # Nothing is measured in the future: the clock is wrong, the value is not.
            return Instant(now, live=True)
        if self.offset is None:
            return None
        return Instant(self._ours(time, now), live=False)

    def place_buffered(self, time: float | None, now: datetime) -> datetime | None:
        """Return when a buffered or retained message was measured, if it can be known.

        Args:
            time: The node's Unix time in s, ``None`` if it did not say.
            now: When the message arrived (UTC).
        """
        if time is None or time < _FIRST_TIME or not self.trusted:
            return None
        assert self.offset is not None
        if now.timestamp() - time - self.offset < -TOLERANCE:
            return None
        return self._ours(time, now)

    def presumed(self, time: float | None, now: datetime) -> datetime:
        """Return when a retained message was measured if the clock is right.

        Before anything is known of a clock, this is likelier than that it was measured
        just now: most clocks are right, and a broker keeps a message for long.

        Args:
            time: The node's Unix time in s, ``None`` if it did not say.
            now: When the message arrived (UTC).
        """
        if time is None or time < _FIRST_TIME or self.offset is not None:
            return now
        return datetime.fromtimestamp(min(time, now.timestamp()), UTC)

    def fits(self, time: float, now: datetime) -> bool:
        """Return whether a time is the present by what is known of the clock."""
        return (
            self.trusted
            and self.offset is not None
            and abs(now.timestamp() - time - self.offset) <= TOLERANCE
        )

    def _ours(self, time: float, now: datetime) -> datetime:
        behind = now.timestamp() - time - (self.offset or 0.0)
        return now - timedelta(seconds=max(0.0, behind))

    def _learn(self, offset: float, age: float) -> None:
        self.offset, self.steady = offset, True
        self._least = self._most = age
        self._ages.clear()

    def _watch(self, age: float) -> None:
        """Notice a clock that runs away; a right one needs no correction."""
        self._ages.clear()
        if self.offset == 0.0:
            return
        self._least, self._most = min(self._least, age), max(self._most, age)
        self.steady = self._most - self._least <= _WANDER

    def _agreed(self, arrived: float, age: float) -> bool:
        """Learn another offset once messages agree on it for long enough."""
        if self._ages and arrived < self._ages[-1][0]:
            # Our own clock was set back.
            self._ages.clear()
        if self._ages and arrived - self._ages[-1][0] < 1.0:
            # Of what comes together, the newest tells most of the clock.
            arrived, age = self._ages[-1][0], min(age, self._ages.pop()[1])
        self._ages.append((arrived, age))
        for within, enough in _AGREEMENTS:
            first, least, count = arrived, age, 0
            for when, other in reversed(self._ages):
                if abs(other - age) > within:
                    break
                first, least, count = when, min(least, other), count + 1
            if count >= _FEWEST and arrived - first >= enough:
                self._learn(0.0 if abs(least) <= TOLERANCE else least, age)
                return True
        return False
