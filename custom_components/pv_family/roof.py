"""Answer what the roof looks like now: every module, its string and its power."""

from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry

from .const import (
    CONF_MODULES,
    CONF_MPPT_INPUT,
    CONF_PEAK_POWER,
    CONF_ROWS,
    CONF_STRINGS,
    CONF_SURFACE_AZIMUTH,
    CONF_SURFACE_TILT,
    DOMAIN,
    SUBENTRY_INVERTER,
    SUBENTRY_ROOF_ARRAY,
)
from .coordinator import PvFamilyConfigEntry
from .devices.device import Part, PartKind
from .plant.layout import place_modules
from .readings.quantity import Quantity

SERVICE_ROOF_LAYOUT: Final = "get_roof_layout"
_SCHEMA: Final = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})


@callback
def async_register_roof(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(
        DOMAIN, SERVICE_ROOF_LAYOUT, _async_layout, _SCHEMA, SupportsResponse.ONLY
    )


async def _async_layout(call: ServiceCall) -> ServiceResponse:
    """Return every array of a home with what its strings give."""
    entry: PvFamilyConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    arrays: list[Any] = [
        _array(entry, array)
        for array in entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY)
    ]
    return {"arrays": arrays}


def _array(entry: PvFamilyConfigEntry, array: ConfigSubentry) -> dict[str, Any]:
    data = array.data
    strings, modules = data[CONF_STRINGS], data[CONF_MODULES]
    power = _input_power(entry, array)
    return {
        "name": array.title,
        "peak_power": data[CONF_PEAK_POWER],
        "surface_tilt": data[CONF_SURFACE_TILT],
        "surface_azimuth": data[CONF_SURFACE_AZIMUTH],
        "power": power,
        "power_per_module": None if power is None else power / modules,
        "modules": [
            {
                "number": placed.number,
                "row": placed.row,
                "column": placed.column,
                "string": placed.string,
            }
            for placed in place_modules(modules, data.get(CONF_ROWS, 1), strings)
        ],
    }


def _input_power(entry: PvFamilyConfigEntry, array: ConfigSubentry) -> float | None:
    """Return what the MPPT input gives that an array is wired to, in W."""
    number = array.data.get(CONF_MPPT_INPUT)
    devices = entry.runtime_data.devices
    inverter = array.data.get(SUBENTRY_INVERTER)
    if inverter is None and len(devices) == 1:
        inverter = next(iter(devices))
    device = devices.get(inverter or "")
    if number is None or device is None:
        return None
    return device.value(Part(PartKind.STRING, number).key, Quantity.DC_POWER)
