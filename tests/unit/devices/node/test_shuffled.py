"""Shuffled and duplicated, the messages of a day come to the same energy."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import random

import pytest

from custom_components.pv_family.devices.node.node import NodeState
from custom_components.pv_family.readings.ledger import Ledger
from custom_components.pv_family.readings.quantity import Quantity
from simulation.node.core import NodeCore, Outgoing
from simulation.node.flows import Flows

from .build import SERIAL, TOPICS, series

START = datetime(2026, 6, 21, 6, tzinfo=UTC)
STEP = timedelta(seconds=10)
REGISTERS = (
    ("channel_1", Quantity.ENERGY_PRODUCED),
    ("channel_2", Quantity.ENERGY_CONSUMED),
    ("channel_3", Quantity.ENERGY_IMPORT),
    ("channel_3", Quantity.ENERGY_EXPORT),
)

type Sent = list[tuple[datetime, Outgoing]]


def changing(now: datetime) -> Flows:
    """Return flows that never stay the same."""
    second = int(now.timestamp())
    return Flows(1000.0 + second % 977, 300.0 + second % 1801)


def lived(hours: float, error: float, away: tuple[float, float] | None) -> Sent:
    """Return what a node sends, with the times at which it does."""
    core = NodeCore("casa_A", changing)
    core.faults.clock_error = error
    sent = [(START, message) for message in core.connected(START)]
    now = START
    for _ in range(int(hours * 360)):
        now += STEP
        gone = away is not None and away[0] <= (now - START).total_seconds() < away[1]
        if gone and core.link:
            core.disconnected()
        if not gone and not core.link:
            sent += [(now, message) for message in core.connected(now)]
        sent += [(now, message) for message in core.tick(now)]
    return [*sent, (now, core._energy(now))]


def taken(sent: Sent) -> tuple[Ledger, dict[tuple[str, int], float]]:
    """Feed messages to a node and its ledger; also return the late hours."""
    state, ledger = NodeState(TOPICS, SERIAL), Ledger()
    late: dict[tuple[str, int], float] = {}
    for now, message in sent:
        found = state.feed(message.topic, message.payload, False, now)
        for reading in found.readings:
            ledger.admit(reading, now)
        for hour in found.hours:
            start = int(hour.span.start.timestamp())
            late[hour.series.quantity, start] = hour.span.energy
    return ledger, late


def totals(ledger: Ledger) -> list[float]:
    """Return the energy counted by each register."""
    return [
        ledger.counters[series(part, quantity)].total for part, quantity in REGISTERS
    ]


@pytest.mark.parametrize("error", [0.0, 86_400.0, -86_400.0])
@pytest.mark.parametrize("seed", range(2))
def test_a_thousand_shuffled_and_copied_messages(seed: int, error: float) -> None:
    """Nothing is counted twice, and nothing is lost."""
    sent = lived(1.0, error, None)
    ledger, _ = taken(sent)
    assert len(sent) > 1000
    draw = random.Random(seed)
    # Counting begins with the first register that is heard.
    begin = 1 + next(n for n, m in enumerate(sent) if m[1].topic.endswith("energia"))
    mixed = sent[:begin]
    for at in range(begin, len(sent), 24):
        window = sent[at : at + 24]
        arrival = window[-1][0]
        window += draw.choices(window, k=12) + draw.choices(sent[:at], k=6)
        draw.shuffle(window)
        mixed += [(arrival, message) for _, message in window]
    other, _ = taken(mixed)
    assert totals(other) == totals(ledger)
    assert all(total > 0.0 for total in totals(ledger))


@pytest.mark.parametrize(
    ("error", "count"), [(0.0, 5), (86_400.0, 5), (-86_400.0, 5), (-1234.0, 4)]
)
def test_hours_of_an_outage(error: float, count: int) -> None:
    """Half a day without a broker is there to the last Wh, whatever the clock says."""
    reference = lived(9.0, error, None)
    sent = lived(9.0, error, (2.5 * 3600, 6.2 * 3600))
    whole, _ = taken(reference)
    found, late = taken(sent)
    assert totals(found) == totals(whole)
    starts = sorted({start for _, start in late})
    assert len(starts) == count
    assert all(b - a == 3600 for a, b in pairwise(starts))
    if error % 3600 == 0.0:
        first = int((START + timedelta(hours=2)).timestamp())
        assert starts == [first + 3600 * n for n in range(5)]
        exact = dict.fromkeys(starts, 0.0)
        now = START
        for _ in range(9 * 360):
            now += STEP
            hour = int((now - STEP).timestamp() // 3600 * 3600)
            if hour in exact:
                exact[hour] += changing(now).production / 360
        for start, energy in exact.items():
            assert late[Quantity.ENERGY_PRODUCED, start] == pytest.approx(energy, abs=1)


@pytest.mark.parametrize("error", [0.0, 86_400.0, -86_400.0])
def test_shuffled_and_copied_hours(error: float) -> None:
    """The same rows in any order, often, are the same hours."""
    sent = lived(9.0, error, (2.5 * 3600, 6.2 * 3600))
    _, late = taken(sent)
    rows = [message for _, message in sent if b'"ore":[[' in message.payload]
    end = sent[-1][0]
    live = [m for m in sent if m[0] > end - timedelta(minutes=3)]
    draw = random.Random(5)
    for _ in range(5):
        mixed = rows * 3
        draw.shuffle(mixed)
        _, again = taken([*((live[0][0], message) for message in mixed), *live])
        assert again == late
