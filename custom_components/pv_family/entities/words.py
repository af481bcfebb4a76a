"""The words that a part's status and events may be, whatever its device speaks."""

from dataclasses import dataclass
from typing import Final

from ..coordinator import DeviceCoordinator
from ..devices.device import Part, PartKind
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
}
_EVENTS: Final = {
    PartKind.INVERTER: Words(
        "inverter_events", tuple(name for name in DerAc.EVENTS if name)
    ),
    PartKind.BATTERY: Words(
        "battery_events", tuple(name for name in BATTERY_EVENTS if name)
    ),
}


def status_words(device: DeviceCoordinator, part: Part) -> Words | None:
    """Return what a part's status may be, ``None`` if it is not shown."""
    if part.kind is PartKind.INVERTER and device.protocol == Protocol.PI30:
        return _OFF_GRID_STATUS
    return _STATUSES.get(part.kind)


def event_words(device: DeviceCoordinator, part: Part) -> Words | None:
    """Return what events a part may have, ``None`` if they are not shown."""
    if part.kind is PartKind.INVERTER and device.protocol == Protocol.PI30:
        return _OFF_GRID_EVENTS
    return _EVENTS.get(part.kind)
