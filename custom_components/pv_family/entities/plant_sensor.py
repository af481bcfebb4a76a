"""The entities that show how the plant does."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, override

from homeassistant.const import MATCH_ALL
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator import PlantBooks, PvFamilyConfigEntry
from ..entity import HomeEntity
from ..plant.kpi.periods import Calendar
from ..shown import ShownSensor
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
        PlantSensor(books, description) for description in PLANT_DESCRIPTIONS
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
        yield InverterSensor(books, description, name)


class PlantSensor(HomeEntity[PlantBooks], ShownSensor[PlantBooks]):
    """A figure of the plant, made anew every quarter of an hour."""

    _unrecorded_attributes = frozenset({MATCH_ALL})
    entity_description: PlantDescription

    @override
    def _value(self) -> float | None:
        return self.entity_description.value_fn(self.coordinator)

    @override
    def _reset(self) -> datetime | None:
        period = self.entity_description.period
        start = None if period is None else self.coordinator.data.starts.get(period)
        return None if start is None else dt_util.start_of_local_day(start)

    @override
    def _attributes(self) -> dict[str, Any]:
        """Return how sure the figure is."""
        tell = self.entity_description.attributes_fn
        return {} if tell is None else tell(self.coordinator)


class InverterSensor(PlantSensor):
    """A figure of one inverter of the plant."""

    def __init__(
        self, coordinator: PlantBooks, description: PlantDescription, name: str
    ) -> None:
        """Attach the entity to the inverter's device.

        Args:
            coordinator: The books.
            description: Which figure.
            name: Of the inverter: its serial number.
        """
        super().__init__(coordinator, description)
        self._attr_unique_id = f"{name}_inverter_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, name)})
