"""Everything needed to understand a home, without who it belongs to.

The raw registers load into the project's simulator, so that a report becomes a test.
"""

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.const import (
    CONF_DEVICE,
    CONF_HOST,
    CONF_LATITUDE,
    CONF_LONGITUDE,
    CONF_NAME,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_HOUSE, CONF_KEY_HASH
from .coordinator import DeviceCoordinator, PvFamilyConfigEntry
from .coordinator.market_settings import CONF_ENTSOE_TOKEN
from .devices.device import Diagnostics
from .home_report import (
    OWN_SERVERS,
    async_describe_plant,
    describe_beats,
    describe_loads,
    describe_market,
    describe_outlook,
    discreet,
)

_REDACTED = {
    CONF_DEVICE,
    CONF_ENTSOE_TOKEN,
    CONF_HOST,
    CONF_HOUSE,
    CONF_KEY_HASH,
    CONF_LATITUDE,
    CONF_LONGITUDE,
    CONF_NAME,
    *OWN_SERVERS,
    "title",
    "unique_id",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PvFamilyConfigEntry
) -> Diagnostics:
    """Return what the home and its devices know."""
    data, now, clean = entry.runtime_data, dt_util.utcnow(), discreet(entry, REDACTED)
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
        "beats": describe_beats(entry),
        "market": describe_market(data.market, now, clean),
        "signs": data.witness.as_dict(),
        "loads": describe_loads(data.control),
        "outlook": describe_outlook(data.outlook.data, now, clean),
        "plant": await async_describe_plant(
            data.plant, [device.serial for device in data.devices.values()]
        ),
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
