"""The simulated off-grid inverter, by itself and on its line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path

import pytest

from simulation.voltronic import (
    MAX,
    MKS,
    PIP,
    Echo,
    Garble,
    Late,
    Line,
    LineFaults,
    Model,
    Nak,
    NoCrc,
    OffGridInverter,
    ParallelSystem,
    PtyPort,
    PvArray,
    RecordedInverter,
    Silence,
    TcpPort,
    Truncate,
    load_replies,
)
from simulation.voltronic.frame import command, crc16, crc_bytes, reply

from .conftest import NOON, Clock

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pi30"
REQUEST = b"QMOD" + crc_bytes(b"QMOD") + b"\r"


@asynccontextmanager
async def line_of(
    line: Line,
) -> AsyncIterator[tuple[asyncio.Queue[bytes], asyncio.Queue[bytes]]]:
    """Serve a line between two queues: requests and what comes back."""
    requests: asyncio.Queue[bytes] = asyncio.Queue()
    answers: asyncio.Queue[bytes] = asyncio.Queue()
    serving = asyncio.create_task(line.serve(requests, answers.put_nowait))
    try:
        yield requests, answers
    finally:
        serving.cancel()


def unit(model: Model = PIP) -> OffGridInverter:
    """Return an inverter at noon."""
    return OffGridInverter(now=Clock(NOON), model=model)


def test_published_checksums() -> None:
    """The vectors of the protocol paper, with and without escapes."""
    assert crc16(b"QPI") == 0xBEAC
    assert crc_bytes(b"POP02") == bytes.fromhex("e20b")
    assert crc_bytes(b"QBOOT") == bytes.fromhex("0b88")
    assert reply("ACK") == b"(ACK9 \r"
    assert reply("NAK") == b"(NAKss\r"
    assert command(REQUEST) == "QMOD"
    assert command(b"\0\0" + REQUEST) == "QMOD"
    assert command(b"QMODxx\r") is None


def test_energy_adds_up() -> None:
    """What the sun gives goes to the load and the battery, to the last Wh."""
    clock = Clock(NOON)
    inverter = OffGridInverter(
        now=clock, model=MAX, load=500.0, pv=[PvArray(power=800.0, voltage=320.0)]
    )
    stored = inverter.stored
    inverter.answer("QMOD")
    for _ in range(60):
        clock.move(60.0)
        inverter.answer("QMOD")
    assert inverter.pv_energy == pytest.approx(800.0)
    assert inverter.load_energy == pytest.approx(500.0)
    assert inverter.stored - stored == pytest.approx(300.0)
    assert inverter.answer("QET") == "00000800"
    assert inverter.answer("QLT") == "00000500"


@pytest.mark.parametrize(
    ("grid", "priority", "charge", "fault", "mode"),
    [
        (0.0, 2, 0.6, 0, "B"),
        (0.0, 2, 0.0, 0, "S"),
        (230.0, 2, 0.6, 0, "B"),
        (230.0, 2, 0.05, 0, "L"),
        (230.0, 0, 0.6, 0, "L"),
        (230.0, 0, 0.6, 8, "F"),
    ],
)
def test_modes(
    grid: float, priority: int, charge: float, fault: int, mode: str
) -> None:
    """The mode follows from grid, battery and priority; the powers balance."""
    inverter = unit()
    inverter.grid_voltage, inverter.fault = grid, fault
    inverter.settings.output_priority = priority
    inverter.stored = charge * inverter.capacity
    inverter.pv[0].power = 250.0
    assert inverter.answer("QMOD") == mode
    balance = inverter.pv_power + inverter.grid_power + inverter.battery_power
    assert balance == pytest.approx(inverter.output)


@pytest.mark.parametrize("model", [PIP, MKS, MAX])
def test_fields(model: Model) -> None:
    """Every answer has as many fields as a real unit's."""
    inverter = unit(model)
    answers = {c: (inverter.answer(c) or "").split() for c in ("QPIGS", "QPIRI")}
    assert len(answers["QPIGS"]) == 21
    assert len(answers["QPIRI"]) == (28 if model is MAX else 25)
    assert len(inverter.answer("QPIWS") or "") == (36 if model is MAX else 32)
    assert ("." in answers["QPIGS"][12]) is (model is MAX)
    assert (inverter.answer("QPIGS2") is None) is (model is not MAX)
    assert (inverter.answer("QET") is None) is (model is not MAX)
    assert inverter.answer("QXYZ") is None
    old = OffGridInverter(now=Clock(NOON), model=Model(short_live=True))
    assert len((old.answer("QPIGS") or "").split()) == 17


@pytest.mark.parametrize(
    ("order", "field", "value"),
    [
        ("POP01", "output_priority", 1),
        ("PCP03", "charger_priority", 3),
        ("PGR01", "input_range", 1),
        ("MNCHGC0020", "max_charge_current", 20),
        ("MUCHGC010", "max_utility_charge_current", 10),
        ("PBCV47.0", "recharge_voltage", 47.0),
        ("PBDV00.0", "redischarge_voltage", 0.0),
        ("PSDV43.5", "cut_off_voltage", 43.5),
        ("PCVV57.6", "bulk_voltage", 57.6),
        ("PBFT54.4", "float_voltage", 54.4),
    ],
)
def test_setters(order: str, field: str, value: float) -> None:
    """A setting is taken and shown."""
    inverter = unit()
    assert inverter.answer(order) == "ACK"
    assert getattr(inverter.settings, field) == value


