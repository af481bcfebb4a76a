"""Everything needed to understand a home, without who it belongs to.

The raw registers load into the project's simulator, so that a report becomes a test.
"""

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_LATITUDE, CONF_LONGITUDE
from homeassistant.core import HomeAssistant

from .const import CONF_HOUSE, CONF_KEY_HASH
from .coordinator import DeviceCoordinator, PvFamilyConfigEntry
from .devices.device import Diagnostics

_REDACTED = {
    CONF_DEVICE,
    CONF_HOST,
    CONF_HOUSE,
    CONF_KEY_HASH,
    CONF_LATITUDE,
    CONF_LONGITUDE,
    "title",
    "unique_id",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PvFamilyConfigEntry
) -> Diagnostics:
    """Return what the home and its devices know."""
    data = entry.runtime_data
    state = data.home.data
    return {
        "entry": async_redact_data(entry.as_dict(), _REDACTED),
        "flow": {
            "production": state.flow.production,
            "consumption": state.flow.consumption,
            "grid": state.flow.grid,
            "battery": state.flow.battery,
            "residual": state.flow.residual,
            "quality": state.flow.quality,
        },
        "totals_wh": dict(state.totals),
        "signs": data.witness.as_dict(),
        "verdicts": dict(data.ledger.verdicts),
        "refusals": [
            {
                "part": refusal.reading.series.part,
                "quantity": refusal.reading.series.quantity,
                "value": refusal.reading.value,
                "taken": refusal.reading.taken.isoformat(),
                "verdict": refusal.verdict,
                "reason": refusal.reason,
            }
            for refusal in data.ledger.refusals
        ],
        "links": [
            {"transport": info.endpoint[0], "connected": info.connected}
            for info in async_get_connection_info(hass)
            if entry.entry_id in info.units
        ],
        "devices": [
            await _async_device(device, number)
            for number, device in enumerate(data.devices.values(), 1)
        ],
    }


async def _async_device(coordinator: DeviceCoordinator, number: int) -> Diagnostics:
    poll = coordinator.last_poll
    described: Diagnostics = {
        "answers": coordinator.answers,
        "asleep": coordinator.data.asleep,
        "capabilities": sorted(f"{c.part}/{c.name}" for c in coordinator.capabilities),
        "values": {
            f"{r.series.part}/{r.series.quantity}": r.value
            for r in (poll.readings if poll else ())
        },
        "statuses": dict(poll.statuses) if poll else {},
        "events": {k: sorted(v) for k, v in poll.events.items()} if poll else {},
        "failed": dict(poll.failed) if poll else {},
    }
    return described | await coordinator.async_describe(f"REDACTED-{number}")
