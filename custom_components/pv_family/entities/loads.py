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
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfEnergy
from homeassistant.core import callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .. import publish
from ..control.surplus.reasons import Why
from ..coordinator import ControlCoordinator, PvFamilyConfigEntry
from ..coordinator.load_book import Sums
from ..coordinator.load_unit import LoadUnit
from ..entity import SubentryEntity
from ..shown import ShownDescription, ShownSensor

# Reasons that the controller does not give: ours.
_OTHER_REASONS: Final = ("disobeys", "manual", "starting")
# Numbers beside a reason are shown anew no more often than this.
_NUMBERS: Final = timedelta(minutes=10)
# Plans shift by a little at every look: that is no news.
_SHIFT: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class LoadSensorDescription(ShownDescription):
    """How one number of a load is shown.

    Attributes:
        value_fn: The number, or ``None`` while there is none.
        daily: It starts from zero at midnight.
        imagined: It is of the shadow, which only a load has that is not controlled.
    """

    value_fn: Callable[[LoadUnit], float | None]
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
        digits=2,
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
_WHY: Final = ShownDescription(
    key="why",
    translation_key="load_why",
    device_class=SensorDeviceClass.ENUM,
    options=sorted([*Why, *_OTHER_REASONS]),
)
_NEXT: Final = ShownDescription(
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


class LoadEntity(SubentryEntity[ControlCoordinator]):
    """An entity of one load."""

    def __init__(
        self,
        coordinator: ControlCoordinator,
        unit: LoadUnit,
        description: EntityDescription,
    ) -> None:
        """Attach the entity to the load's device."""
        super().__init__(coordinator, unit.key, description)
        self.unit = unit


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


class LoadSensor(LoadEntity, ShownSensor[ControlCoordinator]):
    """A number of a load."""

    entity_description: LoadSensorDescription

    def __init__(
        self,
        coordinator: ControlCoordinator,
        unit: LoadUnit,
        description: LoadSensorDescription,
    ) -> None:
        """Count money in the currency of the house."""
        super().__init__(coordinator, unit, description)
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = coordinator.hass.config.currency

    @override
    def _value(self) -> float | None:
        description, unit = self.entity_description, self.unit
        if description.imagined and unit.enabled:
            return None
        return description.value_fn(unit)

    @override
    def _reset(self) -> datetime | None:
        return dt_util.start_of_local_day() if self.entity_description.daily else None


class WhySensor(LoadEntity, ShownSensor[ControlCoordinator]):
    """Why a load is as it is, in words."""

    _unrecorded_attributes = frozenset({"power", "surplus", "due", "shadow"})

    @override
    def _value(self) -> str:
        return self.unit.why

    @override
    def _attributes(self) -> dict[str, Any]:
        """Return the numbers that go with the reason, anew now and then."""
        shown = self._attr_extra_state_attributes
        if (
            self.unit.why == self._attr_native_value
            and shown.get("shadow") is not self.unit.enabled
            and self._since is not None
            and dt_util.utcnow() - self._since < _NUMBERS
        ):
            return shown
        return self._numbers()

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


class NextChangeSensor(LoadEntity, ShownSensor[ControlCoordinator]):
    """When a load is expected to change next."""

    @override
    def _value(self) -> datetime | None:
        shown, when = self._attr_native_value, self.unit.next_change
        if (
            isinstance(shown, datetime)
            and when is not None
            and abs(when - shown) < _SHIFT
            and when > dt_util.utcnow()
        ):
            return shown
        return when


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
