"""Keep the plant's books: every quarter of an hour what should come, and what came."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import CONF_VOLTAGE_LIMIT, LOGGER
from ..plant.books.day import Day
from ..plant.books.evidence import Watch
from ..plant.books.grid_health import GridHealth, GridWatch
from ..plant.books.keeper import QUARTER, ClosedQuarter, PlantKeeper
from ..plant.books.modelled import Modelled
from ..plant.books.planned import Planned
from ..plant.books.summary import Summary, summarise
from ..plant.kpi.periods import Calendar, lasted
from ..plant.kpi.sums import PerformanceSums
from ..plant.model.plant import Plant
from ..readings.energy_book import Flow
from ..readings.energy_counter import mapping
from .data import PvFamilyConfigEntry, PvFamilyData
from .load_site import export_limit
from .plant_components import (
    Component,
    close_component,
    components_of,
    glance_at,
    grid_of,
    models_of,
)
from .plant_days import PlantDays

USUAL_VOLTAGE_LIMIT: Final = 253.0
"""V: a tenth above 230 V, where EN 50549 has inverters stop."""
SHOWN: Final = (Calendar.DAY, Calendar.MONTH, Calendar.YEAR)
"""The running periods that sensors show."""
_LIGHT: Final = 0.05
"""Share of the nominal power below which a ratio of a quarter means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantState:
    """What the books say now.

    Attributes:
        periods: The running day, month and year.
        starts: The first day of each.
        latest: The sums of the performance ratio since the books were last made.
        until: The end of the last quarter in them (UTC).
    """

    periods: Mapping[Calendar, Summary] = field(default_factory=dict)
    starts: Mapping[Calendar, date] = field(default_factory=dict)
    latest: PerformanceSums | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Closing:
    end: datetime
    components: Mapping[str, ClosedQuarter]
    totals: Mapping[Flow, float]
    grid: GridHealth
    peak_power: float


