"""What a plant should give: its steps, its limits and its speed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.model.horizon import OPEN, Horizon
from custom_components.pv_family.plant.model.inverter import Inverter
from custom_components.pv_family.plant.model.irradiance import on_plane
from custom_components.pv_family.plant.model.mount import (
    FixedMount,
    SingleAxisMount,
    TwoAxisMount,
)
from custom_components.pv_family.plant.model.plane_sensor import sky_from_plane
from custom_components.pv_family.plant.model.plant import Chain, Plant, PvArray, Site
from custom_components.pv_family.plant.model.production import (
    clear_sky_weather,
    expected_production,
)
from custom_components.pv_family.plant.model.sun import sun_position
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.uncertainty import (
    IrradianceSource,
    Span,
    expected_uncertainty,
)
from custom_components.pv_family.plant.model.weather_series import WeatherSeries

from .homes import SITE, SUMMER, even_weather, plant

CLEAR = clear_sky_weather(SITE, SUMMER)


def energy(*arrays: PvArray, ac_power: float = 20_000.0) -> float:
    """Return the energy of two clear days in June, Wh."""
    built = Plant(SITE, (Chain(Inverter(ac_power), arrays),))
    return float(expected_production(built, CLEAR).energy.sum())


def test_steps_add_up() -> None:
    """The steps from the ideal plant to the real one leave nothing out."""
    hill = Horizon.from_points([(60.0, 0.0), (90.0, 25.0), (120.0, 0.0)])
    array = PvArray(
        6000.0,
        FixedMount(30.0, 150.0),
        horizon=hill,
        beam_shade=0.05,
        soiling=0.04,
        installed=date(2016, 6, 20),
    )
    built = Plant(SITE, (Chain(Inverter(3500.0), (array,)),))
    assert (built.peak_power, built.ac_power) == (6000.0, 3500.0)
    made = expected_production(built, CLEAR)
    losses = made.shade + made.soiling + made.degradation + made.clipping
    np.testing.assert_allclose(made.potential - losses, made.ac_power, atol=1e-9)
    for loss in (made.shade, made.soiling, made.degradation, made.clipping):
        assert loss.min() >= -1e-9
        assert loss.max() > 0.0
    assert made.ac_power.max() == pytest.approx(3500.0)
    noon = int(np.argmax(made.potential))
    # Ten years at 0.5 %, four percent of dirt.
    dirty = made.potential[noon] - made.shade[noon]
    assert made.soiling[noon] / dirty == pytest.approx(0.04, abs=0.002)
    assert made.degradation[noon] / dirty == pytest.approx(0.048, abs=0.002)


def test_east_and_west_on_one_inverter() -> None:
    """Two half roofs peak apart, so a small inverter takes less than its clipping."""
    east, west = (PvArray(3000.0, FixedMount(30.0, side)) for side in (90.0, 270.0))
    both = energy(east, west)
    # Alone, either half would leave the inverter at a poor part load.
    assert both == pytest.approx(energy(east) + energy(west), rel=0.06)
    south = PvArray(6000.0, FixedMount(30.0, 180.0))
    lost = 1.0 - energy(south, ac_power=4000.0) / energy(south)
    lost_apart = 1.0 - energy(east, west, ac_power=4000.0) / both
    assert lost_apart < 0.5 * lost


def test_trackers_give_more() -> None:
    """Following the sun beats standing still, on two axes more than on one."""
    fixed = energy(PvArray(5000.0, FixedMount(30.0, 180.0)))
    single = energy(PvArray(5000.0, SingleAxisMount()))
    double = energy(PvArray(5000.0, TwoAxisMount()))
    assert 1.1 * fixed < single < double < 1.6 * fixed


def test_hour_is_the_mean_of_its_quarters() -> None:
    """Hourly weather gives the energy of the same weather in quarter-hours."""
    hours = TimeGrid(SUMMER.start, timedelta(hours=1), 48)
    built = plant((5000.0, 35.0, 120.0))
    coarse = expected_production(built, clear_sky_weather(SITE, hours)).energy.sum()
    fine = expected_production(built, CLEAR).energy.sum()
    assert coarse == pytest.approx(fine, rel=0.005)


def test_no_weather_no_power() -> None:
    """What is not known is not 0, and temperature may be missing."""
    weather = even_weather(SUMMER, 500.0)
    ghi = weather.ghi.copy()
    ghi[40] = np.nan
    built = plant((5000.0, 35.0, 180.0))
    made = expected_production(built, replace(weather, ghi=ghi))
    assert np.flatnonzero(np.isnan(made.ac_power)).tolist() == [40]
    bare = WeatherSeries.from_columns(SUMMER, ghi=ghi)
    assert np.nanmax(expected_production(built, bare).ac_power) > 1000.0


@given(
    st.floats(0.0, 1200.0),
    st.floats(0.0, 90.0),
    st.floats(0.0, 360.0),
    st.floats(-65.0, 65.0),
    st.integers(0, 365),
)
def test_never_absurd(
    ghi: float, tilt: float, azimuth: float, latitude: float, day: int
) -> None:
    """Whatever the roof and the sky: no negative power, none above the limit."""
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    grid = TimeGrid(start, timedelta(hours=1), 24)
    array = PvArray(5000.0, FixedMount(tilt, azimuth))
    built = Plant(Site(latitude, 25.0), (Chain(Inverter(4000.0), (array,)),))
    made = expected_production(built, even_weather(grid, ghi))
    assert np.all((made.ac_power >= 0.0) & (made.ac_power <= 4000.0))
    assert np.all((made.poa_global >= 0.0) & (made.poa_global < 3000.0))


def test_fast_enough() -> None:
    """Three arrays, 48 h in quarter-hours: far below 100 ms once warm."""
    built = plant((3000.0, 30.0, 90.0), (3000.0, 30.0, 270.0), (2000.0, 30.0, 180.0))
    expected_production(built, CLEAR)
    times = []
    for _ in range(5):
        start = perf_counter()
        expected_production(built, clear_sky_weather(SITE, SUMMER))
        times.append(perf_counter() - start)
    assert min(times) < 0.05


def test_horizon() -> None:
    """Heights are straight between points and go all the way round."""
    horizon = Horizon.from_points([(350.0, 10.0), (10.0, 20.0), (370.0, 5.0)])
    assert horizon.height(np.array([0.0, 5.0, 350.0])).tolist() == pytest.approx(
        [15.0, 17.5, 10.0]
    )
    assert OPEN.sky_share == 1.0
    assert 0.8 < horizon.sky_share < 1.0
    for azimuths, heights in (
        ((), ()),
        ((0.0,), (1.0, 2.0)),
        ((10.0, 5.0), (1.0, 1.0)),
        ((0.0,), (91.0,)),
    ):
        with pytest.raises(ValueError, match="horizon"):
            Horizon(azimuths, heights)


def test_impossible_parts_are_refused() -> None:
    """A plant that cannot be is refused where it is described."""
    mount = FixedMount(30.0, 180.0)
    for build in (
        lambda: PvArray(0.0, mount),
        lambda: PvArray(1.0, mount, soiling=1.5),
        lambda: Inverter(0.0),
        lambda: Inverter(1.0, 0.2),
        lambda: Site(91.0, 0.0),
        lambda: Site(0.0, 0.0, turbidity=(3.0,)),
        lambda: TimeGrid(datetime(2026, 1, 1), timedelta(hours=1), 1),
        lambda: TimeGrid(datetime(2026, 1, 1, tzinfo=UTC), timedelta(0), 1),
        lambda: WeatherSeries.from_columns(SUMMER, ghi=np.zeros(3)),
    ):
        with pytest.raises(ValueError):
            build()


def test_sensor_on_the_roof() -> None:
    """A sensor in one plane tells what the others get."""
    sun = sun_position(SUMMER.middles(), SITE.latitude, SITE.longitude)
    tilt = np.full(SUMMER.count, 30.0)
    south = np.full(SUMMER.count, 180.0)
    sky = sky_from_plane(np.full(SUMMER.count, 400.0), sun, 30.0, 180.0)
    high = sun.elevation > 25.0
    again = on_plane(sky, sun, tilt, south).poa_global
    np.testing.assert_allclose(again[high], 400.0, atol=1.0)
    unknown = sky_from_plane(np.full(SUMMER.count, np.nan), sun, 30.0, 180.0)
    assert np.isnan(unknown.ghi).all()


def test_uncertainty() -> None:
    """Better sources and longer spans are surer, and nothing is sure."""
    assert Span.of(timedelta(minutes=15)) is Span.INSTANT
    assert Span.of(timedelta(hours=23)) is Span.DAY
    assert Span.of(timedelta(days=31)) is Span.MONTH
    assert Span.of(timedelta(days=365)) is Span.YEAR
    for span in Span:
        values = [expected_uncertainty(source, span) for source in IrradianceSource]
        assert values == sorted(values)
        assert values[0] > 0.05
    for source in IrradianceSource:
        values = [expected_uncertainty(source, span) for span in Span]
        assert values == sorted(values, reverse=True)


def test_grid_reads() -> None:
    """A grid knows its intervals."""
    assert SUMMER.end == datetime(2026, 6, 22, tzinfo=UTC)
    assert list(SUMMER)[1] == datetime(2026, 6, 20, 0, 15, tzinfo=UTC)
    assert SUMMER.index(datetime(2026, 6, 20, 1, 1, tzinfo=UTC)) == 4
