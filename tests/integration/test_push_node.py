"""Nodes that push over HTTP, through the door that they use."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from copy import deepcopy
from datetime import timedelta
import gzip
import json
import logging
from pathlib import Path
import random
import shutil
from typing import Any

from aiohttp.test_utils import TestClient
from modbus_connection import ModbusSerialParams
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .world import NOON, World

OWN = "/api/pv_family/hardware"
OLD = "/api/hardware"
MAX_BODY = 16 * 1024
ANSWERS = {
    "name": "Node",
    "channel_1": {"name": "PV", "role": "generation"},
    "channel_2": {"name": "House", "role": "consumption"},
}
PRODUCED = "channel_1_energy_produced"
CONSUMED = "channel_2_energy_consumed"


def report(
    produced: float, consumed: float = 1.0, load: float = 0.4, **more: Any
) -> Any:
    """Return what a node sends."""
    return {
        "energy_produced": produced,
        "energy_consumed": consumed,
        "current_load": load,
        **more,
    }


def numbered(kind: str, count: int, step: float) -> list[Any]:
    """Return the reports of a node that produces so much between two."""
    return [
        report(
            round(step * (n + 1 if kind == "total" else 1), 6),
            round(step * (n + 1 if kind == "total" else 1) / 2, 6),
            sequence=n,
        )
        for n in range(count)
    ]


async def add_node(world: World, **answers: Any) -> str:
    """Add a node through its flow and return its key."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "node"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "http"})
    step = await flow.async_configure(step["flow_id"], {**ANSWERS, **answers})
    assert step["step_id"] == "key", step
    assert step["description_placeholders"] is not None
    key = step["description_placeholders"]["key"]
    step = await flow.async_configure(step["flow_id"], {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await world.hass.async_block_till_done(wait_background_tasks=True)
    return key


class Node:
    """A node with its key, sending to a home."""

    def __init__(self, world: World, client: TestClient[Any, Any], key: str) -> None:
        """Keep all three."""
        self.world = world
        self.client = client
        self.headers = {"X-API-Key": key}

    async def post(
        self, body: Any = None, *, root: str = OWN, **arguments: Any
    ) -> tuple[int, Any]:
        """Send a report or anything else, and return status and answer."""
        if body is not None:
            arguments["json"] = body
        async with self.client.post(
            f"{root}/data", headers=self.headers, **arguments
        ) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, Any]:
        """Ask for something."""
        async with self.client.get(f"{OWN}/{path}", headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def send(self, *reports: Any, seconds: float = 10.0) -> list[bool]:
        """Send reports so far apart and return which were new."""
        new = []
        for body in reports:
            status, answer = await self.post(body)
            assert status == 200, answer
            new.append(not answer["repeated"])
            await self.world.pass_time(seconds, step=seconds)
        return new


@pytest.fixture
async def client(
    world: World,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> TestClient[Any, Any]:
    """Return a client of a home without anything in it."""
    # It does not know how to name a time that stands still.
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    caplog.handler.setLevel(logging.NOTSET)
    await world.add_empty_home()
    assert await async_setup_component(world.hass, "diagnostics", {})
    return await hass_client_no_auth()


@pytest.fixture
async def node(world: World, client: TestClient[Any, Any]) -> Node:
    """Return a node that reports running totals in kWh."""
    return Node(world, client, await add_node(world))


@pytest.fixture(params=["total", "amount"])
async def any_node(
    world: World, client: TestClient[Any, Any], request: pytest.FixtureRequest
) -> Node:
    """Return a node of each kind."""
    return Node(world, client, await add_node(world, energy_kind=request.param))


def kind(node: Node) -> str:
    """Return what the energies of a node are."""
    assert node.world.entry is not None
    subentry = next(iter(node.world.entry.subentries.values()))
    return str(subentry.data["energy_kind"])


async def energies(world: World) -> list[float]:
    """Return produced and consumed energy in kWh, shown anew."""
    await world.reload()
    return [world.number(PRODUCED), world.number(CONSUMED)]


def only_subentry(world: World) -> Any:
    """Return the only node of the home."""
    assert world.entry is not None
    (subentry,) = world.entry.subentries.values()
    return subentry


# What becomes of reports.


async def test_reports_become_entities(world: World, node: Node) -> None:
    """Energies, load and what is measured beside, in the home and in the recorder."""
    await world.pass_time(10)
    for index in range(40):
        body = report(10.0 + index / 100, 5.0, 0.4, voltage=231.0, frequency=50.0)
        assert await node.post(body) == (200, {"success": True, "repeated": False})
        await world.pass_time(10)
    assert world.number("channel_2_ac_power") == 400.0
    assert world.number("channel_1_ac_power") == pytest.approx(3600.0)
    assert world.number("consumption_power") == 400.0
    assert world.number("production_power") == pytest.approx(3600.0)
    assert world.number("node_ac_voltage") == 231.0
    assert world.number("node_frequency") == 50.0
    await world.reload()
    assert world.number("production_energy") == pytest.approx(0.39)
    assert world.number(PRODUCED) == pytest.approx(10.39)


async def test_a_node_that_falls_silent(world: World, node: Node) -> None:
    """What it said last is not shown as the present; its energies stay."""
    await node.send(report(10.0), report(10.01))
    await world.pass_time(120)
    assert world.state("channel_2_ac_power") == "unavailable"
    assert world.state("consumption_power") == "unavailable"
    assert (await node.get("status"))[1]["online"] is False
    await node.send(report(10.2))
    assert world.number("channel_2_ac_power") == 400.0


async def test_the_node_is_told_how_it_is_seen(world: World, node: Node) -> None:
    """Status and settings are for the node itself."""
    assert await node.get("status") == (
        200,
        {"success": True, "online": False, "last_report": None, "sequence": None},
    )
    await node.post(report(1.0, sequence=7))
    assert await node.get("status") == (
        200,
        {
            "success": True,
            "online": True,
            "last_report": NOON.isoformat(),
            "sequence": 7,
        },
    )
    assert await node.get("config") == (
        200,
        {
            "success": True,
            "interval": 10,
            "max_body": MAX_BODY,
            "max_rate": 10.0,
            "energy_unit": "kWh",
            "energy_kind": "total",
            "power_unit": "kW",
        },
    )


@pytest.mark.parametrize("seconds", [0.1, 3.0])
async def test_a_thousand_shuffled_and_repeated(any_node: Node, seconds: float) -> None:
    """Every report counts once, whatever order it comes in."""
    reports = numbered(kind(any_node), 500, 0.37)
    arrivals = reports * 2
    random.Random(3).shuffle(arrivals)
    new = 0
    for number, body in enumerate(arrivals):
        status, answer = await any_node.post(body)
        assert status == 200
        new += not answer["repeated"]
        any_node.world.freezer.tick(seconds)
        if number % 200 == 199:
            await any_node.world.pass_time(1, step=1)
    assert new == 500
    assert await energies(any_node.world) == pytest.approx([185.0, 92.5])


async def test_reports_at_once(any_node: Node) -> None:
    """The same report many times in one instant counts once."""
    bodies = numbered(kind(any_node), 20, 0.01) * 5
    answers = await asyncio.gather(*(any_node.post(body) for body in bodies))
    assert {status for status, _ in answers} == {200}
    assert sum(not answer["repeated"] for _, answer in answers) == 20
    assert await energies(any_node.world) == pytest.approx([0.2, 0.1])


@pytest.mark.parametrize("days", [1, -1, -20_000])
async def test_a_clock_that_is_wrong(any_node: Node, days: int) -> None:
    """Its reports are of when they arrive, and nothing is lost."""
    for body in numbered(kind(any_node), 30, 0.01):
        stamp = dt_util.utcnow() + timedelta(days=days)
        body["timestamp"] = stamp.isoformat()
        await any_node.send(body)
    assert any_node.world.number("channel_1_ac_power") == pytest.approx(3600.0)
    assert any_node.world.number("channel_2_ac_power") == 400.0
    assert await energies(any_node.world) == pytest.approx([0.3, 0.15])


async def test_the_homes_energy_counts_no_report_twice(any_node: Node) -> None:
    """What the home counted is what was reported since it first looked."""
    bodies = numbered(kind(any_node), 60, 0.01)
    for body in bodies:
        await any_node.send(body, body)
    await any_node.world.reload()
    assert any_node.world.number("production_energy") == pytest.approx(0.59)


# Bodies.


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "not_json"),
        (b"[1, 2]", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b'{"energy_produced": 1, "energy_consumed": 1}', "missing"),
        (json.dumps(report(1.0) | {"current_load": None}).encode(), "missing"),
        (json.dumps(report(1.0, voltage="230")).encode(), "type"),
        (json.dumps(report(-1.0)).encode(), "range"),
        (json.dumps(report(1.0, timestamp="2026-06-15T12:00")).encode(), "type"),
        (json.dumps(report(1.0, sequence=-1)).encode(), "range"),
        (json.dumps(report(1.0, facility_id=[])).encode(), "type"),
        (b"[" * 16_000, "not_json"),
    ],
)
async def test_bodies_that_are_no_reports(node: Node, body: bytes, error: str) -> None:
    """A reason for programs and one for people, and nothing counted."""
    status, answer = await node.post(data=body)
    assert status == 400
    assert answer["success"] is False
    assert answer["error"] == error
    assert answer["reason"]
    assert (await node.get("status"))[1]["last_report"] is None


