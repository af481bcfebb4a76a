"""Blueprints: imported as a user imports them; and surplus into any switch."""

from collections.abc import AsyncIterator
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util

from .automations import BLUEPRINTS, Automations, automations_at_home

_PLACE = "blueprints/automation/pv_family"
SOURCE = f"https://github.com/pv-family/pv_family/blob/main/{_PLACE}"
RAW = f"https://raw.githubusercontent.com/pv-family/pv_family/main/{_PLACE}"
GRID, BATTERY, BOILER = "sensor.grid", "sensor.battery", "input_boolean.boiler"


@pytest.fixture
async def home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Automations]:
    """Return a home in the morning."""
    async with automations_at_home(hass, freezer) as home:
        yield home


class TestImport:
    """Imported as a user imports them."""

    def test_all_are_here(self) -> None:
        """Five blueprints that say where they come from and what they need."""
        files = sorted(BLUEPRINTS.glob("*.yaml"))
        assert [file.stem for file in files] == [
            "cheap_hours",
            "guest_mode",
            "negative_price",
            "programme_notice",
            "surplus_switch",
        ]
        for file in files:
            head = yaml_util.load_yaml_dict(str(file))["blueprint"]
            assert head["source_url"] == f"{SOURCE}/{file.name}"
            assert head["homeassistant"]["min_version"] == "2026.10.0"
            assert all(word in head["description"] for word in (".", " "))

    @pytest.mark.parametrize(
        "name",
        [
            "cheap_hours",
            "guest_mode",
            "negative_price",
            "programme_notice",
            "surplus_switch",
        ],
    )
    async def test_from_its_address(
        self, hass: HomeAssistant, hass_ws_client: Any, aioclient_mock: Any, name: str
    ) -> None:
        """The page fetches it, shows its inputs, saves it, and makes an automation."""
        assert await async_setup_component(hass, "homeassistant", {})
        assert await async_setup_component(hass, "automation", {})
        text = (BLUEPRINTS / f"{name}.yaml").read_text()
        aioclient_mock.get(f"{RAW}/{name}.yaml", text=text)
        page = await hass_ws_client(hass)
        await page.send_json_auto_id(
            {"type": "blueprint/import", "url": f"{SOURCE}/{name}.yaml"}
        )
        found = (await page.receive_json())["result"]
        assert found["validation_errors"] is None
        assert found["suggested_filename"] == f"pv-family/{name}"
        await page.send_json_auto_id(
            {
                "type": "blueprint/save",
                "domain": "automation",
                "path": found["suggested_filename"],
                "yaml": found["raw_data"],
                "source_url": f"{SOURCE}/{name}.yaml",
            }
        )
        assert (await page.receive_json())["success"]
        await page.send_json_auto_id({"type": "blueprint/list", "domain": "automation"})
        saved = (await page.receive_json())["result"][f"pv-family/{name}.yaml"]
        assert saved["metadata"]["name"].startswith("PV Family: ")


