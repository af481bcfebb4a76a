"""A node that pushes, and shorthands for what it sends."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from tests.integration.world import World

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
