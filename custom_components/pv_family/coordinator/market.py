"""Prices, money and CO2 of a home, on their own slow beat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_LATITUDE
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import LOGGER, SUBENTRY_PRICES
from ..market.carbon import CarbonBook, read_intensity
from ..market.energy_steps import EnergyStep, EnergySteps
from ..market.home_prices import HomePrices
from ..market.payback import Payback, payback
from ..market.price_series import PriceSeries
from ..market.savings import Against, Saved, SavingsBook, Span
from ..market.shift import Shift
from .data import PvFamilyConfigEntry, PvFamilyData
from .home import HomeState
from .market_feeds import DayAheadFeed, EnteredFeed, EntityFeed, PriceFeed, price_store
from .market_settings import CONF_ENTITY, MarketSettings, PriceKind

_PUBLISH_EVERY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """What is known of prices, money and CO2 at an instant.

    Attributes:
        taken: The instant (UTC).
        prices: Of the home.
        today: What the household pays on this calendar day.
        saved: Money, by what is compared with and over which time.
        controlled: Whether control has told what it changed.
        since: When money began to be counted (UTC).
        unpriced: Energy that nobody ever knew a price of, in Wh.
        co2_avoided: In g.
        payback: How far the plant is, if the user said what it cost.
    """

    taken: datetime
    prices: HomePrices
    today: PriceSeries
    saved: Saved = field(default_factory=dict)
    controlled: bool = False
    since: datetime | None = None
    unpriced: float = 0.0
    co2_avoided: float = 0.0
    payback: Payback | None = None


class MarketCoordinator(DataUpdateCoordinator[MarketState]):
    """Know prices, and count what the home's beats bring.

    Attributes:
        settings: What the user said.
        prices: Of the home; immutable, for whoever plans with them.
        subentry: Where the user said it.
    """

    config_entry: PvFamilyConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        data: PvFamilyData,
    ) -> None:
        """Know nothing yet; `async_start` brings back what the last run knew."""
        super().__init__(
            hass, LOGGER, config_entry=entry, name=f"{entry.title}: prices"
        )
        self.subentry = subentry
        self.settings = MarketSettings.from_data(subentry.data)
        self._home = data
        self._steps = EnergySteps()
        self._savings = SavingsBook()
        self._carbon = CarbonBook()
        self._followed: dict[str, EntityFeed] = {}
        self._feed = self._make_feed()
        self._sell_feed = self._make_sell_feed()
        self._timer: CALLBACK_TYPE | None = None
        self._published: datetime | None = None
        self._composed: tuple[PriceSeries, PriceSeries | None] | None = None
        self.prices = self._compose()
        self._restore(data.market_state)
        self.data = self._state(dt_util.utcnow())

    def _make_feed(self) -> PriceFeed:
        match self.settings.kind:
            case PriceKind.DAY_AHEAD:
                return DayAheadFeed(
                    self.hass, self.config_entry, self.subentry, self._waiting
                )
            case PriceKind.ENTITY:
                return self._follow("reported", self.subentry.data[CONF_ENTITY])
        return EnteredFeed(self.subentry)

    def _make_sell_feed(self) -> EntityFeed | None:
        entity_id = self.settings.feed_in_entity
        return (
            None if entity_id is None else self._follow("reported_feed_in", entity_id)
        )

    def _follow(self, name: str, entity_id: str) -> EntityFeed:
        feed = EntityFeed(self.hass, entity_id, self.settings.currency)
        self._followed[name] = feed
        return feed

    async def async_start(self) -> None:
        """Begin to follow prices and the home's beats."""
        for feed in self._feeds:
            await feed.async_start(self._async_prices_changed)
        entry = self.config_entry
        entry.async_on_unload(self._stop)
        entry.async_on_unload(self._home.home.async_add_listener(self._async_beat))
        self._async_prices_changed()

    @property
    def _feeds(self) -> list[PriceFeed]:
        return [feed for feed in (self._feed, self._sell_feed) if feed is not None]

    @callback
    def _stop(self) -> None:
        for feed in self._feeds:
            feed.stop()
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _async_prices_changed(self) -> None:
        """Publish new prices, and wake when the present one ends."""
        now = dt_util.utcnow()
        self.prices = self._compose()
        self._publish(now)
        if self._timer is not None:
            self._timer()
        at = min(
            self.prices.market.next_change(now) or now + timedelta(hours=1),
            now + timedelta(minutes=15) - _past_quarter(now),
        )
        job = HassJob(self._on_time, cancel_on_shutdown=True)
        self._timer = async_track_point_in_utc_time(self.hass, job, at)

    @callback
    def _on_time(self, now: datetime) -> None:
        self._timer = None
        for feed in self._feeds:
            feed.look(dt_util.utcnow())
        self._async_prices_changed()

    @callback
    def _async_beat(self) -> None:
        """Count what flowed since the last beat of the home."""
        state: HomeState = self._home.home.data
        now = state.flow.taken
        step = self._steps.step(now, state.totals)
        if step is not None:
            self._count(step)
        if self._published is None or now - self._published >= _PUBLISH_EVERY:
            self._publish(now)

    def _count(self, step: EnergyStep) -> None:
        self._savings.count(step)
        intensity = self._intensity()
        if intensity > 0.0:
            self._carbon.count(step, intensity, self.settings.plant_co2)

    def _intensity(self) -> float:
        """Return the grid's intensity now, or the year's where that is not known."""
        entity_id = self.settings.co2_entity
        state = None if entity_id is None else self.hass.states.get(entity_id)
        if state is not None:
            unit = state.attributes.get("unit_of_measurement")
            now = read_intensity(state.state, unit)
            if now is not None:
                return now
        return self.settings.intensity

    def count_shift(self, shift: Shift) -> None:
        """Put down what control changed at the grid connection."""
        self._savings.count_shift(shift)

    def _compose(self) -> HomePrices:
        market = self._feed.series
        shown = None if self._sell_feed is None else self._sell_feed.series
        seen = self._composed
        if seen is None or seen[0] is not market or seen[1] is not shown:
            self._composed = (market, shown)
            return HomePrices.composed(
                market, self.settings.composition, self.settings.feed_in, shown
            )
        return self.prices

    @callback
    def _publish(self, now: datetime) -> None:
        self._published = now
        self.async_set_updated_data(self._state(now))

    def _state(self, now: datetime) -> MarketState:
        prices, savings = self.prices, self._savings
        zone = dt_util.get_default_time_zone()
        savings.settle(now, prices.buy, prices.sell, zone)
        saved = savings.saved(now, prices.buy, prices.sell, zone)
        start, end = local_day(now, 0)
        return MarketState(
            taken=now,
            prices=prices,
            today=prices.buy.between(start, end),
            saved=saved,
            controlled=savings.controlled,
            since=savings.since,
            unpriced=savings.unpriced,
            co2_avoided=self._carbon.avoided,
            payback=self._payback(now, saved),
        )

    def _payback(self, now: datetime, saved: Saved) -> Payback | None:
        settings, since = self.settings, self._savings.since
        if settings.investment <= 0.0 or since is None:
            return None
        return payback(
            settings.investment,
            settings.saved_before,
            ever(saved),
            since,
            now,
            self.config_entry.data.get(CONF_LATITUDE, self.hass.config.latitude),
        )

    def _waiting(self, now: datetime) -> tuple[datetime, datetime] | None:
        return self._savings.waiting(now)

    @property
    def failures(self) -> dict[str, str]:
        """Why sources did not give what they were asked for, by source."""
        return {
            name: state.failure
            for name, state in self._feed.states.items()
            if state.failure is not None
        }

    @property
    def failing_since(self) -> datetime | None:
        """Since when the source that fails the longest does so (UTC)."""
        return min(
            (
                state.failing_since
                for state in self._feed.states.values()
                if state.failing_since is not None
            ),
            default=None,
        )

    @property
    def licences(self) -> Mapping[str, str]:
        """What each source says about using its prices."""
        return self._feed.licences

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run needs to know."""
        return {
            "of": self.subentry.subentry_id,
            "currency": self.settings.currency,
            "steps": self._steps.as_dict(),
            "savings": self._savings.as_dict(),
            "carbon": self._carbon.as_dict(),
            **self._seen(),
        }

    def _seen(self) -> dict[str, Any]:
        """Return what entities showed while energy flowed that is not priced yet."""
        since = self._savings.unpriced_since
        if since is None:
            return {}
        return {
            name: feed.series.between(since, feed.series.end).as_dict()
            for name, feed in self._followed.items()
            if feed.series.end is not None
        }

    def _restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what `as_dict` described; money of another currency is left out."""
        if stored.get("of") != self.subentry.subentry_id:
            return
        parts = {"steps": self._steps.restore, "carbon": self._carbon.restore}
        if stored.get("currency") == self.settings.currency:
            parts["savings"] = self._savings.restore
        parts |= {
            name: feed.restore
            for name, feed in self._followed.items()
            if name in stored
        }
        for name, restore in parts.items():
            try:
                restore(stored[name])
            except (
                AttributeError,
                KeyError,
                TypeError,
                ValueError,
                OverflowError,
            ) as err:
                LOGGER.warning(
                    "What was saved so far is damaged and starts anew: %s: %r",
                    name,
                    err,
                )


def ever(saved: Saved) -> float:
    """Return what the plant saved since counting began."""
    return saved[Against.NO_PLANT, Span.EVER]


def local_day(now: datetime, days: int) -> tuple[datetime, datetime]:
    """Return when a calendar day of the home begins and ends (UTC).

    Args:
        now: The present (UTC).
        days: How many days after today.
    """
    today = dt_util.as_local(now).date()
    start, end = (
        dt_util.as_utc(dt_util.start_of_local_day(today + timedelta(days=days + n)))
        for n in (0, 1)
    )
    return start, end


def _past_quarter(now: datetime) -> timedelta:
    """Return how much of the quarter hour has passed."""
    return timedelta(
        minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond
    )


def market_of(
    hass: HomeAssistant, entry: PvFamilyConfigEntry, data: PvFamilyData
) -> MarketCoordinator | None:
    """Return the prices of a home, or ``None`` if the user said nothing about them."""
    subentry = next(iter(entry.get_subentries_of_type(SUBENTRY_PRICES)), None)
    if subentry is None:
        return None
    return MarketCoordinator(hass, entry, subentry, data)


async def async_remove_prices(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the prices of a home."""
    await price_store(hass, entry_id).async_remove()
