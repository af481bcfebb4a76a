"""What the household will use."""

from datetime import UTC, date, datetime, timedelta
import json

import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.load import LoadForecaster
from custom_components.pv_family.plant.forecast.series import Block
from custom_components.pv_family.plant.forecast.wall_days import WallClock, is_free

from .world import HOUR, START, ahead, home_days, part


def forecaster() -> LoadForecaster:
    """Return one that knows nothing."""
    return LoadForecaster("UTC", HOUR)


def test_answers_before_the_first_reading() -> None:
    """Nothing known: an ordinary household, and wide."""
    told = forecaster().forecast(ahead(home_days(3), 0))
    assert (told.p10 < told.p50).all()
    assert (told.p50 < told.p90).all()


def test_right_on_the_whole_and_right_in_its_intervals() -> None:
    """Bias below 3 %, eight of ten between P10 and P90, better than yesterday."""
    world, model = home_days(120), forecaster()
    known, inside, seen = 0, 0, 0
    told_sum = made_sum = error = naive = 0.0
    for day in range(1, 118):
        now = day * 24 - 6
        model.learn(part(world, known, now))
        known = now
        told = model.forecast(ahead(world, now))
        if day < 40:
            continue
        load = world.power[now + 6 : now + 30]
        inside += int(((told.p10[6:30] <= load) & (load <= told.p90[6:30])).sum())
        seen += 24
        told_sum, made_sum = told_sum + told.p50[6:30].sum(), made_sum + load.sum()
        error += float(np.abs(told.p50[6:30] - load).sum())
        naive += float(np.abs(world.power[now - 18 : now + 6] - load).sum())
    assert abs(told_sum / made_sum - 1.0) < 0.03
    assert 0.75 < inside / seen < 0.85
    assert error < 0.85 * naive


def test_weekends_and_holidays() -> None:
    """A Wednesday that is a holiday is forecast with the weekend's late morning."""
    world = home_days(64)
    wednesday = date(2026, 6, 3)
    first = (datetime(2026, 6, 3, tzinfo=UTC) - START) // HOUR
    work, holiday = forecaster(), LoadForecaster("UTC", HOUR, frozenset({wednesday}))
    for model in (work, holiday):
        model.learn(part(world, 0, first - 6))
    usual, late = (
        m.forecast(ahead(world, first - 6)).p50[6:30] for m in (work, holiday)
    )
    assert usual[7] > usual[10]
    assert late[7] < usual[7]
    assert late[10] > usual[10]


def test_heat_wave() -> None:
    """A home that cools above 22 degrees is forecast higher when heat is."""
    days = 90
    world = home_days(days)
    rng = np.random.default_rng(3)
    warmth = np.repeat(20.0 + 8.0 * rng.random(days), 24)
    load = world.power + 150.0 * np.maximum(warmth - 22.0, 0.0)
    warm = Block(START, HOUR, load, {"temp_c": warmth})
    model = forecaster()
    model.learn(part(warm, 0, 88 * 24))
    cool, hot = (
        model.forecast(
            Block(
                START + 88 * 24 * HOUR,
                HOUR,
                np.full(24, np.nan),
                {"temp_c": np.full(24, degrees)},
            )
        ).p50.sum()
        for degrees in (20.0, 28.0)
    )
    assert hot > 1.2 * cool


def test_the_last_hours_move_the_next_ones() -> None:
    """A house that draws three times its usual load will draw more this evening."""
    world, model, guests = home_days(60), forecaster(), forecaster()
    now = 58 * 24 + 14
    load = world.power.copy()
    load[now - 8 : now] *= 3.0
    model.learn(part(world, 0, now))
    guests.learn(part(Block(START, HOUR, load), 0, now))
    usual, more = (m.forecast(ahead(world, now, 24)).p50 for m in (model, guests))
    assert more.sum() > usual.sum()


def test_a_day_that_began_like_others_goes_on_like_them() -> None:
    """Who is out at noon cooks late the next day: the level alone would not tell."""
    days = 90
    out = np.random.default_rng(5).random(days) < 0.5
    load = np.full((days, 24), 300.0)
    load[out, 8:11] += 900.0
    load[~out, 13:16] += 900.0
    late = np.roll(out, 1)
    load[late, 20:23] += 1500.0
    load[~late, 5:8] += 1500.0
    model, known = forecaster(), 0
    evenings: dict[bool, list[float]] = {True: [], False: []}
    world = Block(START, HOUR, load.ravel())
    for day in range(1, days - 1):
        now = day * 24 - 6
        model.learn(part(world, known, now))
        known = now
        if day > 60:
            told = model.forecast(ahead(world, now)).p50[6:30]
            evenings[bool(late[day])].append(float(told[20:23].mean()))
    assert min(evenings[True]) > 2.0 * max(evenings[False])


def test_state_survives_json() -> None:
    """A forecaster restored from JSON goes on as the one that was saved."""
    world, first, second = home_days(60), forecaster(), forecaster()
    first.learn(part(world, 0, 50 * 24))
    second.restore(json.loads(json.dumps(first.as_dict(), allow_nan=False)))
    for model in (first, second):
        model.learn(part(world, 50 * 24, 58 * 24))
    a, b = (m.forecast(ahead(world, 58 * 24)) for m in (first, second))
    np.testing.assert_allclose(b.p50, a.p50, rtol=0.01, atol=2.0)
    np.testing.assert_allclose(b.p90, a.p90, rtol=0.01, atol=2.0)


def test_gaps() -> None:
    """Missing slots and missing weeks leave finite forecasts."""
    world, model = home_days(40), forecaster()
    load = world.power.copy()
    load[::7] = np.nan
    load[10 * 24 : 20 * 24] = np.nan
    holey = Block(START, HOUR, load)
    model.learn(part(holey, 0, 9 * 24))
    model.learn(part(holey, 12 * 24, 38 * 24))
    told = model.forecast(ahead(holey, 38 * 24))
    assert np.isfinite(told.p50).all()
    assert told.p50.min() > 0.0


def test_an_empty_block() -> None:
    """Nothing to learn changes nothing."""
    model = forecaster()
    model.learn(Block(START, HOUR, np.array([])))
    assert model.as_dict() == forecaster().as_dict()


@pytest.mark.parametrize(
    ("day", "lived"), [("2026-03-29", 23), ("2026-10-25", 24), ("2026-06-01", 24)]
)
def test_days_of_23_and_25_hours(day: str, lived: int) -> None:
    """The missing hour stays unknown, the doubled one falls into one slot."""
    clock = WallClock("Europe/Bucharest", HOUR)
    noon = datetime.fromisoformat(f"{day}T09:00Z")
    days, slots = clock.split(noon - timedelta(hours=24), 48)
    here = days == noon.toordinal()
    assert len(set(slots[here].tolist())) == lived


def test_free_days() -> None:
    """Saturdays, Sundays and holidays are free."""
    monday = date(2026, 6, 1).toordinal()
    free = is_free(monday + np.arange(7), {date(2026, 6, 3)})
    assert free.tolist() == [False, False, True, False, False, True, True]
