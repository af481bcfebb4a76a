"""What the node says, read by the integration."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.pv_family.devices.node.node import NodeState, Result
from custom_components.pv_family.devices.node.topics import Topics
from custom_components.pv_family.readings.quantity import Quantity

from .programs import Said, ScriptedNode, line

pytestmark = pytest.mark.timeout(900)

_START = 1781946000
_SERIAL = "0250d3c2b1a0"
_KNOWN = {"conf", "alert"}


def _node() -> NodeState:
    return NodeState(Topics("casa_A"), _SERIAL)


def _feed(node: NodeState, said: Iterable[Said]) -> list[Result]:
    """Take in every message at the time that it tells."""
    results = []
    for message in said:
        if message.leaf in _KNOWN:
            continue
        now = datetime.fromtimestamp(message.body.get("t", _START), UTC)
        result = node.feed(
            f"comunita/casa_A/{message.leaf}",
            message.payload,
            False,
            now + timedelta(milliseconds=300),
        )
        assert result.refusal is None, (message, result.refusal)
        results.append(result)
    return results


def test_everything_is_understood(build: Path) -> None:
    """Measurements, relays, energy, announcement: nothing is refused."""
    with ScriptedNode(build) as scripted:
        scripted.do(f"@{_START}")
        said = scripted.run(90)
        said += scripted.do(
            line("cmd/rele/1", {"on": True, "ttl_s": 20, "seq": _START})
        )
        said += scripted.do(
            line("cmd/calibra", {"canale": 1, "azione": "leggi", "seq": _START})
        )
        said += scripted.do(line("cmd/pulizia", {"azione": "avvia", "seq": _START}))
        said += scripted.run(40)
    node = _node()
    _feed(node, said)
    assert {message.leaf for message in said} >= {
        "annuncio",
        "bilancio",
        "calibrazione",
        "canale/4",
        "energia",
        "produzione",
        "pulizia",
        "rele/1",
        "rete",
        "stato",
    }
    assert node.announcement is not None
    assert node.announcement.hours == 48
    assert [relay.number for relay in node.announcement.relays] == [1, 2, 3, 4]
    last = datetime.fromtimestamp(said[-1].body["t"], UTC)
    values = {
        (reading.series.part, reading.series.quantity): reading.value
        for reading in node.poll(last).readings
    }
    assert values["channel_1", Quantity.AC_POWER] == pytest.approx(1500.0, abs=3.0)
    assert values["channel_2", Quantity.AC_POWER] == pytest.approx(400.0, abs=3.0)
    assert values["channel_3", Quantity.AC_POWER] == pytest.approx(-1100.0, abs=3.0)
    moved = [m.body for m in said if m.leaf == "rele/1" and "cmd" in m.body]
    assert [m["motivo"] for m in moved][0] == "cmd"
    assert [m["motivo"] for m in moved][-1] == "lease"


def test_six_hours_without_a_broker(build: Path) -> None:
    """The hours that nobody heard arrive whole, and say what the registers grew by."""
    with ScriptedNode(build) as scripted:
        scripted.do(f"@{_START - 60}")
        said = scripted.run(3600 + 120)
        lost = scripted.run(6 * 3600, link=False)
        back = scripted.run(3600 + 60)
    before = [m.body for m in said if m.leaf == "energia"][-1]
    after = [m.body for m in back if m.leaf == "energia"][-1]
    node = _node()
    _feed(node, said)
    assert not any(b'"ore"' in m.payload for m in lost)
    hours = [hour for result in _feed(node, back) for hour in result.hours]
    produced = {
        hour.span.start: hour.span.energy
        for hour in hours
        if hour.series.quantity is Quantity.ENERGY_PRODUCED
    }
    exported = [
        hour.span.energy
        for hour in hours
        if hour.series.quantity is Quantity.ENERGY_EXPORT
    ]
    first = datetime.fromtimestamp(_START + 3600, UTC)
    assert sorted(produced) == [first + timedelta(hours=n) for n in range(7)]
    assert all(value == pytest.approx(1500.0, abs=2.0) for value in produced.values())
    assert all(value == pytest.approx(1100.0, abs=2.0) for value in exported)
    grown = after["prodotta_wh"] - before["prodotta_wh"]
    assert grown == pytest.approx(sum(produced.values()), abs=60.0)


def test_a_power_cut_while_the_broker_is_away(build: Path, tmp_path: Path) -> None:
    """Kept hours outlive it; of the hour with the cut, ten minutes are lost at most."""
    options = ("--memory", str(tmp_path / "memory"))
    with ScriptedNode(build, *options) as scripted:
        scripted.do(f"@{_START - 60}")
        said = scripted.run(3600)
        scripted.run(3 * 3600 + 1800, link=False)
    cut = _START + 3540 + 3 * 3600 + 1800
    with ScriptedNode(build, *options) as scripted:
        scripted.do(f"@{cut + 300}")
        scripted.run(2 * 3600, link=False)
        back = scripted.run(3600)
    node = _node()
    _feed(node, said)
    hours = [hour for result in _feed(node, back) for hour in result.hours]
    produced = {
        round(hour.span.start.timestamp() - _START) // 3600: hour.span.energy
        for hour in hours
        if hour.series.quantity is Quantity.ENERGY_PRODUCED
    }
    assert sorted(produced) == list(range(7))
    with_the_cut = produced.pop(4)
    assert all(value == pytest.approx(1500.0, abs=2.0) for value in produced.values())
    # Five minutes without power and, before them, up to ten that were not saved yet.
    assert 1500.0 * 45 / 60 - 5.0 <= with_the_cut <= 1500.0 * 55 / 60 + 5.0
    registers = [m.body["prodotta_wh"] for m in back if m.leaf == "energia"]
    assert sum(produced.values()) + with_the_cut <= registers[-1] + 5.0


def test_a_day_of_energy(build: Path) -> None:
    """A day counts within 0.1 %."""
    with ScriptedNode(build, "--production", "1234", "--consumption", "567") as node:
        node.do(f"@{_START}")
        said = node.run(86_400, link=False)
    end = [m.body for m in said if m.leaf == "energia"][-1]
    assert end["prodotta_wh"] == pytest.approx(1234 * 24, rel=0.001)
    assert end["consumata_wh"] == pytest.approx(567 * 24, rel=0.001)
    assert end["esportata_wh"] == pytest.approx(667 * 24, rel=0.001)
    assert end["importata_wh"] == 0


def test_registers_and_starts_outlive_the_program(build: Path, tmp_path: Path) -> None:
    """A restart loses at most what ten minutes brought."""
    options = ("--memory", str(tmp_path / "memory"))
    with ScriptedNode(build, *options) as node:
        node.do(f"@{_START}")
        node.run(3 * 3600, link=False)
    with ScriptedNode(build, *options) as node:
        node.do(f"@{_START + 4 * 3600}")
        body = [m.body for m in node.run(60) if m.leaf == "energia"][-1]
    assert body["boot"] == 2
    assert 4500 - 260 <= body["prodotta_wh"] <= 4500 + 30


def test_an_estimate_is_derived(build: Path) -> None:
    """Without a voltage nothing is taken for measured."""
    with ScriptedNode(build) as scripted:
        scripted.do(f"@{_START}")
        scripted.do("!0")
        said = scripted.run(30)
    node = _node()
    results = _feed(node, said)
    powers = [
        reading
        for result in results
        for reading in result.readings
        if reading.series.quantity is Quantity.AC_POWER
    ]
    assert powers
    assert {reading.quality.name for reading in powers} == {"DERIVED"}
    assert any(m.body.get("codice") == "rete_assente" for m in said)
