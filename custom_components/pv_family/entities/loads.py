"""The sensors of a load: what it does, why, and what that brings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfEnergy
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .. import publish
from ..const import DOMAIN
from ..control.surplus.reasons import Why
from ..coordinator import ControlCoordinator, PvFamilyConfigEntry
from ..coordinator.load_book import Sums
from ..coordinator.load_unit import LoadUnit
from ..entity import Shown

# Reasons that the controller does not give: ours.
_OTHER_REASONS: Final = ("disobeys", "manual", "starting")
# Numbers beside a reason are shown anew no more often than this.
_NUMBERS: Final = timedelta(minutes=10)
# Plans shift by a little at every look: that is no news.
_SHIFT: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class LoadSensorDescription(SensorEntityDescription):
    """How one number of a load is shown.

    Attributes:
        value_fn: The number, or ``None`` while there is none.
        digits: Decimals that are worth keeping.
        rule: How often a change is shown.
        daily: It starts from zero at midnight.
        imagined: It is of the shadow, which only a load has that is not controlled.
    """

    value_fn: Callable[[LoadUnit], float | None]
    digits: int = 2
    rule: publish.Publish = publish.ALWAYS
    daily: bool = False
    imagined: bool = False


def _energy(
    key: str,
    value_fn: Callable[[LoadUnit], float],
    *,
    daily: bool = True,
    imagined: bool = False,
) -> LoadSensorDescription:
    return LoadSensorDescription(
        key=key,
        translation_key=f"load_{key}",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=(
            SensorStateClass.TOTAL if daily else SensorStateClass.TOTAL_INCREASING
        ),
        suggested_display_precision=1,
        value_fn=lambda unit: value_fn(unit) / 1000.0,
        digits=2 if daily else 3,
        rule=publish.ENERGY,
        daily=daily,
        imagined=imagined,
    )


def _starts(
    key: str, value_fn: Callable[[LoadUnit], int], *, imagined: bool = False
) -> LoadSensorDescription:
    return LoadSensorDescription(
        key=key,
        translation_key=f"load_{key}",
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=0,
        value_fn=value_fn,
        digits=0,
        daily=True,
        imagined=imagined,
    )


def _money(
    key: str, sums_fn: Callable[[LoadUnit], Sums | None], *, imagined: bool = False
) -> LoadSensorDescription:
    def saved(unit: LoadUnit) -> float | None:
        sums = sums_fn(unit)
        return None if sums is None else sums.saved

    return LoadSensorDescription(
        key=key,
        translation_key=f"load_{key}",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        value_fn=saved,
        rule=publish.ENERGY,
        imagined=imagined,
    )


DESCRIPTIONS: tuple[LoadSensorDescription, ...] = (
    _energy("energy_today", lambda unit: unit.book.today.energy),
    _energy("energy", lambda unit: unit.book.total, daily=False),
    _starts("starts_today", lambda unit: unit.book.today.starts),
    _money("saved_last_day", lambda unit: unit.book.yesterday),
    _energy(
        "shadow_energy_today",
        lambda unit: unit.shadow.book.today.energy,
        imagined=True,
    ),
    _starts(
        "shadow_starts_today", lambda unit: unit.shadow.book.today.starts, imagined=True
    ),
    _money("shadow_saved_today", lambda unit: unit.shadow.book.today, imagined=True),
)
_WHY: Final = SensorEntityDescription(
    key="why",
    translation_key="load_why",
    device_class=SensorDeviceClass.ENUM,
    options=sorted([*Why, *_OTHER_REASONS]),
)
_NEXT: Final = SensorEntityDescription(
    key="next_change",
    translation_key="load_next_change",
    device_class=SensorDeviceClass.TIMESTAMP,
)
_RUNNING: Final = BinarySensorEntityDescription(
    key="running", device_class=BinarySensorDeviceClass.RUNNING
)
_PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


class LoadEntity(CoordinatorEntity[ControlCoordinator]):
    """An entity of one load."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: ControlCoordinator,
        unit: LoadUnit,
        description: EntityDescription,
    ) -> None:
        """Attach the entity to the load's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self.unit = unit
        self._attr_unique_id = f"{unit.key}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, unit.key)})


@callback
def add_load_entities(
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    factory: Callable[[ControlCoordinator, LoadUnit], Iterable[Entity]],
) -> None:
    """Add the entities of every load.

    Args:
        entry: The home.
        async_add_entities: Where to add them.
        factory: Makes those of one load.
    """
    control = entry.runtime_data.control
    if control is None:
        return
    for key, unit in control.units.items():
        async_add_entities(factory(control, unit), config_subentry_id=key)


def load_sensors(control: ControlCoordinator, unit: LoadUnit) -> Iterable[SensorEntity]:
    """Yield the sensors of a load."""
    yield WhySensor(control, unit, _WHY)
    yield NextChangeSensor(control, unit, _NEXT)
    for description in DESCRIPTIONS:
        yield LoadSensor(control, unit, description)


def load_binary_sensors(
    control: ControlCoordinator, unit: LoadUnit
) -> Iterable[BinarySensorEntity]:
    """Yield the binary sensors of a load."""
    yield RunningSensor(control, unit, _RUNNING)
    yield DisobeysSensor(control, unit, _PROBLEM)


class LoadSensor(LoadEntity, SensorEntity):
    """A number of a load."""

    entity_description: LoadSensorDescription

    def __init__(
        self,
        coordinator: ControlCoordinator,
        unit: LoadUnit,
        description: LoadSensorDescription,
    ) -> None:
        """Show what is known already."""
        super().__init__(coordinator, unit, description)
        self._shown = Shown(description.rule)
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = coordinator.hass.config.currency
        self._read()

    @property
    @override
    def available(self) -> bool:
        """Return whether there is such a number."""
        return super().available and self._attr_native_value is not None

    def _read(self) -> bool:
        """Take the present number and tell whether it is to be shown."""
        description, unit = self.entity_description, self.unit
        value: float | None = None
        if not (description.imagined and unit.enabled):
            value = description.value_fn(unit)
        if value is not None:
            value = round(value, description.digits)
        reset = dt_util.start_of_local_day() if description.daily else None
        if not self._shown.take(value) and reset == self._attr_last_reset:
            return False
        self._attr_native_value, self._attr_last_reset = value, reset
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._read():
            super()._handle_coordinator_update()


class WhySensor(LoadEntity, SensorEntity):
    """Why a load is as it is, in words."""

    _unrecorded_attributes = frozenset({"power", "surplus", "due", "shadow"})
    _shown_at: datetime | None = None
    _shown_why: str | None = None

    def _numbers(self) -> dict[str, Any]:
        decision = self.unit.decision
        numbers = {} if decision is None else decision.numbers
        found: dict[str, Any] = {"shadow": not self.unit.enabled}
        if decision is not None:
            found["power"] = round(decision.power)
        if "surplus" in numbers:
            found["surplus"] = round(numbers["surplus"])
        if "due" in numbers:
            found["due"] = round(numbers["due"] / 1000.0, 2)
        return found

    @property
    @override
    def native_value(self) -> str:
        """Return the reason."""
        return self.unit.why

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        why, now = self.unit.why, dt_util.utcnow()
        if (
            why != self._shown_why
            or self._attr_extra_state_attributes["shadow"] is self.unit.enabled
            or self._shown_at is None
            or now - self._shown_at >= _NUMBERS
        ):
            self._take(why, now)
            super()._handle_coordinator_update()

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the numbers."""
        await super().async_added_to_hass()
        self._take(self.unit.why, dt_util.utcnow())

    def _take(self, why: str, now: datetime) -> None:
        self._shown_why, self._shown_at = why, now
        self._attr_extra_state_attributes = self._numbers()


class NextChangeSensor(LoadEntity, SensorEntity):
    """When a load is expected to change next."""

    @property
    @override
    def available(self) -> bool:
        """Return whether a change is in sight."""
        return super().available and self._attr_native_value is not None

    def _read(self) -> bool:
        shown, when = self._attr_native_value, self.unit.next_change
        if isinstance(shown, datetime) and when is not None:
            if abs(when - shown) < _SHIFT and when > dt_util.utcnow():
                return False
        self._attr_native_value = when
        return when is not shown

    @override
    async def async_added_to_hass(self) -> None:
        """Take up what is in sight."""
        await super().async_added_to_hass()
        self._read()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._read():
            super()._handle_coordinator_update()


class RunningSensor(LoadEntity, BinarySensorEntity):
    """Whether a load is on."""

    @property
    @override
    def available(self) -> bool:
        """Return whether that is known."""
        shown = self.unit.shown
        return super().available and shown is not None and shown.available

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it is on."""
        return self.unit.shown is not None and self.unit.shown.on


class DisobeysSensor(LoadEntity, BinarySensorEntity):
    """Whether a load does not do what it is told."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it disobeys."""
        return self.unit.orders.disobeys
