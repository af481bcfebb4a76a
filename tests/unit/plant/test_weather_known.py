"""What was forecast for the past."""

from datetime import UTC, datetime, timedelta

import numpy as np

from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.weather_series import WeatherSeries
from custom_components.pv_family.plant.weather import Offer
from custom_components.pv_family.plant.weather_known import known_weather, overlaid

START = datetime(2026, 6, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


def _offer(issued: datetime, level: float, hours: int) -> Offer:
    grid = TimeGrid(issued, QUARTER, 4 * hours)
    return Offer(
        issued, WeatherSeries.from_columns(grid, ghi=np.full(grid.count, level))
    )


def test_the_newest_forecast_before_a_slot_counts() -> None:
    """Each forecast holds until the next, the last as far as it reaches."""
    offers = [
        _offer(START + 6 * HOUR, 2.0, 12),
        _offer(START, 1.0, 12),
    ]
    weather = known_weather(TimeGrid(START - 2 * HOUR, HOUR, 22), offers)
    expected = [np.nan] * 2 + [1.0] * 6 + [2.0] * 12 + [np.nan] * 2
    assert np.array_equal(weather.ghi, expected, equal_nan=True)


def test_a_long_forecast_goes_on_behind_a_shorter_one() -> None:
    """A newer forecast that ends earlier leaves the rest to the older."""
    offers = [_offer(START, 1.0, 12), _offer(START + 2 * HOUR, 2.0, 3)]
    weather = known_weather(TimeGrid(START, HOUR, 12), offers)
    assert weather.ghi.tolist() == [1.0] * 2 + [2.0] * 3 + [1.0] * 7


def test_nothing_offered_is_nothing_known() -> None:
    """Without forecasts every slot is unknown."""
    weather = known_weather(TimeGrid(START, HOUR, 3), [])
    assert np.isnan(weather.ghi).all()


def test_what_lies_above_hides_what_lies_below() -> None:
    """Only where its irradiance is known."""
    grid = TimeGrid(START, HOUR, 2)
    below = WeatherSeries.from_columns(grid, ghi=np.array([1.0, 2.0]))
    above = WeatherSeries.from_columns(grid, ghi=np.array([np.nan, 5.0]))
    assert overlaid(below, above).ghi.tolist() == [1.0, 5.0]
