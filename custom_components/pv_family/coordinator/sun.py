"""Whether the sun can be the reason for silence."""

from datetime import datetime
from typing import Any, Final

from astral import Observer
from astral.sun import elevation

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ELEVATION, CONF_LATITUDE, CONF_LONGITUDE
from homeassistant.core import HomeAssistant

# The upper limb at sea level, refraction included: below it no array produces.
_SET: Final = -0.833
# Many inverters give up a while before sunset and wake a while after sunrise.
_LOW: Final = 6.0


def sun_elevation(hass: HomeAssistant, entry: ConfigEntry[Any], now: datetime) -> float:
    """Return the sun's elevation above the home's horizon in degrees."""
    data = entry.data
    place = Observer(
        data.get(CONF_LATITUDE, hass.config.latitude),
        data.get(CONF_LONGITUDE, hass.config.longitude),
        data.get(CONF_ELEVATION, hass.config.elevation),
    )
    return float(elevation(place, now))


def sun_is_low(hass: HomeAssistant, entry: ConfigEntry[Any], now: datetime) -> bool:
    """Tell whether an inverter may rightly be silent."""
    return sun_elevation(hass, entry, now) < _LOW


def sun_is_down(hass: HomeAssistant, entry: ConfigEntry[Any], now: datetime) -> bool:
    """Tell whether production is impossible."""
    return sun_elevation(hass, entry, now) < _SET
