"""Strings: irradiance on a plane, temperature, current and voltage."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.array import (
    HEALTHY,
    PvString,
    StringCondition,
    cell_temperature,
    plane_of_array,
    string_output,
)
from simulation.noise import FloatArray
from simulation.sun import SunPosition
from simulation.weather import Weather, clear_sky_ghi, weather_at

from .conftest import NOON, TIMISOARA, instants

SOUTH = PvString("South", azimuth=180.0, tilt=30.0)


def clear_day() -> Weather:
    """Return a cloudless day in June, minute by minute from midnight UTC."""
    midnight = NOON.replace(hour=0, minute=0)
    weather = weather_at(TIMISOARA, 1, instants(midnight, 1, 60.0))
    return replace(weather, ghi=weather.clear_sky_ghi)


def one(value: float) -> FloatArray:
    """Return an array of one number."""
    return np.array([value])


def test_a_flat_plane_gets_the_horizontal_irradiance() -> None:
    """Without tilt nothing is transposed, apart from reflection of the glass."""
    weather = clear_day()
    flat = plane_of_array(weather, 0.0, 180.0)
    high = weather.sun.cos_zenith > 0.4
    assert flat[high] == pytest.approx(weather.ghi[high], rel=0.1)
    assert flat.max() <= weather.ghi.max() * 1.02


def test_east_peaks_before_west() -> None:
    """The east string has its day in the morning, the west string mirrors it."""
    weather = clear_day()
    east, west = (plane_of_array(weather, 25.0, azimuth) for azimuth in (90.0, 270.0))
    assert int(west.argmax()) - int(east.argmax()) > 180
    assert east.sum() == pytest.approx(west.sum(), rel=0.05)


def test_clear_summer_day_yields_what_the_field_expects() -> None:
    """A kWp facing south at 45 degrees north gives 6 to 7.5 kWh on a clear June day."""
    power = string_output(SOUTH, clear_day()).power
    assert 6.0 < power.sum() / 60.0 / SOUTH.peak_power < 7.5


def test_standard_test_conditions_give_the_name_plate() -> None:
    """1000 W/m2 and cells at 25 °C give rated power, less the derating."""
    noon = SunPosition(one(1.0), one(180.0), one(1361.0))
    ghi = one(1000.0)
    cold = 25.0 - 1000.0 / (25.0 + 6.84)
    weather = Weather(noon, clear_sky_ghi(noon.cos_zenith), ghi, one(cold), one(1.0))
    output = string_output(replace(SOUTH, tilt=0.0), weather)
    assert output.poa_global[0] == pytest.approx(1000.0, rel=0.001)
    assert output.temp_cell[0] == pytest.approx(25.0, abs=0.1)
    assert output.power[0] == pytest.approx(SOUTH.derate * SOUTH.peak_power, rel=0.005)


def test_heat_lowers_voltage_and_light_makes_current() -> None:
    """Voltage follows temperature, current is proportional to irradiance."""
    weather = clear_day()
    warm = replace(weather, air_temperature=weather.air_temperature + 20.0)
    noon = int(weather.ghi.argmax())
    normal, hot = string_output(SOUTH, weather), string_output(SOUTH, warm)
    assert hot.voltage[noon] / normal.voltage[noon] == pytest.approx(0.92, abs=0.02)
    assert hot.power[noon] < normal.power[noon]
    half = string_output(SOUTH, weather, StringCondition(soiling=0.5))
    assert half.current[noon] / normal.current[noon] == pytest.approx(0.5, abs=0.01)
    assert half.voltage[noon] / normal.voltage[noon] > 0.97


def test_wind_cools() -> None:
    """Faiman: less above air temperature with more wind."""
    calm, windy = (
        cell_temperature(one(800.0), one(20.0), one(speed))[0] for speed in (0.5, 6.0)
    )
    assert 20 < windy < calm < 55


def test_what_is_wrong_with_a_string_shows() -> None:
    """A dead string gives nothing; shade takes beam but leaves diffuse light."""
    weather = clear_day()
    healthy = string_output(SOUTH, weather, HEALTHY).power.sum()
    assert string_output(SOUTH, weather, StringCondition(dead=True)).power.max() == 0
    shaded = string_output(SOUTH, weather, StringCondition(shade=0.0)).power.sum()
    assert 0.05 < shaded / healthy < 0.5
