"""A roof is found in its own production, with an honest uncertainty."""

import numpy as np
import pytest

from custom_components.pv_family.plant.estimate.estimated import EstimatedPlane
from custom_components.pv_family.plant.estimate.roof import estimate_roof
from custom_components.pv_family.plant.model.production import clear_sky_weather
from custom_components.pv_family.plant.model.time_grid import TimeGrid

from .homes import SITE, plant, year_of_clouds


def apart(one: float, other: float) -> float:
    """Return the angle between two directions, degrees."""
    return abs((one - other + 180.0) % 360.0 - 180.0)


def near(plane: EstimatedPlane, tilt: float, azimuth: float) -> bool:
    """Return whether an estimate holds the truth within twice its uncertainty."""
    return (
        abs(plane.surface_tilt - tilt) <= 2.0 * plane.tilt_std
        and apart(plane.surface_azimuth, azimuth) <= 2.0 * plane.azimuth_std
    )


@pytest.mark.parametrize(
    ("tilt", "azimuth", "ac_power"),
    [
        (35.0, 200.0, 20_000.0),
        (35.0, 200.0, 3500.0),
        (10.0, 95.0, 20_000.0),
        (60.0, 180.0, 20_000.0),
    ],
)
def test_one_plane(tilt: float, azimuth: float, ac_power: float) -> None:
    """Steep, flat, turned or clipped: the truth lies within the uncertainty."""
    built = plant((5000.0, tilt, azimuth), ac_power=ac_power)
    grid, power = year_of_clouds(built, 200)
    roof = estimate_roof(grid, power, SITE)
    assert roof is not None
    (plane,) = roof.planes
    assert near(plane, tilt, azimuth)
    assert plane.tilt_std < 8.0
    assert plane.azimuth_std < 20.0
    assert plane.power == pytest.approx(0.88 * 5000.0, rel=0.1)
    assert roof.days > 20
    # The same history gives the same answer.
    assert estimate_roof(grid, power, SITE) == roof


def test_east_and_west() -> None:
    """Two planes back to back are found as two."""
    grid, power = year_of_clouds(
        plant((3000.0, 30.0, 90.0), (3000.0, 30.0, 270.0)), 200
    )
    roof = estimate_roof(grid, power, SITE)
    assert roof is not None
    east, west = sorted(roof.planes, key=lambda plane: plane.surface_azimuth)
    assert near(east, 30.0, 90.0)
    assert near(west, 30.0, 270.0)
    assert east.power + west.power == pytest.approx(0.88 * 6000.0, rel=0.1)


def test_too_little_to_tell() -> None:
    """Without enough cloudless days nothing is proposed."""
    built = plant((5000.0, 35.0, 200.0))
    grid, power = year_of_clouds(built, 12)
    assert estimate_roof(grid, power, SITE) is None
    assert estimate_roof(grid, np.full(grid.count, np.nan), SITE) is None
    assert estimate_roof(grid, np.zeros(grid.count), SITE) is None
    nothing = TimeGrid(grid.start, grid.step, 0)
    assert estimate_roof(nothing, np.zeros(0), SITE) is None


def test_gaps_and_measured_weather() -> None:
    """Missing days do no harm, and measured weather takes the clear sky's place."""
    built = plant((5000.0, 35.0, 200.0))
    grid, power = year_of_clouds(built, 200)
    power[48 * 30 : 48 * 50] = np.nan
    weather = clear_sky_weather(SITE, grid)
    measured = estimate_roof(grid, power, SITE, weather)
    plain = estimate_roof(grid, power, SITE)
    assert measured is not None
    assert plain is not None
    assert near(measured.planes[0], 35.0, 200.0)
    assert (
        apart(measured.planes[0].surface_azimuth, plain.planes[0].surface_azimuth)
        < 10.0
    )
