"""A newcomer with a browser: log in, add the home and its inverter, look at it."""

from playwright.async_api import (
    Browser,
    Page,
    TimeoutError as PlaywrightTimeoutError,
    expect,
)
import pytest

from simulation.demo.client import USER
from simulation.demo.log import complaints_in

from .conftest import ARTIFACTS, House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SIZES = {"desktop": (1400, 900), "phone": (390, 844)}
PATIENCE = 60_000


async def _open(browser: Browser, size: str) -> Page:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


async def _log_in(page: Page, house: House) -> None:
    await page.goto(house.instance.url)
    await page.locator("input[name=username]").fill(USER)
    await page.locator("input[name=password]").fill(USER)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/home/**")


async def _add_home_and_inverter(page: Page, house: House) -> None:
    """Walk through the dialogs that follow one another."""
    submit = page.get_by_role("button", name="Submit")
    await page.goto(f"{house.instance.url}/config/integrations/dashboard")
    await page.get_by_role("button", name="Add integration").click()
    await page.get_by_placeholder("Search for a brand name").fill("PV Family")
    await page.get_by_role("button", name="PV Family").click()
    await page.get_by_text("Your solar home").wait_for()
    await page.screenshot(path=ARTIFACTS / "flow-home.png")
    await submit.click()
    await page.get_by_text("Network (Modbus TCP)").click()
    await page.get_by_role("textbox", name="Address").fill("127.0.0.1")
    port = page.get_by_role("spinbutton", name="Port")
    await port.fill(str(house.simulator.modbus_port))
    await submit.click()
    await page.get_by_text("Found: ").first.wait_for()
    await page.get_by_text("The meter measures").wait_for()
    await page.screenshot(path=ARTIFACTS / "flow-found.png")
    await submit.click()
    finish = page.get_by_role("button", name="Finish")
    await finish.click()
    await finish.wait_for(state="hidden")


async def test_a_newcomer_adds_a_home(house: House, browser: Browser) -> None:
    """Everything a newcomer does happens through the pages, and nothing complains."""
    page = await _open(browser, "desktop")
    await _log_in(page, house)
    await _add_home_and_inverter(page, house)
    for size in SIZES:
        await _look(browser, house, size)
    states = await house.client.states()
    produced = [
        float(state["state"])
        for entity, state in states.items()
        if entity.endswith("_production_power")
    ]
    assert len(produced) == 1
    assert produced[0] > 50
    assert complaints_in(house.instance.log) == []


async def _look(browser: Browser, house: House, size: str) -> None:
    """Open the pages that show the home at one size of screen."""
    errors: list[str] = []
    page = await _open(browser, size)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await _log_in(page, house)
    await _show_integration(page, house)
    await page.screenshot(path=ARTIFACTS / f"integration-{size}.png")
    device = await _home_device(house)
    await page.goto(f"{house.instance.url}/config/devices/device/{device}")
    await expect(page.get_by_text("Production power").first).to_be_visible(
        timeout=PATIENCE
    )
    await page.screenshot(path=ARTIFACTS / f"home-{size}.png")
    assert errors == []


async def _show_integration(page: Page, house: House) -> None:
    """Open the integration's page; its list of entries sometimes needs a reload."""
    address = f"{house.instance.url}/config/integrations/integration/pv_family"
    inverter = page.get_by_text("Simulated Hybrid 5").first
    for _ in range(3):
        await page.goto(address)
        try:
            await inverter.wait_for(timeout=60_000)
        except PlaywrightTimeoutError:
            continue
        return
    await expect(inverter).to_be_visible()


async def _home_device(house: House) -> str:
    devices = await house.client.command("config/device_registry/list")
    return next(
        str(device["id"])
        for device in devices
        if device["entry_type"] == "service"
        and any(domain == "pv_family" for domain, _ in device["identifiers"])
    )
