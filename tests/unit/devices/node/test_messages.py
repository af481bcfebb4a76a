"""Every topic says what the documentation says that it says."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.devices.node.announcement import Feature, Role
from custom_components.pv_family.devices.node.messages import (
    Alarm,
    AlarmCode,
    AnnouncementMessage,
    Cleaning,
    CleaningPhase,
    Outcome,
    PinReason,
    RelayReport,
    State,
)
from custom_components.pv_family.devices.node.parse import parse_message
from custom_components.pv_family.devices.node.payload import PayloadError, Reason
from custom_components.pv_family.devices.node.topics import Address, Leaf, Topics
from custom_components.pv_family.readings.quantity import Quantity

from .build import Feeder, values

DOCUMENT = Path(__file__).parents[4] / "docs" / "node-messages.md"
EXAMPLES = [
    tuple(line.split(" ", 1))
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    if line.startswith("comunita/casa_A/") and " " in line
]


@pytest.mark.parametrize(("topic", "payload"), EXAMPLES)
def test_documented_examples(topic: str, payload: str) -> None:
    """Every example of a node's message in the documentation is understood."""
    if "/cmd/" in topic or topic.endswith("/alert"):
        assert Topics("casa_A").parse(topic) is None
        return
    address = Topics("casa_A").parse(topic)
    assert address is not None
    parse_message(address, payload.encode())


def test_the_examples_cover_every_topic() -> None:
    """No topic is left without an example."""
    shown = {topic.split("/")[2] for topic, _ in EXAMPLES}
    assert shown >= {*map(str, Leaf), "alert", "cmd"}


def test_the_seed_byte_for_byte() -> None:
    """The community's two messages are read as they always were."""
    node = Feeder()
    assert values(node.feed("produzione", b'{"potenza_w":1500}').readings) == {
        ("channel_1", "ac_power"): 1500.0
    }
    found = node.feed("bilancio", b'{"produzione_w":1500,"consumo_w":400}')
    assert values(found.readings) == {
        ("channel_1", "ac_power"): 1500.0,
        ("channel_2", "ac_power"): 400.0,
    }


def test_the_grid() -> None:
    """Voltage and frequency are the node's, what is exchanged is the third channel's."""
    found = Feeder().feed("rete", {"v": 231.5, "hz": 50.02, "scambio_w": -1100, "a": 5})
    assert values(found.readings) == {
        ("node", "ac_voltage"): 231.5,
        ("node", "frequency"): 50.02,
        ("channel_3", "ac_power"): -1100.0,
        ("channel_3", "ac_current"): 5.0,
    }


def test_further_channels() -> None:
    """A channel of its own says power, voltage, current and power factor."""
    body = {"potenza_w": 2000, "v": 230, "a": 8.7, "fp": 0.99}
    assert set(values(Feeder().feed("canale/4", body).readings)) == {
        ("channel_4", "ac_power"),
        ("channel_4", "ac_voltage"),
        ("channel_4", "ac_current"),
        ("channel_4", "power_factor"),
    }


def test_estimated_power_is_not_measured() -> None:
    """A current transformer alone measures no power."""
    body = {"potenza_w": 2000, "va": 2100, "a": 9.1, "stima": True}
    found = Feeder().feed("canale/2", body).readings
    qualities = {r.series.quantity: r.quality for r in found}
    assert qualities[Quantity.AC_POWER] == "derived"
    assert qualities[Quantity.APPARENT_POWER] == "derived"
    assert qualities[Quantity.AC_CURRENT] == "measured"


def test_temperatures_and_fans() -> None:
    """A sensor that is cut off says nothing, and a fan runs or not."""
    node = Feeder()
    body = {"modulo": 45.2, "diodi": 51, "ambiente": -127, "ventole": [True, 0]}
    assert values(node.feed("temperatura", body).readings) == {
        ("node", "temperature_module"): 45.2,
        ("node", "temperature_busbar"): 51.0,
    }
    assert node.state.poll(node.now).statuses == {"fan_1": "on", "fan_2": "off"}


