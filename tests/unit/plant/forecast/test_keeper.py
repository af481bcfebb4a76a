"""Both forecasts of a home through weeks, restarts and a change of the clocks."""

from datetime import UTC, datetime, timedelta
import json

import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.keeper import (
    AHEAD,
    STEP,
    History,
    Keeper,
)
from custom_components.pv_family.plant.forecast.standing import Verdict
from custom_components.pv_family.plant.model.inverter import Inverter
from custom_components.pv_family.plant.model.mount import FixedMount
from custom_components.pv_family.plant.model.plant import Chain, Plant, PvArray, Site
from custom_components.pv_family.plant.model.production import (
    clear_sky_weather,
    expected_production,
)
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.model.weather_series import WeatherSeries
from custom_components.pv_family.plant.weather import (
    ChosenWeather,
    Offer,
    Rung,
    choose_weather,
    on_grid,
)

SITE = Site(45.0, 25.0, 90.0)
PLANT = Plant(
    SITE, (Chain(Inverter(4000.0), (PvArray(5000.0, FixedMount(30.0, 180.0)),)),)
)
ZONE = "Europe/Bucharest"
# The clocks go back on 25 October.
FIRST = datetime(2026, 10, 10, tzinfo=UTC)
DAY = timedelta(days=1)


class Home:
    """A home whose days are dull or bright as a seeded die falls."""

    def __init__(self, days: int = 40) -> None:
        """Throw the dice."""
        rng = np.random.default_rng(3)
        self.grid = TimeGrid(FIRST, STEP, days * 48)
        clear = clear_sky_weather(SITE, self.grid)
        index = np.repeat(rng.uniform(0.2, 1.0, days), 48)
        self.weather = WeatherSeries.from_columns(
            self.grid, ghi=clear.ghi * index, temp_air=np.full(self.grid.count, 10.0)
        )
        # The real roof is dirtier than the described one.
        self.pv = 0.85 * expected_production(PLANT, self.weather).ac_power
        hour = np.arange(self.grid.count) % 48 / 2.0
        evening = np.exp(-(((hour - 18.0) / 2.0) ** 2))
        self.load = 250.0 + 900.0 * evening + rng.normal(0.0, 20.0, self.grid.count)

    def history(self, start: datetime, end: datetime) -> History:
        """Return what was measured in a time."""
        part = slice(self.grid.index(start), self.grid.index(end))
        grid = TimeGrid(start, STEP, part.stop - part.start)
        return History(
            start, self.pv[part], self.load[part], on_grid(self.weather, grid)
        )

    def chosen(self, now: datetime) -> ChosenWeather:
        """Return a forecast that is right."""
        grid = TimeGrid(now.replace(hour=0) - DAY, timedelta(minutes=15), 480)
        fine = TimeGrid(self.grid.start, grid.step, 2 * self.grid.count)
        weather = on_grid(self.weather, fine)
        return choose_weather(grid, SITE, now, irradiance=Offer(now, weather))

    def live(self, keeper: Keeper, start: datetime, days: int) -> None:
        """Learn and foretell at four hours of each day."""
        since = start
        for day in range(days):
            for hour in (3, 9, 15, 18):
                now = start + day * DAY + timedelta(hours=hour)
                keeper.learn(self.history(since, now))
                keeper.forecast(now, self.chosen(now))
                since = now


def test_the_first_forecast_is_that_of_the_described_roof() -> None:
    """With no history the plant model speaks, with a wide band."""
    home, now = Home(), FIRST + timedelta(hours=6)
    keeper = Keeper(PLANT, ZONE)
    foreseen = keeper.forecast(now, home.chosen(now))
    assert foreseen.potential is not None
    slots = home.grid.index(now)
    right = home.pv[slots : slots + 24] / 0.85
    assert foreseen.potential.p50[:24] == pytest.approx(right, rel=0.02, abs=5.0)
    assert foreseen.potential.start == now
    assert len(foreseen.potential.p50) == AHEAD
    noon = int(right.argmax())
    assert foreseen.potential.p10[noon] < 0.8 * right[noon]
    assert foreseen.load is None
    assert keeper.pv_standing is None


