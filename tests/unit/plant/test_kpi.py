"""Key figures by IEC 61724-1, against a calculation by hand."""

from datetime import UTC, date, datetime, timedelta
from math import isnan
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.pv_family.plant.kpi.availability import (
    Availability,
    ComponentRecord,
    PlannedDowntime,
    component_availability,
    plant_availability,
)
from custom_components.pv_family.plant.kpi.performance import (
    Performance,
    capacity_factor,
    final_yield,
    instantaneous_ratio,
    performance,
)
from custom_components.pv_family.plant.kpi.periods import (
    Calendar,
    calendar_periods,
    midnight,
)
from custom_components.pv_family.plant.model.arrays import FloatArray
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource, Span

BUCHAREST = ZoneInfo("Europe/Bucharest")
HOUR = timedelta(hours=1)

# Four hours of a 5 kW plant with -0.4 %/K, worked by hand:
#   G     200   600  1000   800 W/m2      Y_r = 2600 Wh/m2 / 1000 W/m2 = 2.6 h
#   T      30    45    60    55 °C
#   E     900  2500  3700  3100 Wh        Y_f = 10 200 Wh / 5000 W = 2.04 h
#   C    0.98  0.92  0.86  0.88           PR  = 2.04 / 2.6 = 0.784 615
#   C P0 G/1000 h = 980 + 2760 + 4300 + 3520 = 11 560 Wh
#                                         PR'_STC = 10 200 / 11 560 = 0.882 353
#   T mean, weighted by G: (6000 + 27 000 + 60 000 + 44 000) / 2600 = 52.692 31 °C
#   C' = 1 - 0.004 (T - 52.692 31): 1.090 769, 1.030 769, 0.970 769, 0.990 769
#   C' P0 G/1000 h = 1090.769 + 3092.308 + 4853.846 + 3963.077 = 13 000 Wh
#                                         PR'_annual = 10 200 / 13 000 = 0.784 615
ENERGY = np.array([900.0, 2500.0, 3700.0, 3100.0])
LIGHT = np.array([200.0, 600.0, 1000.0, 800.0])
WARM = np.array([30.0, 45.0, 60.0, 55.0])


def worked(
    energy: FloatArray = ENERGY,
    light: FloatArray = LIGHT,
    mean_temperature: float | None = None,
    source: IrradianceSource = IrradianceSource.PLANE_SENSOR,
) -> Performance:
    """Return the performance of the worked example."""
    return performance(
        energy,
        light,
        WARM,
        hours=1.0,
        peak_power=5000.0,
        source=source,
        span=Span.DAY,
        gamma=-0.004,
        mean_temperature=mean_temperature,
    )


def test_worked_example() -> None:
    """Every figure of the calculation by hand, to 0.1 % and better."""
    result = worked()
    assert result.final_yield == pytest.approx(2.04, rel=1e-6)
    assert result.reference_yield == pytest.approx(2.6, rel=1e-6)
    assert result.ratio == pytest.approx(0.784615, rel=1e-5)
    assert result.ratio_stc == pytest.approx(0.882353, rel=1e-5)
    assert result.mean_temperature == pytest.approx(52.69231, rel=1e-6)
    assert result.ratio_mean_temperature == pytest.approx(0.784615, rel=1e-5)
    assert result.coverage == 1.0
    # At a year's mean of 35 °C: C' = 1.02, 0.96, 0.90, 0.92, so 12 080 Wh.
    assert worked(mean_temperature=35.0).ratio_mean_temperature == pytest.approx(
        10_200.0 / 12_080.0, rel=1e-6
    )
    assert capacity_factor(10_200.0, 5000.0, 24.0) == pytest.approx(0.085)


def test_ratio_of_a_linear_plant() -> None:
    """A plant that follows PVWatts has its derate as ratio at 25 °C, in any weather."""
    rng = np.random.default_rng(2)
    light, warm = rng.uniform(0.0, 1100.0, 8760), rng.uniform(-10.0, 70.0, 8760)
    energy = 0.85 * 5000.0 * light / 1000.0 * (1.0 - 0.004 * (warm - 25.0))
    result = performance(
        energy,
        light,
        warm,
        hours=1.0,
        peak_power=5000.0,
        source=IrradianceSource.PLANE_SENSOR,
        span=Span.YEAR,
        gamma=-0.004,
    )
    assert result.ratio_stc == pytest.approx(0.85, rel=1e-9)
    assert result.ratio == pytest.approx(result.ratio_mean_temperature, rel=1e-9)


def test_gaps_do_not_tilt_the_ratio() -> None:
    """An hour without irradiance leaves with its energy; the coverage says so."""
    light = LIGHT.copy()
    light[2] = np.nan
    result = worked(light=light)
    assert result.ratio == pytest.approx(6500.0 / (5.0 * 1600.0))
    assert result.coverage == 0.75
    nothing = worked(energy=np.full(4, np.nan))
    assert nothing.energy == 0.0
    assert isnan(nothing.ratio)
    assert isnan(nothing.mean_temperature)
    assert nothing.coverage == 0.0
    empty = np.zeros(0)
    assert (
        performance(
            empty,
            empty,
            empty,
            hours=1.0,
            peak_power=5000.0,
            source=IrradianceSource.CLEAR_SKY,
            span=Span.DAY,
        ).coverage
        == 0.0
    )


