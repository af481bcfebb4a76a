"""Figures of any time, from days that add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from math import isnan

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.plant.books.day import Day
from custom_components.pv_family.plant.books.evidence import Seen
from custom_components.pv_family.plant.books.modelled import mean_gamma, model_interval
from custom_components.pv_family.plant.books.planned import Planned
from custom_components.pv_family.plant.books.summary import Summary, known, summarise
from custom_components.pv_family.plant.kpi.availability import (
    ComponentRecord,
    PlannedDowntime,
    component_availability,
)
from custom_components.pv_family.plant.kpi.performance import performance
from custom_components.pv_family.plant.kpi.sums import PerformanceSums
from custom_components.pv_family.plant.losses.cause import Cause
from custom_components.pv_family.plant.model.plant import Plant
from custom_components.pv_family.plant.model.production import (
    clear_sky_weather,
    expected_production,
)
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource, Span
from custom_components.pv_family.readings.energy_book import Flow
from tests.unit.plant.homes import SITE, even_weather, plant

from .days import NAME, NOON, Books

# The worked example of test_kpi: four hours of a 5 kW plant with -0.4 %/K.
ENERGY = np.array([900.0, 2500.0, 3700.0, 3100.0])
LIGHT = np.array([200.0, 600.0, 1000.0, 800.0])
WARM = np.array([30.0, 45.0, 60.0, 55.0])


def sums_of(energy: np.ndarray, light: np.ndarray, warm: np.ndarray) -> PerformanceSums:
    """Return the sums of hours of a 5 kW plant with -0.4 %/K."""
    sums = PerformanceSums()
    for each in zip(energy, light, warm, strict=True):
        hour = PerformanceSums()
        energy_wh, poa, cell = map(float, each)
        hour.add_interval(1.0, energy_wh, poa, cell, peak_power=5000.0, gamma=-0.004)
        sums.add(hour)
    return sums


def test_the_worked_example() -> None:
    """The figures that were worked out by hand, to 0.1 % and better."""
    sums = sums_of(ENERGY, LIGHT, WARM)
    assert sums.ratio == pytest.approx(0.784615, rel=1e-5)
    assert sums.ratio_stc == pytest.approx(0.882353, rel=1e-5)
    assert sums.mean_temperature == pytest.approx(52.69231, rel=1e-6)
    assert sums.ratio_at(35.0) == pytest.approx(10_200.0 / 12_080.0, rel=1e-6)
    assert PerformanceSums.from_list(json.loads(json.dumps(sums.as_list()))) == sums


def test_a_year_of_sums() -> None:
    """Sums say what the whole year at once says."""
    rng = np.random.default_rng(5)
    light, warm = rng.uniform(0.0, 1100.0, 8760), rng.uniform(-10.0, 70.0, 8760)
    energy = rng.uniform(0.6, 0.9, 8760) * 5.0 * light
    sums = sums_of(energy, light, warm)
    whole = performance(
        energy,
        light,
        warm,
        hours=1.0,
        peak_power=5000.0,
        source=IrradianceSource.PLANE_SENSOR,
        span=Span.YEAR,
        gamma=-0.004,
    )
    assert sums.ratio == pytest.approx(whole.ratio, rel=1e-9)
    assert sums.ratio_stc == pytest.approx(whole.ratio_stc, rel=1e-9)
    assert sums.ratio_at(whole.mean_temperature) == pytest.approx(
        whole.ratio_mean_temperature, rel=1e-9
    )


def test_nothing_is_no_number() -> None:
    """Without light there is no ratio."""
    sums = PerformanceSums()
    assert isnan(sums.ratio)
    assert isnan(sums.mean_temperature)
    assert sums.coverage == 0.0
    assert known(sums.ratio) is None
    assert known(None) is None
    assert known(0.5) == 0.5
    empty = Summary()
    assert empty.capacity_factor is None
    assert empty.source is None
    assert empty.ratio_uncertainty is None
    assert empty.stated_error is None
    assert empty.closes is None
    assert empty.self_sufficiency is None


def day_with_an_outage() -> Day:
    """Return a day of four good quarters of an hour and two of an outage."""
    books = Books()
    for _ in range(4):
        books.quarter(flows={Flow.PRODUCTION: 0.0})
    for _ in range(2):
        books.quarter(Seen(known=1.0, running=0.0), 0.0)
    return books.keeper.day_of(books.now)


def test_availability_with_and_without_what_was_planned() -> None:
    """A downtime that is marked afterwards is planned all the same."""
    summary = summarise([(NOON.date(), day_with_an_outage(), 24.0)])
    plain = summary.availability([])
    assert plain.technical == pytest.approx(4 / 6)
    assert plain.contractual == pytest.approx(4 / 6)
    assert plain.lost_unplanned == pytest.approx(1400.0)
    assert plain.energy_technical == pytest.approx(2 / 3)
    half = PlannedDowntime(NOON + timedelta(minutes=75), NOON + timedelta(minutes=90))
    assert summary.availability([half]).contractual == pytest.approx(5 / 6)
    assert summary.availability([half]).technical == pytest.approx(4 / 6)
    other = replace(half, component="another")
    assert summary.availability([other]).contractual == pytest.approx(4 / 6)
    assert summary.lost_to(Cause.OUTAGE) == pytest.approx(1400.0)
    assert summary.lost == pytest.approx(1400.0 + 6 * 20.0)


def test_availability_agrees_with_the_series() -> None:
    """Quarter by quarter it is the availability of the whole series."""
    summary = summarise([(NOON.date(), day_with_an_outage(), 24.0)])
    down = np.array([False] * 4 + [True] * 2)
    whole = component_availability(
        TimeGrid(NOON, timedelta(minutes=15), 6),
        ComponentRecord(
            NAME,
            4000.0,
            np.ones(6, dtype=np.bool_),
            down,
            np.where(down, 0.0, 700.0),
            np.full(6, 700.0),
        ),
        np.full(6, 800.0),
    )
    booked = summary.components[NAME].availability(NAME, [])
    assert replace(booked, unknown_hours=0.0) == whole


def test_periods_of_known_length() -> None:
    """Yield and capacity factor use the true length and each day's nominal power."""
    day = Day(peak_power=4000.0, flows={Flow.PRODUCTION: 10_000.0})
    bigger = Day(peak_power=8000.0, flows={Flow.PRODUCTION: 10_000.0})
    summary = summarise(
        [(NOON.date(), day, 23.0), (NOON.date() + timedelta(days=1), bigger, 24.0)]
    )
    assert summary.specific_yield == pytest.approx(2.5 + 1.25)
    assert summary.capacity_factor == pytest.approx(
        20_000.0 / (4000.0 * 23.0 + 8000.0 * 24.0)
    )
    assert summary.hours == 47.0