class PlantBooks(DataUpdateCoordinator[PlantState]):
    """Watch every beat of the home, and book every quarter of an hour.

    Attributes:
        planned: The downtimes that the user has marked.
    """

    config_entry: PvFamilyConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: PvFamilyConfigEntry, data: PvFamilyData
    ) -> None:
        """Go on where the last run stopped."""
        super().__init__(hass, LOGGER, config_entry=entry, name=f"{entry.title}: plant")
        self.data = PlantState()
        self.planned: list[Planned] = []
        limit = float(entry.options.get(CONF_VOLTAGE_LIMIT, USUAL_VOLTAGE_LIMIT))
        self._home = data
        self._archive = PlantDays(hass, entry)
        self._keeper = PlantKeeper(dt_util.get_default_time_zone(), limit)
        self._grid = GridWatch(limit, GridHealth())
        self._watches: dict[str, Watch] = {}
        self._components: list[Component] = []
        self._of: tuple[Plant, frozenset[str]] | None = None
        self._quarter: datetime | None = None
        self._closings: deque[_Closing] = deque()
        self._working = False
        self._loaded = False
        self._running: date | None = None
        self._past: dict[Calendar, tuple[date, Summary]] = {}
        self._lock = asyncio.Lock()
        if data.plant_state is not None:
            try:
                self.restore(data.plant_state)
            except (AttributeError, KeyError, TypeError, ValueError) as err:
                LOGGER.warning("The stored books of the plant start anew: %r", err)

    @property
    def plant(self) -> Plant | None:
        """What stands on the roof; ``None`` without any array."""
        return self._home.outlook.plant

    @property
    def components(self) -> Sequence[Component]:
        """The inverters with their arrays, as far as they are measured."""
        return self._components

    @property
    def faulty(self) -> float:
        """Share of what the plant could give that string faults take these days."""
        return summarise(self._days(self.today - timedelta(days=1), self.today)).faulty

    def title(self, component: str) -> str | None:
        """Return what the user calls a component, ``None`` if it has no name."""
        device = self._home.by_serial.get(component)
        return None if device is None else device.subentry.title

    @property
    def today(self) -> date:
        """The running day of the home."""
        return dt_util.utcnow().astimezone(self._keeper.zone).date()

    @callback
    def async_start(self) -> None:
        """Begin to watch; a home without a roof is not watched."""
        if self.plant is None:
            return
        entry = self.config_entry
        entry.async_on_unload(self._home.home.async_add_listener(self._look))
        self._work_soon()

    @callback
    def _look(self) -> None:
        """Watch one beat of the home."""
        now = self._home.home.data.flow.taken
        quarter = now.replace(
            minute=now.minute - now.minute % 15, second=0, microsecond=0
        )
        self._find_components()
        if self._quarter is not None and quarter > self._quarter:
            self._close(quarter)
        self._quarter = quarter
        for component in self._components:
            self._watches[component.name].look(now, glance_at(component, self._home))
        phases, frequency = grid_of(self._home)
        self._grid.look(now, phases, frequency)

    def _find_components(self) -> None:
        """Find the components anew when the plant or what measures it changes."""
        plant, places = self.plant, frozenset(self._home.home.data.arrays)
        if plant is None or self._of == (plant, places):
            return
        self._of = plant, places
        self._components = components_of(self.config_entry, self._home, plant, places)
        self._watches = {
            component.name: self._watches.get(component.name)
            or Watch(component.plant.peak_power, self._keeper.voltage_limit)
            for component in self._components
        }

    def _close(self, end: datetime) -> None:
        """Close the quarter of an hour that is over."""
        grid = self._grid.take()
        closed = {}
        for component in self._components:
            seen = self._watches[component.name].close(end - QUARTER, end)
            grid.trips += seen.trips
            closed[component.name] = close_component(component, seen, self._home)
        known = self._home.home.data.known
        self._closings.append(
            _Closing(
                end,
                closed,
                {flow: self._home.book.total(flow) for flow in known},
                grid,
                self.plant.peak_power if self.plant else 0.0,
            )
        )
        self._work_soon()

    @callback
    def _work_soon(self) -> None:
        if not self._working:
            self._working = True
            self.config_entry.async_create_background_task(
                self.hass, self._async_work(), f"{self.name}: books"
            )

    async def _async_work(self) -> None:
        """Book what is closed; never twice at once."""
        try:
            async with self._lock:
                await self._async_load()
                while self._closings:
                    self._enter(self._closings.popleft())
                models = await self._async_models()
                booked = self._keeper.book(dt_util.utcnow(), models)
                self._home.outlook.hold_back(self._keeper.take_withheld())
                state = await self._async_state(booked)
                await self._async_save_days()
        finally:
            self._working = False
        if state is not None:
            self.async_set_updated_data(state)
            self._home.save_soon()
        if self._closings:
            self._work_soon()

    async def _async_load(self) -> None:
        """Read the days that are over, once."""
        if not self._loaded:
            self._keeper.days = await self._archive.async_load() | self._keeper.days
            self._loaded = True

    def _enter(self, closing: _Closing) -> None:
        self._keeper.close(
            closing.end,
            closing.components,
            closing.totals,
            closing.grid,
            peak_power=closing.peak_power,
            export_limit=export_limit(self.config_entry.options),
        )

    async def _async_models(self) -> dict[datetime, dict[str, Modelled]]:
        """Return what should have come in each quarter that is to be booked."""
        theories = {}
        for interval in self._keeper.wanted():
            theory = self._home.outlook.theory(interval.start, interval.end)
            if theory is not None:
                theories[interval.start] = theory
            # A day of quarters must not hold up the house.
            await asyncio.sleep(0)
        if not theories:
            return {}
        return await self.hass.async_add_executor_job(
            models_of, self.plant, list(self._components), theories
        )

    async def _async_state(self, booked: PerformanceSums) -> PlantState | None:
        """Return what the books say now."""
        if self._keeper.until is None:
            return None
        # The last quarter before midnight still belongs to the day that ends.
        today = (self._keeper.until - QUARTER).astimezone(self._keeper.zone).date()
        periods = {}
        for calendar in SHOWN:
            summary = periods[calendar] = Summary()
            summary.add(await self._async_past(calendar, today))
            summary.add(summarise(self._days(today, today)))
        return PlantState(
            periods=periods,
            starts={calendar: calendar.first_day(today) for calendar in SHOWN},
            latest=booked if self._is_bright(booked) else None,
            until=self._keeper.until,
        )

    def _is_bright(self, booked: PerformanceSums) -> bool:
        """Tell whether a quarter of an hour had light enough for a ratio."""
        peak = self.plant.peak_power if self.plant else 0.0
        parts = max(len(self._components), 1)
        alone = booked.hours <= parts * QUARTER / timedelta(hours=1)
        return alone and booked.rated > _LIGHT * peak * booked.known_hours / parts > 0.0

    async def _async_past(self, calendar: Calendar, today: date) -> Summary:
        """Return the days of a running period that are over."""
        first = calendar.first_day(today)
        past = self._past.get(calendar)
        if past is None or past[0] != today or self._keeper.changed - {today}:
            days = self._days(first, today - timedelta(days=1))
            summary = await self.hass.async_add_executor_job(summarise, days)
            past = self._past[calendar] = today, summary
        return past[1]

    async def async_summary(self, first: date, last: date) -> Summary:
        """Return what the books say of some days.

        Args:
            first: The first day.
            last: The last day.
        """
        async with self._lock:
            await self._async_load()
            return await self.hass.async_add_executor_job(
                summarise, self._days(first, last)
            )

    async def async_days(self, first: date, last: date) -> list[tuple[date, Summary]]:
        """Return what the books say of each of some days.

        Args:
            first: The first day.
            last: The last day.
        """
        async with self._lock:
            await self._async_load()
            return [(each[0], summarise([each])) for each in self._days(first, last)]

    def _days(self, first: date, last: date) -> list[tuple[date, Day, float]]:
        """Return the days that are known, with how long each has lasted, in h."""
        days, zone = self._keeper.days, self._keeper.zone
        return [
            (day, days[day], lasted(day, zone, self._keeper.until))
            for day in sorted(days)
            if first <= day <= last
        ]

    async def _async_save_days(self) -> None:
        """Write the days that are over, when one of them changed or ended."""
        changed, self._keeper.changed = self._keeper.changed, set()
        running = max(self._keeper.days, default=None)
        if running != self._running or changed - {running}:
            self._running = running
            over = {d: day for d, day in self._keeper.days.items() if d != running}
            await self._archive.async_save(over)

    @callback
    def plan(
        self, start: datetime, end: datetime, summary: str, component: str | None
    ) -> Planned:
        """Mark a downtime as planned.

        Args:
            start: UTC.
            end: UTC.
            summary: Why, in the user's words.
            component: What is off, ``None`` for the whole plant.

        Raises:
            ValueError: It is no time.
        """
        planned = Planned(
            uid=uuid4().hex,
            start=start,
            end=end,
            summary=summary,
            component=component,
        )
        self.planned = [*self.planned, planned]
        self._planned_changed()
        return planned

    @callback
    def cancel(self, uid: str) -> bool:
        """Take a planned downtime back, and tell whether there was one."""
        left = [planned for planned in self.planned if planned.uid != uid]
        if len(left) == len(self.planned):
            return False
        self.planned = left
        self._planned_changed()
        return True

    @callback
    def _planned_changed(self) -> None:
        self._home.save_soon()
        self.async_update_listeners()

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run needs besides the days that are over."""
        running = max(self._keeper.days, default=None)
        return {
            "keeper": self._keeper.as_dict(),
            "planned": [planned.as_dict() for planned in self.planned],
            "running": (
                None
                if running is None
                else [running.isoformat(), self._keeper.days[running].as_dict()]
            ),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        state = mapping(state)
        self.planned = [Planned.from_dict(planned) for planned in state["planned"]]
        self._keeper.restore(state["keeper"])
        if state["running"] is not None:
            text, running = state["running"]
            day = self._running = date.fromisoformat(text)
            self._keeper.days[day] = Day.from_dict(running)
