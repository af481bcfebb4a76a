"""The entities that show how the plant does."""

from collections.abc import Callable, Iterable
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import MATCH_ALL
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator import PlantBooks, PvFamilyConfigEntry
from ..parts import home_identifier
from ..plant.kpi.periods import Calendar
from .plant import PLANT_DESCRIPTIONS, PlantDescription, availability_description


@callback
def async_add_plant_sensors(
    entry: PvFamilyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of a plant, and those of its inverters once they are told apart.

    A home without a roof has none.
    """
    books = entry.runtime_data.plant
    if books is None or books.plant is None:
        return
    async_add_entities(
        PlantSensor(books, description, entry.entry_id, home_identifier(entry))
        for description in PLANT_DESCRIPTIONS
    )
    added: set[str] = set()
    add = _adder(entry, books, async_add_entities, added)
    add()
    entry.async_on_unload(books.async_add_listener(add))


def _adder(
    entry: PvFamilyConfigEntry,
    books: PlantBooks,
    async_add_entities: AddConfigEntryEntitiesCallback,
    added: set[str],
) -> Callable[[], None]:
    @callback
    def add() -> None:
        """Add the availability of each inverter, where there are several."""
        names = [component.name for component in books.components]
        for name in names if len(names) > 1 else ():
            device = entry.runtime_data.by_serial.get(name)
            if name in added or device is None or not device.shows_entities:
                continue
            added.add(name)
            async_add_entities(
                _inverter_sensors(books, name),
                config_subentry_id=device.subentry.subentry_id,
            )

    return add


def _inverter_sensors(books: PlantBooks, name: str) -> Iterable[PlantSensor]:
    for calendar in (Calendar.MONTH, Calendar.YEAR):
        description = availability_description(
            calendar, "technical", enabled=False, name=name
        )
        yield PlantSensor(books, description, f"{name}_inverter", (DOMAIN, name))


class PlantSensor(CoordinatorEntity[PlantBooks], SensorEntity):
    """A figure of the plant, made anew every quarter of an hour."""

    _attr_has_entity_name = True
    _unrecorded_attributes = frozenset({MATCH_ALL})
    entity_description: PlantDescription

    def __init__(
        self,
        coordinator: PlantBooks,
        description: PlantDescription,
        prefix: str,
        device: tuple[str, str],
    ) -> None:
        """Show nothing until the books say something.

        Args:
            coordinator: The books.
            description: Which figure.
            prefix: Of the entity's unique id.
            device: Identifies the device that it belongs to.
        """
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{prefix}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={device})
        self._read()

    @property
    @override
    def available(self) -> bool:
        """Return whether the figure is known, which is not the same as zero."""
        return super().available and self._attr_native_value is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return how sure the figure is."""
        tell = self.entity_description.attributes_fn
        return None if tell is None else tell(self.coordinator)

    def _read(self) -> None:
        description = self.entity_description
        value = description.value_fn(self.coordinator)
        self._attr_native_value = (
            None if value is None else round(value, description.digits)
        )
        if description.period is not None:
            start = self.coordinator.data.starts.get(description.period)
            self._attr_last_reset = (
                None if start is None else dt_util.start_of_local_day(start)
            )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._read()
        super()._handle_coordinator_update()
