"""How well the grid keeps its voltage and frequency at a home."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ...readings.energy_counter import finite

LONGEST_STEP: Final = timedelta(minutes=1)
HIGHEST: Final = 1.10
"""Highest voltage over the nominal one (EN 50160)."""
LOWEST: Final = 0.90
"""Lowest voltage over the nominal one (EN 50160)."""


@dataclass(slots=True)
class GridHealth:
    """The grid over a time that adds up; ``None`` was never known.

    Attributes:
        hours: In which a voltage was known.
        high_hours: Of these, above the limit.
        low_hours: Of these, below nine tenths of the nominal voltage.
        voltage_hours: Mean voltage of the phases times h, Vh.
        lowest_voltage: V.
        highest_voltage: V.
        unbalance_hours: Unbalance times h, %h.
        phase_hours: In which all three phases were known.
        highest_unbalance: %.
        lowest_frequency: Hz.
        highest_frequency: Hz.
        trips: Stops because of a voltage that was too high.
    """

    hours: float = 0.0
    high_hours: float = 0.0
    low_hours: float = 0.0
    voltage_hours: float = 0.0
    lowest_voltage: float | None = None
    highest_voltage: float | None = None
    unbalance_hours: float = 0.0
    phase_hours: float = 0.0
    highest_unbalance: float | None = None
    lowest_frequency: float | None = None
    highest_frequency: float | None = None
    trips: int = 0

    def add(self, other: GridHealth) -> None:
        """Add another time."""
        for name in _NAMES:
            mine, theirs = getattr(self, name), getattr(other, name)
            if name.startswith("lowest_"):
                setattr(self, name, _least(mine, theirs))
            elif name.startswith("highest_"):
                setattr(self, name, _most(mine, theirs))
            else:
                setattr(self, name, mine + theirs)

    @property
    def mean_voltage(self) -> float | None:
        """Mean of all phases, V."""
        return self.voltage_hours / self.hours if self.hours else None

    @property
    def mean_unbalance(self) -> float | None:
        """Mean unbalance of the phases' voltages, %."""
        return self.unbalance_hours / self.phase_hours if self.phase_hours else None

    def as_list(self) -> list[float | None]:
        """Return the state as JSON types, for `from_list`."""
        values = [getattr(self, name) for name in _NAMES]
        return [None if value is None else round(value, 3) for value in values]

    @classmethod
    def from_list(cls, state: Any) -> Self:
        """Return the grid's health of a state.

        Raises:
            TypeError, ValueError: The state is not one of ours.
        """
        values = dict(zip(_NAMES, state, strict=True))
        found: dict[str, Any] = {
            name: finite(value)
            for name, value in values.items()
            if value is not None or not name.startswith(("lowest_", "highest_"))
        }
        return cls(**{**found, "trips": int(found["trips"])})


_NAMES = tuple(field.name for field in fields(GridHealth))


def unbalance(phases: Sequence[float]) -> float:
    """Return the largest deviation of a phase from the mean of all, in % of it."""
    mean = sum(phases) / len(phases)
    return 100.0 * max(abs(phase - mean) for phase in phases) / mean


@dataclass(slots=True)
class GridWatch:
    """Watch the grid, beat by beat.

    Attributes:
        voltage_limit: Above it the voltage is too high, V.
        seen: What was seen since it was last taken.
    """

    voltage_limit: float
    seen: GridHealth
    _last: tuple[datetime, tuple[float, ...]] | None = None

    def look(
        self, now: datetime, phases: tuple[float, ...], frequency: float | None
    ) -> None:
        """Take in a beat.

        Args:
            now: When (UTC).
            phases: Voltages against neutral, V; empty if they are not known.
            frequency: Hz.
        """
        if self._last is not None and self._last[1]:
            self._count(min(now - self._last[0], LONGEST_STEP), self._last[1])
        self._last = now, phases
        seen = self.seen
        if phases:
            seen.lowest_voltage = _least(seen.lowest_voltage, min(phases))
            seen.highest_voltage = _most(seen.highest_voltage, max(phases))
        if len(phases) == 3:
            seen.highest_unbalance = _most(seen.highest_unbalance, unbalance(phases))
        if frequency is not None:
            seen.lowest_frequency = _least(seen.lowest_frequency, frequency)
            seen.highest_frequency = _most(seen.highest_frequency, frequency)

    def take(self) -> GridHealth:
        """Return what was seen since the last time, and start anew."""
        seen, self.seen = self.seen, GridHealth()
        return seen

    def _count(self, step: timedelta, phases: tuple[float, ...]) -> None:
        hours = max(step.total_seconds(), 0.0) / 3600.0
        seen = self.seen
        seen.hours += hours
        seen.voltage_hours += hours * sum(phases) / len(phases)
        if max(phases) > self.voltage_limit:
            seen.high_hours += hours
        if min(phases) < LOWEST / HIGHEST * self.voltage_limit:
            seen.low_hours += hours
        if len(phases) == 3:
            seen.phase_hours += hours
            seen.unbalance_hours += hours * unbalance(phases)


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)


def _most(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)
