"""How much of the useful time and energy a plant was there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import nan
from typing import Final

import numpy as np

from ..model.arrays import BoolArray, FloatArray
from ..model.time_grid import TimeGrid

USEFUL_IRRADIANCE: Final = 50.0
"""W/m2 on the plane from which an inverter is expected to run."""


@dataclass(frozen=True, slots=True)
class PlannedDowntime:
    """A time that the user has marked.

    Attributes:
        start: UTC.
        end: UTC.
        component: What is off, or ``None`` for the whole plant.
    """

    start: datetime
    end: datetime
    component: str | None = None


@dataclass(frozen=True, slots=True)
class ComponentRecord:
    """What is known of a component in each interval.

    Attributes:
        name: Its name.
        peak_power: Nominal power behind it, W: its weight in the plant.
        known: Whether its state is known.
        down: Whether it was down.
        energy: What it gave, Wh.
        expected: What it should have given, Wh.
    """

    name: str
    peak_power: float
    known: BoolArray
    down: BoolArray
    energy: FloatArray
    expected: FloatArray


@dataclass(frozen=True, slots=True)
class Availability:
    """Availability over a period; shares are NaN where nothing is known.

    `technical` counts all downtime, `contractual` leaves the planned one out. Time is
    useful time, weighted by nominal power where several components stand together.

    Attributes:
        useful_hours: With enough light and a known state.
        unknown_hours: With enough light and no known state.
        planned_hours: Down as planned.
        unplanned_hours: Down otherwise.
        energy: Wh.
        lost_planned: Expected and not given while down as planned, Wh.
        lost_unplanned: The same while down otherwise, Wh.
    """

    useful_hours: float
    unknown_hours: float
    planned_hours: float
    unplanned_hours: float
    energy: float
    lost_planned: float
    lost_unplanned: float

    @property
    def technical(self) -> float:
        """Share of the useful time."""
        return self._time_share(self.planned_hours + self.unplanned_hours)

    @property
    def contractual(self) -> float:
        """Share of the useful time, planned downtime left out."""
        return self._time_share(self.unplanned_hours)

    @property
    def energy_technical(self) -> float:
        """Share of the energy."""
        return self._energy_share(self.lost_planned + self.lost_unplanned)

    @property
    def energy_contractual(self) -> float:
        """Share of the energy, planned downtime left out."""
        return self._energy_share(self.lost_unplanned)

    def _time_share(self, down: float) -> float:
        return 1.0 - down / self.useful_hours if self.useful_hours > 0.0 else nan

    def _energy_share(self, lost: float) -> float:
        possible = self.energy + self.lost_planned + self.lost_unplanned
        return 1.0 - lost / possible if possible > 0.0 else nan


def component_availability(
    grid: TimeGrid,
    record: ComponentRecord,
    poa_global: FloatArray,
    planned: Iterable[PlannedDowntime] = (),
) -> Availability:
    """Return the availability of one component.

    Args:
        grid: The intervals of the record.
        record: What is known of the component.
        poa_global: Irradiance on the plane, W/m2.
        planned: What the user has marked; an interval counts by its middle.
    """
    useful = poa_global >= USEFUL_IRRADIANCE
    marked = np.zeros(grid.count, dtype=np.bool_)
    middles = grid.middles()
    for mark in planned:
        if mark.component in {None, record.name}:
            marked |= (middles >= mark.start.timestamp()) & (
                middles < mark.end.timestamp()
            )
    down = useful & record.known & record.down
    given = np.nan_to_num(record.energy)
    lost = np.maximum(np.nan_to_num(record.expected) - given, 0.0)
    return Availability(
        useful_hours=_hours(grid, useful & record.known),
        unknown_hours=_hours(grid, useful & ~record.known),
        planned_hours=_hours(grid, down & marked),
        unplanned_hours=_hours(grid, down & ~marked),
        energy=float(np.sum(given[record.known])),
        lost_planned=float(np.sum(lost[down & marked])),
        lost_unplanned=float(np.sum(lost[down & ~marked])),
    )


def plant_availability(
    parts: Sequence[tuple[float, Availability]],
) -> Availability:
    """Return the availability of components together.

    Args:
        parts: Nominal power in W and availability of each.
    """
    whole = sum(weight for weight, _ in parts)

    def weighted(values: Iterable[float]) -> float:
        pairs = zip(parts, values, strict=True)
        return sum(part[0] * value for part, value in pairs) / whole if whole else 0.0

    each = [availability for _, availability in parts]
    return Availability(
        useful_hours=weighted(part.useful_hours for part in each),
        unknown_hours=weighted(part.unknown_hours for part in each),
        planned_hours=weighted(part.planned_hours for part in each),
        unplanned_hours=weighted(part.unplanned_hours for part in each),
        energy=sum(part.energy for part in each),
        lost_planned=sum(part.lost_planned for part in each),
        lost_unplanned=sum(part.lost_unplanned for part in each),
    )


def _hours(grid: TimeGrid, mask: BoolArray) -> float:
    return float(np.count_nonzero(mask)) * grid.hours
