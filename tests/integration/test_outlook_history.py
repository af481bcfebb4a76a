"""Forecasts that learn from a recorder, and the Energy dashboard that shows them."""

from datetime import UTC, datetime, timedelta
import gc
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.pv_family.energy import async_get_solar_forecast
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulation.state import EnergyCounters, EnergyInterval

from .load_world import LoadWorld, add_helpers
from .outlook_world import OutlookWorld
from .world import DOMAIN

HOUR = timedelta(hours=1)
DAYS = 15


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, which it has to precede."""


def _production(energy: EnergyCounters) -> float:
    stored = energy.battery_charge - energy.battery_discharge
    return max(0.0, energy.inverter_ac + stored)


async def _import(
    sky: OutlookWorld, start: datetime, days: int
) -> list[EnergyInterval]:
    """Give the home's powers a past of hours, as the recorder would have kept it."""
    past = sky.world.home.history(start, start + timedelta(days=days))
    for key, mean in (
        ("production_power", _production),
        ("consumption_power", lambda energy: energy.load),
    ):
        means = [mean(hour.energy) for hour in past]
        await _import_means(sky, _sensor(sky, key), past, means)
    await async_wait_recording_done(sky.hass)
    return past


def _sensor(sky: OutlookWorld, key: str) -> str:
    assert sky.world.entry is not None
    sensor = er.async_get(sky.hass).async_get_entity_id(
        "sensor", DOMAIN, f"{sky.world.entry.entry_id}_{key}"
    )
    assert sensor is not None
    return sensor


async def _import_means(
    sky: OutlookWorld, sensor: str, past: list[EnergyInterval], means: list[float]
) -> None:
    async_import_statistics(
        sky.hass,
        {
            "has_sum": False,
            "mean_type": StatisticMeanType.ARITHMETIC,
            "name": None,
            "source": "recorder",
            "statistic_id": sensor,
            "unit_class": "power",
            "unit_of_measurement": "W",
        },
        [
            {"start": hour.start, "mean": mean}
            for hour, mean in zip(past, means, strict=True)
        ],
    )


async def _import_energies(
    sky: OutlookWorld, key: str, past: list[EnergyInterval], energies: list[float]
) -> None:
    total = 0.0
    rows: list[StatisticData] = [
        {"start": past[0].start - HOUR, "state": 0.0, "sum": 0.0}
    ]
    for hour, energy in zip(past, energies, strict=True):
        total += energy / 1000
        rows.append({"start": hour.start, "state": total, "sum": total})
    await _import_sums(sky, key, rows)


async def _import_sums(sky: OutlookWorld, key: str, rows: list[StatisticData]) -> None:
    await _import_rows(sky, _sensor(sky, key), rows)


async def _import_rows(
    sky: OutlookWorld, sensor: str, rows: list[StatisticData]
) -> None:
    async_import_statistics(
        sky.hass,
        {
            "has_sum": True,
            "mean_type": StatisticMeanType.NONE,
            "name": None,
            "source": "recorder",
            "statistic_id": sensor,
            "unit_class": "energy",
            "unit_of_measurement": "kWh",
        },
        rows,
    )


def _midnight() -> datetime:
    return dt_util.as_utc(dt_util.start_of_local_day(dt_util.now()))


async def test_a_past_teaches_what_the_roof_really_gives(sky: OutlookWorld) -> None:
    """A roof that is described as facing north is forecast as it really is."""
    await sky.world.add_home(meter_role="grid")
    await _import(sky, _midnight() - timedelta(days=DAYS), DAYS)
    tomorrow = sky.world.home.history(
        _midnight() + timedelta(days=1), _midnight() + timedelta(days=2)
    )
    came = sum(_production(hour.energy) for hour in tomorrow) / 1000
    await sky.set_weather()
    await sky.add_roof(name="Wrong", peak_power=6.0, surface_tilt=80, surface_azimuth=0)
    await sky.pass_minutes(3)
    assert sky.number("forecast_tomorrow") == pytest.approx(came, rel=0.35)
    curve = (await sky.act("get_forecast", series="potential"))["slots"]
    assert max(slot["p50"] for slot in curve) > 2000
    used = sum(hour.energy.load for hour in tomorrow) / 1000
    assert sky.number("load_forecast_tomorrow") == pytest.approx(used, rel=0.4)
    load = (await sky.act("get_forecast", series="load", resolution=60))["slots"]
    assert all(0 <= slot["p10"] <= slot["p50"] <= slot["p90"] for slot in load)


