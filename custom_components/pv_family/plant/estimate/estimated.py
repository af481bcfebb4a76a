"""What an estimate says of a roof, and how sure it is."""

from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from .clear_days import ClearHistory

TILT_FLOOR: Final = 5.0
"""Standard uncertainty in degrees that half a year or more leaves.

Haze, heat and dirt follow the seasons as tilt does.
"""
TILT_FLOOR_SHORT: Final = 12.0
"""The same of a few days: quarters of five real years gave tilts that far apart."""
AZIMUTH_FLOOR: Final = 8.0
"""The same for azimuth, of any history: shade of one side looks like a turned roof."""

_HALF_A_YEAR: Final = 0.5 * 365.25 * 86_400.0


@dataclass(frozen=True, slots=True)
class EstimatedPlane:
    """One plane of a roof.

    Attributes:
        surface_tilt: 0 is flat, degrees.
        surface_azimuth: Compass degrees, 180 is south.
        tilt_std: Standard uncertainty of the tilt, degrees.
        azimuth_std: Standard uncertainty of the azimuth, degrees; of a flat plane
            every azimuth is the same.
        power: What it would give at 1000 W/m2 and 25 °C at the meter, W.
    """

    surface_tilt: float
    surface_azimuth: float
    tilt_std: float
    azimuth_std: float
    power: float


@dataclass(frozen=True, slots=True)
class EstimatedRoof:
    """A proposal for the user.

    Attributes:
        planes: One, or two that face apart, the larger first.
        days: Cloudless days behind it.
        residual: Standard deviation of what it leaves, over the highest power.
    """

    planes: tuple[EstimatedPlane, ...]
    days: int
    residual: float


def tilt_floor(history: ClearHistory) -> float:
    """Return the standard uncertainty of a tilt by the seasons that were seen."""
    seen = min(float(np.ptp(history.instants)) / _HALF_A_YEAR, 1.0)
    return TILT_FLOOR_SHORT + seen * (TILT_FLOOR - TILT_FLOOR_SHORT)


def azimuth_std(spread: float, tilt: float) -> float:
    """Return the standard uncertainty of an azimuth; flat planes have none to know."""
    flatness = max(float(np.sin(np.radians(tilt))), 0.03)
    return min(hypot(spread, AZIMUTH_FLOOR * max(1.0, 0.4 / flatness)), 104.0)
