"""Sun and weather."""

from datetime import UTC, datetime, timedelta

from astral import Observer
from astral.sun import azimuth, elevation
from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from simulation.noise import FloatArray, gaussian_noise, uniform
from simulation.site import Site, longitude_at_noon
from simulation.sun import sun_position
from simulation.weather import weather_at

from .conftest import NOON, TIMISOARA, instants

DAY = 86400.0


def month() -> FloatArray:
    """Return the minutes of 30 days."""
    return instants(NOON - timedelta(days=30), 30, 60.0)


@settings(deadline=None, max_examples=50)
@given(
    latitude=st.floats(-65, 65),
    longitude=st.floats(-179, 179),
    when=st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1)),
)
def test_sun_agrees_with_astral(
    latitude: float, longitude: float, when: datetime
) -> None:
    """Two independent algorithms place the sun within a few hundredths of a degree."""
    when = when.replace(tzinfo=UTC)
    sun = sun_position(Site(latitude, longitude), np.array([when.timestamp()]))
    observer = Observer(latitude, longitude)
    high = elevation(observer, when, with_refraction=False)
    assert sun.elevation[0] == pytest.approx(high, abs=0.05)
    if abs(high) < 80:
        turn = (float(sun.azimuth[0]) - azimuth(observer, when) + 180) % 360 - 180
        assert abs(turn) < 0.3


@given(
    when=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    hour=st.floats(0, 23.9),
)
def test_longitude_at_noon_has_the_solar_time_asked_for(
    when: datetime, hour: float
) -> None:
    """The longitude found shows the hour, anywhere on the globe."""
    when = when.replace(tzinfo=UTC, microsecond=0)
    longitude = longitude_at_noon(when, hour)
    assert -180 <= longitude < 180
    seconds = (when.timestamp() + longitude * 240) % DAY
    off = abs(seconds - hour * 3600)
    assert min(off, DAY - off) < 1


def test_the_sun_is_high_at_the_longitude_of_noon() -> None:
    """The default hour gives a high sun in summer."""
    site = Site(45.0, longitude_at_noon(NOON))
    assert sun_position(site, np.array([NOON.timestamp()])).elevation[0] > 60


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (0, 181)])
def test_places_outside_the_earth_are_refused(
    latitude: float, longitude: float
) -> None:
    """Coordinates are checked."""
    with pytest.raises(ValueError, match="outside"):
        Site(latitude, longitude)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**63),
    offset=st.floats(0, 30 * DAY),
    neighbours=st.lists(st.floats(0, 30 * DAY), max_size=5),
)
def test_weather_is_a_pure_function_of_time(
    seed: int, offset: float, neighbours: list[float]
) -> None:
    """An instant looks the same alone and among others, today and in a month."""
    end = NOON.timestamp()
    alone = weather_at(TIMISOARA, seed, np.array([end - offset]))
    among = weather_at(TIMISOARA, seed, end - np.array([*neighbours, offset]))
    for name in ("ghi", "air_temperature", "wind_speed"):
        assert getattr(alone, name)[0] == getattr(among, name)[-1]


def test_seeds_differ() -> None:
    """Another seed is another sky."""
    times = month()[:600]
    first, second = (weather_at(TIMISOARA, seed, times).ghi for seed in (1, 2))
    assert np.abs(first - second).max() > 100


def test_days_differ_in_kind() -> None:
    """A month has fair, broken and overcast days, and nothing brighter than nature."""
    weather = weather_at(TIMISOARA, 1, month())
    day = weather.sun.cos_zenith > 0.2
    index = weather.ghi[day] / weather.clear_sky_ghi[day]
    assert 0.05 < index.min() < 0.35
    assert 1.0 < index.max() < 1.25
    assert 0.25 < (index > 0.9).mean() < 0.75
    assert 0.10 < (index < 0.45).mean() < 0.5


def test_broken_days_have_sharp_ramps() -> None:
    """Within ten seconds irradiance can change by more than 15 % of clear sky."""
    times = instants(NOON - timedelta(days=10), 10, 10.0)
    weather = weather_at(TIMISOARA, 1, times)
    day = weather.sun.cos_zenith > 0.3
    index = np.where(day, weather.ghi / np.maximum(weather.clear_sky_ghi, 1), np.nan)
    ramps = np.abs(np.diff(index))
    assert np.nanmax(ramps) > 0.15
    assert np.nanmedian(ramps) < 0.01


def test_night_is_dark_and_air_stays_on_earth() -> None:
    """No light below the horizon; temperature and wind are those of Timisoara."""
    weather = weather_at(TIMISOARA, 3, month())
    assert weather.ghi[weather.sun.cos_zenith <= 0].max() == 0
    assert -5 < weather.air_temperature.min() < weather.air_temperature.max() < 42
    assert 0 < weather.wind_speed.min() < weather.wind_speed.max() < 25


def test_afternoons_are_warmer_than_nights() -> None:
    """The mean day peaks in the afternoon, by solar time."""
    start = datetime(2026, 6, 1, tzinfo=UTC) - timedelta(hours=TIMISOARA.longitude / 15)
    hours = instants(start, 30, 3600.0)
    mean = weather_at(TIMISOARA, 1, hours).air_temperature.reshape(30, 24).mean(axis=0)
    assert int(mean.argmax()) in range(13, 18)


def test_noise_is_uniform_and_normal() -> None:
    """The hash fills [0, 1) evenly and the noise has mean 0 and deviation 1."""
    numbers = uniform(5, 1, np.arange(100_000))
    assert numbers.mean() == pytest.approx(0.5, abs=0.01)
    assert np.histogram(numbers, 10, (0, 1))[0].min() > 9_500
    noise = gaussian_noise(5, 1, instants(NOON, 12, 5.0), ((60.0, 1.0), (13.0, 0.5)))
    assert noise.mean() == pytest.approx(0, abs=0.05)
    assert noise.std() == pytest.approx(1, abs=0.1)