class TestSurplusSwitch:
    """Run a load on surplus with any switch."""

    @pytest.fixture
    async def boiler(self, home: Automations) -> Automations:
        """Return a home that draws 400 W, with a boiler of 2 kW."""
        await home.helpers("input_boolean", "boiler")
        home.show(GRID, 400)
        home.show(BATTERY, 0)
        await home.make(
            "surplus_switch", load=BOILER, power=2000, grid=GRID, battery=BATTERY
        )
        # The least time off counts from when Home Assistant first saw it.
        await self.live(home, 11, 400)
        assert home.done_to(BOILER) == []
        return home

    async def live(
        self, home: Automations, minutes: float, grid: object, **attributes: Any
    ) -> None:
        """Let the meter show something for some minutes, a little noise on it."""
        for number in range(round(minutes * 2)):
            noise = number % 2 if isinstance(grid, int) else 0
            shown = grid + noise if isinstance(grid, int) else grid
            home.show(GRID, shown, **attributes)
            await home.wait(0.5)

    async def start(self, home: Automations) -> None:
        """Let it start."""
        await self.live(home, 6, -2500)
        assert home.state(BOILER) == "on"
        await self.live(home, 1, -500)

    async def test_starts_when_the_surplus_has_lasted(
        self, boiler: Automations
    ) -> None:
        """Not before it has lasted five minutes, and not at all if it breaks off."""
        await self.live(boiler, 4, -2200)
        await self.live(boiler, 1, -1900)
        await self.live(boiler, 4.5, -2200)
        assert boiler.state(BOILER) == "off"
        await self.live(boiler, 1.5, -2200)
        assert boiler.state(BOILER) == "on"
        assert boiler.done_to(BOILER) == [
            "homeassistant.turn_on",
            "input_boolean.turn_on",
        ]

    async def test_the_surplus_has_to_be_enough(self, boiler: Automations) -> None:
        """What it draws and the margin; a kilowatt is a thousand watts."""
        await self.live(boiler, 20, -2090)
        assert boiler.state(BOILER) == "off"
        await self.live(boiler, 20, -2, unit_of_measurement="kW")
        assert boiler.state(BOILER) == "off"
        await self.live(boiler, 6, "-2.11", unit_of_measurement="kW")
        assert boiler.state(BOILER) == "on"

    async def test_what_the_battery_gives_is_no_surplus(
        self, boiler: Automations
    ) -> None:
        """It neither starts on it nor goes on with it."""
        boiler.show(BATTERY, 1500)
        await self.live(boiler, 15, -2500)
        assert boiler.state(BOILER) == "off"
        boiler.show(BATTERY, -3000)
        await self.start(boiler)
        boiler.show(BATTERY, 1500)
        await self.live(boiler, 15, 0)
        assert boiler.state(BOILER) == "off"

    async def test_stops_when_it_has_been_missing(self, boiler: Automations) -> None:
        """Not within its least time on, nor for a short cloud."""
        await self.start(boiler)
        await self.live(boiler, 6, 800)
        assert boiler.state(BOILER) == "on"
        await self.live(boiler, 10, 90)
        assert boiler.state(BOILER) == "on"
        await self.live(boiler, 2, 800)
        await self.live(boiler, 1, 0)
        await self.live(boiler, 2, 800)
        assert boiler.state(BOILER) == "on"
        await self.live(boiler, 2, 800)
        assert boiler.state(BOILER) == "off"
        await self.live(boiler, 9, -3000)
        assert boiler.state(BOILER) == "off", "least time off"
        await self.live(boiler, 7, -3000)
        assert boiler.state(BOILER) == "on"

    async def test_off_when_the_meter_is_unavailable(self, boiler: Automations) -> None:
        """After three minutes without a value; a short gap does nothing."""
        await self.start(boiler)
        await self.live(boiler, 10, -100)
        await self.live(boiler, 2, "unavailable")
        await self.live(boiler, 1, -100)
        assert boiler.state(BOILER) == "on"
        await self.live(boiler, 4, "unavailable")
        assert boiler.state(BOILER) == "off"
        await self.live(boiler, 30, "unavailable")
        assert boiler.state(BOILER) == "off"

    async def test_off_when_the_battery_is_unavailable(
        self, boiler: Automations
    ) -> None:
        """A home with a battery that nobody hears of is half seen."""
        await self.start(boiler)
        boiler.show(BATTERY, "unknown")
        await self.live(boiler, 11, -2500)
        assert boiler.state(BOILER) == "off"

    async def test_off_when_the_meter_is_gone(self, boiler: Automations) -> None:
        """Its entity was removed."""
        await self.start(boiler)
        boiler.hass.states.async_remove(GRID)
        await boiler.wait(12)
        assert boiler.state(BOILER) == "off"

    async def test_off_when_the_meter_is_frozen(self, boiler: Automations) -> None:
        """It shows for ever what it showed when the sun was there."""
        await self.start(boiler)
        await self.live(boiler, 5, -100)
        await boiler.wait(11)
        assert boiler.state(BOILER) == "off"
        await boiler.wait(30)
        assert boiler.state(BOILER) == "off"

    async def test_what_somebody_switched_is_left_alone(
        self, boiler: Automations, hass_admin_user: Any
    ) -> None:
        """For two hours, also when that happens while it waits."""
        user = hass_admin_user.id
        await boiler.act("input_boolean.turn_on", BOILER, user)
        await self.live(boiler, 110, 2500)
        assert boiler.state(BOILER) == "on"
        await self.live(boiler, 15, 2500)
        assert boiler.state(BOILER) == "off"
        await self.live(boiler, 12, -2500)
        await boiler.act("input_boolean.turn_on", BOILER, user)
        await boiler.act("input_boolean.turn_off", BOILER, user)
        await self.live(boiler, 100, -2500)
        assert boiler.state(BOILER) == "off"

    async def test_a_load_that_is_not_there(self, boiler: Automations) -> None:
        """Nothing is asked of it."""
        boiler.show(BOILER, "unavailable")
        await self.live(boiler, 30, -3000)
        assert boiler.done_to(BOILER) == []
