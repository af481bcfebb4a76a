"""From an irradiance sensor on any plane to the irradiance of the whole sky."""

import numpy as np

from .arrays import FloatArray
from .irradiance import ALBEDO, BRIGHTEST, Irradiance, on_plane, split_global
from .sun import SunPosition

_STEPS = 24


def sky_from_plane(
    poa_global: FloatArray,
    sun: SunPosition,
    surface_tilt: float,
    surface_azimuth: float,
    albedo: float = ALBEDO,
) -> Irradiance:
    """Return the sky under which a sensor reads what it reads.

    Bisects for the global irradiance whose Erbs split gives the reading on the
    sensor's plane, up to 1.2 times what falls on the top of the air. A reading that
    no sky explains takes the brightest one.

    Args:
        poa_global: The readings, W/m2.
        sun: Where the sun stands.
        surface_tilt: Of the sensor, 0 is flat, degrees.
        surface_azimuth: Of the sensor, compass degrees.
        albedo: Share of light that the ground reflects.
    """
    tilt = np.full(poa_global.shape, surface_tilt)
    azimuth = np.full(poa_global.shape, surface_azimuth)
    low = np.zeros(poa_global.shape)
    high = BRIGHTEST * sun.extraterrestrial * np.maximum(sun.cos_zenith, 0.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        sky = split_global(middle, sun)
        above = on_plane(sky, sun, tilt, azimuth, albedo).poa_global > poa_global
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    known = np.where(np.isfinite(poa_global), (low + high) / 2.0, np.nan)
    return split_global(known, sun)
