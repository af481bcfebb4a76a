"""What can be read from a solar home, with units and physical bounds."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a quantity behaves in time, which decides how it may be judged."""

    LEVEL = "level"
    """An instantaneous value that may move freely between its bounds."""

    POWER = "power"
    """An instantaneous power, bounded by what the source can deliver."""

    REGISTER = "register"
    """A lifetime energy register that only grows."""

    DAILY = "daily"
    """An energy register that starts anew at the device's midnight."""


class Quantity(StrEnum):
    """A physical quantity of one part of a device.

    Values are in SI units: W, Wh, V, A, Hz, VA, var, ohm, °C, °C/A, W/m²; states of charge
    and health and the load ratio are in percent, the power factor is a ratio.
    Numbered phases are line to neutral; ``l1_l2`` are line to line.
    """

    AC_POWER = "ac_power"
    AC_POWER_L1 = "ac_power_l1"
    AC_POWER_L2 = "ac_power_l2"
    AC_POWER_L3 = "ac_power_l3"
    AC_CURRENT = "ac_current"
    AC_CURRENT_L1 = "ac_current_l1"
    AC_CURRENT_L2 = "ac_current_l2"
    AC_CURRENT_L3 = "ac_current_l3"
    AC_VOLTAGE = "ac_voltage"
    AC_VOLTAGE_L1 = "ac_voltage_l1"
    AC_VOLTAGE_L2 = "ac_voltage_l2"
    AC_VOLTAGE_L3 = "ac_voltage_l3"
    AC_VOLTAGE_L1_L2 = "ac_voltage_l1_l2"
    AC_VOLTAGE_L2_L3 = "ac_voltage_l2_l3"
    AC_VOLTAGE_L3_L1 = "ac_voltage_l3_l1"
    APPARENT_POWER = "apparent_power"
    AVAILABLE_POWER = "available_power"
    BATTERY_CAPACITY = "battery_capacity"
    BUS_VOLTAGE = "bus_voltage"
    DC_CURRENT = "dc_current"
    DC_POWER = "dc_power"
    DC_VOLTAGE = "dc_voltage"
    ENERGY_CHARGED = "energy_charged"
    ENERGY_CONSUMED = "energy_consumed"
    ENERGY_DISCHARGED = "energy_discharged"
    ENERGY_EXPORT = "energy_export"
    ENERGY_IMPORT = "energy_import"
    ENERGY_PRODUCED = "energy_produced"
    ENERGY_PRODUCED_TODAY = "energy_produced_today"
    FREQUENCY = "frequency"
    IRRADIANCE = "irradiance"
    ISOLATION_RESISTANCE = "isolation_resistance"
    LOAD_RATIO = "load_ratio"
    POWER_FACTOR = "power_factor"
    RATED_POWER = "rated_power"
    REACTIVE_POWER = "reactive_power"
    STATE_OF_CHARGE = "state_of_charge"
    STATE_OF_HEALTH = "state_of_health"
    TEMPERATURE = "temperature"
    TEMPERATURE_AMBIENT = "temperature_ambient"
    TEMPERATURE_BUSBAR = "temperature_busbar"
    TEMPERATURE_CABINET = "temperature_cabinet"
    TEMPERATURE_HEAT_SINK = "temperature_heat_sink"
    TEMPERATURE_MODULE = "temperature_module"
    TEMPERATURE_OTHER = "temperature_other"
    TEMPERATURE_TRANSFORMER = "temperature_transformer"
    THERMAL_RISE_BUSBAR = "thermal_rise_busbar"
    THERMAL_RISE_MODULE = "thermal_rise_module"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a value can physically be, before anything is known of the device.

    Attributes:
        low: Least possible value in the quantity's unit.
        high: Greatest possible value in the quantity's unit.
        kind: How the quantity behaves in time.
    """

    low: float
    high: float
    kind: Kind = Kind.LEVEL


_POWER = Bounds(-2e6, 2e6, Kind.POWER)
_REGISTER = Bounds(0.0, 1e13, Kind.REGISTER)
_AC_VOLTAGE = Bounds(0.0, 1_500.0)
_AC_CURRENT = Bounds(-10_000.0, 10_000.0)
_TEMPERATURE = Bounds(-60.0, 200.0)
_PERCENT = Bounds(0.0, 101.0)
_DAILY = Bounds(0.0, 1e8, Kind.DAILY)

BOUNDS: dict[Quantity, Bounds] = {
    Quantity.AC_POWER: _POWER,
    Quantity.AC_POWER_L1: _POWER,
    Quantity.AC_POWER_L2: _POWER,
    Quantity.AC_POWER_L3: _POWER,
    Quantity.AC_CURRENT: _AC_CURRENT,
    Quantity.AC_CURRENT_L1: _AC_CURRENT,
    Quantity.AC_CURRENT_L2: _AC_CURRENT,
    Quantity.AC_CURRENT_L3: _AC_CURRENT,
    Quantity.AC_VOLTAGE: _AC_VOLTAGE,
    Quantity.AC_VOLTAGE_L1: _AC_VOLTAGE,
    Quantity.AC_VOLTAGE_L2: _AC_VOLTAGE,
    Quantity.AC_VOLTAGE_L3: _AC_VOLTAGE,
    Quantity.AC_VOLTAGE_L1_L2: _AC_VOLTAGE,
    Quantity.AC_VOLTAGE_L2_L3: _AC_VOLTAGE,
    Quantity.AC_VOLTAGE_L3_L1: _AC_VOLTAGE,
    Quantity.APPARENT_POWER: _POWER,
    Quantity.AVAILABLE_POWER: _POWER,
    Quantity.BATTERY_CAPACITY: Bounds(0.0, 1e8),
    Quantity.BUS_VOLTAGE: Bounds(0.0, 2_000.0),
    Quantity.DC_CURRENT: Bounds(-10_000.0, 10_000.0),
    Quantity.DC_POWER: _POWER,
    Quantity.DC_VOLTAGE: Bounds(-10.0, 2_000.0),
    Quantity.ENERGY_CHARGED: _REGISTER,
    Quantity.ENERGY_CONSUMED: _REGISTER,
    Quantity.ENERGY_DISCHARGED: _REGISTER,
    Quantity.ENERGY_EXPORT: _REGISTER,
    Quantity.ENERGY_IMPORT: _REGISTER,
    Quantity.ENERGY_PRODUCED: _REGISTER,
    Quantity.ENERGY_PRODUCED_TODAY: _DAILY,
    Quantity.FREQUENCY: Bounds(0.0, 70.0),
    Quantity.IRRADIANCE: Bounds(-20.0, 2_000.0),
    Quantity.ISOLATION_RESISTANCE: Bounds(0.0, 1e9),
    Quantity.LOAD_RATIO: Bounds(0.0, 1_000.0),
    Quantity.POWER_FACTOR: Bounds(-1.0, 1.0),
    Quantity.RATED_POWER: Bounds(0.0, 2e6),
    Quantity.REACTIVE_POWER: _POWER,
    Quantity.STATE_OF_CHARGE: _PERCENT,
    Quantity.STATE_OF_HEALTH: _PERCENT,
    Quantity.TEMPERATURE: _TEMPERATURE,
    Quantity.TEMPERATURE_AMBIENT: _TEMPERATURE,
    Quantity.TEMPERATURE_BUSBAR: _TEMPERATURE,
    Quantity.TEMPERATURE_CABINET: _TEMPERATURE,
    Quantity.TEMPERATURE_HEAT_SINK: _TEMPERATURE,
    Quantity.TEMPERATURE_MODULE: _TEMPERATURE,
    Quantity.TEMPERATURE_OTHER: _TEMPERATURE,
    Quantity.TEMPERATURE_TRANSFORMER: _TEMPERATURE,
    Quantity.THERMAL_RISE_BUSBAR: Bounds(-100.0, 500.0),
    Quantity.THERMAL_RISE_MODULE: Bounds(-100.0, 500.0),
}
