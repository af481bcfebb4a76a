"""What is left of a potential behind inverter, battery, house and grid."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.harvest import (
    Limits,
    harvest,
    is_at_export_limit,
)
from custom_components.pv_family.plant.forecast.series import Forecast
from custom_components.pv_family.readings.power_flow import PowerFlow

START = datetime(2026, 6, 15, tzinfo=UTC)
STEP = timedelta(minutes=30)


def _forecast(*power: float) -> Forecast:
    p50 = np.array(power)
    return Forecast(START, STEP, 0.5 * p50, p50, 1.5 * p50)


def test_the_inverter_clips() -> None:
    """Every band ends at what the inverters give."""
    taken = harvest(_forecast(1000.0, 4000.0, 6000.0), None, Limits(5000.0))
    assert taken.p50.tolist() == [1000.0, 4000.0, 5000.0]
    assert taken.p10.tolist() == [500.0, 2000.0, 3000.0]
    assert taken.p90.tolist() == [1500.0, 5000.0, 5000.0]


def test_a_house_without_export_uses_what_it_needs() -> None:
    """The rest is held back."""
    load = np.array([300.0, 300.0, 800.0])
    taken = harvest(_forecast(200.0, 2000.0, 2000.0), load, Limits(5000.0, export=0.0))
    assert taken.p50.tolist() == [200.0, 300.0, 800.0]


def test_the_battery_takes_until_it_is_full() -> None:
    """1 kWh of room takes 2 kW for half an hour, and is there again after the night."""
    load = np.array([0.0, 0.0, 1000.0, 1000.0, 0.0])
    limits = Limits(
        9000.0, export=500.0, battery_room=1000.0, battery_power=3000.0,
        battery_size=5000.0,
    )  # fmt: skip
    taken = harvest(_forecast(2500.0, 2500.0, 0.0, 0.0, 2500.0), load, limits)
    assert taken.p50.tolist() == [2500.0, 500.0, 0.0, 0.0, 2500.0]


@given(
    st.lists(st.floats(0.0, 1e4), min_size=1, max_size=20),
    st.floats(0.0, 5e3),
    st.floats(0.0, 2e4),
    st.floats(0.0, 5e3),
)
def test_a_harvest_is_never_more_than_the_potential(
    power: list[float], export: float, room: float, load: float
) -> None:
    """And no band lies below the one under it."""
    potential = _forecast(*power)
    limits = Limits(6000.0, export, room, 0.4 * room, room)
    taken = harvest(potential, np.full(len(power), load), limits)
    for band in ("p10", "p50", "p90"):
        kept, could = getattr(taken, band), getattr(potential, band)
        assert np.all(kept >= 0.0)
        assert np.all(kept <= np.minimum(could, 6000.0) + 1e-9)


def test_a_dead_string_gives_nothing() -> None:
    """The potential stays that of the whole roof, the harvest is what is left."""
    potential = _forecast(1000.0, 8000.0)
    taken = harvest(potential, None, Limits(5000.0, faulty=0.5))
    assert taken.p50.tolist() == [500.0, 4000.0]
    assert taken.p90.tolist() == [750.0, 5000.0]


@pytest.mark.parametrize(
    ("limit", "production", "grid", "battery", "charge", "held_back"),
    [
        # Without a limit the grid takes all.
        (None, 5000.0, -5000.0, 0.0, None, False),
        # At a limit, and far from it.
        (3000.0, 4000.0, -2950.0, 0.0, None, True),
        (3000.0, 4000.0, -2000.0, 0.0, None, False),
        # The battery takes what it can and the rest is at the limit all the same.
        (3000.0, 7000.0, -3000.0, -2500.0, 40.0, True),
        # Held at zero: meters and controllers stray a little, to both sides.
        (0.0, 900.0, 60.0, 0.0, None, True),
        (0.0, 900.0, -40.0, 0.0, None, True),
        (0.0, 900.0, 400.0, 0.0, None, False),
        # By night nothing is held back.
        (0.0, 0.0, 30.0, 0.0, None, False),
        # A battery that takes the surplus holds the grid at zero all day.
        (0.0, 4000.0, 5.0, -3000.0, 50.0, False),
        (0.0, 1200.0, 5.0, -400.0, 97.0, True),
        (0.0, 900.0, 5.0, 0.0, 100.0, True),
        # And one that gives shows that the roof gives too little.
        (0.0, 900.0, 5.0, 700.0, 60.0, False),
    ],
)
def test_nobody_may_take_more(
    limit: float | None,
    production: float,
    grid: float,
    battery: float,
    charge: float | None,
    held_back: bool,
) -> None:
    """Production is held back where house, grid and battery take no more."""
    flow = PowerFlow(START, production=production, grid=grid, battery=battery)
    assert is_at_export_limit(flow, Limits(6000.0, limit), charge) is held_back
