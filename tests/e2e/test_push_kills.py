"""Home Assistant killed over and over while nodes report to it."""

import asyncio
from dataclasses import dataclass, field
import logging
import os
from pathlib import Path
import random
import signal
from typing import Any, Final

import aiohttp
import pytest

from benchmarks.home_assistant import free_port
from benchmarks.push_nodes import DATA, prepare, program, wait_until_open
from simulation.demo.client import HassClient
from simulation.demo.instance import Instance
from simulation.demo.log import complaints_in
from simulation.demo.process import Program
from simulation.site import Site

# Set PV_FAMILY_KILLS to kill more often.
KILLS: Final = int(os.environ.get("PV_FAMILY_KILLS", "4"))

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180 + 30 * KILLS)]
SITE: Final = Site(45.0, 25.0, 90.0)
# Only what a home needs, so that it starts fast.
YAML: Final = """\
homeassistant:
  name: Demo home
  latitude: 45
  longitude: 25
  elevation: 90
  unit_system: metric
  currency: EUR
  country: RO
  time_zone: UTC
api:
logger:
  default: warning
"""
LOGGER = logging.getLogger(__name__)
STEP: Final = 3
"""What flows between two reports, in Wh."""


@dataclass
class Node:
    """A node that keeps a report until it is answered, and counts what was.

    Attributes:
        name: Its name, and that of its entities.
        kind: What its energies are.
        numbered: Whether it numbers its reports.
        key: Its key.
        sent: How many reports it made.
        answered: How many of them got 200.
        repeated: How many of those had been taken before, without an answer.
    """

    name: str
    kind: str
    numbered: bool
    key: str = field(default="", repr=False)
    sent: int = 0
    answered: int = 0
    repeated: int = 0
    _open: dict[str, Any] | None = field(default=None, repr=False)

    def _report(self) -> dict[str, Any]:
        """Return the oldest report without an answer, or the next one."""
        if self._open is None:
            self.sent += 1
            energy = STEP * (self.sent if self.kind == "total" else 1)
            self._open = {
                "energy_produced": energy,
                "energy_consumed": 2 * energy,
                "current_load": 500,
            }
            if self.numbered:
                self._open["sequence"] = self.sent
        return self._open

    async def report(self, session: aiohttp.ClientSession, url: str) -> bool:
        """Send a report and tell whether it was taken."""
        try:
            async with session.post(
                f"{url}{DATA}",
                json=self._report(),
                headers={"X-API-Key": self.key},
            ) as answer:
                body = await answer.json()
                assert answer.status in (200, 429, 503), body
                if answer.status != 200:
                    return False
        except aiohttp.ClientError, ConnectionError, ValueError:
            if not self.numbered:
                # It may have been taken: to send it again might count it twice.
                self._open = None
            return False
        self._open = None
        self.answered += 1
        self.repeated += body["repeated"]
        return True

    async def go_on(self, session: aiohttp.ClientSession, url: str) -> None:
        """Report without end."""
        while True:
            await asyncio.sleep(0 if await self.report(session, url) else 0.05)


async def set_up(instance: Instance, nodes: list[Node]) -> None:
    """Make a home with the nodes, and leave it stopped."""
    answers = [
        {
            "name": node.name,
            "energy_kind": node.kind,
            "energy_unit": "wh",
            "power_unit": "w",
            "channel_1": {
                "name": "PV",
                "role": "generation" if node.name == "First" else "none",
            },
            "channel_2": {"name": "House", "role": "none"},
            "old_path": False,
        }
        for node in nodes
    ]
    keys = await prepare(instance, SITE, answers)
    for node, key in zip(nodes, keys, strict=True):
        node.key = key
    (instance.folder / "configuration.yaml").write_text(YAML)


async def die(running: Program, rng: random.Random) -> None:
    """End Home Assistant in the midst of what it does."""
    await asyncio.sleep(rng.uniform(0.0, 0.6))
    if rng.random() < 0.4:
        # It writes its state when it stops: that is a moment to die, too.
        os.kill(running.pid, signal.SIGTERM)
        await asyncio.sleep(rng.uniform(0.0, 0.5))
    await running.kill()


@pytest.mark.usefixtures("socket_enabled")
async def test_killed_again_and_again(tmp_path: Path) -> None:
    """Every report that got 200 is counted once, and no other."""
    rng = random.Random(20260615)
    instance = Instance(tmp_path / "config", free_port())
    nodes = [
        Node("First", "total", numbered=True),
        Node("Second", "amount", numbered=True),
        Node("Third", "amount", numbered=False),
    ]
    await set_up(instance, nodes)
    async with aiohttp.ClientSession() as session:
        for _ in range(KILLS):
            running = await program(instance).start()
            try:
                await wait_until_open(session, instance, running, nodes[0].key)
                async with asyncio.TaskGroup() as group:
                    senders = [
                        group.create_task(node.go_on(session, instance.url))
                        for node in nodes
                    ]
                    await die(running, rng)
                    for sender in senders:
                        sender.cancel()
            finally:
                await running.kill()
        running = await program(instance).start()
        try:
            await wait_until_open(session, instance, running, nodes[0].key)
            for node in nodes[:2]:
                while node.answered < node.sent:
                    await node.report(session, instance.url)
            await running.kill()
            # What changed just now is shown at the next start at the latest.
            running = await program(instance).start()
            await wait_until_open(session, instance, running, nodes[0].key)
            states = await shown(instance)
        finally:
            await running.kill()
    first, second, third = nodes
    LOGGER.info("%d kills: %s, %s", KILLS, nodes, states)
    assert min(node.answered for node in nodes) > KILLS
    for node in (first, second):
        produced, consumed = states[node.name]
        assert produced == STEP * node.sent
        assert consumed == 2 * STEP * node.sent
    produced, consumed = states[third.name]
    assert STEP * third.answered <= produced <= STEP * third.sent
    assert consumed == 2 * produced
    assert complaints_in(instance.log) == []


async def shown(instance: Instance) -> dict[str, tuple[float, float]]:
    """Return what each node produced and consumed in Wh, as Home Assistant shows it."""
    async with HassClient(instance) as client:
        await client.log_in()
        await client.wait_until_running()
        states = await client.states()
    return {
        node: (
            energy(states, f"sensor.{node.lower()}_pv_energy_produced"),
            energy(states, f"sensor.{node.lower()}_house_energy_consumed"),
        )
        for node in ("First", "Second", "Third")
    }


def energy(states: dict[str, dict[str, Any]], entity_id: str) -> float:
    """Return an energy in Wh."""
    state = states[entity_id]
    assert state["attributes"]["unit_of_measurement"] == "kWh"
    return round(1000 * float(state["state"]), 3)
