"""Roles and signs are found where samples tell them, and doubted where not."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.devices.borrowed.balance import (
    Assigned,
    Closure,
    assess,
)
from custom_components.pv_family.devices.borrowed.evidence import Candidate, propose
from custom_components.pv_family.devices.borrowed.samples import Table
from custom_components.pv_family.readings.power_flow import Role

from .build import START, Powers, Sensor, measured

GENERATION, ARRAY = Role.GENERATION, Role.ARRAY
GRID, BATTERY, CONSUMPTION = Role.GRID, Role.BATTERY, Role.CONSUMPTION


def pv(powers: Powers) -> float:
    """Return what the arrays give."""
    return powers.pv


def grid(powers: Powers) -> float:
    """Return what the grid gives."""
    return powers.grid


def export(powers: Powers) -> float:
    """Return the grid with the other sign."""
    return -powers.grid


def battery(powers: Powers) -> float:
    """Return what the battery gives."""
    return powers.battery


def charge(powers: Powers) -> float:
    """Return the battery with the other sign."""
    return -powers.battery


def load(powers: Powers) -> float:
    """Return what the house draws."""
    return powers.load


def output(powers: Powers) -> float:
    """Return what a hybrid inverter gives."""
    return powers.pv + powers.battery


NAMED: dict[Sensor, Candidate] = {
    pv: Candidate(GENERATION),
    output: Candidate(GENERATION),
    grid: Candidate(GRID),
    export: Candidate(GRID),
    battery: Candidate(BATTERY),
    charge: Candidate(BATTERY),
    load: Candidate(CONSUMPTION),
}


@pytest.mark.parametrize(
    ("sensors", "capacity", "expected"),
    [
        ((pv, grid), 0, [(GENERATION, False), (GRID, False)]),
        ((pv, export), 0, [(GENERATION, False), (GRID, True)]),
        (
            (pv, export, charge),
            3_000,
            [(ARRAY, False), (GRID, True), (BATTERY, True)],
        ),
        (
            (pv, grid, battery, load),
            3_000,
            [(ARRAY, False), (GRID, False), (BATTERY, False), (CONSUMPTION, False)],
        ),
        (
            (pv, export, charge, load),
            3_000,
            [(ARRAY, False), (GRID, True), (BATTERY, True), (CONSUMPTION, False)],
        ),
        (
            (output, export, charge, load),
            3_000,
            [(GENERATION, False), (GRID, True), (BATTERY, True), (CONSUMPTION, False)],
        ),
        (
            (output, grid, charge),
            3_000,
            [(GENERATION, False), (GRID, False), (BATTERY, True)],
        ),
    ],
)
def test_signs_and_kinds_are_found(
    sensors: tuple[Sensor, ...],
    capacity: float,
    expected: list[tuple[Role, bool]],
) -> None:
    """Names give the roles; signs, and whether a battery is inside, are measured."""
    table = measured(*sensors, battery=capacity)
    found = propose(table, [NAMED[sensor] for sensor in sensors])
    assert [(one.role, one.reversed) for one in found.assigned] == expected
    assert found.measured


def test_roles_are_found_without_names() -> None:
    """Production, grid and load tell themselves apart."""
    for sensors, expected in (
        ((load, pv, export), [CONSUMPTION, GENERATION, GRID]),
        ((grid, pv), [GRID, GENERATION]),
    ):
        found = propose(measured(*sensors, battery=0), [Candidate()] * len(sensors))
        assert [one.role for one in found.assigned] == expected
    assert found.assessment.impossible < 0.01


def test_a_closed_balance_has_numbers() -> None:
    """The residual is the noise of the sensors, and every sample is explained."""
    sensors = (pv, grid, battery, load)
    found = propose(measured(*sensors), [NAMED[s] for s in sensors])
    assert found.assessment.closure is Closure.CLOSED
    assert found.assessment.samples == 576
    assert found.assessment.residual == pytest.approx(7, abs=3)
    assert found.assessment.explained == pytest.approx(1.0, abs=0.005)
    assert found.assessment.night == pytest.approx(4, abs=3)


def test_a_wrong_setting_of_the_dashboard_is_not_taken_over() -> None:
    """What the user once set there does not outweigh what was measured."""
    sensors = (pv, export, load)
    candidates = [
        Candidate(GENERATION, declared=True),
        Candidate(GRID, reversed=False, declared=True),
        Candidate(CONSUMPTION, declared=True),
    ]
    found = propose(measured(*sensors, battery=0), candidates)
    assert found.assigned[1] == Assigned(GRID, reversed=True)


def test_an_appliance_is_left_out() -> None:
    """A part of the load is not the load."""

    def heat_pump(powers: Powers) -> float:
        return powers.load * 0.4

    found = propose(
        measured(pv, grid, heat_pump, battery=0),
        [Candidate(GENERATION), Candidate(GRID), Candidate()],
    )
    assert [one.role for one in found.assigned] == [GENERATION, GRID, None]


def test_two_generators_add_up() -> None:
    """Both of two inverters are needed to explain the load."""

    def east(powers: Powers) -> float:
        return powers.pv * 0.3

    def west(powers: Powers) -> float:
        return powers.pv * 0.7

    found = propose(
        measured(east, west, grid, load, battery=0),
        [Candidate(), Candidate(), Candidate(GRID), Candidate(CONSUMPTION)],
    )
    roles = [one.role for one in found.assigned]
    assert roles == [GENERATION, GENERATION, GRID, CONSUMPTION]


def test_what_the_home_measures_itself_is_a_twin() -> None:
    """A second meter of the same cable is seen, also with the other sign."""

    def reversed_pv(powers: Powers) -> float:
        return -powers.pv

    table = measured(reversed_pv, export, pv, battery=0)
    found = propose(table, [Candidate(), Candidate()], [Assigned(GENERATION)])
    assert found.assigned == (
        Assigned(GENERATION, reversed=True, twin=0),
        Assigned(GRID, reversed=True),
    )


def test_a_battery_behind_a_known_inverter() -> None:
    """An inverter whose output includes the battery already is not added to it."""
    table = measured(charge, grid, load, output)
    found = propose(
        table,
        [Candidate(BATTERY), Candidate(GRID), Candidate(CONSUMPTION)],
        [Assigned(GENERATION)],
    )
    assert found.assigned[0] == Assigned(BATTERY, reversed=True, behind=True)


def test_a_battery_gives_back_what_it_takes() -> None:
    """Grid and battery fill the same gap, but the grid does not store."""
    found = propose(measured(pv, grid, battery, load), [Candidate()] * 4)
    assert [one.role for one in found.assigned] == [ARRAY, GRID, BATTERY, CONSUMPTION]


def test_what_samples_cannot_tell_is_doubted() -> None:
    """Within a few hours a grid may store: the other way round is shown as well."""

    def half(powers: Powers) -> float:
        return powers.grid / 2

    hours = measured(pv, half, half, load, battery=0).part(range(60, 110))
    names = [Candidate(GENERATION), Candidate(), Candidate(), Candidate(CONSUMPTION)]
    found = propose(hours, names)
    roles = (found.assigned[1].role, found.assigned[2].role)
    assert set(roles) == {GRID, BATTERY}
    assert roles[::-1] in {(r[1].role, r[2].role) for r in found.rivals}


def test_without_samples_names_remain() -> None:
    """Nothing is claimed to be measured where nothing was."""
    found = propose(Table((), (), ()), [Candidate(GRID), Candidate(None)])
    assert [one.role for one in found.assigned] == [GRID, None]
    assert not found.measured
    assert found.assessment.samples == 0


def test_one_power_without_a_history_does_not_silence_the_others() -> None:
    """The signs of the others are still found."""

    def unknown(powers: Powers) -> float | None:
        return None

    found = propose(
        measured(pv, export, unknown, battery=0),
        [Candidate(GENERATION), Candidate(GRID), Candidate(CONSUMPTION)],
    )
    assert found.assigned[1] == Assigned(GRID, reversed=True)
    assert found.assigned[2].role is CONSUMPTION


def test_three_phases_of_one_connection() -> None:
    """Several powers may have the grid's role when they are named so."""

    def phase(powers: Powers) -> float:
        return powers.grid / 3

    found = propose(
        measured(pv, phase, phase, phase, load, battery=0),
        [Candidate(GENERATION), *[Candidate(GRID)] * 3, Candidate(CONSUMPTION)],
    )
    assert [one.role for one in found.assigned[1:4]] == [GRID] * 3


