"""A relay is kept on by renewing its lease, and let go when nobody sees it."""

from collections.abc import Callable
from datetime import datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.node.commands import (
    CleaningAction,
    Commands,
    Outgoing,
)
from custom_components.pv_family.devices.node.messages import RelayReport
from custom_components.pv_family.devices.node.parse import parse_message
from custom_components.pv_family.devices.node.relay import RelayLease, RelayState
from custom_components.pv_family.devices.node.topics import Address, Leaf
from simulation.node.relay import SimulatedRelay

from .build import NOW, TOPICS


class Bench:
    """A lease and a simulated relay, joined by a wire that can be cut."""

    def __init__(
        self, min_on: int = 0, min_off: int = 0, starts_per_hour: int = 60
    ) -> None:
        """Start with both at rest."""
        self.lease = RelayLease(1, Commands(TOPICS), lease=60)
        self.relay = SimulatedRelay(1, min_on, min_off, starts_per_hour)
        self.now = NOW
        self.sent: list[Outgoing] = []
        self.down = self.up = True
        self._reported = NOW

    def on(self) -> bool:
        """Return whether the relay is on."""
        return self.relay.on

    def state(self) -> str:
        """Return how it stands to what is wanted."""
        return self.lease.state.value

    def run(self, seconds: int) -> None:
        """Let both live, second by second."""
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            moved = self.relay.step(self.now)
            order = self.lease.step(self.now)
            if order is not None:
                self.sent.append(order)
                if self.down:
                    self.relay.command(json.loads(order.payload), False, self.now)
                    moved = True
            if moved or self.now - self._reported >= timedelta(seconds=30):
                self._reported = self.now
                if self.up:
                    self.lease.report(report(self.relay, self.now), self.now)


def report(relay: SimulatedRelay, now: datetime) -> RelayReport:
    """Return what a simulated relay says, through the parser."""
    payload = json.dumps(relay.report(now)).encode()
    message = parse_message(Address(Leaf.RELAY, 1), payload)
    assert isinstance(message, RelayReport)
    return message


def test_on_and_renewed() -> None:
    """It stays on for as long as it is wanted, with a command every third."""
    bench = Bench()
    bench.lease.want(True)
    bench.run(600)
    assert bench.on()
    assert bench.relay.starts == 1
    assert bench.state() == RelayState.CONFIRMED
    assert len(bench.sent) == 600 // 20
    body = json.loads(bench.sent[0].payload)
    assert bench.sent[0].topic == "comunita/casa_A/cmd/rele/1"
    assert body == {"on": True, "ttl_s": 60, "seq": body["seq"]}
    bench.lease.want(False)
    bench.run(2)
    assert not bench.on()
    assert bench.state() == RelayState.CONFIRMED
    count = len(bench.sent)
    bench.run(300)
    assert len(bench.sent) == count


def test_left_alone() -> None:
    """What nobody wants any more ends by itself."""
    bench = Bench()
    bench.lease.want(True)
    bench.run(30)
    bench.lease.want(None)
    bench.run(40)
    assert bench.on()
    bench.run(20)
    assert not bench.on()
    assert bench.relay.reason == "lease"
    assert bench.state() == RelayState.IDLE


def test_blind() -> None:
    """A relay that cannot be seen is not renewed, and ends by itself."""
    bench = Bench()
    bench.lease.want(True)
    bench.run(60)
    bench.up = False
    bench.run(100)
    assert bench.state() == RelayState.LOST
    count = len(bench.sent)
    bench.run(60)
    assert len(bench.sent) == count
    assert not bench.on()
    bench.up = True
    bench.run(40)
    assert bench.state() == RelayState.CONFIRMED
    assert bench.on()


