"""Evidence for a reversed sign: never in a right home, always in a wrong one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from custom_components.pv_family.readings.power_flow import (
    FlowSample,
    PowerFlow,
    Role,
    power_flow,
)
from custom_components.pv_family.readings.sign_witness import (
    Evidence,
    SignWitness,
    Suspect,
)

from .simulated_home import MIDNIGHT, Home


def judge(flows: Iterable[PowerFlow]) -> Evidence | None:
    """Return the first evidence that a new witness finds."""
    witness = SignWitness()
    return next(filter(None, map(witness.step, flows)), None)


RIGHT = [
    Home(),
    Home(noise=60.0, missing=0.1),
    Home(late=True, noise=60.0),
    Home(late=True, clouds=0.3),
    Home(follows=0.7, noise=60.0),
    Home(follows=1.0, noise=100.0, late=True),
    Home(battery=3000.0, trades=True, noise=60.0),
    Home(battery=3000.0, late=True, clouds=0.3),
    Home(battery=3000.0, hybrid=True, trades=True, noise=60.0),
    Home(battery=3000.0, hybrid=True, late=True, missing=0.1),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("home", RIGHT, ids=repr)
def test_right_signs_are_never_doubted(home: Home, seed: int) -> None:
    """Two days with clouds, loads, noise, lags, gaps and batteries."""
    assert judge(home.flows(seed, hours=48)) is None


def test_gaps_and_restarts_are_no_evidence() -> None:
    """Samples minutes apart show loads that changed on their own."""
    random, witness, silent = Random(1), SignWitness(), 0
    for flow in Home(follows=0.8, noise=40.0).flows(5, hours=96):
        silent = silent - 1 if silent else random.choice((0,) * 20 + (100,))
        if not silent:
            assert witness.step(flow) is None
        if random.random() < 0.0005:
            witness = SignWitness()


def test_swing_over_a_gap_says_nothing() -> None:
    """Sun and loads that both rose while nobody looked are no answer."""

    def swings(every: float) -> Iterable[PowerFlow]:
        for index in range(60):
            power = 3000.0 * (index // 2 % 2)
            yield _flow(every * index, production=power, grid=500.0 + power)

    assert judge(swings(10.0)) is not None
    assert judge(swings(300.0)) is None


@pytest.mark.parametrize("seed", range(3))
def test_reversed_meter_shows_within_an_hour_of_night(seed: int) -> None:
    """Without sun a house that exports is no house."""
    home = Home(grid_sign=-1, noise=40.0)
    evidence = judge(home.flows(seed, start=23.0, hours=1.0))
    assert evidence is not None
    assert evidence.suspect is Suspect.GRID
    assert evidence.flow.grid is not None
    assert evidence.flow.grid < 0.0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "home",
    [Home(), Home(battery=3000.0), Home(battery=3000.0, hybrid=True)],
    ids=repr,
)
def test_reversed_meter_shows_within_a_variable_day(home: Home, seed: int) -> None:
    """Clouds make the meter swing, and it swings the wrong way."""
    evidence = judge(replace(home, grid_sign=-1).flows(seed, start=7.0, hours=10.0))
    assert evidence is not None
    assert evidence.suspect is Suspect.GRID


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("start", [0.0, 6.0, 18.0])
@pytest.mark.parametrize(
    "home",
    [
        Home(battery=3000.0, noise=40.0),
        Home(battery=5000.0, trades=True, noise=40.0),
        Home(battery=3000.0, hybrid=True, noise=40.0),
        Home(battery=3000.0, hybrid=True, trades=True),
    ],
    ids=repr,
)
def test_reversed_battery_shows_within_a_day(
    home: Home, start: float, seed: int
) -> None:
    """The first evidence is for the battery, whenever the day begins."""
    reversed_battery = replace(home, battery_sign=-1)
    evidence = judge(reversed_battery.flows(seed, start=start, hours=26.0))
    assert evidence is not None
    assert evidence.suspect is Suspect.BATTERY


@pytest.mark.parametrize(
    ("against", "doubted"), [(0.5, False), (0.7, False), (0.95, True)]
)
def test_swings_of_either_kind_are_weighed(against: float, doubted: bool) -> None:
    """Loads that answer for the sun by chance are no reversed meter."""
    random = Random(2)

    def swings() -> Iterable[PowerFlow]:
        production, grid = 4000.0, -2000.0
        for index in range(400):
            if index % 2:
                swing = -1000.0 if production > 4000.0 else 1000.0
                production += swing
                grid += swing if random.random() < against else -swing
                grid = max(-3000.0, min(-1000.0, grid))
            yield _flow(10 * index, production=production, grid=grid)

    assert (judge(swings()) is not None) is doubted


@pytest.mark.parametrize(("share", "doubted"), [(0.1, False), (0.5, True)])
def test_rare_contradictions_are_no_evidence(share: float, doubted: bool) -> None:
    """A lagging meter contradicts itself at times, a reversed one all the time."""
    random = Random(3)
    flows = (
        _flow(10 * i, production=0.0, grid=-900.0 if random.random() < share else 900.0)
        for i in range(1900)
    )
    assert (judge(flows) is not None) is doubted


def test_evidence_shows_its_clearest_sample() -> None:
    """What people see is the sample that contradicts most."""
    grids = [-500.0] * 30 + [-4000.0] + [-600.0] * 40
    flows = (_flow(10 * i, production=0.0, grid=g) for i, g in enumerate(grids))
    evidence = judge(flows)
    assert evidence is not None
    assert evidence.flow.grid == -4000.0
    assert (evidence.impossible, evidence.samples) == (60, 60)


def test_two_explanations_are_none() -> None:
    """A battery sold in full looks like a reversed meter: nobody is blamed."""
    witness = SignWitness()
    for index in range(1000):
        flow = _flow(10 * index, production=0.0, grid=-4900.0, battery=-5000.0)
        assert witness.step(flow) is None


def test_repaired_wiring_is_believed_within_hours() -> None:
    """Old samples fade, and a reset forgets them at once."""
    witness = SignWitness()
    for flow in Home(grid_sign=-1).flows(1, hours=5.0):
        evidence = witness.step(flow)
    assert evidence is not None
    verdicts = [witness.step(f) for f in Home().flows(1, start=24.0, hours=30.0)]
    assert verdicts[-1] is None
    for flow in Home(grid_sign=-1).flows(1, hours=1.0):
        witness.step(flow)
    witness.reset()
    assert witness.as_dict() == SignWitness().as_dict()


def test_unknown_powers_prove_nothing() -> None:
    """A picture with a hole is not judged."""
    witness = SignWitness()
    for index in range(200):
        samples = [
            FlowSample("a", Role.GENERATION, None),
            FlowSample("m", Role.GRID, -3000.0),
        ]
        taken = MIDNIGHT + timedelta(seconds=10 * index)
        assert witness.step(power_flow(taken, samples)) is None
    assert witness.as_dict()["samples"] == 0


def _flow(
    seconds: float, *, production: float, grid: float, battery: float = 0.0
) -> PowerFlow:
    return power_flow(
        MIDNIGHT + timedelta(seconds=seconds),
        [
            FlowSample("inverter", Role.GENERATION, production),
            FlowSample("meter", Role.GRID, grid),
            FlowSample("battery", Role.BATTERY, battery),
        ],
    )
