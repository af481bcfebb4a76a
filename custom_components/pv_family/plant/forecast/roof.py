"""What a roof of unknown planes gives under a clear sky, learned from its power."""

from typing import Final

import numpy as np

from ..model.arrays import FloatArray
from ..model.irradiance import on_plane, split_global
from ..model.sun import SunPosition
from .products import gram, moment, times

_TILTS: Final = (20.0, 40.0, 60.0)
_FACES: Final = (90.0, 135.0, 180.0, 225.0, 270.0)
_WALLS: Final = (90.0, 180.0, 270.0)

# Every roof is close to a mixture of these planes: flat, tilted, facade.
TILT: Final[FloatArray] = np.array(
    [0.0, *(t for t in _TILTS for _ in _FACES), 88, 88, 88]
)
FACE: Final[FloatArray] = np.array(
    [180.0, *(f for _ in _TILTS for f in _FACES), *_WALLS]
)
PLANES: Final = len(TILT)

# A clear sky's power lies about here among the powers that a sun position has seen.
_UPPER: Final = 0.85
_HALF_LIFE_DAYS: Final = 30.0
_PRIOR_YIELD: Final = 0.8
# The prior is worth this share of the data, and of a single day's this much more.
_PRIOR_SHARE: Final = 0.02
_PRIOR_DAYS: Final = 1.0
# It starts from the planes of the day before, so that few are enough once they are
# known.
_FIRST_DAYS: Final = 10
_FIRST_ROUNDS: Final = 6
_ROUNDS: Final = 2
_SWEEPS: Final = 15


def plane_bank(ghi: FloatArray, sun: SunPosition, *, south: bool = False) -> FloatArray:
    """Return the irradiance on each plane of the bank in kW/m2, shape (n, PLANES).

    Args:
        ghi: Global horizontal irradiance, W/m2, shape (n,).
        sun: Where the sun stands, n moments.
        south: The home lies south of the equator: planes turned by half a circle.
    """
    column = SunPosition(
        sun.elevation[:, None], sun.azimuth[:, None], sun.extraterrestrial[:, None]
    )
    faces = (FACE + 180.0) % 360.0 if south else FACE
    light = on_plane(
        split_global(np.maximum(ghi, 0.0)[:, None], column), column, TILT, faces
    )
    lit = (sun.elevation > 0.0)[:, None]
    return np.where(lit, light.poa_global, 0.0) / 1000.0


def prior_roof(peak_w: float) -> FloatArray:
    """Return the peak power of each plane before anything is known, W."""
    roof = np.zeros(PLANES)
    roof[1 : 1 + len(_TILTS) * len(_FACES)] = (
        peak_w * _PRIOR_YIELD / (len(_TILTS) * len(_FACES))
    )
    return roof


def fit_roof(
    bank: FloatArray,
    power: FloatArray,
    age: FloatArray,
    peak_w: float,
    start: FloatArray,
) -> FloatArray:
    """Return the planes whose clear-sky power is an upper quantile of the measured.

    Under changing skies that lies below the clearest day; it is the measure that the
    regressions work in, not a promise. Non-negative asymmetric least absolute deviations, recent days first: it follows
    soiling, heat and the season, and shade that the planes can express.

    Args:
        bank: Clear-sky irradiance on the planes, kW/m², shape (n, PLANES).
        power: Measured, W, shape (n,), without nan.
        age: Days since, shape (n,).
        peak_w: Of the roof, W.
        start: The planes found last time, W.
    """
    prior = prior_roof(peak_w)
    days = 1.0 + float(age.max() - age.min())
    share = _PRIOR_SHARE + _PRIOR_DAYS / days
    recent = 0.5 ** (age / _HALF_LIFE_DAYS)
    roof = start.copy()
    for _ in range(_ROUNDS if days > _FIRST_DAYS else _FIRST_ROUNDS):
        residual = power - times(bank, roof)
        side = np.where(residual > 0.0, _UPPER, 1.0 - _UPPER)
        weight = recent * side * peak_w / np.maximum(np.abs(residual), 0.03 * peak_w)
        scaled = bank * weight[:, None]
        matrix = gram(scaled, bank)
        pull = max(matrix[0, 0] * share, 1e-6)
        matrix[np.diag_indices(PLANES)] += pull
        roof = _non_negative(matrix, moment(scaled, power) + pull * prior, roof)
    return roof


def _non_negative(
    matrix: FloatArray, right: FloatArray, start: FloatArray
) -> FloatArray:
    """Solve ``matrix @ x = right`` for x >= 0 by coordinate descent."""
    x = start.copy()
    diagonal = np.diag(matrix)
    for _ in range(_SWEEPS):
        for i in range(len(x)):
            x[i] = max(0.0, x[i] + (right[i] - matrix[i] @ x) / diagonal[i])
    return x
