"""Money and CO2 of a home at work, and prices that are not the market's."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.pv_family.coordinator import MarketCoordinator
from custom_components.pv_family.market.shift import Shift
from custom_components.pv_family.readings.energy_book import Flow
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.data_entry_flow import FlowResultType

from .price_server import PriceServer
from .test_market import (
    FEED_IN,
    NO_BILL,
    TODAY,
    WORTH,
    YESTERDAY,
    add_market,
    answer,
    attributes_of,
    begin,
    curve,
    settle,
)
from .world import DOMAIN, NOON, World

FIXED_FEED_IN = {**FEED_IN, "feed_in": "fixed", "feed_in_price": 0.4}
BUY, SELL = 1.25, 0.4
NIGHT = {"start": "22:00:00", "end": "06:00:00", "price": 0.6}
WEEKEND = {"days": ["sat", "sun"], "start": "06:00:00", "end": "22:00:00", "price": 0.9}


@pytest.fixture
async def prices(world: World) -> AsyncIterator[PriceServer]:
    """Return the services, with the prices of yesterday and today."""
    server = PriceServer()
    server.published = {YESTERDAY, TODAY}
    await server.start()
    yield server
    await server.stop()


async def finish(world: World, step: Any, **worth: Any) -> Any:
    """Answer what comes after the source."""
    if step["step_id"] == "bill":
        step = await answer(world, step, **NO_BILL)
    assert step["step_id"] == "feed_in", step
    step = await answer(world, step, **FIXED_FEED_IN)
    step = await answer(world, step, **{**WORTH, **worth})
    await settle(world)
    return step


async def add_fixed(world: World, **worth: Any) -> None:
    """Add a fixed price through the flow."""
    step = await begin(world, "fixed")
    step = await answer(world, step, price=BUY, currency="RON")
    step = await finish(world, step, **worth)
    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_the_form_begins_with_a_price_that_can_be(world: World) -> None:
    """A browser would fill a number left open with the least that it may be."""
    await world.add_empty_home()
    for currency, usual in (("EUR", 0.3), ("RON", 1.5)):
        world.hass.config.currency = currency
        step = await begin(world, "fixed")
        found = {
            str(key): key.description["suggested_value"]
            for key in step["data_schema"].schema
        }
        assert found == {"price": pytest.approx(usual), "currency": currency}


def market_of(world: World) -> MarketCoordinator:
    """Return what knows prices."""
    assert world.entry is not None
    market: MarketCoordinator = world.entry.runtime_data.market
    return market


def carried(world: World, since: Mapping[Flow, float]) -> tuple[float, float, float]:
    """Return production, own use and export in kWh since some totals."""
    assert world.entry is not None
    now = world.entry.runtime_data.home.data.totals
    grown = {flow: (now[flow] - since[flow]) / 1000.0 for flow in since}
    own = (
        grown[Flow.PRODUCTION]
        + grown[Flow.BATTERY_DISCHARGE]
        - grown[Flow.BATTERY_CHARGE]
        - grown[Flow.GRID_EXPORT]
    )
    return grown[Flow.PRODUCTION], own, grown[Flow.GRID_EXPORT]


async def test_money_and_co2(world: World) -> None:
    """An hour at noon saves what was not bought, and earns what was fed in."""
    entry = await world.add_home(meter_role="grid")
    await add_fixed(world)
    await world.pass_time(30)
    before = dict(entry.runtime_data.home.data.totals)
    await world.pass_time(3600)
    produced, own, exported = carried(world, before)
    assert own > 0.1
    assert exported > 0.1
    expected = own * BUY + exported * SELL
    for span in ("today", "month", "year", "ever"):
        assert world.number(f"saved_{span}") == pytest.approx(expected, rel=0.1)
    mass = ((own + exported) * 245.55 - produced * 40.0) / 1000.0
    assert world.number("co2_avoided") == pytest.approx(mass, rel=0.1)
    named = attributes_of(world, "co2_avoided")
    assert named["grid_factor_source"].startswith("Ember, RO, 2024")
    assert named["state_class"] == "total_increasing"
    assert attributes_of(world, "saved_today")["last_reset"].startswith("2026-06-15T00")
    assert attributes_of(world, "saved_ever")["unit_of_measurement"] == "RON"


async def test_restart_keeps_money(world: World) -> None:
    """A restart counts on where it was, and nothing twice."""
    entry = await world.add_home(meter_role="grid")
    await add_fixed(world)
    await world.pass_time(60)
    before = dict(entry.runtime_data.home.data.totals)
    begun = market_of(world).data.saved
    await world.pass_time(1200)
    await world.reload()
    await world.pass_time(1200)
    _, own, exported = carried(world, before)
    grown = {
        key: amount - begun[key] for key, amount in market_of(world).data.saved.items()
    }
    expected = own * BUY + exported * SELL
    assert max(grown.values()) == pytest.approx(expected, rel=0.05)


async def test_damaged_money(
    world: World, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read starts anew; what can be read goes on."""
    entry = await world.add_home(meter_role="grid")
    await add_fixed(world)
    await world.pass_time(300)
    carbon = market_of(world).data.co2_avoided
    assert carbon > 0.0
    await world.hass.config_entries.async_unload(entry.entry_id)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["market"]
    stored["savings"]["money"] = "nonsense"
    await world.hass.config_entries.async_setup(entry.entry_id)
    await settle(world)
    assert "saved so far is damaged" in caplog.text
    assert market_of(world).data.co2_avoided >= carbon
    assert max(market_of(world).data.saved.values()) < 0.01


