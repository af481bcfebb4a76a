"""Seeded weather: a pure function of the seed, the site and the instant."""

from dataclasses import dataclass

import numpy as np

from .noise import FloatArray, gaussian_noise, normal_to_uniform, value_noise
from .site import SECONDS_PER_DEGREE, Site
from .sun import SunPosition, sun_position

_HOUR = 3600.0
_DAY = 86400.0
_YEAR = 365.2425 * _DAY
_DAY_KIND, _CLOUD_FIELD, _OPACITY, _HAZE, _TEMPERATURE, _WIND, _GUST = range(1, 8)


@dataclass(frozen=True, slots=True)
class Weather:
    """The sky and the air; every field has the shape of the times asked for."""

    sun: SunPosition
    clear_sky_ghi: FloatArray
    """Global horizontal irradiance without clouds, W/m2."""
    ghi: FloatArray
    """Global horizontal irradiance, W/m2."""
    air_temperature: FloatArray
    """°C."""
    wind_speed: FloatArray
    """m/s."""


def cloud_cover(seed: int, t: FloatArray) -> FloatArray:
    """Return the share of the sky that is clouded, 0..1.

    Half the time is nearly clear, a quarter overcast and the rest broken, in spells
    of hours to days.
    """
    octaves = ((1.7 * _DAY, 1.0), (16 * _HOUR, 0.55), (5 * _HOUR, 0.3))
    rank = normal_to_uniform(gaussian_noise(seed, _DAY_KIND, t, octaves))
    return np.interp(rank, (0.0, 0.42, 0.55, 0.76, 1.0), (0.0, 0.03, 0.35, 0.97, 1.0))


def clear_sky_index(seed: int, t: FloatArray) -> FloatArray:
    """Return irradiance divided by clear-sky irradiance, about 0.1..1.15."""
    cover = cloud_cover(seed, t)
    octaves = ((2400.0, 1.0), (700.0, 0.75), (190.0, 0.35), (50.0, 0.12))
    field = normal_to_uniform(gaussian_noise(seed, _CLOUD_FIELD, t, octaves))
    # Distance to the nearest cloud edge, in ranks of the cloud field: below 0 is sun.
    depth = cover * 1.06 - 0.03 - field
    shadow = np.clip(depth / 0.07 + 0.5, 0.0, 1.0)
    shadow = shadow**2 * (3.0 - 2.0 * shadow)
    opacity_noise = normal_to_uniform(
        gaussian_noise(seed, _OPACITY, t, ((3 * _HOUR, 1.0), (900.0, 0.5)))
    )
    through_cloud = 0.12 + 0.45 * opacity_noise * (1.0 - 0.45 * cover)
    haze = 0.94 + 0.06 * value_noise(seed, _HAZE, t, 9 * _HOUR)
    # Light scattered from the edge of a near cloud adds to the direct sun.
    edge = np.exp(-(((depth + 0.10) / 0.06) ** 2)) * (cover > 0.1) * 0.13
    return haze * (1.0 - shadow) * (1.0 + edge) + through_cloud * shadow


def clear_sky_ghi(cos_zenith: FloatArray) -> FloatArray:
    """Return clear-sky global horizontal irradiance, W/m2 (Haurwitz, 1945)."""
    above = np.maximum(cos_zenith, 1e-3)
    ghi = 1098.0 * above * np.exp(-0.057 / above)
    return np.where(cos_zenith > 1e-3, ghi, 0.0)


def solar_day_fraction(site: Site, t: FloatArray) -> FloatArray:
    """Return the mean local solar time as a share of the day, 0 = midnight."""
    return ((t + site.longitude * SECONDS_PER_DEGREE) % _DAY) / _DAY


def air_temperature(site: Site, seed: int, t: FloatArray) -> FloatArray:
    """Return air temperature, °C: season, time of day, height and passing air."""
    polar = abs(site.latitude) / 90.0
    mean = 27.0 - 38.0 * polar**1.5 - 0.0065 * site.elevation
    # 1 January is 0; the warmest day in the north is near 21 July.
    season = np.cos(2.0 * np.pi * (t / _YEAR - 0.553)) * np.sign(site.latitude)
    clear = 1.0 - 0.6 * cloud_cover(seed, t)
    day = np.cos(2.0 * np.pi * (solar_day_fraction(site, t) - 15.0 / 24.0))
    passing = gaussian_noise(
        seed, _TEMPERATURE, t, ((3.1 * _DAY, 1.0), (11 * _HOUR, 0.4))
    )
    temperature: FloatArray = (
        mean + 22.0 * polar * season + 5.5 * clear * day + 2.5 * passing
    )
    return temperature


def wind_speed(seed: int, t: FloatArray) -> FloatArray:
    """Return wind speed at the height of the roof, m/s."""
    slow = gaussian_noise(seed, _WIND, t, ((20 * _HOUR, 1.0), (4 * _HOUR, 0.6)))
    gust = gaussian_noise(seed, _GUST, t, ((240.0, 1.0), (45.0, 0.6)))
    return np.exp(0.75 + 0.5 * slow + 0.2 * gust)


def weather_at(site: Site, seed: int, t: FloatArray) -> Weather:
    """Return the weather over `site` at POSIX seconds `t`."""
    sun = sun_position(site, t)
    clear = clear_sky_ghi(sun.cos_zenith)
    return Weather(
        sun=sun,
        clear_sky_ghi=clear,
        ghi=clear * clear_sky_index(seed, t),
        air_temperature=air_temperature(site, seed, t),
        wind_speed=wind_speed(seed, t),
    )
