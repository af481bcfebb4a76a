"""How much of the clear day the home will make: several opinions, weighed."""

from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np

from ..model.arrays import FloatArray
from .regression import fit_quantile, weighted_quantile

_MEMORY_DAYS: Final = 400
_HALF_LIFE_DAYS: Final = 120.0
_FEWEST_DAYS: Final = 8
_LEARNING_RATE: Final = 3.0
_FORGET: Final = 0.985
_KERNEL: Final = 0.05
_RANGE: Final = (0.02, 1.15)
_LEVEL_DAYS: Final = 28.0
_USUAL_SHARE: Final = 0.25
OPINIONS: Final = 6


@dataclass(frozen=True, slots=True)
class DayView:
    """What was foreseen of a day, as shares of its clear-sky energy.

    Attributes:
        free: By the regression that the home's data rule.
        bound: By the regression that stays close to its prior.
        sky: The clearness of the weather forecast.
        usual: What the home made in the last two weeks.
    """

    free: float
    bound: float
    sky: float
    usual: float


@dataclass(slots=True)
class Experts:
    """Opinions on a day's energy, weighed by how they did in this home.

    Exponentially weighted averaging (Cesa-Bianchi and Lugosi 2006) with forgetting.

    Attributes:
        past: Rows of (day, share made, clear-sky energy, free, bound, sky).
        losses: Of each opinion so far.
    """

    past: list[tuple[float, ...]] = field(default_factory=list)
    losses: FloatArray = field(default_factory=lambda: np.zeros(OPINIONS))

    @property
    def settled(self) -> bool:
        """Tell whether enough days have passed for the home's data to rule."""
        return len(self.past) >= _FEWEST_DAYS

    def opinions(self, day: int, view: DayView) -> FloatArray:
        """Return each opinion on the share of the clear-sky energy to be made."""
        rows = np.array(self.past).reshape(-1, 6)
        level = self._level(rows, day)
        by_level = (1.0 - _USUAL_SHARE) * level * view.sky + _USUAL_SHARE * view.usual
        if len(rows) < _FEWEST_DAYS:
            return np.clip(
                np.array([view.bound] * (OPINIONS - 1) + [by_level]), *_RANGE
            )
        recent = 0.5 ** ((day - rows[:, 0]) / _HALF_LIFE_DAYS)
        return np.clip(
            np.array(
                [
                    self._calibrated(rows, recent, 3, view.free),
                    self._calibrated(rows, recent, 4, view.bound),
                    self._similar(rows, recent, 3, view.free),
                    self._similar(rows, recent, 4, view.bound),
                    view.bound,
                    by_level,
                ]
            ),
            *_RANGE,
        )

    def mix(self, opinions: FloatArray) -> float:
        """Return the weighed opinion."""
        weights = np.exp(-_LEARNING_RATE * (self.losses - self.losses.min()))
        return float(weights @ opinions / weights.sum())

    def learn(
        self, day: int, view: DayView, opinions: FloatArray, made: float, clear: float
    ) -> None:
        """Take in how a day went.

        Args:
            day: Its number.
            view: What was foreseen.
            opinions: What was said of it.
            made: The share of the clear-sky energy that was made.
            clear: The clear-sky energy, Wh.
        """
        mean = np.mean([row[2] for row in self.past[-60:]]) if self.past else clear
        size = min(clear / max(float(mean), 1e-9), 3.0)
        self.losses = _FORGET * self.losses + np.abs(opinions - made) * size
        self.past.append((float(day), made, clear, view.free, view.bound, view.sky))
        del self.past[:-_MEMORY_DAYS]

    @staticmethod
    def _level(rows: FloatArray, day: int) -> float:
        late = rows[day - rows[:, 0] <= _LEVEL_DAYS]
        mean = float(late[:, 2].mean()) if len(late) else 1.0
        made = float((late[:, 1] * late[:, 2]).sum()) + 0.9 * mean
        told = float((late[:, 5] * late[:, 2]).sum()) + mean
        return made / told

    @staticmethod
    def _calibrated(
        rows: FloatArray, recent: FloatArray, column: int, value: float
    ) -> float:
        size = rows[:, 2] / rows[:, 2].mean()
        told = rows[:, column]
        powers = np.stack([np.ones(len(told)), told, told**2], axis=1) * size[:, None]
        # In units of 0.3, a typical deviation of a day's share.
        curve = fit_quantile(
            powers / 0.3,
            rows[:, 1] * size / 0.3,
            recent,
            np.array([0.0, 1.0, 0.0]),
            40.0,
        )
        return float(curve @ [1.0, value, value * value])

    @staticmethod
    def _similar(
        rows: FloatArray, recent: FloatArray, column: int, value: float
    ) -> float:
        weight = recent * np.exp(-0.5 * ((rows[:, column] - value) / _KERNEL) ** 2)
        mass = float(weight.sum())
        if mass < 1e-6:
            return value
        middle = weighted_quantile(rows[:, 1:2], weight[:, None], 0.5)[0]
        return (mass * float(middle) + 2.0 * value) / (mass + 2.0)

    def as_dict(self) -> dict[str, Any]:
        """Return the state."""
        return {
            "past": [[round(value, 4) for value in row] for row in self.past],
            "losses": self.losses.tolist(),
        }

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Self:
        """Return what ``as_dict`` described."""
        return cls([tuple(row) for row in state["past"]], np.array(state["losses"]))
