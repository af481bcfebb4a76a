"""What hills, houses and trees hide from a roof."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np

from .arrays import FloatArray
from .sun import SunPosition


@dataclass(frozen=True)
class Horizon:
    """Height of the horizon all around.

    Attributes:
        azimuths: Compass degrees, rising, each at least 0 and below 360.
        elevations: Height at each azimuth, degrees; between them it is straight.

    Raises:
        ValueError: The azimuths do not rise, or there are not as many heights.
    """

    azimuths: tuple[float, ...]
    elevations: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what is not a horizon."""
        rising = all(earlier < later for earlier, later in pairwise(self.azimuths))
        if not self.azimuths or len(self.azimuths) != len(self.elevations):
            raise ValueError("a horizon needs one height for each azimuth")
        if not rising or self.azimuths[0] < 0.0 or self.azimuths[-1] >= 360.0:
            raise ValueError("the azimuths of a horizon rise from 0 to below 360")
        if not all(0.0 <= height <= 90.0 for height in self.elevations):
            raise ValueError("the heights of a horizon lie between 0 and 90 degrees")

    @classmethod
    def from_points(cls, points: Iterable[tuple[float, float]]) -> Self:
        """Return the horizon through points of (compass azimuth, height), degrees.

        Points may come in any order; of two in one direction the higher counts.
        """
        heights: dict[float, float] = {}
        for azimuth, height in points:
            key = azimuth % 360.0
            heights[key] = max(heights.get(key, 0.0), height)
        order = sorted(heights)
        return cls(tuple(order), tuple(heights[azimuth] for azimuth in order))

    def height(self, azimuth: FloatArray) -> FloatArray:
        """Return the height in compass directions, degrees."""
        return np.interp(azimuth, self.azimuths, self.elevations, period=360.0)

    def sees(self, sun: SunPosition) -> FloatArray:
        """Return 1 where the sun stands above the horizon, 0 where it is hidden."""
        return np.where(sun.apparent_elevation >= self.height(sun.azimuth), 1.0, 0.0)

    @cached_property
    def sky_share(self) -> float:
        """Share of the diffuse light of an even sky that a flat plane still gets."""
        heights = self.height(np.arange(360.0, dtype=np.float64))
        return float(np.mean(np.cos(np.radians(heights)) ** 2))


OPEN = Horizon((0.0,), (0.0,))
"""Nothing in the way."""
