"""What a bug report and the system information say of plant, weather and plans."""

from datetime import timedelta
import json
from typing import Any

from custom_components.pv_family.diagnostics import async_get_config_entry_diagnostics
from homeassistant.components.diagnostics import REDACTED
from homeassistant.components.system_health import get_info
from homeassistant.helpers.json import ExtendedJSONEncoder
from homeassistant.setup import async_setup_component

from .load_world import LoadWorld, add_helpers
from .outlook_world import OutlookWorld
from .price_server import PriceServer
from .test_market import TODAY, YESTERDAY, add_market
from .world import NOON, World

BOILER = "input_boolean.boiler"


async def _report(world: World) -> dict[str, Any]:
    """Return the report as its file has it."""
    assert world.entry is not None
    found = await async_get_config_entry_diagnostics(world.hass, world.entry)
    report: dict[str, Any] = json.loads(json.dumps(found, cls=ExtendedJSONEncoder))
    return report


async def test_a_report_explains_sky_plant_prices_and_loads(sky: OutlookWorld) -> None:
    """The step in use and its age, judged days, books, prices and the last decision."""
    server = PriceServer()
    server.published = {YESTERDAY, TODAY}
    await server.start()
    await sky.add_home()
    await add_market(sky.world, server)
    await add_helpers(sky.hass)
    loads = LoadWorld(sky.world)
    await loads.add("switch", "Bunica's boiler", BOILER, power=1500)
    await sky.pass_minutes(17)
    await server.stop()
    report = await _report(sky.world)

    outlook = report["outlook"]
    assert outlook["rung"] == "provider"
    assert sum(outlook["rung_hours_ahead"].values()) > 48.0
    assert 0.0 <= outlook["weather_age_hours"] < 1.0
    assert outlook["forecast_age_hours"] < 0.6
    bands = outlook["next_day_wh"]["potential"]
    assert 0.0 < bands["p10"] < bands["p50"] < bands["p90"]
    assert outlook["pvgis_database"]
    assert outlook["pvgis_age_hours"] < 1.0

    plant = report["plant"]
    assert plant["components"][0]["device"] == 1
    assert plant["booked_days"] == 1
    assert plant["booked_until"] is not None
    assert plant["periods"]["day"]["days"] == 1

    market = report["market"]
    assert (market["quality"], market["source"]) == ("published", "opcom")
    assert market["intervals_today"] == 96
    assert market["failing_since"] is None

    (load,) = report["loads"]
    assert load["decision"]["why"] == load["why"]
    assert load["plan"], "a load that runs is planned to"
    assert {beat["well"] for beat in report["beats"].values()} == {True}
    assert "Bunica" not in json.dumps(report)
    assert report["entry"]["data"]["latitude"] == REDACTED


async def test_a_report_hides_the_servers_of_the_home(sky: OutlookWorld) -> None:
    """What a failing service says quotes neither addresses nor questions."""
    server = PriceServer()
    server.published = {YESTERDAY, TODAY}
    await server.start()
    await sky.add_home()
    await add_market(sky.world, server)
    await server.stop()
    await sky.stop()
    await sky.world.jump(NOON + timedelta(hours=5))
    await sky.pass_minutes(2)
    report = await _report(sky.world)
    assert report["outlook"]["rung"] == "cache"
    assert report["outlook"]["weather_age_hours"] > 3.0
    assert "no connection" in report["outlook"]["weather_trouble"]["reason"]
    assert report["market"]["failures"]
    assert "127.0.0.1" not in json.dumps(report)


async def test_a_home_without_a_roof_says_nothing_of_one(world: World) -> None:
    """No roof, no prices, no loads: the report has no figures for them."""
    await world.add_home()
    report = await _report(world)
    assert report["plant"] is None
    assert report["market"] is None
    assert report["loads"] == []
    assert report["outlook"]["rung_hours_ahead"] == {}


async def test_system_information_of_a_whole_home(sky: OutlookWorld) -> None:
    """One look: devices, the step of the ladder, prices and loads."""
    assert await async_setup_component(sky.hass, "system_health", {})
    server = PriceServer()
    server.published = {YESTERDAY, TODAY}
    await server.start()
    await sky.add_home()
    await add_market(sky.world, server)
    await add_helpers(sky.hass)
    await LoadWorld(sky.world).add("switch", "Boiler", BOILER, power=1500, shadow=True)
    await sky.pass_minutes(2)
    told: dict[str, Any] = (await get_info(sky.hass))["pv_family"]
    assert told["roof_arrays"] == 2
    assert told["weather"] == "provider"
    assert told["forecast_days"] == "0 / 0"
    assert told["prices"] == "published"
    assert (told["loads"], told["loads_controlled"], told["loads_disobeying"]) == (
        1,
        0,
        0,
    )
    await server.stop()
    await sky.stop()
    await sky.world.jump(NOON + timedelta(days=2))
    await sky.pass_minutes(2)
    told = (await get_info(sky.hass))["pv_family"]
    assert told["weather"].startswith("cache (failing since 2026-06-")
    assert told["prices"] == "missing"
