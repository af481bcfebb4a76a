"""Bodies of every size and kind."""

import asyncio
from collections.abc import AsyncIterator, Iterable
import gzip
import json
import logging
from typing import Any

from aiohttp.test_utils import TestClient
import pytest

from tests.integration.world import NOON, World

from .http_nodes import MAX_BODY, OWN, Node, add_node, energies, report


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
