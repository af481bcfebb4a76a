"""What a user can say of a roof array beyond its size and direction."""

from enum import StrEnum
from typing import Final

MOST_POINTS: Final = 100
USUAL_AXIS_LIMIT: Final = 60.0
"""Degrees that rows on one axis turn to either side."""


class Tracker(StrEnum):
    """Whether modules turn after the sun.

    With one axis, tilt and direction of the array are those of the axis.
    """

    FIXED = "fixed"
    ONE_AXIS = "one_axis"
    TWO_AXES = "two_axes"


def read_horizon(text: str) -> list[tuple[float, float]]:
    """Return the points of a horizon: compass azimuth and height, in degrees.

    Points are written ``90:12, 135:5`` and come in any order.

    Raises:
        ValueError: The text is no horizon.
    """
    points = []
    for item in text.replace(";", ",").split(","):
        if not item.strip():
            continue
        azimuth, colon, height = item.partition(":")
        point = float(azimuth), float(height)
        if not colon or not 0.0 <= point[0] <= 360.0 or not 0.0 <= point[1] <= 90.0:
            raise ValueError(f"{item.strip()!r} is no point of a horizon")
        points.append(point)
    if len(points) > MOST_POINTS:
        raise ValueError("too many points")
    return points