def test_self_sufficiency() -> None:
    """Shares of what was used, and of what was made."""
    flows = {
        Flow.CONSUMPTION: 10.0,
        Flow.GRID_IMPORT: 4.0,
        Flow.PRODUCTION: 20.0,
        Flow.GRID_EXPORT: 14.0,
    }
    summary = summarise([(NOON.date(), Day(flows=flows), 24.0)])
    assert summary.self_sufficiency == pytest.approx(0.6)
    assert summary.self_consumption == pytest.approx(0.3)


def test_books_close_within_the_stated_error() -> None:
    """A day of weather data states its error; what is unknown lies within twice it."""
    summary = summarise([(NOON.date(), day_with_an_outage(), 24.0)])
    assert summary.source is IrradianceSource.WEATHER_MODEL
    assert summary.closes
    assert summary.stated_error is not None
    assert summary.stated_error == pytest.approx(0.326 * 6 * 720.0, rel=0.02)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5))
def test_days_add_up(quarters: list[int]) -> None:
    """Days one by one, or summaries of them: the same."""
    days = []
    for count in quarters:
        books = Books()
        for _ in range(count):
            books.quarter(flows={Flow.PRODUCTION: books.total or 0.0})
        days.append((NOON.date(), books.keeper.day_of(NOON), 24.0))
    whole, parts = summarise(days), Summary()
    for day in days:
        parts.add(summarise([day]))
    assert parts.losses.harvest == pytest.approx(whole.losses.harvest)
    assert parts.performance.ratio == pytest.approx(
        whole.performance.ratio, nan_ok=True
    )
    assert parts.specific_yield == pytest.approx(whole.specific_yield)
    assert parts.availability([]) == whole.availability([])


def test_a_day_on_disk_is_small() -> None:
    """Ten years of days are some megabytes."""
    text = json.dumps(day_with_an_outage().as_dict())
    assert len(text) < 1200
    assert Day.from_dict(json.loads(text)).as_dict() == json.loads(text)


@pytest.mark.parametrize(
    "damage",
    [
        {"components": 5},
        {"flows": {"wind": 1.0}},
        {"grid": []},
        {"peak_power": "much"},
        {"components": {"a": {}}},
    ],
)
def test_damaged_day(damage: dict[str, object]) -> None:
    """A damaged day is refused."""
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        Day.from_dict({**day_with_an_outage().as_dict(), **damage})


def test_planned_downtime() -> None:
    """A downtime survives, and one without a length is none."""
    planned = Planned(
        uid="1",
        start=datetime(2026, 6, 15, 9, tzinfo=UTC),
        end=datetime(2026, 6, 15, 10, tzinfo=UTC),
        summary="New inverter",
        component=NAME,
    )
    assert Planned.from_dict(json.loads(json.dumps(planned.as_dict()))) == planned
    assert planned.downtime.component == NAME
    with pytest.raises(ValueError, match="ends after"):
        replace(planned, end=planned.start)
    with pytest.raises(ValueError, match="time zone"):
        replace(planned, start=planned.start.replace(tzinfo=None))


def test_from_the_plant_model() -> None:
    """The facts of a quarter of an hour are those of the plant model."""
    built = plant((4000.0, 30.0, 180.0), (2000.0, 30.0, 90.0))
    grid = TimeGrid(NOON, timedelta(minutes=15), 1)
    weather = even_weather(grid, 500.0)
    model = model_interval(built, weather, IrradianceSource.WEATHER_MODEL)
    assert model is not None
    actual = expected_production(built, weather)
    clear = expected_production(built, clear_sky_weather(SITE, grid))
    assert model.facts.potential == pytest.approx(0.25 * actual.potential[0])
    assert model.facts.theory == pytest.approx(0.25 * clear.potential[0])
    assert model.peak_power == 6000.0
    assert model.facts.snow_depth is None
    assert mean_gamma(built) == pytest.approx(-0.003015)
    assert isnan(mean_gamma(Plant(SITE, ())))
    dark = even_weather(grid, float("nan"))
    assert model_interval(built, dark, IrradianceSource.WEATHER_MODEL) is None
