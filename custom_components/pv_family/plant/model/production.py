"""What a plant should produce, step by step from an ideal one to the real one."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from .arrays import FloatArray
from .clear_sky import clear_sky, monthly_turbidity
from .irradiance import (
    Irradiance,
    PlaneIrradiance,
    cos_incidence,
    on_plane,
    split_global,
    through_glass,
)
from .module import cell_temperature, relative_power
from .plant import Chain, Plant, PvArray, Site
from .sun import SunPosition, sun_position
from .time_grid import TimeGrid
from .weather_series import TYPICAL_TEMPERATURE, TYPICAL_WIND, WeatherSeries

_YEAR = 365.25 * 86400.0


@dataclass(frozen=True, slots=True)
class Production:
    """Expected AC power, mean of each interval, W; NaN without weather.

    ``potential - shade - soiling - degradation - clipping == ac_power``.

    Attributes:
        grid: The intervals.
        potential: Of an unshaded, clean and new plant without a power limit.
        shade: Lost to the horizon and to things nearby.
        soiling: Lost to dirt.
        degradation: Lost to age.
        clipping: Lost to the inverters' limits.
        ac_power: What is left.
        poa_global: On the arrays, weighted by their power, before shade, W/m2.
        temp_cell: Weighted by power, °C.
    """

    grid: TimeGrid
    potential: FloatArray
    shade: FloatArray
    soiling: FloatArray
    degradation: FloatArray
    clipping: FloatArray
    ac_power: FloatArray
    poa_global: FloatArray
    temp_cell: FloatArray

    @property
    def energy(self) -> FloatArray:
        """Expected AC energy of each interval, Wh."""
        return self.ac_power * self.grid.hours


def expected_production(plant: Plant, weather: WeatherSeries) -> Production:
    """Return what a plant should produce.

    The sun moves within an interval in steps of 15 min at most; the weather stands
    still. Unknown direct irradiance is split off the global one, unknown temperature
    and wind are typical ones.
    """
    fine, parts = weather.grid.refined()
    sun = sun_position(fine.middles(), plant.site.latitude, plant.site.longitude)
    irradiance = _refined(weather, sun, parts)
    temp_air = np.nan_to_num(
        np.repeat(weather.temp_air, parts), nan=TYPICAL_TEMPERATURE
    )
    wind_speed = np.nan_to_num(np.repeat(weather.wind_speed, parts), nan=TYPICAL_WIND)
    steps = np.zeros((8, fine.count))
    for chain in plant.chains:
        steps[:6] += _chain_power(
            chain, plant.site, fine, sun, irradiance, temp_air, wind_speed, steps[6:]
        )
    steps[6:] /= plant.peak_power or 1.0
    means = steps.reshape(8, weather.grid.count, parts).mean(axis=2)
    return Production(weather.grid, *means)


def clear_sky_weather(site: Site, grid: TimeGrid) -> WeatherSeries:
    """Return the weather of a cloudless sky at typical temperature and wind."""
    fine, parts = grid.refined()
    sun = sun_position(fine.middles(), site.latitude, site.longitude)
    turbidity = monthly_turbidity(fine.middles(), site.turbidity)
    sky = clear_sky(sun, turbidity, site.altitude)
    ghi, dni, dhi = (
        column.reshape(grid.count, parts).mean(axis=1)
        for column in (sky.ghi, sky.dni, sky.dhi)
    )
    return WeatherSeries.from_columns(
        grid,
        ghi=ghi,
        dni=dni,
        dhi=dhi,
        temp_air=np.full(grid.count, TYPICAL_TEMPERATURE),
        wind_speed=np.full(grid.count, TYPICAL_WIND),
        cloud_cover=np.zeros(grid.count),
    )


def _refined(weather: WeatherSeries, sun: SunPosition, parts: int) -> Irradiance:
    """Return the irradiance at the finer steps, with its unknown parts split off."""
    ghi, dni, dhi = (
        np.repeat(column, parts) for column in (weather.ghi, weather.dni, weather.dhi)
    )
    # The split is that of the interval's mean sun: each part has the interval's mean
    # irradiance, which would be too clear for a low sun.
    cosine = np.maximum(sun.cos_zenith, 0.0).reshape(-1, parts).mean(axis=1)
    mean_sun = SunPosition(
        np.degrees(np.arcsin(np.repeat(cosine, parts))),
        sun.azimuth,
        sun.extraterrestrial,
    )
    split = split_global(ghi, mean_sun)
    known = np.isfinite(dni) & np.isfinite(dhi)
    return Irradiance(
        ghi, np.where(known, dni, split.dni), np.where(known, dhi, split.dhi)
    )


def _chain_power(
    chain: Chain,
    site: Site,
    grid: TimeGrid,
    sun: SunPosition,
    irradiance: Irradiance,
    temp_air: FloatArray,
    wind_speed: FloatArray,
    weighted: FloatArray,
) -> FloatArray:
    """Return the steps of one chain in W, and add irradiance and temperature up."""
    stages = np.zeros((4, grid.count))
    for array in chain.arrays:
        tilt, azimuth = array.mount.orient(sun)
        incidence = cos_incidence(sun, tilt, azimuth)
        plane = on_plane(irradiance, sun, tilt, azimuth, site.albedo)
        poa = plane.poa_global
        temp_cell = cell_temperature(poa, temp_air, wind_speed, array.mounting)
        lit = through_glass(plane, incidence, tilt)
        scale = array.peak_power * array.derate
        bright = scale * relative_power(lit.poa_global, temp_cell, array.module)
        shaded = scale * relative_power(
            _shaded(lit, array, sun).poa_global, temp_cell, array.module
        )
        dirty = shaded * (1.0 - array.soiling)
        stages += bright, shaded, dirty, dirty * _age(array, grid)
        weighted += array.peak_power * poa, array.peak_power * temp_cell
    bright, shaded, dirty, old = (chain.inverter.convert(stage) for stage in stages)
    power = chain.inverter.clip(old)
    return np.stack(
        (bright, bright - shaded, shaded - dirty, dirty - old, old - power, power)
    )


def _shaded(lit: PlaneIrradiance, array: PvArray, sun: SunPosition) -> PlaneIrradiance:
    beam = array.horizon.sees(sun) * (1.0 - array.beam_shade)
    return PlaneIrradiance(
        lit.direct * beam, lit.sky * array.horizon.sky_share, lit.ground
    )


def _age(array: PvArray, grid: TimeGrid) -> FloatArray:
    """Return the share of power that age leaves."""
    if array.installed is None:
        return np.ones(grid.count)
    first = datetime.combine(array.installed, datetime.min.time(), UTC).timestamp()
    years = np.maximum(grid.middles() - first, 0.0) / _YEAR
    return np.maximum(1.0 - array.degradation * years, 0.0)
