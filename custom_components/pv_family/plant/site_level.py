"""How much of what the model says a roof gave lately."""

from typing import Any, Final

import numpy as np

from .model.arrays import FloatArray, IntArray

DAYS: Final = 30
"""Days that count; a level follows dirt and season, and forgets a repaired fault."""
_MODEL_DAYS: Final = 2.0
"""The model itself counts as that many days at first, and less with each known."""
_RANGE: Final = (0.4, 1.3)


class SiteLevel:
    """The ratio of the sums of measured and modelled energy of the last days.

    A ratio of sums weighs bright days as they weigh in the energy of a month.
    """

    def __init__(self) -> None:
        """Believe the model."""
        self._days: dict[int, tuple[float, float]] = {}

    def learn(self, days: IntArray, modelled: FloatArray, measured: FloatArray) -> None:
        """Take in slots; those in which something is unknown do not count.

        Args:
            days: Number of the day of each slot.
            modelled: W.
            measured: W.
        """
        use = np.isfinite(modelled) & np.isfinite(measured) & (modelled > 0.0)
        for day in np.unique(days[use]):
            here = use & (days == day)
            said, gave = self._days.get(int(day), (0.0, 0.0))
            self._days[int(day)] = (
                said + float(modelled[here].sum()),
                gave + float(np.maximum(measured[here], 0.0).sum()),
            )
        for old in sorted(self._days)[:-DAYS]:
            del self._days[old]

    @property
    def factor(self) -> float:
        """What to multiply the model with."""
        if not self._days:
            return 1.0
        said = sum(day[0] for day in self._days.values())
        gave = sum(day[1] for day in self._days.values())
        unknown = 1.0 - len(self._days) / DAYS
        prior = _MODEL_DAYS * unknown * said / len(self._days)
        low, high = _RANGE
        return min(max((gave + prior) / max(said + prior, 1e-9), low), high)

    @property
    def days(self) -> int:
        """How many days speak."""
        return len(self._days)

    def as_list(self) -> list[list[float]]:
        """Return the state."""
        return [
            [day, round(said, 1), round(gave, 1)]
            for day, (said, gave) in sorted(self._days.items())
        ]

    def restore(self, state: list[Any]) -> None:
        """Go on from what ``as_list`` described."""
        self._days = {int(d): (float(said), float(gave)) for d, said, gave in state}
