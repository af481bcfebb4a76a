"""The weather that a home may use: a service, a weather entity, and its own sensors."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_INTERNET_WEATHER,
    CONF_IRRADIANCE_PLANE,
    CONF_IRRADIANCE_SENSOR,
    CONF_OPEN_METEO_URL,
    CONF_PVGIS_URL,
    CONF_SURFACE_AZIMUTH,
    CONF_SURFACE_TILT,
    CONF_TEMPERATURE_SENSOR,
    CONF_WEATHER,
    CONF_WEATHER_ENTITY,
)
from ..plant.model.mount import FixedMount
from ..plant.model.plant import Site
from ..plant.sky_now import Measured
from ..plant.weather import Climatology, Offer
from ..plant.web import Fetch
from .outlook_state import Trouble
from .weather_local import SiteSensor, WeatherEntity
from .weather_provider import WeatherProvider
from .web_fetch import OPEN_METEO, OPEN_METEO_PAST, PVGIS, through

HORIZONTAL: Final = "horizontal"
INTERNET_BY_DEFAULT: Final = True
_NOW: Final = timedelta(minutes=2)


def doors(options: Mapping[str, Any]) -> dict[str, str]:
    """Return which servers of the user's own stand in for the public ones."""
    found: dict[str, str] = {}
    if own := options.get(CONF_OPEN_METEO_URL):
        found[OPEN_METEO] = found[OPEN_METEO_PAST] = own
    if own := options.get(CONF_PVGIS_URL):
        found[PVGIS] = own
    return found


class WeatherChoice:
    """Everything that tells a home about its weather.

    Attributes:
        climatology: The long-term means, once they are known.
        fetch: How to ask the internet, ``None`` if the user does not want that.
        provider: The weather service, ``None`` if the user wants none.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        site: Site,
        *,
        internet: bool = True,
    ) -> None:
        """Take what the user chose.

        Args:
            hass: Home Assistant.
            entry: The home.
            site: Where it stands.
            internet: Whether a service is asked as long as the user has not said.
        """
        options = entry.options.get(CONF_WEATHER, {})
        self.climatology: Climatology | None = None
        self.fetch: Fetch | None = None
        self.provider: WeatherProvider | None = None
        if options.get(CONF_INTERNET_WEATHER, INTERNET_BY_DEFAULT and internet):
            self.fetch = through(hass, doors(options))
            self.provider = WeatherProvider(hass, entry.entry_id, site, self.fetch)
        self._entity: WeatherEntity | None = None
        if entity_id := options.get(CONF_WEATHER_ENTITY):
            self._entity = WeatherEntity(hass, entity_id)
        self._irradiance: SiteSensor | None = None
        self._temperature: SiteSensor | None = None
        self._plane = _plane(entry, options.get(CONF_IRRADIANCE_PLANE, HORIZONTAL))
        self._hass = hass
        self._options = options

    async def async_start(self) -> None:
        """Bring back what the last run knew, and follow the sensors."""
        if self.provider is not None:
            await self.provider.async_restore()
        if entity_id := self._options.get(CONF_IRRADIANCE_SENSOR):
            self._irradiance = SiteSensor(self._hass, entity_id)
        if entity_id := self._options.get(CONF_TEMPERATURE_SENSOR):
            self._temperature = SiteSensor(self._hass, entity_id)

    def stop(self) -> None:
        """Follow the sensors no longer."""
        for sensor in (self._irradiance, self._temperature):
            if sensor is not None:
                sensor.stop()

    def touch(self, now: datetime) -> None:
        """Note that time has passed."""
        for sensor in (self._irradiance, self._temperature):
            if sensor is not None:
                sensor.touch(now)

    def due(self, now: datetime) -> bool:
        """Tell whether something is worth asking."""
        return any(source.due(now) for source in self._sources)

    async def async_ask(self, now: datetime) -> None:
        """Ask whatever is due."""
        for source in self._sources:
            if source.due(now):
                await source.async_ask(now)

    @property
    def _sources(self) -> list[WeatherProvider | WeatherEntity]:
        return [s for s in (self.provider, self._entity) if s is not None]

    @property
    def offers(self) -> tuple[Offer | None, Offer | None, Climatology | None]:
        """Forecast irradiance, forecast clouds and long-term means."""
        return (
            None if self.provider is None else self.provider.offer,
            None if self._entity is None else self._entity.offer,
            self.climatology,
        )

    @property
    def version(self) -> tuple[object, ...]:
        """What differs whenever the offers do."""
        irradiance, clouds, climatology = self.offers
        issued = [None if o is None else o.issued for o in (irradiance, clouds)]
        return (*issued, climatology)

    @property
    def trouble(self) -> Trouble | None:
        """Why the service has no new weather."""
        return None if self.provider is None else self.provider.trouble

    def measured_now(self, now: datetime) -> Measured:
        """Return what the sensors show, smoothed over two minutes."""
        return self.measured(now - _NOW, now, covered=0.3)

    def measured(
        self, start: datetime, end: datetime, covered: float = 0.8
    ) -> Measured:
        """Return what the sensors showed in a time of the last day.

        Args:
            start: Of the time (UTC).
            end: Of the time (UTC).
            covered: Share of the time that has to be known.
        """
        means = [
            None if sensor is None else sensor.trail.mean(start, end, covered)
            for sensor in (self._irradiance, self._temperature)
        ]
        return Measured(means[0], means[1], self._plane)


def _plane(entry: ConfigEntry[Any], told: str) -> FixedMount:
    """Return how the irradiance sensor lies: level, or beside one of the arrays."""
    array = entry.subentries.get(told)
    if array is None:
        return FixedMount(0.0, 180.0)
    return FixedMount(
        float(array.data[CONF_SURFACE_TILT]), float(array.data[CONF_SURFACE_AZIMUTH])
    )
