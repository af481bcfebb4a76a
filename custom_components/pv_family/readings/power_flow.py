"""The one picture of where power flows in a home at an instant.

Signs, here and everywhere: production and consumption are never negative, the
grid is positive while importing, the battery is positive while discharging.
These are Home Assistant's own; every source converts at its own door.

Production is counted at the AC side: what the arrays give to the house plus what
they put into a battery behind the same inverter. Consumption is what remains, so
it holds the conversion losses of a discharging battery.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .reading import Quality


class Role(StrEnum):
    """What a measured power means for the home."""

    GENERATION = "generation"
    """AC output of an inverter: its arrays and the battery behind it (+ = out)."""

    ARRAY = "array"
    """What arrays give, measured before any battery (never negative)."""

    BATTERY = "battery"
    """A battery behind the inverter of the same source (+ = discharge)."""

    GRID = "grid"
    """The house's connection point (+ = import)."""

    CONSUMPTION = "consumption"
    """What all loads draw."""


@dataclass(frozen=True, slots=True)
class FlowSample:
    """The power of one source in one role, or ``None`` while it is not known.

    Attributes:
        source: What is measured; a battery belongs to the generation of that name.
        role: What it means for the home.
        power: In W.
        quality: How it is known.
    """

    source: str
    role: Role
    power: float | None
    quality: Quality = Quality.MEASURED


@dataclass(frozen=True, slots=True)
class PowerFlow:
    """Where power flows at an instant, in W; ``None`` is not known.

    Always holds where all four are known:
    ``production + grid + battery == consumption + residual``.

    Attributes:
        taken: The instant (UTC).
        production: AC-side production, at least 0.
        consumption: What the loads draw, at least 0.
        grid: Positive is import.
        battery: Positive is discharge; 0 in a home without a battery.
        residual: What the measurements leave unexplained.
        quality: The weakest quality of the samples behind it.
        shortfall: What inverters give less than the batteries behind them: a
            conversion loss, unless the battery counts the wrong way round.
    """

    taken: datetime
    production: float | None = None
    consumption: float | None = None
    grid: float | None = None
    battery: float | None = None
    residual: float | None = None
    quality: Quality = Quality.MEASURED
    shortfall: float = 0.0

    @property
    def surplus(self) -> float | None:
        """Production that no load draws, before battery and grid, in W."""
        if self.production is None or self.consumption is None:
            return None
        return self.production - self.consumption

    @property
    def self_consumption(self) -> float | None:
        """Share of production that is not exported, 0 to 1."""
        if self.production is None or self.grid is None or self.production <= 0.0:
            return None
        return min(1.0, max(0.0, 1.0 - max(0.0, -self.grid) / self.production))

    @property
    def autarky(self) -> float | None:
        """Share of consumption that is not imported, 0 to 1."""
        if self.consumption is None or self.grid is None or self.consumption <= 0.0:
            return None
        return min(1.0, max(0.0, 1.0 - max(0.0, self.grid) / self.consumption))


_QUALITY_ORDER = (Quality.MEASURED, Quality.DERIVED, Quality.INFERRED)


def power_flow(taken: datetime, samples: Iterable[FlowSample]) -> PowerFlow:
    """Work out the home's power flow from what its sources measured.

    A role is known only if every source that should fill it is: half a house is
    not a house. Without a battery its flow is 0, without any meter the grid and
    the consumption stay unknown.

    Args:
        taken: The instant that the samples describe (UTC).
        samples: One per source and role; a silent source has power ``None``.
    """
    samples = list(samples)
    by_role: dict[Role, list[FlowSample]] = {role: [] for role in Role}
    for sample in samples:
        by_role[sample.role].append(sample)
    battery = _total(by_role[Role.BATTERY]) if by_role[Role.BATTERY] else 0.0
    arrays = array_powers(samples)
    # An inverter's own standby draw at night is a load, not a production.
    production = (
        None
        if not arrays or None in arrays.values()
        else sum(max(0.0, power or 0.0) for power in arrays.values())
    )
    grid = _total(by_role[Role.GRID])
    consumption = _total(by_role[Role.CONSUMPTION])
    residual: float | None = None
    if production is not None and battery is not None:
        inside = production + battery
        if grid is not None and consumption is not None:
            consumption = max(0.0, consumption)
            residual = inside + grid - consumption
        elif grid is not None:
            consumption = max(0.0, inside + grid)
            residual = inside + grid - consumption
        elif consumption is not None:
            consumption = max(0.0, consumption)
            grid, residual = consumption - inside, 0.0
    if consumption is not None:
        consumption = max(0.0, consumption)
    used = [
        sample.quality
        for found in by_role.values()
        for sample in found
        if sample.power is not None
    ]
    return PowerFlow(
        taken=taken,
        production=production,
        consumption=consumption,
        grid=grid,
        battery=battery,
        residual=residual,
        quality=weakest(used),
        shortfall=(
            0.0
            if production is None
            else sum(max(0.0, -(power or 0.0)) for power in arrays.values())
        ),
    )


def weakest(qualities: Iterable[Quality]) -> Quality:
    """Return how well something is known that rests on several values."""
    return max(qualities, key=_QUALITY_ORDER.index, default=Quality.MEASURED)


def _total(samples: list[FlowSample]) -> float | None:
    """Return the sum of all samples, or ``None`` where one or all are missing."""
    total = 0.0
    for sample in samples:
        if sample.power is None:
            return None
        total += sample.power
    return total if samples else None


def array_powers(samples: Iterable[FlowSample]) -> dict[str, float | None]:
    """Return what the arrays of each generator give in W, by what is measured.

    That is what comes out of an inverter less what came out of the batteries behind
    it; below zero it is a loss. ``None`` is not known.

    Args:
        samples: One per source and role.
    """
    stored: dict[str, float | None] = {}
    powers: dict[str, float | None] = {}
    samples = list(samples)
    for sample in samples:
        if sample.role is Role.BATTERY:
            stored[sample.source] = _plus(stored.get(sample.source, 0.0), sample.power)
    for sample in samples:
        if sample.role is Role.GENERATION:
            behind = stored.get(sample.source, 0.0)
            power = _plus(sample.power, None if behind is None else -behind)
        elif sample.role is Role.ARRAY:
            power = sample.power
        else:
            continue
        powers[sample.source] = _plus(powers.get(sample.source, 0.0), power)
    return powers


def _plus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
