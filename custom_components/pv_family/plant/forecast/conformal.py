"""Intervals that hold what they say, adjusted by how often they were right."""

from typing import Any, Final, Self

import numpy as np

from ..model.arrays import FloatArray

_TAIL: Final = 0.1
_PACE: Final = 0.25
_RANGE: Final = (0.4, 2.5)


class Conformal:
    """The factors on the lower and the upper half of a P10-P90 interval.

    Adaptive conformal inference (Gibbs and Candès, NeurIPS 2021): a half that is
    left too often grows, one that is left too seldom shrinks.
    """

    def __init__(self, low: float = 1.25, high: float = 1.25) -> None:
        """Start with factors that an earlier run has found."""
        self.low = low
        self.high = high

    def apply(
        self, p10: FloatArray, p50: FloatArray, p90: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the adjusted P10 and P90."""
        return (
            np.maximum(p50 - self.low * np.maximum(p50 - p10, 0.0), 0.0),
            p50 + self.high * np.maximum(p90 - p50, 0.0),
        )

    def learn(
        self, actual: FloatArray, p10: FloatArray, p90: FloatArray, share: float
    ) -> None:
        """Take in the intervals given and what came.

        Args:
            actual: Measured, without nan.
            p10: As given.
            p90: As given.
            share: Of a whole day that these slots are.
        """
        if not len(actual):
            return
        pace = _PACE * share
        below = float(np.mean(actual < p10 - 1.0))
        above = float(np.mean(actual > p90 + 1.0))
        self.low = float(np.clip(self.low * np.exp(pace * (below - _TAIL)), *_RANGE))
        self.high = float(np.clip(self.high * np.exp(pace * (above - _TAIL)), *_RANGE))

    def as_dict(self) -> dict[str, Any]:
        """Return the state."""
        return {"low": self.low, "high": self.high}

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Self:
        """Return what ``as_dict`` described."""
        return cls(state["low"], state["high"])
