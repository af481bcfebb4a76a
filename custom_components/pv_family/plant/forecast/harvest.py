"""What is taken of what the roof could give: limits of inverters, grid and battery."""

from dataclasses import dataclass

import numpy as np

from ..model.arrays import FloatArray
from .series import Forecast


@dataclass(frozen=True, slots=True)
class Limits:
    """What stands between the roof and where its power can go.

    Attributes:
        ac_power: Most that all inverters give, W.
        export: Most that may flow into the grid, W; ``None`` is no limit.
        battery_room: What the battery can still take now, Wh.
        battery_power: Most that it takes, W.
        battery_size: What it takes from empty to full, Wh.
    """

    ac_power: float
    export: float | None = None
    battery_room: float = 0.0
    battery_power: float = 0.0
    battery_size: float = 0.0


def harvest(potential: Forecast, load: FloatArray | None, limits: Limits) -> Forecast:
    """Return what of a potential will be harvested.

    Where export is limited, what the house, the grid and the battery do not take is
    held back. The battery is expected to take all that is left over and to cover the
    load at night.

    Args:
        potential: What the roof could give.
        load: What the household uses, W; ``None`` is not known.
        limits: What it is limited by.
    """
    capped = potential.capped(limits.ac_power)
    if limits.export is None:
        return capped
    used = np.zeros(len(capped.p50)) if load is None else load
    hours = potential.step.total_seconds() / 3600.0
    return Forecast(
        potential.start,
        potential.step,
        *(
            _held_back(power, used, limits, hours)
            for power in (capped.p10, capped.p50, capped.p90)
        ),
    )


def _held_back(
    power: FloatArray, load: FloatArray, limits: Limits, hours: float
) -> FloatArray:
    taken = np.empty(len(power))
    room = limits.battery_room
    for index, (give, use) in enumerate(zip(power, load, strict=True)):
        surplus = give - use
        charge = min(max(surplus, 0.0), limits.battery_power, room / hours)
        room -= charge * hours
        if surplus < 0.0:
            room -= max(surplus, -limits.battery_power) * hours
            room = min(room, limits.battery_size)
        taken[index] = min(give, use + charge + (limits.export or 0.0))
    return taken
