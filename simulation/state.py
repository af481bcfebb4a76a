"""What a simulated home is and does at one instant."""

from dataclasses import dataclass, field
from datetime import datetime

from .array import PvString
from .battery import Battery
from .inverter import Inverter, InverterState
from .site import Site


@dataclass(frozen=True, slots=True)
class EnergyCounters:
    """Lifetime energies, Wh; none of them ever falls."""

    inverter_ac: float = 0.0
    """Out of the inverter's AC terminals."""
    pv_ac: float = 0.0
    """AC equivalent of what the strings gave."""
    strings_dc: tuple[float, ...] = ()
    load: float = 0.0
    grid_import: float = 0.0
    grid_export: float = 0.0
    battery_charge: float = 0.0
    """Into the battery's terminals."""
    battery_discharge: float = 0.0
    """Out of the battery's terminals."""


DEFAULT_STRINGS = (
    PvString("East", azimuth=90.0, tilt=25.0),
    PvString("West", azimuth=270.0, tilt=25.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeConfig:
    """How a simulated home is built."""

    site: Site
    strings: tuple[PvString, ...] = DEFAULT_STRINGS
    inverter: Inverter = field(default_factory=Inverter)
    battery: Battery | None = field(default_factory=Battery)
    meter: bool = True
    """Whether a meter stands at the grid connection."""
    load_scale: float = 1.0
    """Multiple of the default household, which uses about 12 kWh a day."""
    initial_soc: float = 0.5
    lifetime: EnergyCounters = field(
        default_factory=lambda: EnergyCounters(
            inverter_ac=8_412_000.0,
            pv_ac=8_530_000.0,
            strings_dc=(4_380_000.0, 4_420_000.0),
            load=9_650_000.0,
            grid_import=4_215_000.0,
            grid_export=2_977_000.0,
            battery_charge=2_310_000.0,
            battery_discharge=2_125_000.0,
        )
    )
    """Counters of the home on the day the simulation starts."""


@dataclass(frozen=True, slots=True)
class StringState:
    """A string at its tracker."""

    name: str
    voltage: float
    current: float
    power: float
    energy: float
    """Lifetime, Wh."""
    poa_global: float
    """W/m2."""
    temp_cell: float
    """°C."""
    available: float
    """Power at the maximum power point, W."""


@dataclass(frozen=True, slots=True)
class BatteryState:
    """A battery at its terminals; power and current + = discharge."""

    power_dc: float
    power_ac: float
    """AC equivalent, W: what the inverter gives with it, less without it."""
    voltage: float
    current: float
    soc: float
    """State of charge, 0..1."""
    stored: float
    """Wh."""


@dataclass(frozen=True, slots=True)
class HomeState:
    """Every quantity of a home at `time`; powers W, signs as in the plan of the house.

    `pv_ac + battery.power_ac + grid = load` holds exactly. `pv_ac` is what the
    inverter would make of the strings alone and the battery's AC equivalent is the
    rest of `inverter_ac`. Conversion loses `conversion_loss`; the battery also loses
    `1 - sqrt(round trip efficiency)` on each way, behind its terminals.
    """

    time: datetime
    config: HomeConfig
    strings: tuple[StringState, ...]
    pv_dc: float
    pv_ac: float
    inverter_ac: float
    inverter_phases: tuple[float, ...]
    conversion_loss: float
    """DC in less AC out, W."""
    load: float
    load_phases: tuple[float, ...]
    grid: float
    """+ = import."""
    grid_phases: tuple[float, ...]
    battery: BatteryState | None
    energy: EnergyCounters
    inverter_state: InverterState
    heat_sink_temperature: float
    cabinet_temperature: float
    phase_voltages: tuple[float, ...]
    frequency: float
    """Hz."""
    ghi: float
    clear_sky_ghi: float
    air_temperature: float
    wind_speed: float
    sun_elevation: float
    """Degrees."""


@dataclass(frozen=True, slots=True)
class EnergyInterval:
    """Energies, Wh, of the interval that starts at `start` and lasts `hours`."""

    start: datetime
    hours: int
    energy: EnergyCounters
    soc: float | None
    """State of charge at the end, 0..1."""
