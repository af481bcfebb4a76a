"""Home Assistant in a process of its own, with and without a configured home."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
import socket
import sys
import time
from typing import Any, Final

import psutil  # type: ignore[import-untyped]

from simulation.demo.client import HassClient
from simulation.demo.instance import Instance
from simulation.demo.newcomer import (
    add_to_energy_dashboard,
    set_up_home,
    wait_for_values,
)
from simulation.demo.process import Program
from simulation.home import SimulatedHome
from simulation.site import Site, longitude_at_noon
from simulation.state import HomeConfig

SEED: Final = 7
_PROBE: Final = Path(__file__).parent / "stall_probe"
_STARTED: Final = "started.json"
_LATENESS: Final = "lateness.json"
_SETTLED: Final = 30.0
_PATIENCE: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What one start was like.

    Attributes:
        seconds: From the start of the process until Home Assistant says it runs.
        cpu: CPU time of the process until then, in s.
        memory: Resident memory 30 s later, in MB.
        stall: The longest stall of the event loop in the first 60 s, in ms.
        stall_p99: The 99th percentile of how late a 5 ms timer was, in ms.
    """

    seconds: float
    cpu: float
    memory: float
    stall: float
    stall_p99: float


def demo_site() -> Site:
    """Return the place where the demo's home stands: where it is noon."""
    return Site(45.0, round(longitude_at_noon(datetime.now(UTC)), 2), 90.0)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def prepare(instance: Instance, site: Site, modbus_port: int | None) -> None:
    """Make an instance with the probe and a user, and a home if a port is given."""
    instance.prepare(site, integration=modbus_port is not None)
    ignore = shutil.ignore_patterns("__pycache__")
    components = instance.folder / "custom_components"
    shutil.copytree(_PROBE, components / _PROBE.name, ignore=ignore)
    with (instance.folder / "configuration.yaml").open("a") as yaml:
        yaml.write(f"{_PROBE.name}:\n")
    program = _program(instance)
    await program.start()
    try:
        async with HassClient(instance) as client:
            await client.wait_until_up(program)
            await client.onboard()
            if modbus_port is not None:
                home = SimulatedHome(HomeConfig(site=site), SEED)
                entry_id = await set_up_home(client, modbus_port, home)
                await wait_for_values(client)
                await add_to_energy_dashboard(client, entry_id)
        # Stopped earlier than that it leaves its database unfinished.
        await _content(instance.folder / _STARTED, program)
    finally:
        await program.stop()
    _keep_only_the_home(instance.folder / ".storage" / "core.config_entries")


def _keep_only_the_home(file: Path) -> None:
    """Drop what onboarding adds: weather and radio wait for servers out there."""
    content = json.loads(file.read_text())
    entries = content["data"]["entries"]
    content["data"]["entries"] = [e for e in entries if e["domain"] == "pv_family"]
    file.write_text(json.dumps(content))


async def start(instance: Instance) -> Start:
    """Start a prepared instance, watch it, and stop it again."""
    for name in (_STARTED, _LATENESS):
        (instance.folder / name).unlink(missing_ok=True)
    program = _program(instance)
    begin = time.time()
    await program.start()
    try:
        started: float = await _content(instance.folder / _STARTED, program)
        process = psutil.Process(program.pid)
        cpu = sum(process.cpu_times()[:2])
        await asyncio.sleep(_SETTLED)
        memory = process.memory_info().rss
        lateness: list[float] = await _content(instance.folder / _LATENESS, program)
    finally:
        await program.stop()
    lateness.sort()
    return Start(
        seconds=started - begin,
        cpu=cpu,
        memory=memory / 2**20,
        stall=1000 * lateness[-1],
        stall_p99=1000 * lateness[len(lateness) * 99 // 100],
    )


def _program(instance: Instance) -> Program:
    """Return the process, which sees only the integrations in its own folder."""
    arguments = ("-m", "homeassistant", "--skip-pip", "--config", str(instance.folder))
    return Program("Home Assistant", [sys.executable, "-I", *arguments], instance.log)


async def _content(file: Path, program: Program) -> Any:
    """Return what the probe writes into a file, once it has.

    Raises:
        RuntimeError: Home Assistant ended instead.
        TimeoutError: It took too long.
    """
    async with asyncio.timeout(_PATIENCE):
        while not await asyncio.to_thread(file.exists):
            if program.ended:
                raise RuntimeError(f"Home Assistant ended: {program.log.read_text()}")
            await asyncio.sleep(0.2)
    return json.loads(await asyncio.to_thread(file.read_text))
