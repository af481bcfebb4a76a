"""Who may send over HTTP, and how much."""

import json
import logging
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryDisabler
from tests.integration.world import World

from .http_nodes import (
    ANSWERS,
    OLD,
    OWN,
    Disk,
    Node,
    add_node,
    energies,
    only_subentry,
    report,
)


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
