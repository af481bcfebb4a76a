"""The forms of a load, by its kind."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    CONF_NAME,
    PERCENTAGE,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)

from ..coordinator.load_settings import (
    AMPERE,
    CONF_BATTERY_FLOOR,
    CONF_CURVE,
    CONF_DEADLINE,
    CONF_DEPENDS_ON,
    CONF_DURATION,
    CONF_ENABLE,
    CONF_ENTITY,
    CONF_HIGH,
    CONF_LOW,
    CONF_METER,
    CONF_MIN_OFF,
    CONF_MIN_ON,
    CONF_MOST,
    CONF_NEED,
    CONF_NEED_UNIT,
    CONF_NORMAL,
    CONF_OVERRIDE_ENDS,
    CONF_OVERRIDE_HOURS,
    CONF_PHASE_SWITCH,
    CONF_PHASES,
    CONF_POWER,
    CONF_PRIORITY,
    CONF_RAISED,
    CONF_READY,
    CONF_READY_BY,
    CONF_SHADOW,
    CONF_STARTS,
    CONF_STEP,
    CONF_UNIT,
    CONF_VOLTAGE,
    CONF_WINDOWS,
    HOURS,
    KILOWATT,
    KILOWATT_HOURS,
    WATT,
    Kind,
    OverrideEnds,
)
from .schemas import choice, decimal

SECTIONS: Final = ("range", "daily", "times", "rules")

_SWITCHES: Final = (
    Platform.CLIMATE,
    Platform.FAN,
    Platform.HUMIDIFIER,
    "input_boolean",
    Platform.LIGHT,
    Platform.SWITCH,
    Platform.WATER_HEATER,
)
_DOMAINS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.SWITCH: _SWITCHES,
    Kind.THERMAL: _SWITCHES,
    Kind.MODULATING: (Platform.NUMBER, "input_number"),
    Kind.SETPOINT: (
        Platform.CLIMATE,
        Platform.NUMBER,
        "input_number",
        Platform.WATER_HEATER,
    ),
    Kind.PROGRAMME: (
        Platform.BUTTON,
        "input_boolean",
        "input_button",
        "script",
        Platform.SWITCH,
    ),
}
# Minutes on and off, and the place among the loads.
_DEFAULTS: Final[Mapping[Kind, tuple[int, int, int]]] = {
    Kind.SWITCH: (10, 10, 5),
    Kind.THERMAL: (10, 10, 3),
    Kind.MODULATING: (10, 5, 4),
    Kind.SETPOINT: (20, 20, 4),
    Kind.PROGRAMME: (0, 0, 2),
}


def load_schema(kind: Kind, others: Mapping[str, str]) -> probatio.Schema:
    """Return the form of a load.

    Args:
        kind: What it is.
        others: The titles of the home's other loads by subentry.
    """
    fields: dict[Any, Any] = {
        probatio.Required(CONF_NAME): TextSelector(),
        probatio.Required(CONF_ENTITY): _entities(*_DOMAINS[kind]),
    }
    match kind:
        case Kind.PROGRAMME:
            fields |= {
                probatio.Required(CONF_DURATION, default=120): _minutes(1, 1440),
                probatio.Required(CONF_POWER, default=500): _watts(),
                probatio.Optional(CONF_READY_BY): TimeSelector(),
                probatio.Optional(CONF_READY): _yes_or_no(),
            }
        case Kind.MODULATING:
            fields[probatio.Required(CONF_PHASES, default="1")] = choice(
                CONF_PHASES, ("1", "3")
            )
            fields[probatio.Optional(CONF_READY)] = _yes_or_no()
        case Kind.SETPOINT:
            fields |= {
                probatio.Required(CONF_NORMAL, default=45): _plain(-50, 500),
                probatio.Required(CONF_RAISED, default=55): _plain(-50, 500),
                probatio.Required(CONF_POWER, default=1500): _watts(),
            }
        case _:
            usual = 2000 if kind is Kind.THERMAL else 1000
            fields[probatio.Required(CONF_POWER, default=usual)] = _watts()
    if kind is Kind.THERMAL:
        fields |= {
            probatio.Required(CONF_NEED, default=4): _plain(0, 1000),
            probatio.Required(CONF_NEED_UNIT, default=KILOWATT_HOURS): _need_unit(),
            probatio.Required(CONF_DEADLINE, default="20:00:00"): TimeSelector(),
        }
    fields |= {
        probatio.Optional(CONF_METER): EntitySelector(
            EntitySelectorConfig(
                filter={
                    "domain": Platform.SENSOR,
                    "device_class": SensorDeviceClass.POWER,
                }
            )
        ),
        probatio.Required(CONF_SHADOW, default=True): BooleanSelector(),
    }
    for name, inner in zip(
        SECTIONS,
        (_range(kind), _need(kind), _times(kind), _rules(kind, others)),
        strict=True,
    ):
        if inner:
            fields[probatio.Required(name)] = section(
                probatio.Schema(inner), {"collapsed": True}
            )
    return probatio.Schema(fields)


def _range(kind: Kind) -> dict[Any, Any]:
    if kind is Kind.PROGRAMME:
        return {probatio.Optional(CONF_CURVE): TextSelector()}
    if kind is not Kind.MODULATING:
        return {}
    return {
        probatio.Optional(CONF_UNIT): choice("load_unit", (AMPERE, WATT, KILOWATT)),
        probatio.Optional(CONF_LOW): _plain(0, 100_000),
        probatio.Optional(CONF_HIGH): _plain(0, 100_000),
        probatio.Optional(CONF_STEP): _plain(0, 100_000),
        probatio.Required(CONF_VOLTAGE, default=230): decimal(
            100, 260, 1, UnitOfElectricPotential.VOLT
        ),
        probatio.Optional(CONF_ENABLE): _entities(Platform.SWITCH, "input_boolean"),
        probatio.Optional(CONF_PHASE_SWITCH): _entities(
            Platform.SWITCH, "input_boolean"
        ),
    }


def _need(kind: Kind) -> dict[Any, Any]:
    if kind is Kind.PROGRAMME:
        return {}
    most = {probatio.Optional(CONF_MOST): _plain(0, 1000)}
    if kind is Kind.THERMAL:
        return most
    return {
        probatio.Optional(CONF_NEED): _plain(0, 1000),
        **most,
        probatio.Required(CONF_NEED_UNIT, default=KILOWATT_HOURS): _need_unit(),
        probatio.Required(CONF_DEADLINE, default="00:00:00"): TimeSelector(),
    }


def _times(kind: Kind) -> dict[Any, Any]:
    windows = {probatio.Optional(CONF_WINDOWS): TextSelector()}
    if kind is Kind.PROGRAMME:
        return windows
    on, off, _ = _DEFAULTS[kind]
    return {
        probatio.Required(CONF_MIN_ON, default=on): _minutes(0, 600),
        probatio.Required(CONF_MIN_OFF, default=off): _minutes(0, 600),
        probatio.Optional(CONF_STARTS): _plain(1, 100),
        **windows,
    }


def _rules(kind: Kind, others: Mapping[str, str]) -> dict[Any, Any]:
    fields: dict[Any, Any] = {
        probatio.Required(CONF_PRIORITY, default=_DEFAULTS[kind][2]): _plain(1, 20),
    }
    if others:
        fields[probatio.Optional(CONF_DEPENDS_ON)] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=key, label=title)
                    for key, title in others.items()
                ],
                multiple=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
    fields[probatio.Required(CONF_BATTERY_FLOOR, default=100)] = decimal(
        0, 100, 1, PERCENTAGE
    )
    if kind is Kind.PROGRAMME:
        return fields
    if kind is not Kind.MODULATING:
        fields[probatio.Optional(CONF_READY)] = _yes_or_no()
    fields |= {
        probatio.Required(CONF_OVERRIDE_ENDS, default=OverrideEnds.MIDNIGHT): choice(
            CONF_OVERRIDE_ENDS, OverrideEnds
        ),
        probatio.Required(CONF_OVERRIDE_HOURS, default=2): decimal(
            0.25, 48, 0.25, UnitOfTime.HOURS
        ),
    }
    return fields


def surplus_schema(*, currency: str) -> probatio.Schema:
    """Return the form of what the control of surplus has to know of a home.

    Args:
        currency: The money of prices.
    """
    price = f"{currency}/kWh"
    return probatio.Schema(
        {
            probatio.Optional("fuse"): decimal(
                1, 1000, 1, UnitOfElectricCurrent.AMPERE
            ),
            probatio.Required("fuse_phases", default="1"): choice(
                CONF_PHASES, ("1", "3")
            ),
            probatio.Optional("battery_power"): decimal(
                1, 1_000_000, 1, UnitOfPower.WATT
            ),
            probatio.Required("battery_efficiency", default=90): decimal(
                50, 100, 1, PERCENTAGE
            ),
            probatio.Required("battery_floor", default=10): decimal(
                0, 100, 1, PERCENTAGE
            ),
            probatio.Optional("buy"): decimal(0.001, 1000, 0.001, price),
            probatio.Optional("sell"): decimal(-1000, 1000, 0.001, price),
        }
    )


def _entities(*domains: str) -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(filter={"domain": list(domains)}))


def _yes_or_no() -> EntitySelector:
    return _entities(Platform.BINARY_SENSOR, "input_boolean")


def _need_unit() -> SelectSelector:
    return choice(CONF_NEED_UNIT, (KILOWATT_HOURS, HOURS))


def _minutes(low: int, high: int) -> NumberSelector:
    return decimal(low, high, 1, UnitOfTime.MINUTES)


def _watts() -> NumberSelector:
    return decimal(1, 100_000, 1, UnitOfPower.WATT)


def _plain(low: float, high: float) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(min=low, max=high, step="any", mode=NumberSelectorMode.BOX)
    )
