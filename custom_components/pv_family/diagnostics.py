"""Everything needed to understand a home, without who it belongs to.

The raw registers load into the project's simulator, so that a report becomes a test.
"""

from dataclasses import asdict

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_LATITUDE, CONF_LONGITUDE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_HOUSE, CONF_KEY_HASH, CONF_OPEN_METEO_URL, CONF_PVGIS_URL
from .coordinator import (
    DeviceCoordinator,
    MarketCoordinator,
    OutlookState,
    PvFamilyConfigEntry,
)
from .coordinator.market_settings import CONF_ENTSOE_TOKEN
from .coordinator.outlook_state import Trouble
from .devices.device import Diagnostics
from .plant.forecast.standing import Standing
from .plant.sky_now import Expected

_REDACTED = {
    CONF_DEVICE,
    CONF_ENTSOE_TOKEN,
    CONF_HOST,
    CONF_HOUSE,
    CONF_KEY_HASH,
    CONF_LATITUDE,
    CONF_LONGITUDE,
    CONF_OPEN_METEO_URL,
    CONF_PVGIS_URL,
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
        "market": _market(data.market),
        "signs": data.witness.as_dict(),
        "loads": [] if data.control is None else data.control.describe(),
        "outlook": _outlook(data.outlook.data),
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


def _market(market: MarketCoordinator | None) -> Diagnostics | None:
    """Return what is known of prices, without how they were asked for."""
    if market is None:
        return None
    return {
        "prices": market.prices.market.as_dict(),
        "failures": market.failures,
        "counted": market.as_dict(),
    }


def _outlook(state: OutlookState) -> Diagnostics:
    """Return how weather and forecasts are doing; where the home is stays out."""
    outlook, weather, now = state.outlook, state.weather, dt_util.utcnow()
    return {
        "expected": _plain(state.expected),
        "rung": None if weather is None else weather.rung_at(now).name.lower(),
        "weather_issued": None if weather is None else weather.issued,
        "weather_trouble": _plain(state.weather_trouble),
        "forecast_issued": None if outlook is None else outlook.issued,
        "pv_standing": _plain(state.pv_standing),
        "load_standing": _plain(state.load_standing),
        "pvgis_taken": None if state.pvgis is None else state.pvgis.taken,
        "pvgis_trouble": _plain(state.pvgis_trouble),
    }


def _plain(told: Expected | Standing | Trouble | None) -> Diagnostics | None:
    return None if told is None else asdict(told)


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
