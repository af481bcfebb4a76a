"""The topics of a node: ``<prefix>/<house>/<leaf>``, and back."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final, NamedTuple

DEFAULT_PREFIX: Final = "comunita"
MAX_CHANNELS: Final = 12
MAX_RELAYS: Final = 8

_HOUSE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_PREFIX: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}(?:/[A-Za-z0-9][A-Za-z0-9_.-]{0,31}){0,3}"
)
_NUMBER: Final = re.compile(r"[1-9][0-9]?")


class TopicError(ValueError):
    """A house or a prefix that cannot stand in a topic."""


class Leaf(StrEnum):
    """What a message of a node is about."""

    ALARM = "allarme"
    ANNOUNCEMENT = "annuncio"
    BALANCE = "bilancio"
    CALIBRATION = "calibrazione"
    CHANNEL = "canale"
    CLEANING = "pulizia"
    ENERGY = "energia"
    GRID = "rete"
    PRODUCTION = "produzione"
    RELAY = "rele"
    STATE = "stato"
    TEMPERATURE = "temperatura"


class Command(StrEnum):
    """What a node can be told, below ``cmd``."""

    ANNOUNCE = "annuncia"
    CALIBRATE = "calibra"
    CLEAN = "pulizia"
    HOURS = "ore"
    RELAY = "rele"


_NUMBERED: Final = {Leaf.CHANNEL: MAX_CHANNELS, Leaf.RELAY: MAX_RELAYS}


class Address(NamedTuple):
    """What a topic names: a leaf, and the channel or relay from 1 where it has one."""

    leaf: Leaf
    number: int = 0


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one house.

    Attributes:
        house: The house's name in the community.
        prefix: What stands before it.
    """

    house: str
    prefix: str = DEFAULT_PREFIX

    def __post_init__(self) -> None:
        """Refuse names that would reach into other topics.

        Raises:
            TopicError: The house or the prefix has other characters than letters,
                digits, ``_`` and ``-``, or is too long.
        """
        if not _HOUSE.fullmatch(self.house):
            raise TopicError("a house has 1 to 32 letters, digits, _ or -")
        if not _PREFIX.fullmatch(self.prefix):
            raise TopicError("a prefix has 1 to 4 levels of letters, digits, _ . or -")

    @property
    def base(self) -> str:
        """Return what all topics of the house begin with.

        It stands in for the serial number of a node that announces none.
        """
        return f"{self.prefix}/{self.house}"

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Return the topics to subscribe to; commands and alerts are not among them."""
        return tuple(
            f"{self.base}/{leaf}/+" if leaf in _NUMBERED else f"{self.base}/{leaf}"
            for leaf in Leaf
        )

    @property
    def alert(self) -> str:
        """Return where the node listens for alerts."""
        return f"{self.base}/alert"

    def of(self, leaf: Leaf, number: int = 0) -> str:
        """Return the topic of a leaf."""
        topic = f"{self.base}/{leaf}"
        return f"{topic}/{number}" if number else topic

    def command(self, command: Command, number: int = 0) -> str:
        """Return the topic of a command."""
        topic = f"{self.base}/cmd/{command}"
        return f"{topic}/{number}" if number else topic

    def parse(self, topic: str) -> Address | None:
        """Return what a topic names, ``None`` if it is not one of this house."""
        if not topic.startswith(self.base + "/"):
            return None
        name, _, rest = topic[len(self.base) + 1 :].partition("/")
        try:
            leaf = Leaf(name)
        except ValueError:
            return None
        most = _NUMBERED.get(leaf)
        if most is None:
            return None if rest or topic.endswith("/") else Address(leaf)
        if not _NUMBER.fullmatch(rest) or int(rest) > most:
            return None
        return Address(leaf, int(rest))


def announced_house(topic: str) -> Topics | None:
    """Return the house of an announcement's topic, for discovery."""
    base, _, leaf = topic.rpartition("/")
    prefix, _, house = base.rpartition("/")
    if leaf != Leaf.ANNOUNCEMENT:
        return None
    try:
        return Topics(house, prefix)
    except TopicError:
        return None
