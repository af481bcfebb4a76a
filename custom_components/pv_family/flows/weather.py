"""Ask where a home's weather comes from, and what its load forecast has to know."""

from typing import Any, Final
from urllib.parse import urlsplit

import probatio

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import Platform
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    CONF_HOLIDAY_CALENDAR,
    CONF_INTERNET_WEATHER,
    CONF_IRRADIANCE_PLANE,
    CONF_IRRADIANCE_SENSOR,
    CONF_OPEN_METEO_URL,
    CONF_PVGIS_URL,
    CONF_SWITCHED_LOADS,
    CONF_TEMPERATURE_SENSOR,
    CONF_WEATHER,
    CONF_WEATHER_ENTITY,
    SUBENTRY_ROOF_ARRAY,
)
from ..coordinator.weather_choice import HORIZONTAL

CONF_SERVERS: Final = "servers"
_URLS: Final = (CONF_OPEN_METEO_URL, CONF_PVGIS_URL)


class WeatherSteps(OptionsFlow):
    """One form; what is left empty is not used."""

    async def async_step_weather(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for everything that tells about weather and habits."""
        entry = self.config_entry
        errors: dict[str, str] = {}
        if user_input is not None:
            told = dict(user_input)
            told |= told.pop(CONF_SERVERS, {})
            if any(told.get(key) and not _is_server(told[key]) for key in _URLS):
                errors["base"] = "not_an_address"
            else:
                kept = {
                    key: value for key, value in told.items() if value not in ("", [])
                }
                return self.async_create_entry(
                    data={**entry.options, CONF_WEATHER: kept}
                )
        suggested = user_input
        if suggested is None:
            known = dict(entry.options.get(CONF_WEATHER, {}))
            servers = {key: known.pop(key) for key in _URLS if key in known}
            suggested = {**known, CONF_SERVERS: servers}
        return self.async_show_form(
            step_id="weather",
            data_schema=self.add_suggested_values_to_schema(self._schema(), suggested),
            errors=errors,
        )

    def _schema(self) -> probatio.Schema:
        planes = [
            SelectOptionDict(value=array.subentry_id, label=array.title)
            for array in self.config_entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY)
        ]
        url = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
        return probatio.Schema(
            {
                probatio.Required(
                    CONF_INTERNET_WEATHER, default=True
                ): BooleanSelector(),
                probatio.Optional(CONF_WEATHER_ENTITY): _entity(Platform.WEATHER),
                probatio.Optional(CONF_IRRADIANCE_SENSOR): _entity(
                    Platform.SENSOR, SensorDeviceClass.IRRADIANCE
                ),
                probatio.Required(
                    CONF_IRRADIANCE_PLANE, default=HORIZONTAL
                ): SelectSelector(
                    SelectSelectorConfig(
                        options=[
                            SelectOptionDict(value=HORIZONTAL, label=HORIZONTAL),
                            *planes,
                        ],
                        translation_key=CONF_IRRADIANCE_PLANE,
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
                probatio.Optional(CONF_TEMPERATURE_SENSOR): _entity(
                    Platform.SENSOR, SensorDeviceClass.TEMPERATURE
                ),
                probatio.Optional(CONF_SWITCHED_LOADS): EntitySelector(
                    EntitySelectorConfig(
                        domain=Platform.SENSOR,
                        device_class=SensorDeviceClass.POWER,
                        multiple=True,
                    )
                ),
                probatio.Optional(CONF_HOLIDAY_CALENDAR): _entity(Platform.CALENDAR),
                probatio.Optional(CONF_SERVERS): section(
                    probatio.Schema({probatio.Optional(key): url for key in _URLS}),
                    {"collapsed": True},
                ),
            }
        )


def _entity(domain: str, device_class: str | None = None) -> EntitySelector:
    config = EntitySelectorConfig(domain=domain)
    if device_class is not None:
        config["device_class"] = device_class
    return EntitySelector(config)


def _is_server(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
