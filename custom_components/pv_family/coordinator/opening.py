"""Find the device at the end of the link that the user described."""

from typing import TYPE_CHECKING

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_BATTERY_REVERSED,
    CONF_FAMILY,
    CONF_METER_REVERSED,
    CONF_PROTOCOL,
    CONF_PV_CURRENT_SIDE,
    CONF_UNIT_ID,
)
from ..devices.device import Device, DeviceError
from ..devices.modbus_maps.device import MapDevice
from ..devices.modbus_maps.schema import Family
from ..devices.signs import Signs
from ..devices.sunspec.device import SunSpecDevice
from ..devices.voltronic.device import VoltronicDevice
from ..devices.voltronic.link import opener as serial_opener
from ..devices.voltronic.pv import CurrentSide
from ..devices.voltronic.session import Session
from ..link import Protocol, link_params
from .polled import Opener

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry


def opener(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    subentry: ConfigSubentry,
    family: Family | None,
) -> Opener:
    """Return what finds an inverter, now and after it was lost.

    Args:
        hass: Home Assistant.
        entry: The home.
        subentry: What the user set up.
        family: Its register map, if it is read by one.

    Raises:
        HomeAssistantError: Its link is in use with other settings.
    """
    data = subentry.data
    if data.get(CONF_PROTOCOL) == Protocol.PI30:
        return _off_grid(entry, subentry)
    unit = async_get_unit(hass, entry, link_params(data), data[CONF_UNIT_ID])
    signs = Signs(
        meter=data.get(CONF_METER_REVERSED, False),
        battery=data.get(CONF_BATTERY_REVERSED, False),
    )
    serial = subentry.unique_id or subentry.subentry_id

    if family is not None or data.get(CONF_PROTOCOL) == Protocol.MAP:

        async def open_mapped() -> Device:
            if family is None:
                raise DeviceError(f"the register map {data[CONF_FAMILY]} is gone")
            return await MapDevice.connect(
                unit, family, fallback_serial=serial, signs=signs
            )

        return open_mapped

    async def open_sunspec() -> Device:
        return await SunSpecDevice.discover(unit, fallback_serial=serial, signs=signs)

    return open_sunspec


def _off_grid(entry: PvFamilyConfigEntry, subentry: ConfigSubentry) -> Opener:
    """Return what finds an off-grid inverter on a line of its own."""
    session = Session(serial_opener(subentry.data[CONF_DEVICE]))
    entry.async_on_unload(session.close)
    side = subentry.data.get(CONF_PV_CURRENT_SIDE)

    async def open_voltronic() -> Device:
        return await VoltronicDevice.discover(
            session,
            fallback_serial=subentry.unique_id or subentry.subentry_id,
            pv_side=CurrentSide(side) if side else None,
        )

    return open_voltronic
