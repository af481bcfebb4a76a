"""Find the device at the end of the link that the user described."""

from typing import TYPE_CHECKING

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..const import CONF_BATTERY_REVERSED, CONF_METER_REVERSED, CONF_UNIT_ID
from ..devices.device import Device
from ..devices.signs import Signs
from ..devices.sunspec.device import SunSpecDevice
from ..link import link_params
from .polled import Opener

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry


def opener(
    hass: HomeAssistant, entry: PvFamilyConfigEntry, subentry: ConfigSubentry
) -> Opener:
    """Return what finds an inverter, now and after it was lost.

    Raises:
        HomeAssistantError: Its link is in use with other settings.
    """
    data = subentry.data
    unit = async_get_unit(hass, entry, link_params(data), data[CONF_UNIT_ID])
    signs = Signs(
        meter=data.get(CONF_METER_REVERSED, False),
        battery=data.get(CONF_BATTERY_REVERSED, False),
    )
    serial = subentry.unique_id or subentry.subentry_id

    async def open_sunspec() -> Device:
        return await SunSpecDevice.discover(unit, fallback_serial=serial, signs=signs)

    return open_sunspec
