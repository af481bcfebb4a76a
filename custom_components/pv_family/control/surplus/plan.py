"""The cheapest way to meet one load's need, the plans of the others given."""

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from .prospect import HOURS, Floats

# A slot of running in the steps in which energy is counted.
_STEPS: Final = 3
# What a load must be able to take, in those steps: to go on, and to start.
_LEAST: Final = 0.02
_WORTHWHILE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """When a load is to run.

    Attributes:
        power: By slot, in W; of a modulating load the least that it takes.
        change: What changing between on and off now saves over leaving it as it
            is, in money; below 0 leaving it is better.
        value: Worth of a kWh more in a modulating load.
    """

    power: Floats
    change: float = -1.0
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a load needs, in Wh.

    Attributes:
        due: By the deadline.
        slots: How many slots are left until then.
        later: Beyond what is due, by the end.
        later_value: What that is worth, per kWh.
        room: What it can take now.
        shortage: What a kWh missing at the deadline costs.
    """

    due: float
    slots: int
    later: float
    later_value: float
    room: float
    shortage: float

    @property
    def nothing(self) -> bool:
        """It needs nothing."""
        return self.due + self.later <= 0.0


def no_plan(slots: int, start_cost: float, *, on: bool) -> Plan:
    """Return the plan of a load that needs nothing."""
    return Plan(np.zeros(slots), change=start_cost if on else -start_cost)


def plan_switch(
    costs: Floats,
    need: Need,
    *,
    power: float,
    start_loss: float,
    start_cost: float,
    on: bool,
    free: int,
) -> Plan:
    """Plan an on/off load by dynamic programming over its energy.

    Args:
        costs: What a slot of running costs, by slot.
        need: What the load needs.
        power: What it draws, in W.
        start_loss: Energy lost at a start, in Wh.
        start_cost: What a start is worth avoiding, in money.
        on: It is on now.
        free: The first slot in which it may start.
    """
    slots = costs.size
    step = power * HOURS / _STEPS
    hard = ceil(need.due / step - 1e-6)
    top = hard + ceil(need.later / step - 1e-6)
    if top <= 0:
        return no_plan(slots, start_cost, on=on)
    lost = round(start_loss / step)
    levels = np.arange(top + 1, dtype=np.float64)
    missing = np.maximum(0.0, hard - levels) * (need.shortage * step / 1000.0)
    value_on = (top - levels) * (need.later_value * step / 1000.0)
    if need.slots >= slots:
        value_on = value_on + missing
    value_off = value_on
    caps = _caps(need, step, slots)
    whole = np.arange(top + 1)
    begun = np.minimum(whole + max(0, _STEPS - lost), top)
    kept = np.minimum(whole + _STEPS, top)
    share = np.minimum(1.0, (top - levels) / _STEPS)
    runs = np.zeros((2, slots, top + 1), bool)
    change = -1.0
    for t in range(slots - 1, -1, -1):
        if t + 1 == need.slots:
            value_on, value_off = value_on + missing, value_off + missing
        run = value_on[kept] + costs[t] * share
        start = value_on[begun] + (costs[t] + start_cost)
        run[levels > caps[t] - _LEAST] = np.inf
        start[levels > caps[t] - _WORTHWHILE] = np.inf
        if t < free:
            start[:] = np.inf
        if t == 0:
            change = float(run[0] - value_off[0] if on else value_off[0] - start[0])
        runs[0, t] = start < value_off
        runs[1, t] = run < value_off
        value_on, value_off = np.minimum(run, value_off), np.minimum(start, value_off)
    return Plan(_trace(runs, power, lost, on=on), change=change)


def _caps(need: Need, step: float, slots: int) -> Floats:
    """Return what may have been taken by the beginning of each slot, in steps.

    What does not fit yet is taken to come evenly within two thirds of the time.
    """
    coming = max(0.0, need.due + need.later - need.room)
    within = max(1.0, min(need.slots, slots) / 1.5)
    share = np.minimum(1.0, np.arange(slots) / within)
    return np.asarray((need.room + coming * share) / step)


def _trace(runs: npt.NDArray[np.bool_], power: float, lost: int, *, on: bool) -> Floats:
    """Return the power by slot of the cheapest path."""
    _, slots, levels = runs.shape
    out = np.zeros(slots)
    level = 0
    for t in range(slots):
        run = bool(runs[int(on), t, level])
        if run:
            out[t] = power
            level = min(levels - 1, level + max(0, _STEPS - (0 if on else lost)))
        on = run
    return out


def plan_programme(costs: Floats, curve: Floats, latest: int) -> Plan:
    """Plan a programme's start.

    Args:
        costs: What the programme costs by the slot of its start.
        curve: Its power by slot, in W.
        latest: The last slot in which it may start.
    """
    slots = costs.size
    last = min(latest, slots - 1)
    start = int(costs[: last + 1].argmin())
    out = np.zeros(slots)
    length = min(curve.size, slots - start)
    out[start : start + length] = curve[:length]
    later = float(costs[1 : last + 1].min()) if last else np.inf
    return Plan(out, change=later - float(costs[0]))
