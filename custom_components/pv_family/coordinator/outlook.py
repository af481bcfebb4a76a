"""What the sky is like, what the roof should give under it, and what is to come."""

from collections.abc import Collection, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..plant.forecast.harvest import Limits
from ..plant.model.plant import Plant
from ..plant.model.time_grid import FINEST, TimeGrid
from ..plant.sky_now import Expected, Measured, Theory, expected_of, sky_of, theory_of
from ..plant.weather import ChosenWeather, choose_weather
from ..recorded import RecorderEndedError
from .data import PvFamilyConfigEntry, PvFamilyData
from .forecasts import Forecasts
from .harvest_limits import harvest_limits, is_held_back
from .outlook_state import OutlookState
from .pvgis_reference import PvgisReference
from .roof_plant import plant_of, site_of
from .weather_choice import WeatherChoice
from .yields import Yields

_PACE: Final = timedelta(minutes=1)
_LONGEST_THEORY: Final = timedelta(hours=1)
# From where the books may wait for a counter to the day after tomorrow.
_DAYS_BACK: Final = 2
_DAYS: Final = 6


class OutlookCoordinator(DataUpdateCoordinator[OutlookState]):
    """Look at sky and roof once a minute; everything heavy happens elsewhere.

    Attributes:
        plant: What stands on the roof; ``None`` without any array.
        site: Where the home stands.
        foretells: Whether there is anything to foretell: a roof, or a load whose
            past somebody keeps.
    """

    config_entry: PvFamilyConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: PvFamilyConfigEntry, data: PvFamilyData
    ) -> None:
        """Know nothing yet."""
        super().__init__(
            hass, LOGGER, config_entry=entry, name=f"{entry.title}: outlook"
        )
        self.data = OutlookState()
        self.site = site_of(hass, entry)
        self.plant: Plant | None = plant_of(hass, entry)
        self._home = data
        roofed = self.plant is not None
        self.foretells = roofed or DATA_INSTANCE in hass.data
        # For the load alone nobody is asked on the internet unless the user says so.
        self._choice = WeatherChoice(hass, entry, self.site, internet=roofed)
        self._pvgis: PvgisReference | None = None
        self._forecasts: Forecasts | None = None
        if self.foretells:
            self._forecasts = Forecasts(hass, entry, self.site, self.plant)
        if self.plant is not None and (fetch := self._choice.fetch) is not None:
            self._pvgis = PvgisReference(hass, entry.entry_id, self.plant, fetch)
        self._yields = Yields(hass, entry)
        self._weather: ChosenWeather | None = None
        self._weather_of: tuple[object, ...] = ()
        self._busy: set[str] = set()

    @callback
    def async_start(self) -> None:
        """Begin once Home Assistant has started, if there is anything to foretell."""
        if not self.foretells:
            return
        entry = self.config_entry
        entry.async_on_unload(async_at_started(self.hass, self._begin))
        # What others ask of it goes on even if no entity of it is enabled.
        entry.async_on_unload(self.async_add_listener(_keep_looking))

    @callback
    def _begin(self, _: HomeAssistant) -> None:
        self._in_background("begin", self._async_begin())

    async def _async_begin(self) -> None:
        await self._choice.async_start()
        self.config_entry.async_on_unload(self._choice.stop)
        if self._pvgis is not None:
            await self._pvgis.async_restore()
            self._take_reference()
        if self._forecasts is not None:
            await self._forecasts.async_restore()
        self.update_interval = _PACE
        await self.async_refresh()

    @override
    async def _async_update_data(self) -> OutlookState:
        if self.hass.is_stopping:
            return self.data
        now = dt_util.utcnow()
        self._choice.touch(now)
        await self._async_choose(now)
        self._start_what_is_due(now)
        return self._state(now)

    def _start_what_is_due(self, now: datetime) -> None:
        if self._choice.due(now):
            self._in_background("weather", self._async_ask_weather(now))
        elif self._forecasts is not None and self._weather is not None:
            # The first forecast waits for the first weather, or for its failure.
            plant = self.plant
            if plant and is_held_back(self._home, self.config_entry, plant, now):
                self._forecasts.hold_back([now])
            if self._forecasts.due(now, self._weather):
                work = self._async_forecast(now, self._forecasts, self._weather)
                self._in_background("forecast", work)
        if self._pvgis is not None and self._pvgis.due(now):
            self._in_background("pvgis", self._async_ask_pvgis(now, self._pvgis))
        if self.plant is not None and self._yields.due(now):
            self._in_background("yields", self._yields.async_read(now))

    def _state(self, now: datetime) -> OutlookState:
        forecasts, pvgis = self._forecasts, self._pvgis
        return OutlookState(
            expected=self._expected(now),
            weather=self._weather,
            outlook=None if forecasts is None else forecasts.outlook,
            pvgis=None if pvgis is None else pvgis.state,
            pv_standing=None if forecasts is None else forecasts.pv_standing,
            load_standing=None if forecasts is None else forecasts.load_standing,
            weather_trouble=self._choice.trouble,
            pvgis_trouble=None if pvgis is None else pvgis.trouble,
            produced_month=self._yields.month,
            produced_year=self._yields.year,
        )

    async def _async_ask_weather(self, now: datetime) -> None:
        await self._choice.async_ask(now)
        await self.async_refresh()

    async def _async_ask_pvgis(self, now: datetime, pvgis: PvgisReference) -> None:
        await pvgis.async_ask(now)
        self._take_reference()
        await self.async_refresh()

    def _take_reference(self) -> None:
        """Let the hills hide the sun and the long-term means be a rung."""
        if self._pvgis is None:
            return
        self._choice.climatology = self._pvgis.climatology
        state = self._pvgis.state
        if state is not None and state.horizon is not None:
            self.plant = plant_of(self.hass, self.config_entry, state.horizon)

    async def _async_forecast(
        self, now: datetime, forecasts: Forecasts, weather: ChosenWeather
    ) -> None:
        limits: Limits | None = None
        if self.plant is not None:
            limits = harvest_limits(self._home, self.config_entry, self.plant)
        await forecasts.async_make(now, weather, self._choice.provider, limits)
        self.async_set_updated_data(self._state(dt_util.utcnow()))

    async def _async_choose(self, now: datetime) -> None:
        """Take the best weather anew once in a quarter of an hour, or if some came."""
        slot = int(now.timestamp() // FINEST.total_seconds())
        of = (slot, *self._choice.version)
        if of == self._weather_of:
            return
        irradiance, clouds, climatology = self._choice.offers
        start = now.replace(hour=0, minute=0, second=0, microsecond=0)
        grid = TimeGrid(start - timedelta(days=_DAYS_BACK), FINEST, _DAYS * 96)

        def choose() -> ChosenWeather:
            return choose_weather(
                grid,
                self.site,
                now,
                irradiance=irradiance,
                clouds=clouds,
                climatology=climatology,
            )

        self._weather = await self.hass.async_add_executor_job(choose)
        self._weather_of = of

    def _expected(self, now: datetime) -> Expected | None:
        if self.plant is None or self._weather is None:
            return None
        grid = TimeGrid(now.replace(second=0, microsecond=0), _PACE, 1)
        sky = sky_of(grid, self.site, self._weather, self._choice.measured_now(now))
        issued = None if sky.source.is_measured else self._weather.issued
        level = 1.0 if self._forecasts is None else self._forecasts.level
        return expected_of(self.plant, sky, issued, level)

    def theory(self, start: datetime, end: datetime) -> Theory | None:
        """Return what the roof should have given in a time that has passed.

        Args:
            start: Of the time (UTC).
            end: Of the time (UTC).

        Returns:
            ``None`` without a roof, before the weather is known, or for a time that
            is no time or longer than an hour.
        """
        if self.plant is None or self._weather is None:
            return None
        if not timedelta(0) < end - start <= _LONGEST_THEORY:
            return None
        grid = TimeGrid(start, end - start, 1)
        measured = self._choice.measured(start, end)
        return theory_of(self.plant, sky_of(grid, self.site, self._weather, measured))

    def hold_back(self, starts: Collection[datetime]) -> None:
        """Let the forecasts not learn from times that the books explain otherwise."""
        if self._forecasts is not None:
            self._forecasts.hold_back(starts)

    def measured(self, start: datetime, end: datetime) -> Measured:
        """Return what the user's own sensors showed in a time of the last day."""
        return self._choice.measured(start, end)

    def _in_background(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Do something that may take long; never the same thing twice at once."""
        if what in self._busy or self.hass.is_stopping:
            work.close()
            return
        self._busy.add(what)

        async def run() -> None:
            try:
                await work
            except RecorderEndedError:
                LOGGER.debug("%s: no %s without a recorder", self.name, what)
            finally:
                self._busy.discard(what)

        self.config_entry.async_create_background_task(
            self.hass, run(), f"{self.name}: {what}"
        )


@callback
def _keep_looking() -> None:
    """Count as a listener, so that the coordinator keeps its pace."""
