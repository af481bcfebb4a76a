"""The calendar of downtime that is planned: what stands in it is no fault."""

from datetime import date, datetime
from typing import Any, override

from homeassistant.components.calendar import (
    EVENT_DESCRIPTION,
    EVENT_END,
    EVENT_LOCATION,
    EVENT_RRULE,
    EVENT_START,
    EVENT_SUMMARY,
    CalendarEntity,
    CalendarEntityFeature,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import PlantBooks, PvFamilyConfigEntry
from .parts import home_identifier
from .plant.books.planned import Planned

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PvFamilyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of a home with a roof."""
    books = entry.runtime_data.plant
    if books is not None and books.plant is not None:
        async_add_entities([DowntimeCalendar(books)])


class DowntimeCalendar(CoordinatorEntity[PlantBooks], CalendarEntity):
    """Planned downtime of the whole plant, or of one of its inverters."""

    _attr_has_entity_name = True
    _attr_translation_key = "planned_downtime"
    _attr_supported_features = (
        CalendarEntityFeature.CREATE_EVENT | CalendarEntityFeature.DELETE_EVENT
    )

    def __init__(self, coordinator: PlantBooks) -> None:
        """Attach the calendar to the home's device."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self._attr_unique_id = f"{entry.entry_id}_planned_downtime"
        self._attr_device_info = DeviceInfo(identifiers={home_identifier(entry)})

    @property
    @override
    def available(self) -> bool:
        """Return that the calendar can always be read."""
        return True

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the running downtime, or the next one."""
        now = dt_util.utcnow()
        coming = [each for each in self.coordinator.planned if each.end > now]
        first = min(coming, key=lambda each: each.start, default=None)
        return None if first is None else self._shown(first)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the downtimes that touch a time."""
        return [
            self._shown(each)
            for each in sorted(self.coordinator.planned, key=lambda p: p.start)
            if each.start < end_date and each.end > start_date
        ]

    @override
    async def async_create_event(self, **kwargs: Any) -> None:
        """Mark a downtime; the name of an inverter as place marks only that one.

        Raises:
            HomeAssistantError: It would repeat, or is no time.
        """
        if kwargs.get(EVENT_RRULE):
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="downtime_repeats"
            )
        start, end = _instant(kwargs[EVENT_START]), _instant(kwargs[EVENT_END])
        place = str(kwargs.get(EVENT_LOCATION) or kwargs.get(EVENT_DESCRIPTION) or "")
        self.coordinator.plan(
            start, end, str(kwargs.get(EVENT_SUMMARY) or ""), self._component(place)
        )

    @override
    async def async_delete_event(
        self,
        uid: str,
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        """Take a downtime back.

        Raises:
            HomeAssistantError: There is none of that name.
        """
        if not self.coordinator.cancel(uid):
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="no_such_downtime"
            )

    def _shown(self, planned: Planned) -> CalendarEvent:
        name = planned.component and (
            self.coordinator.title(planned.component) or planned.component
        )
        return CalendarEvent(
            start=dt_util.as_local(planned.start),
            end=dt_util.as_local(planned.end),
            summary=planned.summary,
            location=name,
            uid=planned.uid,
        )

    def _component(self, place: str) -> str | None:
        """Return the component that the user names, ``None`` for the whole plant."""
        wanted = place.strip().casefold()
        for component in self.coordinator.components:
            title = self.coordinator.title(component.name) or ""
            if wanted and wanted in (component.name.casefold(), title.casefold()):
                return component.name
        return None


def _instant(when: date) -> datetime:
    """Return a time in UTC; a day begins at its midnight."""
    if isinstance(when, datetime):
        return dt_util.as_utc(when)
    return dt_util.as_utc(dt_util.start_of_local_day(when))
