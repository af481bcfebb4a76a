"""Dirt that is learned: a dry season between two rains, and what is no dirt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
import json
from random import Random

import pytest

from custom_components.pv_family.plant.books.keeper import PlantKeeper
from custom_components.pv_family.plant.books.learned_soiling import LearnedSoiling
from custom_components.pv_family.plant.books.modelled import Interval, Modelled
from custom_components.pv_family.plant.losses.cause import Cause
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource

from .days import BUCHAREST, HEALTHY, MODEL, NAME, NOON, Books

HIGH = replace(MODEL, sun=(180.0, 55.0))
QUARTERS = 10
RAIN = 30
DRY = 40


def dry_season(
    share: Callable[[int], float], model: Modelled = HIGH, days: int = RAIN + DRY
) -> Books:
    """Return the books of days on which shares of the expectation came at noon."""
    books, weather = Books(), Random(7)
    books.model = partial(_always, model)
    for day in range(days):
        came = 700.0 * share(day) * (1.0 + weather.gauss(0.0, 0.01))
        # What lies between two noons is not watched.
        books.now = NOON + timedelta(days=day)
        books.keeper.until = books.now
        for _ in range(QUARTERS):
            books.quarter(replace(HEALTHY, energy=came), came)
    return books


def _always(model: Modelled, interval: Interval) -> Modelled:
    return model


def dusty(day: int) -> float:
    """Return the share of a roof that lost 0.4 % a day until a rain, and does again."""
    return 1.0 - 0.004 * (day if day < RAIN else day - RAIN)


def soiling_of(books: Books) -> float:
    """Return the share that the next noon's books claim for dirt."""
    day = int(books.now.timestamp() // 86_400) + 1
    return books.keeper.soiling[NAME].claim(day, HIGH, 0.0) / 700.0


def test_dirt_since_the_last_rain() -> None:
    """What clear days give less than right after a rain is booked to dirt."""
    books = dry_season(dusty)
    assert soiling_of(books) == pytest.approx(0.16, abs=0.03)
    late = dict(books.today.losses.waterfall())
    # The user said 20 Wh of each quarter; 16 % of what that leaves come on top.
    assert late[Cause.SOILING] / QUARTERS == pytest.approx(20.0 + 110.0, abs=22.0)
    assert abs(late[Cause.UNKNOWN]) < 0.2 * late[Cause.SOILING]
    losses = books.today.losses
    assert sum(late.values()) + losses.harvest == pytest.approx(losses.theory)
    stored = json.loads(json.dumps(books.keeper.as_dict()))
    keeper = PlantKeeper(BUCHAREST, 253.0)
    keeper.restore(stored)
    day = int(books.now.timestamp() // 86_400) + 1
    assert keeper.soiling[NAME].claim(day, HIGH, 0.0) / 700.0 == pytest.approx(
        soiling_of(books), abs=0.001
    )


@pytest.mark.parametrize(
    ("share", "model"),
    [
        # A roof that gives less than the model says, always.
        (lambda day: 0.8, HIGH),
        # A slow decline that no rain ends: season, haze or age.
        (lambda day: 1.0 - 0.002 * day, HIGH),
        # A fault that was repaired: what gives more once does not decline again.
        (lambda day: 0.8 if day < RAIN else 1.0, HIGH),
        # Too little light of which something is known.
        (dusty, replace(HIGH, source=IrradianceSource.CLEAR_SKY)),
        (dusty, replace(HIGH, source=IrradianceSource.CLOUD_COVER)),
        (dusty, replace(HIGH, sun=(90.0, 10.0))),
        (dusty, replace(HIGH, facts=replace(HIGH.facts, theory=2000.0))),
    ],
)
def test_what_is_no_dirt(share: Callable[[int], float], model: Modelled) -> None:
    """Without a rise nothing proves dirt, and it stays unknown."""
    books = dry_season(share, model)
    assert soiling_of(books) == 0.0


def test_clean_after_the_next_rain() -> None:
    """The first clear days after a rain already end what is booked."""
    books = dry_season(
        lambda day: dusty(day) if day < RAIN + DRY else 1.0, days=RAIN + DRY + 1
    )
    assert soiling_of(books) == 0.0


def test_noise_alone_is_hardly_ever_dirt() -> None:
    """Of 20 years of clean roofs under weather data that is off, one day in fifty."""
    claimed = 0
    for seed in range(20):
        weather, soiling = Random(seed), LearnedSoiling()
        for day in range(365):
            if weather.random() < 0.45:
                came = 970.0 * (1.0 + weather.gauss(0.0, 0.04))
                soiling.days[day] = [came, 1000.0, 10.0]
            claimed += soiling.claim(day + 1, HIGH, 0.0) > 0.0
    assert claimed < 0.02 * 20 * 365
