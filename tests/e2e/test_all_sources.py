"""One home with every kind of source at once: it balances, and nothing counts twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulation.demo.log import complaints_in
from simulation.demo.newcomer import HOME, set_up_home, wait_for_values
from simulation.home import SimulatedHome
from simulation.node.client import SimulatedNode
from simulation.node.core import NodeCore
from simulation.node.flows import constant
from simulation.state import HomeConfig
from simulation.voltronic import (
    PIP,
    Line,
    LineFaults,
    OffGridInverter,
    PvArray,
    TcpPort,
)
from tests.broker import running_broker

from .conftest import House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

OFF_GRID_PV, PUSHED_PV = 500.0, 250.0
BORROWED = "sensor.shelly_power"


@asynccontextmanager
async def off_grid() -> AsyncIterator[str]:
    """Yield the address of a serial server with an off-grid inverter behind it."""
    unit = OffGridInverter(
        model=PIP,
        now=lambda: datetime.now(UTC),
        pv=[PvArray(power=OFF_GRID_PV)],
        load=300.0,
    )
    port = TcpPort(Line(unit, LineFaults()))
    await port.start()
    try:
        yield port.url
    finally:
        await port.stop()


@asynccontextmanager
async def running_node(core: NodeCore, port: int) -> AsyncIterator[None]:
    """Run a node at a broker."""
    node = SimulatedNode(core, port=port, interval=1.0)
    await node.start()
    try:
        yield
    finally:
        await node.stop()


async def add(house: House, entry_id: str, kind: str, *answers: dict[str, Any]) -> Any:
    """Walk through the flow of something that is added to the home."""
    return await house.client.flow("subentries/flow", [entry_id, kind], *answers)


async def push(house: House, key: str, seconds: float) -> None:
    """Report a small array of its own for a while."""
    url = f"{house.instance.url}/api/pv_family/hardware/data"
    started = asyncio.get_running_loop().time()
    async with aiohttp.ClientSession(headers={"X-API-Key": key}) as session:
        for number in range(int(seconds)):
            elapsed = asyncio.get_running_loop().time() - started
            report = {
                "energy_produced": 100.0 + PUSHED_PV * elapsed / 3.6e6,
                "energy_consumed": 5.0,
                "current_load": 0.1,
                "sequence": number,
            }
            async with session.post(url, json=report) as answer:
                # While the home starts anew it asks for the report again.
                assert answer.status in (200, 503), await answer.text()
            await asyncio.sleep(1)


async def values(house: House) -> dict[str, float]:
    """Return every number that the home and its devices show."""
    found: dict[str, float] = {}
    for entity, state in (await house.client.states()).items():
        try:
            found[entity] = float(state["state"])
        except ValueError:
            continue
    return found


async def test_every_source_at_once(house: House, tmp_path: Path) -> None:
    """SunSpec, PI30, an MQTT node, an HTTP node and a borrowed meter in one home."""
    client = house.client
    with running_broker(tmp_path) as broker:
        created = await client.flow(
            "flow",
            "mqtt",
            {
                "broker": "127.0.0.1",
                "port": broker.port,
                "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
            },
        )
        assert created["type"] == "create_entry", created
        home = SimulatedHome(HomeConfig(site=house.site), 7)
        entry_id = await set_up_home(client, house.simulator.modbus_port, home)
        await wait_for_values(client)
        entries = await client.command(
            "config_entries/subentries/list", entry_id=entry_id
        )
        inverter = next(
            e["subentry_id"] for e in entries if e["subentry_type"] == "inverter"
        )
        core = NodeCore("casa_A", constant(1_234.0, 400.0))
        async with off_grid() as line, running_node(core, broker.port):
            await add(
                house,
                entry_id,
                "inverter",
                {"next_step_id": "pi30"},
                {"device": line},
                {"name": "Off-grid", "feeds_house": False},
            )
            # On the cable of the SunSpec inverter, and at the house's connection.
            await add(
                house,
                entry_id,
                "node",
                {"next_step_id": "mqtt"},
                {"house": "casa_A"},
                {
                    "name": "Node",
                    "channel_1": {
                        "name": "Cable",
                        "role": "generation",
                        "covers": inverter,
                    },
                    "channel_2": {"name": "House", "role": "none"},
                    "channel_3": {"name": "Grid", "role": "grid"},
                },
            )
            step = await add(
                house,
                entry_id,
                "node",
                {"next_step_id": "http"},
                {
                    "name": "Pushed",
                    "channel_1": {"name": "Shed", "role": "generation"},
                    "channel_2": {"name": "Shed load", "role": "none"},
                },
            )
            key = step["description_placeholders"]["key"]
            path = f"/api/config/config_entries/subentries/flow/{step['flow_id']}"
            await client.post(path, {})
            attributes = {
                "unit_of_measurement": "W",
                "device_class": "power",
                "state_class": "measurement",
            }
            await client.post(
                f"/api/states/{BORROWED}", {"state": "777", "attributes": attributes}
            )
            await add(
                house,
                entry_id,
                "borrowed",
                {"next_step_id": "entities"},
                {"entities": [BORROWED]},
                {
                    "name": "Shelly",
                    "channel_1": {
                        "name": "Shelly",
                        "role": "grid",
                        "reversed": False,
                        "power": BORROWED,
                    },
                },
                {"next_step_id": "save"},
            )
            await push(house, key, 30)
            shown = await values(house)
            complaints = complaints_in(house.instance.log)

    def power(name: str) -> float:
        return shown[f"sensor.{HOME.lower().replace(' ', '_')}_{name}_power"]

    # The SunSpec inverter gives what it says less what its battery gives.
    own = shown["sensor.inverter_power"] - shown["sensor.inverter_battery_1_dc_power"]
    expected = own + OFF_GRID_PV + PUSHED_PV
    assert power("production") == pytest.approx(expected, rel=0.05, abs=80.0)
    assert power("grid") == pytest.approx(
        shown["sensor.inverter_meter_1_power"], rel=0.05, abs=80.0
    )
    left = power("production") + power("grid") + power("battery")
    assert power("consumption") == pytest.approx(left, abs=60.0)
    assert complaints == []
