"""The simulated node says what the documentation says, and fails on demand."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from simulation.home import SimulatedHome
from simulation.node.core import NodeCore, Outgoing
from simulation.node.energy import NodeEnergy
from simulation.node.faults import HOSTILE, NodeFaults
from simulation.node.flows import Flows, constant, home_source
from simulation.node.relay import SimulatedRelay
from simulation.state import HomeConfig

from .conftest import NOON

START = datetime(2026, 6, 21, 6, tzinfo=UTC)
RELAY = "comunita/casa_A/cmd/rele/1"


def node(**kwargs: Any) -> NodeCore:
    """Return a node in the sun."""
    return NodeCore("casa_A", constant(1500.0, 400.0), **kwargs)


def bodies(messages: list[Outgoing], leaf: str) -> list[dict[str, Any]]:
    """Return what the messages of a topic say."""
    return [
        json.loads(message.payload)
        for message in messages
        if message.topic == f"comunita/casa_A/{leaf}"
    ]


def test_the_seed_byte_for_byte() -> None:
    """The community's messages are what they always were."""
    seed = node(stamped=False)
    seed.connected(START)
    sent = seed.tick(START)
    assert Outgoing("comunita/casa_A/produzione", b'{"potenza_w":1500}') in sent
    assert (
        Outgoing("comunita/casa_A/bilancio", b'{"produzione_w":1500,"consumo_w":400}')
        in sent
    )


def test_what_is_retained() -> None:
    """Only what stays true."""
    core = node()
    sent = [*core.connected(START), *core.tick(START), core.will]
    retained = {message.topic.split("/")[2] for message in sent if message.retain}
    assert retained == {"annuncio", "energia", "stato"}
    assert max(len(message.payload) for message in sent) <= 4096


def test_a_node_that_is_not_connected_says_nothing() -> None:
    """It measures on, and keeps the hours."""
    core = node()
    for minute in range(200):
        assert core.tick(START + timedelta(minutes=minute)) == []
    assert len(core.energy.hours) == 2


def test_hours_are_what_the_registers_grew_by() -> None:
    """To the last Wh, whatever the power is."""
    energy = NodeEnergy()
    before: dict[int, int] = {}
    for step in range(5 * 360 + 1):
        now = START + timedelta(seconds=10 * step)
        energy.count(Flows(997.3 + step % 7, 403.1), now, now.timestamp())
        if step % 360 == 0:
            before[int(now.timestamp())] = energy.totals[0]
    assert [hour[0] for hour in energy.hours] == sorted(before)[1:-1]
    for start, produced, *_ in energy.hours:
        assert produced == before[start + 3600] - before[start]


def test_hours_of_an_outage_are_sent_once() -> None:
    """Whole hours, when the broker is back, and again when somebody asks."""
    core = node()
    core.connected(START)
    sent: list[Outgoing] = []
    for minute in range(0, 6 * 60, 5):
        now = START + timedelta(minutes=minute)
        if minute == 95:
            core.disconnected()
        if minute == 245:
            sent += core.connected(now)
        sent += core.tick(now)
    rows = [row for body in bodies(sent, "energia") for row in body.get("ore", [])]
    begin = int(START.timestamp())
    assert [row[0] for row in rows] == [begin + 3600 * n for n in (1, 2, 3, 4)]
    # 1100 W for an hour, in whole Wh.
    assert all(abs(row[4] - 1100) <= 1 for row in rows)
    ask = json.dumps({"da": begin, "seq": 1}).encode()
    again = core.receive("comunita/casa_A/cmd/ore", ask, False, now)
    assert len(bodies(again, "energia")[0]["ore"]) == 4


def test_relay_leases() -> None:
    """On for as long as it is told, never by the broker's memory."""
    core = node()
    core.connected(START)
    on = b'{"on":true,"ttl_s":60,"seq":7}'
    answer = core.receive(RELAY, on, True, START)
    assert bodies(answer, "rele/1")[0]["esito"] == "retained"
    answer = core.receive(RELAY, on, False, START)
    assert bodies(answer, "rele/1")[0] == {
        "on": True,
        "motivo": "cmd",
        "cmd": 7,
        "esito": "ok",
        "resta_s": 60,
        "avvii": 1,
        "t": START.timestamp(),
        "seq": 4,
        "boot": 1,
    }
    assert not bodies(core.tick(START + timedelta(seconds=29)), "rele/3")
    late = core.tick(START + timedelta(seconds=61))
    assert bodies(late, "rele/1")[0]["motivo"] == "lease"
    core.restart()
    assert not any(relay.on for relay in core.relays)
    assert core.boot == 2


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"on": True, "ttl_s": 901, "seq": 9}, "errato"),
        ({"on": True, "seq": 9}, "errato"),
        ({"on": True, "ttl_s": 60, "seq": 3}, "vecchio"),
        ({"on": "yes", "seq": 9}, "errato"),
        ({"on": True, "ttl_s": 60, "seq": 9}, "ok"),
    ],
)
def test_relay_commands(body: dict[str, Any], outcome: str) -> None:
    """Each command is answered with what became of it."""
    relay = SimulatedRelay(1)
    relay.command({"on": False, "seq": 5}, False, START)
    relay.command(body, False, START)
    assert relay.report(START)["esito"] == outcome


@pytest.mark.parametrize("payload", [*HOSTILE, b"[]", b"1", b'{"on":1}'])
def test_hostile_commands(payload: bytes) -> None:
    """A node that hears nonsense stays as it is."""
    core = node()
    for leaf in ("rele/1", "ore", "calibra", "nothing", ""):
        core.receive(f"comunita/casa_A/cmd/{leaf}", payload, False, START)
    assert not any(relay.on for relay in core.relays)


def test_calibration_is_stored() -> None:
    """What is written is read back."""
    core = node()
    topic = "comunita/casa_A/cmd/calibra"
    write = b'{"canale":2,"azione":"scrivi","guadagno":1.02,"fase_gradi":3.5,"seq":1}'
    core.receive(topic, write, False, START)
    read = core.receive(topic, b'{"canale":2,"azione":"leggi","seq":2}', False, START)
    body = bodies(read, "calibrazione")[0]
    assert (body["guadagno"], body["fase_gradi"], body["w"]) == (1.02, 3.5, 400.0)
    assert not core.receive(topic, write, True, START)


def test_faults() -> None:
    """Copies, disorder, damage, a wrong clock and silence."""
    core = node(faults=NodeFaults(copies=2, shuffle=12, hostile=True))
    core.connected(START)
    assert core.tick(START) != []
    assert core.tick(START + timedelta(seconds=5)) == []
    sent = core.tick(START + timedelta(seconds=10))
    assert len(sent) == 16
    assert sent != sorted(sent)
    assert any(message.payload in HOSTILE for message in sent)
    core = node(faults=NodeFaults(clock_error=86_400.0))
    core.connected(START)
    body = bodies(core.tick(START), "produzione")[0]
    assert body["t"] == START.timestamp() + 86_400.0
    core.faults.silent = True
    assert core.tick(START + timedelta(seconds=5)) == []


def test_a_simulated_home_as_source(config: HomeConfig) -> None:
    """The node sees what the home does."""
    home = SimulatedHome(config, 1, start=NOON)
    flows = home_source(home)(NOON)
    assert flows.production > 0.0
    assert flows.consumption > 0.0
    assert flows.grid == pytest.approx(flows.consumption - flows.production)
