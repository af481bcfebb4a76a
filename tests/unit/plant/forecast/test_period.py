"""Sums, peaks and other slots of a forecast."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.day_interval import Halves
from custom_components.pv_family.plant.forecast.period import (
    bounds_between,
    energy_between,
    in_slots_of,
    peak_between,
)
from custom_components.pv_family.plant.forecast.series import Forecast

START = datetime(2026, 6, 15, 6, 30, tzinfo=UTC)
HALF = timedelta(minutes=30)
POWER = np.array([0.0, 200.0, 600.0, 1000.0, 600.0, 200.0, 0.0])
FORECAST = Forecast(START, HALF, 0.5 * POWER, POWER, 2.0 * POWER)


def _between(start: datetime, end: datetime) -> float | None:
    return energy_between(FORECAST, FORECAST.p50, start, end)


def test_parts_of_slots_count_in_part() -> None:
    """A quarter of an hour of 600 W is 150 Wh."""
    assert _between(START, START + 7 * HALF) == pytest.approx(1300.0)
    assert _between(START + 2 * HALF, START + 2.5 * HALF) == pytest.approx(150.0)
    assert _between(START + 2.5 * HALF, START + 3.5 * HALF) == pytest.approx(400.0)
    assert _between(START - 9 * HALF, START + 2 * HALF) == pytest.approx(100.0)


def test_what_is_not_foretold_is_not_known() -> None:
    """A time that outlasts the forecast has no sum."""
    assert _between(START, START + 8 * HALF) is None
    assert _between(START + 7 * HALF, START + 7 * HALF) == 0.0


def test_the_strongest_slot() -> None:
    """Within the time that is asked for; none in the dark."""
    assert peak_between(FORECAST, START, START + 7 * HALF) == (START + 3 * HALF, 1000.0)
    late = peak_between(FORECAST, START + 4.2 * HALF, START + 20 * HALF)
    assert late == (START + 4 * HALF, 600.0)
    assert peak_between(FORECAST, START + 6 * HALF, START + 7 * HALF) is None
    assert peak_between(FORECAST, START - 9 * HALF, START - 8 * HALF) is None


def test_hours_are_whole_hours() -> None:
    """Half an hour before the first whole one is left out, and one behind the last."""
    hours = in_slots_of(FORECAST, 60)
    assert hours.start == datetime(2026, 6, 15, 7, 0, tzinfo=UTC)
    assert hours.p50.tolist() == [400.0, 800.0, 100.0]
    assert hours.p90.tolist() == [800.0, 1600.0, 200.0]


def test_quarters_follow_the_line() -> None:
    """Quarter-hours rise between half-hours and have as many watt-hours nearly."""
    quarters = in_slots_of(FORECAST, 15)
    assert quarters.step == timedelta(minutes=15)
    assert len(quarters.p50) == 14
    assert quarters.p50[2:6].tolist() == [150.0, 300.0, 500.0, 700.0]
    assert quarters.p50.sum() / 2 == pytest.approx(POWER.sum(), rel=0.05)
    assert in_slots_of(FORECAST, 30) is FORECAST


def test_bounds_of_a_day() -> None:
    """Narrower than the sums of the slots, and the same in slots of other lengths."""
    day = Forecast(START, HALF, 0.5 * POWER, POWER, 2.0 * POWER, Halves(0.6, 0.4))
    end = START + 7 * HALF
    assert bounds_between(FORECAST, START, end) == pytest.approx((650.0, 2600.0))
    assert bounds_between(day, START, end) == pytest.approx((910.0, 1820.0))
    quarters = in_slots_of(day, 15)
    assert quarters.day == day.day
    assert in_slots_of(day, 60).day == day.day
    assert bounds_between(day, START, end + HALF) is None
