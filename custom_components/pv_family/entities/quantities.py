"""How each quantity is shown: device class, unit, precision, and how often."""

from dataclasses import dataclass
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfIrradiance,
    UnitOfPower,
    UnitOfReactivePower,
    UnitOfTemperature,
)

from .. import publish
from ..devices.device import PartKind
from ..readings.quantity import BOUNDS, Kind, Quantity
from ..shown import ShownDescription


@dataclass(frozen=True, kw_only=True)
class QuantityDescription(ShownDescription):
    """How one quantity of one kind of part is shown.

    Attributes:
        quantity: What is shown.
        scale: What turns the reading into the shown unit.
        lifetime: Whether it is a counter that is known also while asleep.
    """

    quantity: Quantity
    scale: float = 1.0
    lifetime: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    device_class: SensorDeviceClass | None
    unit: str | None
    digits: int
    rule: publish.Publish
    scale: float = 1.0
    category: EntityCategory | None = None


_POWER = _Look(SensorDeviceClass.POWER, UnitOfPower.WATT, 0, publish.POWER)
_VOLTAGE = _Look(
    SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT, 1, publish.VOLTAGE
)
_CURRENT = _Look(
    SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE, 2, publish.CURRENT
)
_TEMPERATURE = _Look(
    SensorDeviceClass.TEMPERATURE,
    UnitOfTemperature.CELSIUS,
    1,
    publish.TEMPERATURE,
    category=EntityCategory.DIAGNOSTIC,
)
_ENERGY = _Look(
    SensorDeviceClass.ENERGY, UnitOfEnergy.KILO_WATT_HOUR, 3, publish.ENERGY, 1e-3
)

_LOOKS: dict[Quantity, _Look] = {
    Quantity.APPARENT_POWER: _Look(
        SensorDeviceClass.APPARENT_POWER,
        UnitOfApparentPower.VOLT_AMPERE,
        0,
        publish.POWER,
    ),
    Quantity.BATTERY_CAPACITY: _Look(
        SensorDeviceClass.ENERGY_STORAGE,
        UnitOfEnergy.KILO_WATT_HOUR,
        2,
        publish.ALWAYS,
        1e-3,
        EntityCategory.DIAGNOSTIC,
    ),
    Quantity.FREQUENCY: _Look(
        SensorDeviceClass.FREQUENCY, UnitOfFrequency.HERTZ, 2, publish.FREQUENCY
    ),
    Quantity.IRRADIANCE: _Look(
        SensorDeviceClass.IRRADIANCE,
        UnitOfIrradiance.WATTS_PER_SQUARE_METER,
        0,
        publish.POWER,
    ),
    Quantity.ISOLATION_RESISTANCE: _Look(
        None, "kΩ", 0, publish.ALWAYS, 1e-3, EntityCategory.DIAGNOSTIC
    ),
    Quantity.LOAD_RATIO: _Look(None, PERCENTAGE, 0, publish.RATIO),
    Quantity.POWER_FACTOR: _Look(
        SensorDeviceClass.POWER_FACTOR, None, 2, publish.RATIO
    ),
    Quantity.REACTIVE_POWER: _Look(
        SensorDeviceClass.REACTIVE_POWER,
        UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
        0,
        publish.POWER,
    ),
    Quantity.THERMAL_RISE_BUSBAR: _Look(
        None, "°C/A", 2, publish.RATIO, category=EntityCategory.DIAGNOSTIC
    ),
    Quantity.THERMAL_RISE_MODULE: _Look(
        None, "°C/A", 2, publish.RATIO, category=EntityCategory.DIAGNOSTIC
    ),
    Quantity.STATE_OF_CHARGE: _Look(
        SensorDeviceClass.BATTERY, PERCENTAGE, 0, publish.RATIO
    ),
    Quantity.STATE_OF_HEALTH: _Look(
        None, PERCENTAGE, 1, publish.RATIO, category=EntityCategory.DIAGNOSTIC
    ),
}


def _look(quantity: Quantity) -> _Look:
    if (look := _LOOKS.get(quantity)) is not None:
        return look
    if BOUNDS[quantity].kind in (Kind.REGISTER, Kind.DAILY):
        return _ENERGY
    if BOUNDS[quantity].kind is Kind.POWER:
        return _POWER
    for word, look in (
        ("voltage", _VOLTAGE),
        ("current", _CURRENT),
        ("temperature", _TEMPERATURE),
    ):
        if word in quantity:
            return look
    raise KeyError(quantity)


