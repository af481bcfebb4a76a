"""From the recorder's means to slots."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.slots import slots_of
from custom_components.pv_family.plant.model.time_grid import TimeGrid

START = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)
GRID = TimeGrid(START, timedelta(minutes=30), 6)
T0 = START.timestamp()


def test_short_means_go_before_hours() -> None:
    """Four of six five-minute means make a slot; else its hour speaks."""
    fine = {T0 + 300 * n: 100.0 + n for n in range(6)}
    fine |= {T0 + 1800 + 300 * n: 700.0 for n in range(3)}
    coarse = {T0: 400.0, T0 + 3600: 900.0}
    found = slots_of(GRID, fine, coarse)
    assert found[:4].tolist() == [102.5, 400.0, 900.0, 900.0]
    assert np.isnan(found[4:]).all()


def test_an_hour_is_spread_by_the_sun() -> None:
    """The mean of an hour stays what it was; without any shape it is even."""
    shape = np.array([1.0, 3.0, 0.0, 0.0, 2.0, 2.0])
    coarse = {T0: 400.0, T0 + 3600: 5.0, T0 + 7200: 10.0}
    found = slots_of(GRID, {}, coarse, shape)
    assert found.tolist() == [200.0, 600.0, 5.0, 5.0, 10.0, 10.0]


@given(
    st.dictionaries(st.integers(-5, 40), st.floats(0.0, 1e4), max_size=40),
    st.dictionaries(st.integers(-2, 5), st.floats(0.0, 1e4), max_size=6),
    st.lists(st.floats(0.0, 5e3), min_size=6, max_size=6),
)
def test_energy_of_an_hour_is_kept(
    fine: dict[int, float], coarse: dict[int, float], shape: list[float]
) -> None:
    """Whatever the shape, an hour's slots have its mean, and nothing is negative."""
    hours = {T0 + 3600 * n: v for n, v in coarse.items()}
    found = slots_of(GRID, {}, hours, np.array(shape))
    for hour in range(3):
        pair = found[2 * hour : 2 * hour + 2]
        if hour in coarse:
            assert pair.mean() == pytest.approx(coarse[hour], abs=1e-3)
    mixed = slots_of(GRID, {T0 + 300 * n: v for n, v in fine.items()}, hours)
    assert np.all((mixed >= 0.0) | np.isnan(mixed))


def test_no_slots_are_no_slots() -> None:
    """An empty time gives nothing."""
    empty = TimeGrid(START, timedelta(minutes=30), 0)
    assert len(slots_of(empty, {T0: 1.0}, {T0: 1.0})) == 0
