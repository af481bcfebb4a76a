"""The simulated home as a Modbus server in a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import NamedTuple

import aiohttp

from simulation.demo.process import Program

_PATIENCE = 100


class Count(NamedTuple):
    """What a server was asked for."""

    requests: int
    registers: int

    def __sub__(self, before: Count) -> Count:
        """Return what was asked for since."""
        return Count(self.requests - before.requests, self.registers - before.registers)


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulated home on 127.0.0.1.

    Attributes:
        modbus_port: Where its registers are.
        control_port: Where it tells what it was asked for.
    """

    modbus_port: int
    control_port: int

    async def count(self) -> Count:
        """Return what the server was asked for so far."""
        url = f"http://127.0.0.1:{self.control_port}/truth"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            server = (await answer.json())["server"]
        return Count(server["requests"], server["registers"])


@asynccontextmanager
async def simulator(*options: str) -> AsyncIterator[Simulator]:
    """Run the simulated home for as long as the context lasts.

    Args:
        *options: More options of ``python -m simulation``.

    Raises:
        RuntimeError: It did not start.
    """
    with TemporaryDirectory() as folder:
        log = Path(folder) / "simulator.log"
        free = ("--port=0", "--control-port=0")
        program = Program(
            "simulator", [sys.executable, "-m", "simulation", *free, *options], log
        )
        try:
            await program.start()
            yield await _ready(program)
        finally:
            await program.stop()


async def _ready(program: Program) -> Simulator:
    for _ in range(_PATIENCE):
        for line in program.log.read_text().splitlines():
            with suppress(ValueError):
                return Simulator(**json.loads(line))
        if program.ended:
            break
        await asyncio.sleep(0.1)
    raise RuntimeError(f"the simulator did not start: {program.log.read_text()}")
