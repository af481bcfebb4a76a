"""What the roof should give, seen through states and actions."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import (
    Event,
    EventStateChangedData,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
from simulation.state import HomeConfig

from .outlook_world import OutlookWorld
from .world import DOMAIN, SITE

BUSY = (429, b'{"error": true, "reason": "Daily API request limit exceeded."}')
AT_SEA = (400, b'{"message": "Location over the sea. Please, select another location"}')


@pytest.mark.usefixtures("every_entity_enabled")
async def test_expected_power_follows_the_simulated_roof(sky: OutlookWorld) -> None:
    """Under a forecast sky the expectation is near what the roof gives."""
    await sky.add_home()
    await sky.pass_minutes(2)
    assert sky.state("weather_rung") == "provider"
    assert sky.state("irradiance_source") == "weather_model"
    produced = sky.world.number("production_power")
    assert sky.number("expected_power") == pytest.approx(produced, rel=0.35)
    low, high = sky.number("expected_power_low"), sky.number("expected_power_high")
    assert low < sky.number("expected_power") < high


@pytest.mark.usefixtures("every_entity_enabled")
async def test_forecasts_fit_together(sky: OutlookWorld) -> None:
    """Sums, peaks and the curve say the same."""
    await sky.add_home()
    await sky.pass_minutes(2)
    today = sky.number("forecast_today")
    rest = sky.number("forecast_remaining_today")
    assert 0.0 < rest < today < 60.0
    tomorrow = sky.number("forecast_tomorrow")
    assert sky.number("forecast_tomorrow_low") < tomorrow
    assert tomorrow < sky.number("forecast_tomorrow_high")
    answer = await sky.act("get_forecast")
    slots = answer["slots"]
    assert len(slots) == 96
    assert (answer["series"], answer["unit_of_measurement"]) == ("harvest", "W")
    start = dt_util.start_of_local_day(dt_util.now() + timedelta(days=1))
    energy = sum(
        slot["p50"] / 2000
        for slot in slots
        if start
        <= dt_util.parse_datetime(slot["start"], raise_on_error=True)
        < start + timedelta(days=1)
    )
    assert energy == pytest.approx(tomorrow, abs=0.02)
    peak = max(slots[:20], key=lambda slot: slot["p50"])
    assert sky.number("forecast_peak_power_today") == pytest.approx(peak["p50"], abs=1)
    assert sky.state("forecast_peak_time_today") == peak["start"]
    for resolution, count in ((15, 192), (60, 47)):
        shown = await sky.act("get_forecast", series="potential", resolution=resolution)
        assert len(shown["slots"]) == count
    assert sky.state("pv_forecast_verdict") == "learning"
    # Nothing was learned about the household yet: nothing is claimed.
    assert sky.state("load_forecast_tomorrow") == "unavailable"
    with pytest.raises(ServiceValidationError, match="There is no forecast yet"):
        await sky.act("get_forecast", series="load")


async def test_the_ladder_is_gone_down_and_up_again(sky: OutlookWorld) -> None:
    """Provider, its last answer, long-term means; and what is wrong is said."""
    await sky.add_home()
    await sky.pass_minutes(1)
    assert sky.state("weather_rung") == "provider"
    sky.service.failure = BUSY
    began = dt_util.utcnow()
    await sky.world.jump(began + timedelta(hours=4))
    await sky.pass_minutes(1)
    assert sky.state("weather_rung") == "cache"
    told = sky.attributes("weather_rung")
    assert told["reason"] == "Daily API request limit exceeded."
    since = dt_util.parse_datetime(told["since"], raise_on_error=True)
    assert since >= began + timedelta(hours=4)
    asked = sky.service.requests["/v1/forecast"]
    # A daily quota is not knocked at again before midnight.
    await sky.pass_minutes(90)
    assert sky.service.requests["/v1/forecast"] == asked
    await sky.world.jump(began + timedelta(days=5))
    await sky.pass_minutes(1)
    assert sky.state("weather_rung") == "climatology"
    assert sky.number("forecast_tomorrow") > 1.0
    sky.service.failure = None
    await sky.world.jump(began + timedelta(days=6))
    await sky.pass_minutes(3)
    assert sky.state("weather_rung") == "provider"
    told = sky.attributes("weather_rung")
    assert "reason" not in told


@pytest.mark.parametrize(
    "failure",
    [
        (429, b"busy"),
        (529, b'{"message": "overloaded"}'),
        (200, b'{"latitude": 45.0, "longi'),
        (200, b'{"latitude": "north"}'),
        (500, b""),
    ],
)
async def test_nothing_that_a_service_says_hurts(
    sky: OutlookWorld, failure: tuple[int, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    """Without any answer the sky is clear, forecasts exist, and the log is quiet."""
    sky.service.failure = failure
    await sky.add_home()
    await sky.pass_minutes(20)
    assert sky.state("weather_rung") == "clear_sky"
    assert sky.number("expected_power") > 0.0
    assert sky.number("forecast_tomorrow") > 0.0
    assert sky.state("pvgis_year") == "unavailable"
    with pytest.raises(ServiceValidationError, match="PVGIS has not answered yet"):
        await sky.act("get_reference")
    assert [
        r for r in caplog.records if r.levelname == "WARNING" and DOMAIN in r.name
    ] == []


async def test_a_restart_without_internet_changes_little(sky: OutlookWorld) -> None:
    """The last answers come back from disk: weather, forecast and reference."""
    await sky.add_home()
    await sky.pass_minutes(2)
    keys = ("forecast_tomorrow", "pvgis_year", "expected_power")
    before = {key: sky.number(key) for key in keys}
    await sky.stop()
    await sky.world.reload()
    await sky.pass_minutes(1)
    assert sky.state("weather_rung") == "provider"
    for key, value in before.items():
        assert sky.number(key) == pytest.approx(value, rel=0.1), key


async def test_what_was_kept_goes_with_the_home(sky: OutlookWorld) -> None:
    """No file outlives the home."""
    await sky.add_home()
    await sky.pass_minutes(2)
    entry = sky.world.entry
    assert entry is not None
    storage = Path(sky.hass.config.path(".storage"))
    kept = {path.name for path in storage.glob(f"{DOMAIN}.{entry.entry_id}.*")}
    names = {name.rpartition(".")[2] for name in kept}
    assert {"open_meteo", "weather"} <= names
    await sky.hass.config_entries.async_remove(entry.entry_id)
    await sky.settle()
    sky.world.entry = None
    assert not list(storage.glob(f"{DOMAIN}.{entry.entry_id}.*"))


async def test_pvgis_refuses_in_its_own_words(sky: OutlookWorld) -> None:
    """A roof at sea becomes a repair, which goes when PVGIS answers."""
    sky.service.failure = AT_SEA
    await sky.add_home()
    await sky.pass_minutes(1)
    issues = ir.async_get(sky.hass)
    assert sky.world.entry is not None
    issue = (DOMAIN, f"pvgis_refused_{sky.world.entry.entry_id}")
    found = issues.async_get_issue(*issue)
    assert found is not None
    assert found.translation_placeholders is not None
    assert "Location over the sea" in found.translation_placeholders["reason"]
    sky.service.failure = None
    await sky.world.jump(dt_util.utcnow() + timedelta(days=8))
    await sky.pass_minutes(1)
    assert issues.async_get_issue(*issue) is None
    assert sky.number("pvgis_year") > 1000


async def test_the_reference_is_asked_once(sky: OutlookWorld) -> None:
    """Months on disk, asked anew for another roof only."""
    await sky.add_home()
    await sky.pass_minutes(1)
    asked = dict(sky.service.requests)
    assert asked["/api/v5_3/PVcalc"] == 2
    reference = await sky.act("get_reference")
    assert len(reference["months"]) == 12
    energy = sum(month["energy"] for month in reference["months"])
    assert energy == pytest.approx(reference["year"], abs=1.0)
    assert sky.number("pvgis_year") == pytest.approx(energy, abs=1.0)
    assert sky.number("pvgis_month") == pytest.approx(
        reference["months"][5]["energy"], abs=0.1
    )
    assert len(reference["horizon"]) > 20
    await sky.world.reload()
    await sky.world.jump(dt_util.utcnow() + timedelta(days=30))
    await sky.pass_minutes(1)
    tools = {path: n for path, n in sky.service.requests.items() if "v5_3" in path}
    assert tools == {path: n for path, n in asked.items() if "v5_3" in path}
    await sky.add_roof(
        name="Garage", peak_power=2.0, surface_tilt=10, surface_azimuth=180
    )
    await sky.pass_minutes(1)
    assert sky.service.requests["/api/v5_3/PVcalc"] == 3
    assert sky.service.requests["/api/v5_3/seriescalc"] == 1
    assert sky.number("pvgis_year") > 1.2 * energy


@pytest.mark.usefixtures("every_entity_enabled")
async def test_a_sensor_of_the_home_goes_before_everything(sky: OutlookWorld) -> None:
    """Irradiance that is measured on site is what the roof is judged by."""

    def show(value: float | str) -> None:
        sky.hass.states.async_set(
            "sensor.roof_light",
            str(value),
            {"device_class": "irradiance", "unit_of_measurement": "W/m²"},
        )

    show(600)
    await sky.add_home(internet=False, irradiance_sensor="sensor.roof_light")
    await sky.pass_minutes(3)
    assert sky.state("irradiance_source") == "horizontal_sensor"
    assert sky.state("weather_rung") == "clear_sky"
    bright = sky.number("expected_power")
    show(150)
    await sky.pass_minutes(6)
    dull = sky.number("expected_power")
    assert 0.15 * bright < dull < 0.4 * bright
    show("unavailable")
    await sky.pass_minutes(6)
    assert sky.state("irradiance_source") == "clear_sky"


async def test_the_clouds_of_a_weather_entity(sky: OutlookWorld) -> None:
    """They thin the clear sky where no service tells the irradiance."""
    hours: list[JsonValueType] = [
        {
            "datetime": (dt_util.utcnow() + timedelta(hours=n)).isoformat(),
            "condition": "cloudy",
            "cloud_coverage": 100,
            "temperature": 68.0,
        }
        for n in range(60)
    ]

    async def forecasts(call: ServiceCall) -> ServiceResponse:
        return {"weather.home": {"forecast": hours}}

    sky.hass.services.async_register(
        "weather",
        "get_forecasts",
        forecasts,
        supports_response=SupportsResponse.ONLY,
    )
    sky.hass.states.async_set("weather.home", "cloudy", {"temperature_unit": "°F"})
    await sky.add_home(internet=False)
    await sky.pass_minutes(1)
    clear = sky.number("expected_power")
    await sky.set_weather(internet=False, weather_entity="weather.home")
    await sky.pass_minutes(2)
    assert sky.state("weather_rung") == "cloud_cover"
    assert 0.05 * clear < sky.number("expected_power") < 0.6 * clear


async def test_a_home_without_a_roof_asks_nobody(sky: OutlookWorld) -> None:
    """And has no sensors of a roof."""
    await sky.world.add_home(meter_role="grid")
    await sky.set_weather()
    await sky.pass_minutes(2)
    assert sky.service.requests == {}
    with pytest.raises(AssertionError):
        sky.entity("expected_power")


async def test_options_are_kept_and_can_be_taken_back(sky: OutlookWorld) -> None:
    """What is cleared is gone; a server needs an address."""
    await sky.add_home(temperature_sensor="sensor.outside")
    entry = sky.world.entry
    assert entry is not None
    told = entry.options["weather"]
    assert told["temperature_sensor"] == "sensor.outside"
    assert told["open_meteo_url"] == sky.url
    step = await sky.set_weather(servers={"open_meteo_url": "ftp://x"})
    assert step["errors"] == {"base": "not_an_address"}
    # Without servers of its own it would ask those of the whole world.
    await sky.set_weather(internet=False, servers={})
    assert entry.options["weather"] == {
        "internet_weather": False,
        "irradiance_plane": "horizontal",
    }
    json.dumps(dict(entry.options))


async def test_diagnostics_tell_how_it_is_doing(
    sky: OutlookWorld, hass_client: ClientSessionGenerator
) -> None:
    """The rung, the age and the trouble; not where the home stands."""
    assert await async_setup_component(sky.hass, "diagnostics", {})
    await sky.add_home()
    await sky.pass_minutes(2)
    assert sky.world.entry is not None
    found: dict[str, Any] = await get_diagnostics_for_config_entry(
        sky.hass, hass_client, sky.world.entry
    )
    outlook = found["outlook"]
    assert outlook["rung"] == "provider"
    assert outlook["weather_trouble"] is None
    assert outlook["expected"]["power"] > 0.0
    assert "latitude" not in json.dumps(outlook)


@pytest.mark.usefixtures("every_entity_enabled")
async def test_what_the_grid_does_not_take_is_potential_only(
    sky: OutlookWorld,
) -> None:
    """Under an export limit the harvest lies below the potential."""
    sky.world.rebuild(HomeConfig(site=SITE, battery=None))
    await sky.add_home()
    assert sky.world.entry is not None
    await sky.pass_minutes(2)
    assert sky.number("potential_tomorrow") == sky.number("forecast_tomorrow")
    flow = sky.hass.config_entries.options
    step = await flow.async_init(sky.world.entry.entry_id)
    step = await flow.async_configure(
        step["flow_id"], {"next_step_id": "grid_connection"}
    )
    step = await flow.async_configure(step["flow_id"], {"export_limit": 0.5})
    assert step["type"] is FlowResultType.CREATE_ENTRY, step
    await sky.settle()
    await sky.pass_minutes(2)
    assert sky.number("forecast_tomorrow") < 0.7 * sky.number("potential_tomorrow")
    curve = await sky.act("get_forecast")
    assert max(slot["p90"] for slot in curve["slots"]) <= 500.0


async def test_a_day_costs_few_rows(sky: OutlookWorld) -> None:
    """What the database would have to write in two hours of a bright day."""
    await sky.add_home()
    await sky.pass_minutes(2)
    own = {
        state.entity_id: 0
        for state in sky.hass.states.async_all("sensor")
        if any(word in state.entity_id for word in ("forecast", "expect", "weather"))
    }
    assert len(own) >= 12

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] in own:
            own[event.data["entity_id"]] += 1

    sky.hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    await sky.pass_minutes(120)
    assert 10 < sum(own.values()) < 180, own
