"""Intervals of a day's energy: narrower than the sums of those of its slots."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Final, NamedTuple, Self

import numpy as np

from ..model.arrays import FloatArray

_TAIL: Final = 0.1
_MEMORY_DAYS: Final = 120
_RANGE: Final = (0.2, 1.5)
# Before anything is known: half-widths that were found in measured homes.
_USUAL: Final = 0.75
_USUAL_DAYS: Final = 15


class Halves(NamedTuple):
    """What the halves of a sum of intervals are to be multiplied with for a day.

    Attributes:
        low: From P10 to P50.
        high: From P50 to P90.
    """

    low: float
    high: float


SUMS: Final = Halves(1.0, 1.0)
"""Those of the slots, added up."""


class DayInterval:
    """How far days stray, in halves of the sums of their slots' intervals.

    Slots of a day err together, but not all of them by the same quantile: the sum of
    their P10 is exceeded in more than nine of ten days. Split conformal prediction
    with normalised scores (Lei et al., J. Am. Stat. Assoc. 113, 2018).
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        # How much less and how much more came, as shares of the halves.
        self._strayed: list[tuple[float, float]] = []

    def learn(
        self, made: float, p10: FloatArray, p50: FloatArray, p90: FloatArray
    ) -> None:
        """Take in a day.

        Args:
            made: Sum of the measured powers, W.
            p10: As given for the same slots.
            p50: As given.
            p90: As given.
        """
        told = float(p50.sum())
        low, high = told - float(p10.sum()), float(p90.sum()) - told
        if low <= 0.0 or high <= 0.0:
            return
        self._strayed.append(((told - made) / low, (made - told) / high))
        del self._strayed[:-_MEMORY_DAYS]

    @property
    def halves(self) -> Halves:
        """What is needed to leave one day in ten on each side."""
        if not self._strayed:
            return Halves(_USUAL, _USUAL)
        return Halves(*(_needed(scores) for scores in zip(*self._strayed, strict=True)))

    def as_list(self) -> list[list[float]]:
        """Return the state."""
        return [[round(low, 3), round(high, 3)] for low, high in self._strayed]

    @classmethod
    def restore(cls, state: list[Any]) -> Self:
        """Return what ``as_list`` described."""
        interval = cls()
        interval._strayed = [(float(low), float(high)) for low, high in state]
        return interval


def _needed(scores: Sequence[float]) -> float:
    """Return what nine in ten scores do not exceed, among days as usual at first."""
    usual = max(_USUAL_DAYS - len(scores) // 4, 0)
    normal = NormalDist(0.0, _USUAL / NormalDist().inv_cdf(1.0 - _TAIL))
    drawn = [normal.inv_cdf((index + 0.5) / usual) for index in range(usual)]
    known = len(scores) + usual
    level = min((1.0 - _TAIL) * (known + 1) / known, 1.0)
    return float(np.clip(np.quantile([*scores, *drawn], level), *_RANGE))