async def test_price_that_comes_late(world: World, prices: PriceServer) -> None:
    """Energy waits for its price while nobody can be asked."""
    prices.broken |= {"opcom": 500, "charts": 500}
    await world.add_home(meter_role="grid")
    await add_market(world, prices)
    await world.pass_time(1800)
    assert market_of(world).data.since is not None
    assert world.number("saved_ever") == 0.0
    prices.broken.clear()
    await world.jump(NOON + timedelta(hours=4))
    assert world.state("price_quality") == "published"
    await world.pass_time(400)
    assert world.number("saved_ever") > 0.1


async def test_new_day(world: World) -> None:
    """At local midnight the day begins anew; the total goes on."""
    await world.add_home(meter_role="grid")
    await add_fixed(world)
    await world.pass_time(1200)
    assert world.number("saved_today") > 0.0
    ever = world.number("saved_ever")
    await world.jump(datetime(2026, 6, 15, 20, 59, 55, tzinfo=UTC))
    await world.pass_time(400)
    assert attributes_of(world, "saved_today")["last_reset"].startswith("2026-06-16T00")
    assert abs(world.number("saved_today")) < 0.2
    assert world.number("saved_ever") >= ever - 0.01


async def test_control(world: World) -> None:
    """What control changed is priced by the same prices, and shown once there is any."""
    await world.add_home(meter_role="grid")
    await add_fixed(world)
    await world.pass_time(60)
    with pytest.raises(AssertionError):
        world.state("saved_by_control_ever")
    market = market_of(world)
    market.count_shift(Shift(NOON, NOON + timedelta(minutes=30), -2000.0, -1000.0))
    await world.pass_time(3600, 60)
    expected = 2.0 * BUY - 1.0 * SELL
    assert world.number("saved_by_control_ever") == pytest.approx(expected, abs=0.01)
    assert world.number("saved_by_control_today") == pytest.approx(expected, abs=0.01)


async def test_payback(world: World) -> None:
    """What the plant cost comes back; too early to tell when."""
    await world.add_home(meter_role="grid")
    await add_fixed(world, investment=20_000.0, saved_before=1000.0)
    await world.pass_time(600)
    assert world.number("payback_share") == pytest.approx(5.0, abs=0.1)
    assert world.state("payback_day") == "unavailable"


async def test_intensity_of_an_entity(world: World) -> None:
    """An hourly intensity goes before the year's mean, while it is shown."""
    world.hass.states.async_set(
        "sensor.co2", "1000", {"unit_of_measurement": "gCO2eq/kWh"}
    )
    await world.add_home(meter_role="grid")
    await add_fixed(world, co2_entity="sensor.co2", co2_factor="own", co2_own=100.0)
    await world.pass_time(600)
    assert world.entry is not None
    before = market_of(world).data.co2_avoided
    totals = dict(world.entry.runtime_data.home.data.totals)
    await world.pass_time(1200)
    produced, own, exported = carried(world, totals)
    grown = (market_of(world).data.co2_avoided - before) / 1000.0
    expected = own + exported - 0.04 * produced
    assert grown == pytest.approx(expected, rel=0.1)
    world.hass.states.async_set("sensor.co2", "unavailable")
    before = market_of(world).data.co2_avoided
    totals = dict(world.entry.runtime_data.home.data.totals)
    await world.pass_time(1200)
    produced, own, exported = carried(world, totals)
    grown = (market_of(world).data.co2_avoided - before) / 1000.0
    expected = 0.1 * (own + exported) - 0.04 * produced
    assert grown == pytest.approx(expected, rel=0.1)


async def test_without_meter_there_is_no_money(world: World) -> None:
    """Without a meter nobody knows what was not bought: no money, no zero."""
    await world.add_empty_home()
    await add_fixed(world)
    await world.pass_time(60)
    assert world.number("price") == BUY
    assert world.number("feed_in_price") == SELL
    with pytest.raises(AssertionError):
        world.state("saved_today")


