"""Where prices come in: from the internet, from an entity, from the user."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
import random
from typing import Any, Final, Protocol

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import (
    async_track_point_in_utc_time,
    async_track_state_change_event,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..market.entity_price import present_price, read_curve, read_unit
from ..market.ladder import KEPT, Ladder
from ..market.market_day import days_between
from ..market.price_series import PriceSeries
from ..market.savings import SLOT, slot_of
from ..market.sources import sources_for
from ..market.time_of_use import TimeOfUse
from ..plant.web import Fetch, LastGood, WebAnswer, WebRequest
from .data import PvFamilyConfigEntry
from .market_settings import (
    CONF_CURRENCY,
    CONF_ENTSOE_TOKEN,
    CONF_EXCHANGE_RATE,
    CONF_PRICE,
    CONF_ZONE,
    bands,
    servers,
)
from .web_fetch import through

_STORE_VERSION: Final = 1
_DAYS_AHEAD: Final = 2
_NEW_CONNECTION: Final = {"Connection": "close"}
"""OPCOM refuses the second question on a connection that is kept open."""

type Waiting = Callable[[datetime], tuple[datetime, datetime] | None]
"""Returns the time of energy that waits for its price, given the present."""


def price_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where the prices of a home are kept."""
    return Store(
        hass, _STORE_VERSION, f"{DOMAIN}.{entry_id}.prices", atomic_writes=True
    )


class PriceFeed(Protocol):
    """Whatever prices come from."""

    @property
    def series(self) -> PriceSeries:
        """What is known, per kWh."""

    async def async_start(self, changed: Callable[[], None]) -> None:
        """Take up what the last run knew, and tell whenever prices change."""

    def stop(self) -> None:
        """Tell nothing more."""

    def look(self, now: datetime) -> None:
        """Note that a quarter of an hour has passed."""

    @property
    def states(self) -> Mapping[str, LastGood[date]]:
        """What came of asking each source."""

    @property
    def licences(self) -> Mapping[str, str]:
        """What each source says about using its prices."""


class EnteredFeed:
    """Prices that the user entered."""

    def __init__(self, subentry: ConfigSubentry) -> None:
        """Take the tariff."""
        data = subentry.data
        self._tariff = TimeOfUse(data[CONF_CURRENCY], data[CONF_PRICE], bands(data))
        self._day: date | None = None
        self.series = PriceSeries(data[CONF_CURRENCY])
        self.states: Mapping[str, LastGood[date]] = {}
        self.licences: Mapping[str, str] = {}

    async def async_start(self, changed: Callable[[], None]) -> None:
        """Lay out the days around the present."""
        self.look(dt_util.utcnow())

    def stop(self) -> None:
        """Do nothing: nothing was begun."""

    def look(self, now: datetime) -> None:
        """Lay out the days around the present, once a day."""
        day = dt_util.as_local(now).date()
        if day == self._day:
            return
        self._day = day
        # Energy that a register tells of after an outage reaches back as far as this.
        start = dt_util.start_of_local_day(day) - KEPT
        end = dt_util.start_of_local_day(day + timedelta(days=_DAYS_AHEAD))
        self.series = self._tariff.series(
            dt_util.as_utc(start), dt_util.as_utc(end), dt_util.get_default_time_zone()
        )


