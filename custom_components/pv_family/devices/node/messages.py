"""What each topic of a node says, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from ...readings.quantity import Quantity
from ..device import Part, PartKind
from .announcement import Announcement

NODE: Final = Part(PartKind.NODE)
PRODUCTION, CONSUMPTION, GRID = (Part(PartKind.CHANNEL, n) for n in (1, 2, 3))

SEQUENCE_END: Final = 2**32


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a message from its copies and its neighbours.

    Attributes:
        time: When it was measured by the node's clock, Unix time in s.
        sequence: A counter that grows with every message and wraps at 2**32.
        boot: Which start of the node it comes from, a counter or a random word.
        buffered: Whether the node kept it because it could not be sent.
    """

    time: float | None = None
    sequence: int | None = None
    boot: int | str | None = None
    buffered: bool = False


class Value(NamedTuple):
    """One value of a message, in the unit of its quantity."""

    part: Part
    quantity: Quantity
    value: float


class Hour(NamedTuple):
    """The energy of one hour in Wh, ``None`` where the node does not know it.

    ``start`` is Unix time in s by the node's clock.
    """

    start: int
    produced: float | None
    consumed: float | None
    imported: float | None
    exported: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Values of an instant.

    Attributes:
        values: At least one, unless there are fans.
        fans: Whether each fan runs, by number from 1.
        estimated: Whether the power is worked out without measuring the voltage.
    """

    stamp: Stamp
    values: tuple[Value, ...]
    fans: Mapping[int, bool] = field(default_factory=dict)
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """Lifetime registers and buffered hours.

    Attributes:
        totals: Registers of the three channels of the seed.
        channels: Of further channels: with and against their positive direction in Wh.
        hours: Hours that ended, whole, whatever was heard of them live.
    """

    stamp: Stamp
    totals: tuple[Value, ...]
    channels: Mapping[int, tuple[float, float | None]]
    hours: tuple[Hour, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Whether the node is there; its last will says that it is not."""

    stamp: Stamp
    online: bool


class PinReason(StrEnum):
    """Why a relay is where it is."""

    COMMAND = "cmd"
    LEASE = "lease"
    INTERLOCK = "interlock"
    BOOT = "boot"
    WATCHDOG = "wdt"
    LOCAL = "locale"
    UNKNOWN = "altro"


class Outcome(StrEnum):
    """What became of the last command."""

    DONE = "ok"
    DWELL = "attesa"
    STARTS = "avvii"
    INTERLOCK = "interlock"
    INVALID = "errato"
    OLD = "vecchio"
    RETAINED = "retained"
    UNKNOWN = "altro"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReport:
    """Where a relay really is.

    Attributes:
        number: From 1.
        on: The pin, read back.
        reason: Why it is there.
        command: Sequence number of the last command that was looked at.
        outcome: What became of that command.
        wait: How long until a refused command may be tried again, in s.
        lease: How long it stays on without another command, in s.
        starts: How often it was switched on, ever.
    """

    stamp: Stamp
    number: int
    on: bool
    reason: PinReason = PinReason.UNKNOWN
    command: int | None = None
    outcome: Outcome | None = None
    wait: float = 0.0
    lease: float | None = None
    starts: int | None = None


class AlarmCode(StrEnum):
    """What a node can warn of, in words for events."""

    ADC = "measuring_fault"
    BUSBAR_HOT = "busbar_hot"
    CLEANING = "cleaning_fault"
    CONFIGURATION = "configuration_lost"
    FAN = "fan_fault"
    MAINS = "mains_lost"
    MODULE_HOT = "module_hot"
    OVERLOAD = "overload"
    RELAY_STUCK = "relay_stuck"
    SENSOR = "sensor_fault"
    WATCHDOG = "watchdog_reset"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something the node warns of, or takes back.

    Attributes:
        code: What it is.
        word: The node's own word for it.
        active: Whether it is so.
        value: What was measured.
        threshold: What it should not reach.
    """

    stamp: Stamp
    code: AlarmCode
    word: str
    active: bool
    value: float | None = None
    threshold: float | None = None


class CleaningPhase(StrEnum):
    """Where a cleaning run is."""

    IDLE = "idle"
    PRECHECK = "precheck"
    VALVE_OPEN = "valve_open"
    PUMP_ON = "pump_on"
    BRUSH_FORWARD = "brush_fwd"
    DEAD = "dead"
    BRUSH_REVERSE = "brush_rev"
    RINSE = "rinse"
    PUMP_OFF = "pump_off"
    VALVE_CLOSE = "valve_close"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """How a cleaning run goes.

    Attributes:
        phase: Where it is.
        fault: The node's word for what stopped or forbade it, may be empty.
        runs: Runs today.
    """

    stamp: Stamp
    phase: CleaningPhase
    fault: str = ""
    runs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationAnswer:
    """What a node says to a calibration command.

    Attributes:
        channel: From 1.
        command: Sequence number of the command.
        done: Whether it did what it was told.
        voltage: In V.
        current: In A.
        power: In W, signed, with the present calibration.
        reactive: In var, positive where the current lags, ``None`` if not measured.
        gain: Present factor on the current.
        voltage_gain: Present factor on the voltage.
        zero: Power in W that is taken off.
        phase: Phase in degrees that is taken off.
    """

    stamp: Stamp
    channel: int
    command: int
    done: bool
    voltage: float | None = None
    current: float | None = None
    power: float | None = None
    reactive: float | None = None
    gain: float | None = None
    voltage_gain: float | None = None
    zero: float | None = None
    phase: float | None = None


type Message = (
    Measurement
    | Energy
    | State
    | RelayReport
    | Alarm
    | Cleaning
    | CalibrationAnswer
    | AnnouncementMessage
)


@dataclass(frozen=True, slots=True)
class AnnouncementMessage:
    """An announcement with its stamp."""

    stamp: Stamp
    announcement: Announcement
