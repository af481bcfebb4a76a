"""The words that a part's status and events may be, whatever its device speaks."""

from dataclasses import dataclass
from typing import Final

from ..coordinator import DeviceCoordinator, PolledCoordinator
from ..devices.device import Part, PartKind
from ..devices.modbus_maps.schema import Family
from ..devices.node.messages import AlarmCode, CleaningPhase
from ..devices.sunspec.models.battery import BATTERY_EVENTS, CHARGE_STATES
from ..devices.sunspec.models.der import DerAc
from ..devices.sunspec.models.inverter import OPERATING_STATES
from ..devices.voltronic.words import FAULTS, MODES, WARNINGS
from ..link import Protocol


@dataclass(frozen=True, slots=True)
class Words:
    """What something may be called.

    Attributes:
        translation_key: Where the words are translated.
        words: All of them.
    """

    translation_key: str
    words: tuple[str, ...]


_OFF_GRID_STATUS: Final = Words("off_grid_status", tuple(MODES.values()))
_OFF_GRID_EVENTS: Final = Words("off_grid_events", tuple(sorted(FAULTS | WARNINGS)))
_STATUSES: Final = {
    PartKind.INVERTER: Words("inverter_status", tuple(OPERATING_STATES.values())),
    PartKind.BATTERY: Words("battery_status", tuple(CHARGE_STATES.values())),
    PartKind.NODE: Words("cleaning_phase", tuple(CleaningPhase)),
}
_EVENTS: Final = {
    PartKind.INVERTER: Words(
        "inverter_events", tuple(name for name in DerAc.EVENTS if name)
    ),
    PartKind.BATTERY: Words(
        "battery_events", tuple(name for name in BATTERY_EVENTS if name)
    ),
    PartKind.NODE: Words("node_events", tuple(AlarmCode)),
}


def status_words(device: DeviceCoordinator, part: Part) -> Words | None:
    """Return what a part's status may be, ``None`` if it is not shown."""
    if part.kind is PartKind.INVERTER and device.protocol == Protocol.PI30:
        return _OFF_GRID_STATUS
    if device.protocol == Protocol.MAP:
        return _mapped_status(device, part)
    return _STATUSES.get(part.kind)


def event_words(device: DeviceCoordinator, part: Part) -> Words | None:
    """Return what events a part may have, ``None`` if they are not shown."""
    if part.kind is PartKind.INVERTER and device.protocol == Protocol.PI30:
        return _OFF_GRID_EVENTS
    if device.protocol == Protocol.MAP:
        return _mapped_events(device, part)
    return _EVENTS.get(part.kind)


def _family(device: DeviceCoordinator) -> Family | None:
    return device.family if isinstance(device, PolledCoordinator) else None


def _mapped_status(device: DeviceCoordinator, part: Part) -> Words | None:
    family = _family(device)
    key = "map_battery_status" if part.kind is PartKind.BATTERY else "map_status"
    for status in family.statuses if family else ():
        if status.part == part:
            return Words(key, tuple(dict.fromkeys(status.words.values())))
    return None


def _mapped_events(device: DeviceCoordinator, part: Part) -> Words | None:
    family = _family(device)
    words = {
        word
        for events in (family.events if family else ())
        if events.part == part
        for word in events.vocabulary
    }
    return Words("map_events", tuple(sorted(words))) if words else None
