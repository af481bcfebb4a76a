"""Linear quantile regression with a prior, for a few columns and many rows."""

import numpy as np

from ..model.arrays import FloatArray
from .products import gram, moment, times

# Below this share of the scale a residual counts as if it had that size, which
# keeps the weights finite and the solution smooth.
_SMALLEST = 0.04


def fit_quantile(
    rows: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    prior: FloatArray,
    strength: float,
    quantile: float = 0.5,
    start: FloatArray | None = None,
    rounds: int = 10,
) -> FloatArray:
    """Return the coefficients that minimise the pinball loss, pulled to a prior.

    Iteratively reweighted least squares (Schlossmacher, JASA 68, 1973).

    Args:
        rows: Shape (n, m), scaled so that typical entries are about one.
        target: Shape (n,), in the same scale.
        weights: Shape (n,).
        prior: Coefficients without any row, shape (m,).
        strength: How many rows of weight one the prior is worth.
        quantile: Of the target, 0..1.
        start: Coefficients to begin with; the prior if none.
        rounds: Of reweighting.
    """
    coefficients = prior if start is None else start
    pull = np.eye(len(prior)) * strength
    for _ in range(rounds):
        residual = target - times(rows, coefficients)
        side = 2.0 * np.where(residual > 0.0, quantile, 1.0 - quantile)
        scaled = (
            rows * (weights * side / np.maximum(np.abs(residual), _SMALLEST))[:, None]
        )
        found = np.linalg.solve(
            gram(scaled, rows) + pull, moment(scaled, target) + pull @ prior
        )
        coefficients = np.asarray(found, dtype=np.float64)
    return coefficients


def weighted_quantile(
    values: FloatArray, weights: FloatArray, quantile: float
) -> FloatArray:
    """Return the weighted quantile down each column; nan where all weight is zero.

    Args:
        values: Shape (n, m).
        weights: Shape (n, m), zero where the value is not to count.
        quantile: 0..1.
    """
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    mass = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    total = mass[-1]
    index = np.argmax(mass >= quantile * total - 1e-12, axis=0)
    found: FloatArray = np.take_along_axis(ranked, index[None, :], axis=0)[0]
    return np.where(total > 0.0, found, np.nan)
