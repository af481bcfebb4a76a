"""What is seen of an inverter and of the grid, and what that proves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.plant.books.evidence import Glance, Seen, Watch
from custom_components.pv_family.plant.books.facts import facts_of
from custom_components.pv_family.plant.books.grid_health import (
    GridHealth,
    GridWatch,
    unbalance,
)
from custom_components.pv_family.plant.losses.cause import Cause
from custom_components.pv_family.plant.losses.ledger import book

from .days import HEALTHY, MODEL, NOON, PEAK

QUARTER = timedelta(minutes=15)
LIMIT = 253.0


def beats(start: datetime = NOON, count: int = 90) -> Iterator[datetime]:
    """Yield the beats of a home, ten seconds apart."""
    for index in range(count):
        yield start + timedelta(seconds=10 * index)


def watched(*glances: Glance) -> Seen:
    """Return what is seen in a quarter of an hour that these share equally."""
    watch = Watch(PEAK, LIMIT)
    for index, now in enumerate(beats()):
        watch.look(now, glances[index * len(glances) // 90])
    return watch.close(NOON, NOON + QUARTER)


def lost(seen: Seen, harvest: float, **told: Any) -> dict[Cause, float]:
    """Return what is booked of a quarter of an hour, to the Wh."""
    model = replace(MODEL, facts=replace(MODEL.facts, **told))
    facts = facts_of(model, seen, harvest, voltage_limit=LIMIT)
    booked = book(facts).booked
    return {
        cause: round(energy)
        for cause, energy in booked.items()
        if cause is not Cause.WEATHER and round(energy)
    }


def test_a_quarter_at_work() -> None:
    """Power is known throughout, and adds up."""
    seen = watched(Glance(2800.0, frozenset({"producing"}), 231.0))
    assert seen.energy == pytest.approx(700.0)
    expected = Seen(known=1.0, energy=seen.energy, running=1.0, voltage=231.0)
    assert seen == expected
    assert lost(seen, 700.0) == {Cause.SOILING: 20}


def test_nothing_is_known_of_silence() -> None:
    """A silent half does not count, and a beat does not stand for long."""
    seen = watched(Glance(2800.0), Glance(None))
    assert seen.known == pytest.approx(0.5, abs=0.02)
    assert seen.energy == pytest.approx(350.0, abs=10.0)
    watch = Watch(PEAK, LIMIT)
    watch.look(NOON, Glance(2800.0))
    assert watch.close(NOON, NOON + QUARTER).known == pytest.approx(1 / 15)


def test_half_an_outage() -> None:
    """An inverter that stands still in full light is down for that share."""
    seen = watched(Glance(2800.0), Glance(0.0, frozenset({"fault"})))
    assert seen.running == pytest.approx(0.5, abs=0.01)
    assert lost(seen, 350.0) == {Cause.SOILING: 20, Cause.OUTAGE: 350}


def test_dusk_is_no_outage() -> None:
    """In too little light standing still proves nothing."""
    assert lost(watched(Glance(0.0)), 0.0, potential=10.0, soiling=0.0) == {
        Cause.UNKNOWN: 10
    }


def test_snow_is_no_outage() -> None:
    """A snowed-in inverter sleeps; one with a fault is down, snow or not."""
    snow = {"snow_depth": 0.1, "temp_air": -2.0}
    sleeping = watched(Glance(0.0, frozenset({"sleeping"})))
    assert lost(sleeping, 0.0, **snow) == {Cause.SOILING: 20, Cause.SNOW: 700}
    broken = watched(Glance(0.0, frozenset({"fault"})))
    assert lost(broken, 0.0, **snow) == {Cause.SOILING: 20, Cause.OUTAGE: 700}


def test_overvoltage() -> None:
    """A minute above the limit explains what is missing; a spike does not."""
    high = watched(Glance(2800.0, voltage=250.0), Glance(0.0, voltage=254.0))
    assert high.voltage == pytest.approx(254.0)
    assert high.trips == 1
    assert lost(high, 350.0) == {Cause.SOILING: 20, Cause.OVERVOLTAGE: 350}
    watch = Watch(PEAK, LIMIT)
    for index, now in enumerate(beats()):
        watch.look(now, Glance(2800.0, voltage=260.0 if index == 40 else 240.0))
    assert watch.close(NOON, NOON + QUARTER).voltage == pytest.approx(243.3, abs=0.1)


def test_the_inverter_says_overvoltage() -> None:
    """Its own word counts where its voltage is not read."""
    words = frozenset({"fault", "ac_over_voltage"})
    seen = watched(Glance(2800.0), Glance(0.0, words))
    assert seen.overvoltage
    assert seen.trips == 1
    assert lost(seen, 350.0) == {Cause.SOILING: 20, Cause.OVERVOLTAGE: 350}


def test_no_grid() -> None:
    """Without a grid nothing can come."""
    seen = replace(HEALTHY, energy=0.0, running=None, known=0.0, grid_lost=1.0)
    assert lost(seen, 0.0) == {Cause.SOILING: 20, Cause.OUTAGE: 700}


def test_held_back() -> None:
    """An inverter that says it holds back is curtailed, unless it is at its limit."""
    seen = watched(Glance(2000.0, frozenset({"throttled"})))
    assert lost(seen, 500.0) == {Cause.SOILING: 20, Cause.CURTAILMENT: 200}
    assert lost(seen, 500.0, clipping=150.0) == {
        Cause.SOILING: 20,
        Cause.CLIPPING: 150,
        Cause.UNKNOWN: 50,
    }


def test_a_weak_string() -> None:
    """A string that gives half of its siblings' power is told from the others."""
    strings = {"string_1": 0.7, "string_2": 0.7, "string_3": 0.35}
    seen = watched(Glance(2300.0, strings=strings))
    assert seen.strings == pytest.approx((4 / 3, 4 / 3, 0.5))
    assert lost(seen, 575.0)[Cause.STRING_FAULT] == pytest.approx(117, abs=1)
    assert watched(Glance(2300.0, strings={"string_1": 1.0})).strings == ()


