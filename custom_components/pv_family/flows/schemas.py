"""The forms of the flows."""

from collections.abc import Iterable, Mapping
from typing import Any

import probatio

from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    LocationSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
    TextSelector,
)

from ..const import (
    CONF_BATTERY_REVERSED,
    CONF_BAUDRATE,
    CONF_METER_REVERSED,
    CONF_METER_ROLE,
    CONF_MODULES,
    CONF_MPPT_INPUT,
    CONF_PARITY,
    CONF_PEAK_POWER,
    CONF_ROWS,
    CONF_STOPBITS,
    CONF_STRINGS,
    CONF_SURFACE_AZIMUTH,
    CONF_SURFACE_TILT,
    CONF_UNIT_ID,
    SUBENTRY_INVERTER,
)
from ..link import Link

METER_ROLES = ("grid", "consumption", "none")
CONF_LOCATION = "location"
_BAUDRATES = ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200")


def _whole(low: int, high: int) -> Any:
    """Return a selector for a whole number."""
    config = NumberSelectorConfig(
        min=low, max=high, step=1, mode=NumberSelectorMode.BOX
    )
    return probatio.All(NumberSelector(config), probatio.Coerce(int))


def decimal(low: float, high: float, step: float, unit: str) -> NumberSelector:
    """Return a selector of a number with a unit."""
    return NumberSelector(
        NumberSelectorConfig(
            min=low,
            max=high,
            step=step,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=unit,
        )
    )


def choice(key: str, options: Iterable[str]) -> SelectSelector:
    """Return a selector of options whose words are translated below a key."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            translation_key=key,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _usual(key: str, value: float) -> probatio.Required:
    """Return a required number that a form begins with.

    Left open, Home Assistant's form would begin with the least that is allowed.
    """
    return probatio.Required(key, description={"suggested_value": value})


def home_schema() -> probatio.Schema:
    """Return the form of the home."""
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME): TextSelector(),
            probatio.Required(CONF_LOCATION): LocationSelector(),
        }
    )


def link_schema(link: Link) -> probatio.Schema:
    """Return the form of a link."""
    # Some makers answer on the unit that others take for a broadcast.
    unit_id = {probatio.Optional(CONF_UNIT_ID): _whole(0, 247)}
    if link is Link.SERIAL:
        return probatio.Schema(
            {
                probatio.Required(CONF_DEVICE): SerialPortSelector(),
                probatio.Required(CONF_BAUDRATE, default="9600"): choice(
                    CONF_BAUDRATE, _BAUDRATES
                ),
                probatio.Required(CONF_PARITY, default="n"): choice(
                    CONF_PARITY, ("n", "e", "o")
                ),
                probatio.Required(CONF_STOPBITS, default="1"): choice(
                    CONF_STOPBITS, ("1", "2")
                ),
                **unit_id,
            }
        )
    return probatio.Schema(
        {
            probatio.Required(CONF_HOST): TextSelector(),
            probatio.Required(CONF_PORT, default=502): _whole(1, 65535),
            **unit_id,
        }
    )


def inverter_schema(*, meter: bool, battery: bool, role: str) -> probatio.Schema:
    """Return the form that confirms a device that was found.

    Args:
        meter: Whether it has a meter.
        battery: Whether it has a battery.
        role: What its meter most likely measures.
    """
    fields: dict[Any, Any] = {probatio.Required(CONF_NAME): TextSelector()}
    if meter:
        fields[probatio.Required(CONF_METER_ROLE, default=role)] = choice(
            CONF_METER_ROLE, METER_ROLES
        )
    signs: dict[Any, Any] = {}
    if meter:
        signs[probatio.Required(CONF_METER_REVERSED, default=False)] = BooleanSelector()
    if battery:
        signs[probatio.Required(CONF_BATTERY_REVERSED, default=False)] = (
            BooleanSelector()
        )
    if signs:
        fields[probatio.Optional("signs")] = section(
            probatio.Schema(signs), {"collapsed": True}
        )
    return probatio.Schema(fields)


def roof_array_schema(inverters: Mapping[str, str]) -> probatio.Schema:
    """Return the form of a roof array.

    Args:
        inverters: The title of every inverter of the home by its subentry.
    """
    fields: dict[Any, Any] = {
        probatio.Required(CONF_NAME): TextSelector(),
        _usual(CONF_PEAK_POWER, 5): decimal(0.05, 1000, 0.001, "kWp"),
        probatio.Required(CONF_SURFACE_TILT, default=30): decimal(0, 90, 1, "°"),
        probatio.Required(CONF_SURFACE_AZIMUTH, default=180): decimal(0, 359, 1, "°"),
        _usual(CONF_MODULES, 12): _whole(1, 5000),
        probatio.Required(CONF_ROWS, default=1): _whole(1, 100),
        probatio.Required(CONF_STRINGS, default=1): _whole(1, 100),
    }
    if inverters:
        fields[probatio.Optional(SUBENTRY_INVERTER)] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=subentry_id, label=title)
                    for subentry_id, title in inverters.items()
                ],
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        fields[probatio.Optional(CONF_MPPT_INPUT)] = _whole(1, 24)
    return probatio.Schema(fields)
