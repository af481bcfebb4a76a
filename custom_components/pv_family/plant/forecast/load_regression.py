"""Quantiles of the load from what is known of it, on the whole and by time of day."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..model.arrays import BoolArray, FloatArray
from .load_columns import (
    COLUMNS,
    LOWER_QUARTILE,
    NEWEST,
    NEWEST_SMOOTH,
    UPPER_QUARTILE,
    USUAL,
    USUAL_AT_LEVEL,
    USUAL_SMOOTH,
)
from .regression import fit_quantile
from .state import array, numbers

QUANTILES: Final = (0.1, 0.5, 0.65, 0.9)
MEMORY_DAYS: Final = 400
_HALF_LIFE_DAYS: Final = 200.0
_GROUPS: Final = 12
_SLOTS_USED: Final = 48
# How many hours of data the priors are worth.
_MIDDLE_HOURS: Final = 150.0
_TAIL_HOURS: Final = 60.0
_GROUP_HOURS: Final = 200.0
_SEASONED_DAYS: Final = 10
# Coefficients of each column for each quantile that homes have in common: fitted to
# the six homes of the load arena together, each at its own scale, by
# benchmarks/load_habits.py. Constant and temperature differ from home to home.
COMMON: Final = (
    (-0.12, -0.14, -0.09, 0.14),  # usual
    (-0.13, -0.07, -0.15, -0.31),  # of four weeks
    (-0.07, -0.10, -0.18, -0.15),  # of all days
    (0.02, 0.03, 0.06, 0.43),  # mean
    (0.01, 0.02, 0.08, 0.08),  # same kind of day
    (0.02, 0.06, 0.05, -0.05),  # same weekday
    (-0.01, 0.02, 0.04, 0.05),  # newest
    (0.00, 0.00, 0.00, 0.06),  # two days before
    (-0.01, 0.00, 0.01, 0.04),  # a week before
    (0.08, 0.09, 0.09, 0.09),  # usual at the level of the last day
    (0.04, 0.04, 0.06, 0.10),  # at that of the last hours
    (0.06, -0.01, -0.02, -0.19),  # at that of the last days
    (-0.03, 0.10, 0.05, -0.37),  # usual, smoothed
    (0.04, 0.13, 0.18, 0.31),  # newest, smoothed
    (0.15, -0.06, -0.02, 0.50),  # mean, smoothed
    (-0.08, 0.01, 0.13, 0.58),  # upper quartile
    (0.52, 0.10, -0.03, -0.22),  # lower quartile
    (0.00, -0.02, -0.01, 0.01),  # deviation of the last hours
    (0.00, 0.00, 0.00, 0.00),  # constant
    (0.00, 0.00, 0.00, 0.00),  # cooling
    (0.00, 0.00, 0.00, 0.00),  # heating
    (0.02, 0.19, 0.18, -0.17),  # of the last days
    (0.04, 0.21, 0.17, 0.03),  # of the last days of the kind
    (0.03, 0.33, 0.32, 0.04),  # days that began alike
    (0.00, -0.01, 0.00, 0.10),  # three days before, smoothed
    (0.03, 0.05, 0.10, 0.23),  # a week before, smoothed
)


def prior(days: int) -> FloatArray:
    """Return the coefficients before the home has shown what it follows.

    First its usual load, smoothed over the hours around because few days are known,
    at the level of the last 24 h, with something of the last day; what homes have in
    common once enough days are known for it.

    Args:
        days: How many are known.
    """
    first = np.zeros((len(QUANTILES), COLUMNS))
    middle = first[1]
    middle[USUAL], middle[USUAL_SMOOTH] = 0.2, 0.4
    middle[NEWEST], middle[NEWEST_SMOOTH] = 0.1, 0.1
    middle[USUAL_AT_LEVEL] = 0.2
    first[0, USUAL], first[0, LOWER_QUARTILE] = 0.2, 0.5
    first[2] = 0.7 * middle
    first[2, UPPER_QUARTILE] = 0.4
    first[3, USUAL], first[3, UPPER_QUARTILE] = 0.6, 1.1
    share = min(days / _SEASONED_DAYS, 1.0)
    return share * np.array(COMMON).T + (1.0 - share) * first


class LoadRegression:
    """Linear quantile regressions whose coefficients may bend with the time of day."""

    def __init__(self, slots: int) -> None:
        """Start from the usual load and its quartiles.

        Args:
            slots: In a day.
        """
        # Slots shorter than half an hour say much the same as their neighbours.
        self._stride = max(1, slots // _SLOTS_USED)
        self._hours = 24.0 / slots * self._stride
        self._group = np.arange(slots) * _GROUPS // slots
        self._whole = prior(0)
        self._bent = np.repeat(self._whole[None], _GROUPS, axis=0)
        self._rows: list[tuple[int, NDArray[np.float32]]] = []
        self.fitted = False

    def predict(self, columns: FloatArray) -> FloatArray:
        """Return the quantiles of each slot, W, shape (len(QUANTILES), slots)."""
        bent = self._bent[self._group]
        return np.asarray(np.einsum("sc,sqc->qs", columns, bent))

    def learn(
        self, day: int, columns: FloatArray, load: FloatArray, use: BoolArray
    ) -> None:
        """Take in what was known of the slots of a day and what came, W."""
        turn = (np.arange(len(use)) + day) % self._stride == 0
        rows = np.column_stack([columns, load, self._group])[use & turn]
        self._rows.append((day, rows.astype(np.float32)))
        while self._rows[0][0] < day - MEMORY_DAYS:
            del self._rows[0]

    def fit(self, day: int, *, by_hour: bool) -> None:
        """Learn the coefficients anew.

        Args:
            day: Today.
            by_hour: Whether they may bend with the time of day.
        """
        rows = np.concatenate([part for _, part in self._rows]).astype(np.float64)
        age = np.concatenate(
            [np.full(len(part), day - at, dtype=float) for at, part in self._rows]
        )
        scale = max(float(rows[:, COLUMNS].mean()), 1.0)
        common = prior(day - self._rows[0][0] + 1)
        features, target = rows[:, :COLUMNS] / scale, rows[:, COLUMNS] / scale
        weights = 0.5 ** (age / _HALF_LIFE_DAYS) * self._hours
        groups = rows[:, COLUMNS + 1]
        for index, quantile in enumerate(QUANTILES):
            whole = fit_quantile(
                features,
                target,
                weights,
                common[index],
                _MIDDLE_HOURS if 0.1 < quantile < 0.9 else _TAIL_HOURS,
                quantile,
                self._whole[index],
                rounds=3,
            )
            self._whole[index] = whole
            if not by_hour:
                self._bent[:, index] = whole
            for group in range(_GROUPS if by_hour else 0):
                use = groups == group
                if use.any():
                    self._bent[group, index] = fit_quantile(
                        features[use],
                        target[use],
                        weights[use],
                        whole,
                        _GROUP_HOURS,
                        quantile,
                        self._bent[group, index],
                        rounds=2,
                    )
        self.fitted = True

    def as_dict(self) -> dict[str, Any]:
        """Return the coefficients."""
        return {
            "whole": numbers(self._whole.ravel(), 5),
            "bent": numbers(self._bent.ravel(), 5),
            "fitted": self.fitted,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take the coefficients that ``as_dict`` described."""
        self._whole = array(state["whole"]).reshape(self._whole.shape)
        self._bent = array(state["bent"]).reshape(self._bent.shape)
        self.fitted = state["fitted"]
