"""Prices of the day-ahead market: through the flow, over the wire, to the sensors."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from custom_components.pv_family.diagnostics import async_get_config_entry_diagnostics
from homeassistant.components.diagnostics import REDACTED
from homeassistant.components.energy.validate import ENERGY_PRICE_UNITS
from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .price_server import RATE, PriceServer
from .world import DOMAIN, NOON, World

TODAY = date(2026, 6, 15)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
TOKEN = "00000000-1111-2222-3333-444444444444"
BILL = {"factor": 100.0, "margin": 0.05, "network": 0.3, "levies": 0.1, "vat": 20.0}
NO_BILL = {"factor": 100.0, "margin": 0.0, "network": 0.0, "levies": 0.0, "vat": 0.0}
FEED_IN = {
    "feed_in": "market",
    "feed_in_price": 0.0,
    "feed_in_factor": 90.0,
    "feed_in_fee": 0.02,
    "feed_in_never_negative": True,
}
WORTH = {
    "investment": 0.0,
    "saved_before": 0.0,
    "co2_factor": "ember_ro",
    "co2_own": 0.0,
    "plant_co2": 40.0,
}


@pytest.fixture
async def prices(world: World) -> AsyncIterator[PriceServer]:
    """Return the services, with the prices of yesterday and today."""
    server = PriceServer()
    server.published = {YESTERDAY, TODAY}
    await server.start()
    yield server
    await server.stop()


async def begin(world: World, kind: str) -> Any:
    """Begin to add prices and choose a kind."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "prices"), context={"source": SOURCE_USER}
    )
    assert step["type"] is FlowResultType.MENU
    return await flow.async_configure(step["flow_id"], {"next_step_id": kind})


async def answer(world: World, step: Any, **answers: Any) -> Any:
    """Fill in a form."""
    return await world.hass.config_entries.subentries.async_configure(
        step["flow_id"], answers
    )


async def settle(world: World) -> None:
    """Let everything happen that is due now."""
    await world.hass.async_block_till_done(wait_background_tasks=True)


async def add_market(
    world: World,
    server: PriceServer,
    bill: dict[str, float] | None = None,
    **answers: Any,
) -> None:
    """Add the prices of the day-ahead market through the flow."""
    step = await begin(world, "day_ahead")
    step = await answer(
        world,
        step,
        **{"zone": "ro", "currency": "RON", "servers": server.addresses, **answers},
    )
    assert step["step_id"] == "bill", step
    step = await answer(world, step, **(bill or NO_BILL))
    assert step["step_id"] == "feed_in"
    step = await answer(world, step, **FEED_IN)
    assert step["step_id"] == "worth"
    step = await answer(world, step, **WORTH)
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await settle(world)


async def curve(world: World) -> Any:
    """Return what the action answers."""
    return await world.hass.services.async_call(
        DOMAIN, "get_prices", {}, blocking=True, return_response=True
    )


def price_at(day: date, quarter: int) -> float:
    """Return a price of a market day in RON/kWh."""
    return PriceServer.prices(day)[quarter] * RATE / 1000.0


async def test_now_and_next(world: World, prices: PriceServer) -> None:
    """The present price is that of the market's quarter hour, in the home's lei."""
    await world.add_empty_home()
    await add_market(world, prices)
    # 09:40 UTC is 11:40 in the market and 12:40 at home: the 47th quarter hour.
    assert world.number("price") == pytest.approx(price_at(TODAY, 46), abs=1e-4)
    assert world.number("price_next") == pytest.approx(price_at(TODAY, 47), abs=1e-4)
    assert world.state("price_quality") == "published"
    assert world.state("price_source") == "opcom"
    assert world.state("prices_known_until") == "2026-06-15T22:00:00+00:00"
    await world.pass_time(400)
    assert world.number("price") == pytest.approx(price_at(TODAY, 47), abs=1e-4)
    assert prices.asked_of("charts") == []


async def test_energy_dashboard_takes_the_price(
    world: World, prices: PriceServer
) -> None:
    """Unit and state are those of a price entity."""
    await world.add_empty_home()
    await add_market(world, prices)
    (entity,) = [
        e
        for e in er.async_get(world.hass).entities.values()
        if e.unique_id.endswith("_price") and e.unique_id.count("_") == 1
    ]
    state = world.hass.states.get(entity.entity_id)
    assert state is not None
    unit = state.attributes["unit_of_measurement"]
    assert unit == "RON/kWh"
    assert unit.endswith(ENERGY_PRICE_UNITS)
    assert state.attributes["state_class"] == "measurement"


