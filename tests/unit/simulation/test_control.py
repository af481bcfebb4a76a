"""The HTTP door to a running simulation."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest

from simulation.control import ControlServer
from simulation.device import SimulatedDevice
from simulation.faults import Delay, Silence
from simulation.modbus_server import SimulatedModbusServer
from simulation.replay import ReplayedDevice

from .conftest import connected, read

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.fixture
async def server(device: SimulatedDevice) -> AsyncIterator[SimulatedModbusServer]:
    """Serve the default home."""
    server = SimulatedModbusServer(device, device.faults)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def http(
    device: SimulatedDevice, server: SimulatedModbusServer
) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session with the control server."""
    control = ControlServer(server, device)
    await control.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{control.port}") as session:
        yield session
    await control.stop()


async def test_truth(
    device: SimulatedDevice, server: SimulatedModbusServer, http: aiohttp.ClientSession
) -> None:
    """The state of the home and the counters of the server."""
    async with connected(server.port) as client:
        await read(client, 40000, 200)
    async with http.get("/truth") as reply:
        truth = await reply.json()
    state = device.state
    assert truth["home"]["time"] == state.time.isoformat()
    assert truth["home"]["pv_dc"] == pytest.approx(state.pv_dc)
    assert truth["home"]["energy"]["inverter_ac"] == state.energy.inverter_ac
    assert truth["home"]["config"]["site"]["latitude"] == 45.75
    assert truth["server"] == {"registers": 200, "requests": 2}
    assert truth["seed"] == 1
    assert truth["faults"] == {}


async def test_faults(device: SimulatedDevice, http: aiohttp.ClientSession) -> None:
    """Faults go on with arguments and time, and off one by one or together."""
    body = {"seconds": 0.5, "duration": 5}
    async with http.post("/faults/delay", json=body) as reply:
        assert await reply.json() == {"delay": {"seconds": 0.5, "remaining": 5.0}}
    assert device.faults.get(Delay) == Delay(0.5)
    async with http.post("/faults/silence") as reply:
        assert reply.status == HTTPStatus.OK
    async with http.delete("/faults/delay") as reply:
        assert await reply.json() == {"silence": {"remaining": None}}
    async with http.get("/faults") as reply:
        assert list(await reply.json()) == ["silence"]
    async with http.delete("/faults") as reply:
        assert await reply.json() == {}
    assert device.faults.get(Silence) is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults/nothing", b"{}"),
        ("/faults/delay", b"{}"),
        ("/faults/delay", b"[1]"),
        ("/faults/delay", b"{broken"),
        ("/faults/silence", b'{"duration": "long"}'),
    ],
)
async def test_mistakes(http: aiohttp.ClientSession, path: str, body: bytes) -> None:
    """A wrong request says what is wrong and changes nothing."""
    async with http.post(path, data=body) as reply:
        assert reply.status == HTTPStatus.BAD_REQUEST
        content: dict[str, Any] = await reply.json()
        assert content["error"]
    async with http.get("/faults") as reply:
        assert await reply.json() == {}


async def test_unknown_fault_cannot_be_cleared(http: aiohttp.ClientSession) -> None:
    """The name is checked."""
    async with http.delete("/faults/nothing") as reply:
        assert reply.status == HTTPStatus.NOT_FOUND


async def test_a_replay_has_no_home() -> None:
    """The counters are there, the home is not."""
    server = SimulatedModbusServer(ReplayedDevice({}, {0: 1}))
    await server.start()
    control = ControlServer(server)
    await control.start()
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{control.port}") as session,
        session.get("/truth") as reply,
    ):
        truth = await reply.json()
    await control.stop()
    await server.stop()
    assert truth["home"] is None
    assert truth["server"] == {"registers": 0, "requests": 0}
