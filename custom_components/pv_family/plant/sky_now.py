"""The sky of one interval as it is best known, and what the roof should give under it.

A sensor on site goes before a forecast, and a forecast before a mean.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from .model.mount import FixedMount
from .model.plane_sensor import sky_from_plane
from .model.plant import Plant, Site
from .model.production import Production, clear_sky_weather, expected_production
from .model.sun import sun_position
from .model.time_grid import TimeGrid
from .model.uncertainty import IrradianceSource, Span, expected_uncertainty
from .model.weather_series import WeatherSeries
from .weather import ChosenWeather, on_grid

_P90: Final = 1.2816
# A cloud's edge adds that much to a clear sky for a while.
_EDGE: Final = 1.15
_LEVEL: Final = FixedMount(0.0, 180.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What sensors on site showed in the mean of an interval.

    Attributes:
        irradiance: W/m2; ``None`` is not known.
        temp_air: °C; ``None`` is not known.
        plane: How the irradiance sensor lies.
    """

    irradiance: float | None = None
    temp_air: float | None = None
    plane: FixedMount = _LEVEL


@dataclass(frozen=True, slots=True)
class SkyNow:
    """The weather of one interval.

    Attributes:
        weather: On a grid of that one interval.
        source: How its irradiance is known.
    """

    weather: WeatherSeries
    source: IrradianceSource


@dataclass(frozen=True, slots=True)
class Expected:
    """What the roof should give now.

    Attributes:
        power: W.
        p10: What it exceeds in nine of ten cases, W.
        p90: What it exceeds in one of ten cases, W.
        source: How the irradiance is known.
        issued: When the weather in use was got; ``None`` without any (UTC).
    """

    power: float
    p10: float
    p90: float
    source: IrradianceSource
    issued: datetime | None


@dataclass(frozen=True, slots=True)
class Theory:
    """What the plant model says of one interval that has passed.

    Attributes:
        clear: Of the plant under a cloudless sky; one interval.
        actual: Of the plant under the sky as it was; the same interval.
        weather: As it was, as far as it is known; the same interval.
        source: How the irradiance is known.
    """

    clear: Production
    actual: Production
    weather: WeatherSeries
    source: IrradianceSource


def sky_of(
    grid: TimeGrid, site: Site, chosen: ChosenWeather | None, measured: Measured
) -> SkyNow:
    """Return the best weather of one interval.

    Args:
        grid: One interval.
        site: Where.
        chosen: The weather of the ladder, if there is any for that time.
        measured: What sensors showed.
    """
    weather, source = clear_sky_weather(site, grid), IrradianceSource.CLEAR_SKY
    if chosen is not None:
        found = on_grid(chosen.weather, grid)
        if np.isfinite(found.ghi[0]):
            weather, source = found, chosen.rung_at(grid.start).source
    if measured.temp_air is not None:
        weather = replace(weather, temp_air=np.array([measured.temp_air]))
    if measured.irradiance is None:
        return SkyNow(weather, source)
    sun = sun_position(grid.middles(), site.latitude, site.longitude)
    reading = np.array([max(measured.irradiance, 0.0)])
    plane = measured.plane
    sky = sky_from_plane(
        reading, sun, plane.surface_tilt, plane.surface_azimuth, site.albedo
    )
    weather = replace(weather, ghi=sky.ghi, dni=sky.dni, dhi=sky.dhi)
    if plane.surface_tilt == 0.0:
        return SkyNow(weather, IrradianceSource.HORIZONTAL_SENSOR)
    return SkyNow(weather, IrradianceSource.PLANE_SENSOR)


def expected_of(
    plant: Plant, sky: SkyNow, issued: datetime | None, level: float = 1.0
) -> Expected:
    """Return what a roof should give under a sky, with how far off that may be.

    Args:
        plant: What stands on the roof.
        sky: Of one interval.
        issued: When the weather was got.
        level: How much of what the model says this roof gave lately.
    """
    power = level * float(expected_production(plant, sky.weather).ac_power[0])
    clear = clear_sky_weather(plant.site, sky.weather.grid)
    ceiling = level * float(expected_production(plant, clear).ac_power[0])
    spread = _P90 * expected_uncertainty(sky.source, Span.INSTANT) * power
    brightest = max(power, min(_EDGE * ceiling, plant.ac_power))
    return Expected(
        power,
        max(power - spread, 0.0),
        min(power + spread, brightest),
        sky.source,
        issued,
    )


def theory_of(plant: Plant, sky: SkyNow) -> Theory:
    """Return what a roof should have given in an interval that has passed."""
    clear = clear_sky_weather(plant.site, sky.weather.grid)
    return Theory(
        expected_production(plant, clear),
        expected_production(plant, sky.weather),
        sky.weather,
        sky.source,
    )
