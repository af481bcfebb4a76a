"""What is taken of what the roof could give: limits of inverters, grid and battery."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ...readings.power_flow import PowerFlow
from ..model.arrays import FloatArray
from .series import Forecast

# As near to the limit as this, the grid takes all that it may.
_AT_LIMIT: Final = 0.03
# Controllers that hold the grid at zero keep within this share of the inverters' power.
_SLACK: Final = 0.02
# Per cent from which a battery that still charges takes less than there is.
_NEARLY_FULL: Final = 95.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What stands between the roof and where its power can go.

    Attributes:
        ac_power: Most that all inverters give, W.
        export: Most that may flow into the grid, W; ``None`` is no limit.
        battery_room: What the battery can still take now, Wh.
        battery_power: Most that it takes, W.
        battery_size: What it takes from empty to full, Wh.
        faulty: Share of the potential that a string fault takes these days.
    """

    ac_power: float
    export: float | None = None
    battery_room: float = 0.0
    battery_power: float = 0.0
    battery_size: float = 0.0
    faulty: float = 0.0


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
    sound = potential.mapped(lambda band: (1.0 - limits.faulty) * band)
    capped = sound.capped(limits.ac_power)
    if limits.export is None:
        return capped
    used = np.zeros(len(capped.p50)) if load is None else load
    hours = potential.step.total_seconds() / 3600.0
    return capped.mapped(lambda band: _held_back(band, used, limits, hours))


def is_at_export_limit(
    flow: PowerFlow, limits: Limits, state_of_charge: float | None
) -> bool:
    """Tell whether the roof gives less than it could since nobody may take more.

    Where nothing may be exported the grid stands at zero all day if a battery takes
    the surplus: only once it is full, or takes nothing, something is held back.

    Args:
        flow: Of the home.
        limits: What its harvest is limited by.
        state_of_charge: Of its battery, %; ``None`` is not known.
    """
    limit, grid = limits.export, flow.grid
    slack = _SLACK * limits.ac_power
    if limit is None or grid is None or -grid < limit - max(_AT_LIMIT * limit, slack):
        return False
    battery = flow.battery or 0.0
    if battery > slack or (flow.production is not None and flow.production <= slack):
        return False
    if battery < -slack and limit <= slack:
        return state_of_charge is not None and state_of_charge >= _NEARLY_FULL
    return True


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
