"""A short look at all homes for Home Assistant's system information."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    devices = [
        device
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        for device in entry.runtime_data.devices.values()
    ]
    return {
        "homes": len(hass.config_entries.async_loaded_entries(DOMAIN)),
        "devices": len(devices),
        "devices_answering": sum(device.answers for device in devices),
    }