class EntityFeed:
    """Prices that an entity of Home Assistant shows."""

    def __init__(self, hass: HomeAssistant, entity_id: str, currency: str) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._entity_id = entity_id
        self._currency = currency
        self._stop: CALLBACK_TYPE | None = None
        self.series = PriceSeries(currency)
        self.states: Mapping[str, LastGood[date]] = {}
        self.licences: Mapping[str, str] = {}

    async def async_start(self, changed: Callable[[], None]) -> None:
        """Follow the entity."""

        @callback
        def told(event: Event[EventStateChangedData]) -> None:
            now = dt_util.utcnow()
            self._observe(now, now)
            changed()

        self._stop = async_track_state_change_event(self._hass, self._entity_id, told)
        self.look(dt_util.utcnow())

    def stop(self) -> None:
        """Follow the entity no more."""
        if self._stop is not None:
            self._stop()

    def look(self, now: datetime) -> None:
        """Take the price for the quarter hour that has begun."""
        self._observe(now, slot_of(now))

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what the last run saw, for energy that is not priced yet.

        What holds now only the entity says.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: It is not one of ours.
        """
        seen = PriceSeries.from_dict(stored)
        now = dt_util.utcnow()
        if seen.currency == self._currency:
            self.series = seen.between(now - KEPT, slot_of(now))

    def _observe(self, now: datetime, since: datetime) -> None:
        state = self._hass.states.get(self._entity_id)
        if state is None:
            return
        unit = read_unit(state.attributes.get("unit_of_measurement"))
        if unit is None or unit.currency not in {None, self._currency}:
            return
        known = self.series
        if not known.covers(slot_of(now), now):
            # Nobody else says what it was since the quarter hour began.
            since = slot_of(now)
        present = present_price(
            state.state, unit, self._currency, since, slot_of(now) + SLOT
        )
        curve = read_curve(state.attributes, unit, self._currency, now)
        ahead = curve.between(now, curve.end) if curve.end and curve.end > now else None
        if ahead:
            # What it shows now may be of a coarser or finer grain than its list.
            present = present.overlaid(ahead)
        found = known.overlaid(present)
        if found == known:
            return
        assert found.end is not None
        self.series = found.between(now - KEPT, found.end)


class DayAheadFeed:
    """Prices of the day-ahead market, asked for when they are published."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        waiting: Waiting,
    ) -> None:
        """Know nothing yet.

        Args:
            hass: Home Assistant.
            entry: The home.
            subentry: What the user said.
            waiting: Returns for which time energy waits for its price.
        """
        data = subentry.data
        self._hass = hass
        self._entry = entry
        self._waiting = waiting
        self._ladder = Ladder(
            sources_for(
                data[CONF_ZONE], data[CONF_CURRENCY], data.get(CONF_ENTSOE_TOKEN)
            ),
            data[CONF_CURRENCY],
            rate=data.get(CONF_EXCHANGE_RATE),
            # Not a secret: only another for each home.
            jitter=random.random(),  # noqa: S311
            aside=hass.async_add_executor_job,
        )
        self._fetch = discreet(through(hass, servers(data), _NEW_CONNECTION))
        self._store = price_store(hass, entry.entry_id)
        self._timer: CALLBACK_TYPE | None = None
        self._started: CALLBACK_TYPE | None = None
        self._changed: Callable[[], None] = _nothing
        self._asking = False
        self._stopped = False
        self._warned = False

    @property
    def series(self) -> PriceSeries:
        """What is known."""
        return self._ladder.series

    @property
    def states(self) -> Mapping[str, LastGood[date]]:
        """What came of asking each source."""
        return self._ladder.states

    @property
    def licences(self) -> Mapping[str, str]:
        """What each source says about using its prices."""
        return self._ladder.licences

    async def async_start(self, changed: Callable[[], None]) -> None:
        """Take up what the last run knew, and ask once Home Assistant has started."""
        self._changed = changed
        if (stored := await self._store.async_load()) is not None:
            try:
                self._ladder.restore(stored)
            except (
                AttributeError,
                KeyError,
                TypeError,
                ValueError,
                OverflowError,
            ) as err:
                LOGGER.warning(
                    "The stored prices are damaged and are asked for anew: %r", err
                )
        self._started = async_at_started(self._hass, self._begin)

    def stop(self) -> None:
        """Ask no more."""
        self._stopped = True
        for cancel in (self._timer, self._started):
            if cancel is not None:
                cancel()
        self._timer = self._started = None

    def look(self, now: datetime) -> None:
        """Ask sooner if energy waits for a price that nobody was going to ask for."""
        if not self._asking and self._started is not None:
            self._schedule(now)

    @callback
    def _begin(self, hass: HomeAssistant) -> None:
        self._schedule(dt_util.utcnow())

    def _days(self, now: datetime) -> list[date]:
        """Return the market days whose prices are wanted.

        A local day is not a market day: both ends are looked at.
        """
        today = dt_util.as_local(now).date()
        start, end = (
            dt_util.as_utc(dt_util.start_of_local_day(today + timedelta(days=days)))
            for days in (0, _DAYS_AHEAD)
        )
        days = days_between(start, end)
        if (waiting := self._waiting(now)) is not None:
            days = sorted({*days_between(*waiting), *days})
        return days

    @callback
    def _schedule(self, now: datetime) -> None:
        """Wait until asking is worth it."""
        if self._stopped:
            return
        if self._timer is not None:
            self._timer()
            self._timer = None
        at = self._ladder.next_ask(self._days(now), now)
        if at <= now:
            self._ask()
        else:
            job = HassJob(self._on_time, cancel_on_shutdown=True)
            self._timer = async_track_point_in_utc_time(self._hass, job, at)

    @callback
    def _on_time(self, now: datetime) -> None:
        self._timer = None
        self._ask()

    @callback
    def _ask(self) -> None:
        if not self._asking and not self._stopped:
            self._asking = True
            self._entry.async_create_background_task(
                self._hass, self._async_ask(), f"{DOMAIN} prices"
            )

    async def _async_ask(self) -> None:
        now = dt_util.utcnow()
        try:
            came = await self._ladder.ask(self._fetch, self._days(now), now)
        finally:
            self._asking = False
        self._tell_trouble(now)
        if came:
            await self._store.async_save(self._ladder.as_dict())
        if not self._stopped:
            self._changed()
            later = dt_util.utcnow()
            # What was asked in vain just now is not asked again at once.
            self._schedule(max(later, now + timedelta(seconds=1)))

    def _tell_trouble(self, now: datetime) -> None:
        """Log once that prices are missing, and once that they are back."""
        missing = self._ladder.missing(self._days(now), now)
        failed = [
            f"{name}: {state.failure}"
            for name, state in self._ladder.states.items()
            if state.failure is not None
        ]
        if missing and failed and not self._warned:
            self._warned = True
            LOGGER.info("No prices of %s: %s", missing[0], "; ".join(failed))
        elif not missing and self._warned:
            self._warned = False
            LOGGER.info("Prices are known again")


def _nothing() -> None:
    """Tell nobody."""


def discreet(fetch: Fetch) -> Fetch:
    """Return how to ask the network without repeating the question in an error.

    A token stands in the question, and the network's own errors quote it.
    """

    async def ask_discreetly(request: WebRequest) -> WebAnswer:
        try:
            return await fetch(request)
        except TimeoutError:
            raise
        except OSError as err:
            raise OSError(type(err.__cause__ or err).__name__) from None

    return ask_discreetly
