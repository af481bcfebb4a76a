"""The simulated home as a program of its own."""

import asyncio
from collections.abc import AsyncIterator
import contextlib
from dataclasses import dataclass
import json
from pathlib import Path
import sys

from ..site import Site
from .client import HassError
from .process import Program


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulated home.

    Attributes:
        program: Its process.
        modbus_port: Where its inverter answers on 127.0.0.1.
        control_port: Where it tells the truth and takes faults.
    """

    program: Program
    modbus_port: int
    control_port: int

    @property
    def control_url(self) -> str:
        """Return the address of its control door."""
        return f"http://127.0.0.1:{self.control_port}"


@contextlib.asynccontextmanager
async def running_simulator(
    log: Path, site: Site, seed: int, *, modbus_port: int = 0
) -> AsyncIterator[Simulator]:
    """Run the simulated home for as long as the context lasts.

    Args:
        log: Where its output goes.
        site: Where the home stands.
        seed: Its sky and its household.
        modbus_port: The port to use; 0 takes a free one.

    Raises:
        HassError: It does not start.
    """
    log.unlink(missing_ok=True)
    program = Program(
        "simulator",
        [
            sys.executable,
            "-m",
            "simulation",
            f"--port={modbus_port}",
            "--control-port=0",
            f"--latitude={site.latitude}",
            f"--longitude={site.longitude}",
            f"--seed={seed}",
        ],
        log,
    )
    await program.start()
    try:
        ports = await _ports(program, log)
        yield Simulator(program, ports["modbus_port"], ports["control_port"])
    finally:
        await program.stop()


async def _ports(program: Program, log: Path) -> dict[str, int]:
    """Wait for the line in which the simulator names its ports."""
    for _ in range(150):
        for line in log.read_text().splitlines():
            with contextlib.suppress(ValueError):
                ports: dict[str, int] = json.loads(line)
                return ports
        if program.ended:
            break
        await asyncio.sleep(0.1)
    raise HassError(f"the simulator did not start; see {log}")