def test_unbalance() -> None:
    """The worst phase against the mean of all."""
    assert unbalance((230.0, 230.0, 230.0)) == 0.0
    assert unbalance((240.0, 225.0, 225.0)) == pytest.approx(100 * 10 / 230)


def test_the_grid_of_a_quarter() -> None:
    """Extremes, means, and the time outside the limits."""
    watch = GridWatch(LIMIT, GridHealth())
    for index, now in enumerate(beats()):
        phases = (254.0, 230.0, 230.0) if index < 30 else (200.0,)
        watch.look(now, phases, 50.0 + 0.001 * index)
    seen = watch.take()
    assert seen.highest_voltage == 254.0
    assert seen.lowest_voltage == 200.0
    assert seen.high_hours == pytest.approx(300 / 3600)
    assert seen.low_hours == pytest.approx(590 / 3600)
    assert seen.mean_unbalance == pytest.approx(unbalance((254.0, 230.0, 230.0)))
    assert seen.highest_frequency == pytest.approx(50.089)
    assert watch.take() == GridHealth()
    assert GridHealth().mean_voltage is None
    assert GridHealth().mean_unbalance is None


numbers = st.floats(0.0, 1000.0).map(lambda value: round(value, 3))
healths = st.builds(
    GridHealth,
    hours=numbers,
    high_hours=numbers,
    lowest_voltage=st.none() | numbers,
    highest_voltage=st.none() | numbers,
    trips=st.integers(0, 1000),
)


@given(healths, healths)
def test_grids_add_up(one: GridHealth, other: GridHealth) -> None:
    """The extremes of a whole are those of its parts, and states survive."""
    assert GridHealth.from_list(json.loads(json.dumps(one.as_list()))) == one
    whole = GridHealth()
    whole.add(one)
    whole.add(other)
    assert whole.trips == one.trips + other.trips
    known = [h.lowest_voltage for h in (one, other) if h.lowest_voltage is not None]
    assert whole.lowest_voltage == min(known, default=None)


@pytest.mark.parametrize("state", [None, [], [1.0], ["x"] * 12, [None] * 12])
def test_damaged_grid(state: object) -> None:
    """A damaged state is refused."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        GridHealth.from_list(state)