_SOLAR: Final = {
    Quantity.DC_CURRENT,
    Quantity.DC_POWER,
    Quantity.DC_VOLTAGE,
    Quantity.ENERGY_PRODUCED,
    Quantity.TEMPERATURE,
}
# What the parts can tell that are not whole devices.
_KNOWN: Final[dict[PartKind, set[Quantity]]] = {
    PartKind.STRING: _SOLAR | {Quantity.ENERGY_PRODUCED_TODAY},
    PartKind.MODULE: _SOLAR,
    PartKind.CHANNEL: {
        Quantity.AC_CURRENT,
        Quantity.AC_POWER,
        Quantity.AC_VOLTAGE,
        Quantity.APPARENT_POWER,
        Quantity.DC_POWER,
        Quantity.ENERGY_CHARGED,
        Quantity.ENERGY_CONSUMED,
        Quantity.ENERGY_DISCHARGED,
        Quantity.ENERGY_EXPORT,
        Quantity.ENERGY_IMPORT,
        Quantity.ENERGY_PRODUCED,
        Quantity.POWER_FACTOR,
    },
    PartKind.FAN: set(),
    PartKind.RELAY: set(),
}
# Parts that are shown on the device that they belong to, by their number.
_NUMBERED: Final = (PartKind.STRING, PartKind.MODULE, PartKind.CHANNEL)

# Everyone's first questions. The rest is one click away in the entity settings:
# it moves with every poll and would fill a database that nobody reads.
_ENABLED: dict[PartKind, frozenset[Quantity]] = {
    PartKind.INVERTER: frozenset(
        {
            Quantity.AC_POWER,
            Quantity.AC_VOLTAGE_L1,
            Quantity.AC_VOLTAGE_L2,
            Quantity.AC_VOLTAGE_L3,
            Quantity.DC_POWER,
            Quantity.ENERGY_PRODUCED,
            Quantity.FREQUENCY,
            Quantity.TEMPERATURE_CABINET,
            Quantity.TEMPERATURE_HEAT_SINK,
        }
    ),
    PartKind.STRING: frozenset(
        {
            Quantity.DC_CURRENT,
            Quantity.DC_POWER,
            Quantity.DC_VOLTAGE,
            Quantity.ENERGY_PRODUCED,
        }
    ),
    PartKind.METER: frozenset(
        {Quantity.AC_POWER, Quantity.ENERGY_EXPORT, Quantity.ENERGY_IMPORT}
    ),
    PartKind.BATTERY: frozenset(
        {
            Quantity.DC_POWER,
            Quantity.ENERGY_CHARGED,
            Quantity.ENERGY_DISCHARGED,
            Quantity.STATE_OF_CHARGE,
            Quantity.STATE_OF_HEALTH,
        }
    ),
    PartKind.LOAD: frozenset(
        {
            Quantity.AC_POWER,
            Quantity.AC_VOLTAGE,
            Quantity.ENERGY_CONSUMED,
            Quantity.LOAD_RATIO,
        }
    ),
    PartKind.NODE: frozenset(
        {
            Quantity.AC_VOLTAGE,
            Quantity.FREQUENCY,
            Quantity.IRRADIANCE,
            Quantity.TEMPERATURE_AMBIENT,
            Quantity.TEMPERATURE_BUSBAR,
            Quantity.TEMPERATURE_MODULE,
            Quantity.THERMAL_RISE_BUSBAR,
            Quantity.THERMAL_RISE_MODULE,
        }
    ),
    PartKind.CHANNEL: frozenset(
        {
            Quantity.AC_POWER,
            Quantity.DC_POWER,
            Quantity.ENERGY_CHARGED,
            Quantity.ENERGY_CONSUMED,
            Quantity.ENERGY_DISCHARGED,
            Quantity.ENERGY_EXPORT,
            Quantity.ENERGY_IMPORT,
            Quantity.ENERGY_PRODUCED,
        }
    ),
    PartKind.MODULE: frozenset({Quantity.DC_POWER}),
    PartKind.FAN: frozenset(),
    PartKind.RELAY: frozenset(),
}


def _describe(kind: PartKind, quantity: Quantity) -> QuantityDescription:
    look = _look(quantity)
    register = BOUNDS[quantity].kind is Kind.REGISTER
    growing = BOUNDS[quantity].kind in (Kind.REGISTER, Kind.DAILY)
    prefix = f"{kind}_" if kind in _NUMBERED else ""
    return QuantityDescription(
        key=quantity,
        translation_key=f"{prefix}{quantity}",
        quantity=quantity,
        device_class=look.device_class,
        native_unit_of_measurement=look.unit,
        suggested_display_precision=min(look.digits, 2),
        state_class=(
            SensorStateClass.TOTAL_INCREASING
            if growing
            else SensorStateClass.MEASUREMENT
        ),
        entity_category=look.category,
        entity_registry_enabled_default=quantity in _ENABLED[kind],
        scale=look.scale,
        digits=look.digits,
        rule=look.rule,
        lifetime=register,
    )


# A nameplate does not change: it is shown in the device's diagnostics.
DESCRIPTIONS: dict[PartKind, dict[Quantity, QuantityDescription]] = {
    kind: {
        quantity: _describe(kind, quantity)
        for quantity in Quantity
        if quantity is not Quantity.RATED_POWER
        and quantity in _KNOWN.get(kind, Quantity)
    }
    for kind in PartKind
}
