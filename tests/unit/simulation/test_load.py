"""Household load."""

from datetime import UTC, datetime

import numpy as np
import pytest

from simulation.load import hourly_load, hourly_profile, household_load, phase_shares
from simulation.noise import FloatArray
from simulation.site import Site

from .conftest import TIMISOARA, instants

GREENWICH = Site(51.5, 0.0)


def seconds(start: datetime, days: int) -> FloatArray:
    """Return every fifth second of some days."""
    return instants(start, days, 5.0)


def test_the_profile_is_a_year_of_a_home() -> None:
    """52 weeks of hours, 12 kWh on the mean day."""
    profile = hourly_profile()
    assert profile.shape == (52, 7, 24)
    assert profile.min() > 0
    assert profile.mean() * 24 == pytest.approx(12_000, rel=0.01)


def test_lookup_by_local_solar_time() -> None:
    """Hour and weekday are those of the sun overhead, not of UTC."""
    monday = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    row = hourly_profile()[0, 0]
    here = hourly_load(GREENWICH, np.array([monday.timestamp()]))
    assert here[0] == row[18]
    east = hourly_load(Site(51.5, 45.0), np.array([monday.timestamp()]))
    assert east[0] == row[21]
    leap = datetime(2024, 12, 31, 23, 59, tzinfo=UTC).timestamp()
    assert hourly_load(GREENWICH, np.array([leap]))[0] == hourly_profile()[51, 1, 23]


@pytest.mark.parametrize("seed", [1, 2])
def test_detail_keeps_the_hourly_mean(seed: int) -> None:
    """Fridge, kettle and ripple stay within a few percent of the measured hour."""
    times = seconds(datetime(2026, 3, 2, tzinfo=UTC), 7)
    load = household_load(GREENWICH, seed, times)
    means = load.reshape(-1, 720).mean(axis=1)
    measured = hourly_load(GREENWICH, times[::720])
    assert means == pytest.approx(measured, rel=0.04)
    assert load.min() > 0


def test_detail_has_the_appliances_of_a_home() -> None:
    """Within hours the load moves; peaks reach beyond a kilowatt above the mean."""
    times = seconds(datetime(2026, 3, 2, tzinfo=UTC), 7)
    above = household_load(GREENWICH, 1, times) - hourly_load(GREENWICH, times)
    assert above.max() > 1000
    assert np.abs(np.diff(above)).max() > 800
    assert (np.abs(above) < 300).mean() > 0.7


def test_load_scales() -> None:
    """A home of twice the size uses twice the energy."""
    times = seconds(datetime(2026, 3, 2, tzinfo=UTC), 1)
    small, large = (household_load(TIMISOARA, 1, times, scale) for scale in (1, 2))
    assert large.mean() == pytest.approx(2 * small.mean(), rel=0.02)


def test_phase_shares_add_up() -> None:
    """The phases share the load, unevenly and all of it."""
    times = seconds(datetime(2026, 3, 2, tzinfo=UTC), 1)
    shares = phase_shares(1, times, 3)
    assert shares.shape == (3, len(times))
    assert shares.sum(axis=0) == pytest.approx(1)
    assert 0 < shares.min() < 0.2
    assert phase_shares(1, times[:1], 1)[0, 0] == 1
