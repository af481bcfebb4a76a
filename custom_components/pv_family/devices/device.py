"""What every device gives the home, whatever it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol, Self

from ..readings.quantity import Quantity
from ..readings.reading import Reading


class DeviceError(Exception):
    """The device answered, but not as the device it is taken for."""


class SilentError(Exception):
    """The device does not answer, or not in a way that can be read."""


class NotThisProtocolError(DeviceError):
    """What answers does not speak the protocol."""


class WrongDeviceError(DeviceError):
    """Another device answers at this address.

    Attributes:
        expected: The serial number that was set up.
        found: The serial number that answered.
    """

    def __init__(self, expected: str, found: str) -> None:
        """Name both serial numbers, for the user only: never for a log."""
        super().__init__("another device answers at this address")
        self.expected = expected
        self.found = found


class MapMovedError(DeviceError):
    """The register map is no longer where it was found: discover it again."""


class PartKind(StrEnum):
    """What a part of a device is."""

    INVERTER = "inverter"
    STRING = "string"
    MODULE = "module"
    """A single module or its optimizer."""

    METER = "meter"
    BATTERY = "battery"
    LOAD = "load"
    """The output of an off-grid inverter."""

    NODE = "node"
    """A measuring node itself: its supply voltage, temperatures and health."""

    CHANNEL = "channel"
    """One current transformer of a node, or one borrowed measurement."""

    RELAY = "relay"
    FAN = "fan"


class Part(NamedTuple):
    """One part of a device, numbered from 1 where there can be several."""

    kind: PartKind
    number: int = 0

    @property
    def key(self) -> str:
        """Return its lasting name: ``inverter``, ``string_1``, ``meter_2``..."""
        return f"{self.kind}_{self.number}" if self.number else str(self.kind)

    @classmethod
    def from_key(cls, key: str) -> Self:
        """Return the part of that name.

        Raises:
            ValueError: The name is not one of a part.
        """
        kind, _, number = key.partition("_")
        part = cls(PartKind(kind), int(number) if number else 0)
        if part.key != key:
            raise ValueError(f"{key!r} is no part")
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a device is.

    Attributes:
        serial: Its serial number; what stands in for it where it has none.
        manufacturer: As the device writes it.
        model: As the device writes it.
        version: Firmware version, empty if unknown.
    """

    serial: str
    manufacturer: str
    model: str
    version: str = ""


class Capability(NamedTuple):
    """Something a part of a device can tell: a quantity, its status or its events."""

    part: str
    name: str


STATUS: Final = "status"
EVENTS: Final = "events"

# What does not move within minutes is read at full polls only.
SLOW: Final = frozenset(
    {
        Quantity.BATTERY_CAPACITY,
        Quantity.ISOLATION_RESISTANCE,
        Quantity.STATE_OF_HEALTH,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What one poll of a device brought.

    Attributes:
        taken: When it was read (UTC).
        readings: Every value that the device knows and that can be true.
        statuses: The status of each part in words.
        events: The events active in each part.
        failed: The parts that lack something they had before, with the reason.
        doubted: Values that contradict others of the same instant.
        asleep: Whether the device says that it is not producing.
        resolutions: Smallest step in Wh of each part's energy registers.
        moduli: Where each part's energy registers roll over, in Wh.
        promised: What it has for certain, although it may not tell it just now.
        ordered: Whether polls are in the order in which the device measured.
    """

    taken: datetime
    readings: tuple[Reading, ...]
    statuses: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    doubted: tuple[Reading, ...] = ()
    asleep: bool = False
    resolutions: Mapping[str, float] = field(default_factory=dict)
    moduli: Mapping[str, float] = field(default_factory=dict)
    promised: frozenset[Capability] = frozenset()
    ordered: bool = True

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Return everything that this poll told something about, or promised."""
        return frozenset(
            {
                *self.promised,
                *(Capability(r.series.part, r.series.quantity) for r in self.readings),
                *(Capability(part, STATUS) for part in self.statuses),
                *(Capability(part, EVENTS) for part in self.events),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What a device's nameplate says.

    Attributes:
        power: AC rating in W.
        battery_capacity: Energy rating of its battery in Wh.
    """

    power: float | None = None
    battery_capacity: float | None = None


class Device(Protocol):
    """A device that is asked for its values.

    Attributes:
        identity: Who it is.
        ratings: What its nameplate says.
        implemented: The values it has; the others are read at full polls only.
    """

    identity: Identity
    ratings: Ratings
    implemented: set[Capability]

    async def poll(self, now: datetime, *, full: bool) -> Poll:
        """Read the device once.

        Args:
            now: The present (UTC).
            full: Whether to ask for what was not implemented before, too.

        Raises:
            DeviceError: It is not the device it is taken for.
            SilentError: It does not answer, or nothing that can be read.
        """

    def describe(self) -> Diagnostics:
        """Return how it is read, for a bug report."""

    async def read_all(self, alias: str) -> Diagnostics:
        """Return everything it says in raw form, for a bug report.

        Args:
            alias: What stands in for its serial number.

        Raises:
            SilentError, ModbusError: It does not answer.
        """


def quantity_of(capability: Capability) -> Quantity | None:
    """Return the quantity a capability is about, ``None`` for status and events."""
    return None if capability.name in (STATUS, EVENTS) else Quantity(capability.name)


type Diagnostics = dict[str, Any]
