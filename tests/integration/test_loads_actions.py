"""The plan as a timeline, who changed what, and undo."""

from datetime import timedelta
import json
from types import SimpleNamespace
from typing import Any

import pytest

from custom_components.pv_family.coordinator.load_prices import PriceView
from custom_components.pv_family.diagnostics import async_get_config_entry_diagnostics
from custom_components.pv_family.market.home_prices import HomePrices
from custom_components.pv_family.market.price_series import (
    PriceInterval,
    PriceQuality,
    PriceSeries,
)
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.json import ExtendedJSONEncoder
from homeassistant.util import dt as dt_util

from .load_world import LoadWorld, add_helpers
from .world import World

BOILER = "input_boolean.boiler"


@pytest.fixture
async def loads(world: World) -> LoadWorld:
    """Return a home whose boiler runs on surplus."""
    await world.hass.config.async_update(currency="EUR")
    await add_helpers(world.hass)
    await world.add_home()
    loads = LoadWorld(world)
    loads.switch(BOILER, 1500.0)
    await loads.add("switch", "Boiler", BOILER, power=1500)
    await loads.until(lambda: loads.is_on(BOILER))
    await loads.world.pass_time(60)
    return loads


async def ask(loads: LoadWorld, action: str, **data: Any) -> Any:
    """Call an action that answers."""
    return await loads.hass.services.async_call(
        "pv_family", action, data, blocking=True, return_response=True
    )


async def undo(loads: LoadWorld, change: str, context: Context | None = None) -> None:
    """Undo a change."""
    await loads.hass.services.async_call(
        "pv_family", "undo_change", {"id": change}, blocking=True, context=context
    )


async def test_the_plan(loads: LoadWorld) -> None:
    """Each load tells when it is planned to run."""
    answer = await ask(loads, "get_plan")
    load = answer["loads"][loads.key("Boiler")]
    assert (load["name"], load["mode"], load["shadow"]) == ("Boiler", "auto", False)
    assert load["why"] == "surplus"
    first = load["intervals"][0]
    assert first["start"] < first["end"]
    assert first["power"] == 1500


async def test_who_changed_what(loads: LoadWorld, hass_admin_user: Any) -> None:
    """A change is listed with its reason, and taken back by an administrator."""
    changes = (await ask(loads, "get_changes", limit=5))["changes"]
    assert len(changes) == 1
    change = changes[0]
    assert (change["name"], change["key"]) == ("Boiler", "power")
    assert (change["value"], change["before"]) == (1500.0, 0.0)
    assert (change["reason"], change["outcome"]) == ("surplus", "confirmed")
    assert change["undoable"] is True
    await undo(loads, change["id"], Context(user_id=hass_admin_user.id))
    assert not loads.is_on(BOILER)
    await loads.world.pass_time(30)
    assert loads.why("Boiler") == "manual"
    newest, before = (await ask(loads, "get_changes"))["changes"]
    assert (newest["actor"], newest["reason"]) == (hass_admin_user.name, "undo")
    assert before["undoable"] is False
    with pytest.raises(ServiceValidationError, match="undo"):
        await undo(loads, change["id"])
    await undo(loads, newest["id"])
    assert loads.is_on(BOILER)


async def test_only_administrators_undo(
    loads: LoadWorld, hass_read_only_user: Any
) -> None:
    """Nobody else takes back what control did."""
    change = (await ask(loads, "get_changes"))["changes"][0]
    with pytest.raises(HomeAssistantError):
        await undo(loads, change["id"], Context(user_id=hass_read_only_user.id))
    assert loads.is_on(BOILER)
    with pytest.raises(ServiceValidationError):
        await undo(loads, "nothing")


async def test_diagnostics_explain_loads(loads: LoadWorld) -> None:
    """What a load does and why is in the diagnostics, without its name."""
    entry = loads.world.entry
    assert entry is not None
    found = await async_get_config_entry_diagnostics(loads.hass, entry)
    (load,) = found["loads"]
    assert load["why"] == "surplus"
    assert load["settings"]["title"] == "Load 1"
    assert load["owned"] == 1500.0
    json.dumps(found, cls=ExtendedJSONEncoder)


async def test_prices_of_the_home_are_followed(loads: LoadWorld) -> None:
    """The plan takes what the home has been told of prices, else the usual ones."""
    entry = loads.world.entry
    assert entry is not None
    view = PriceView(loads.hass, entry)
    now = dt_util.utcnow()
    usual = view.look(now)
    assert (usual.buy(now), usual.sell(now)) == (0.30, 0.06)
    assert view.look(now) is usual
    start = now - timedelta(hours=1)
    intervals = tuple(
        PriceInterval(
            start + n * timedelta(hours=1),
            start + (n + 1) * timedelta(hours=1),
            0.1 * n,
            PriceQuality.PUBLISHED,
            "test",
        )
        for n in range(24)
    )
    series = PriceSeries("EUR", intervals)
    market = SimpleNamespace(prices=HomePrices(series, series, series))
    data = SimpleNamespace(market=market)
    stub = SimpleNamespace(runtime_data=data, options={})
    known = PriceView(loads.hass, stub).look(now)  # type: ignore[arg-type]
    assert known.buy(now) == pytest.approx(0.1)
    assert known.buy(now + timedelta(hours=24)) == pytest.approx(0.1)
    assert known.sell(now + timedelta(days=9)) == 0.06
