"""The best two planes that face apart."""

from collections.abc import Sequence
from math import hypot, sqrt
from typing import Final

import numpy as np

from ..model.arrays import BoolArray, FloatArray
from .candidates import Candidates
from .clear_days import ClearHistory
from .estimated import EstimatedPlane, EstimatedRoof, azimuth_std, tilt_floor

SMALLEST_PLANE: Final = 0.15
"""Share of the power below which a second plane is not believed."""
STEEPEST_PAIR: Final = 50.0
"""Degrees: two steeper planes back to back only imitate a flatter one."""
SPREAD: Final = 60.0
"""Degrees that two planes face apart at least."""


def two_planes(
    history: ClearHistory, candidates: Candidates, draws: FloatArray
) -> EstimatedRoof | None:
    """Return the best two planes that face apart, or ``None`` if one is enough."""
    apart = np.abs((candidates.azimuth[:, None] - candidates.azimuth + 180.0) % 360.0)
    apart = np.abs(apart - 180.0) >= SPREAD
    tilted = (candidates.tilt > 0.0) & (candidates.tilt <= STEEPEST_PAIR)
    allowed = np.triu(apart & tilted[:, None] & tilted, 1)
    found = _best_pair(history, candidates, np.ones(history.power.size), allowed)
    if found is None:
        return None
    rows, scales, squares = found
    if min(scales) < SMALLEST_PLANE * sum(scales):
        return None
    drawn = [
        again[0]
        for draw in draws
        if (again := _best_pair(history, candidates, draw[history.day], allowed))
    ]
    planes = [
        _drawn_plane(
            history,
            candidates,
            row,
            [_nearer(candidates, row, two) for two in drawn],
            scale,
        )
        for row, scale in zip(rows, scales, strict=True)
    ]
    planes.sort(key=lambda plane: -plane.power)
    return EstimatedRoof(
        tuple(planes),
        history.days,
        sqrt(squares / history.power.size) / float(history.power.max()),
    )


def _nearer(candidates: Candidates, row: int, two: tuple[int, int]) -> int:
    """Return which of two planes faces as another one does."""
    return min(
        two,
        key=lambda each: abs(
            (candidates.azimuth[each] - candidates.azimuth[row] + 180.0) % 360.0 - 180.0
        ),
    )


def _drawn_plane(
    history: ClearHistory,
    candidates: Candidates,
    row: int,
    drawn: Sequence[int],
    power: float,
) -> EstimatedPlane:
    tilt, azimuth = float(candidates.tilt[row]), float(candidates.azimuth[row])
    turned = (candidates.azimuth[list(drawn)] - azimuth + 180.0) % 360.0 - 180.0
    leaned = candidates.tilt[list(drawn)] - tilt
    return EstimatedPlane(
        tilt,
        azimuth,
        hypot(float(np.sqrt(np.mean(leaned**2))), 1.5 * tilt_floor(history)),
        azimuth_std(float(np.sqrt(np.mean(turned**2))), tilt) * 1.5,
        power,
    )


def _best_pair(
    history: ClearHistory,
    candidates: Candidates,
    weight: FloatArray,
    allowed: BoolArray,
) -> tuple[tuple[int, int], tuple[float, float], float] | None:
    """Return the two planes with the least squared error, their sizes and the error."""
    model = candidates.power
    gram = (model * weight) @ model.T
    cross = model @ (weight * history.power)
    size = np.diag(gram)
    determinant = size[:, None] * size - gram**2
    usable = allowed & (determinant > 1e-6 * size[:, None] * size)
    safe = np.where(usable, determinant, 1.0)
    one = (cross[:, None] * size - cross * gram) / safe
    two = (cross * size[:, None] - cross[:, None] * gram) / safe
    usable &= (one > 0.0) & (two > 0.0)
    if not np.any(usable):
        return None
    gain = np.where(usable, one * cross[:, None] + two * cross, -np.inf)
    first, second = divmod(int(np.argmax(gain)), gain.shape[1])
    squares = float(weight @ history.power**2 - gain[first, second])
    return (
        (first, second),
        (float(one[first, second]), float(two[first, second])),
        max(squares, 0.0),
    )