@pytest.mark.parametrize(
    "order",
    ["POP09", "PCP02", "PBCV60.0", "PSDV49.0", "MNCHGC0055", "MUCHGC130", "PEQ"],
)
def test_refused_setters(order: str) -> None:
    """What is out of range, or not of this family, is refused."""
    inverter = unit()
    before = inverter.answer("QPIRI")
    assert inverter.answer(order) in {"NAK", None}
    assert inverter.answer("QPIRI") == before


def test_flags() -> None:
    """Flags move between the two halves of the answer."""
    inverter = unit()
    assert inverter.answer("QFLAG") == "EakxyDbjuvz"
    assert inverter.answer("PDA") == "ACK"
    assert inverter.answer("PEZ") == "ACK"
    assert inverter.answer("QFLAG") == "EkxyzDabjuv"


def test_parallel_system() -> None:
    """Any unit tells about all, and an order for all reaches all."""
    units = [unit(), unit()]
    units[1].serial = "92931701100520"
    system = ParallelSystem(units)
    assert (system.answer("QPGS1") or "").split()[:3] == ["1", "92931701100520", "B"]
    assert system.answer("QPGS2") is None
    assert system.answer("POP01") == "ACK"
    assert [u.settings.output_priority for u in units] == [1, 1]


def test_recorded_units() -> None:
    """A file is replayed by model, the first reply of each command."""
    path = FIXTURES / "pi30_replies.json"
    recorded = RecordedInverter.load(path, ["pi30max", "pi30"])
    assert recorded.answer("QMOD") == "S"
    assert (recorded.answer("QPIGS") or "").startswith("227.2")
    assert recorded.answer("QPI") == "PI30"
    assert recorded.answer("POP01") is None
    assert RecordedInverter({}, settable=True).answer("POP01") == "ACK"
    assert len(load_replies(path, ["pi30"])["QPIRI"]) == 6
    with pytest.raises(ValueError):
        load_replies(path, ["pi99"])


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Nak(), [b"(NAKss\r"]),
        (Garble(position=1), [b"(S" + reply("B")[2:]]),
        (Echo(), [REQUEST, reply("B")]),
        (Echo(instead=True), [REQUEST]),
        (Late(0.001), [reply("B")]),
        (Truncate(2), [b"(B\r"]),
        (Truncate(2, ended=False), [b"(B"]),
    ],
)
async def test_faults(
    fault: Nak | Garble | Echo | Late | Truncate, expected: list[bytes]
) -> None:
    """Each hits the answers that it was meant for and no others."""
    faults = LineFaults()
    line = Line(RecordedInverter({"QMOD": "B"}), faults)
    async with line_of(line) as (requests, answers):
        faults.start(fault, answers=1, only=("QM",))
        requests.put_nowait(REQUEST)
        assert [await answers.get() for _ in expected] == expected
        requests.put_nowait(REQUEST)
        assert await answers.get() == reply("B")
        assert answers.empty()


async def test_silence_and_garbled_requests() -> None:
    """A silent unit says nothing; a request that it cannot read is refused."""
    faults = LineFaults()
    line = Line(RecordedInverter({"QMOD": "B"}), faults)
    async with line_of(line) as (requests, answers):
        faults.start(Silence(), answers=1)
        requests.put_nowait(REQUEST)
        requests.put_nowait(b"QMODxx\r")
        assert await answers.get() == b"(NAKss\r"
        assert line.requests == ["QMOD", ""]


async def test_refusals_without_a_checksum() -> None:
    """Some units leave it out."""
    faults = LineFaults()
    async with line_of(Line(RecordedInverter({}), faults)) as (requests, answers):
        faults.start(NoCrc())
        requests.put_nowait(REQUEST)
        assert await answers.get() == b"(NAK\r"


async def test_kinds_of_lines() -> None:
    """Slow ones, such without zeros in checksums, and echoes of the unknown."""
    # Found by trying: the checksum of this answer has a zero.
    text = next(t for t in map(str, range(1000)) if 0 in reply(t))
    line = Line(
        RecordedInverter({"QMOD": text}),
        baud_rate=1_000_000,
        no_zeros=True,
        echoes_unknown=True,
    )
    unknown = b"QXX" + crc_bytes(b"QXX") + b"\r"
    async with line_of(line) as (requests, answers):
        requests.put_nowait(unknown)
        assert await answers.get() == unknown
        requests.put_nowait(REQUEST)
        assert 0 not in await answers.get()


@pytest.mark.usefixtures("loopback")
async def test_tcp_port() -> None:
    """Requests in pieces, several at once, and hanging up."""
    port = TcpPort(Line(RecordedInverter({"QMOD": "B"})))
    await port.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
        writer.write(REQUEST[:3])
        await writer.drain()
        writer.write(REQUEST[3:] + REQUEST)
        assert await reader.readexactly(2 * len(reply("B"))) == 2 * reply("B")
        port.hang_up()
        assert await reader.read() == b""
        writer.close()
    finally:
        await port.stop()


@pytest.mark.parametrize("hid", [False, True])
async def test_pty_port(hid: bool) -> None:
    """A serial port gives the bytes, a HID device reports of eight."""
    port = PtyPort(Line(RecordedInverter({"QMOD": "B"})), hid=hid)
    await port.start()
    client = os.open(port.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    arrived = asyncio.Event()
    asyncio.get_running_loop().add_reader(client, arrived.set)
    try:
        os.write(client, REQUEST.ljust(8, b"\0") if hid else REQUEST)
        await arrived.wait()
        expected = reply("B")
        assert os.read(client, 64) == (expected.ljust(8, b"\0") if hid else expected)
    finally:
        asyncio.get_running_loop().remove_reader(client)
        os.close(client)
        await port.stop()
