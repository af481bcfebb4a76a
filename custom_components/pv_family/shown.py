"""Sensors that show a value as often as it is worth a row in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)
from homeassistant.util import dt as dt_util

from .publish import ALWAYS, Publish

type Value = float | str | date | datetime | None


@dataclass(frozen=True, kw_only=True)
class ShownDescription(SensorEntityDescription):
    """How a value is shown.

    Attributes:
        digits: Decimals of a number that are worth keeping.
        rule: How often a change of a number is shown; any other is at once.
    """

    digits: int = 0
    rule: Publish = ALWAYS


class ShownSensor[C: DataUpdateCoordinator[Any]](CoordinatorEntity[C], SensorEntity):
    """A value of a coordinator, read at each update and shown when it is due.

    A class of sensors says what its value is, and what belongs to it.
    """

    entity_description: ShownDescription

    def __init__(self, coordinator: C) -> None:
        """Show nothing until the entity is added."""
        super().__init__(coordinator)
        self._attr_native_value = None
        self._attr_last_reset = None
        self._attr_extra_state_attributes = {}
        self._number: float | None = None
        self._since: datetime | None = None
        self._answered = True

    def _value(self) -> Value:
        """Return the present value, ``None`` while it is not known."""
        raise NotImplementedError

    def _reset(self) -> datetime | None:
        """Return when the value last started from zero."""
        return None

    def _attributes(self) -> Mapping[str, Any]:
        """Return what else belongs to the value."""
        return {}

    @property
    @override
    def available(self) -> bool:
        """Return whether the value is known, which is not the same as zero."""
        return super().available and self._attr_native_value is not None

    @override
    async def async_added_to_hass(self) -> None:
        """Take what is known already."""
        await super().async_added_to_hass()
        self._read()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        answered = self.coordinator.last_update_success
        if self._read() or answered is not self._answered:
            self._answered = answered
            super()._handle_coordinator_update()

    def _read(self) -> bool:
        """Take the present value and tell whether it is to be shown."""
        value, reset = self._value(), self._reset()
        attributes = dict(self._attributes())
        if isinstance(value, int | float):
            value = round(value, self.entity_description.digits)
        if not (
            self._is_due(value)
            or reset != self._attr_last_reset
            or attributes != self._attr_extra_state_attributes
        ):
            return False
        self._number = value if isinstance(value, int | float) else None
        self._since = dt_util.utcnow()
        self._attr_native_value, self._attr_last_reset = value, reset
        self._attr_extra_state_attributes = attributes
        return True

    def _is_due(self, value: Value) -> bool:
        """Tell whether a value is news."""
        if (
            not isinstance(value, int | float)
            or self._number is None
            or self._since is None
        ):
            return value != self._attr_native_value
        rule = self.entity_description.rule
        return rule.due(self._number, self._since, value, dt_util.utcnow())