async def test_bill_and_feed_in(world: World, prices: PriceServer) -> None:
    """The bill adds to the market; what is fed in is never paid less than nothing."""
    await world.add_empty_home()
    await add_market(world, prices, BILL)
    answered = await curve(world)
    assert answered["unit"] == "RON/kWh"
    by_start = {item["start"]: item for item in answered["today"]}
    assert len(by_start) == 96
    assert min(item["sell"] for item in answered["today"]) == 0.0
    assert min(item["market"] for item in answered["today"]) < 0.0
    for item in answered["today"]:
        market = item["market"]
        assert item["buy"] == pytest.approx((market + 0.45) * 1.2, abs=1e-5)
        assert item["sell"] == pytest.approx(max(0.0, 0.9 * market - 0.02), abs=1e-5)
    lowest = min(answered["today"], key=lambda item: item["buy"])
    assert world.number("price_lowest_today") == pytest.approx(lowest["buy"], abs=1e-5)


async def test_first_hour_is_of_the_market_day_before(
    world: World, prices: PriceServer
) -> None:
    """Between midnight and one o'clock Bucharest pays yesterday's last prices."""
    await world.add_empty_home()
    await add_market(world, prices)
    today = (await curve(world))["today"]
    assert today[0]["start"] == "2026-06-15T00:00:00+03:00"
    assert today[0]["market"] == pytest.approx(price_at(YESTERDAY, 92), abs=1e-5)
    assert today[3]["market"] == pytest.approx(price_at(YESTERDAY, 95), abs=1e-5)
    assert today[4]["market"] == pytest.approx(price_at(TODAY, 0), abs=1e-5)
    assert today[-1]["market"] == pytest.approx(price_at(TODAY, 91), abs=1e-5)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 3, 29, 9, tzinfo=UTC), 23),
        (datetime(2026, 10, 25, 9, tzinfo=UTC), 25),
    ],
    ids=["spring", "autumn"],
)
async def test_clock_change(
    world: World, prices: PriceServer, now: datetime, hours: int
) -> None:
    """A day of 23 or 25 hours has as many prices."""
    day = now.date()
    prices.published = {day + timedelta(days=n) for n in (-1, 0, 1)}
    world.freezer.move_to(now)
    await world.add_empty_home()
    await add_market(world, prices)
    today = (await curve(world))["today"]
    assert len(today) == 4 * hours
    assert len({item["start"] for item in today}) == 4 * hours


async def test_tomorrow_comes_when_it_is_published(
    world: World, prices: PriceServer
) -> None:
    """Nobody is asked before the auction; then patiently until the result is there."""
    await world.add_empty_home()
    await add_market(world, prices)
    assert TOMORROW.isoformat() not in prices.asked_of("opcom")
    asked = len(prices.asked)
    await world.jump(datetime(2026, 6, 15, 11, 20, tzinfo=UTC))
    assert len(prices.asked) == asked
    await world.jump(datetime(2026, 6, 15, 11, 41, tzinfo=UTC))
    assert prices.asked_of("opcom")[-1] == TOMORROW.isoformat()
    assert prices.asked_of("charts") == []
    assert (await curve(world))["tomorrow"][-1]["start"].endswith("T00:45:00+03:00")
    prices.published.add(TOMORROW)
    await world.jump(datetime(2026, 6, 15, 11, 57, tzinfo=UTC))
    assert len((await curve(world))["tomorrow"]) == 96
    assert world.state("prices_known_until") == "2026-06-16T22:00:00+00:00"
    asked = len(prices.asked)
    await world.jump(datetime(2026, 6, 15, 18, tzinfo=UTC))
    assert len(prices.asked) == asked


async def test_failover_and_back(world: World, prices: PriceServer) -> None:
    """Without OPCOM the euro of energy-charts are converted, and that is visible."""
    prices.broken["opcom"] = 500
    await world.add_empty_home()
    await add_market(world, prices)
    assert world.number("price") == pytest.approx(price_at(TODAY, 46), abs=1e-4)
    assert world.state("price_quality") == "converted"
    assert world.state("price_source") == "energy_charts"
    quality = attributes_of(world, "price_quality")
    assert "500" in quality["failures"]["opcom"]
    assert attributes_of(world, "price_source")["licence"]
    prices.broken.clear()
    await world.jump(NOON + timedelta(hours=1, minutes=30))
    assert world.state("price_quality") == "published"
    assert world.state("price_source") == "opcom"
    assert "failures" not in attributes_of(world, "price_quality")


async def test_last_source_in_euro(world: World, prices: PriceServer) -> None:
    """With a token ENTSO-E comes last, and needs no conversion in euro."""
    prices.broken |= {"opcom": 403, "charts": 503}
    await world.add_empty_home()
    await add_market(world, prices, currency="eur", entsoe_token=TOKEN)
    assert world.state("price_quality") == "failover"
    assert world.state("price_source") == "entsoe"
    expected = PriceServer.prices(TODAY)[46] / 1000.0
    assert world.number("price") == pytest.approx(expected, abs=1e-4)
    assert prices.asked_of("bnr") == []


