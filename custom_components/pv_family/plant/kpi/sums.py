"""Performance ratios from sums, so that days add up to any period."""

from dataclasses import dataclass, fields
from math import nan
from typing import Any, Self

from ...readings.energy_counter import finite
from .performance import REFERENCE_IRRADIANCE, REFERENCE_TEMPERATURE


@dataclass(slots=True)
class PerformanceSums:
    """What the ratios of IEC 61724-1 are made of, over intervals that add up.

    Attributes:
        energy: AC energy of the intervals in which all is known, Wh.
        rated: What the nominal power would have given at 25 °C, Wh.
        warmth: The same times the temperature of the cells, Wh °C.
        slope: The same times the modules' temperature coefficient, Wh/K.
        warm_slope: The same times both, Wh.
        known_hours: Of the intervals in which all is known.
        hours: Of all intervals.
    """

    energy: float = 0.0
    rated: float = 0.0
    warmth: float = 0.0
    slope: float = 0.0
    warm_slope: float = 0.0
    known_hours: float = 0.0
    hours: float = 0.0

    def add_interval(
        self,
        hours: float,
        energy: float | None,
        poa_global: float,
        temp_cell: float,
        peak_power: float,
        gamma: float,
    ) -> None:
        """Add one interval; without a known energy only its length counts.

        Args:
            hours: Its length.
            energy: AC energy, Wh.
            poa_global: Irradiance on the plane, W/m2.
            temp_cell: °C.
            peak_power: Nominal power of the modules, W.
            gamma: Relative change of their power, 1/K.
        """
        self.hours += hours
        if energy is None:
            return
        rated = peak_power * max(poa_global, 0.0) / REFERENCE_IRRADIANCE * hours
        self.energy += energy
        self.rated += rated
        self.warmth += rated * temp_cell
        self.slope += rated * gamma
        self.warm_slope += rated * gamma * temp_cell
        self.known_hours += hours

    def add(self, other: PerformanceSums) -> None:
        """Add the sums of other intervals."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def ratio(self) -> float:
        """Performance ratio; NaN without light."""
        return _over(self.energy, self.rated)

    @property
    def ratio_stc(self) -> float:
        """Performance ratio as if the cells had been at 25 °C."""
        return self.ratio_at(REFERENCE_TEMPERATURE)

    @property
    def mean_temperature(self) -> float:
        """Mean temperature of the cells, weighted by light, °C."""
        return _over(self.warmth, self.rated)

    @property
    def coverage(self) -> float:
        """Share of the time in which all is known."""
        return self.known_hours / self.hours if self.hours else 0.0

    def ratio_at(self, temperature: float) -> float:
        """Return the performance ratio as if the cells had been that warm, in °C."""
        expected = self.rated + self.warm_slope - temperature * self.slope
        return _over(self.energy, expected)

    def as_list(self) -> list[float]:
        """Return the state as JSON types, for `from_list`."""
        return [round(getattr(self, name), 3) for name in _NAMES]

    @classmethod
    def from_list(cls, state: Any) -> Self:
        """Return the sums of a state.

        Raises:
            TypeError, ValueError: The state is not one of ours.
        """
        return cls(**dict(zip(_NAMES, map(finite, state), strict=True)))


_NAMES = tuple(field.name for field in fields(PerformanceSums))


def _over(value: float, divisor: float) -> float:
    return value / divisor if divisor > 0.0 else nan
