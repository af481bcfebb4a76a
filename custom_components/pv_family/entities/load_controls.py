"""What a user can want of a load."""

from collections.abc import Iterable
from typing import Any, Final, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfTime

from ..control.surplus.loads import Mode
from ..coordinator import ControlCoordinator
from ..coordinator.load_settings import HOURS
from ..coordinator.load_unit import LoadUnit
from .loads import LoadEntity

_MODE: Final = SelectEntityDescription(
    key="mode", translation_key="load_mode", options=list(Mode)
)
_ENABLED: Final = SwitchEntityDescription(key="enabled", translation_key="load_enabled")
_NEED: Final = NumberEntityDescription(
    key="daily_minimum",
    translation_key="load_daily_minimum",
    native_min_value=0,
    native_max_value=1000,
    native_step=0.1,
    mode=NumberMode.BOX,
)
_PRIORITY: Final = NumberEntityDescription(
    key="priority",
    translation_key="load_priority",
    native_min_value=1,
    native_max_value=20,
    native_step=1,
    mode=NumberMode.BOX,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


def load_selects(control: ControlCoordinator, unit: LoadUnit) -> Iterable[SelectEntity]:
    """Yield the choices of a load."""
    yield ModeSelect(control, unit, _MODE)


def load_switches(
    control: ControlCoordinator, unit: LoadUnit
) -> Iterable[SwitchEntity]:
    """Yield the switches of a load."""
    yield EnabledSwitch(control, unit, _ENABLED)


def load_numbers(control: ControlCoordinator, unit: LoadUnit) -> Iterable[NumberEntity]:
    """Yield the numbers of a load."""
    yield PriorityNumber(control, unit, _PRIORITY)
    if unit.settings.need > 0.0:
        yield NeedNumber(control, unit, _NEED)


class ModeSelect(LoadEntity, SelectEntity):
    """What is wanted of a load; what it does follows from that."""

    @property
    @override
    def current_option(self) -> str:
        """Return what is wanted."""
        return str(self.unit.mode)

    @override
    async def async_select_option(self, option: str) -> None:
        """Take up what is wanted; a change by hand is over with it."""
        self.coordinator.want(self.unit.key, Mode(option))


class EnabledSwitch(LoadEntity, SwitchEntity):
    """Whether a load is controlled; otherwise it is only looked at."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it is controlled."""
        return self.unit.enabled

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Begin to control it."""
        await self.coordinator.async_enable(self.unit.key, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let go of it."""
        await self.coordinator.async_enable(self.unit.key, False)


class PriorityNumber(LoadEntity, NumberEntity):
    """Which load comes first."""

    @property
    @override
    def native_value(self) -> float:
        """Return its place."""
        return float(self.unit.priority)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Move it to another place."""
        self.coordinator.set_priority(self.unit.key, round(value))


class NeedNumber(LoadEntity, NumberEntity):
    """The least that a load needs a day."""

    def __init__(
        self,
        coordinator: ControlCoordinator,
        unit: LoadUnit,
        description: NumberEntityDescription,
    ) -> None:
        """Count as the user did."""
        super().__init__(coordinator, unit, description)
        self._attr_native_unit_of_measurement = (
            UnitOfTime.HOURS
            if unit.settings.need_unit == HOURS
            else UnitOfEnergy.KILO_WATT_HOUR
        )

    @property
    @override
    def native_value(self) -> float:
        """Return what it needs."""
        return self.unit.need

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change what it needs."""
        self.coordinator.set_need(self.unit.key, value)
