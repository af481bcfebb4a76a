"""What the roof will give."""

from datetime import timedelta
import json

import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.period import (
    bounds_between,
    energy_between,
)
from custom_components.pv_family.plant.forecast.pv import PvForecaster
from custom_components.pv_family.plant.forecast.series import Block, Forecast, Place

from .world import CLUJ, HOUR, PEAK_W, START, ahead, part, roof_days


def forecaster(place: Place = CLUJ, step: timedelta = HOUR) -> PvForecaster:
    """Return one that knows nothing."""
    return PvForecaster(place, PEAK_W, step)


def evenings(model: PvForecaster, world: Block, days: int) -> list[float]:
    """Forecast each next day at 18:00 UTC; return the relative errors of energy."""
    known, errors = 0, []
    for day in range(1, days):
        now = day * 24 - 6
        model.learn(part(world, known, now))
        known = now
        told = model.forecast(ahead(world, now)).p50[6:30].sum()
        made = world.power[day * 24 : day * 24 + 24].sum()
        errors.append(abs(told - made) / max(made, 1.0))
    return errors


def test_learns_an_orientation_that_nobody_told() -> None:
    """With a perfect weather forecast a south-west roof is known within a month."""
    errors = evenings(forecaster(), roof_days(45, noise=0.0), 44)
    assert np.median(errors[30:]) < 0.05


def test_beats_the_clear_sky_under_an_erring_weather_forecast() -> None:
    """The forecast error stays near that of the weather."""
    assert np.median(evenings(forecaster(), roof_days(60), 58)[30:]) < 0.25


def test_intervals_hold_what_they_say() -> None:
    """About eight of ten slots fall between P10 and P90."""
    world, model = roof_days(120), forecaster()
    known, inside, seen = 0, 0, 0
    for day in range(1, 118):
        now = day * 24 - 6
        model.learn(part(world, known, now))
        known = now
        told = model.forecast(ahead(world, now))
        power = world.power[now + 6 : now + 30]
        lit = power > 0.02 * PEAK_W
        if day > 40:
            within = (told.p10[6:30] <= power) & (power <= told.p90[6:30])
            inside, seen = inside + int(within[lit].sum()), seen + int(lit.sum())
    assert 0.72 < inside / seen < 0.9


@pytest.mark.parametrize("step", [HOUR, HOUR / 2, HOUR / 4])
def test_knows_nothing_and_still_answers(step: timedelta) -> None:
    """On the first day the peak power alone gives a bounded, ordered answer."""
    world = roof_days(3, step=step)
    told = forecaster(step=step).forecast(ahead(world, 0, round(2 * 24 * HOUR / step)))
    assert (told.p10 >= 0.0).all()
    assert (told.p10 <= told.p50).all()
    assert (told.p50 <= told.p90).all()
    assert 0.2 * PEAK_W < told.p50.max() < 1.2 * PEAK_W
    assert told.p50[0] == 0.0


def test_no_weather_at_all() -> None:
    """Without any weather the usual share of the clear sky is told."""
    world, model = roof_days(20), forecaster()
    bare = Block(START, HOUR, world.power)
    model.learn(part(bare, 0, 18 * 24))
    told = model.forecast(ahead(bare, 18 * 24))
    usual = world.power[: 18 * 24].sum() / 18
    assert told.p50[:24].sum() == pytest.approx(usual, rel=0.35)


def test_cloud_cover_stands_in_for_irradiance() -> None:
    """A provider of cloud cover alone tells dull days from bright ones."""
    world, model = roof_days(40, noise=0.0), forecaster()
    clear = roof_days(40, noise=0.0, seed=1).weather["ghi_w_m2"]
    peak = np.maximum(clear.reshape(-1, 24).max(axis=1), 1.0)
    bright = np.repeat(peak / peak.max(), 24)
    cloud = 100.0 * np.clip((1.0 - bright) / 0.75, 0.0, 1.0) ** (1 / 3.4)
    cloudy = Block(START, HOUR, world.power, {"cloud_pct": cloud})
    model.learn(part(cloudy, 0, 38 * 24))
    nothing, all_of_it = (
        model.forecast(
            Block(
                START + 38 * 24 * HOUR,
                HOUR,
                np.full(24, np.nan),
                {"cloud_pct": np.full(24, c)},
            )
        )
        for c in (0.0, 100.0)
    )
    assert nothing.p50.sum() > 1.5 * all_of_it.p50.sum()


def test_another_provider_of_another_orientation() -> None:
    """A provider that believes in a southern roof is turned to the real one."""
    world = roof_days(60, noise=0.0)
    wrong = roof_days(60, noise=0.0, azimuth=150.0)
    told = Block(START, HOUR, world.power, {"pv_forecast_w": 0.7 * wrong.power})
    assert np.median(evenings(forecaster(), told, 58)[35:]) < 0.1


def test_dead_days_are_not_learned() -> None:
    """A week of an inverter that was off leaves the forecast where it was."""
    world = roof_days(60, noise=0.0)
    off = world.power.copy()
    off[40 * 24 : 47 * 24] = 0.0
    fine, dead = forecaster(), forecaster()
    fine.learn(part(world, 0, 47 * 24))
    dead.learn(part(Block(START, HOUR, off, world.weather), 0, 47 * 24))
    a, b = (m.forecast(ahead(world, 47 * 24)).p50[:24].sum() for m in (fine, dead))
    assert b == pytest.approx(a, rel=0.1)


