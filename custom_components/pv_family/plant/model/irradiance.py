"""Sunlight on a plane: its parts, its direction, and what the glass lets through."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import FloatArray
from .sun import SunPosition

ALBEDO: Final = 0.2
"""Share of light that grass and town reflect."""
GLASS: Final = 0.16
"""Angular loss coefficient of module glass with usual dust (Martin and Ruiz 2001)."""
BRIGHTEST: Final = 1.2
"""Times the light outside the air: a cloud's edge may add that much, no more."""

_LOWEST_COSINE: Final = 0.01745
"""Cosine of 89 degrees: below, ratios of cosines mean nothing."""
_LOWEST_BEAM: Final = np.cos(np.radians(87.0))


@dataclass(frozen=True, slots=True)
class Irradiance:
    """Irradiance before it meets a plane; every field of one shape, W/m2.

    Attributes:
        ghi: Global horizontal.
        dni: Direct normal.
        dhi: Diffuse horizontal.
    """

    ghi: FloatArray
    dni: FloatArray
    dhi: FloatArray


@dataclass(frozen=True, slots=True)
class PlaneIrradiance:
    """Irradiance on a plane; every field of one shape, W/m2.

    Attributes:
        direct: From the sun's disc and its bright surroundings.
        sky: From the rest of the sky.
        ground: Reflected by the ground.
    """

    direct: FloatArray
    sky: FloatArray
    ground: FloatArray

    @property
    def poa_global(self) -> FloatArray:
        """All of it."""
        return self.direct + self.sky + self.ground


def split_global(ghi: FloatArray, sun: SunPosition) -> Irradiance:
    """Split global irradiance into direct and diffuse.

    Erbs, Klein and Duffie (Solar Energy 28(4), 1982). Below 3 degrees all of it is
    diffuse.
    """
    cosine = sun.cos_zenith
    horizontal = sun.extraterrestrial * np.maximum(cosine, 0.065)
    kt = np.clip(ghi / horizontal, 0.0, 1.0)
    middle = 0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)))
    fraction = np.where(kt <= 0.22, 1.0 - 0.09 * kt, np.where(kt > 0.8, 0.165, middle))
    high = cosine >= _LOWEST_BEAM
    dni = np.where(high, ghi * (1.0 - fraction) / np.maximum(cosine, _LOWEST_BEAM), 0.0)
    dni = np.minimum(np.maximum(dni, 0.0), sun.extraterrestrial)
    return Irradiance(ghi, dni, np.where(high, ghi - dni * cosine, ghi))


def cos_incidence(
    sun: SunPosition, surface_tilt: FloatArray, surface_azimuth: FloatArray
) -> FloatArray:
    """Return the cosine of the angle between the sun and the normal of a plane.

    Args:
        sun: Where the sun stands.
        surface_tilt: 0 is flat, degrees.
        surface_azimuth: Compass degrees, 180 is south.
    """
    slope = np.radians(surface_tilt)
    cosine = sun.cos_zenith
    sine = np.sqrt(np.clip(1.0 - cosine**2, 0.0, 1.0))
    turned = np.cos(np.radians(sun.azimuth - surface_azimuth))
    incidence: FloatArray = cosine * np.cos(slope) + sine * np.sin(slope) * turned
    return incidence


def on_plane(
    irradiance: Irradiance,
    sun: SunPosition,
    surface_tilt: FloatArray,
    surface_azimuth: FloatArray,
    albedo: float = ALBEDO,
) -> PlaneIrradiance:
    """Return the irradiance on a plane.

    Hay and Davies (1980): the share of the beam that the air lets through is also
    the share of the diffuse light that comes from the sun's direction.
    """
    incidence = np.maximum(cos_incidence(sun, surface_tilt, surface_azimuth), 0.0)
    up = sun.elevation > 0.0
    cosine = np.cos(np.radians(surface_tilt))
    clearness = np.clip(irradiance.dni / sun.extraterrestrial, 0.0, 1.0)
    ratio = incidence / np.maximum(sun.cos_zenith, _LOWEST_COSINE)
    direct = irradiance.dni * incidence + irradiance.dhi * clearness * ratio
    # At dawn the mean of an interval divided by the sun's height would be absurd.
    direct = np.minimum(direct, BRIGHTEST * sun.extraterrestrial * incidence)
    return PlaneIrradiance(
        direct=np.where(up, direct, 0.0),
        sky=irradiance.dhi * (1.0 - clearness * up) * (1.0 + cosine) / 2.0,
        ground=irradiance.ghi * albedo * (1.0 - cosine) / 2.0,
    )


def through_glass(
    plane: PlaneIrradiance,
    incidence: FloatArray,
    surface_tilt: FloatArray,
    glass: float = GLASS,
) -> PlaneIrradiance:
    """Return what reaches the cells through the glass.

    Martin and Ruiz (Solar Energy Materials and Solar Cells 70, 2001; corrigendum
    2013).

    Args:
        plane: What falls on the glass.
        incidence: Cosine of the sun's angle of incidence.
        surface_tilt: 0 is flat, degrees.
        glass: The angular loss coefficient.
    """
    slope = np.radians(np.clip(surface_tilt, 1e-3, 179.999))
    sine, cosine = np.sin(slope), np.cos(slope)
    first, second = 4.0 / (3.0 * np.pi), 0.5 * glass - 0.154
    from_sky = sine + (np.pi - slope - sine) / (1.0 + cosine)
    from_ground = sine + (slope - sine) / (1.0 - cosine)
    normal = -np.expm1(-1.0 / glass)
    return PlaneIrradiance(
        direct=plane.direct * -np.expm1(-np.maximum(incidence, 0.0) / glass) / normal,
        sky=plane.sky * -np.expm1(-from_sky * (first + second * from_sky) / glass),
        ground=plane.ground
        * -np.expm1(-from_ground * (first + second * from_ground) / glass),
    )