@pytest.mark.usefixtures("every_entity_enabled")
async def test_everything_that_is_optional(world: World, node: Node) -> None:
    """All members at once, and members that nobody knows."""
    body = report(
        1.0,
        voltage=230.0,
        current=1.7,
        current1=1,
        current2=2,
        current3=3,
        frequency=50,
        power_factor=0.98,
        facility_id="casa-7",
        sequence=0,
        timestamp=NOON.timestamp(),
        firmware="2.1",
    )
    await node.send(body)
    assert world.number("channel_2_ac_current") == 1.7
    assert world.number("channel_2_power_factor") == 0.98
    assert world.number("node_ac_current_l3") == 3.0


async def test_an_amount_that_no_house_uses(
    world: World, client: TestClient[Any, Any]
) -> None:
    """It would spoil the total for good."""
    node = Node(world, client, await add_node(world, energy_kind="amount"))
    status, answer = await node.post(report(1e6))
    assert (status, answer["error"]) == (400, "range")
    await node.send(report(0.5))
    assert (await energies(world))[0] == 0.5


async def chunks(size: int) -> AsyncIterator[bytes]:
    """Yield a body piece by piece, so that its length is not announced."""
    for _ in range(0, size, 1000):
        yield b" " * 1000


async def test_bodies_that_are_too_large(node: Node) -> None:
    """Announced, in pieces or packed: no more is read than is allowed."""
    fits = json.dumps(report(1.0)).encode().ljust(MAX_BODY)
    assert (await node.post(data=fits))[0] == 200
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    for arguments in (
        {"data": fits + b" "},
        {"data": b" " * 5_000_000},
        {"data": chunks(20_000)},
        {"data": chunks(3_000_000)},
    ):
        status, answer = await node.post(**arguments)
        assert (status, answer["error"]) == (413, "too_large")
    packed = gzip.compress(b" " * 1_000_000)
    assert len(packed) < MAX_BODY
    node.headers["Content-Encoding"] = "gzip"
    for data in (packed, bomb):
        status, answer = await node.post(data=data)
        assert (status, answer["error"]) == (413, "too_large")


