"""The sky of one interval, by sensor, forecast or mean."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from custom_components.pv_family.plant.model.inverter import Inverter
from custom_components.pv_family.plant.model.mount import FixedMount
from custom_components.pv_family.plant.model.plant import Chain, Plant, PvArray, Site
from custom_components.pv_family.plant.model.production import expected_production
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource
from custom_components.pv_family.plant.model.weather_series import WeatherSeries
from custom_components.pv_family.plant.sky_now import (
    Measured,
    expected_of,
    sky_of,
    theory_of,
)
from custom_components.pv_family.plant.weather import (
    ChosenWeather,
    Offer,
    choose_weather,
)

SITE = Site(45.0, 25.0, 90.0)
ROOF = FixedMount(30.0, 180.0)
PLANT = Plant(SITE, (Chain(Inverter(4000.0), (PvArray(5000.0, ROOF),)),))
NOON = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
NOW = TimeGrid(NOON, timedelta(minutes=15), 1)
DAY = TimeGrid(NOON.replace(hour=0), timedelta(minutes=15), 96)


def _chosen(ghi: float) -> ChosenWeather:
    weather = WeatherSeries.from_columns(DAY, ghi=np.full(96, ghi))
    return choose_weather(DAY, SITE, NOON, irradiance=Offer(NOON, weather))


def test_a_sensor_goes_before_a_forecast() -> None:
    """What is measured on site is what counts, as it lies."""
    chosen = _chosen(300.0)
    forecast = sky_of(NOW, SITE, chosen, Measured())
    assert forecast.source is IrradianceSource.WEATHER_MODEL
    assert forecast.weather.ghi[0] == 300.0
    level = sky_of(NOW, SITE, chosen, Measured(700.0, 31.0))
    assert level.source is IrradianceSource.HORIZONTAL_SENSOR
    assert level.weather.ghi[0] == pytest.approx(700.0, rel=0.01)
    assert level.weather.temp_air[0] == 31.0
    tilted = sky_of(NOW, SITE, chosen, Measured(700.0, plane=ROOF))
    assert tilted.source is IrradianceSource.PLANE_SENSOR
    assert tilted.weather.ghi[0] < 700.0
    in_plane = expected_production(PLANT, tilted.weather).poa_global[0]
    assert in_plane == pytest.approx(700.0, rel=0.01)


def test_without_anything_the_sky_is_clear() -> None:
    """A ceiling, and it says so."""
    sky = sky_of(NOW, SITE, None, Measured())
    assert sky.source is IrradianceSource.CLEAR_SKY
    expected = expected_of(PLANT, sky, None)
    assert expected.p90 == pytest.approx(expected.power, rel=0.16)
    assert expected.p10 < 0.3 * expected.power


def test_bands_narrow_as_knowledge_grows() -> None:
    """A sensor in the plane knows more than a level one, and that than a model."""
    chosen = _chosen(400.0)
    widths = []
    for measured in (Measured(), Measured(400.0), Measured(400.0, plane=ROOF)):
        expected = expected_of(PLANT, sky_of(NOW, SITE, chosen, measured), NOON)
        assert expected.p10 < expected.power < expected.p90 <= PLANT.ac_power
        widths.append((expected.power - expected.p10) / expected.power)
    assert widths[0] > widths[1] > widths[2]


def test_the_theory_of_an_hour_closes() -> None:
    """Every stage between potential and power is there, and they add up."""
    grid = TimeGrid(NOON - timedelta(hours=1), timedelta(hours=1), 1)
    theory = theory_of(PLANT, sky_of(grid, SITE, _chosen(900.0), Measured()))
    actual = theory.actual
    losses = actual.shade + actual.soiling + actual.degradation + actual.clipping
    assert (actual.potential - losses)[0] == pytest.approx(actual.ac_power[0])
    assert theory.clear.potential[0] > 0.0
    assert actual.grid == grid


def test_at_night_nothing_is_expected() -> None:
    """Also if a sensor shows its dark current."""
    grid = TimeGrid(NOON.replace(hour=22), timedelta(minutes=15), 1)
    for reading in (None, -3.0, 2.0):
        expected = expected_of(PLANT, sky_of(grid, SITE, None, Measured(reading)), None)
        assert (expected.power, expected.p10, expected.p90) == (0.0, 0.0, 0.0)
