"""Plants and skies for the tests of the plant model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from custom_components.pv_family.plant.model.arrays import FloatArray
from custom_components.pv_family.plant.model.inverter import Inverter
from custom_components.pv_family.plant.model.irradiance import split_global
from custom_components.pv_family.plant.model.mount import FixedMount
from custom_components.pv_family.plant.model.plant import Chain, Plant, PvArray, Site
from custom_components.pv_family.plant.model.production import (
    clear_sky_weather,
    expected_production,
)
from custom_components.pv_family.plant.model.sun import sun_position
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.weather_series import WeatherSeries

SITE = Site(45.0, 25.0, 300.0)
SUMMER = TimeGrid(datetime(2026, 6, 20, tzinfo=UTC), timedelta(minutes=15), 192)


def plant(*planes: tuple[float, float, float], ac_power: float = 20_000.0) -> Plant:
    """Return a plant of planes (W, tilt, compass azimuth) on one inverter."""
    arrays = tuple(
        PvArray(power, FixedMount(tilt, azimuth)) for power, tilt, azimuth in planes
    )
    return Plant(SITE, (Chain(Inverter(ac_power), arrays),))


def year_of_clouds(
    built: Plant, days: int, seed: int = 1
) -> tuple[TimeGrid, FloatArray]:
    """Return half-hours of what a plant gives; three days in ten are cloudless."""
    rng = np.random.default_rng(seed)
    grid = TimeGrid(datetime(2025, 3, 1, tzinfo=UTC), timedelta(minutes=30), days * 48)
    weather = clear_sky_weather(built.site, grid)
    clear = np.repeat(rng.random(days) < 0.3, 48)
    cloudy = np.repeat(rng.uniform(0.1, 1.0, days), 48)
    cloudy = np.clip(cloudy * rng.uniform(0.5, 1.2, grid.count), 0.05, 1.05)
    sun = sun_position(grid.middles(), built.site.latitude, built.site.longitude)
    sky = split_global(weather.ghi * cloudy, sun)
    day = np.arange(grid.count) / 48.0
    season = -np.cos(2.0 * np.pi * (day + 45.0) / 365.25)
    hours = np.sin(2.0 * np.pi * (day % 1.0 - 0.4))
    weather = replace(
        weather,
        ghi=np.where(clear, weather.ghi, sky.ghi),
        dni=np.where(clear, weather.dni, sky.dni),
        dhi=np.where(clear, weather.dhi, sky.dhi),
        temp_air=12.0 + 11.0 * season + 6.0 * hours,
    )
    power = expected_production(built, weather).ac_power
    return grid, power * (1.0 + 0.02 * rng.standard_normal(grid.count))


def even_weather(grid: TimeGrid, ghi: float, temp_air: float = 25.0) -> WeatherSeries:
    """Return weather that does not change."""
    return WeatherSeries.from_columns(
        grid,
        ghi=np.full(grid.count, ghi),
        temp_air=np.full(grid.count, temp_air),
        wind_speed=np.full(grid.count, 2.0),
    )
