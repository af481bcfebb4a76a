"""Prices of other integrations' entities: for import, for export, through trouble."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from homeassistant.data_entry_flow import FlowResultType

from .test_market import NO_BILL, WORTH, answer, begin, curve, settle
from .test_market_money import carried, market_of
from .world import NOON, World

IMPORT, EXPORT = "sensor.import_price", "sensor.export_price"
BY_ENTITY = {
    "feed_in": "entity",
    "feed_in_entity": EXPORT,
    "feed_in_price": 0.0,
    "feed_in_factor": 100.0,
    "feed_in_fee": 0.0,
    "feed_in_never_negative": False,
}


def show(world: World, entity: str, price: object, unit: str | None) -> None:
    """Let an entity show a price."""
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    world.hass.states.async_set(entity, str(price), attributes)


async def add(world: World, kind: str = "entity", **feed_in: Any) -> Any:
    """Add prices of which at least that of the export is an entity's."""
    step = await begin(world, kind)
    if kind == "entity":
        step = await answer(world, step, entity=IMPORT)
        step = await answer(world, step, **NO_BILL)
    else:
        step = await answer(world, step, price=1.25, currency="RON")
    assert step["step_id"] == "feed_in"
    step = await answer(world, step, **{**BY_ENTITY, **feed_in})
    if step["step_id"] != "worth":
        return step
    step = await answer(world, step, **WORTH)
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await settle(world)
    return step


async def test_feed_in_by_an_entity(world: World) -> None:
    """Import at a fixed price, export at what an entity shows, also below zero."""
    show(world, EXPORT, 210, "RON/MWh")
    await world.add_empty_home()
    await add(world, "fixed", feed_in_factor=90.0)
    assert world.number("price") == 1.25
    assert world.number("feed_in_price") == pytest.approx(0.189)
    show(world, EXPORT, -3.5, "bani/kWh")
    await settle(world)
    assert world.number("feed_in_price") == pytest.approx(-0.0315)
    show(world, EXPORT, "unavailable", None)
    await world.pass_time(960, 60)
    assert world.state("feed_in_price") == "unavailable"
    assert world.number("price") == 1.25


async def test_prices_that_change_at_different_times(world: World) -> None:
    """The action lists every change of either price."""
    start = datetime(2026, 6, 15, 9, tzinfo=UTC)
    listed = [
        {"start": (start + n * timedelta(hours=1)).isoformat(), "value": n / 10}
        for n in range(4)
    ]
    world.hass.states.async_set(
        EXPORT, "0", {"unit_of_measurement": "RON/kWh", "prices": listed}
    )
    await world.add_empty_home()
    await add(world, "fixed")
    today = [item for item in (await curve(world))["today"] if item["sell"] is not None]
    assert {item["buy"] for item in today} == {1.25}
    hours = {item["start"][11:13]: item["sell"] for item in today}
    assert hours == {"12": 0.0, "13": 0.1, "14": 0.2, "15": 0.3}


@pytest.mark.parametrize(
    ("unit", "error"),
    [
        (None, "not_a_price"),
        ("kWh", "not_a_price"),
        ("EUR/kWh", "other_currency"),
    ],
)
async def test_wrong_entity(world: World, unit: str | None, error: str) -> None:
    """What is no price, or is in another currency, is told beside the field."""
    show(world, EXPORT, 0.2, unit)
    await world.add_empty_home()
    step = await add(world, "fixed")
    assert step["errors"] == {"feed_in_entity": error}
    show(world, EXPORT, 0.2, "RON/kWh")
    step = await answer(world, step, **BY_ENTITY)
    assert step["step_id"] == "worth"


async def test_no_entity(world: World) -> None:
    """The entity cannot be left out."""
    await world.add_empty_home()
    step = await begin(world, "fixed")
    step = await answer(world, step, price=1.25, currency="RON")
    told = {key: value for key, value in BY_ENTITY.items() if key != "feed_in_entity"}
    step = await answer(world, step, **told)
    assert step["errors"] == {"feed_in_entity": "not_a_price"}


async def test_unit_that_changes(world: World) -> None:
    """The same price in another unit is the same; another currency is no price."""
    show(world, IMPORT, 0.8, "RON/kWh")
    show(world, EXPORT, 0.2, "RON/kWh")
    await world.add_empty_home()
    await add(world)
    for price, unit in ((80, "ct/kWh"), (800, "RON/MWh"), (80, "bani/kWh")):
        show(world, IMPORT, price, unit)
        await settle(world)
        assert world.number("price") == pytest.approx(0.8), unit
    show(world, IMPORT, 0.16, "EUR/kWh")
    await world.pass_time(960, 60)
    assert world.state("price") == "unavailable"
    assert world.state("price_quality") == "missing"
    show(world, IMPORT, 0.9, "RON/kWh")
    await settle(world)
    assert world.number("price") == pytest.approx(0.9)


async def test_restart_over_a_quarter_hour(world: World) -> None:
    """Energy from before a restart gets the price that was shown then."""
    show(world, IMPORT, 1.0, "RON/kWh")
    show(world, EXPORT, 0.5, "RON/kWh")
    entry = await world.add_home(meter_role="grid")
    await add(world)
    # Noon is 09:40 UTC: to the last seconds of the quarter hour.
    await world.pass_time(30)
    before = dict(entry.runtime_data.home.data.totals)
    await world.pass_time(240)
    await world.hass.config_entries.async_unload(entry.entry_id)
    world.freezer.move_to(NOON + timedelta(minutes=6))
    show(world, IMPORT, 9.0, "RON/kWh")
    show(world, EXPORT, 9.0, "RON/kWh")
    await world.hass.config_entries.async_setup(entry.entry_id)
    await settle(world)
    await world.pass_time(60)
    assert world.number("price") == 9.0
    _, own, exported = carried(world, before)
    assert own + exported > 0.1
    assert market_of(world).data.unpriced == 0.0
    waiting = market_of(world)._savings.waiting(NOON + timedelta(minutes=6))
    assert waiting is None


async def test_restart_in_the_middle_of_a_quarter_hour(world: World) -> None:
    """What holds now only the entity says: silent after a restart, it is unknown."""
    show(world, IMPORT, 1.0, "RON/kWh")
    show(world, EXPORT, 0.5, "RON/kWh")
    await world.add_home(meter_role="grid")
    await add(world)
    await world.pass_time(60)
    show(world, IMPORT, "unavailable", None)
    await world.reload()
    assert world.state("price") == "unavailable"
    assert world.number("feed_in_price") == 0.5
