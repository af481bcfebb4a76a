"""Who feeds whom: the rule of self-consumption on a DC-coupled hybrid inverter."""

from dataclasses import dataclass

from .battery import Battery
from .inverter import Inverter


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Powers at one instant, W."""

    pv_dc: float
    """Taken from the strings."""
    battery_dc: float
    """At the battery's terminals, + = discharge."""
    inverter_ac: float
    """At the inverter's AC terminals."""


def dispatch(
    inverter: Inverter,
    battery: Battery | None,
    *,
    pv_available: float,
    load: float,
    stored: float,
    dt: float,
) -> Dispatch:
    """Serve the load, then the battery, then the grid.

    Args:
        inverter: converts and limits.
        battery: None without one.
        pv_available: DC power at the maximum power points, W.
        load: household load, W.
        stored: energy in the battery, Wh.
        dt: seconds for which the result will hold.
    """
    pv = pv_available if pv_available >= inverter.startup_power else 0.0
    battery_dc = 0.0
    if battery is not None:
        needed = inverter.dc_power(min(load, inverter.nameplate))
        if pv >= needed:
            battery_dc = -min(pv - needed, battery.charge_limit(stored, dt))
        else:
            battery_dc = min(needed - pv, battery.discharge_limit(stored, dt))
    limit = inverter.nameplate
    if inverter.export_limit is not None:
        limit = min(limit, load + inverter.export_limit)
    ac = inverter.ac_power(pv + battery_dc)
    if ac > limit:
        ac = limit
        pv = min(pv, max(0.0, inverter.dc_power(limit) - battery_dc))
    return Dispatch(pv_dc=pv, battery_dc=battery_dc, inverter_ac=ac)