async def test_entity(world: World) -> None:
    """The state of another integration's entity is the price, as long as it has one."""
    hass = world.hass
    hass.states.async_set("sensor.tariff", "80", {"unit_of_measurement": "bani/kWh"})
    hass.states.async_set("sensor.power", "80", {"unit_of_measurement": "W"})
    await world.add_empty_home()
    step = await begin(world, "entity")
    step = await answer(world, step, entity="sensor.power")
    assert step["errors"] == {"entity": "not_a_price"}
    step = await answer(world, step, entity="sensor.tariff")
    step = await finish(world, step)
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert world.number("price") == pytest.approx(0.8)
    assert world.state("price_quality") == "reported"
    assert world.state("price_source") == "entity"
    hass.states.async_set("sensor.tariff", "95.5", {"unit_of_measurement": "bani/kWh"})
    await settle(world)
    assert world.number("price") == pytest.approx(0.955)
    hass.states.async_set("sensor.tariff", "unavailable")
    await world.pass_time(960, 60)
    assert world.state("price") == "unavailable"
    assert world.state("price_quality") == "missing"
    await world.reload()
    assert world.state("price_quality") == "missing"


async def test_entity_with_a_list(world: World) -> None:
    """Later prices in the attributes are used."""
    start = datetime(2026, 6, 15, tzinfo=UTC)
    listed = [
        {
            "start": (start + timedelta(hours=n)).isoformat(),
            "end": (start + timedelta(hours=n + 1)).isoformat(),
            "value": n / 10.0,
        }
        for n in range(24)
    ]
    world.hass.states.async_set(
        "sensor.spot", "0.9", {"unit_of_measurement": "EUR/kWh", "raw_today": listed}
    )
    await world.add_empty_home()
    step = await begin(world, "entity")
    step = await answer(world, step, entity="sensor.spot")
    await finish(world, step)
    assert world.number("price") == pytest.approx(0.9)
    assert world.number("price_next") == pytest.approx(1.0)
    assert world.state("prices_known_until") == "2026-06-16T00:00:00+00:00"
    await world.jump(NOON + timedelta(hours=3))
    assert world.number("price") == pytest.approx(1.2)


async def test_time_of_use(world: World) -> None:
    """Bands by the clock on the wall; the basic price between them."""
    await world.add_empty_home()
    step = await begin(world, "time_of_use")
    step = await answer(world, step, price=1.5, currency="RON", bands=[])
    assert step["errors"] == {"bands": "no_bands"}
    askew = [{**NIGHT, "start": "22:10:00"}]
    step = await answer(world, step, price=1.5, currency="RON", bands=askew)
    assert step["errors"] == {"bands": "no_bands"}
    step = await answer(world, step, price=1.5, currency="leu nou", bands=[NIGHT])
    assert step["errors"] == {"currency": "not_a_currency"}
    step = await answer(world, step, price=1.5, currency="RON", bands=[NIGHT, WEEKEND])
    step = await finish(world, step)
    assert step["title"] == "0.6 - 1.5 RON/kWh"
    assert world.number("price") == 1.5
    assert world.number("price_lowest_today") == 0.6
    assert world.state("price_source") == "time_of_use"
    await world.jump(datetime(2026, 6, 15, 19, 0, tzinfo=UTC))
    assert world.number("price") == 0.6
    await world.jump(datetime(2026, 6, 20, 9, 0, tzinfo=UTC))
    assert world.number("price") == 0.9
    answered = await curve(world)
    assert [item["buy"] for item in answered["today"]] == [0.6, 0.9, 0.6]


async def test_reconfigure(world: World, prices: PriceServer) -> None:
    """Prices can be changed to another kind; in the same currency money stays."""
    entry = await world.add_home(meter_role="grid")
    await add_fixed(world)
    await world.pass_time(600)
    assert max(market_of(world).data.saved.values()) > 0.0

    async def change(kind: str, **answers: Any) -> None:
        (subentry,) = entry.get_subentries_of_type("prices")
        flow = world.hass.config_entries.subentries
        step = await flow.async_init(
            (entry.entry_id, "prices"),
            context={
                "source": SOURCE_RECONFIGURE,
                "subentry_id": subentry.subentry_id,
            },
        )
        assert step["type"] is FlowResultType.MENU
        step = await flow.async_configure(step["flow_id"], {"next_step_id": kind})
        step = await answer(world, step, **answers)
        step = await finish(world, step)
        assert step["reason"] == "reconfigure_successful"
        await settle(world)

    await change("day_ahead", zone="ro", currency="RON", servers=prices.addresses)
    assert world.state("price_source") == "opcom"
    assert max(market_of(world).data.saved.values()) > 0.0
    await change("fixed", price=0.25, currency="EUR")
    assert world.number("price") == 0.25
    assert max(market_of(world).data.saved.values(), default=0.0) < 0.05
    assert market_of(world).data.co2_avoided > 0.0
