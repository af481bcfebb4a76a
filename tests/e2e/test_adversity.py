"""A real Home Assistant through a bad day: its log, its statistics, its recovery."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from simulation.demo.check import check
from simulation.demo.log import complaints_in
from simulation.demo.newcomer import set_up_home, wait_for_values
from simulation.demo.simulator import running_simulator
from simulation.home import SimulatedHome
from simulation.state import HomeConfig

from .conftest import House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
POWER = "sensor.demo_home_production_power"
ENERGY = "sensor.inverter_energy_produced"


async def _set_up(house: House) -> None:
    home = SimulatedHome(HomeConfig(site=house.site), 7)
    await set_up_home(house.client, house.simulator.modbus_port, home)
    await wait_for_values(house.client)


async def _until(house: House, holds: Callable[[str], bool], entity: str) -> str:
    """Wait until a state is as it should be and return it."""
    async with asyncio.timeout(120):
        while True:
            state = (await house.client.states()).get(entity, {}).get("state", "")
            if holds(str(state)):
                return str(state)
            await asyncio.sleep(0.5)


def _is_number(state: str) -> bool:
    return state not in ("", "unknown", "unavailable")


async def test_states_agree_with_the_simulation(house: House) -> None:
    """Every value that is shown is what the home does, within rounding."""
    await _set_up(house)
    comparisons = await check(house.client, house.simulator.control_url, 25.0)
    assert len(comparisons) >= 10
    assert [str(c) for c in comparisons if not c.agrees] == []
    assert complaints_in(house.instance.log) == []


async def test_the_simulator_dies_and_comes_back(house: House, tmp_path: Path) -> None:
    """One line down, one line up; the home restarts meanwhile and counts on."""
    await _set_up(house)
    before = float(await _until(house, _is_number, ENERGY))
    port = house.simulator.modbus_port
    await house.simulator.program.kill()
    await _until(house, lambda state: state == "unavailable", POWER)
    assert float(await _until(house, _is_number, ENERGY)) >= before
    down = complaints_in(house.instance.log)
    assert len(down) == 1, down
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            running_simulator(tmp_path / "again.log", house.site, 7, modbus_port=port)
        )
        await _until(house, _is_number, POWER)
    assert complaints_in(house.instance.log) == down


async def test_a_power_cut_of_home_assistant(house: House) -> None:
    """Killed and started again, the home is there with its energies."""
    await _set_up(house)
    before = float(await _until(house, _is_number, ENERGY))
    # Home Assistant writes its own list of entries a second after a change.
    await asyncio.sleep(4)
    await house.restart(kill=True)
    await wait_for_values(house.client)
    assert float(await _until(house, _is_number, ENERGY)) >= before
    assert complaints_in(house.instance.log) == []


async def test_a_swapped_inverter_enters_nothing(house: House) -> None:
    """Another serial number: its values are refused until the right one is back."""
    await _set_up(house)
    url = f"{house.simulator.control_url}/faults/serial"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"serial": "SWAPPED-42"}) as answer:
            assert answer.status < 300
        await _until(house, lambda state: state == "unavailable", POWER)
        issues = (await house.client.command("repairs/list_issues"))["issues"]
        assert [i["translation_key"] for i in issues if i["domain"] == "pv_family"] == [
            "wrong_device"
        ]
        async with session.delete(url) as answer:
            assert answer.status < 300
        await _until(house, _is_number, POWER)
    assert "SWAPPED-42" not in house.instance.log.read_text()
    assert len(complaints_in(house.instance.log)) == 1
