"""Tell a message from its copies, from older ones, and from a node's earlier life."""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from .messages import SEQUENCE_END, Stamp

_REMEMBERED: Final = 1024
_REMEMBERED_BOOTS: Final = 8
# A node that lost its boot counter starts at a smaller one: believed when nothing
# else is heard for this many messages.
_ADOPT_AFTER: Final = 20


class Order(Enum):
    """How a message stands to those before it."""

    NEXT = auto()
    BEHIND = auto()
    """Older than one that is known already."""

    DUPLICATE = auto()


@dataclass(slots=True)
class _Track:
    """What is remembered of one topic."""

    sequence: int | None = None
    time: float | None = None
    seen: set[object] = field(default_factory=set)
    oldest: deque[object] = field(default_factory=deque)

    def remember(self, key: object) -> bool:
        """Return whether a key is new."""
        if key in self.seen:
            return False
        self.seen.add(key)
        self.oldest.append(key)
        if len(self.oldest) > _REMEMBERED:
            self.seen.remove(self.oldest.popleft())
        return True


@dataclass(slots=True)
class Sequencer:
    """Puts the messages of one node in order, topic by topic.

    Attributes:
        boot: The present start of the node, ``None`` if it does not say.
        restarts: How often another start was seen.
    """

    boot: int | str | None = None
    restarts: int = 0
    _past: deque[int | str] = field(
        default_factory=lambda: deque(maxlen=_REMEMBERED_BOOTS)
    )
    _tracks: dict[object, _Track] = field(default_factory=dict)
    _foreign: int = 0

    def judge(self, topic: object, stamp: Stamp, *, introduces: bool = False) -> Order:
        """Return how a message stands to those before it on its topic.

        Args:
            topic: What tells its topic from the node's others.
            stamp: What the message says of itself.
            introduces: Whether the node just said who it is, so that its start is
                the present one whatever its number.
        """
        present = self._present(stamp.boot, introduces=introduces)
        track = self._tracks.setdefault(topic, _Track())
        if stamp.sequence is not None:
            key: object = (stamp.boot, stamp.sequence)
        elif stamp.time is not None:
            key = stamp.time
        else:
            return Order.NEXT if present else Order.BEHIND
        if not track.remember(key):
            return Order.DUPLICATE
        if not present:
            return Order.BEHIND
        if stamp.sequence is not None:
            if track.sequence is not None and not _after(
                stamp.sequence, track.sequence
            ):
                return Order.BEHIND
            track.sequence = stamp.sequence
        elif stamp.time is not None and not stamp.buffered:
            if track.time is not None and stamp.time < track.time:
                return Order.BEHIND
            track.time = stamp.time
        return Order.NEXT

    def _present(self, boot: int | str | None, *, introduces: bool) -> bool:
        """Return whether a message comes from the node's present life."""
        if boot is None or boot == self.boot:
            self._foreign = 0
            return True
        if self.boot is not None and not introduces and not self._newer(boot):
            self._foreign += 1
            if self._foreign < _ADOPT_AFTER:
                return False
        if self.boot is not None:
            self._past.append(self.boot)
            self.restarts += 1
        self.boot, self._foreign = boot, 0
        for track in self._tracks.values():
            # A clock that was set anew may be behind, and sequences start anew.
            track.sequence = track.time = None
        return True

    def _newer(self, boot: int | str) -> bool:
        if isinstance(boot, int) and isinstance(self.boot, int):
            return _after(boot, self.boot)
        return boot not in self._past


def _after(number: int, other: int) -> bool:
    """Return whether a counter that wraps is beyond another."""
    return 0 < (number - other) % SEQUENCE_END < SEQUENCE_END // 2