def test_uncertainty_follows_the_source() -> None:
    """A ratio from the weather says that it is worth less."""
    sensor, weather = worked(), worked(source=IrradianceSource.WEATHER_MODEL)
    assert sensor.ratio == weather.ratio
    assert sensor.uncertainty == pytest.approx(0.0539, abs=1e-3)
    assert weather.uncertainty > 0.2


def test_instant() -> None:
    """The ratio of an instant, plain and at 25 °C; none in the dark."""
    ratio = instantaneous_ratio(3700.0, 1000.0, 60.0, 5000.0, -0.004)
    assert ratio == pytest.approx((0.74, 0.74 / 0.86))
    assert instantaneous_ratio(10.0, 49.0, 20.0, 5000.0, -0.004) is None
    assert instantaneous_ratio(10.0, float("nan"), 20.0, 5000.0, -0.004) is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 3, 29), 23.0),
        (date(2026, 10, 25), 25.0),
        (date(2026, 6, 21), 24.0),
    ],
)
def test_days_when_clocks_change(day: date, hours: float) -> None:
    """A day has the hours that it has, and so do its figures."""
    start = midnight(day - timedelta(days=1), BUCHAREST)
    grid = TimeGrid(start, timedelta(minutes=15), 96 * 4)
    periods = list(calendar_periods(grid, BUCHAREST, Calendar.DAY))
    (found,) = [period for period in periods if period.first_day == day]
    assert found.hours == hours
    assert found.intervals.stop - found.intervals.start == 4 * hours
    power = np.full(grid.count, 500.0)
    energy = float(power[found.intervals].sum()) * grid.hours
    assert capacity_factor(energy, 5000.0, found.hours) == pytest.approx(0.1)
    assert final_yield(energy, 5000.0) == pytest.approx(0.1 * hours)
    # No interval is lost, none is counted twice.
    counted = sum(period.intervals.stop - period.intervals.start for period in periods)
    assert counted == grid.count


def test_weeks_months_and_years() -> None:
    """Longer periods begin where calendars say."""
    start = datetime(2025, 12, 30, 12, tzinfo=UTC)
    grid = TimeGrid(start, HOUR, 24 * 40)
    months = list(calendar_periods(grid, BUCHAREST, Calendar.MONTH))
    assert [period.first_day for period in months] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert months[0].intervals == slice(0, 34)
    years = list(calendar_periods(grid, BUCHAREST, Calendar.YEAR))
    assert [period.first_day.year for period in years] == [2025, 2026]
    assert years[1].hours == 365 * 24
    weeks = list(calendar_periods(grid, BUCHAREST, Calendar.WEEK))
    assert weeks[0].first_day == date(2025, 12, 29)
    assert all(period.hours == 168.0 for period in weeks)
    assert not list(calendar_periods(TimeGrid(start, HOUR, 0), BUCHAREST, Calendar.DAY))


def record(
    name: str, down: list[int], unknown: tuple[int, ...] = (), peak: float = 3000.0
) -> ComponentRecord:
    """Return ten hours of 1000 Wh each, of which some were lost."""
    mask = np.zeros(10, dtype=np.bool_)
    mask[down] = True
    known = np.ones(10, dtype=np.bool_)
    known[list(unknown)] = False
    expected = np.full(10, 1000.0)
    return ComponentRecord(
        name, peak, known, mask, np.where(mask, 0.0, expected), expected
    )


GRID = TimeGrid(datetime(2026, 6, 1, tzinfo=UTC), HOUR, 10)
# Two hours of dusk do not count.
DAYLIGHT = np.array([10.0, *[500.0] * 8, 20.0])


def test_availability_of_a_component() -> None:
    """Planned downtime is told apart, in time and in energy; dusk does not count."""
    planned = [
        PlannedDowntime(GRID.at(2), GRID.at(3)),
        PlannedDowntime(GRID.at(4), GRID.at(9), component="other"),
    ]
    found = component_availability(
        GRID, record("east", [0, 2, 5, 6], unknown=(8,)), DAYLIGHT, planned
    )
    assert found == Availability(7.0, 1.0, 1.0, 2.0, 5000.0, 1000.0, 2000.0)
    assert found.technical == pytest.approx(4.0 / 7.0)
    assert found.contractual == pytest.approx(5.0 / 7.0)
    assert found.energy_technical == pytest.approx(5.0 / 8.0)
    assert found.energy_contractual == pytest.approx(6.0 / 8.0)


def test_availability_of_a_plant() -> None:
    """Time is weighted by power, energy adds up."""
    large = component_availability(GRID, record("large", [3, 4]), DAYLIGHT)
    small = component_availability(GRID, record("small", []), DAYLIGHT)
    whole = plant_availability([(6000.0, large), (2000.0, small)])
    assert whole.technical == pytest.approx(1.0 - 0.75 * 2.0 / 8.0)
    assert whole.lost_unplanned == 2000.0
    assert whole.energy == 18_000.0


def test_availability_without_light() -> None:
    """A polar night has no availability."""
    dark = component_availability(GRID, record("east", []), np.zeros(10))
    assert isnan(dark.technical)
    assert isnan(Availability(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0).energy_technical)
    assert isnan(plant_availability([]).technical)
