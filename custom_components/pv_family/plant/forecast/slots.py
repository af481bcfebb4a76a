"""From means of five minutes and of hours to the slots of the forecasts."""

from collections.abc import Mapping

import numpy as np

from ..model.arrays import FloatArray
from ..model.time_grid import TimeGrid

FINE = 300
"""Length of the recorder's short means, s."""
COARSE = 3600
"""Length of its lasting ones, s."""

# Share of a slot's short means that must be there.
_COVERED = 0.6


def slots_of(
    grid: TimeGrid,
    fine: Mapping[float, float],
    coarse: Mapping[float, float],
    shape: FloatArray | None = None,
) -> FloatArray:
    """Return the mean of each slot, nan where too little is known.

    Args:
        grid: The slots; they are no longer than an hour.
        fine: Means of five minutes by their start, s since 1970.
        coarse: Means of an hour by its start, for slots without short means.
        shape: How the value of an hour is spread over its slots, one weight each;
            evenly if not given.
    """
    starts, length = grid.starts(), grid.step.total_seconds()
    total, count = np.zeros(grid.count), np.zeros(grid.count)
    for start, mean in fine.items():
        index = int((start - starts[0]) // length) if grid.count else -1
        if 0 <= index < grid.count:
            total[index] += mean
            count[index] += 1.0
    full = length / FINE
    found = np.where(count >= _COVERED * full, total / np.maximum(count, 1.0), np.nan)
    weights = np.ones(grid.count) if shape is None else shape
    hours = starts // COARSE
    spread = np.array([coarse.get(hour * COARSE, np.nan) for hour in hours])
    mean_weight = _means(weights, hours)
    even = mean_weight <= 1e-6
    share = np.where(even, 1.0, weights / np.where(even, 1.0, mean_weight))
    return np.where(np.isfinite(found), found, spread * share)


def _means(values: FloatArray, groups: FloatArray) -> FloatArray:
    """Return the mean of each value's group."""
    _, index = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(index, values), np.bincount(index)
    means: FloatArray = (sums / np.maximum(counts, 1))[index]
    return means
