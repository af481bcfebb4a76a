"""How long the battery will last."""

import math


def battery_hours_left(
    state_of_charge: float | None,
    capacity: float | None,
    power: float | None,
    *,
    floor: float = 0.0,
) -> float | None:
    """Return the hours until the battery is down to a floor.

    Args:
        state_of_charge: In percent.
        capacity: Usable energy of the full battery in Wh.
        power: What the battery gives in W, positive while it discharges.
        floor: State of charge at which the inverter stops, in percent.

    Returns:
        The hours at this power; ``None`` while the battery does not discharge or if
        anything is not known.
    """
    if state_of_charge is None or capacity is None or power is None:
        return None
    if not all(map(math.isfinite, (state_of_charge, capacity, power))):
        return None
    if not 0.0 <= state_of_charge <= 100.0 or capacity <= 0.0 or power <= 0.0:
        return None
    return max(0.0, state_of_charge - floor) / 100.0 * capacity / power