def test_commands_that_are_lost() -> None:
    """It is told three times, and then given up until the node is heard."""
    bench = Bench()
    bench.down = bench.up = False
    bench.lease.want(True)
    bench.run(120)
    assert bench.state() == RelayState.LOST
    assert len(bench.sent) == 3
    bench.down = bench.up = True
    bench.run(60)
    assert bench.state() == RelayState.CONFIRMED


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"min_off": 90}, "attesa"), ({"starts_per_hour": 1}, "avvii")],
)
def test_refusals(limits: dict[str, int], reason: str) -> None:
    """A relay that must rest is asked again when it may, and not before."""
    bench = Bench(**limits)
    bench.lease.want(True)
    bench.run(5)
    bench.lease.want(False)
    bench.run(5)
    assert not bench.on()
    bench.lease.want(True)
    count = len(bench.sent)
    bench.run(60)
    assert bench.state() == RelayState.REFUSED
    assert bench.lease.reason == reason
    assert len(bench.sent) == count + 1
    bench.run(3600)
    assert bench.state() == RelayState.CONFIRMED
    assert bench.on()


def test_switched_at_the_node() -> None:
    """Somebody who switches it off by hand is not fought at once."""
    bench = Bench()
    bench.lease.want(True)
    bench.run(10)
    bench.relay.on, bench.relay.reason = False, "locale"
    bench.lease.report(report(bench.relay, bench.now), bench.now)
    bench.run(50)
    assert not bench.on()
    assert bench.state() == RelayState.REFUSED
    assert bench.lease.reason == "locale"


def test_old_and_retained_commands() -> None:
    """The broker's memory and a late copy switch nothing."""
    bench = Bench()
    _, order = bench.lease.commands.relay(1, on=True, lease=60, now=NOW)
    bench.relay.command(json.loads(order.payload), True, NOW)
    assert not bench.on()
    bench.lease.want(True)
    bench.run(3)
    bench.lease.want(False)
    bench.run(3)
    bench.relay.command(json.loads(order.payload), False, bench.now)
    assert not bench.on()
    assert report(bench.relay, bench.now).outcome == "vecchio"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["on", "off", "leave", "cut", "mend", "deaf", "hear"]),
            st.integers(1, 80),
        ),
        max_size=12,
    )
)
def test_never_on_without_a_will(steps: list[tuple[str, int]]) -> None:
    """Whatever happens to the wires, a relay is off soon after nobody wants it on."""
    bench = Bench(min_on=10, min_off=10)
    deeds: dict[str, Callable[[], None]] = {
        "on": lambda: bench.lease.want(True),
        "off": lambda: bench.lease.want(False),
        "leave": lambda: bench.lease.want(None),
        "cut": lambda: setattr(bench, "down", False),
        "mend": lambda: setattr(bench, "down", True),
        "deaf": lambda: setattr(bench, "up", False),
        "hear": lambda: setattr(bench, "up", True),
    }
    for deed, seconds in steps:
        deeds[deed]()
        bench.run(seconds)
    bench.lease.want(None)
    bench.run(61)
    assert not bench.on()


def test_numbers_grow_over_a_restart() -> None:
    """A node that remembers the last number takes the first command after it."""
    before, after = Commands(TOPICS), Commands(TOPICS)
    last = 0
    for _ in range(50):
        last, _ = before.announce(NOW)
    first, _ = after.announce(NOW + timedelta(minutes=2))
    assert first > last


def test_other_commands() -> None:
    """Each has its topic, its number and its words."""
    commands = Commands(TOPICS)
    now = int(NOW.timestamp())
    assert commands.clean(CleaningAction.STOP, NOW)[1] == (
        "comunita/casa_A/cmd/pulizia",
        b'{"azione":"ferma","seq":%d}' % now,
    )
    assert commands.hours(NOW - timedelta(hours=2), NOW)[1] == (
        "comunita/casa_A/cmd/ore",
        b'{"da":%d,"seq":%d}' % (now - 7200, now + 1),
    )
    alert = commands.alert("x" * 500)
    assert alert.topic == "comunita/casa_A/alert"
    assert len(alert.payload) < 256
