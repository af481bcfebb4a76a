"""What keeps a home from harvesting all that its roof could give."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from ..const import CONF_BATTERY_CAPACITY
from ..devices.device import Part, PartKind
from ..plant.forecast.harvest import Limits
from ..plant.model.plant import Plant
from ..readings.quantity import Quantity
from .data import PvFamilyData
from .load_site import export_limit

# Words by which inverters of all makers say that they hold back, or cannot.
_HELD_BACK: Final = frozenset(
    {
        "dispatched",
        "emergency_stop",
        "fault",
        "permanent_fault",
        "self_derating",
        "shutdown_by_command",
        "shutdown_power_limited",
        "throttled",
    }
)
# As near to the limit as this, the grid takes all that it may.
_AT_LIMIT: Final = 0.97
# Hours in which most home batteries can be filled.
_FILL_HOURS: Final = 2.5
_FRESH: Final = timedelta(minutes=2)


def harvest_limits(home: PvFamilyData, entry: ConfigEntry[Any], plant: Plant) -> Limits:
    """Return what the harvest of the coming days is limited by."""
    size = sum(_battery_sizes(home))
    charge = home.home.data.state_of_charge
    room = size * (1.0 - (0.5 if charge is None else charge / 100.0))
    return Limits(
        ac_power=plant.ac_power,
        export=export_limit(entry.options),
        battery_room=room,
        battery_power=size / _FILL_HOURS,
        battery_size=size,
    )


def _battery_sizes(home: PvFamilyData) -> list[float]:
    sizes = []
    for device in home.devices.values():
        batteries = {
            c.part for c in device.capabilities if c.name == Quantity.STATE_OF_CHARGE
        }
        if not batteries:
            continue
        told = [device.value(part, Quantity.BATTERY_CAPACITY) for part in batteries]
        known = device.subentry.data.get(CONF_BATTERY_CAPACITY)
        sizes.append(float(known or sum(size or 0.0 for size in told)))
    return sizes


def is_held_back(home: PvFamilyData, entry: ConfigEntry[Any], now: datetime) -> bool:
    """Tell whether the roof gives less than it could right now."""
    for device in home.devices.values():
        answered = device.data.answered
        if answered is None or now - answered > _FRESH:
            continue
        for key, status in device.data.statuses.items():
            if Part.from_key(key).kind is PartKind.INVERTER and status in _HELD_BACK:
                return True
    limit, grid = export_limit(entry.options), home.home.data.flow.grid
    return limit is not None and grid is not None and -grid >= _AT_LIMIT * limit
