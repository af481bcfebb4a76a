"""What reports mean, each counted once, in whatever order and time they come."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
import json
import random
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.device import Capability, Poll
from custom_components.pv_family.devices.push.node import (
    Acceptance,
    EnergyKind,
    PushNode,
    Units,
)
from custom_components.pv_family.devices.push.payload import PayloadError, Report
from custom_components.pv_family.readings.ledger import Ledger, Limits
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Quality, Series

NOON = datetime(2026, 6, 15, 9, tzinfo=UTC)
PRODUCED = Series("node", "channel_1", Quantity.ENERGY_PRODUCED)
CONSUMED = Series("node", "channel_2", Quantity.ENERGY_CONSUMED)
POWER = Series("node", "channel_1", Quantity.AC_POWER)
LOAD = Series("node", "channel_2", Quantity.AC_POWER)
DAY = timedelta(days=1)


def after(seconds: float) -> datetime:
    """Return a time some seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def report(
    produced: float,
    consumed: float = 0.0,
    *,
    load: float = 0.4,
    sequence: int | None = None,
    stamp: datetime | None = None,
) -> Report:
    """Return a report in kWh and kW."""
    values = {
        "energy_produced": produced,
        "energy_consumed": consumed,
        "current_load": load,
    }
    return Report(values=values, sequence=sequence, timestamp=stamp)


class Home:
    """A node and the ledger that judges what it says, as the coordinator does it."""

    def __init__(self, kind: EnergyKind) -> None:
        """Start with nothing known."""
        self.node = PushNode("node", Units(kind=kind))
        self.ledger = Ledger()
        self.polls: list[Poll] = []

    def take(self, what: Report, arrived: datetime = NOON) -> Acceptance:
        """Let a report arrive."""
        self.node.check(what)
        acceptance, poll = self.node.take(what, arrived)
        if poll is not None:
            self.polls.append(poll)
            for part, step in poll.resolutions.items():
                self.ledger.limits["node", part] = Limits(resolution=step)
            for reading in poll.readings:
                self.ledger.admit(reading, arrived, ordered=poll.ordered)
        return acceptance

    def take_all(self, reports: Iterable[tuple[Report, datetime]]) -> int:
        """Let reports arrive and return how many were new."""
        return sum(self.take(*arrival) is Acceptance.ACCEPTED for arrival in reports)

    def restart(self) -> None:
        """Keep only what is stored, as text."""
        counters = json.loads(json.dumps(self.ledger.counters_as_list()))
        memory = json.loads(json.dumps(self.node.as_dict()))
        self.ledger = Ledger()
        self.ledger.restore_counters(counters)
        self.node = PushNode("node", self.node.units)
        self.node.restore(memory)

    def lifetime(self, series: Series = PRODUCED) -> float:
        """Return an energy in Wh."""
        return self.ledger.counters[series].lifetime

    def value(self, series: Series) -> float:
        """Return the value of the present."""
        return self.ledger.latest[series].value


@pytest.fixture(params=EnergyKind)
def home(request: pytest.FixtureRequest) -> Home:
    """Return a node of each kind."""
    return Home(request.param)


@pytest.fixture
def totals() -> Home:
    """Return a node that reports running totals."""
    return Home(EnergyKind.TOTAL)


@pytest.fixture
def amounts() -> Home:
    """Return a node that reports amounts."""
    return Home(EnergyKind.AMOUNT)


def numbered(kind: EnergyKind, count: int, step: float) -> list[Report]:
    """Return the reports of a node that produces so much in kWh between two.

    It consumes half as much.
    """
    return [
        report(
            step * (n + 1 if kind is EnergyKind.TOTAL else 1),
            step / 2 * (n + 1 if kind is EnergyKind.TOTAL else 1),
            sequence=n,
        )
        for n in range(count)
    ]


def test_everything_that_is_measured(totals: Home) -> None:
    """Every member becomes a reading in SI units, once."""
    beside = {
        "voltage": 231.0,
        "current": 1.8,
        "current1": 1.0,
        "current2": 0.5,
        "current3": 0.3,
        "frequency": 50.0,
        "power_factor": 0.96,
    }
    least = report(12.5, 30.0)
    totals.take(Report(values=dict(least.values) | beside))
    values = {
        f"{s.part}/{s.quantity}": r.value for s, r in totals.ledger.latest.items()
    }
    assert values == {
        "channel_1/energy_produced": 12_500.0,
        "channel_2/energy_consumed": 30_000.0,
        "channel_2/ac_power": 400.0,
        "channel_2/ac_current": 1.8,
        "channel_2/power_factor": 0.96,
        "node/ac_voltage": 231.0,
        "node/ac_current_l1": 1.0,
        "node/ac_current_l2": 0.5,
        "node/ac_current_l3": 0.3,
        "node/frequency": 50.0,
    }


