"""Blueprints for people: guests, and a word before a programme starts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant

from .automations import MORNING, Automations, automations_at_home
from .phone import Phone

MODE, NEXT, RUNNING = "select.washer", "sensor.next", "binary_sensor.running"
TIMER = "timer.washer"


@pytest.fixture
async def home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Automations]:
    """Return a home in the morning."""
    async with automations_at_home(hass, freezer) as home:
        yield home


class TestGuests:
    """Guests are here."""

    @pytest.fixture
    async def house(self, home: Automations) -> Automations:
        """Return a home with a car, a pool pump, a boiler and a fountain."""
        await home.helpers("input_boolean", "guests", "fountain")
        await home.modes("car", "pool", "boiler")
        await home.act("input_boolean.turn_on", "input_boolean.fountain")
        await home.make(
            "guest_mode",
            guests="input_boolean.guests",
            paused=["select.car", "select.pool"],
            comfort=["select.boiler"],
            switches=["input_boolean.fountain"],
        )
        return home

    def shown(self, home: Automations) -> tuple[str, ...]:
        """Return what the automation has under it."""
        return tuple(
            home.state(entity)
            for entity in (
                "select.car",
                "select.pool",
                "select.boiler",
                "input_boolean.fountain",
            )
        )

    async def test_come_and_go(self, house: Automations) -> None:
        """Paused and comfortable while they are here."""
        await house.act("input_boolean.turn_on", "input_boolean.guests")
        assert self.shown(house) == ("off", "off", "now", "off")
        await house.act("input_boolean.turn_on", "input_boolean.fountain")
        await house.wait(10)
        assert house.state("input_boolean.fountain") == "on"
        await house.act("select.select_option", "select.pool", option="planned")
        await house.act("input_boolean.turn_off", "input_boolean.guests")
        assert self.shown(house) == ("auto", "planned", "auto", "on")

    async def test_comfort_lasts_over_midnight(self, house: Automations) -> None:
        """A load that has gone back to its own rule is set again."""
        await house.act("input_boolean.turn_on", "input_boolean.guests")
        await house.wait_until(MORNING.replace(hour=23, minute=59))
        await house.act("select.select_option", "select.boiler", option="auto")
        await house.act("select.select_option", "select.car", option="auto")
        await house.wait_until(MORNING.replace(hour=0, minute=6) + timedelta(days=1))
        assert self.shown(house) == ("auto", "off", "now", "off")

    async def test_without_guests_nothing_happens(self, house: Automations) -> None:
        """Not at midnight, not when the helper comes back after a restart."""
        house.show("input_boolean.guests", "unavailable")
        await house.wait(1)
        house.show("input_boolean.guests", "off")
        await house.wait_until(MORNING.replace(hour=0, minute=6) + timedelta(days=1))
        assert self.shown(house) == ("auto", "auto", "auto", "on")


class TestProgrammeNotice:
    """Tell before a programme starts."""

    @pytest.fixture
    async def phone(
        self, home: Automations, hass_admin_user: Any, loopback: None
    ) -> AsyncIterator[Phone]:
        """Return a registered phone, with a washer that is to start at eleven."""
        await home.modes("washer")
        await home.helpers("timer", "washer", restore=True)
        await home.act("select.select_option", MODE, option="planned")
        home.show(RUNNING, "off")
        home.show(NEXT, MORNING.replace(hour=11).isoformat())
        phone = Phone(home.hass)
        await phone.register(hass_admin_user.id)
        yield phone
        await home.act("timer.cancel", TIMER)
        await phone.close()

    async def make(self, home: Automations, phone: Phone, **inputs: Any) -> None:
        """Make the automation."""
        await home.make(
            "programme_notice",
            name="Washer",
            mode=MODE,
            next_change=NEXT,
            running=RUNNING,
            phone=phone.device_id,
            pause=TIMER,
            **inputs,
        )

    async def announced(
        self, home: Automations, phone: Phone, **inputs: Any
    ) -> dict[str, Any]:
        """Let it come to the announcement."""
        await self.make(home, phone, **inputs)
        await home.wait_until(MORNING.replace(hour=10, minute=29))
        assert phone.messages == []
        # Time stands still while a message is on its way.
        await home.wait(1, step=60)
        message = await phone.hears(1)
        assert (message["title"], message["message"]) == ("Washer", "Starts at 11:00.")
        return message

    async def test_start_now(self, home: Automations, phone: Phone) -> None:
        """It runs at once."""
        message = await self.announced(home, phone)
        await phone.tap(message, "Start now")
        await home.settle()
        assert home.state(MODE) == "now"

    async def test_later(self, home: Automations, phone: Phone) -> None:
        """Held back for an hour, then armed again, and announced again."""
        message = await self.announced(home, phone)
        await phone.tap(message, "Later")
        await home.settle()
        assert (home.state(MODE), home.state(TIMER)) == ("off", "active")
        home.show(NEXT, "unknown")
        await home.wait(58)
        assert home.state(MODE) == "off"
        await home.wait(4)
        assert home.state(MODE) == "planned"
        home.show(NEXT, MORNING.replace(hour=12).isoformat())
        assert (await phone.hears(2))["message"] == "Starts at 12:00."

    async def test_later_though_home_assistant_was_down(
        self, home: Automations, phone: Phone
    ) -> None:
        """The timer's end arms it again, unless somebody chose another mode."""
        await self.make(home, phone)
        await home.act("select.select_option", MODE, option="off")
        await home.act("timer.start", TIMER, duration="00:05:00")
        await home.wait(6)
        assert home.state(MODE) == "planned"
        await home.act("select.select_option", MODE, option="now")
        await home.act("timer.start", TIMER, duration="00:05:00")
        await home.wait(6)
        assert home.state(MODE) == "now"

    async def test_armed_again_though_the_timer_ended_meanwhile(
        self, home: Automations, phone: Phone
    ) -> None:
        """A timer that ended before automations could hear it is heard at the start."""
        await home.act("select.select_option", MODE, option="off")
        await home.act("timer.start", TIMER, duration="00:05:00")
        await home.wait(6)
        home.hass.set_state(CoreState.starting)
        await self.make(home, phone)
        home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        home.hass.set_state(CoreState.running)
        await home.wait(1)
        assert home.state(MODE) == "planned"

    async def test_off_stays_off_over_a_start(
        self, home: Automations, phone: Phone
    ) -> None:
        """A load that somebody switched off for good is not armed by a start."""
        await self.make(home, phone)
        await home.act("timer.start", TIMER, duration="00:05:00")
        await home.wait(6)
        await home.act("select.select_option", MODE, option="off")
        await home.act("automation.turn_off", "automation.programme_notice")
        home.hass.set_state(CoreState.starting)
        await home.act("automation.turn_on", "automation.programme_notice")
        home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        home.hass.set_state(CoreState.running)
        await home.wait(1)
        assert home.state(MODE) == "off"

    async def test_not_this_time(self, home: Automations, phone: Phone) -> None:
        """What was armed by its mode is not armed any more."""
        message = await self.announced(home, phone)
        await phone.tap(message, "Not this time")
        await home.settle()
        assert (home.state(MODE), home.state(TIMER)) == ("auto", "idle")

    async def test_not_today(self, home: Automations, phone: Phone) -> None:
        """What arms itself is held back until midnight."""
        message = await self.announced(home, phone, armed_by="auto")
        await phone.tap(message, "Not this time")
        await home.settle()
        home.show(NEXT, "unknown")
        assert (home.state(MODE), home.state(TIMER)) == ("off", "active")
        await home.wait_until(MORNING.replace(hour=23, minute=59))
        assert home.state(MODE) == "off"
        await home.wait(2)
        assert home.state(MODE) == "auto"

    @pytest.mark.parametrize("starts", [True, False])
    async def test_no_answer(
        self, home: Automations, phone: Phone, starts: bool
    ) -> None:
        """It starts as planned, and the message goes."""
        message = await self.announced(home, phone)
        if starts:
            home.show(RUNNING, "on")
        else:
            await home.wait_until(MORNING.replace(hour=10, minute=59))
            await home.wait(1, step=61)
        gone = await phone.hears(2)
        assert gone["message"] == "clear_notification"
        assert gone["data"]["tag"] == message["data"]["tag"]
        await phone.tap(message, "Start now")
        await home.settle()
        assert home.state(MODE) == "planned"

    async def test_nothing_to_tell(self, home: Automations, phone: Phone) -> None:
        """A load that is off, runs, or has no plan is not announced."""
        await self.make(home, phone)
        await home.act("select.select_option", MODE, option="off")
        await home.wait_until(MORNING.replace(hour=10, minute=40))
        home.show(RUNNING, "on")
        await home.act("select.select_option", MODE, option="auto")
        await home.wait(5)
        home.show(NEXT, "unknown")
        home.show(RUNNING, "off")
        await home.wait(5)
        home.show(NEXT, MORNING.isoformat())
        await home.wait(5)
        assert phone.messages == []
