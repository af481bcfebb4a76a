"""After a crash, take up what was shown but not saved.

The books are written once a minute; the recorder writes every few seconds. After a
power cut it may know energies that the books do not. They were counted, so they are
put back: a total that fell would look like a new meter to the statistics.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from homeassistant.components.recorder.history import get_last_state_changes
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE

from ..const import DOMAIN, LOGGER
from ..readings.energy_book import Flow
from ..recorded import async_recorded

_LOOKED_AT: Final = 3

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry


async def async_take_up_what_was_shown(
    hass: HomeAssistant, entry: PvFamilyConfigEntry
) -> None:
    """Raise the energies of a home to what they showed last.

    Args:
        hass: Home Assistant.
        entry: The home, before its first beat.
    """
    if DATA_INSTANCE not in hass.data:
        return
    registry = er.async_get(hass)
    shown_by = {
        flow: entity_id
        for flow in Flow
        if (
            entity_id := registry.async_get_entity_id(
                Platform.SENSOR, DOMAIN, f"{entry.entry_id}_{flow}_energy"
            )
        )
    }
    if not shown_by:
        return
    shown = await async_recorded(hass, _last_shown, hass, list(shown_by.values()))
    book = entry.runtime_data.book
    for flow, entity_id in shown_by.items():
        if (energy := shown.get(entity_id)) is not None:
            raised = book.raise_to(flow, energy)
            if raised > 0.0:
                LOGGER.info("%s: %.0f Wh of %s put back", entry.title, raised, flow)


def _last_shown(hass: HomeAssistant, entity_ids: list[str]) -> dict[str, float]:
    """Return the last energy in Wh that each entity showed; it blocks."""
    found: dict[str, float] = {}
    for entity_id in entity_ids:
        # The last ones may be from the start: entities begin as unavailable.
        states = get_last_state_changes(hass, _LOOKED_AT, entity_id)
        for state in states.get(entity_id, ()):
            with suppress(ValueError):
                energy = float(state.state) * 1000
                found[entity_id] = max(energy, found.get(entity_id, 0.0))
    return found
