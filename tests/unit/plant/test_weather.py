"""The ladder of weather: the best that there is, and which step it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.model.production import (
    clear_sky_weather,
    expected_production,
)
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource
from custom_components.pv_family.plant.model.weather_series import WeatherSeries
from custom_components.pv_family.plant.weather import (
    Climatology,
    Offer,
    Rung,
    choose_weather,
    cloud_factor,
    on_grid,
)

from .homes import SITE, plant

NOW = datetime(2026, 6, 20, 6, 0, tzinfo=UTC)
GRID = TimeGrid(NOW, timedelta(minutes=15), 96)
CLEAR = clear_sky_weather(SITE, GRID)
HALF = replace(CLEAR, ghi=CLEAR.ghi / 2.0, dni=CLEAR.dni * 0.0, dhi=CLEAR.ghi / 2.0)
MEANS = Climatology((1500.0,) * 5 + (5500.0,) + (1500.0,) * 6, tuple(range(12)))


def test_ladder() -> None:
    """Each step is taken when the ones above it are gone."""
    clouds = WeatherSeries.from_columns(GRID, cloud_cover=np.full(96, 0.8))
    offer = Offer(NOW - timedelta(hours=1), HALF)
    cloudy = Offer(NOW, clouds)
    for rung, chosen in (
        (
            Rung.PROVIDER,
            choose_weather(GRID, SITE, NOW, irradiance=offer, clouds=cloudy),
        ),
        (
            Rung.CACHE,
            choose_weather(
                GRID,
                SITE,
                NOW,
                irradiance=Offer(NOW - timedelta(hours=5), HALF),
                clouds=cloudy,
            ),
        ),
        (
            Rung.CLOUD_COVER,
            choose_weather(GRID, SITE, NOW, clouds=cloudy, climatology=MEANS),
        ),
        (Rung.CLIMATOLOGY, choose_weather(GRID, SITE, NOW, climatology=MEANS)),
        (
            Rung.CLEAR_SKY,
            choose_weather(
                GRID, SITE, NOW, irradiance=Offer(NOW - timedelta(days=5), HALF)
            ),
        ),
    ):
        assert chosen.worst is rung
        assert chosen.rung_at(NOW) is rung
        assert np.isfinite(chosen.weather.ghi).all()
        assert (chosen.issued is None) == (rung >= Rung.CLIMATOLOGY)
    assert Rung.CACHE.source is IrradianceSource.WEATHER_MODEL


def test_a_forecast_that_ends_too_soon() -> None:
    """Beyond its end the next step takes over, interval by interval."""
    short = clear_sky_weather(SITE, TimeGrid(NOW, timedelta(hours=1), 6))
    chosen = choose_weather(GRID, SITE, NOW, irradiance=Offer(NOW, short))
    assert chosen.rungs.tolist() == [0] * 24 + [4] * 72
    assert chosen.rung_at(NOW + timedelta(days=9)) is Rung.CLEAR_SKY
    assert chosen.rung_at(NOW - timedelta(days=9)) is Rung.PROVIDER
    assert chosen.issued == NOW


def test_columns_come_from_where_they_are_known() -> None:
    """Irradiance stays together; temperature may come from another step."""
    cold = WeatherSeries.from_columns(
        GRID, cloud_cover=np.full(96, 1.0), temp_air=np.full(96, -5.0)
    )
    bare = replace(HALF, temp_air=np.full(96, np.nan))
    chosen = choose_weather(
        GRID, SITE, NOW, irradiance=Offer(NOW, bare), clouds=Offer(NOW, cold)
    )
    assert chosen.weather.temp_air.tolist() == [-5.0] * 96
    assert chosen.weather.ghi.tolist() == HALF.ghi.tolist()


def test_climatology_has_the_mean_of_the_month() -> None:
    """The energy of a mean day is that of the month's climatology."""
    chosen = choose_weather(
        TimeGrid(datetime(2026, 6, 15, tzinfo=UTC), timedelta(hours=1), 24),
        SITE,
        NOW,
        climatology=MEANS,
    )
    assert chosen.weather.ghi.sum() == pytest.approx(5500.0, rel=0.01)
    assert chosen.weather.temp_air.tolist() == [5.0] * 24
    bare = choose_weather(
        GRID, SITE, NOW, climatology=Climatology((9000.0,) * 12)
    ).weather
    assert bare.ghi.sum() == pytest.approx(CLEAR.ghi.sum())
    for months in ((1.0,), (1.0,) * 13):
        with pytest.raises(ValueError, match="twelve"):
            Climatology(months)


def test_cloud_factor() -> None:
    """Kasten and Czeplak: 1 without clouds, a quarter under a full cover."""
    factor = cloud_factor(np.array([0.0, 0.5, 1.0, 1.2]))
    expected = [1.0, 1.0 - 0.75 * 0.5**3.4, 0.25, 0.25]
    assert factor.tolist() == pytest.approx(expected)


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(-20, 20),
    st.lists(st.floats(0.0, 1000.0) | st.just(float("nan")), min_size=1, max_size=40),
)
def test_resampling(source: int, target: int, shift: int, values: list[float]) -> None:
    """Means keep the sum where all is known, and holes stay holes."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    given_grid = TimeGrid(start, timedelta(minutes=5 * source), len(values))
    ghi = np.array(values)
    weather = WeatherSeries.from_columns(given_grid, ghi=ghi)
    grid = TimeGrid(
        start + timedelta(minutes=5 * shift), timedelta(minutes=5 * target), 30
    )
    means = on_grid(weather, grid).ghi
    fine = np.repeat(ghi, source)
    for index, mean in enumerate(means):
        first = shift + index * target
        part = fine[first : first + target] if first >= 0 else fine[:0]
        if part.size == target and np.isfinite(part).all():
            assert mean == pytest.approx(part.mean(), rel=1e-9, abs=1e-6)
        else:
            assert np.isnan(mean)


def test_chosen_weather_feeds_the_plant() -> None:
    """A thinner sky gives less, down the whole ladder."""
    built = plant((5000.0, 35.0, 180.0))
    clear = choose_weather(GRID, SITE, NOW).weather
    half = choose_weather(GRID, SITE, NOW, irradiance=Offer(NOW, HALF)).weather
    energy = [expected_production(built, each).energy.sum() for each in (half, clear)]
    assert 0.3 * energy[1] < energy[0] < 0.7 * energy[1]
