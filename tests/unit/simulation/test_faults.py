"""Every fault, over the wire where it shows there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException
import pytest

from simulation.device import SimulatedDevice
from simulation.faults import (
    FAULTS,
    CounterReset,
    CounterSpike,
    CutReply,
    DeadString,
    Delay,
    ExceptionReply,
    Fault,
    FaultError,
    Faults,
    GarbageScaleFactor,
    MovedMap,
    Night,
    Refuse,
    SerialNumber,
    ShadedString,
    Silence,
    SoiledString,
    TruncatedChain,
    WrongMeterSign,
    make_fault,
)
from simulation.modbus_server import SimulatedModbusServer
from simulation.sunspec import unit_chains

from .conftest import Clock, connected, exception_code, read, serving
from .sunspec_oracle import chain, split

pytestmark = pytest.mark.usefixtures("loopback")

# Address of W and WH in model 103 behind models 1 (66) and 120 (26).
INVERTER = 40002 + 68 + 28
W, W_SF, WH = INVERTER + 14, INVERTER + 15, INVERTER + 24


@pytest.fixture
async def server(device: SimulatedDevice) -> AsyncIterator[SimulatedModbusServer]:
    """Serve the default home."""
    async with serving(device, device.faults) as server:
        yield server


@pytest.fixture
async def client(server: SimulatedModbusServer) -> AsyncIterator[AsyncModbusTcpClient]:
    """Return a client of it, which gives up early."""
    async with connected(server.port, timeout=0.1) as client:
        yield client


async def whole(
    client: AsyncModbusTcpClient, device: SimulatedDevice
) -> dict[int, dict[str, Any]]:
    """Return the chain as it is read over the wire."""
    return chain(await read(client, 40000, len(device.image(1))))


async def energy(client: AsyncModbusTcpClient) -> int:
    """Return the inverter's counter, Wh."""
    high, low = await read(client, WH, 2)
    return high * 65536 + low


async def test_silence(device: SimulatedDevice, client: AsyncModbusTcpClient) -> None:
    """The connection stands, nothing is answered; afterwards all is as before."""
    device.faults.start(Silence())
    with pytest.raises(ModbusIOException):
        await read(client, 40000, 2)
    assert client.connected
    device.faults.clear(Silence)
    assert await read(client, 40000, 2) == [0x5375, 0x6E53]


async def test_delay(device: SimulatedDevice, server: SimulatedModbusServer) -> None:
    """The reply comes, and not before its time."""
    loop = asyncio.get_running_loop()
    async with connected(server.port) as client:
        device.faults.start(Delay(0.15))
        began = loop.time()
        await read(client, 40000, 2)
        assert 0.14 < loop.time() - began < 0.9


async def test_late_replies_keep_their_transaction(
    device: SimulatedDevice, client: AsyncModbusTcpClient
) -> None:
    """The answer to a request that was given up does not answer the next one."""
    device.faults.start(Delay(0.15))
    with pytest.raises(ModbusIOException):
        await read(client, 40000, 1)
    device.faults.clear_all()
    assert await read(client, W_SF, 1) == [0]


async def test_exception(device: SimulatedDevice, client: AsyncModbusTcpClient) -> None:
    """Only reads that touch an address of the list fail."""
    device.faults.start(ExceptionReply(6, (W, 41000)))
    assert await exception_code(client, W) == 6
    assert await exception_code(client, INVERTER, 50) == 6
    assert await exception_code(client, W + 1, 10) == 0
    device.faults.start(ExceptionReply(4))
    assert await exception_code(client, 40000) == 4


async def test_truncated_chain(
    device: SimulatedDevice, client: AsyncModbusTcpClient
) -> None:
    """After the last model there is nothing, not even an end."""
    end = 40000 + len(device.image(1)) - 2
    assert await read(client, end, 1) == [0xFFFF]
    device.faults.start(TruncatedChain())
    assert await exception_code(client, end) == 2
    assert await exception_code(client, end - 1) == 0


async def test_moved_map(device: SimulatedDevice, client: AsyncModbusTcpClient) -> None:
    """A model nobody knows moves the inverter's and all later ones."""
    before = [model for model, _ in split(list(device.image(1).values()))]
    device.faults.start(MovedMap(length=9))
    assert await read(client, INVERTER, 2) == [64999, 9]
    assert await read(client, INVERTER + 11, 2) == [103, 50]
    after = [model for model, _ in split(list(device.image(1).values()))]
    before.insert(before.index(103), 64999)
    assert after == before


