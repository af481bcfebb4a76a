"""A Home Assistant whose home has nodes that push over HTTP."""

import asyncio
from collections.abc import Iterable, Mapping
import json
from pathlib import Path
import sys
from typing import Any, Final

import aiohttp

from simulation.demo.client import HassClient
from simulation.demo.instance import Instance
from simulation.demo.process import Program
from simulation.site import Site

DATA: Final = "/api/pv_family/hardware/data"
STATUS: Final = "/api/pv_family/hardware/status"
_PATIENCE: Final = 90.0


class NodeClient(HassClient):
    """Adds nodes as the pages of Home Assistant do."""

    async def add_node(self, entry_id: str, answers: Mapping[str, Any]) -> str:
        """Add a node to a home and return its key."""
        shown = await self.flow(
            "subentries/flow", [entry_id, "node"], {"next_step_id": "http"}, answers
        )
        path = f"/api/config/config_entries/subentries/flow/{shown['flow_id']}"
        await self.post(path, {})
        key: str = shown["description_placeholders"]["key"]
        return key

    async def wait_until_loaded(self, entry_id: str) -> None:
        """Wait until a home is there.

        Raises:
            TimeoutError: It took too long.
        """
        async with asyncio.timeout(_PATIENCE):
            while (await self.command("config_entries/get_single", entry_id=entry_id))[
                "config_entry"
            ]["state"] != "loaded":
                await asyncio.sleep(0.05)


def program(instance: Instance, *prefix: str) -> Program:
    """Return the Home Assistant process for the folder.

    Args:
        instance: Where it lives.
        *prefix: A command to run it with.
    """
    arguments = ("-m", "homeassistant", "--skip-pip", "--config", str(instance.folder))
    return Program(
        "Home Assistant", [*prefix, sys.executable, *arguments], instance.log
    )


async def prepare(
    instance: Instance, site: Site, nodes: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Make an instance with a user and a home, and leave it stopped.

    Args:
        instance: Where it is to live.
        site: Where the home stands.
        nodes: What is filled in for each node.

    Returns:
        The key of each node.
    """
    instance.prepare(site)
    running = await program(instance).start()
    try:
        async with NodeClient(instance) as client:
            await client.wait_until_up(running)
            await client.onboard()
            await client.wait_until_running()
            location = {"latitude": site.latitude, "longitude": site.longitude}
            created = await client.flow(
                "flow", "pv_family", {"name": "Home", "location": location}
            )
            entry_id = created["result"]["entry_id"]
            keys = [await client.add_node(entry_id, node) for node in nodes]
            # A home that is being loaded anew with its last node is not to be stopped.
            async with aiohttp.ClientSession() as session:
                await wait_until_open(session, instance, running, keys[-1])
            await client.wait_until_loaded(entry_id)
    finally:
        await running.stop()
    _keep_only_the_home(instance.folder / ".storage" / "core.config_entries")
    return keys


def _keep_only_the_home(file: Path) -> None:
    """Drop what onboarding adds: weather and radio wait for servers out there."""
    content = json.loads(file.read_text())
    entries = content["data"]["entries"]
    content["data"]["entries"] = [e for e in entries if e["domain"] == "pv_family"]
    file.write_text(json.dumps(content))


async def wait_until_open(
    session: aiohttp.ClientSession, instance: Instance, running: Program, key: str
) -> None:
    """Wait until a node is let in.

    Raises:
        RuntimeError: Home Assistant ended instead.
        TimeoutError: It took too long.
    """
    async with asyncio.timeout(_PATIENCE):
        while not await _is_open(session, instance, key):
            if running.ended:
                raise RuntimeError(f"Home Assistant ended; see {running.log}")
            await asyncio.sleep(0.05)


async def _is_open(
    session: aiohttp.ClientSession, instance: Instance, key: str
) -> bool:
    try:
        async with session.get(
            f"{instance.url}{STATUS}", headers={"X-API-Key": key}
        ) as answer:
            return answer.status == 200
    except aiohttp.ClientError, ConnectionError:
        return False
