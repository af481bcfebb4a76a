"""Where the sun stands, and how strong it is outside the air."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import FloatArray

SOLAR_CONSTANT: Final = 1361.0
"""Irradiance at the mean distance of the sun, W/m2 (Kopp and Lean 2011)."""

_J2000: Final = 946_728_000.0
"""2000-01-01 12:00 UTC in s since 1970."""


@dataclass(frozen=True, slots=True)
class SunPosition:
    """The sun as seen from a place; every field has the shape of the instants.

    Attributes:
        elevation: Above the horizon, without refraction, degrees.
        azimuth: Compass degrees, 90 is east and 180 south.
        extraterrestrial: Irradiance normal to the sun outside the air, W/m2.
    """

    elevation: FloatArray
    azimuth: FloatArray
    extraterrestrial: FloatArray

    @property
    def cos_zenith(self) -> FloatArray:
        """Cosine of the zenith angle; negative at night."""
        cosine: FloatArray = np.sin(np.radians(self.elevation))
        return cosine

    @property
    def apparent_elevation(self) -> FloatArray:
        """Elevation with refraction at sea level and 10 °C, degrees.

        Saemundsson's formula (Meeus, Astronomical Algorithms, chapter 16), down to
        where the rim of the sun disappears.
        """
        angle = self.elevation + 10.3 / (np.maximum(self.elevation, -1.0) + 5.11)
        refraction = 1.02 / (60.0 * np.tan(np.radians(angle)))
        refraction = np.where(self.elevation >= -0.83, refraction, 0.0)
        apparent: FloatArray = self.elevation + refraction
        return apparent


def sun_position(
    instants: FloatArray, latitude: float, longitude: float
) -> SunPosition:
    """Return where the sun stands at instants.

    The Astronomical Almanac's low-precision algorithm (Michalsky, Solar Energy
    40(3), 1988), within 0.015 degrees from 1950 to 2050.

    Args:
        instants: s since 1970.
        latitude: Degrees, north is positive.
        longitude: Degrees, east is positive.
    """
    days = (instants - _J2000) / 86400.0
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    ecliptic = np.radians(
        (
            280.460
            + 0.9856474 * days
            + 1.915 * np.sin(anomaly)
            + 0.020 * np.sin(2.0 * anomaly)
        )
        % 360.0
    )
    obliquity = np.radians(23.439 - 4e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    sin_declination = np.sin(obliquity) * np.sin(ecliptic)
    cos_declination = np.sqrt(1.0 - sin_declination**2)
    sidereal = np.radians((280.46062 + 360.98564737 * days + longitude) % 360.0)
    hour = sidereal - ascension
    sin_latitude, cos_latitude = (
        np.sin(np.radians([latitude])),
        np.cos(np.radians([latitude])),
    )
    east = -cos_declination * np.sin(hour)
    north = cos_latitude * sin_declination - (
        sin_latitude * cos_declination * np.cos(hour)
    )
    up = sin_latitude * sin_declination + cos_latitude * cos_declination * np.cos(hour)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    return SunPosition(
        elevation=np.degrees(np.arcsin(np.clip(up, -1.0, 1.0))),
        azimuth=np.degrees(np.arctan2(east, north)) % 360.0,
        extraterrestrial=SOLAR_CONSTANT / distance**2,
    )
