"""What keeps a home from harvesting all that its roof could give."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from ..const import CONF_BATTERY_CAPACITY
from ..devices.device import Part, PartKind
from ..plant.books.evidence import (
    GRID_LOST_WORDS,
    LIMITED_WORDS,
    OVERVOLTAGE_WORDS,
    THROTTLED_WORDS,
)
from ..plant.forecast.harvest import Limits, is_at_export_limit
from ..plant.model.plant import Plant
from ..readings.quantity import Quantity
from .data import PvFamilyData
from .load_site import export_limit

# Statuses and events by which inverters of all makers say that they hold back, or cannot.
_HELD_BACK: Final = (
    frozenset(
        {
            "alarm",
            "emergency_stop",
            "fault",
            "permanent_fault",
            "shutdown_by_command",
        }
    )
    | THROTTLED_WORDS
    | OVERVOLTAGE_WORDS
    | LIMITED_WORDS
    | GRID_LOST_WORDS
)
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
        faulty=0.0 if home.plant is None else home.plant.faulty,
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


def is_held_back(
    home: PvFamilyData, entry: ConfigEntry[Any], plant: Plant, now: datetime
) -> bool:
    """Tell whether the roof gives less than it could right now."""
    for device in home.devices.values():
        answered = device.data.answered
        if answered is None or now - answered > _FRESH:
            continue
        for key, status in device.data.statuses.items():
            if Part.from_key(key).kind is PartKind.INVERTER and status in _HELD_BACK:
                return True
        for key, events in device.data.events.items():
            if Part.from_key(key).kind is PartKind.INVERTER and events & _HELD_BACK:
                return True
    shown = home.home.data
    return is_at_export_limit(
        shown.flow, harvest_limits(home, entry, plant), shown.state_of_charge
    )
