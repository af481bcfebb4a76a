"""What can go wrong with a simulated home, switched and timed while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
import time
from typing import Any, cast


class FaultError(ValueError):
    """A fault that does not exist, or arguments that it does not take."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Connections are accepted and requests never answered."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Every reply comes late."""

    seconds: float

    def __post_init__(self) -> None:
        """Refuse replies before their request."""
        if self.seconds < 0.0:
            raise FaultError("a delay is not negative")


@dataclass(frozen=True, slots=True)
class ExceptionReply:
    """Reads that touch one of the addresses, or all reads, get an exception."""

    code: int
    addresses: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse codes that are not one byte."""
        if not 1 <= self.code <= 255:
            raise FaultError("an exception code is 1..255")


@dataclass(frozen=True, slots=True)
class TruncatedChain:
    """The chain has no end model: the address after the last one does not exist."""


@dataclass(frozen=True, slots=True)
class MovedMap:
    """An extra model stands before the inverter's, so all later ones have moved."""

    length: int = 20

    def __post_init__(self) -> None:
        """Refuse lengths that no reader would follow."""
        if not 1 <= self.length <= 1000:
            raise FaultError("the length of the extra model is 1..1000")


@dataclass(frozen=True, slots=True)
class GarbageScaleFactor:
    """The scale factor of the inverter's power has a wrong value.

    Models with floats have no scale factor and are not affected.
    """

    value: int = 10

    def __post_init__(self) -> None:
        """Refuse what is not one register."""
        if not -0x8000 <= self.value <= 0xFFFF:
            raise FaultError("a scale factor is one register")


@dataclass(frozen=True, slots=True)
class CounterReset:
    """The inverter's energy counters fall to 0 and go on from there."""


@dataclass(frozen=True, slots=True)
class CounterSpike:
    """One read of the inverter's energy counter is too high; then the fault ends."""

    energy: float = 100_000.0
    """Wh."""


@dataclass(frozen=True, slots=True)
class Night:
    """The inverter measures nothing; its state is 2 (sleeping) or 8 (standby)."""

    state: int = 2

    def __post_init__(self) -> None:
        """Refuse other states."""
        if self.state not in (2, 8):
            raise FaultError("the state at night is 2 or 8")


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """The inverter says that it is another one."""

    serial: str = "SIM-9999"

    def __post_init__(self) -> None:
        """Refuse what model 1 cannot hold."""
        if len(self.serial.encode()) > 32:
            raise FaultError("a serial number has at most 32 bytes")


@dataclass(frozen=True, slots=True)
class CutReply:
    """The connection closes in the middle of every reply."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Connections are dropped and new ones refused."""


@dataclass(frozen=True, slots=True)
class DeadString:
    """A string, by index from 0, gives nothing."""

    string: int = 0


@dataclass(frozen=True, slots=True)
class SoiledString:
    """Dirt lets a share of the light through to a string."""

    string: int = 0
    share: float = 0.8


@dataclass(frozen=True, slots=True)
class ShadedString:
    """A shadow lets a share of the beam through to a string."""

    string: int = 0
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class WrongMeterSign:
    """The meter counts what leaves the home as what comes in, and the reverse."""


type Fault = (
    Silence
    | Delay
    | ExceptionReply
    | TruncatedChain
    | MovedMap
    | GarbageScaleFactor
    | CounterReset
    | CounterSpike
    | Night
    | SerialNumber
    | CutReply
    | Refuse
    | DeadString
    | SoiledString
    | ShadedString
    | WrongMeterSign
)

FAULTS: dict[str, type[Fault]] = {
    "counter_reset": CounterReset,
    "counter_spike": CounterSpike,
    "cut_reply": CutReply,
    "dead_string": DeadString,
    "delay": Delay,
    "exception": ExceptionReply,
    "garbage_scale_factor": GarbageScaleFactor,
    "moved_map": MovedMap,
    "night": Night,
    "refuse": Refuse,
    "serial": SerialNumber,
    "shaded_string": ShadedString,
    "silence": Silence,
    "soiled_string": SoiledString,
    "truncated_chain": TruncatedChain,
    "wrong_meter_sign": WrongMeterSign,
}
_NAMES = {fault: name for name, fault in FAULTS.items()}


def make_fault(name: str, arguments: Mapping[str, Any]) -> Fault:
    """Return a fault by its name, with arguments as they come from JSON.

    Raises:
        FaultError: the fault is unknown or does not take the arguments.
    """
    fault = FAULTS.get(name)
    if fault is None:
        raise FaultError(f"no fault {name!r}; there are {', '.join(FAULTS)}")
    known = {field.name: field.type for field in fields(fault)}
    converted: dict[str, Any] = {}
    for key, value in arguments.items():
        if key not in known:
            raise FaultError(f"{name} has no argument {key!r}")
        wanted = known[key]
        try:
            if wanted in (int, float, str):
                converted[key] = cast(type, wanted)(value)
            else:
                converted[key] = tuple(int(item) for item in value)
        except (TypeError, ValueError) as error:
            raise FaultError(f"{name}: {key} cannot be {value!r}") from error
    try:
        return fault(**converted)
    except TypeError as error:
        raise FaultError(f"{name}: {error}") from error


class Faults:
    """The faults that are on; at most one of each kind."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without faults; `clock` returns s and times those that end."""
        self._clock = clock
        self._active: dict[type[Fault], tuple[Fault, float | None]] = {}
        self._version = 0
        self._listeners: list[Callable[[], None]] = []

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        self._expire()
        return self._version

    def start(self, fault: Fault, duration: float | None = None) -> None:
        """Switch a fault on, for `duration` seconds or until it is cleared."""
        end = None if duration is None else self._clock() + duration
        self._active[type(fault)] = (fault, end)
        self._changed()

    def clear(self, kind: type[Fault]) -> bool:
        """Switch a fault off and return whether it was on."""
        if self.get(kind) is None:
            return False
        del self._active[kind]
        self._changed()
        return True

    def clear_all(self) -> None:
        """Switch every fault off."""
        self._active.clear()
        self._changed()

    def get[F: Fault](self, kind: type[F]) -> F | None:
        """Return the fault of this kind if it is on."""
        self._expire()
        entry = self._active.get(cast(type[Fault], kind))
        return None if entry is None else cast(F, entry[0])

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return what is on: arguments and `remaining` seconds by name."""
        self._expire()
        now = self._clock()
        return {
            _NAMES[kind]: {
                **asdict(fault),
                "remaining": None if end is None else end - now,
            }
            for kind, (fault, end) in self._active.items()
        }

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every `start` and clear; return its removal."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _expire(self) -> None:
        """Forget the faults whose time is over."""
        now = self._clock()
        over = [
            kind
            for kind, (_, end) in self._active.items()
            if end is not None and now >= end
        ]
        for kind in over:
            del self._active[kind]
            self._version += 1

    def _changed(self) -> None:
        """Count a change and tell the listeners."""
        self._version += 1
        for listener in list(self._listeners):
            listener()