def test_registers() -> None:
    """Each register is that of its channel."""
    node = Feeder()
    body: dict[str, Any] = {
        "prodotta_wh": 1000,
        "consumata_wh": 2000,
        "importata_wh": 1500,
        "esportata_wh": 500,
        "canali": [[4, 300], [5, 10, 20]],
    }
    found = values(node.feed("energia", body).readings)
    assert found == {
        ("channel_1", "energy_produced"): 1000.0,
        ("channel_2", "energy_consumed"): 2000.0,
        ("channel_3", "energy_import"): 1500.0,
        ("channel_3", "energy_export"): 500.0,
        ("channel_4", "energy_import"): 300.0,
        ("channel_5", "energy_import"): 10.0,
        ("channel_5", "energy_export"): 20.0,
    }
    channels = [{"n": 4, "ruolo": "carico"}, {"n": 5, "ruolo": "batteria"}]
    node.feed("annuncio", {"id": "a0b1c2d3e4f5", "canali": channels})
    node.move(5)
    found = values(node.feed("energia", body).readings)
    assert found["channel_4", "energy_consumed"] == 300.0
    assert found["channel_5", "energy_discharged"] == 10.0
    assert found["channel_5", "energy_charged"] == 20.0


@pytest.mark.parametrize(
    "body",
    [
        {"ore": [[1781953200]]},
        {"ore": [[1781953200, -1]]},
        {"ore": [[1781953200, 1e7]]},
        {"ore": [[1781953200, True]]},
        {"ore": [["1781953200", 5]]},
        {"ore": [[1781953200, 1, 2, 3, 4, 5]]},
        {"ore": [[1781953200, 1]] * 101},
        {"ore": {"a": 1}},
        {"canali": [[3, 1]]},
        {"canali": [[4, -1]]},
        {"prodotta_wh": -1},
        {"prodotta_wh": 1e14},
        {},
    ],
)
def test_energies_that_are_none(body: dict[str, Any]) -> None:
    """Energy is refused whole rather than half understood."""
    assert Feeder().feed("energia", body).refusal is not None


@pytest.mark.parametrize(
    ("payload", "online"),
    [
        (b"online", True),
        (b"offline", False),
        (b" Offline\n", False),
        (b'"offline"', False),
        (b'{"stato":"online","boot":7}', True),
        (b'{"stato":"offline"}', False),
    ],
)
def test_state(payload: bytes, online: bool) -> None:
    """A last will is text or JSON."""
    message = parse_message(Address(Leaf.STATE), payload)
    assert isinstance(message, State)
    assert message.online is online


def test_relay_report() -> None:
    """A relay says where it is, why, and what became of the last command."""
    payload = b'{"on":false,"motivo":"lease","cmd":7,"esito":"attesa","attesa_s":40}'
    message = parse_message(Address(Leaf.RELAY, 2), payload)
    assert isinstance(message, RelayReport)
    assert (message.number, message.on) == (2, False)
    assert message.reason is PinReason.LEASE
    assert message.outcome is Outcome.DWELL
    assert message.wait == 40.0
    odd = parse_message(Address(Leaf.RELAY, 2), b'{"on":1,"motivo":"sole"}')
    assert isinstance(odd, RelayReport)
    assert (odd.on, odd.reason, odd.outcome) == (True, PinReason.UNKNOWN, None)


def test_alarm_and_cleaning() -> None:
    """Known words are told apart from unknown ones."""
    alarm = parse_message(Address(Leaf.ALARM), b'{"codice":"busbar_calda","valore":72}')
    assert isinstance(alarm, Alarm)
    assert (alarm.code, alarm.active, alarm.value) == (AlarmCode.BUSBAR_HOT, True, 72.0)
    other = parse_message(Address(Leaf.ALARM), b'{"codice":"marziani","attivo":false}')
    assert isinstance(other, Alarm)
    assert (other.code, other.active) == (AlarmCode.OTHER, False)
    phase = parse_message(Address(Leaf.CLEANING), b'{"fase":"rinse","corse":1}')
    assert isinstance(phase, Cleaning)
    assert phase.phase is CleaningPhase.RINSE
    with pytest.raises(PayloadError):
        parse_message(Address(Leaf.CLEANING), b'{"fase":"dancing"}')