def test_units() -> None:
    """A node may count in Wh and W."""
    node = PushNode("node", Units(energy=1.0, power=1.0))
    _, poll = node.take(report(12_500.0, 3.0, load=400.0), NOON)
    assert poll is not None
    values = {r.series: r.value for r in poll.readings}
    assert values == {PRODUCED: 12_500.0, CONSUMED: 3.0, LOAD: 400.0}
    assert poll.capabilities <= {
        Capability("channel_1", Quantity.ENERGY_PRODUCED),
        Capability("channel_2", Quantity.ENERGY_CONSUMED),
        Capability("channel_2", Quantity.AC_POWER),
    }


@pytest.mark.parametrize("step", [0.001, 0.01, 0.4, 4.0])
@pytest.mark.parametrize("seconds", [0.0, 0.002, 0.05])
def test_a_thousand_reports_shuffled_and_repeated(
    home: Home, step: float, seconds: float
) -> None:
    """However they come, and all at once, the energies are exact."""
    reports = numbered(home.node.units.kind, 1000, step)
    arrivals = reports * 2
    random.Random(step).shuffle(arrivals)
    arrivals.append(reports[-1])
    new = home.take_all((r, after(n * seconds)) for n, r in enumerate(arrivals))
    assert new == 1000
    assert home.lifetime() == pytest.approx(1e6 * step, abs=1e-3)
    assert home.lifetime(CONSUMED) == pytest.approx(5e5 * step, abs=1e-3)
    assert not home.ledger.refusals


@given(st.randoms(use_true_random=False), st.integers(1, 40), st.integers(0, 40))
def test_order_and_repetition_and_restarts_do_not_matter(
    rng: random.Random, count: int, extra: int
) -> None:
    """Neither does a restart in between change a watt-hour."""
    for kind in EnergyKind:
        home = Home(kind)
        reports = numbered(kind, count, 0.1)
        arrivals = reports + rng.choices(reports, k=extra)
        rng.shuffle(arrivals)
        for number, arrival in enumerate(arrivals):
            home.take(arrival, after(number * rng.random()))
            if rng.random() < 0.1:
                home.restart()
        assert home.lifetime() == pytest.approx(100.0 * count)


def test_a_node_that_sends_what_it_kept(home: Home) -> None:
    """Ten hours come in a few seconds: nothing is lost, and no power is invented."""
    reports = numbered(home.node.units.kind, 200, 0.3)
    times = [n * 300.0 for n in range(80)]
    times += [120 * 300.0 + times[-1] + n * 0.1 for n in range(120)]
    home.take_all(zip(reports, map(after, times), strict=True))
    assert home.lifetime() == pytest.approx(60_000.0)
    powers = [
        r.value for poll in home.polls for r in poll.readings if r.series == POWER
    ]
    assert powers
    assert max(powers) <= 3600.0001


def test_what_was_kept_has_the_power_of_its_time(home: Home) -> None:
    """By the node's own clock, be it a day wrong."""
    for wrong in (timedelta(0), DAY, -DAY):
        fresh = Home(home.node.units.kind)
        for number, said in enumerate(numbered(fresh.node.units.kind, 50, 0.1)):
            stamp = after(number * 300.0) + wrong
            said = report(said.values["energy_produced"], sequence=number, stamp=stamp)
            fresh.take(said, after(20_000.0 + number * 0.1))
        assert fresh.lifetime() == pytest.approx(5000.0)
        assert fresh.value(POWER) == pytest.approx(1200.0)


@pytest.mark.parametrize("wrong", [DAY, -DAY, 400 * DAY, -20_000 * DAY])
def test_a_clock_that_is_wrong(home: Home, wrong: timedelta) -> None:
    """Its times are not believed, its values are."""
    for number, said in enumerate(numbered(home.node.units.kind, 100, 0.01)):
        now = after(10.0 * number)
        values = dict(said.values)
        home.take(Report(values=values, timestamp=now + wrong), now)
        assert home.ledger.latest[LOAD].taken == now
    assert home.lifetime() == pytest.approx(1000.0)
    assert home.value(POWER) == pytest.approx(3600.0)
    assert home.ledger.latest[POWER].quality is Quality.DERIVED


def test_a_clock_that_is_right(totals: Home) -> None:
    """A report tells of the time when it was measured, never of the future."""
    totals.take(report(1.0, stamp=after(-3)), after(0))
    assert totals.ledger.latest[PRODUCED].taken == after(-3)
    totals.take(report(1.0, stamp=after(60)), after(10))
    assert totals.ledger.latest[PRODUCED].taken == after(10)


def test_a_clock_that_stands_still(home: Home) -> None:
    """Reports with one and the same time all count."""
    for number, said in enumerate(numbered(home.node.units.kind, 30, 0.01)):
        home.take(Report(values=said.values, timestamp=NOON), after(10.0 * number))
    assert home.lifetime() == pytest.approx(300.0)
    assert home.value(POWER) == pytest.approx(3600.0)


