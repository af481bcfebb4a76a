"""Products of tall matrices that stay on one core.

Over these shapes a threaded BLAS wins nothing: its threads spin for each other, take
twice the CPU time and keep the event loop waiting. Below a size it stays alone.
"""

from typing import Final

import numpy as np

from ..model.arrays import FloatArray

# OpenBLAS threads a product from 4 * 65536 multiplications on.
_ALONE: Final = 200_000


def gram(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return ``left.T @ right``.

    Args:
        left: Shape (n, m).
        right: Shape (n, k).
    """
    rows, width = left.shape
    block = max(1, _ALONE // max(1, width * right.shape[1]))
    whole = rows // block * block
    total: FloatArray = left[whole:].T @ right[whole:]
    if whole:
        blocks = left[:whole].reshape(-1, block, width).transpose(0, 2, 1)
        total += (blocks @ right[:whole].reshape(-1, block, right.shape[1])).sum(axis=0)
    return total


def times(rows: FloatArray, vector: FloatArray) -> FloatArray:
    """Return ``rows @ vector``.

    Args:
        rows: Shape (n, m).
        vector: Shape (m,).
    """
    product: FloatArray = np.einsum("ij,j->i", rows, vector)
    return product


def moment(rows: FloatArray, target: FloatArray) -> FloatArray:
    """Return ``rows.T @ target``.

    Args:
        rows: Shape (n, m).
        target: Shape (n,).
    """
    product: FloatArray = np.einsum("ij,i->j", rows, target)
    return product