async def test_no_internet(world: World, prices: PriceServer) -> None:
    """A restart without any service shows what was known until it ends."""
    await world.add_empty_home()
    await add_market(world, prices)
    await prices.stop()
    await world.reload()
    assert world.number("price") == pytest.approx(price_at(TODAY, 46), abs=1e-4)
    assert world.state("price_quality") == "published"
    await world.jump(datetime(2026, 6, 15, 22, 30, tzinfo=UTC))
    assert world.state("price") == "unavailable"
    assert world.state("price_quality") == "missing"
    assert attributes_of(world, "price_quality")["failures"]


async def test_damaged_cache(
    world: World,
    prices: PriceServer,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What cannot be read is asked for anew."""
    entry = await world.add_empty_home()
    await add_market(world, prices)
    await world.hass.config_entries.async_unload(entry.entry_id)
    hass_storage[f"{DOMAIN}.{entry.entry_id}.prices"]["data"]["series"] = "nonsense"
    await world.hass.config_entries.async_setup(entry.entry_id)
    await settle(world)
    assert "stored prices are damaged" in caplog.text
    assert world.state("price_quality") == "published"


async def test_token_stays_secret(
    world: World, prices: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The token is in no log, in no attribute and not in the diagnostics."""
    prices.broken |= {"opcom": 500, "charts": 500, "entsoe": 500}
    entry = await world.add_empty_home()
    caplog.set_level("DEBUG", logger="custom_components.pv_family")
    await add_market(world, prices, entsoe_token=TOKEN)
    await prices.stop()
    await world.jump(NOON + timedelta(hours=3))
    described = await async_get_config_entry_diagnostics(world.hass, entry)
    assert "entsoe" in described["market"]["failures"]
    assert TOKEN not in str(described)
    assert TOKEN not in caplog.text
    assert TOKEN not in str([s.as_dict() for s in world.hass.states.async_all()])
    (subentry,) = described["entry"]["subentries"]
    assert subentry["data"]["entsoe_token"] == REDACTED


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"currency": "leu nou"}, {"currency": "not_a_currency"}),
        ({"currency": "HUF"}, {"exchange_rate": "no_exchange_rate"}),
        ({"servers": {"opcom_url": "opcom"}}, {"base": "not_an_address"}),
        ({"servers": {"opcom_url": "http://["}}, {"base": "not_an_address"}),
    ],
)
async def test_wrong_answers(
    world: World, answers: dict[str, Any], error: dict[str, str]
) -> None:
    """Each mistake is told beside its field, and can be put right."""
    await world.add_empty_home()
    step = await begin(world, "day_ahead")
    told = {"zone": "ro", "currency": "RON", **answers}
    step = await answer(world, step, **told)
    assert step["errors"] == error
    step = await answer(world, step, zone="hu", currency="HUF", exchange_rate=400.0)
    assert step["step_id"] == "bill"


async def test_one_set_of_prices(world: World, prices: PriceServer) -> None:
    """A second set is refused; removing the first removes its entities."""
    entry = await world.add_empty_home()
    with pytest.raises(ServiceValidationError, match="no prices"):
        await curve(world)
    await add_market(world, prices)
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (entry.entry_id, "prices"), context={"source": SOURCE_USER}
    )
    assert step["reason"] == "already_configured"
    (subentry,) = entry.get_subentries_of_type("prices")
    devices = dr.async_get(world.hass)
    identifier = (DOMAIN, subentry.subentry_id)
    device = devices.async_get_device_by_identifier(identifier, entry.entry_id)
    assert device is not None
    assert device.name == "Prices"
    world.hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    await settle(world)
    assert devices.async_get_device_by_identifier(identifier, entry.entry_id) is None
    assert not [
        e
        for e in er.async_get(world.hass).entities.values()
        if e.unique_id.startswith(subentry.subentry_id)
    ]


async def test_removed_home_leaves_nothing(
    world: World, prices: PriceServer, hass_storage: dict[str, Any]
) -> None:
    """With the home its prices are forgotten."""
    entry = await world.add_empty_home()
    await add_market(world, prices)
    key = f"{DOMAIN}.{entry.entry_id}.prices"
    assert key in hass_storage
    await world.hass.config_entries.async_remove(entry.entry_id)
    world.entry = None
    assert key not in hass_storage


def attributes_of(world: World, unique_part: str) -> dict[str, Any]:
    """Return the attributes of a sensor of prices."""
    (entity,) = [
        e
        for e in er.async_get(world.hass).entities.values()
        if e.unique_id.endswith(f"_{unique_part}") and e.platform == DOMAIN
    ]
    state = world.hass.states.get(entity.entity_id)
    assert state is not None
    return dict(state.attributes)
