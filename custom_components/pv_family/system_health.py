"""A short look at all homes for Home Assistant's system information."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .const import DOMAIN, SUBENTRY_ROOF_ARRAY
from .coordinator import PvFamilyData

_NOTHING: Final = "-"


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    homes: list[PvFamilyData] = [entry.runtime_data for entry in entries]
    devices = [device for home in homes for device in home.devices.values()]
    loads = [
        unit
        for home in homes
        if home.control is not None
        for unit in home.control.units.values()
    ]
    return {
        "homes": len(entries),
        "devices": len(devices),
        "devices_answering": sum(device.answers for device in devices),
        "roof_arrays": sum(
            len(list(entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY)))
            for entry in entries
        ),
        "weather": _words(_rung(home) for home in homes),
        "forecast_days": _words(_judged(home) for home in homes),
        "prices": _words(_quality(home) for home in homes),
        "loads": len(loads),
        "loads_controlled": sum(unit.enabled for unit in loads),
        "loads_disobeying": sum(unit.orders.disobeys for unit in loads),
    }


def _words(told: Iterable[str | None]) -> str:
    """Return what each home has to say; one that has nothing says nothing."""
    return ", ".join(word for word in told if word is not None) or _NOTHING


def _rung(home: PvFamilyData) -> str | None:
    """Return the step of the ladder in use, and since when a better one fails."""
    state = home.outlook.data
    if state.weather is None:
        return None
    rung = state.weather.rung_at(dt_util.utcnow()).name.lower()
    trouble = state.weather_trouble
    if trouble is None:
        return rung
    return f"{rung} (failing since {trouble.since:%Y-%m-%d %H:%M} UTC)"


def _judged(home: PvFamilyData) -> str | None:
    """Return how many days the forecasts of roof and household were judged on."""
    if home.outlook.plant is None:
        return None
    state = home.outlook.data
    days = [
        0 if standing is None else standing.days
        for standing in (state.pv_standing, state.load_standing)
    ]
    return f"{days[0]} / {days[1]}"


def _quality(home: PvFamilyData) -> str | None:
    """Return how the present price is known."""
    if home.market is None:
        return None
    present = home.market.prices.buy.interval_at(dt_util.utcnow())
    return "missing" if present is None else str(present.quality)