async def raw(node: Node, head: Iterable[str], body: bytes, *, end: bool) -> bytes:
    """Send a request byte for byte and return everything that comes back."""
    port = node.client.server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"POST {OWN}/data HTTP/1.1",
        "Host: home",
        f"X-API-Key: {node.headers['X-API-Key']}",
        *head,
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    if end:
        writer.write_eof()
    answer = await reader.read(65536)
    writer.close()
    return answer.removeprefix(b"HTTP/1.0 ").removeprefix(b"HTTP/1.1 ")


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings and errors of the integration."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "custom_components.pv_family"
        and record.levelno >= logging.WARNING
    ]


async def test_lengths_that_lie(
    world: World, node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """A body that is longer or shorter than announced is no report."""
    body = json.dumps(report(1.0)).encode()
    shorter = await raw(node, ["Content-Length: 20"], body, end=False)
    assert shorter.startswith(b"400")
    longer = await raw(node, ["Content-Length: 900"], body, end=True)
    assert b"200 OK" not in longer
    huge = await raw(node, ["Content-Length: 99999999999999"], body, end=False)
    assert huge.startswith(b"413")
    negative = await raw(node, ["Content-Length: -5"], body, end=False)
    assert negative.startswith(b"400")
    chunked = ["Transfer-Encoding: chunked"]
    bad = await raw(node, chunked, b"zz\r\n" + body, end=True)
    assert b"200 OK" not in bad
    gz = ["Content-Encoding: gzip", f"Content-Length: {len(body)}"]
    assert (await raw(node, gz, body, end=False)).startswith(b"400")
    assert (await node.get("status"))[1]["last_report"] is None
    # The web server says what was no HTTP; it is nothing to us.
    assert complaints(caplog) == []
    await node.send(report(1.0))


async def test_a_body_that_does_not_come(world: World, node: Node) -> None:
    """Who announces a body has ten seconds for it."""
    with world.running_clock():
        answer = await raw(node, ["Content-Length: 100"], b"{", end=False)
    assert answer.startswith(b"408")
    assert b"too_slow" in answer


# Who may send, and how much.


async def test_wrong_key(
    world: World, client: TestClient[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody without a key is let in, and nothing is told."""
    key = await add_node(world)
    stored = only_subentry(world).data["key_hash"]
    for wrong in ({}, {"X-API-Key": "pvf_wrong"}, {"X-API-Key": "x" * 5000}):
        for path in ("data", "status", "config"):
            call = client.post if path == "data" else client.get
            answer = await call(f"{OWN}/{path}", headers=wrong)
            assert answer.status == 401
            assert (await answer.json())["error"] == "unauthorized"
    for almost in (stored, key[:-1], key + "x", key.upper(), f"Bearer {key}"):
        answer = await client.post(
            f"{OWN}/data", json=report(1.0), headers={"X-API-Key": almost}
        )
        assert answer.status == 401
    assert (await client.get(f"{OWN}/data")).status == 405


async def test_a_key_is_for_its_own_node(
    world: World, client: TestClient[Any, Any]
) -> None:
    """Two nodes have two keys, and each writes what is its own."""
    first = Node(world, client, await add_node(world))
    second = Node(world, client, await add_node(world))
    assert first.headers != second.headers
    await first.send(report(1.0, sequence=5))
    assert (await second.get("status"))[1]["sequence"] is None
    await second.send(report(2.0, sequence=5))
    assert world.entry is not None
    hashes = [s.data["key_hash"] for s in world.entry.subentries.values()]
    assert len(set(hashes)) == 2
    stored = json.dumps(world.entry.as_dict(), default=str)
    for node in (first, second):
        assert node.headers["X-API-Key"] not in stored


async def reconfigure(world: World, **answers: Any) -> Any:
    """Change the node through its flow and return the last step."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "node"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": only_subentry(world).subentry_id,
        },
    )
    return await flow.async_configure(step["flow_id"], {**ANSWERS, **answers})


async def test_a_key_is_replaced(world: World, node: Node) -> None:
    """The old one opens the door until the new one was shown, and then no more."""
    await node.send(report(1.0))
    step = await reconfigure(world, new_key=True)
    assert step["step_id"] == "key"
    assert (await node.post(report(1.01)))[0] == 200
    flow = world.hass.config_entries.subentries
    done = await flow.async_configure(step["flow_id"], {})
    assert done["reason"] == "reconfigure_successful"
    assert (await node.post(report(1.02)))[0] == 401
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert (await node.post(report(1.02)))[0] == 401
    node.headers["X-API-Key"] = step["description_placeholders"]["key"]
    await world.pass_time(10)
    await node.send(report(1.02))
    assert (await energies(world))[0] == 1.02


async def test_a_change_without_a_new_key(world: World, node: Node) -> None:
    """The key stays, and what it opens has the new settings."""
    step = await reconfigure(world, energy_unit="wh")
    assert step["reason"] == "reconfigure_successful"
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert (await node.get("config"))[1]["energy_unit"] == "Wh"
    await node.send(report(1500.0))
    assert (await energies(world))[0] == 1.5


async def test_a_home_that_does_not_run(
    world: World, node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes nothing; that its node knocks meanwhile is no attack."""
    assert world.entry is not None
    entries = world.hass.config_entries
    await entries.async_unload(world.entry.entry_id)
    async with node.client.post(
        f"{OWN}/data", json=report(1.0), headers=node.headers
    ) as answer:
        assert answer.status == 503
        assert (await answer.json())["error"] == "not_ready"
        assert int(answer.headers["Retry-After"]) > 0
    assert "invalid authentication" not in caplog.text
    await entries.async_setup(world.entry.entry_id)
    assert (await node.post(report(1.0)))[0] == 200
    await entries.async_set_disabled_by(world.entry.entry_id, ConfigEntryDisabler.USER)
    assert (await node.post(report(1.0)))[0] == 401
    await entries.async_set_disabled_by(world.entry.entry_id, None)
    assert (await node.post(report(1.0)))[0] == 200
    await entries.async_remove(world.entry.entry_id)
    world.entry = None
    assert (await node.post(report(1.0)))[0] == 401
    storage = Path(world.hass.config.path(".storage"))
    assert not list(storage.glob("*.journal*"))


async def test_the_old_path(world: World, node: Node) -> None:
    """It is there for the nodes that are allowed to use it, and only then."""
    for path, call in (
        ("data", node.client.post),
        ("status", node.client.get),
        ("config", node.client.get),
    ):
        async with call(f"{OLD}/{path}", headers=node.headers) as answer:
            assert answer.status == 404
            assert (await answer.json())["error"] == "not_found"
    allowed = Node(world, node.client, await add_node(world, old_path=True))
    assert (await allowed.post(report(1.0), root=OLD))[0] == 200
    assert (await allowed.post(report(1.0)))[0] == 200
    assert (await node.post(report(1.0), root=OLD))[0] == 401
    assert (await node.post(report(1.0)))[0] == 200


async def test_too_many(world: World, client: TestClient[Any, Any]) -> None:
    """A burst passes, then each key has its own rate."""
    first = Node(world, client, await add_node(world))
    second = Node(world, client, await add_node(world))
    answers = [await first.post(report(1.0, sequence=n)) for n in range(125)]
    assert [status for status, _ in answers] == [200] * 120 + [429] * 5
    assert answers[-1][1]["error"] == "too_fast"
    assert (await first.get("status"))[0] == 429
    async with client.post(f"{OWN}/data", headers=first.headers) as answer:
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) == 1
    assert (await second.post(report(1.0)))[0] == 200
    world.freezer.tick(0.25)
    assert (await first.post(report(1.0, sequence=121)))[0] == 200
    assert (await first.post(report(1.0, sequence=122)))[0] == 200
    assert (await first.post(report(1.0, sequence=123)))[0] == 429
    world.freezer.tick(1.0)
    assert (await first.get("status"))[1]["sequence"] == 122


async def test_secrets_stay_secret(
    world: World,
    node: Node,
    disk: Disk,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the key nor its hash is in a log, a report or what is shown of objects."""
    caplog.set_level(logging.DEBUG, "custom_components.pv_family")
    caplog.set_level(logging.DEBUG, "homeassistant")
    key, digest = node.headers["X-API-Key"], only_subentry(world).data["key_hash"]
    await node.send(report(1.0), report(1.01))
    await node.post(data=b"{")
    await reconfigure(world, energy_unit="wh")
    await world.reload()
    assert world.entry is not None
    diagnostics: Any = await get_diagnostics_for_config_entry(
        world.hass, hass_client, world.entry
    )
    shown = repr(world.entry.runtime_data) + repr(
        list(world.entry.runtime_data.devices.values())
    )
    kept = str(disk.read())
    assert "pv_family" in caplog.text
    for secret in (key, digest):
        assert secret not in caplog.text
        assert secret not in json.dumps(diagnostics)
        assert secret not in shown
        assert secret not in kept
    assert "**REDACTED**" in json.dumps(diagnostics["entry"]["subentries"])


# Crashes.


class Disk:
    """What is on the disk of the home, to be put back as a crash would leave it."""

    def __init__(self, world: World, storage: dict[str, Any]) -> None:
        """Look into the home's storage."""
        self.world = world
        self.storage = storage

    @property
    def key(self) -> str:
        """Return the name of the home's state."""
        assert self.world.entry is not None
        return f"pv_family.{self.world.entry.entry_id}"

    @property
    def journal(self) -> Path:
        """Return the home's journal."""
        return Path(self.world.hass.config.path(".storage", f"{self.key}.journal"))

    def read(self) -> tuple[Any, bytes]:
        """Return the stored state and the journal, empty if there is none."""
        journal = self.journal
        content = journal.read_bytes() if journal.exists() else b""
        return deepcopy(self.storage.get(self.key)), content

    async def crash(self, state: Any, journal: bytes) -> None:
        """Start anew with nothing but this."""
        assert self.world.entry is not None
        entries = self.world.hass.config_entries
        await entries.async_unload(self.world.entry.entry_id)
        self.storage.pop(self.key, None)
        if state is not None:
            self.storage[self.key] = deepcopy(state)
        self.journal.unlink(missing_ok=True)
        if journal:
            self.journal.write_bytes(journal)
        await entries.async_setup(self.world.entry.entry_id)
        await self.world.hass.async_block_till_done(wait_background_tasks=True)
        assert self.world.entry.state is ConfigEntryState.LOADED


@pytest.fixture
def disk(world: World, hass_storage: dict[str, Any]) -> Disk:
    """Return the disk of the home."""
    return Disk(world, hass_storage)


async def test_a_crash_after_every_answer(any_node: Node, disk: Disk) -> None:
    """What got 200 counts, once, though nothing was saved since the start."""
    world = any_node.world
    bodies = numbered(kind(any_node), 30, 0.01)
    await world.reload()
    saved, _ = disk.read()
    for number, body in enumerate(bodies, 1):
        await any_node.post(body)
        _, journal = disk.read()
        await disk.crash(saved, journal)
        assert world.number(PRODUCED) == pytest.approx(0.01 * number)
        assert (await any_node.post(body))[1]["repeated"] is True
        await world.pass_time(10)
    assert (await any_node.get("status"))[1]["sequence"] == 29


async def test_a_crash_without_numbers(
    world: World, client: TestClient[Any, Any], disk: Disk
) -> None:
    """Amounts that nobody numbered count once as well, before and after."""
    node = Node(world, client, await add_node(world, energy_kind="amount"))
    for sent in range(10, 50, 10):
        await node.send(*[report(0.01, 0.02)] * 10)
        await disk.crash(*disk.read())
        assert world.number(PRODUCED) == pytest.approx(0.01 * sent)
        assert world.number(CONSUMED) == pytest.approx(0.02 * sent)


async def test_a_crash_between_the_state_and_its_journal(
    any_node: Node, disk: Disk
) -> None:
    """The state is saved, the journal is still whole: nothing counts twice."""
    world = any_node.world
    await any_node.send(*numbered(kind(any_node), 5, 0.01))
    _, journal = disk.read()
    assert journal
    assert world.entry is not None
    await world.hass.config_entries.async_unload(world.entry.entry_id)
    saved, emptied = disk.read()
    assert not emptied
    for _ in range(3):
        await disk.crash(saved, journal)
        assert world.number(PRODUCED) == pytest.approx(0.05)
        assert world.number(CONSUMED) == pytest.approx(0.025)


async def test_a_journal_that_is_damaged(any_node: Node, disk: Disk) -> None:
    """A torn end and a damaged line cost themselves; what comes after counts."""
    world = any_node.world
    await world.reload()
    saved, _ = disk.read()
    bodies = numbered(kind(any_node), 12, 0.01)
    await any_node.send(*bodies[:6], seconds=1)
    _, journal = disk.read()
    assert journal
    lines = journal.split(b"\n")
    lines[2] = lines[2].replace(b"energy", b"enemy")
    await disk.crash(saved, b"\n".join([*lines[:5], lines[5][:20]]))
    amounts = kind(any_node) == "amount"
    assert world.number(PRODUCED) == pytest.approx(0.04 if amounts else 0.05)
    # What was torn got no answer: the node sends it again.
    new = await any_node.send(*bodies[5:9], seconds=1)
    assert all(new)
    _, journal = disk.read()
    await disk.crash(saved, journal)
    assert world.number(PRODUCED) == pytest.approx(0.08 if amounts else 0.09)


async def test_a_journal_that_holds_nonsense(
    world: World, node: Node, disk: Disk
) -> None:
    """It is no reason not to start."""
    await node.send(report(1.0))
    await world.reload()
    saved, _ = disk.read()
    for content in (b"nonsense", b"\n\n\n", b"\x00" * 5000, bytes(range(256)) * 50):
        await disk.crash(saved, content)
        assert world.number(PRODUCED) == 1.0
        assert (await node.post(report(1.0)))[0] == 200


async def test_the_state_is_lost(any_node: Node, disk: Disk) -> None:
    """The journal alone brings back what it holds."""
    await any_node.send(*numbered(kind(any_node), 5, 0.01))
    _, journal = disk.read()
    await disk.crash(None, journal)
    assert any_node.world.number(PRODUCED) == pytest.approx(0.05)


@pytest.mark.parametrize("part", ["book", "counters", "learned", "writes"])
async def test_a_damaged_part_of_the_state(
    any_node: Node, disk: Disk, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes neither what nodes reported nor which reports came with it."""
    bodies = numbered(kind(any_node), 8, 0.01)
    await any_node.send(*bodies[:4])
    await any_node.world.reload()
    saved, journal = disk.read()
    saved["data"][part] = {"some": ["nonsense"]}
    await disk.crash(saved, journal)
    assert f"start anew: {part}" in caplog.text
    assert await any_node.send(*bodies) == [False] * 4 + [True] * 4
    assert await energies(any_node.world) == pytest.approx([0.08, 0.04])


async def test_two_nodes_in_one_journal(
    world: World, client: TestClient[Any, Any], disk: Disk
) -> None:
    """Each gets back its own, and what was for a removed one is forgotten."""
    nodes = [
        Node(world, client, await add_node(world, energy_kind="amount"))
        for _ in range(3)
    ]
    saved, _ = disk.read()
    for number in range(12):
        await nodes[number % 3].post(report(0.1, sequence=number))
    _, journal = disk.read()
    assert world.entry is not None
    removed = list(world.entry.subentries)[2]
    world.hass.config_entries.async_remove_subentry(world.entry, removed)
    await world.hass.async_block_till_done(wait_background_tasks=True)
    await disk.crash(saved, journal)
    for node, highest in zip(nodes, (9, 10), strict=False):
        assert (await node.get("status"))[1]["sequence"] == highest
    await world.pass_time(120)
    assert not disk.read()[1]


async def test_the_journal_is_emptied(world: World, node: Node, disk: Disk) -> None:
    """Every minute, when the state holds what it held."""
    await node.send(report(1.0))
    assert disk.read()[1]
    await world.pass_time(120)
    assert not disk.read()[1]
    await node.send(report(1.1))
    assert (await energies(world))[0] == 1.1


async def test_a_disk_that_takes_nothing(any_node: Node, disk: Disk) -> None:
    """The node is asked to send again, and nothing was counted."""
    world = any_node.world
    bodies = numbered(kind(any_node), 3, 0.01)
    await any_node.send(bodies[0])
    await world.reload()
    disk.journal.mkdir()
    async with any_node.client.post(
        f"{OWN}/data", json=bodies[1], headers=any_node.headers
    ) as answer:
        assert answer.status == 503
        assert (await answer.json())["error"] == "not_stored"
        assert int(answer.headers["Retry-After"]) > 0
    assert (await any_node.get("status"))[1]["sequence"] == 0
    shutil.rmtree(disk.journal)
    await world.pass_time(10)
    assert await any_node.send(*bodies[1:]) == [True, True]
    assert await energies(world) == pytest.approx([0.03, 0.015])


async def test_a_reload_while_a_report_comes_in(world: World, node: Node) -> None:
    """A report that began before it is not lost in the old home."""
    await node.send(report(1.0, sequence=0))
    body = json.dumps(report(1.01, sequence=1)).encode()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield body[:10]
        begun.set()
        await go_on.wait()
        yield body[10:]

    request = asyncio.ensure_future(node.post(data=slow()))
    await begun.wait()
    # The door has to have let it in before the home goes.
    while (await node.get("status"))[0] != 200:
        await asyncio.sleep(0)
    await world.reload()
    go_on.set()
    status, answer = await request
    if status == 200:
        assert (await node.get("status"))[1]["sequence"] == 1
    else:
        assert (status, answer["error"]) == (503, "not_stored")
        assert await node.send(report(1.01, sequence=1)) == [True]
    assert (await energies(world))[0] == 1.01


async def test_reloads_amid_reports(any_node: Node) -> None:
    """Whatever was accepted while homes came and went counts once."""
    bodies = numbered(kind(any_node), 60, 0.01)
    done = False

    async def reload() -> None:
        while not done:
            await any_node.world.reload()
            await asyncio.sleep(0)

    reloading = asyncio.ensure_future(reload())
    for body in bodies:
        while (await any_node.post(body))[0] != 200:
            any_node.world.freezer.tick(0.2)
        any_node.world.freezer.tick(1)
    done = True
    await reloading
    assert await energies(any_node.world) == pytest.approx([0.6, 0.3])


async def test_a_state_of_the_first_version(
    world: World, node: Node, disk: Disk
) -> None:
    """It knew of no nodes; what it counted stays."""
    await node.send(report(5.0))
    await world.reload()
    saved, _ = disk.read()
    for unknown in ("journal", "memories", "writes"):
        del saved["data"][unknown]
    await disk.crash(saved, b"")
    assert world.number(PRODUCED) == 5.0
    await node.send(report(5.01))
    assert (await energies(world))[0] == 5.01


async def test_a_start_that_fails(any_node: Node) -> None:
    """What the home knew of its nodes outlives an inverter that cannot be set up."""
    world = any_node.world
    bodies = numbered(kind(any_node), 12, 0.01)
    await world.add_inverter()
    await any_node.send(*bodies[:6])
    assert world.entry is not None
    entries = world.hass.config_entries
    (inverter,) = world.entry.get_subentries_of_type("inverter")
    right = dict(inverter.data)
    wrong = right | {"link": "serial", "device": "/dev/ttyS99", "baudrate": "9600"}
    wrong |= {"parity": "N", "stopbits": "1"}
    other = ModbusSerialParams(device="/dev/ttyS99", baudrate=19200)
    async with async_get_temporary_unit(world.hass, other, 1):
        entries.async_update_subentry(world.entry, inverter, data=wrong)
        await world.hass.async_block_till_done(wait_background_tasks=True)
        status, answer = await any_node.post(bodies[6])
        assert (status, answer["error"]) == (503, "not_ready")
    entries.async_update_subentry(world.entry, inverter, data=right)
    await world.reload()
    assert await any_node.send(*bodies[4:]) == [False, False] + [True] * 6
    assert await energies(world) == pytest.approx([0.12, 0.06])
