"""Blueprints for prices: a cheap hour, and a negative price."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant

from .automations import MORNING, Automations, automations_at_home

PRICE, LOWEST, HIGHEST = "sensor.price", "sensor.lowest", "sensor.highest"
ACTIVE, BOILER = "input_boolean.negative", "input_boolean.boiler"
WASHER, TIMER = "input_boolean.washer", "timer.washer"


@pytest.fixture
async def home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Automations]:
    """Return a home in the morning."""
    async with automations_at_home(hass, freezer) as home:
        yield home


class TestCheapHours:
    """Start a load at a cheap hour."""

    @pytest.fixture
    async def evening(self, home: Automations) -> Automations:
        """Return a home at a dear hour, with a load and a timer."""
        await home.helpers("input_boolean", "washer")
        await home.helpers("timer", "washer", restore=True)
        home.show(PRICE, 1.2)
        return home

    async def make(self, home: Automations, **inputs: Any) -> None:
        """Make it with a limit of half a unit."""
        await home.make("cheap_hours", load=WASHER, price=PRICE, limit=0.5, **inputs)

    def at(self, hour: int, minute: int = 0, days: int = 0) -> datetime:
        """Return a time of the day."""
        return MORNING.replace(hour=hour, minute=minute) + timedelta(days=days)

    async def test_once_between_two_times(self, evening: Automations) -> None:
        """Not before, as soon as it is cheap, and once a night."""
        home = evening
        await self.make(home)
        home.show(PRICE, 0.4)
        await home.wait_until(self.at(21, 58))
        assert home.state(WASHER) == "off"
        home.show(PRICE, 0.6)
        await home.wait_until(self.at(23, 0))
        assert home.state(WASHER) == "off"
        home.show(PRICE, 0.5)
        await home.wait(1)
        assert home.state(WASHER) == "on"
        await home.act("input_boolean.turn_off", WASHER)
        await home.wait_until(self.at(12, 0, days=1))
        assert home.state(WASHER) == "off"
        await home.wait_until(self.at(22, 2, days=1))
        assert home.state(WASHER) == "on"

    async def test_at_the_latest_time(self, evening: Automations) -> None:
        """Dear all night, or without a price: it starts so as to be ready."""
        home = evening
        await self.make(home)
        home.show(PRICE, "unavailable")
        await home.wait_until(self.at(4, 58, days=1))
        assert home.state(WASHER) == "off"
        await home.wait(3)
        assert home.state(WASHER) == "on"

    async def test_an_hour_late_at_the_most(self, evening: Automations) -> None:
        """Down at the latest time, it is made good soon after and not at noon."""
        home = evening
        await self.make(home)
        home.show(PRICE, 0.1)
        home.freezer.move_to(self.at(6, 30, days=1))
        await home.wait(5)
        assert home.state(WASHER) == "off"
        home.show(PRICE, 1.0)
        home.freezer.move_to(self.at(5, 30, days=2))
        await home.wait(2)
        assert home.state(WASHER) == "on"

    async def test_only_if_cheap(self, evening: Automations) -> None:
        """A night that is never cheap is left out if that is wanted."""
        home = evening
        await self.make(home, even_if_dear=False)
        await home.wait_until(self.at(12, 0, days=1))
        assert home.state(WASHER) == "off"

    async def test_the_cheap_part_of_the_day(self, evening: Automations) -> None:
        """A fifth of the way up from the lowest price; nothing while that is unknown."""
        home = evening
        home.show(HIGHEST, 2.0)
        await self.make(
            home, lowest=LOWEST, highest=HIGHEST, earliest="10:00:00", latest="18:00:00"
        )
        home.show(PRICE, 1.2)
        home.show(LOWEST, "unknown")
        await home.wait_until(self.at(11))
        assert home.state(WASHER) == "off"
        home.show(LOWEST, 1.0)
        home.show(PRICE, 1.21)
        await home.wait(5)
        assert home.state(WASHER) == "off"
        home.show(PRICE, 1.2)
        await home.wait(2)
        assert home.state(WASHER) == "on"

    async def test_off_after_a_while(self, evening: Automations) -> None:
        """The timer ends it, over midnight, and the next day starts it anew."""
        home = evening
        day = {"earliest": "00:00:00", "latest": "23:30:00"}
        await self.make(home, timer=TIMER, duration=120, **day)
        await home.wait_until(self.at(22, 30))
        home.show(PRICE, 0.1)
        await home.wait(1)
        assert (home.state(WASHER), home.state(TIMER)) == ("on", "active")
        home.show(PRICE, 1.2)
        await home.wait_until(self.at(0, 25, days=1))
        assert home.state(WASHER) == "on"
        await home.wait(8)
        assert (home.state(WASHER), home.state(TIMER)) == ("off", "idle")
        home.show(PRICE, 0.1)
        await home.wait(2)
        assert home.state(WASHER) == "on"
        await home.act("timer.cancel", TIMER)

    async def test_off_though_home_assistant_was_down(
        self, evening: Automations
    ) -> None:
        """The timer survives, and its end switches off what was left on."""
        home = evening
        await home.act("input_boolean.turn_on", WASHER)
        await home.act("timer.start", TIMER, duration="00:10:00")
        await self.make(home, timer=TIMER)
        await home.wait(9)
        assert home.state(WASHER) == "on"
        await home.wait(2)
        assert home.state(WASHER) == "off"

    async def test_off_though_the_timer_ended_meanwhile(
        self, evening: Automations
    ) -> None:
        """A timer that ended before automations could hear it is heard at the start."""
        home = evening
        await home.act("input_boolean.turn_on", WASHER)
        await home.act("timer.start", TIMER, duration="00:10:00")
        await home.wait(11)
        await self.make_while_starting(home)
        assert home.state(WASHER) == "off"
        # Once only: what somebody switches on afterwards stays on over a start.
        await home.act("input_boolean.turn_on", WASHER)
        await home.act("automation.turn_off", "automation.cheap_hours")
        await self.start_again(home)
        assert home.state(WASHER) == "on"

    async def make_while_starting(self, home: Automations) -> None:
        """Make it before Home Assistant has started."""
        home.hass.set_state(CoreState.starting)
        await self.make(home, timer=TIMER)
        home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        home.hass.set_state(CoreState.running)
        await home.wait(1)

    async def start_again(self, home: Automations) -> None:
        """Let the automation begin as at a start of Home Assistant."""
        home.hass.set_state(CoreState.starting)
        await home.act("automation.turn_on", "automation.cheap_hours")
        home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        home.hass.set_state(CoreState.running)
        await home.wait(1)

    async def test_an_end_is_no_start(self, evening: Automations) -> None:
        """Yesterday's load that ends after midnight leaves today's start as it is."""
        home = evening
        day = {"earliest": "00:00:00", "latest": "23:30:00"}
        await home.act("input_boolean.turn_on", WASHER)
        await self.make(home, timer=TIMER, **day)
        await home.wait_until(self.at(23, 0))
        await home.act("timer.start", TIMER, duration="02:00:00")
        await home.wait_until(self.at(1, 1, days=1))
        assert home.state(WASHER) == "off"
        home.show(PRICE, 0.1)
        await home.wait(2)
        assert home.state(WASHER) == "on"
        await home.act("timer.cancel", TIMER)

    async def test_a_timer_that_is_cancelled(self, evening: Automations) -> None:
        """Who cancels the timer decides about the load; the next night is as ever."""
        home = evening
        await self.make(home, timer=TIMER, duration=120)
        home.show(PRICE, 0.1)
        await home.wait_until(self.at(22, 2))
        assert (home.state(WASHER), home.state(TIMER)) == ("on", "active")
        await home.wait(5)
        await home.act("timer.cancel", TIMER)
        await home.wait_until(self.at(12, 0, days=1))
        assert home.state(WASHER) == "on"
        await home.act("input_boolean.turn_off", WASHER)
        await home.wait_until(self.at(22, 2, days=1))
        assert (home.state(WASHER), home.state(TIMER)) == ("on", "active")
        await home.act("timer.cancel", TIMER)

    async def test_a_load_that_is_away_at_the_end(self, evening: Automations) -> None:
        """It is switched off when it is back."""
        home = evening
        away = "switch.pool"
        home.show(away, "on")
        await home.act("timer.start", TIMER, duration="00:10:00")
        await home.make("cheap_hours", load=away, price=PRICE, timer=TIMER)
        home.show(away, "unavailable")
        await home.wait(12)
        assert home.done_to(away) == []
        home.show(away, "on")
        await home.wait(1)
        assert home.done_to(away) == ["homeassistant.turn_off"]

    async def test_price_of_a_number_helper(self, evening: Automations) -> None:
        """A price may be typed in."""
        home = evening
        await home.helpers("input_number", "tariff", min=-1, max=5, initial=0.3)
        await home.make(
            "cheap_hours", load=WASHER, price="input_number.tariff", limit=0.5
        )
        await home.wait_until(self.at(22, 2))
        assert home.state(WASHER) == "on"


class TestNegativePrice:
    """Use a negative price."""

    @pytest.fixture
    async def market(self, home: Automations) -> Automations:
        """Return a home at a positive price, with two loads and an export switch."""
        await home.helpers("input_boolean", "negative", "boiler", "export")
        await home.modes("car", "pool")
        await home.act("input_boolean.turn_on", "input_boolean.export")
        home.show(PRICE, 0.11)
        await home.make(
            "negative_price",
            price=PRICE,
            active=ACTIVE,
            switches=[BOILER],
            modes=["select.car", "select.pool"],
            begin=[
                {
                    "action": "input_boolean.turn_off",
                    "target": {"entity_id": "input_boolean.export"},
                }
            ],
            end=[
                {
                    "action": "input_boolean.turn_on",
                    "target": {"entity_id": "input_boolean.export"},
                }
            ],
        )
        await home.wait(3)
        assert home.done_to(BOILER) == []
        return home

    def shown(self, home: Automations) -> tuple[str, ...]:
        """Return what the automation has under it."""
        return tuple(
            home.state(entity)
            for entity in (ACTIVE, BOILER, "select.car", "input_boolean.export")
        )

    async def test_begins_and_ends(self, market: Automations) -> None:
        """All of it at a negative price, and back afterwards."""
        await market.act("select.select_option", "select.pool", option="off")
        market.show(PRICE, -0.01)
        await market.wait(0.5)
        assert self.shown(market) == ("off", "off", "auto", "on")
        await market.wait(1)
        assert self.shown(market) == ("on", "on", "now", "off")
        assert market.state("select.pool") == "off"
        market.show(PRICE, -0.2)
        await market.wait(20)
        assert market.done_to(BOILER).count("homeassistant.turn_on") == 1
        market.show(PRICE, 0)
        await market.wait(1.5)
        assert self.shown(market) == ("off", "off", "auto", "on")
        assert market.state("select.pool") == "off"

    async def test_a_price_that_never_rests(self, home: Automations) -> None:
        """Below zero for long enough counts, however often the number changes."""
        await home.helpers("input_boolean", "negative", "boiler")
        home.show(PRICE, 0.2)
        await home.make(
            "negative_price", price=PRICE, active=ACTIVE, switches=[BOILER], lasting=20
        )
        for n in range(38):
            home.show(PRICE, -0.1 - n / 100)
            await home.wait(0.5)
        assert home.state(BOILER) == "off"
        for n in range(6):
            home.show(PRICE, -0.5 - n / 100)
            await home.wait(0.5)
        assert home.state(BOILER) == "on"
        for n in range(30):
            home.show(PRICE, n % 3 - 1)
            await home.wait(0.5)
        assert home.state(BOILER) == "on"

    @pytest.mark.parametrize("lasting", [0, 1])
    async def test_at_once(self, home: Automations, lasting: int) -> None:
        """Without patience it begins with the next look."""
        await home.helpers("input_boolean", "negative", "boiler")
        await home.helpers("input_number", "tariff", min=-5, max=5, initial=-1)
        await home.make(
            "negative_price",
            price="input_number.tariff",
            active=ACTIVE,
            switches=[BOILER, "switch.away"],
            lasting=lasting,
        )
        await home.wait(0.5 + lasting)
        assert home.state(BOILER) == "on"

    async def test_what_somebody_changed_stays(self, market: Automations) -> None:
        """A mode chosen meanwhile is not put back."""
        market.show(PRICE, -1)
        await market.wait(2)
        await market.act("select.select_option", "select.car", option="planned")
        market.show(PRICE, 1)
        await market.wait(2)
        assert market.state("select.car") == "planned"
        assert market.state("select.pool") == "auto"

    async def test_an_unknown_price_ends_it(self, market: Automations) -> None:
        """After ten minutes, not at once."""
        market.show(PRICE, -1)
        await market.wait(2)
        market.show(PRICE, "unavailable")
        await market.wait(9)
        assert self.shown(market) == ("on", "on", "now", "off")
        await market.wait(2)
        assert self.shown(market) == ("off", "off", "auto", "on")

    async def test_ends_though_home_assistant_was_down(self, home: Automations) -> None:
        """The helper remembers that it had begun."""
        await home.helpers("input_boolean", "negative", "boiler")
        await home.act("input_boolean.turn_on", ACTIVE)
        await home.act("input_boolean.turn_on", BOILER)
        home.show(PRICE, 0.2)
        await home.make("negative_price", price=PRICE, active=ACTIVE, switches=[BOILER])
        await home.wait(2)
        assert home.state(BOILER) == home.state(ACTIVE) == "off"

    async def test_what_is_on_by_itself_stays_on(self, market: Automations) -> None:
        """Nothing is switched off that was not begun."""
        await market.act("input_boolean.turn_on", BOILER)
        await market.wait(30)
        assert market.state(BOILER) == "on"
