"""How modules are held: fixed, or turning after the sun."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .arrays import FloatArray
from .sun import SunPosition


class Mount(Protocol):
    """Whatever holds modules."""

    def orient(self, sun: SunPosition) -> tuple[FloatArray, FloatArray]:
        """Return tilt and compass azimuth in degrees, of the shape of the sun."""


@dataclass(frozen=True, slots=True)
class FixedMount:
    """A plane that does not move.

    Attributes:
        surface_tilt: 0 is flat, degrees.
        surface_azimuth: Compass degrees, 180 is south.
    """

    surface_tilt: float
    surface_azimuth: float

    def orient(self, sun: SunPosition) -> tuple[FloatArray, FloatArray]:
        """Return tilt and compass azimuth in degrees, of the shape of the sun."""
        shape = sun.elevation.shape
        return (
            np.full(shape, self.surface_tilt, dtype=np.float64),
            np.full(shape, self.surface_azimuth, dtype=np.float64),
        )


@dataclass(frozen=True, slots=True)
class SingleAxisMount:
    """Rows that turn about one axis after the sun.

    Rotation and backtracking after Anderson and Mikofski (NREL/TP-5K00-76626, 2020)
    on level ground. While the sun is down the rows lie flat about their axis.

    Attributes:
        axis_azimuth: Compass direction in which the axis points, degrees.
        axis_tilt: Slope of the axis against the ground, degrees.
        max_angle: Furthest turn to either side, degrees.
        ground_coverage: Width of a row over the distance of two; 0 is a single row,
            which never backtracks.
    """

    axis_azimuth: float = 180.0
    axis_tilt: float = 0.0
    max_angle: float = 60.0
    ground_coverage: float = 0.0

    def orient(self, sun: SunPosition) -> tuple[FloatArray, FloatArray]:
        """Return tilt and compass azimuth in degrees, of the shape of the sun."""
        axis = np.radians(self.axis_tilt)
        relative = np.radians(sun.azimuth - self.axis_azimuth)
        up = sun.cos_zenith
        flat = np.sqrt(np.clip(1.0 - up**2, 0.0, 1.0))
        across = flat * np.sin(relative)
        above = flat * np.cos(relative) * np.sin(axis) + up * np.cos(axis)
        turn = np.arctan2(across, above)
        if self.ground_coverage > 0.0:
            shadow = np.abs(np.cos(turn)) / self.ground_coverage
            correction = -np.sign(turn) * np.arccos(np.clip(shadow, 0.0, 1.0))
            turn = np.where(shadow < 1.0, turn + correction, turn)
        limit = np.radians(self.max_angle)
        turn = np.where(sun.elevation > 0.0, np.clip(turn, -limit, limit), 0.0)
        cosine = np.clip(np.cos(turn) * np.cos(axis), -1.0, 1.0)
        east = np.sin(turn)
        north = np.cos(turn) * np.sin(axis)
        azimuth = self.axis_azimuth + np.degrees(np.arctan2(east, north))
        return np.degrees(np.arccos(cosine)), azimuth % 360.0


@dataclass(frozen=True, slots=True)
class TwoAxisMount:
    """A plane that always faces the sun, and lies flat at night."""

    def orient(self, sun: SunPosition) -> tuple[FloatArray, FloatArray]:
        """Return tilt and compass azimuth in degrees, of the shape of the sun."""
        up = sun.elevation > 0.0
        return np.where(up, 90.0 - sun.elevation, 0.0), sun.azimuth