async def test_days_are_judged_when_they_are_over(
    sky: OutlookWorld, every_entity_enabled: None
) -> None:
    """What was said in the evening is held against what came the next day."""
    await sky.world.add_home(meter_role="grid")
    await _import(sky, _midnight() - timedelta(days=DAYS), DAYS)
    await sky.set_weather()
    await sky.add_roofs()
    await sky.pass_minutes(1)
    assert sky.state("load_forecast_mae") == "unavailable"
    # Today and tomorrow were measured as well: hours are all that is needed.
    start = _midnight()
    await sky.world.jump(start + timedelta(hours=19, minutes=5))
    await sky.pass_minutes(2)
    await _import(sky, start, 2)
    # The recorder's short means are made of states: they end where time jumps.
    await sky.world.jump(start + timedelta(days=13))
    await sky.pass_minutes(3)
    assert sky.state("pv_forecast_verdict") == "learning"
    assert 0.0 < sky.number("load_forecast_mae") < 1000.0
    assert 0.0 < sky.number("load_forecast_mape") < 300.0
    assert 0.0 <= sky.number("pv_forecast_error") < 100.0
    before = {key: sky.state(key) for key in ("load_forecast_mae", "pv_forecast_error")}
    await sky.world.reload()
    await sky.pass_minutes(1)
    assert {key: sky.state(key) for key in before} == before


async def test_what_automations_switch_is_no_habit(sky: OutlookWorld) -> None:
    """A car that always charges at night is taken out of the load's forecast."""
    await sky.world.add_home(meter_role="grid")
    start = _midnight() - timedelta(days=DAYS)
    past = await _import(sky, start, DAYS)
    charger = "sensor.car_charger_power"

    def charged(hour: EnergyInterval) -> float:
        return 3000.0 if hour.start.hour in (0, 1) else 0.0

    await _import_means(sky, charger, past, [charged(hour) for hour in past])
    means = [hour.energy.load + charged(hour) for hour in past]
    await _import_means(sky, _sensor(sky, "consumption_power"), past, means)
    await async_wait_recording_done(sky.hass)
    await sky.set_weather(switched_loads=[charger])
    await sky.add_roofs()
    await sky.pass_minutes(2)
    assert max(await _foreseen_at_night(sky)) < 1500.0


async def _foreseen_at_night(sky: OutlookWorld) -> list[float]:
    slots = (await sky.act("get_forecast", series="load", resolution=60))["slots"]
    return [
        slot["p50"]
        for slot in slots
        if dt_util.parse_datetime(slot["start"], raise_on_error=True)
        .astimezone(UTC)
        .hour
        in (0, 1)
    ]


async def test_what_surplus_switches_is_no_habit(sky: OutlookWorld) -> None:
    """A load of the home is known to it: nobody has to tell its sensor again."""
    await add_helpers(sky.hass)
    await sky.world.add_home(meter_role="grid")
    loads = LoadWorld(sky.world)
    await loads.add("switch", "Car", "input_boolean.charger", power=3000)
    past = await _import(sky, _midnight() - timedelta(days=DAYS), DAYS)

    def charged(hour: EnergyInterval) -> float:
        return 3000.0 if hour.start.hour in (0, 1) else 0.0

    means = [hour.energy.load + charged(hour) for hour in past]
    await _import_means(sky, _sensor(sky, "consumption_power"), past, means)
    total, rows = 0.0, list[StatisticData]()
    for hour in past:
        total += charged(hour) / 1000.0
        rows.append({"start": hour.start, "state": total, "sum": total})
    await _import_rows(sky, "sensor.car_energy", rows)
    await async_wait_recording_done(sky.hass)
    await sky.set_weather()
    await sky.add_roofs()
    await sky.pass_minutes(2)
    assert max(await _foreseen_at_night(sky)) < 1500.0


async def test_the_energy_dashboard_gets_its_line(
    sky: OutlookWorld, hass_ws_client: WebSocketGenerator
) -> None:
    """Hours from midnight to the day after tomorrow, as the dashboard asks for them."""
    assert await async_setup_component(sky.hass, "energy", {})
    await sky.add_home()
    await sky.pass_minutes(2)
    entry = sky.world.entry
    assert entry is not None
    client = await hass_ws_client(sky.hass)
    await client.send_json_auto_id(
        {
            "type": "energy/save_prefs",
            "energy_sources": [
                {
                    "type": "solar",
                    "stat_energy_from": "sensor.casa_production_energy",
                    "config_entry_solar_forecast": [entry.entry_id],
                }
            ],
        }
    )
    assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "energy/info"})
    info: dict[str, Any] = (await client.receive_json())["result"]
    assert DOMAIN in info["solar_forecast_domains"]
    await client.send_json_auto_id({"type": "energy/solar_forecast"})
    answer = (await client.receive_json())["result"]
    hours = answer[entry.entry_id]["wh_hours"]
    starts = [dt_util.parse_datetime(when, raise_on_error=True) for when in hours]
    assert starts == sorted(starts)
    assert starts[0] == dt_util.start_of_local_day(dt_util.now())
    assert starts[-1] > dt_util.utcnow() + timedelta(hours=46)
    assert all(when.minute == 0 for when in starts)
    end = starts[0] + timedelta(days=1)
    today = sum(
        wh for when, wh in zip(starts, hours.values(), strict=True) if when < end
    )
    assert today / 1000 == pytest.approx(sky.number("forecast_today"), abs=0.02)
    # The morning is there although the home was added at noon.
    assert hours[list(hours)[7]] > 50.0


