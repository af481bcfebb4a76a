"""How much warmer something gets than the air, for each ampere through it.

A diode busbar and the back of a module warm up with the current. The rise per ampere
stays what it is for years, whatever the weather; a loose contact or a hot spot
shows in it long before a temperature alarm would.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Final

# Below this share of the largest current seen, noise decides, not heat.
_ENOUGH: Final = 0.3
_LEAST_CURRENT: Final = 0.5
# A busbar follows its current within minutes, a module within a quarter of an hour.
_INERTIA: Final = timedelta(minutes=15)
_LONGEST_STEP: Final = timedelta(minutes=10)


@dataclass(slots=True)
class ThermalRise:
    """Estimate the rise of one temperature, in °C per A.

    Current and excess temperature are averaged over the same quarter of an hour, so
    that a cloud does not look like a fault.

    Attributes:
        largest: The largest mean current so far, in A.
    """

    largest: float = 0.0
    _taken: datetime | None = None
    _since: datetime | None = None
    _current: float = 0.0
    _excess: float = 0.0

    def step(
        self, taken: datetime, temperature: float, ambient: float, current: float
    ) -> float | None:
        """Take in one sample and return the rise, ``None`` while it is not known.

        Args:
            taken: When it was measured (UTC).
            temperature: Of what warms up, in °C.
            ambient: Of the air, in °C.
            current: Through it, in A.
        """
        excess, current = temperature - ambient, abs(current)
        elapsed = None if self._taken is None else taken - self._taken
        if elapsed is not None and elapsed <= timedelta(0):
            return None
        self._taken = taken
        if elapsed is None or elapsed > _LONGEST_STEP:
            self._since, self._current, self._excess = taken, current, excess
            return None
        weight = 1.0 - math.exp(-elapsed / _INERTIA)
        self._current += weight * (current - self._current)
        self._excess += weight * (excess - self._excess)
        if self._since is None or taken - self._since < _INERTIA:
            return None
        self.largest = max(self.largest, self._current)
        if self._current < max(_LEAST_CURRENT, _ENOUGH * self.largest):
            return None
        return self._excess / self._current
