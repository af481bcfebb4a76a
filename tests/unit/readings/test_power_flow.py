"""The one picture of a home: it closes, and what is unknown stays unknown."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.power_flow import (
    FlowSample,
    PowerFlow,
    Role,
    power_flow,
)
from custom_components.pv_family.readings.reading import Quality

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)

powers = st.none() | st.floats(-50_000.0, 50_000.0)
samples = st.lists(
    st.builds(
        FlowSample,
        st.sampled_from(["a", "b", "meter"]),
        st.sampled_from(Role),
        powers,
        st.sampled_from(Quality),
    ),
    max_size=8,
)


def flow(*found: tuple[str, Role, float | None]) -> PowerFlow:
    """Return the power flow of some samples."""
    return power_flow(NOON, [FlowSample(*sample) for sample in found])


@given(samples)
def test_books_close(found: list[FlowSample]) -> None:
    """Production, grid and battery are consumption and residual, to the watt."""
    home = power_flow(NOON, found)
    if home.production is not None:
        assert home.production >= 0.0
    if home.consumption is not None:
        assert home.consumption >= 0.0
    if None in (home.production, home.grid, home.battery, home.consumption):
        return
    assert home.production is not None
    assert home.grid is not None
    assert home.battery is not None
    assert home.consumption is not None
    assert home.residual is not None
    assert home.production + home.grid + home.battery == pytest.approx(
        home.consumption + home.residual, abs=1e-6
    )


@given(samples)
def test_ratios_are_shares(found: list[FlowSample]) -> None:
    """Self-consumption and autarky lie between nothing and all."""
    home = power_flow(NOON, found)
    for ratio in (home.self_consumption, home.autarky):
        assert ratio is None or 0.0 <= ratio <= 1.0


@given(samples, st.data())
def test_a_silent_source_makes_its_role_unknown(
    found: list[FlowSample], data: st.DataObject
) -> None:
    """Half a house is no house: what depends on the silent source is not 0."""
    role = data.draw(st.sampled_from(Role))
    home = power_flow(NOON, [*found, FlowSample("silent", role, None)])
    match role:
        case Role.GENERATION:
            assert home.production is None
        case Role.BATTERY:
            assert home.battery is None
        case Role.GRID:
            assert home.grid is None or home.consumption is not None
    if role is not Role.CONSUMPTION and not any(
        sample.role in (Role.CONSUMPTION, Role.GRID) for sample in found
    ):
        assert home.consumption is None
        assert home.surplus is None


def test_nothing_is_known_of_an_unmetered_home() -> None:
    """An inverter alone tells production only."""
    home = flow(("a", Role.GENERATION, 2000.0))
    assert (home.production, home.battery) == (2000.0, 0.0)
    assert home.grid is home.consumption is home.residual is None
    assert home.surplus is home.self_consumption is home.autarky is None


def test_home_without_battery() -> None:
    """What the house does not draw is exported."""
    home = flow(("a", Role.GENERATION, 3000.0), ("m", Role.GRID, -1200.0))
    assert (home.consumption, home.battery, home.residual) == (1800.0, 0.0, 0.0)
    assert home.surplus == 1200.0
    assert home.self_consumption == pytest.approx(0.6)
    assert home.autarky == 1.0


@pytest.mark.parametrize(
    ("ac", "battery", "grid", "production", "consumption"),
    [
        (1000.0, -2000.0, -600.0, 3000.0, 400.0),
        (3000.0, 2000.0, 0.0, 1000.0, 3000.0),
        (-2100.0, -2000.0, 2600.0, 0.0, 600.0),
        (-15.0, 0.0, 415.0, 0.0, 415.0),
        (1900.0, 2000.0, 0.0, 0.0, 2000.0),
    ],
    ids=["charging", "discharging", "charging from the grid", "standby", "losses"],
)
def test_hybrid_inverter(
    ac: float, battery: float, grid: float, production: float, consumption: float
) -> None:
    """What its battery gives is no production, what it takes is one."""
    home = flow(
        ("a", Role.GENERATION, ac),
        ("a", Role.BATTERY, battery),
        ("m", Role.GRID, grid),
    )
    assert home.production == production
    assert home.consumption == consumption
    assert home.battery == battery
    assert home.shortfall == max(0.0, battery - ac)


def test_two_inverters_one_with_a_battery() -> None:
    """A battery is taken off the inverter that it stands behind, and no other."""
    home = flow(
        ("a", Role.GENERATION, 1000.0),
        ("a", Role.BATTERY, -2000.0),
        ("b", Role.GENERATION, 500.0),
        ("m", Role.GRID, 100.0),
    )
    assert home.production == 3500.0
    assert home.consumption == 1600.0


def test_ac_coupled_battery() -> None:
    """A battery of its own source does not touch the inverter's production."""
    home = flow(
        ("a", Role.GENERATION, 3000.0),
        ("store", Role.BATTERY, -2000.0),
        ("m", Role.GRID, -200.0),
    )
    assert (home.production, home.consumption) == (3000.0, 800.0)


def test_consumption_meter_stands_in_for_the_grid_meter() -> None:
    """What the loads draw and the arrays do not give is imported."""
    home = flow(("a", Role.GENERATION, 3000.0), ("m", Role.CONSUMPTION, 1000.0))
    assert (home.grid, home.consumption, home.residual) == (-2000.0, 1000.0, 0.0)


def test_a_house_that_produces_leaves_a_residual() -> None:
    """Loads never draw less than nothing; what contradicts that is shown."""
    home = flow(("a", Role.GENERATION, 1000.0), ("m", Role.GRID, -1500.0))
    assert (home.consumption, home.residual) == (0.0, -500.0)


def test_both_meters_leave_a_residual() -> None:
    """What two meters say apart is shown, not hidden."""
    home = flow(
        ("a", Role.GENERATION, 3000.0),
        ("m", Role.GRID, -1900.0),
        ("c", Role.CONSUMPTION, 1000.0),
    )
    assert home.residual == 100.0


def test_quality_is_the_weakest() -> None:
    """Nothing inferred passes for measured, a 0 at night neither."""
    night = [
        FlowSample("a", Role.GENERATION, 0.0, Quality.INFERRED),
        FlowSample("m", Role.GRID, 400.0),
    ]
    assert power_flow(NOON, night).quality is Quality.INFERRED
    assert power_flow(NOON, night[1:]).quality is Quality.MEASURED
    assert power_flow(NOON, []).quality is Quality.MEASURED