@pytest.mark.parametrize(
    ("value", "register"), [(10, 10), (3, 3), (0x7FFF, 0x7FFF), (-4, 0xFFFC)]
)
async def test_garbage_scale_factor(
    device: SimulatedDevice,
    client: AsyncModbusTcpClient,
    clock: Clock,
    value: int,
    register: int,
) -> None:
    """The factor is wrong for a while and the power beside it unchanged."""
    (good,) = await read(client, W, 1)
    device.faults.start(GarbageScaleFactor(value), duration=60)
    assert await read(client, W, 2) == [good, register]
    clock.move(61)
    assert (await read(client, W_SF, 1)) == [0]


async def test_counter_reset(
    device: SimulatedDevice, client: AsyncModbusTcpClient, clock: Clock
) -> None:
    """The counters begin again at zero and count on; the truth does not."""
    before = await energy(client)
    device.faults.start(CounterReset())
    assert await energy(client) == 0
    clock.move(1800)
    gone_on = await energy(client)
    assert 100 < gone_on < 3000
    models = await whole(client, device)
    assert models[160]["module"][0]["DCWH"] < 3000
    assert device.state.energy.inverter_ac > before
    device.faults.clear(CounterReset)
    assert await energy(client) == before + gone_on


async def test_counter_spike(
    device: SimulatedDevice, client: AsyncModbusTcpClient
) -> None:
    """One read of the counter is high; other reads do not use the spike up."""
    true = await energy(client)
    device.faults.start(CounterSpike())
    await read(client, 40000, 90)
    assert "counter_spike" in device.faults.describe()
    assert await energy(client) == true + 100_000
    assert await energy(client) == true
    assert device.faults.describe() == {}


@pytest.mark.parametrize("state", [2, 8])
async def test_night(
    device: SimulatedDevice, client: AsyncModbusTcpClient, state: int
) -> None:
    """Live points vanish, the counter and the meter stay."""
    before = await energy(client)
    device.faults.start(Night(state))
    models = await whole(client, device)
    assert models[103]["St"] == state
    assert models[103]["W"] is None
    assert models[103]["WH"] == before
    assert models[203]["W"] is not None


async def test_serial(device: SimulatedDevice, client: AsyncModbusTcpClient) -> None:
    """Another inverter answers."""
    device.faults.start(SerialNumber("OTHER-42"))
    assert (await whole(client, device))[1]["SN"] == "OTHER-42"
    device.faults.clear_all()
    assert (await whole(client, device))[1]["SN"] == "SIM-0001"


async def test_cut_reply(
    device: SimulatedDevice, server: SimulatedModbusServer
) -> None:
    """Half a frame comes, then the end of the connection."""
    device.faults.start(CutReply())
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(bytes.fromhex("000100000006 01 03 9c40 000a"))
    assert len(await asyncio.wait_for(reader.read(), 20)) == (9 + 20) // 2
    writer.close()
    await writer.wait_closed()
    device.faults.clear_all()
    async with connected(server.port) as client:
        assert await read(client, 40000, 1) == [0x5375]


