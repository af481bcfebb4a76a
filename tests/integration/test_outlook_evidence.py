"""What weather, reference and forecast make of odd answers and of a plant that fails."""

from datetime import timedelta
import json

import pytest

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
from simulation.faults import DeadString
from simulation.site import Site
from simulation.weather_service import forecast_document

from .outlook_world import OutlookWorld
from .plant_world import PlantWorld
from .test_plant import LEAD, QUARTER, alike
from .world import NOON, World


async def test_nulls_do_not_replace_the_last_answer(sky: OutlookWorld) -> None:
    """A service that forgets the light is in trouble; what it said last stays."""
    await sky.add_home()
    await sky.pass_minutes(2)
    tomorrow = sky.number("forecast_tomorrow")
    now = dt_util.utcnow()
    start = now.replace(hour=0, minute=0, second=0).timestamp()
    document = forecast_document(Site(45.0, 25.0, 90.0), 1, start, 4, now.timestamp())
    block = document["minutely_15"]
    block["shortwave_radiation"] = [None] * len(block["time"])
    sky.service.failure = (200, json.dumps(document).encode())
    await sky.world.jump(now + timedelta(hours=1))
    await sky.pass_minutes(1)
    assert sky.state("weather_rung") == "provider"
    assert "irradiance" in sky.attributes("weather_rung")["reason"]
    assert sky.number("forecast_tomorrow") == pytest.approx(tomorrow, rel=0.1)


async def test_a_tracker_has_a_reference(sky: OutlookWorld) -> None:
    """PVGIS is asked for arrays that turn; one that it does not know silences it."""
    await sky.world.add_home(meter_role="grid")
    await sky.set_weather()
    roof = {"peak_power": 3.0, "surface_tilt": 0, "surface_azimuth": 180}
    await sky.add_roof(name="Roof", **{**roof, "surface_tilt": 30})
    await sky.pass_minutes(1)
    fixed = sky.number("pvgis_year")
    tracker = {"details": {"tracker": "one_axis"}}
    await sky.add_roof(name="Tracker", **roof, **tracker)
    await sky.pass_minutes(1)
    assert sky.number("pvgis_year") > 1.5 * fixed
    await sky.add_roof(name="Rows", **{**roof, "surface_azimuth": 90}, **tracker)
    await sky.pass_minutes(1)
    assert sky.state("pvgis_year") == "unavailable"
    assert sky.number("expected_power") > 0.0


@pytest.mark.usefixtures("every_entity_enabled")
async def test_a_dead_string_is_not_forecast(world: World) -> None:
    """The potential stays that of the whole roof; the harvest is what is left."""
    world.rebuild(alike(2))
    plant = PlantWorld(world)
    await plant.add_home()
    await plant.pass_minutes(LEAD)
    world.fault(DeadString(1))
    await plant.pass_minutes(3 * QUARTER + 2)
    harvest = plant.number("forecast_tomorrow")
    assert 0.4 < harvest / plant.number("potential_tomorrow") < 0.7


async def test_clouds_of_an_hour_that_has_passed(world: World) -> None:
    """A weather entity begins with the next hour; the books know the last ones."""
    plant = PlantWorld(world)

    async def forecasts(call: ServiceCall) -> ServiceResponse:
        first = dt_util.utcnow().replace(minute=0, second=0) + timedelta(hours=1)
        hours: list[JsonValueType] = [
            {
                "datetime": (first + timedelta(hours=n)).isoformat(),
                "cloud_coverage": 60,
                "temperature": 20.0,
            }
            for n in range(40)
        ]
        return {"weather.home": {"forecast": hours}}

    plant.hass.services.async_register(
        "weather", "get_forecasts", forecasts, supports_response=SupportsResponse.ONLY
    )
    plant.hass.states.async_set("weather.home", "cloudy", {"temperature_unit": "°C"})
    world.freezer.move_to(NOON - timedelta(minutes=50))
    await world.add_home(meter_role="grid")
    await plant.options(
        "weather",
        {
            "internet_weather": False,
            "irradiance_plane": "horizontal",
            "weather_entity": "weather.home",
            "servers": {},
        },
    )
    await plant.add_roofs()
    await plant.pass_minutes(5 * QUARTER)
    assert (await plant.act("get_losses"))["irradiance_source"] == "cloud_cover"
