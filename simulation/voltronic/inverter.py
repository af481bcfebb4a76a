"""The physics and the settings of a simulated off-grid inverter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A kind of inverter, as far as its answers tell it.

    Attributes:
        name: What QMN answers; empty if it lacks that command.
        family: What its PV current means: `pip`, `mks` or `max`.
        apparent_power: Rating, VA.
        active_power: Rating, W.
        battery_voltage: Nominal, V.
        pv_inputs: How many there are.
        short_live: QPIGS has 17 fields, so none for the PV power.
        raw_temperature: The temperature is the raw number of a converter.
        counters: QET and QLT are answered.
        long_serial: QSID is answered.
        charge_currents: What QMCHGCR allows, A.
        utility_charge_currents: What QMUCHGCR allows, A.
    """

    name: str = ""
    family: str = "pip"
    apparent_power: int = 5000
    active_power: int = 4000
    battery_voltage: int = 48
    pv_inputs: int = 1
    short_live: bool = False
    raw_temperature: bool = False
    counters: bool = False
    long_serial: bool = False
    charge_currents: tuple[int, ...] = (10, 20, 30, 40, 50, 60)
    utility_charge_currents: tuple[int, ...] = (2, 10, 20, 30)


PIP = Model(name="", family="pip")
MKS = Model(name="MKS-5000", family="mks", active_power=5000)
MAX = Model(
    name="MAX-7200",
    family="max",
    apparent_power=7200,
    active_power=7200,
    pv_inputs=2,
    counters=True,
    long_serial=True,
    charge_currents=(10, 20, 30, 40, 50, 60, 70, 80),
)


@dataclass(slots=True, kw_only=True)
class PvArray:
    """What is wired to one PV input: power in W and voltage in V."""

    power: float = 0.0
    voltage: float = 110.0


@dataclass(slots=True, kw_only=True)
class Settings:
    """What the user may change, as numbers of the protocol and in V and A."""

    output_priority: int = 2
    charger_priority: int = 1
    input_range: int = 0
    max_charge_current: int = 60
    max_utility_charge_current: int = 30
    cut_off_voltage: float = 42.0
    recharge_voltage: float = 46.0
    redischarge_voltage: float = 54.0
    float_voltage: float = 54.0
    bulk_voltage: float = 56.4
    flags: dict[str, bool] = field(
        default_factory=lambda: {
            "a": True,
            "b": False,
            "j": False,
            "k": True,
            "u": False,
            "v": False,
            "x": True,
            "y": True,
            "z": False,
        }
    )


@dataclass(slots=True, kw_only=True)
class InverterState:
    """An inverter between panels, a battery, a load and perhaps a grid.

    Attributes:
        now: The clock.
        model: What it is.
        serial: Its serial number.
        pv: Its arrays.
        load: What is asked of its output, W.
        grid_voltage: At its input, V; 0 without a grid.
        capacity: Of the battery, Wh.
        stored: In the battery, Wh.
        fault: The code that it stopped with, 0 for none.
        warnings: The bits of QPIWS that are set, from the left.
        pv_energy: Lifetime production, Wh.
        load_energy: Lifetime consumption, Wh.
        output_mode: 0 alone, 1 in parallel.
        settings: What the user may change.
    """

    now: Callable[[], datetime]
    model: Model = PIP
    serial: str = "92931701100510"
    pv: list[PvArray] = field(default_factory=list)
    load: float = 300.0
    grid_voltage: float = 0.0
    capacity: float = 9600.0
    stored: float = 6000.0
    fault: int = 0
    warnings: set[int] = field(default_factory=set)
    pv_energy: float = 0.0
    load_energy: float = 0.0
    output_mode: int = 0
    settings: Settings = field(default_factory=Settings)
    _last: datetime | None = None

    def __post_init__(self) -> None:
        """Wire an array to each input that has none."""
        missing = self.model.pv_inputs - len(self.pv)
        self.pv += [PvArray() for _ in range(missing)]

    @property
    def state_of_charge(self) -> float:
        """Of the battery, 0..1."""
        return self.stored / self.capacity

    @property
    def battery_voltage(self) -> float:
        """At the battery's terminals, V."""
        return self.model.battery_voltage * (0.9 + 0.25 * self.state_of_charge)

    @property
    def mode(self) -> str:
        """The letter of QMOD."""
        if self.fault:
            return "F"
        if self.grid_voltage <= 0.0:
            return "B" if self.state_of_charge > 0.0 else "S"
        empty = self.battery_voltage < self.settings.recharge_voltage
        return "L" if self.settings.output_priority == 0 or empty else "B"

    @property
    def pv_power(self) -> float:
        """Of all arrays, W."""
        return sum(array.power for array in self.pv)

    @property
    def output(self) -> float:
        """What the load gets, W."""
        return self.load if self.mode in {"L", "B"} else 0.0

    @property
    def grid_charging(self) -> float:
        """What the grid puts into the battery, W."""
        full = self.state_of_charge >= 1.0
        if self.mode != "L" or full or self.settings.charger_priority == 3:
            return 0.0
        return self.settings.max_utility_charge_current * self.battery_voltage

    @property
    def battery_power(self) -> float:
        """Of the battery, W, positive while it discharges."""
        if self.mode == "L":
            return -self.pv_power - self.grid_charging
        return self.output - self.pv_power

    @property
    def grid_power(self) -> float:
        """Taken from the grid, W."""
        return self.output + self.grid_charging if self.mode == "L" else 0.0

    def advance(self) -> None:
        """Let the time pass that has passed since the last time."""
        now = self.now()
        if self._last is not None:
            hours = max(0.0, (now - self._last).total_seconds() / 3600.0)
            self.pv_energy += self.pv_power * hours
            self.load_energy += self.output * hours
            stored = self.stored - self.battery_power * hours
            self.stored = min(max(stored, 0.0), self.capacity)
        self._last = now