def test_a_late_report_is_not_the_present(home: Home) -> None:
    """It counts, where it has to, and changes nothing that is shown."""
    reports = numbered(home.node.units.kind, 10, 0.01)
    for number in (0, 1, 2, 3, 5, 6):
        home.take(reports[number], after(10.0 * number))
    late = Report(values=dict(reports[4].values) | {"current_load": 9.9}, sequence=4)
    assert home.take(late, after(61.0)) is Acceptance.ACCEPTED
    assert home.take(late, after(62.0)) is Acceptance.REPEATED
    assert home.value(LOAD) == 400.0
    assert home.lifetime() == pytest.approx(70.0)
    home.take(reports[7], after(70.0))
    assert home.lifetime() == pytest.approx(80.0)
    assert home.value(POWER) == pytest.approx(3600.0)


def test_numbers_that_begin_again(amounts: Home) -> None:
    """A node that was replaced counts from zero; what came just now stays repeated."""
    amounts.take(report(0.1, sequence=10_000), after(0))
    assert amounts.take(report(0.1, sequence=0), after(10)) is Acceptance.ACCEPTED
    assert amounts.take(report(0.1, sequence=0), after(11)) is Acceptance.REPEATED
    assert amounts.take(report(0.1, sequence=1), after(20)) is Acceptance.ACCEPTED
    assert amounts.lifetime() == pytest.approx(300.0)


def test_numbers_far_apart(amounts: Home) -> None:
    """Times serve as numbers, too."""
    for second in range(0, 100_000, 10):
        amounts.node.take(report(0.001, sequence=second), after(second))
    assert amounts.node.totals["energy_produced"] == pytest.approx(10_000.0)
    assert amounts.node.seen < 1 << 4096


def test_without_numbers_each_report_counts(amounts: Home) -> None:
    """Who does not number reports has to send each once."""
    for second in range(3):
        assert amounts.take(report(0.1), after(second)) is Acceptance.ACCEPTED
    assert amounts.lifetime() == pytest.approx(300.0)


def test_a_meter_that_is_replaced(totals: Home) -> None:
    """A running total that begins again goes on counting."""
    for number in range(10):
        totals.take(report(500.0 + number / 100), after(10.0 * number))
    for number in range(10, 21):
        assert totals.lifetime() == 500_090.0
        totals.take(report(0.01 * (number - 9)), after(60.0 * number))
    # Reports without numbers may be old ones: ten minutes of them are not. The first
    # report of the new one is the base.
    assert totals.lifetime() == pytest.approx(500_090.0 + 100.0)


def test_a_spike_is_not_counted(home: Home) -> None:
    """A value that cannot be true is held back, and spoils nothing."""
    for number, said in enumerate(numbered(home.node.units.kind, 30, 0.01)):
        values = dict(said.values)
        if number == 10:
            values["energy_produced"] = values["energy_produced"] + 900.0
        home.take(Report(values=values, sequence=number), after(10.0 * number))
    missing = 0.0 if home.node.units.kind is EnergyKind.TOTAL else 10.0
    assert home.lifetime() == pytest.approx(300.0 - missing, abs=20.0)


def test_an_amount_that_would_spoil_the_total(amounts: Home) -> None:
    """What no house uses in a day is refused, and the next is taken."""
    amounts.take(report(0.1), after(0))
    for name in ("energy_produced", "energy_consumed"):
        with pytest.raises(PayloadError, match=name):
            amounts.take(
                Report(values=dict(report(0.1).values) | {name: 1e9}), after(10)
            )
    amounts.take(report(0.1), after(20))
    assert amounts.lifetime() == pytest.approx(200.0)


def test_no_power_from_too_long_ago(totals: Home) -> None:
    """The mean power of hours says nothing of the present."""
    totals.take(report(1.0), after(0))
    totals.take(report(1.01), after(10))
    assert totals.value(POWER) == pytest.approx(3600.0)
    totals.polls.clear()
    totals.take(report(3.0), after(3610))
    assert all(r.series != POWER for r in totals.polls[0].readings)
    totals.take(report(3.01), after(3620))
    assert totals.value(POWER) == pytest.approx(3600.0)


def test_power_of_reports_close_together(totals: Home) -> None:
    """Reports a second apart do not make the power flicker."""
    totals.take(report(1.0), after(0))
    totals.take(report(1.01), after(10))
    totals.take(report(1.02), after(11))
    assert totals.value(POWER) == pytest.approx(3600.0)


@pytest.mark.parametrize(
    "damage",
    [
        {"totals": None},
        {"totals": {"energy_produced": "much"}},
        {"totals": {"energy_produced": float("nan")}},
        {"highest": -2},
        {"highest": "x"},
        {"seen": "-1"},
        {"seen": "f" * 1025},
        {"seen": "no"},
        {"taken": 5},
        {"taken": "once"},
    ],
)
def test_a_damaged_memory(home: Home, damage: dict[str, Any]) -> None:
    """It is refused whole."""
    home.take(report(1.0, sequence=3))
    before = home.node.as_dict()
    with pytest.raises((TypeError, ValueError)):
        home.node.restore(before | damage)
    for key in before:
        with pytest.raises(KeyError):
            home.node.restore({k: v for k, v in before.items() if k != key})
    assert home.node.as_dict() == before
