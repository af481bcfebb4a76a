"""What a register map says: the one schema of our families and of a user's files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..device import Part
from .layout import Image, Point, Register


class Evidence(StrEnum):
    """How well a map is known to be right."""

    RECORDED = "recorded"
    """Decoded here from the bytes of real devices."""

    TWO_SOURCES = "two_sources"
    """Two independent sources agree."""

    ONE_SOURCE = "one_source"


class Night(StrEnum):
    """What a device does while it produces nothing."""

    ANSWERS = "answers"
    SILENT = "silent"
    REFUSES = "refuses"
    """It answers with exceptions."""


class Transport(StrEnum):
    """How a device can be reached."""

    TCP = "tcp"
    RTU = "rtu"
    RTU_OVER_TCP = "rtu_over_tcp"
    UDP = "udp"


class Storage(StrEnum):
    """Where a device keeps a setting, which decides how often it may be written."""

    VOLATILE = "volatile"
    FLASH = "flash"
    UNKNOWN = "unknown"


class Counted(StrEnum):
    """What the lifetime energy of the inverter counts."""

    ARRAYS = "arrays"
    """What the arrays gave, before any battery."""

    AC_OUTPUT = "ac_output"
    """What left the AC terminals, the battery's share included."""

    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """What a part is doing, in a word.

    Attributes:
        part: Which part.
        register: Where its code is.
        words: The word of each code.
        asleep: The words that mean that nothing is produced.
    """

    part: Part
    register: Register
    words: Mapping[int, str]
    asleep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Events:
    """What is wrong with a part, in words.

    Attributes:
        part: Which part.
        registers: The values in the order of their bits.
        bits: The word of each bit; the first value has the lowest bits.
        codes: The word of each value, where values are codes.
        other: The word of everything else that is not zero, empty to ignore it.
    """

    part: Part
    registers: tuple[Register, ...]
    bits: Mapping[int, str] = field(default_factory=dict)
    codes: Mapping[int, str] = field(default_factory=dict)
    other: str = ""

    @property
    def vocabulary(self) -> frozenset[str]:
        """Return every word that it can say."""
        other = {self.other} if self.other else set()
        return frozenset({*self.bits.values(), *self.codes.values(), *other})

    def active(self, image: Image) -> frozenset[str] | None:
        """Return what is wrong now, ``None`` if that is unknown."""
        found: set[str] = set()
        known = False
        first = 0
        for register in self.registers:
            width = 16 * len(register.addresses)
            value = register.decode(image)
            if value is not None:
                known = True
                found |= self._words(int(value), first, width)
            first += width
        return frozenset(found) if known else None

    def _words(self, value: int, first: int, width: int) -> set[str]:
        if self.codes:
            word = self.codes.get(value, self.other if value else "")
            return {word} if word else set()
        words = {
            self.bits.get(first + bit, self.other)
            for bit in range(width)
            if value >> bit & 1
        }
        return words - {""}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A register whose value tells this family from others.

    Attributes:
        register: Where it is.
        values: What it holds in this family; empty if it is told by ``prefix``.
        others: What it holds in other families.
        prefix: How the text starts.
    """

    register: Register
    values: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()
    prefix: str = ""

    def matches(self, image: Image, *, zero: bool = False) -> bool | None:
        """Tell whether it fits, ``None`` if nothing can be said.

        Args:
            image: The registers that could be read.
            zero: Whether zero is a value like others: nothing but zeros is what an
                empty register map holds.
        """
        if self.prefix:
            text = self.register.text(image)
            return text.startswith(self.prefix) if text else None
        value = self.register.decode(image)
        if value is None or (not value and not (zero and 0 in self.values)):
            return None
        if self.values:
            return value in self.values
        return False if value in self.others else None


@dataclass(frozen=True, slots=True)
class Setting:
    """A register that can be written, for those who may.

    Attributes:
        name: What it sets.
        register: Where it is.
        storage: Where the device keeps it.
    """

    name: str
    register: Register
    storage: Storage


@dataclass(frozen=True, slots=True)
class Pacing:
    """How much haste a device bears.

    Attributes:
        spacing: Quiet between two requests, in s.
        connect_delay: Wait after the link opens, in s.
        timeout: How long an answer may take, in s; 0 is the link's own.
    """

    spacing: float = 0.0
    connect_delay: float = 0.0
    timeout: float = 0.0


@dataclass(frozen=True, slots=True)
class IdentityRegisters:
    """Where a device says who it is."""

    serial: Register | None = None
    model: Register | None = None
    version: Register | None = None
    rated_power: Register | None = None

    @property
    def all(self) -> tuple[Register, ...]:
        """Return those that there are."""
        registers = (self.serial, self.model, self.version, self.rated_power)
        return tuple(r for r in registers if r is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of devices that share a register map.

    Attributes:
        key: The name of its file without the ending.
        manufacturer: Who makes it.
        models: What it is sold as.
        evidence: How well the map is known to be right.
        sources: What it was compared with.
        units: The unit ids that it usually answers on.
        transports: How it can be reached.
        max_block: The most registers that it serves in one read.
        pacing: How much haste it bears.
        single_client: Whether it serves one client at a time.
        night: What it does while it produces nothing.
        firmware: Which firmware the map holds for; empty for any that is known.
        notes: What a user should know.
        counted: What the inverter's lifetime energy counts.
        identity: Where it says who it is.
        fingerprints: What tells it from other families.
        points: Its quantities.
        statuses: What its parts are doing.
        events: What is wrong with its parts.
        settings: What can be written.
    """

    key: str
    manufacturer: str
    models: tuple[str, ...]
    evidence: Evidence
    sources: tuple[str, ...]
    units: tuple[int, ...]
    transports: tuple[Transport, ...]
    max_block: int
    pacing: Pacing
    single_client: bool
    night: Night
    firmware: str
    notes: str
    counted: Counted
    identity: IdentityRegisters
    fingerprints: tuple[Fingerprint, ...]
    points: tuple[Point, ...]
    statuses: tuple[Status, ...]
    events: tuple[Events, ...]
    settings: tuple[Setting, ...]

    @property
    def title(self) -> str:
        """Return its name for people."""
        return f"{self.manufacturer} {', '.join(self.models)}"

    @property
    def has_battery(self) -> bool:
        """Tell whether the map knows of a battery."""
        return any(point.part.kind == "battery" for point in self.points)