def test_morning_surprise_moves_the_next_hours() -> None:
    """Much less than told until ten makes the next hours less, not the next day."""
    world = roof_days(40, noise=0.0)
    now = 38 * 24 + 8
    as_told, dull = forecaster(), forecaster()
    power = world.power.copy()
    power[38 * 24 : now] *= 0.3
    as_told.learn(part(world, 0, now))
    dull.learn(part(Block(START, HOUR, power, world.weather), 0, now))
    usual, less = (m.forecast(ahead(world, now, 40)).p50 for m in (as_told, dull))
    assert less[:3].sum() < 0.95 * usual[:3].sum()
    assert less[20:].sum() == pytest.approx(usual[20:].sum(), rel=0.15)


def test_state_survives_json() -> None:
    """A forecaster restored from JSON goes on as the one that was saved."""
    world, first = roof_days(50), forecaster()
    for day in range(1, 41):
        first.learn(part(world, day * 24 - 24, day * 24))
        first.forecast(ahead(world, day * 24))
    second = forecaster()
    second.restore(json.loads(json.dumps(first.as_dict(), allow_nan=False)))
    for model in (first, second):
        model.learn(part(world, 40 * 24, 48 * 24))
    a, b = (m.forecast(ahead(world, 48 * 24)) for m in (first, second))
    np.testing.assert_allclose(b.p50, a.p50, rtol=0.01, atol=3.0)
    np.testing.assert_allclose(b.p90, a.p90, rtol=0.01, atol=3.0)


def test_gaps_and_unknown_power() -> None:
    """Days without a reading and slots without a value do no harm."""
    world, model = roof_days(30), forecaster()
    power = world.power.copy()
    power[::5] = np.nan
    power[5 * 24 : 9 * 24] = np.nan
    holey = Block(START, HOUR, power, world.weather)
    model.learn(part(holey, 0, 10 * 24))
    model.learn(part(holey, 15 * 24, 25 * 24))
    told = model.forecast(ahead(holey, 25 * 24))
    assert np.isfinite(told.p50).all()
    assert told.p50.max() > 0.2 * PEAK_W


def test_southern_hemisphere_and_date_line() -> None:
    """A northern roof in New Zealand is learned as well."""
    place = Place(-41.3, 174.8, "Pacific/Auckland")
    world = roof_days(45, noise=0.0, azimuth=330.0, place=place)
    model = forecaster(place)
    model.learn(part(world, 0, 43 * 24))
    told = model.forecast(ahead(world, 43 * 24)).p50.sum()
    assert told == pytest.approx(world.power[43 * 24 :].sum(), rel=0.2)


def test_harvest_is_capped() -> None:
    """No quantile of the harvest exceeds the limit; the potential stays."""
    values = np.array([100.0, 4000.0])
    told = Forecast(START, HOUR, values, values, values)
    assert told.capped(3000.0).p90.tolist() == [100.0, 3000.0]
    assert told.p90.tolist() == [100.0, 4000.0]


@pytest.mark.parametrize("minutes", [0, 15, 30, 45])
def test_clocks_that_are_ahead_by_part_of_an_hour(minutes: int) -> None:
    """Hours of Delhi or Kathmandu, learned one by one, are those learned at once."""
    start = START + timedelta(minutes=minutes)
    place = Place(27.7, 85.3, "Asia/Kathmandu")
    world = roof_days(12, noise=0.0, place=place, start=start)
    at_once, one_by_one = forecaster(place), forecaster(place)
    now = 10 * 24 + 9
    at_once.learn(part(world, 0, now))
    for hour in range(now):
        one_by_one.learn(part(world, hour, hour + 1))
    told = [m.forecast(ahead(world, now, 30)).p50 for m in (at_once, one_by_one)]
    np.testing.assert_allclose(told[1], told[0], rtol=0.02, atol=10.0)
    made = world.power[now : now + 30]
    assert abs(told[1] - made).sum() < 0.35 * made.sum()


def test_days_fall_into_intervals_of_their_own() -> None:
    """Eight of ten days, where the sums of the slots hold nearly all of them."""
    world, model = roof_days(150, seed=3), forecaster()
    known, inside, inside_sums, seen = 0, 0, 0, 0
    for day in range(1, 148):
        now = day * 24 - 6
        model.learn(part(world, known, now))
        known = now
        told = model.forecast(ahead(world, now))
        start = told.start + 6 * HOUR
        end = start + 24 * HOUR
        bounds = bounds_between(told, start, end)
        assert bounds is not None
        made = world.power[day * 24 : day * 24 + 24].sum()
        if day > 30:
            seen += 1
            inside += bounds[0] <= made <= bounds[1]
            low, high = (
                energy_between(told, band, start, end) for band in (told.p10, told.p90)
            )
            assert low is not None
            assert high is not None
            inside_sums += low <= made <= high
    assert 0.7 < inside / seen < 0.9
    assert inside_sums >= inside
