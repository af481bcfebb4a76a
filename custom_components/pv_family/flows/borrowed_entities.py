"""What the entities are that a user may borrow: names, identities, what is taken."""

from collections.abc import Collection, Mapping

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_CHANNELS, DOMAIN, SUBENTRY_BORROWED
from ..devices.borrowed.channel import ENTITIES


def lasting_id(hass: HomeAssistant, entity: str) -> str:
    """Return what stays the same when an entity is renamed."""
    found = er.async_get(hass).async_get(entity)
    return found.id if found else entity


def is_own(hass: HomeAssistant, entity: str) -> bool:
    """Tell whether an entity is one of ours."""
    found = er.async_get(hass).async_get(entity)
    return found is not None and found.platform == DOMAIN


def borrowed_ids(hass: HomeAssistant, but: str | None = None) -> set[str]:
    """Return the identities of every entity that some home borrows."""
    return {
        lasting_id(hass, channel[name])
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.get_subentries_of_type(SUBENTRY_BORROWED)
        if subentry.subentry_id != but
        for channel in subentry.data[CONF_CHANNELS].values()
        for name in ENTITIES
        if channel.get(name)
    }


def entity_beside(
    hass: HomeAssistant, entity: str | None, kind: str, taken: Collection[str]
) -> str | None:
    """Return the only entity of a kind on the device of another, if there is one.

    Args:
        hass: Home Assistant.
        entity: The other.
        kind: Its device class.
        taken: The identities of entities that have their place.
    """
    registry = er.async_get(hass)
    found = registry.async_get(entity) if entity else None
    if found is None or found.device_id is None:
        return None
    beside = [
        other
        for other in er.async_entries_for_device(registry, found.device_id)
        if other.domain == Platform.SENSOR
        and kind in (other.device_class, other.original_device_class)
    ]
    if len(beside) != 1 or beside[0].id in taken or beside[0].platform == DOMAIN:
        return None
    return beside[0].entity_id


def suggested_name(hass: HomeAssistant, draft: Mapping[str, str | None]) -> str:
    """Return what a draft is called by its first entity."""
    entity = next(entity for entity in draft.values() if entity)
    state = hass.states.get(entity)
    return state.name if state else entity


def entity_selector(
    device_class: SensorDeviceClass, *, multiple: bool = False
) -> EntitySelector:
    """Return a selector of the entities that may be borrowed."""
    return EntitySelector(
        EntitySelectorConfig(
            filter={"domain": Platform.SENSOR, "device_class": device_class},
            multiple=multiple,
        )
    )


def has_number(text: str) -> bool:
    """Tell whether a state is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


async def async_words(hass: HomeAssistant) -> dict[str, str]:
    """Return the words of roles and evidence in the language of Home Assistant."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", {DOMAIN}
    )
    return {
        key.rpartition(".options.")[2]: text
        for section_name in ("borrowed_role", "borrowed_evidence")
        for key, text in texts.items()
        if key.startswith(f"component.{DOMAIN}.selector.{section_name}.options.")
    }
