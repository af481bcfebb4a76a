"""What the messages of a node add up to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.pv_family.devices.device import SilentError, WrongDeviceError
from custom_components.pv_family.devices.node.device import NodeDevice
from custom_components.pv_family.devices.node.node import NodeState
from custom_components.pv_family.devices.node.payload import Reason
from custom_components.pv_family.readings.quantity import Quantity

from .build import NOW, SERIAL, TOPICS, Feeder, series, values

DAY = 86_400.0
NINE = int(datetime(2026, 6, 21, 9, tzinfo=UTC).timestamp())


def starts(node: Feeder, body: dict[str, Any], **kwargs: bool) -> list[int]:
    """Feed an energy message and return the starts of what it brought late."""
    hours = node.feed("energia", body, **kwargs).hours
    return sorted(int(hour.span.start.timestamp()) for hour in hours)


def test_a_poll_is_what_is_fresh() -> None:
    """Power ages, registers stand."""
    node = Feeder()
    node.feed("energia", {"prodotta_wh": 1000})
    node.feed("produzione", {"potenza_w": 1500})
    assert len(node.state.poll(node.now).readings) == 2
    node.move(50)
    node.feed("rete", {"v": 230})
    node.move(20)
    assert values(node.state.poll(node.now).readings) == {
        ("channel_1", "energy_produced"): 1000.0,
        ("node", "ac_voltage"): 230.0,
    }
    node.move(60)
    with pytest.raises(SilentError):
        node.state.poll(node.now)


def test_nothing_heard_is_silence() -> None:
    """A node that was never heard is not at 0 W."""
    with pytest.raises(SilentError):
        Feeder().state.poll(NOW)


@pytest.mark.parametrize(
    ("leaf", "body"),
    [
        ("produzione", {"potenza_w": 1500}),
        ("rete", {"v": 230}),
        ("temperatura", {"modulo": 40}),
        ("rele/1", {"on": True}),
        ("allarme", {"codice": "adc"}),
    ],
)
def test_retained_messages_are_not_the_present(leaf: str, body: dict[str, Any]) -> None:
    """Nobody knows how old they are."""
    node = Feeder()
    found = node.feed(leaf, body, retained=True)
    assert found.refusal is not None
    assert found.refusal.reason is Reason.RETAINED
    assert not found.readings
    assert node.state.relay(1, NOW) is None
    assert not node.state.alarms(NOW)
    with pytest.raises(SilentError):
        node.state.poll(NOW)


def test_retained_totals_count_but_prove_no_presence() -> None:
    """A register is true whenever it was written; the node may be long gone."""
    node = Feeder()
    found = node.feed("energia", {"prodotta_wh": 1000}, retained=True)
    assert values(found.readings) == {("channel_1", "energy_produced"): 1000.0}
    with pytest.raises(SilentError):
        node.state.poll(NOW)


def test_a_retained_total_is_as_old_as_it_says() -> None:
    """Dated now, what flowed since it was sent would look like a spike."""
    sent = NOW - timedelta(seconds=50)
    for time, taken in (
        (sent.timestamp(), sent),
        (NOW.timestamp() + 86_400, NOW),
        (1_000.0, NOW),
        (None, NOW),
    ):
        body = {"prodotta_wh": 1000, "t": time}
        found = Feeder().feed("energia", body, retained=True)
        assert [reading.taken for reading in found.readings] == [taken]


def test_copies_count_once() -> None:
    """A message that comes twice is taken once."""
    node = Feeder()
    body = {"potenza_w": 1500, "seq": 5, "boot": 1}
    assert node.feed("produzione", body).readings
    again = node.feed("produzione", body)
    assert again.refusal is not None
    assert again.refusal.reason is Reason.DUPLICATE
    assert node.state.refusals[Reason.DUPLICATE] == 1


def test_an_older_message_is_late() -> None:
    """What was overtaken is true, but not the present."""
    node = Feeder()
    node.feed("produzione", {"potenza_w": 1500, "seq": 6, "t": node.clock()})
    found = node.feed("produzione", {"potenza_w": 900, "seq": 5, "t": node.clock(-5)})
    assert not found.readings
    assert found.late[0].value == 900.0
    assert found.late[0].taken == NOW - timedelta(seconds=5)
    poll = node.state.poll(node.now)
    assert values(poll.readings)["channel_1", "ac_power"] == 1500.0


def test_overtaken_totals_are_no_fall() -> None:
    """A register does not go back because a message came late."""
    node = Feeder()
    node.feed("energia", {"prodotta_wh": 1010, "seq": 6, "boot": 1})
    found = node.feed("energia", {"prodotta_wh": 1000, "seq": 5, "boot": 1})
    assert not found.readings


def test_last_will() -> None:
    """A node that is lost is unavailable at once, and back with its next message."""
    node = Feeder()
    node.feed("produzione", {"potenza_w": 1500})
    node.feed("rele/1", {"on": True})
    node.feed("stato", b"offline", retained=True)
    assert node.state.available is False
    assert node.state.relay(1, node.now) is None
    with pytest.raises(SilentError):
        node.state.poll(node.now)
    node.feed("stato", {"stato": "online", "boot": 1})
    node.feed("produzione", {"potenza_w": 1400})
    assert node.state.poll(node.now).readings


def test_the_will_of_an_earlier_life() -> None:
    """It comes when the broker notices, which may be after the node is back."""
    node = Feeder()
    node.feed("produzione", {"potenza_w": 1500, "boot": 1, "seq": 9})
    node.feed("stato", {"stato": "online", "boot": 2, "seq": 0})
    found = node.feed("stato", {"stato": "offline", "boot": 1})
    assert found.refusal is not None
    assert node.state.available is True


def test_a_buffered_value_is_late() -> None:
    """It tells of its own time."""
    node = Feeder()
    body = {"potenza_w": 800, "t": node.clock(-1800), "diff": True}
    unknown = node.feed("produzione", body)
    assert unknown.refusal is not None
    assert unknown.refusal.reason is Reason.CLOCK_UNKNOWN
    node.feed("rete", {"v": 230, "t": node.clock()})
    found = node.feed("bilancio", {"consumo_w": 300, "t": node.clock(-1800), "diff": 1})
    assert not found.readings
    assert found.late[0].taken == NOW - timedelta(minutes=30)


@pytest.mark.parametrize("error", [DAY, -DAY, 0.0])
def test_late_hours_of_any_clock(error: float) -> None:
    """A clock that is wrong by a day puts no hour into the wrong day."""
    node = Feeder()
    row = [NINE + int(error), 1210, 380, 0, 830]
    body = {"prodotta_wh": 5000, "ore": [row], "t": node.clock(error), "seq": 1}
    found = starts(node, body)
    for count in range(8):
        node.move(5)
        stamp = {"t": node.clock(error), "seq": 2 + count}
        hours = node.feed("produzione", {"potenza_w": 1500, **stamp}).hours
        found += [int(hour.span.start.timestamp()) for hour in hours]
    assert found == [NINE] * 4


def test_hours_come_once() -> None:
    """Sent again, in another order, larger or smaller, an hour stays one hour."""
    node = Feeder()
    rows = [[NINE, 1210, 380, 0, 830], [NINE + 3600, 1350, None, 0, 948]]
    assert (
        starts(node, {"ore": rows, "t": node.clock()}) == [NINE] * 4 + [NINE + 3600] * 3
    )
    node.move(1)
    assert starts(node, {"ore": rows[::-1], "t": node.clock()}) == []
    node.move(1)
    grown = node.feed("energia", {"ore": [[NINE, 1300]], "t": node.clock()}).hours
    assert [(hour.series, hour.span.energy) for hour in grown] == [
        (series("channel_1", Quantity.ENERGY_PRODUCED), 1300.0)
    ]
    node.move(1)
    assert starts(node, {"ore": [[NINE, 1250]], "t": node.clock()}) == []


def test_hours_that_cannot_be() -> None:
    """Not of the future, not of long ago, not more than the node can carry."""
    node = Feeder()
    node.feed("annuncio", {"id": SERIAL, "limiti": {"potenza_w": 6000}})
    rows = [
        [NINE + 3 * 3600, 100],
        [NINE + 9 * 3600, 100],
        [NINE - 70 * 86_400, 100],
        [NINE, 8000],
        [NINE - 3600, 5000],
    ]
    found = node.feed("energia", {"ore": rows, "t": node.clock()})
    assert [int(h.span.start.timestamp()) for h in found.hours] == [NINE - 3600]
    assert found.refusal is not None
    assert found.refusal.reason is Reason.HOUR_IMPOSSIBLE
    assert node.state.refusals[Reason.HOUR_IMPOSSIBLE] == 4


def test_retained_hours_wait_for_the_clock() -> None:
    """What the broker kept does not say what time it is."""
    node = Feeder()
    body = {"ore": [[NINE, 1000]], "t": node.clock(-3600), "seq": 1}
    assert starts(node, body, retained=True) == []
    node.move(5)
    hours = node.feed("rete", {"v": 230, "t": node.clock()}).hours
    assert [int(hour.span.start.timestamp()) for hour in hours] == [NINE]


def test_hours_without_any_time() -> None:
    """A node that says no time otherwise is taken at its word."""
    assert starts(Feeder(), {"ore": [[NINE, 1000]]}) == [NINE]


def test_hours_of_an_earlier_life() -> None:
    """An old row of a clock that is gone cannot be placed."""
    node = Feeder()
    node.feed("rete", {"v": 230, "t": node.clock(), "seq": 0, "boot": 2})
    body = {"ore": [[NINE, 1000]], "t": node.clock(-7200), "seq": 5, "boot": 1}
    assert starts(node, body) == []
    assert node.state.refusals[Reason.HOUR_IMPOSSIBLE] == 1


def test_what_was_buffered_of_other_kinds_is_history() -> None:
    """A relay that was on an hour ago is not on."""
    node = Feeder()
    found = node.feed("rele/1", {"on": True, "t": node.clock(-3600), "diff": True})
    assert found.message is not None
    assert node.state.relay(1, node.now) is None


def test_a_restart_forgets_the_clock() -> None:
    """What was learned of the clock was of the earlier life."""
    node = Feeder()
    for sequence in range(8):
        node.feed("rete", {"v": 230, "t": node.clock(DAY), "seq": sequence, "boot": 1})
        node.move(5)
    assert node.state.clock.offset == pytest.approx(-DAY)
    node.feed("rete", {"v": 230, "t": node.clock(), "seq": 0, "boot": 2})
    assert node.state.clock.offset == 0.0


def test_a_stranger() -> None:
    """Another node on the same topics is noticed by its identity."""
    node = Feeder()
    node.feed("annuncio", {"id": SERIAL, "modello": "Mega"})
    node.feed("produzione", {"potenza_w": 1500})
    found = node.feed("annuncio", {"id": "somebody"})
    assert found.refusal is not None
    assert found.refusal.reason is Reason.OTHER_NODE
    with pytest.raises(WrongDeviceError) as caught:
        node.state.poll(node.now)
    assert (caught.value.expected, caught.value.found) == (SERIAL, "somebody")
    node.feed("annuncio", {"id": SERIAL, "modello": "Mega"})
    assert node.state.poll(node.now).readings
    assert node.state.identity.model == "Mega"


def test_a_node_without_a_serial_number() -> None:
    """Set up by its topic, it may announce itself later."""
    state = NodeState(TOPICS, TOPICS.base)
    found = state.feed("comunita/casa_A/annuncio", b'{"id":"late_comer"}', True, NOW)
    assert found.refusal is None
    assert state.identity.serial == "comunita/casa_A"


def test_alarms_stand_until_they_are_taken_back() -> None:
    """Or until they have not been repeated."""
    node = Feeder()
    node.feed("annuncio", {"id": SERIAL})
    node.feed("allarme", {"codice": "busbar_calda"})
    node.feed("allarme", {"codice": "sensore"})
    node.feed("rete", {"v": 230})
    events = node.state.poll(node.now).events
    assert events == {"node": {"busbar_hot", "sensor_fault"}}
    node.feed("allarme", {"codice": "sensore", "attivo": False})
    assert node.state.poll(node.now).events == {"node": {"busbar_hot"}}
    node.move(301)
    node.feed("rete", {"v": 230})
    assert node.state.poll(node.now).events == {"node": frozenset()}


def test_any_number_of_alarms_is_bounded() -> None:
    """A node that goes mad does not fill the memory."""
    node = Feeder()
    for number in range(200):
        node.feed("allarme", {"codice": f"a{number}"})
    assert len(node.state.alarms(node.now)) == 16


def test_relays_and_cleaning_are_forgotten() -> None:
    """Where a relay was two minutes ago is not where it is."""
    node = Feeder()
    node.feed("rele/2", {"on": True, "motivo": "cmd"})
    node.feed("pulizia", {"fase": "rinse"})
    assert node.state.poll(node.now).statuses == {"relay_2": "on"}
    assert node.state.cleaning(node.now) is not None
    node.move(121)
    node.feed("rete", {"v": 230})
    assert node.state.poll(node.now).statuses == {}
    assert node.state.relay(2, node.now) is None
    assert node.state.cleaning(node.now) is None


def test_other_topics_are_nothing() -> None:
    """Another house, and our own commands, are not this node's."""
    state = NodeState(TOPICS, SERIAL)
    for topic in ("comunita/casa_B/produzione", "comunita/casa_A/cmd/rele/1"):
        found = state.feed(topic, b'{"potenza_w":1}', False, NOW)
        assert found.refusal is not None
        assert found.refusal.reason is Reason.UNKNOWN_TOPIC


async def test_the_device() -> None:
    """It is asked like any other, and shows what it was told."""
    device = NodeDevice(NodeState(TOPICS, SERIAL))
    with pytest.raises(SilentError):
        await device.poll(NOW, full=True)
    device.feed("comunita/casa_A/rete", b'{"v":230,"hz":50}', False, NOW)
    device.feed("comunita/casa_A/produzione", b"\xff", False, NOW)
    poll = await device.poll(NOW, full=False)
    assert poll.capabilities <= device.implemented
    shown = await device.read_all()
    assert shown["messages"]["comunita/casa_A/rete"] == '{"v":230,"hz":50}'
    assert shown["refusals"] == {"not_text": 1}
    assert device.identity.serial == SERIAL
    assert device.ratings.power is None
