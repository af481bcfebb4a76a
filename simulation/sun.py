"""Position of the sun (Michalsky, Solar Energy 40(3), 1988; without refraction)."""

from dataclasses import dataclass

import numpy as np

from .noise import FloatArray
from .site import Site

_J2000_POSIX = 946_728_000.0
SOLAR_CONSTANT = 1361.0


@dataclass(frozen=True, slots=True)
class SunPosition:
    """Where the sun stands; every field has the shape of the times asked for."""

    cos_zenith: FloatArray
    azimuth: FloatArray
    """Compass degrees, 180 = south."""
    extraterrestrial: FloatArray
    """Normal irradiance above the atmosphere, W/m2."""

    @property
    def elevation(self) -> FloatArray:
        """Degrees above the horizon."""
        sine = np.clip(self.cos_zenith, -1.0, 1.0)
        elevation: FloatArray = np.degrees(np.arcsin(sine))
        return elevation


def sun_position(site: Site, t: FloatArray) -> SunPosition:
    """Return where the sun stands over `site` at POSIX seconds `t`."""
    days = (t - _J2000_POSIX) / 86400.0
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(
        mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly)
    )
    obliquity = np.radians(23.439 - 4.0e-7 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    sidereal_hours = 18.697375 + 24.06570982441908 * days
    hour_angle = np.radians(sidereal_hours * 15.0 + site.longitude) - right_ascension
    latitude = np.radians(site.latitude)
    cos_zenith = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(
        declination
    ) * np.cos(hour_angle)
    east = -np.cos(declination) * np.sin(hour_angle)
    north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(
        declination
    ) * np.cos(hour_angle)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    return SunPosition(
        cos_zenith=cos_zenith,
        azimuth=np.degrees(np.arctan2(east, north)) % 360.0,
        extraterrestrial=SOLAR_CONSTANT / distance**2,
    )
