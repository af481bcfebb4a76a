"""`python -m simulation`."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import signal
import sys
from typing import Any

import aiohttp
import pytest

import simulation

from .conftest import connected, read
from .sunspec_oracle import chain

pytestmark = pytest.mark.usefixtures("loopback")

PACKAGE = Path(simulation.__file__).parent


@asynccontextmanager
async def running(*options: str) -> AsyncIterator[tuple[Process, dict[str, Any]]]:
    """Run the program on free ports and return it with the line that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "simulation", "--port", "0", "--control-port", "0", *options),
        cwd=PACKAGE.parent,
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield process, json.loads(line)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_home_from_start_to_interrupt() -> None:
    """It says where it listens, serves, can be disturbed, and ends on SIGINT."""
    options = ("--seed", "7", "--days", "2", "--meter-unit", "200", "--base", "0")
    async with running(*options) as (process, ports):
        assert set(ports) == {"modbus_port", "control_port"}
        async with connected(ports["modbus_port"]) as client:
            meter = chain(await read(client, 0, 2 + 68 + 107 + 2, unit=200))
            assert 203 in meter
        url = f"http://127.0.0.1:{ports['control_port']}"
        async with aiohttp.ClientSession(url) as session:
            async with session.get("/truth") as reply:
                truth = await reply.json()
            assert truth["seed"] == 7
            lived = truth["home"]["energy"]["load"] - 9_650_000
            assert lived > 10_000
            body = {"serial": "X"}
            async with session.post("/faults/serial", json=body) as reply:
                assert reply.status == 200
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_a_replay_behind_a_serial_gateway_until_terminated() -> None:
    """A dump is served with RTU frames; SIGTERM ends it although a client holds on."""
    dump = PACKAGE / "data" / "sunspec" / "EmulatedDER.json"
    options = ("--replay", str(dump), "--rtu-framer")
    async with (
        running(*options) as (process, ports),
        connected(ports["modbus_port"], rtu_framer=True) as client,
    ):
        assert await read(client, 40070, 2) == [701, 153]
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
