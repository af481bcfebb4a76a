"""The server over real connections."""

import asyncio
from datetime import timedelta
import struct

from pymodbus.client import AsyncModbusTcpClient
import pytest

from simulation.device import SimulatedDevice
from simulation.home import SimulatedHome
from simulation.modbus_server import SimulatedModbusServer
from simulation.state import HomeConfig
from simulation.sunspec import unit_chains

from .conftest import Clock, connected, exception_code, read, serving
from .sunspec_oracle import chain

pytestmark = pytest.mark.usefixtures("loopback")


async def test_reading_a_whole_chain(device: SimulatedDevice) -> None:
    """A client reads what the home is, in both register tables."""
    image = device.image(1)
    expected = list(image.values())
    async with serving(device) as server, connected(server.port) as client:
        assert await read(client, 40000, len(image)) == expected
        inputs = await client.read_input_registers(40000, count=100, device_id=1)
        assert inputs.registers == expected[:100]
        assert server.registers == len(image) + 100
        assert server.requests == -(-len(image) // 125) + 1
    models = chain(expected)
    assert models[103]["W"] == pytest.approx(device.state.inverter_ac, abs=0.5)


@pytest.mark.parametrize("base", [0, 50000])
async def test_other_bases(config: HomeConfig, base: int) -> None:
    """The chain begins where it was asked to."""
    device = SimulatedDevice(SimulatedHome(config), unit_chains(config, base=base))
    async with serving(device) as server, connected(server.port) as client:
        assert await read(client, base, 2) == [0x5375, 0x6E53]
        assert await exception_code(client, 40000) == 2


async def test_several_units(config: HomeConfig, clock: Clock) -> None:
    """Meter and inverter stand behind their own ids, and show one instant."""
    chains = unit_chains(config, meter_unit=200)
    device = SimulatedDevice(SimulatedHome(config), chains, now=clock)
    async with serving(device) as server, connected(server.port) as client:
        inverter, meter = [
            chain(await read(client, 40000, len(device.image(unit)), unit))
            for unit in (1, 200)
        ]
        assert await exception_code(client, 40000, 2, unit=7) == 11
    state = device.state
    assert meter[203]["W"] == pytest.approx(state.grid, abs=0.5)
    assert 203 not in inverter
    assert meter[1]["DA"] == 200


async def test_what_does_not_exist(device: SimulatedDevice) -> None:
    """Addresses outside, writes, coils: each has its exception."""
    end = 40000 + len(device.image(1))
    async with serving(device) as server, connected(server.port) as client:
        assert await exception_code(client, end - 1) == 0
        assert await exception_code(client, end) == 2
        assert await exception_code(client, end - 1, 2) == 2
        assert await exception_code(client, 39999, 2) == 2
        written = await client.write_register(40010, 1, device_id=1)
        assert written.exception_code == 1
        several = await client.write_registers(40010, [1, 2], device_id=1)
        assert several.exception_code == 1
        coils = await client.read_coils(0, count=1, device_id=1)
        assert coils.exception_code == 1


async def raw(port: int, *frames: bytes) -> bytes:
    """Send frames in one go and return what comes back until the server is silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(frames))
    received = b""
    try:
        while part := await asyncio.wait_for(reader.read(4096), 0.2):
            received += part
    except TimeoutError:
        pass
    writer.close()
    await writer.wait_closed()
    return received


def request(transaction: int, address: int, count: int, unit: int = 1) -> bytes:
    """Return a frame that asks for holding registers."""
    return struct.pack(">HHHBBHH", transaction, 0, 6, unit, 3, address, count)


@pytest.mark.parametrize("count", [0, 126, 2000])
async def test_reads_of_an_impossible_length(
    device: SimulatedDevice, count: int
) -> None:
    """None or more than 125 registers: exception 3."""
    async with serving(device) as server:
        reply = await raw(server.port, request(1, 40000, count))
    assert reply == bytes.fromhex("000100000003018303")


async def test_requests_in_one_packet_are_answered_in_order(
    device: SimulatedDevice,
) -> None:
    """A client that does not wait gets every answer, with its transaction."""
    async with serving(device) as server:
        reply = await raw(
            server.port, *(request(number, 40000 + number, 1) for number in range(5))
        )
    image = device.image(1)
    expected = b"".join(
        struct.pack(">HHHBBBH", number, 0, 5, 1, 3, 2, image[40000 + number])
        for number in range(5)
    )
    assert reply == expected


async def test_a_request_in_pieces(device: SimulatedDevice) -> None:
    """A frame that comes byte by byte is still a frame."""
    async with serving(device) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for byte in request(9, 40000, 2):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        reply = await asyncio.wait_for(reader.readexactly(13), 20)
        writer.close()
        await writer.wait_closed()
    assert reply[-4:] == b"SunS"


async def test_what_is_no_request_is_dropped(device: SimulatedDevice) -> None:
    """An unknown function is not answered, and the connection goes on."""
    unknown = bytes.fromhex("000700000006016e00000001")
    async with serving(device) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(unknown)
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(request(8, 40000, 1))
        reply = await asyncio.wait_for(reader.readexactly(11), 20)
        writer.close()
        await writer.wait_closed()
    assert reply == bytes.fromhex("0008000000050103025375")


async def test_rtu_frames_over_tcp(device: SimulatedDevice) -> None:
    """The same registers behind a serial gateway."""
    async with (
        serving(device, rtu_framer=True) as server,
        connected(server.port, rtu_framer=True) as client,
    ):
        assert await read(client, 40000, 200) == list(device.image(1).values())[:200]
        assert await exception_code(client, 10) == 2


async def test_one_instant_for_200_milliseconds(
    device: SimulatedDevice, clock: Clock
) -> None:
    """Reads of one poll agree, later ones have moved on."""
    first = device.state
    clock.move(0.19)
    assert device.state is first
    clock.move(0.02)
    later = device.state
    assert later.time - first.time == timedelta(seconds=0.21)
    clock.move(-3600)
    assert device.state.time == later.time, "a clock set back does not stop the home"


async def test_two_clients_at_once(device: SimulatedDevice) -> None:
    """Connections do not disturb each other."""
    async with (
        serving(device) as server,
        connected(server.port) as one,
        connected(server.port) as two,
    ):
        answers = await asyncio.gather(
            *(read(client, 40000, 300) for client in (one, two, one))
        )
    assert answers[0] == answers[1] == answers[2]


async def test_start_stop_start(device: SimulatedDevice) -> None:
    """The port is free after stopping and is used again."""
    server = SimulatedModbusServer(device)
    await server.start()
    port = server.port
    client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0, reconnect_delay=0)
    assert await client.connect()
    await server.stop()
    again = SimulatedModbusServer(device, port=port)
    await again.start()
    with pytest.raises(RuntimeError):
        await SimulatedModbusServer(device, port=port).start()
    client.close()
    async with connected(port) as other:
        assert await read(other, 40000, 1) == [0x5375]
    await again.stop()
    await again.stop()


async def test_a_source_that_breaks_answers_device_failure() -> None:
    """A fault of the simulation itself does not leave the client waiting."""

    class Broken:
        def read(self, unit: int, address: int, count: int) -> list[int]:
            raise ZeroDivisionError

    async with serving(Broken()) as server, connected(server.port) as client:
        assert await exception_code(client, 0) == 4
