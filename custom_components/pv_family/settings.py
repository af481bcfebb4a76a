"""What the entities of settings have in common."""

from collections.abc import Callable, Iterable

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_ALLOW_CHANGES
from .control.write_ledger import Value
from .coordinator import PolledCoordinator, PvFamilyConfigEntry
from .coordinator.changes import async_change, offers_of
from .devices.device import Part, PartKind
from .devices.voltronic.setting import Kind, Offer
from .entity import PartEntity


class SettingEntity(PartEntity):
    """A setting as the device shows it."""

    coordinator: PolledCoordinator

    def __init__(self, coordinator: PolledCoordinator, key: str, offer: Offer) -> None:
        """Show a setting on its inverter.

        Args:
            coordinator: The device.
            key: The setting.
            offer: How it may be changed.
        """
        description = EntityDescription(
            key=key, translation_key=key, entity_category=EntityCategory.CONFIG
        )
        super().__init__(coordinator, Part(PartKind.INVERTER), description)
        self._key = key
        self._offer = offer

    @property
    def offer(self) -> Offer:
        """Return the setting as it stands."""
        self._offer = offers_of(self.coordinator).get(self._key, self._offer)
        return self._offer

    async def async_change(self, value: Value) -> None:
        """Change the setting.

        Raises:
            HomeAssistantError: It must not or cannot be changed.
        """
        await async_change(self.coordinator, self._key, value, self._context)


@callback
def add_settings(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    kind: Kind,
    factory: Callable[[PolledCoordinator, str, Offer], Entity],
) -> None:
    """Add the settings of every device whose owner allows changes.

    Args:
        hass: Home Assistant.
        entry: The home.
        async_add_entities: Where to add them.
        kind: The kind that the platform shows.
        factory: Makes an entity of a setting.
    """
    for subentry_id, device in entry.runtime_data.devices.items():
        if not isinstance(device, PolledCoordinator) or not device.subentry.data.get(
            CONF_ALLOW_CHANGES
        ):
            continue
        seen: set[str] = set()
        add = _adder(device, subentry_id, seen, async_add_entities, kind, factory)
        add()
        entry.async_on_unload(device.async_add_listener(add))


def _adder(
    device: PolledCoordinator,
    subentry_id: str,
    seen: set[str],
    async_add_entities: AddConfigEntryEntitiesCallback,
    kind: Kind,
    factory: Callable[[PolledCoordinator, str, Offer], Entity],
) -> Callable[[], None]:
    @callback
    def add() -> None:
        """Add what the device offers now and did not before."""
        new = {
            key: offer
            for key, offer in offers_of(device).items()
            if key not in seen and offer.kind is kind
        }
        if new:
            seen.update(new)
            found: Iterable[Entity] = [
                factory(device, key, offer) for key, offer in new.items()
            ]
            async_add_entities(found, config_subentry_id=subentry_id)

    return add
