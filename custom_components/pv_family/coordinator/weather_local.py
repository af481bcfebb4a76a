"""Weather that Home Assistant already has: a weather entity, and sensors on site."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final

import numpy as np

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfIrradiance,
    UnitOfTemperature,
)
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import TemperatureConverter

from ..const import LOGGER
from ..plant.model.time_grid import TimeGrid
from ..plant.model.weather_series import COLUMNS, WeatherSeries
from ..plant.trail import Trail
from ..plant.weather import Offer

EVERY: Final = timedelta(minutes=30)

_HOUR: Final = timedelta(hours=1)
_MOST_HOURS: Final = 24 * 10
_KEPT: Final = timedelta(days=2)
# Where an entity tells the condition of an hour but not the clouds.
_CLOUDS: Final[Mapping[str, float]] = {
    "clear-night": 0.0,
    "cloudy": 0.95,
    "exceptional": 0.8,
    "fog": 0.9,
    "hail": 0.95,
    "lightning": 0.9,
    "lightning-rainy": 0.95,
    "partlycloudy": 0.5,
    "pouring": 1.0,
    "rainy": 0.95,
    "snowy": 0.95,
    "snowy-rainy": 0.95,
    "sunny": 0.05,
    "windy": 0.3,
    "windy-variant": 0.7,
}
# By day light changes all the time; air may keep its tenth of a degree.
_STILL_LIGHT: Final = timedelta(minutes=30)
_STILL_AIR: Final = timedelta(hours=3)
_DARK: Final = 5.0
_UNKNOWN: Final = {STATE_UNAVAILABLE, STATE_UNKNOWN}
# W/m2 of one BTU per hour and square foot.
_BTU: Final = 3.15459
_BOUNDS: Final = {
    SensorDeviceClass.IRRADIANCE: (-20.0, 1600.0),
    SensorDeviceClass.TEMPERATURE: (-60.0, 70.0),
}


class WeatherEntity:
    """The hourly forecast of a weather entity."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Know nothing yet."""
        self.offer: Offer | None = None
        self._hass = hass
        self._entity_id = entity_id
        self._asked: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Tell whether it is time to ask."""
        return self._asked is None or now - self._asked >= EVERY

    async def async_ask(self, now: datetime) -> None:
        """Ask; what it said last stays if it says nothing."""
        self._asked = now
        try:
            answer = await self._hass.services.async_call(
                "weather",
                "get_forecasts",
                {"entity_id": self._entity_id, "type": "hourly"},
                blocking=True,
                return_response=True,
            )
        except HomeAssistantError as err:
            LOGGER.debug("%s has no hourly forecast: %r", self._entity_id, err)
            return
        told = (answer or {}).get(self._entity_id)
        rows = told.get("forecast") if isinstance(told, dict) else None
        state = self._hass.states.get(self._entity_id)
        unit = state.attributes.get("temperature_unit") if state else None
        if isinstance(rows, list) and (weather := hourly_weather(rows, unit)):
            before = None if self.offer is None else self.offer.weather
            self.offer = Offer(now, continued(before, weather))


def hourly_weather(rows: Iterable[Any], unit: str | None) -> WeatherSeries | None:
    """Return the hours of a weather entity's forecast; the first of them starts it.

    Args:
        rows: As the action ``weather.get_forecasts`` returns them.
        unit: Of the temperatures; °C if it is unknown.
    """
    hours: dict[datetime, Mapping[str, Any]] = {}
    for row in rows:
        when = _moment(row.get("datetime")) if isinstance(row, dict) else None
        if when is not None:
            hours[when.replace(minute=0, second=0, microsecond=0)] = row
    if not hours:
        return None
    start = min(hours)
    count = min((max(hours) - start) // _HOUR + 1, _MOST_HOURS)
    grid = TimeGrid(start, _HOUR, count)
    clouds, temperature = np.full(count, np.nan), np.full(count, np.nan)
    for when, row in hours.items():
        if (index := grid.index(when)) < count:
            clouds[index] = _cloud(row)
            temperature[index] = _celsius(row.get("temperature"), unit)
    if not np.isfinite(clouds).any():
        return None
    return WeatherSeries.from_columns(grid, cloud_cover=clouds, temp_air=temperature)


def continued(before: WeatherSeries | None, weather: WeatherSeries) -> WeatherSeries:
    """Return hours of weather that begin with what was said of those before.

    An entity speaks of hours to come only, the books ask for those that have passed.

    Args:
        before: What was said until now, in hours.
        weather: What is said now, in hours.
    """
    grid = weather.grid
    if before is None or not before.grid.start < grid.start <= before.grid.end:
        return weather
    start = max(before.grid.start, grid.start - _KEPT)
    skip = before.grid.index(start)
    ahead = (grid.start - start) // _HOUR
    columns = {
        name: np.concatenate(
            (getattr(before, name)[skip : skip + ahead], getattr(weather, name))
        )
        for name in COLUMNS
    }
    whole = TimeGrid(start, _HOUR, ahead + grid.count)
    return WeatherSeries(whole, **columns)


def _moment(value: object) -> datetime | None:
    when = dt_util.parse_datetime(value) if isinstance(value, str) else None
    return None if when is None else dt_util.as_utc(when)


def _cloud(row: Mapping[str, Any]) -> float:
    cover = _number(row.get("cloud_coverage"))
    if cover is not None:
        return min(max(cover / 100.0, 0.0), 1.0)
    return _CLOUDS.get(str(row.get("condition")), float("nan"))


def _celsius(value: object, unit: str | None) -> float:
    number = _number(value)
    if number is None:
        return float("nan")
    if unit in TemperatureConverter.VALID_UNITS:
        number = TemperatureConverter.convert(number, unit, UnitOfTemperature.CELSIUS)
    low, high = _BOUNDS[SensorDeviceClass.TEMPERATURE]
    return number if low <= number <= high else float("nan")


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except TypeError, ValueError:
        return None
    return number if isfinite(number) else None


class SiteSensor:
    """A sensor of the user's own, followed as it changes."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Take up what it shows now."""
        self.trail = Trail()
        self._hass = hass
        self.entity_id = entity_id
        self._take(hass.states.get(entity_id), dt_util.utcnow())
        self.stop = async_track_state_change_event(hass, entity_id, self._changed)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        self._take(event.data["new_state"], event.time_fired)

    def touch(self, now: datetime) -> None:
        """Note that what it shows still stands: a calm value makes no change."""
        self._take(self._hass.states.get(self.entity_id), now)

    def _take(self, state: State | None, now: datetime) -> None:
        value = None if state is None else sensor_value(state)
        if state is not None and value is not None and _is_stuck(state, value, now):
            value = None
        self.trail.add(now, value)


def _is_stuck(state: State, value: float, now: datetime) -> bool:
    """Tell whether a sensor has not reported for longer than its kind keeps still."""
    silent = now - state.last_reported
    if state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TEMPERATURE:
        return silent > _STILL_AIR
    return silent > _STILL_LIGHT and value > _DARK


def sensor_value(state: State) -> float | None:
    """Return what a sensor of irradiance or temperature shows, W/m2 or °C."""
    if state.state in _UNKNOWN or (value := _number(state.state)) is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    kind = SensorDeviceClass.IRRADIANCE
    if state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TEMPERATURE:
        kind = SensorDeviceClass.TEMPERATURE
        if unit in TemperatureConverter.VALID_UNITS:
            value = TemperatureConverter.convert(value, unit, UnitOfTemperature.CELSIUS)
    elif unit == UnitOfIrradiance.BTUS_PER_HOUR_SQUARE_FOOT:
        value *= _BTU
    low, high = _BOUNDS[kind]
    return value if low <= value <= high else None
