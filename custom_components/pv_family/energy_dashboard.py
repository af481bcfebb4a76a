"""The Energy dashboard's own preferences, which belong to the user.

Home Assistant has no public API for this: the manager replaces whole lists and does
not validate. Everything that touches it is in this module.
"""

from typing import Any

from homeassistant.components.energy.data import (
    ENERGY_SOURCE_SCHEMA,
    EnergyPreferencesUpdate,
    async_get_manager,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN, SUBENTRY_ROOF_ARRAY

# What a source of each type is made of, and which of the home's sensors fills it.
_SOURCES: dict[str, dict[str, str]] = {
    "grid": {
        "stat_energy_from": "grid_import_energy",
        "stat_energy_to": "grid_export_energy",
        "stat_rate": "grid_power",
    },
    "solar": {
        "stat_energy_from": "production_energy",
        "stat_rate": "production_power",
    },
    "battery": {
        "stat_energy_from": "battery_discharge_energy",
        "stat_energy_to": "battery_charge_energy",
        "stat_rate": "battery_power",
        "stat_soc": "state_of_charge",
    },
}
_REST: dict[str, dict[str, Any]] = {
    "grid": {
        "stat_cost": None,
        "stat_compensation": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0,
    },
    "solar": {"config_entry_solar_forecast": None},
    "battery": {},
}


async def async_missing_sources(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> list[dict[str, Any]] | None:
    """Return the home's sources that the dashboard does not have yet.

    ``None`` while the home measures nothing that the dashboard could show.
    """
    manager = await async_get_manager(hass)
    present = {
        value
        for source in (manager.data["energy_sources"] if manager.data else ())
        for key, value in source.items()
        if key.startswith("stat_energy")
    }
    registry = er.async_get(hass)
    measured = False
    missing: list[dict[str, Any]] = []
    for kind, statistics in _SOURCES.items():
        found = {
            name: registry.async_get_entity_id(
                "sensor", DOMAIN, f"{entry.entry_id}_{key}"
            )
            for name, key in statistics.items()
        }
        energies = {
            statistic
            for name, statistic in found.items()
            if name.startswith("stat_energy")
        }
        if None in energies:
            continue
        measured = True
        if energies & present:
            continue
        known = {name: statistic for name, statistic in found.items() if statistic}
        source = {"type": kind, **known, **_REST[kind]}
        if kind == "solar" and any(entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY)):
            source["config_entry_solar_forecast"] = [entry.entry_id]
        missing.append(source)
    return missing if measured else None


async def async_add_sources(hass: HomeAssistant, sources: list[dict[str, Any]]) -> None:
    """Append sources to the user's, leaving everything else as it is."""
    manager = await async_get_manager(hass)
    kept = list(manager.data["energy_sources"]) if manager.data else []
    # The manager validates nothing: a missing key would break the editor.
    validated = ENERGY_SOURCE_SCHEMA([*kept, *sources])
    await manager.async_update(EnergyPreferencesUpdate(energy_sources=validated))  # type: ignore[typeddict-item]
