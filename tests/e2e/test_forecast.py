"""The forecast where users look for it: as a line in the Energy dashboard."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Browser, expect
import pytest

from simulation.demo.client import USER
from simulation.demo.history import import_history
from simulation.demo.log import complaints_in
from simulation.demo.newcomer import (
    add_home,
    add_roofs,
    add_to_energy_dashboard,
    choose_weather,
    simulated_weather,
    wait_for_values,
)
from simulation.home import SimulatedHome
from simulation.state import HomeConfig

from .conftest import ARTIFACTS, House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SIZES = {"desktop": (1400, 900), "phone": (390, 844)}
PATIENCE = 60_000


async def _forecast(house: House) -> dict[str, Any]:
    """Wait until the dashboard would get a line, and return it."""
    async with asyncio.timeout(180):
        while not (found := await house.client.command("energy/solar_forecast")):
            await asyncio.sleep(0.5)
    return dict(found)


async def test_the_forecast_stands_in_the_energy_dashboard(
    house: House, browser: Browser
) -> None:
    """A home under a simulated sky shows today's and tomorrow's line."""
    home = SimulatedHome(HomeConfig(site=house.site), 7)
    client, simulator = house.client, house.simulator
    entry_id = await add_home(client, simulator.modbus_port, home)
    await choose_weather(client, entry_id, simulated_weather(simulator.control_url))
    await wait_for_values(client)
    await import_history(client, home, datetime.now(UTC))
    await add_roofs(client, entry_id, home)
    await wait_for_values(client)
    await add_to_energy_dashboard(client, entry_id)
    hours = (await _forecast(house))[entry_id]["wh_hours"]
    assert len(hours) > 48
    assert 1_000 < max(hours.values()) < 6_000
    states = await house.client.states()
    told = {key.partition(".")[2]: state["state"] for key, state in states.items()}
    assert told["demo_home_weather_in_use"] == "provider"
    for key in ("production_forecast_tomorrow", "consumption_forecast_tomorrow"):
        assert float(told[f"demo_home_{key}"]) > 1.0, key
    for size in SIZES:
        await _look(browser, house, size)
    assert complaints_in(house.instance.log) == []


async def _look(browser: Browser, house: House, size: str) -> None:
    """Open the solar graph at one size of screen."""
    errors: list[str] = []
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(house.instance.url)
    await page.locator("input[name=username]").fill(USER)
    await page.locator("input[name=password]").fill(USER)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/home/**")
    await page.goto(f"{house.instance.url}/energy/electricity")
    graph = page.locator("hui-energy-solar-graph-card")
    await graph.scroll_into_view_if_needed()
    await expect(graph.locator("canvas").first).to_be_visible(timeout=PATIENCE)
    options = await _options(graph)
    assert options, "the graph has no series"
    # The cards above it have taken their room by now.
    await graph.scroll_into_view_if_needed()
    await graph.evaluate("card => card.scrollIntoView({block: 'center'})")
    await page.screenshot(path=ARTIFACTS / f"forecast-{size}.png")
    assert errors == []
    await context.close()


async def _options(graph: Any) -> Any:
    """Return the names of the graph's series, as the chart has them."""
    for _ in range(60):
        names = await graph.evaluate(
            """card => {
                const chart = card.shadowRoot?.querySelector("ha-chart-base");
                return (chart?.data ?? []).map(
                    series => [series.id, series.type, series.data?.length ?? 0]
                );
            }"""
        )
        if any("forecast" in str(name[0]) for name in names):
            return names
        await asyncio.sleep(0.5)
    return []
