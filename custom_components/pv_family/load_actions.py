"""The actions about loads and commands: the plan, who changed what, and undo."""

from collections.abc import Iterator
from typing import Any, Final

import probatio

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry

from .access import async_check_may_change
from .const import DOMAIN
from .control.write_ledger import Entry, Outcome
from .coordinator import MqttNodeCoordinator, PolledCoordinator, PvFamilyConfigEntry
from .coordinator.changes import async_change
from .coordinator.load_orders import POWER
from .coordinator.load_settings import Kind
from .devices.device import Part, PartKind

SERVICE_GET_PLAN: Final = "get_plan"
SERVICE_GET_CHANGES: Final = "get_changes"
SERVICE_UNDO_CHANGE: Final = "undo_change"

ATTR_ID: Final = "id"
ATTR_LIMIT: Final = "limit"

_HOME: Final[dict[Any, Any]] = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_PLAN_SCHEMA: Final = probatio.Schema(_HOME)
_CHANGES_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Optional(ATTR_LIMIT, default=50): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=200)
        ),
    }
)
_UNDO_SCHEMA: Final = probatio.Schema({**_HOME, probatio.Required(ATTR_ID): cv.string})


@callback
def async_register_load_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handle, schema, response in (
        (SERVICE_GET_PLAN, _async_plan, _PLAN_SCHEMA, SupportsResponse.ONLY),
        (SERVICE_GET_CHANGES, _async_changes, _CHANGES_SCHEMA, SupportsResponse.ONLY),
        (SERVICE_UNDO_CHANGE, _async_undo, _UNDO_SCHEMA, SupportsResponse.NONE),
    ):
        hass.services.async_register(DOMAIN, name, handle, schema, response)


def _entry(call: ServiceCall) -> PvFamilyConfigEntry:
    entry: PvFamilyConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry


async def _async_plan(call: ServiceCall) -> ServiceResponse:
    """Return when each load is planned to run."""
    control = _entry(call).runtime_data.control
    if control is None:
        return {"loads": {}}
    timeline = control.timeline()
    loads: dict[str, Any] = {
        key: {
            "name": unit.settings.title,
            "mode": str(unit.mode),
            "why": unit.why,
            "shadow": not unit.enabled,
            "next_change": unit.next_change and unit.next_change.isoformat(),
            "intervals": [
                {
                    "start": stretch.start.isoformat(),
                    "end": stretch.end.isoformat(),
                    "power": round(stretch.power),
                }
                for stretch in timeline.get(key, [])
            ],
        }
        for key, unit in control.units.items()
    }
    return {"loads": loads}


async def _async_changes(call: ServiceCall) -> ServiceResponse:
    """Return who changed what, the newest first."""
    entry = _entry(call)
    writes = entry.runtime_data.writes
    changes: list[Any] = []
    for change in reversed(writes.entries):
        if len(changes) == call.data[ATTR_LIMIT]:
            break
        changes.append(
            {
                "id": _id(change),
                "target": change.target.device,
                "name": _name(entry, change),
                "key": change.target.key,
                "value": change.value,
                "before": change.before,
                "when": change.when.isoformat(),
                "actor": change.actor,
                "reason": change.reason,
                "outcome": str(change.outcome),
                "read_back": change.read_back,
                "undoable": _undoable(entry, change),
            }
        )
    return {"changes": changes}


async def _async_undo(call: ServiceCall) -> None:
    """Put a target back to what it was before its last change."""
    entry = _entry(call)
    actor = await async_check_may_change(call.hass, call.context)
    change = next(
        (
            change
            for change in entry.runtime_data.writes.entries
            if _id(change) == call.data[ATTR_ID]
        ),
        None,
    )
    if change is None or change.before is None or not _undoable(entry, change):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="cannot_undo"
        )
    data = entry.runtime_data
    device = data.by_serial.get(change.target.device)
    if isinstance(device, PolledCoordinator):
        await async_change(device, change.target.key, change.before, call.context)
    elif isinstance(device, MqttNodeCoordinator):
        number = Part.from_key(change.target.key).number
        await device.relays.async_switch(number, bool(change.before), call.context)
    elif data.control is not None:
        await data.control.async_put_back(
            change.target.device, float(change.before), actor
        )


def _id(change: Entry) -> str:
    """Return what names a command among those of a home."""
    return f"{change.when.timestamp():.6f}_{change.target.device}_{change.target.key}"


def _undoable(entry: PvFamilyConfigEntry, change: Entry) -> bool:
    """Tell whether a command can be taken back: the last of its target, if it came."""
    data = entry.runtime_data
    if (
        change.before is None
        or change.before == change.value
        or change.outcome not in (Outcome.CONFIRMED, Outcome.UNCONFIRMED)
        or data.writes.last(change.target) is not change
    ):
        return False
    if change.target.key == POWER:
        units = {} if data.control is None else data.control.units
        unit = units.get(change.target.device)
        return unit is not None and unit.settings.kind is not Kind.PROGRAMME
    device = data.by_serial.get(change.target.device)
    if isinstance(device, MqttNodeCoordinator):
        return change.target.key.startswith(PartKind.RELAY)
    return isinstance(device, PolledCoordinator)


def _name(entry: PvFamilyConfigEntry, change: Entry) -> str:
    """Return what the user calls the target of a command."""
    names: Iterator[str] = (
        device.name
        for serial, device in entry.runtime_data.by_serial.items()
        if serial == change.target.device
    )
    load = entry.subentries.get(change.target.device)
    return load.title if load else next(names, change.target.device)
