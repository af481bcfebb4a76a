"""A real Home Assistant with a real Modbus server, and a browser to look at it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
import os
from pathlib import Path
import shutil
import socket

from playwright.async_api import Browser, async_playwright
import pytest

from simulation.demo.client import HassClient
from simulation.demo.instance import Instance
from simulation.demo.process import Program
from simulation.demo.simulator import Simulator, running_simulator
from simulation.site import Site, longitude_at_noon

ARTIFACTS = Path(__file__).parents[2] / "artifacts"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class House:
    """A running instance and the simulated home that it can reach."""

    instance: Instance
    simulator: Simulator
    client: HassClient
    program: Program
    site: Site
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def restart(self, *, kill: bool = False) -> None:
        """Stop or kill Home Assistant and start it again."""
        await (self.program.kill() if kill else self.program.stop())
        self.program = self.instance.program()
        await self.program.start()
        self.stack.push_async_callback(self.program.stop)
        await self.client.disconnect()
        await self.client.wait_until_up(self.program)
        await self.client.log_in()
        await self.client.wait_until_running()


@pytest.fixture
async def house(tmp_path: Path, socket_enabled: None) -> AsyncIterator[House]:
    """Start a Home Assistant without anything in it, beside a simulated home."""
    site = Site(45.0, round(longitude_at_noon(datetime.now(UTC)), 2), 90.0)
    instance = Instance(tmp_path / "config", _free_port())
    instance.prepare(site)
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(
            running_simulator(tmp_path / "simulator.log", site, 7)
        )
        program = instance.program()
        await program.start()
        stack.push_async_callback(program.stop)
        client = await stack.enter_async_context(HassClient(instance))
        await client.wait_until_up(program)
        await client.onboard()
        await client.wait_until_running()
        yield House(instance, simulator, client, program, site, stack)


@pytest.fixture
async def browser(socket_enabled: None) -> AsyncIterator[Browser]:
    """Start the machine's Chromium."""
    executable = next(
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    )
    ARTIFACTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--disable-background-networking",
                "--disable-gpu",
                "--disable-quic",
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
            ],
        )
        yield browser
        await browser.close()
