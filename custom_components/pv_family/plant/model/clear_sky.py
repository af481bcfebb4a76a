"""Irradiance under a cloudless sky."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .arrays import FloatArray, IntArray
from .irradiance import Irradiance
from .sun import SunPosition

TYPICAL_TURBIDITY: Final = (
    2.7, 2.8, 3.0, 3.1, 3.5, 3.7, 3.8, 3.8, 3.6, 3.2, 2.8, 2.6,
)  # fmt: skip
"""Linke turbidity by month: the mean of seven places between Sicily and Utrecht.

Rounded from the climatology of Remund et al. (ISES Solar World Congress 2003). Single
places lie up to 1.2 off, which moves clear-sky irradiance by up to 8 %.
"""


def months(instants: FloatArray) -> IntArray:
    """Return the month of instants in s since 1970, 0 is January."""
    stamps = instants.astype("datetime64[s]").astype("datetime64[M]")
    return stamps.astype(np.int64) % 12


def clear_sky(
    sun: SunPosition, turbidity: FloatArray, altitude: float = 0.0
) -> Irradiance:
    """Return the irradiance of a cloudless sky.

    Ineichen and Perez (Solar Energy 73(3), 2002) with the air mass of Kasten and
    Young (1989).

    Args:
        sun: Where the sun stands.
        turbidity: Linke turbidity at air mass 2, of the shape of the sun.
        altitude: Above the sea, m.
    """
    elevation = sun.apparent_elevation
    sin_elevation = np.maximum(np.sin(np.radians(elevation)), 0.0)
    above = np.maximum(elevation, 0.0)
    pressure = (1.0 - 2.25577e-5 * altitude) ** 5.25588
    air_mass = pressure / (sin_elevation + 0.50572 * (above + 6.07995) ** -1.6364)
    low, high = np.exp(-altitude / 8000.0), np.exp(-altitude / 1250.0)
    scale = (5.09e-5 * altitude + 0.868) * sun.extraterrestrial
    damping = (3.92e-5 * altitude + 0.0387) * air_mass
    ghi = scale * sin_elevation * np.exp(-damping * (low + high * (turbidity - 1.0)))
    beam = (
        sun.extraterrestrial
        * (0.664 + 0.163 / low)
        * np.exp(-0.09 * air_mass * (turbidity - 1.0))
    )
    share = 1.0 - (0.1 - 0.2 * np.exp(-turbidity)) / (0.1 + 0.882 / low)
    up = elevation > 0.0
    ceiling = np.where(up, ghi * share / np.maximum(sin_elevation, 1e-6), 0.0)
    dni = np.where(up, np.minimum(beam, np.maximum(ceiling, 0.0)), 0.0)
    ghi = np.where(up, ghi, 0.0)
    return Irradiance(ghi, dni, np.maximum(ghi - dni * sin_elevation, 0.0))


def monthly_turbidity(
    instants: FloatArray, turbidity: Sequence[float] = TYPICAL_TURBIDITY
) -> FloatArray:
    """Return the Linke turbidity at instants in s since 1970, from twelve values."""
    return np.asarray(turbidity, dtype=np.float64)[months(instants)]
