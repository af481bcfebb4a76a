"""What a node says of itself, once and retained."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from ...readings.quantity import Quantity
from .payload import Fields, PayloadError, Reason
from .topics import MAX_CHANNELS, MAX_RELAYS

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{2,31}")
_LABEL: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*")
_LABEL_LENGTH: Final = 48
DEFAULT_LEASE: Final = 60
LONGEST_LEASE: Final = 900
_DAY: Final = 86_400


class Role(StrEnum):
    """What a channel measures, as a node suggests it."""

    PRODUCTION = "produzione"
    CONSUMPTION = "consumo"
    GRID = "scambio"
    LOAD = "carico"
    BATTERY = "batteria"
    OTHER = "altro"


# The seed's topics are about these channels, whatever else a node has.
FIXED_ROLES: Final = {1: Role.PRODUCTION, 2: Role.CONSUMPTION, 3: Role.GRID}

# What a channel's two registers count: with its positive direction and against it.
REGISTERS: Final[dict[Role, tuple[Quantity, Quantity | None]]] = {
    Role.PRODUCTION: (Quantity.ENERGY_PRODUCED, None),
    Role.CONSUMPTION: (Quantity.ENERGY_CONSUMED, None),
    Role.GRID: (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT),
    Role.LOAD: (Quantity.ENERGY_CONSUMED, None),
    Role.BATTERY: (Quantity.ENERGY_DISCHARGED, Quantity.ENERGY_CHARGED),
    Role.OTHER: (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT),
}


class Feature(StrEnum):
    """What a node can do beyond measuring; words that are not here are ignored."""

    CALIBRATION = "calibra"
    CLEANING = "pulizia"
    HOURS = "ore"
    TEMPERATURE = "temperatura"


@dataclass(frozen=True, slots=True)
class AnnouncedChannel:
    """A current transformer of a node.

    Attributes:
        number: From 1.
        role: What the node takes it for.
        name: As its owner called it, may be empty.
    """

    number: int
    role: Role
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedRelay:
    """A relay of a node and its limits.

    Attributes:
        number: From 1.
        name: As its owner called it, may be empty.
        min_on: Shortest time on in s.
        min_off: Shortest time off in s.
        starts_per_hour: Most starts in an hour, ``None`` if unlimited.
        longest_lease: Longest lease in s that it takes.
        power: Rated power of its load in W.
    """

    number: int
    name: str = ""
    min_on: int = 0
    min_off: int = 0
    starts_per_hour: int | None = None
    longest_lease: int = LONGEST_LEASE
    power: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Who a node is and what it has.

    Attributes:
        serial: Its lasting identity, the hardware address as a rule.
        manufacturer: May be empty.
        model: May be empty.
        version: Firmware version, may be empty.
        channels: Its current transformers in order.
        relays: Its relays in order.
        features: What else it can do.
        power: Most power in W that flows through any channel, ``None`` if unsaid.
        hours: How many buffered hours it keeps, 0 if none.
    """

    serial: str
    manufacturer: str = ""
    model: str = ""
    version: str = ""
    channels: tuple[AnnouncedChannel, ...] = ()
    relays: tuple[AnnouncedRelay, ...] = ()
    features: frozenset[Feature] = frozenset()
    power: float | None = None
    hours: int = 0

    @property
    def roles(self) -> dict[int, Role]:
        """Return the role of every channel."""
        return FIXED_ROLES | {c.number: c.role for c in self.channels}


def parse_announcement(fields: Fields) -> Announcement:
    """Return what an announcement says.

    Raises:
        PayloadError: A field does not fit, or channels or relays contradict.
    """
    serial = fields.text("id", 32, _ID)
    if serial is None:
        raise PayloadError(Reason.EMPTY, "id")
    limits = fields.object("limiti")
    channels = tuple(_channel(item) for item in fields.objects("canali", MAX_CHANNELS))
    relays = tuple(_relay(item) for item in fields.objects("rele", MAX_RELAYS))
    _check_numbers([c.number for c in channels], "canali")
    _check_numbers([r.number for r in relays], "rele")
    return Announcement(
        serial=serial,
        manufacturer=_label(fields, "marca"),
        model=_label(fields, "modello"),
        version=_label(fields, "fw"),
        channels=tuple(sorted(channels, key=lambda c: c.number)),
        relays=tuple(sorted(relays, key=lambda r: r.number)),
        features=_features(fields),
        power=limits.number("potenza_w", 1.0, 2e6),
        hours=limits.integer("ore", 0, 100_000) or 0,
    )


def _channel(fields: Fields) -> AnnouncedChannel:
    number = _required(fields, MAX_CHANNELS)
    word = fields.text("ruolo", 16, _WORD)
    fixed = FIXED_ROLES.get(number)
    try:
        role = Role(word) if word is not None else fixed or Role.OTHER
    except ValueError:
        role = fixed or Role.OTHER
    if fixed is not None and role is not fixed:
        raise PayloadError(Reason.OUT_OF_RANGE, "ruolo")
    return AnnouncedChannel(number, role, _label(fields, "nome"))


def _relay(fields: Fields) -> AnnouncedRelay:
    return AnnouncedRelay(
        number=_required(fields, MAX_RELAYS),
        name=_label(fields, "nome"),
        min_on=fields.integer("min_on_s", 0, _DAY) or 0,
        min_off=fields.integer("min_off_s", 0, _DAY) or 0,
        starts_per_hour=fields.integer("avvii_ora", 1, 3600),
        longest_lease=fields.integer("ttl_max_s", 3, LONGEST_LEASE) or LONGEST_LEASE,
        power=fields.number("potenza_w", 0.0, 2e6),
    )


def _required(fields: Fields, most: int) -> int:
    number = fields.integer("n", 1, most)
    if number is None:
        raise PayloadError(Reason.EMPTY, "n")
    return number


def _check_numbers(numbers: list[int], key: str) -> None:
    if len(set(numbers)) != len(numbers):
        raise PayloadError(Reason.REPEATED_KEY, key)


def _label(fields: Fields, key: str) -> str:
    return (fields.text(key, _LABEL_LENGTH, _LABEL) or "").strip()


def _features(fields: Fields) -> frozenset[Feature]:
    words = fields.items("funzioni", 16)
    if not all(isinstance(word, str) for word in words):
        raise PayloadError(Reason.WRONG_TYPE, "funzioni")
    known = set(Feature)
    return frozenset(Feature(word) for word in words if word in known)
