"""The forecasts of a home: learned in the background, kept on disk."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import CONF_HOLIDAY_CALENDAR, CONF_WEATHER, DOMAIN, LOGGER
from ..plant.forecast.harvest import Limits, harvest
from ..plant.forecast.keeper import STEP, Foreseen, History, Keeper, only_forecast
from ..plant.forecast.series import Forecast
from ..plant.forecast.standing import Standing
from ..plant.model.arrays import FloatArray
from ..plant.model.plant import Plant, Site
from ..plant.model.time_grid import TimeGrid
from ..plant.model.weather_series import WeatherSeries
from ..plant.weather import ChosenWeather, Offer
from ..plant.weather_known import known_weather, overlaid
from .forecast_history import async_first_days, async_measured
from .outlook_state import Outlook
from .weather_provider import WeatherProvider

_STORE_VERSION: Final = 1
_MEMORY: Final = timedelta(days=365)
# The recorder compiles the last minutes of a slot a little after its end.
_LAG: Final = timedelta(seconds=90)
_SAVE_EVERY: Final = timedelta(hours=6)
_PAST_EVERY: Final = timedelta(hours=1)
# Beyond it a date cannot be counted on.
_NO_DAY: Final = date(9000, 1, 1)
_HOLIDAYS_EVERY: Final = timedelta(days=1)
_HELD_BACK_KEPT: Final = timedelta(days=400)
_LEAST_DAYS: Final = timedelta(days=2)


class Forecasts:
    """Learn what was measured, foretell, and remember over a restart.

    Attributes:
        outlook: The forecasts that hold now.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        site: Site,
        plant: Plant | None,
    ) -> None:
        """Know nothing yet; `async_restore` brings back what was learned.

        Args:
            hass: Home Assistant.
            entry: The home.
            site: Where it stands.
            plant: What stands on its roof; without one only the load is foretold.
        """
        self.outlook: Outlook | None = None
        self._hass = hass
        self._entry = entry
        self._site = site
        self._plant = plant
        self._keeper = self._new_keeper()
        self._store = forecast_store(hass, entry.entry_id)
        self._held_back: frozenset[int] = frozenset()
        self._past: dict[datetime, float] = {}
        self._made: tuple[object, ...] = ()
        self._saved: datetime | None = None
        self._holidays_asked: datetime | None = None
        self._past_asked: datetime | None = None
        # Since when production and consumption were known when they were learned.
        self._since: tuple[datetime, ...] = ()

    def _new_keeper(self) -> Keeper:
        return Keeper(self._plant, self._hass.config.time_zone)

    @property
    def pv_standing(self) -> Standing | None:
        """How good the forecasts of the roof were."""
        return self._keeper.pv_standing

    @property
    def load_standing(self) -> Standing | None:
        """How good those of the household were."""
        return self._keeper.load_standing

    @property
    def level(self) -> float:
        """How much of what the model says the roof gave lately."""
        return self._keeper.level.factor

    async def async_restore(self) -> None:
        """Take up what was learned, unless the roof has become another one."""
        stored = await self._store.async_load()
        if stored is None or stored.get("plant") != self._signature:
            return
        keeper = self._new_keeper()

        def restore() -> None:
            keeper.restore(stored["keeper"])
            self._since = tuple(
                datetime.fromtimestamp(when, UTC) for when in stored["since"]
            )
            if len(self._since) not in (0, 2):
                raise ValueError("there are two beginnings or none")
            self._held_back = frozenset(map(int, stored["held_back"]))
            self._past = {
                datetime.fromtimestamp(when, UTC): float(power)
                for when, power in stored["past"]
            }

        try:
            await self._hass.async_add_executor_job(restore)
        except (
            AttributeError,
            IndexError,
            KeyError,
            OverflowError,
            TypeError,
            ValueError,
        ) as err:
            LOGGER.warning("What the forecasts learned is damaged: %r", err)
            return
        self._keeper = keeper

    @property
    def _signature(self) -> str:
        """What the learned is about: another place or another size starts anew."""
        site, plant = self._site, self._plant
        size = "none" if plant is None else f"{plant.peak_power:.0f}"
        return f"{site.latitude:.2f} {site.longitude:.2f} {size}"

    def hold_back(self, times: Collection[datetime]) -> None:
        """Note when the roof gave less than it could: those slots teach nothing."""
        numbers = {int(when.timestamp() // STEP.total_seconds()) for when in times}
        if numbers - self._held_back:
            oldest = max(numbers) - _HELD_BACK_KEPT // STEP
            # Never changed in place: learning reads it elsewhere at the same time.
            kept = {n for n in self._held_back if n >= oldest}
            self._held_back = frozenset(kept | numbers)

    def due(self, now: datetime, weather: ChosenWeather) -> bool:
        """Tell whether there is something new to say."""
        return self._made != self._basis(now, weather)

    def _basis(self, now: datetime, weather: ChosenWeather) -> tuple[object, ...]:
        slot = int((now - _LAG).timestamp() // STEP.total_seconds())
        return (slot, weather.issued)

    async def async_make(
        self,
        now: datetime,
        weather: ChosenWeather,
        provider: WeatherProvider | None,
        limits: Limits | None,
    ) -> None:
        """Learn what has come since the last time, and foretell.

        Args:
            now: The present (UTC).
            weather: Of the ladder.
            provider: Who knows past forecasts.
            limits: What the harvest is limited by; ``None`` without a roof.
        """
        basis = self._basis(now, weather)
        await self._async_holidays(now)
        history = await self._async_history(now, weather, provider)

        midnight = _slot(dt_util.start_of_local_day(dt_util.as_local(now)))

        def make() -> tuple[Foreseen, FloatArray]:
            if history is not None:
                self._keeper.learn(history)
            begun = (_slot(now) - midnight) // STEP
            return (
                self._keeper.forecast(now, weather),
                self._keeper.described(midnight, weather, begun),
            )

        foreseen, described = await self._hass.async_add_executor_job(make)
        load, potential = foreseen.load, foreseen.potential
        taken: Forecast | None = None
        if potential is not None and limits is not None:
            taken = harvest(potential, None if load is None else load.p50, limits)
            self._keep_past(midnight, taken.start)
            # Before the first forecast of its first day the described roof speaks.
            for index, power in enumerate(described.tolist()):
                self._past.setdefault(midnight + index * STEP, power)
        self.outlook = Outlook(
            issued=now,
            potential=potential,
            harvest=taken,
            load=load,
            past=dict(self._past),
        )
        if taken is not None:
            self._past.setdefault(taken.start, float(taken.p50[0]))
        self._made = basis
        if self._saved is None or now - self._saved >= _SAVE_EVERY:
            await self.async_save(now)

    def _keep_past(self, midnight: datetime, until: datetime) -> None:
        """Keep what was said of the slots of today that have begun since."""
        before = None if self.outlook is None else self.outlook.harvest
        if before is not None:
            for index, power in enumerate(before.p50.tolist()):
                when = before.start + index * STEP
                if when >= until:
                    break
                self._past.setdefault(when, power)
        self._past = {
            when: power for when, power in self._past.items() if when >= midnight
        }

    async def _async_history(
        self,
        now: datetime,
        weather: ChosenWeather,
        provider: WeatherProvider | None,
    ) -> History | None:
        """Return what was measured since the last lesson."""
        end = _slot(now - _LAG)
        await self._async_forget_if_more_is_known(now)
        start = self._keeper.learned_until
        if start is None or end - start > _MEMORY:
            start = _slot(min(*self._since, end - _LEAST_DAYS))
        count = (end - start) // STEP
        if count <= 0:
            return None
        grid = TimeGrid(start, STEP, count)
        measured = await async_measured(
            self._hass, self._entry, self._plant, grid, self._held_back, now
        )
        offers: list[Offer] = []
        known_at_all = (
            np.isfinite(measured.pv).any() or np.isfinite(measured.load).any()
        )
        early = start < weather.weather.grid.start
        if provider is not None and early and known_at_all:
            offers = await provider.async_past(start, end)

        def known() -> WeatherSeries:
            recent = only_forecast(weather, grid)
            if not offers:
                return recent
            return overlaid(known_weather(grid, offers), recent)

        return History(
            start,
            measured.pv,
            measured.load,
            await self._hass.async_add_executor_job(known),
        )

    async def _async_forget_if_more_is_known(self, now: datetime) -> None:
        """Begin again if the recorder has got an older past: an imported log."""
        asked = self._past_asked
        if asked is not None and now - asked < _PAST_EVERY:
            return
        self._past_asked = now
        known = self._since
        self._since = await async_first_days(
            self._hass, self._entry, now - _MEMORY, now
        )
        if known and any(
            new < old - _LEAST_DAYS for new, old in zip(self._since, known, strict=True)
        ):
            self._keeper = self._keeper.anew()

    async def _async_holidays(self, now: datetime) -> None:
        """Read the user's calendar of holidays once a day."""
        told = self._entry.options.get(CONF_WEATHER, {})
        calendar = told.get(CONF_HOLIDAY_CALENDAR)
        asked = self._holidays_asked
        if calendar is None or (asked is not None and now - asked < _HOLIDAYS_EVERY):
            return
        self._holidays_asked = now
        try:
            answer = await self._hass.services.async_call(
                "calendar",
                "get_events",
                {
                    "entity_id": calendar,
                    "start_date_time": (now - _MEMORY).isoformat(),
                    "end_date_time": (now + timedelta(days=7)).isoformat(),
                },
                blocking=True,
                return_response=True,
            )
        except HomeAssistantError as err:
            LOGGER.debug("%s tells no holidays: %r", calendar, err)
            return
        self._keeper.set_holidays(holidays_of((answer or {}).get(calendar)))

    async def async_save(self, now: datetime) -> None:
        """Write what was learned to disk."""
        self._saved = now

        def state() -> dict[str, Any]:
            return {
                "plant": self._signature,
                "keeper": self._keeper.as_dict(),
                "since": [when.timestamp() for when in self._since],
                "held_back": sorted(self._held_back),
                "past": [
                    [when.timestamp(), round(power, 1)]
                    for when, power in self._past.items()
                ],
            }

        await self._store.async_save(await self._hass.async_add_executor_job(state))


def holidays_of(answer: Any) -> frozenset[date]:
    """Return the days of a calendar's events; what is no whole day is left out."""
    events = answer.get("events") if isinstance(answer, dict) else None
    days: set[date] = set()
    for event in events if isinstance(events, list) else ():
        if not isinstance(event, dict):
            continue
        start = dt_util.parse_date(str(event.get("start")))
        end = dt_util.parse_date(str(event.get("end")))
        if start is not None and end is not None and start < end < _NO_DAY:
            length = min((end - start).days, 31)
            days.update(start + timedelta(days=n) for n in range(length))
    return frozenset(days)


def forecast_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where a home's forecasts keep what they learned."""
    return Store(
        hass, _STORE_VERSION, f"{DOMAIN}.{entry_id}.forecast", atomic_writes=True
    )


def _slot(when: datetime) -> datetime:
    seconds = STEP.total_seconds()
    return datetime.fromtimestamp(np.floor(when.timestamp() / seconds) * seconds, UTC)