def test_a_wrong_sign_is_impossible() -> None:
    """A user who turns the grid round is shown samples that cannot be."""
    table = measured(pv, grid, battery=0)
    right = assess(table, [Assigned(GENERATION), Assigned(GRID)])
    wrong = assess(table, [Assigned(GENERATION), Assigned(GRID, reversed=True)])
    assert right.impossible == 0.0
    assert wrong.impossible > 0.3
    assert wrong.swings_against > wrong.swings_for
    assert wrong.score < right.score / 2


values = st.one_of(st.none(), st.floats(-1e300, 1e300), st.floats(-5e3, 5e3))
hints = st.builds(
    Candidate, st.one_of(st.none(), st.sampled_from(Role)), st.booleans(), st.booleans()
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(values, values, values, values), max_size=12),
    candidates=st.lists(hints, min_size=3, max_size=3),
    elevation=st.one_of(st.none(), st.floats(-90, 90)),
    own=st.sampled_from(Role),
)
def test_no_samples_break_it(
    rows: list[tuple[float | None, ...]],
    candidates: list[Candidate],
    elevation: float | None,
    own: Role,
) -> None:
    """Whatever was recorded, there is a proposal with possible numbers."""
    table = Table((START,) * len(rows), (elevation,) * len(rows), tuple(rows))
    found = propose(table, candidates, [Assigned(own)])
    assert len(found.assigned) == 3
    assert 0.0 <= found.assessment.score <= 1.0
    assert 0.0 <= found.assessment.impossible <= 1.0
