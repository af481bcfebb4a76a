"""Arrays as JSON knows them."""

import numpy as np

from ..model.arrays import FloatArray

type Numbers = list[float | None]


def numbers(values: FloatArray, digits: int) -> Numbers:
    """Return rounded numbers, None for nan."""
    return [
        None if value != value else value  # noqa: PLR0124 - nan alone differs from itself
        for value in np.round(values, digits).tolist()
    ]


def array(values: Numbers) -> FloatArray:
    """Return what ``numbers`` was given, up to its rounding."""
    return np.array(values, dtype=np.float64)