def test_announcement() -> None:
    """A node says who it is and what it has."""
    payload = (
        b'{"id":"a0b1c2d3e4f5","modello":"Mega","fw":"1.2","canali":[{"n":4,'
        b'"ruolo":"carico","nome":"Pompa"},{"n":5,"ruolo":"strano"}],"rele":[{"n":1,'
        b'"min_on_s":60,"avvii_ora":6,"ttl_max_s":300}],"funzioni":["ore","volo"],'
        b'"limiti":{"potenza_w":6000,"ore":48}}'
    )
    message = parse_message(Address(Leaf.ANNOUNCEMENT), payload)
    assert isinstance(message, AnnouncementMessage)
    found = message.announcement
    assert found.serial == "a0b1c2d3e4f5"
    assert found.roles == {
        1: Role.PRODUCTION,
        2: Role.CONSUMPTION,
        3: Role.GRID,
        4: Role.LOAD,
        5: Role.OTHER,
    }
    assert found.relays[0].min_on == 60
    assert found.relays[0].longest_lease == 300
    assert found.features == {Feature.HOURS}
    assert (found.power, found.hours) == (6000.0, 48)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{}", Reason.EMPTY),
        (b'{"id":"a b"}', Reason.OUT_OF_RANGE),
        (b'{"id":5}', Reason.WRONG_TYPE),
        (b'{"id":"abc","canali":[{"n":13}]}', Reason.OUT_OF_RANGE),
        (b'{"id":"abc","canali":[{"n":4},{"n":4}]}', Reason.REPEATED_KEY),
        (b'{"id":"abc","canali":[{"n":1,"ruolo":"carico"}]}', Reason.OUT_OF_RANGE),
        (b'{"id":"abc","canali":[4]}', Reason.WRONG_TYPE),
        (b'{"id":"abc","rele":[{}]}', Reason.EMPTY),
        (b'{"id":"abc","modello":"a\\u0007b"}', Reason.OUT_OF_RANGE),
        (b'{"id":"abc","limiti":[]}', Reason.WRONG_TYPE),
        (b'{"id":"abc","funzioni":[1]}', Reason.WRONG_TYPE),
    ],
)
def test_announcements_that_are_none(payload: bytes, reason: Reason) -> None:
    """What sets up devices is looked at closely."""
    with pytest.raises(PayloadError) as caught:
        parse_message(Address(Leaf.ANNOUNCEMENT), payload)
    assert caught.value.reason is reason


numbers = st.none() | st.integers(-5000, 5000) | st.floats()
json_values = st.recursive(
    numbers | st.booleans() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
keys = st.sampled_from(
    [
        *("potenza_w", "produzione_w", "consumo_w", "v", "hz", "a", "fp", "scambio_w"),
        *("t", "seq", "boot", "diff", "ore", "canali", "prodotta_wh", "stato", "on"),
        *("modulo", "ventole", "codice", "attivo", "fase", "id", "rele", "limiti"),
        *("canale", "cmd", "esito", "w", "attesa_s", "funzioni", "modello"),
    ]
)


@settings(max_examples=300)
@given(st.sampled_from(Leaf), st.dictionaries(keys, json_values, max_size=6))
def test_any_object(leaf: Leaf, body: dict[str, Any]) -> None:
    """Whatever stands behind the right keys, a node goes on and holds only numbers."""
    node = Feeder()
    node.feed("annuncio", {"id": "a0b1c2d3e4f5"})
    number = "/1" if leaf in (Leaf.CHANNEL, Leaf.RELAY) else ""
    found = node.feed(f"{leaf}{number}", body)
    for reading in (*found.readings, *found.late):
        assert abs(reading.value) <= 1e15
        assert reading.taken <= node.now
    assert all(0.0 <= hour.span.energy <= 1e6 for hour in found.hours)