def test_weeks_teach_the_real_roof_and_the_habits() -> None:
    """After four weeks, over the change of the clocks, both are better than yesterday."""
    home, keeper = Home(), Keeper(PLANT, ZONE)
    home.live(keeper, FIRST, 28)
    now = FIRST + 28 * DAY
    keeper.learn(home.history(now - timedelta(hours=6), now))
    foreseen = keeper.forecast(now, home.chosen(now))
    assert foreseen.potential is not None
    slots = home.grid.index(now)
    came = home.pv[slots : slots + AHEAD]
    error = np.abs(foreseen.potential.p50 - came).sum() / came.sum()
    assert error < 0.2
    standing = keeper.pv_standing
    assert standing is not None
    assert 25 <= standing.days <= 28
    assert standing.verdict is Verdict.BETTER
    assert foreseen.load is not None
    load = keeper.load_standing
    assert load is not None
    assert load.mape < 0.3
    assert np.all(foreseen.potential.p10 <= foreseen.potential.p90)


def test_a_restart_forgets_nothing() -> None:
    """What goes through JSON foretells the same and judges the same days."""
    home, keeper = Home(), Keeper(PLANT, ZONE)
    home.live(keeper, FIRST, 12)
    other = Keeper(PLANT, ZONE)
    other.restore(json.loads(json.dumps(keeper.as_dict())))
    assert other.learned_until == keeper.learned_until
    assert other.pv_standing is not None
    assert keeper.pv_standing is not None
    assert other.pv_standing.mae == pytest.approx(keeper.pv_standing.mae, rel=1e-3)
    now = FIRST + 12 * DAY
    for each in (keeper, other):
        each.learn(home.history(now - timedelta(hours=6), now))
    one, two = (k.forecast(now, home.chosen(now)) for k in (keeper, other))
    assert one.potential is not None
    assert two.potential is not None
    assert two.potential.p50 == pytest.approx(one.potential.p50, rel=0.02, abs=5.0)
    assert one.load is not None
    assert two.load is not None
    assert two.load.p50 == pytest.approx(one.load.p50, rel=0.02, abs=5.0)
    home.live(keeper, now, 2)
    home.live(other, now, 2)
    assert other.pv_standing.days == keeper.pv_standing.days


def test_a_home_without_a_roof_is_foretold_its_load() -> None:
    """Its load is learned, judged and kept over a restart; of a roof nothing is said."""
    home, keeper = Home(), Keeper(None, ZONE)
    home.live(keeper, FIRST, 14)
    other = Keeper(None, ZONE)
    other.restore(json.loads(json.dumps(keeper.as_dict())))
    now = FIRST + 14 * DAY
    for each in (keeper, other):
        each.learn(home.history(now - timedelta(hours=6), now))
        foreseen = each.forecast(now, home.chosen(now))
        assert foreseen.potential is None
        assert foreseen.load is not None
        slots = home.grid.index(now)
        came = home.load[slots : slots + AHEAD]
        assert np.abs(foreseen.load.p50 - came).sum() < 0.15 * came.sum()
        assert each.pv_standing is None
        standing = each.load_standing
        assert standing is not None
        assert standing.days >= 12
        assert not len(each.described(now, home.chosen(now), 4))


def test_weather_that_is_no_forecast_teaches_nothing_of_forecasts() -> None:
    """Clear sky and long-term means are handed to the learners as unknown."""
    now = FIRST + timedelta(hours=9)
    grid = TimeGrid(FIRST, timedelta(minutes=15), 480)
    chosen = choose_weather(grid, SITE, now)
    assert chosen.worst is Rung.CLEAR_SKY
    keeper = Keeper(PLANT, ZONE)
    foreseen = keeper.forecast(now, chosen)
    assert foreseen.potential is not None
    assert np.isfinite(foreseen.potential.p50).all()
    # A ceiling is no expectation: its lower edge lies far below.
    noon = int(foreseen.potential.p50.argmax())
    assert foreseen.potential.p10[noon] < 0.2 * foreseen.potential.p50[noon]


@pytest.mark.parametrize("broken", [{}, {"pv": 1}, {"pv": {}, "load": {}}])
def test_a_damaged_state_is_refused(broken: dict[str, object]) -> None:
    """With an error that the caller expects."""
    with pytest.raises((AttributeError, IndexError, KeyError, TypeError, ValueError)):
        Keeper(PLANT, ZONE).restore(broken)


def test_no_history_changes_nothing() -> None:
    """An empty time teaches nothing."""
    keeper = Keeper(PLANT, ZONE)
    keeper.learn(Home(2).history(FIRST, FIRST))
    assert keeper.learned_until is None