async def test_refuse(
    device: SimulatedDevice, server: SimulatedModbusServer, clock: Clock
) -> None:
    """Who is connected is dropped, who comes is refused, for as long as it lasts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await asyncio.sleep(0)
    device.faults.start(Refuse(), duration=30)
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    await writer.wait_closed()
    port = server.port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    clock.move(31)
    for _ in range(50):
        await asyncio.sleep(0.02)
        async with connected(port) as client:
            if client.connected:
                assert await read(client, 40000, 1) == [0x5375]
                return
    pytest.fail("the server did not come back")


async def test_refuse_from_the_start(device: SimulatedDevice) -> None:
    """A server that starts while refusing refuses, and stops cleanly."""
    device.faults.start(Refuse())
    async with serving(device, device.faults) as server:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", server.port)


async def test_strings(
    device: SimulatedDevice, client: AsyncModbusTcpClient, clock: Clock
) -> None:
    """Dead, dirty and shaded strings show at their trackers only."""
    modules = (await whole(client, device))[160]["module"]
    device.faults.start(DeadString(1))
    dead = (await whole(client, device))[160]["module"]
    assert (dead[1]["DCA"], dead[1]["DCV"], dead[1]["DCW"]) == (0, 0, 0)
    assert dead[0]["DCW"] == modules[0]["DCW"]
    clock.move(3600)
    later = (await whole(client, device))[160]["module"]
    assert later[1]["DCWH"] == dead[1]["DCWH"]
    assert later[0]["DCWH"] > dead[0]["DCWH"]
    device.faults.clear_all()
    healthy = (await whole(client, device))[160]["module"]
    device.faults.start(SoiledString(0, 0.5))
    device.faults.start(ShadedString(1, 0.0))
    weak = (await whole(client, device))[160]["module"]
    assert weak[0]["DCA"] == pytest.approx(0.5 * healthy[0]["DCA"], rel=0.05)
    assert weak[1]["DCA"] < healthy[1]["DCA"]
    device.faults.start(ShadedString(0, 0.0))
    assert (await whole(client, device))[160]["module"][0]["DCA"] < weak[0]["DCA"]


async def test_wrong_meter_sign(
    device: SimulatedDevice, client: AsyncModbusTcpClient
) -> None:
    """What leaves the home seems to come in, power and energy; the truth stays."""
    right = (await whole(client, device))[203]
    inverter = (await whole(client, device))[103]
    device.faults.start(WrongMeterSign())
    models = await whole(client, device)
    wrong = models[203]
    assert wrong["W"] == -right["W"]
    assert wrong["WphA"] == -right["WphA"]
    assert wrong["TotWhImp"] == right["TotWhExp"]
    assert wrong["TotWhExp"] == right["TotWhImp"]
    assert models[103] == inverter


@pytest.mark.parametrize("fault", [MovedMap(), SerialNumber(), GarbageScaleFactor(7)])
def test_a_meter_of_its_own_is_not_touched(
    device: SimulatedDevice, fault: Fault
) -> None:
    """Faults of the inverter stay with the inverter's unit."""
    device.chains = unit_chains(device.home.config, meter_unit=200)
    meter, inverter = (dict(device.image(unit)) for unit in (200, 1))
    device.faults.start(fault)
    assert device.image(200) == meter
    assert device.image(1) != inverter


def test_chains_without_an_end_stay_without(device: SimulatedDevice) -> None:
    """The option and the fault do not undo each other."""
    (options,) = device.chains.values()
    device.chains = {1: replace(options, end=False)}
    assert max(device.image(1)) == 40000 + len(device.image(1)) - 1
    registers = list(device.image(1).values())
    device.faults.start(TruncatedChain())
    assert list(device.image(1).values()) == registers


def test_timing_and_versions(clock: Clock) -> None:
    """A timed fault ends by itself, and every change is counted and told."""
    faults = Faults(clock=clock.seconds)
    told: list[int] = []
    remove = faults.subscribe(lambda: told.append(faults.version))
    faults.start(Delay(1.0), duration=10)
    faults.start(Silence())
    assert faults.describe() == {
        "delay": {"seconds": 1.0, "remaining": 10.0},
        "silence": {"remaining": None},
    }
    clock.move(9.5)
    assert faults.get(Delay) == Delay(1.0)
    clock.move(0.5)
    assert faults.get(Delay) is None
    assert faults.clear(Silence)
    assert not faults.clear(Silence)
    assert told == [1, 2, 4]
    remove()
    faults.clear_all()
    assert len(told) == 3


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_names(name: str) -> None:
    """Every fault can be made by its name."""
    needed: dict[str, dict[str, Any]] = {
        "delay": {"seconds": "0.5"},
        "exception": {"code": 4, "addresses": [1, "2"]},
    }
    fault = make_fault(name, needed.get(name, {}))
    assert isinstance(fault, FAULTS[name])
    faults = Faults()
    faults.start(fault)
    assert list(faults.describe()) == [name]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nothing", {}),
        ("delay", {}),
        ("delay", {"seconds": "soon"}),
        ("delay", {"seconds": -1}),
        ("delay", {"seconds": None}),
        ("delay", {"minutes": 1}),
        ("exception", {"code": 0}),
        ("exception", {"code": 4, "addresses": 7}),
        ("night", {"state": 4}),
        ("moved_map", {"length": 0}),
        ("garbage_scale_factor", {"value": 70_000}),
        ("serial", {"serial": "x" * 33}),
    ],
)
def test_wrong_arguments(name: str, arguments: dict[str, Any]) -> None:
    """What a fault cannot be is refused."""
    with pytest.raises(FaultError):
        make_fault(name, arguments)
