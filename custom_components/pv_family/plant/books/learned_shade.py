"""Learn where a roof is shaded, from what it gives less at some places of the sun."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from ...readings.energy_counter import finite, mapping
from ..losses.cause import Cause
from ..losses.ledger import Entry
from ..losses.rules import Facts
from ..model.uncertainty import IrradianceSource
from .modelled import Modelled

AZIMUTH_STEP: Final = 10.0
"""Degrees of a cell of the sky, all around."""
ELEVATION_STEP: Final = 5.0
"""Degrees of a cell of the sky, upwards."""
CLEAR: Final = 0.7
"""Share of a cloudless sky's energy from which shade has an edge."""
ENOUGH: Final = 24
"""Quarters of an hour in a cell before it is believed: a week of clear days or more."""
SIGNIFICANT: Final = 0.12
"""Share that a cell must lack: less is weather data that is off."""
_MEMORY: Final = 200
"""Quarters of an hour after which a cell forgets half, as trees grow and fall."""
_LEAST_CELLS: Final = 8
_UNSHADED: Final = 0.75
"""How high among the cells the one stands that counts as unshaded."""
NO_FAULT: Final = frozenset(
    {Cause.WEATHER, Cause.SHADE, Cause.SOILING, Cause.DEGRADATION, Cause.UNKNOWN}
)
"""Causes beside which an interval still tells what a roof is like."""

_NO_SKY: Final = frozenset({IrradianceSource.CLIMATOLOGY, IrradianceSource.CLEAR_SKY})

type Cell = tuple[int, int]


@dataclass(slots=True)
class LearnedShade:
    """What a component gives over what the model leaves, by the place of the sun.

    Attributes:
        cells: Harvest and expectation in Wh, and how many quarters of an hour.
    """

    cells: dict[Cell, list[float]] = field(default_factory=dict)

    def claim(self, modelled: Modelled) -> float:
        """Return what shade takes of an interval as far as it is learned, Wh.

        Shade is measured against the cells that lack least, so that dirt or a model
        that is off everywhere is no shade. Under clouds it takes less.
        """
        cell = self.cells.get(_cell(modelled))
        if cell is None or cell[2] < ENOUGH:
            return 0.0
        ratios = sorted(
            harvest / expected
            for harvest, expected, count in self.cells.values()
            if count >= ENOUGH
        )
        if len(ratios) < _LEAST_CELLS:
            return 0.0
        level = ratios[int(_UNSHADED * (len(ratios) - 1))]
        lacking = 1.0 - cell[0] / cell[1] / level if level > 0.0 else 0.0
        if lacking < SIGNIFICANT:
            return 0.0
        return lacking * clearness(modelled.facts) * modelled.facts.left

    def learn(self, modelled: Modelled, entry: Entry) -> None:
        """Learn from an interval under a clear sky in which nothing else was wrong.

        Args:
            modelled: What the model says, without what is learned.
            entry: How the interval was booked.
        """
        facts = modelled.facts
        if clearness(facts) < CLEAR or facts.clipping > 0.0 or facts.left <= 0.0:
            return
        if entry.booked.keys() - NO_FAULT or modelled.source in _NO_SKY:
            return
        cell = self.cells.setdefault(_cell(modelled), [0.0, 0.0, 0.0])
        if cell[2] >= _MEMORY:
            cell[:] = [value / 2.0 for value in cell]
        cell[0] += entry.harvest
        cell[1] += facts.left
        cell[2] += 1.0

    def as_list(self) -> list[list[float]]:
        """Return the state as JSON types, for `from_list`."""
        return [
            [*place, *(round(value, 1) for value in cell)]
            for place, cell in sorted(self.cells.items())
        ]

    @classmethod
    def from_list(cls, state: Any) -> Self:
        """Return what a state had learned.

        Raises:
            TypeError, ValueError: The state is not one of ours.
        """
        cells: dict[Cell, list[float]] = {}
        for azimuth, elevation, *cell in state:
            harvest, expected, count = map(finite, cell)
            if not expected > 0.0 or harvest < 0.0 or count < 0.0:
                raise ValueError("a cell of the sky needs an expectation")
            cells[int(finite(azimuth)), int(finite(elevation))] = [
                harvest,
                expected,
                count,
            ]
        return cls(cells)


def restored(state: Any) -> dict[str, LearnedShade]:
    """Return what each component had learned.

    Raises:
        TypeError, ValueError: The state is not one of ours.
    """
    found: Mapping[Any, Any] = mapping(state)
    return {str(name): LearnedShade.from_list(cells) for name, cells in found.items()}


def _cell(modelled: Modelled) -> Cell:
    azimuth, elevation = modelled.sun
    return int(azimuth // AZIMUTH_STEP), int(elevation // ELEVATION_STEP)


def clearness(facts: Facts) -> float:
    """Return the share of a cloudless sky's energy that could come."""
    return min(facts.potential / facts.theory, 1.0) if facts.theory > 0.0 else 0.0