async def test_the_share_of_the_reference_that_was_reached(sky: OutlookWorld) -> None:
    """What the statistics say of this month and year, over what PVGIS expects."""
    await sky.world.add_home(meter_role="grid")
    may = datetime(2026, 5, 10, 8, tzinfo=UTC)
    june = datetime(2026, 6, 10, 8, tzinfo=UTC)
    rows: list[StatisticData] = [
        {"start": may - HOUR, "state": 0.0, "sum": 0.0},
        {"start": may, "state": 700.0, "sum": 700.0},
        {"start": june, "state": 1000.0, "sum": 1000.0},
    ]
    await _import_sums(sky, "production_energy", rows)
    await async_wait_recording_done(sky.hass)
    await sky.set_weather()
    await sky.add_roofs()
    await sky.pass_minutes(3)
    month, year = sky.number("pvgis_month"), sky.number("pvgis_year")
    assert sky.number("pvgis_month_reached") == pytest.approx(30_000 / month, rel=0.02)
    assert sky.number("pvgis_year_reached") == pytest.approx(100_000 / year, rel=0.02)


async def test_a_past_that_comes_later_is_learned_too(sky: OutlookWorld) -> None:
    """Somebody imports a log: within the hour the forecasts know it."""
    await sky.world.add_home(meter_role="grid")
    await sky.set_weather()
    await sky.add_roof(name="Wrong", peak_power=6.0, surface_tilt=80, surface_azimuth=0)
    await sky.pass_minutes(2)
    assert sky.state("load_forecast_tomorrow") == "unavailable"
    described = sky.number("forecast_tomorrow")
    # A log has energies only.
    start = _midnight() - timedelta(days=DAYS)
    past = sky.world.home.history(start, _midnight())
    production = [_production(hour.energy) for hour in past]
    await _import_energies(sky, "production_energy", past, production)
    consumption = [hour.energy.load for hour in past]
    await _import_energies(sky, "consumption_energy", past, consumption)
    await async_wait_recording_done(sky.hass)
    await sky.world.jump(dt_util.utcnow() + timedelta(hours=2))
    await sky.pass_minutes(2)
    assert sky.number("load_forecast_tomorrow") > 1.0
    assert sky.number("forecast_tomorrow") > 1.3 * described


async def test_a_home_without_a_roof_is_foretold_its_load(sky: OutlookWorld) -> None:
    """It learns its habits out of what the recorder kept, and asks no service."""
    await sky.world.add_home(meter_role="grid")
    await sky.pass_minutes(1)
    assert sky.state("load_forecast_tomorrow") == "unavailable"
    await _import(sky, _midnight() - timedelta(days=DAYS), DAYS)
    tomorrow = sky.world.home.history(
        _midnight() + timedelta(days=1), _midnight() + timedelta(days=2)
    )
    used = sum(hour.energy.load for hour in tomorrow) / 1000
    await sky.world.jump(dt_util.utcnow() + timedelta(hours=2))
    await sky.pass_minutes(2)
    assert sky.number("load_forecast_tomorrow") == pytest.approx(used, rel=0.4)
    load = (await sky.act("get_forecast", series="load"))["slots"]
    assert all(0 <= slot["p10"] <= slot["p50"] <= slot["p90"] for slot in load)
    with pytest.raises(ServiceValidationError):
        await sky.act("get_forecast", series="harvest")
    entry = sky.world.entry
    assert entry is not None
    assert await async_get_solar_forecast(sky.hass, entry.entry_id) is None
    roof = f"{entry.entry_id}_forecast_tomorrow"
    assert er.async_get(sky.hass).async_get_entity_id("sensor", DOMAIN, roof) is None
    assert entry.runtime_data.outlook.data.weather_trouble is None
    # A roof that comes later is forecast from the same home's past.
    await sky.set_weather()
    await sky.add_roofs()
    await sky.pass_minutes(2)
    assert sky.number("forecast_tomorrow") > 1.0
    assert sky.number("load_forecast_tomorrow") == pytest.approx(used, rel=0.4)


async def test_a_recorder_that_ends_first(
    sky: OutlookWorld, recorder_mock: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever still looks into the past then goes without, and nobody is alarmed."""
    await sky.add_home()
    await sky.pass_minutes(2)
    foreseen = sky.number("forecast_tomorrow")
    sky.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await sky.settle()
    await sky.hass.async_add_executor_job(recorder_mock.join)
    caplog.clear()
    await sky.world.jump(dt_util.utcnow() + timedelta(hours=2))
    await sky.pass_minutes(2)
    # An error that nobody took is told when its task is cleared away.
    gc.collect()
    assert not [
        record
        for record in caplog.records
        if record.levelno > logging.INFO and "pv_family" in record.getMessage()
    ]
    assert sky.number("forecast_tomorrow") == foreseen
