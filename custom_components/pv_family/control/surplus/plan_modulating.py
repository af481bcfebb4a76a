"""When a modulating load follows the surplus, and not below which power."""

from typing import Final

import numpy as np

from .plan import Need, Plan, no_plan
from .prospect import HOURS, Floats

_ROUNDS: Final = 10
# A slot that costs as much is not to be used, per kWh.
_PROHIBITIVE: Final = 50.0
# Import is not worth buying for a need that the cheapest slot serves as well, per kWh.
_EDGE: Final = 0.005


def plan_modulating(
    costs: Floats,
    energies: Floats,
    floors: Floats,
    buy: Floats,
    need: Need,
    *,
    start_cost: float,
    on: bool,
    free: int,
    dark: bool,
) -> Plan:
    """Plan a modulating load.

    The worth of its energy is raised until what is due comes in by the deadline, up
    to the cheapest import. What then still misses is bought in the cheapest slots,
    the latest of equal ones: more is known then.

    Args:
        costs: What a slot costs by floor (rows) and slot (columns).
        energies: What it takes in a slot, alike, in Wh.
        floors: The least that it takes while on, in W.
        buy: Price of import by slot, per kWh.
        need: What the load needs.
        start_cost: What a start is worth avoiding, in money.
        on: It is on now.
        free: The first slot in which it may start.
        dark: Waiting brings next to no surplus.
    """
    slots = costs.shape[1]
    last = min(need.slots, slots)
    if need.nothing or last == 0:
        return no_plan(slots, start_cost, on=on)
    costs, energies, buy = costs[:, :last], energies[:, :last], buy[:last]
    columns = np.arange(last)

    def best(value: float) -> tuple[Floats, Floats, float]:
        """Return the floors and energies by slot, and what a change saves."""
        gain = costs - value * energies / 1000.0
        row = gain.argmin(axis=0)
        runs, change = _on_off(
            gain[row, columns].tolist(), start_cost, on=on, free=free
        )
        return floors[row] * runs, energies[row, columns] * runs, change

    value = need.later_value
    power, taken, change = best(value)
    if float(taken.sum()) < need.due:
        below, above = value, max(value, float(buy.min()) - _EDGE)
        power, taken, change = best(above)
        if float(taken.sum()) >= need.due:
            for _ in range(_ROUNDS):
                middle = 0.5 * (below + above)
                tried = best(middle)
                if float(tried[1].sum()) < need.due:
                    below = middle
                else:
                    above, (power, taken, change) = middle, tried
        value = above
    missing = need.due - float(taken.sum())
    if missing > 0.0:
        value = max(value, float(np.median(buy)))
        top, dearest = float(floors[-1]), 0.0
        for t in sorted(range(free, last), key=lambda t: (round(float(buy[t]), 3), -t)):
            if missing <= 0.0 or buy[t] >= _PROHIBITIVE:
                break
            missing -= top * HOURS - float(taken[t])
            power[t], dearest = top, max(dearest, float(buy[t]))
        if power[0] == top:
            change = min(change, -start_cost) if on else max(change, start_cost)
        elif on and dark and float(buy[0]) < dearest + _EDGE:
            # What is bought later needs another start then.
            change -= start_cost
    out = np.zeros(slots)
    out[:last] = power
    return Plan(out, change=change, value=value)


def _on_off(
    gains: list[float], start_cost: float, *, on: bool, free: int
) -> tuple[Floats, float]:
    """Return the cheapest on/off path, and what a change now saves.

    Args:
        gains: What being on costs, by slot.
        start_cost: What a start costs besides.
        on: It is on now.
        free: The first slot in which it may start.
    """
    value_on = value_off = 0.0
    slots = len(gains)
    stay = [False] * slots
    begin = [False] * slots
    change = -1.0
    for t in range(slots - 1, -1, -1):
        run = gains[t] + value_on
        start = run + start_cost if t >= free else float("inf")
        if t == 0:
            change = run - value_off if on else value_off - start
        stay[t] = run < value_off
        begin[t] = start < value_off
        value_on, value_off = min(run, value_off), min(start, value_off)
    out = np.zeros(slots)
    for t in range(slots):
        on = stay[t] if on else begin[t]
        out[t] = on
    return out, change
