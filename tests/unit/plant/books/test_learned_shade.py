"""Shade that is learned: a tree in the morning, and what is no shade."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
import json

import pytest

from custom_components.pv_family.plant.books.evidence import Seen
from custom_components.pv_family.plant.books.keeper import PlantKeeper
from custom_components.pv_family.plant.books.learned_shade import LearnedShade
from custom_components.pv_family.plant.books.modelled import Interval, Modelled
from custom_components.pv_family.plant.losses.cause import Cause

from .days import BUCHAREST, HEALTHY, MODEL, NAME, Books

DAYS = 30
# From six in the morning, half an hour in each cell of the sky.
PATH = [(90.0 + 7.0 * step, 5.0 + 2.5 * step) for step in range(20)]


def season(
    share: Callable[[int], float],
    model: Modelled = MODEL,
    seen: Seen = HEALTHY,
) -> Books:
    """Return the books of a season in which shares of the expectation came."""
    books = Books()
    for _ in range(DAYS):
        for step, sun in enumerate(PATH):
            under = replace(model, sun=sun)
            books.model = partial(_always, under)
            came = 700.0 * share(step)
            books.quarter(replace(seen, energy=came), came)
    return books


def _always(model: Modelled, interval: Interval) -> Modelled:
    return model


def shade_at(books: Books, step: int, model: Modelled = MODEL) -> float:
    """Return what shade claims now of a quarter of an hour of 700 Wh."""
    return books.keeper.shades[NAME].claim(replace(model, sun=PATH[step]))


def test_a_tree_in_the_morning() -> None:
    """What is missing at the same places of the sun is shade, and nowhere else."""
    books = season(lambda step: 0.5 if step < 4 else 0.97)
    # A tenth of the model's sky was cloudy, so shade takes nine tenths of its share.
    assert shade_at(books, 1) == pytest.approx(0.9 * 700.0 * (1 - 0.5 / 0.97), rel=0.01)
    assert shade_at(books, 10) == 0.0
    dull = replace(MODEL, facts=replace(MODEL.facts, potential=300.0))
    assert shade_at(books, 1, dull) == pytest.approx(
        300.0 / 800.0 * 280.0 * (1 - 0.5 / 0.97), rel=0.01
    )
    late = dict(books.today.losses.waterfall())
    assert late[Cause.SHADE] > 4 * 250.0
    assert abs(late[Cause.UNKNOWN]) < late[Cause.SHADE]
    stored = json.loads(json.dumps(books.keeper.as_dict()))
    keeper = PlantKeeper(BUCHAREST, 253.0)
    keeper.restore(stored)
    assert keeper.shades[NAME].claim(replace(MODEL, sun=PATH[1])) == pytest.approx(
        shade_at(books, 1), rel=1e-3
    )
    assert len(json.dumps(stored["shades"])) < 2000


@pytest.mark.parametrize(
    ("share", "model", "seen"),
    [
        # Dirt, or a model that is off: everywhere alike.
        (lambda step: 0.7, MODEL, HEALTHY),
        # Weather data that is a little off in the morning.
        (lambda step: 0.92 if step < 4 else 1.0, MODEL, HEALTHY),
        # Held back, and not by a tree.
        (lambda step: 0.5 if step < 4 else 1.0, MODEL, replace(HEALTHY, throttled=1.0)),
        # Too cloudy for shadows.
        (
            lambda step: 0.5 if step < 4 else 1.0,
            replace(MODEL, facts=replace(MODEL.facts, theory=2000.0)),
            HEALTHY,
        ),
    ],
)
def test_what_is_no_shade(
    share: Callable[[int], float], model: Modelled, seen: Seen
) -> None:
    """Nothing is taken for shade that is not tied to the place of the sun."""
    books = season(share, model, seen)
    if NAME in books.keeper.shades:
        assert shade_at(books, 1, model) == 0.0


def test_too_little_to_learn_from() -> None:
    """A cell or two of the sky prove nothing."""
    assert LearnedShade().claim(MODEL) == 0.0
    few = LearnedShade({(18, 0): [100.0, 700.0, 50.0]})
    assert few.claim(MODEL) == 0.0


def test_shade_that_goes() -> None:
    """A tree that is felled is forgotten within a season."""
    books = season(lambda step: 0.5 if step < 4 else 1.0)
    before = shade_at(books, 1)
    for _ in range(400):
        books.model = lambda _: replace(MODEL, sun=PATH[1])
        books.quarter()
    assert shade_at(books, 1) < 0.5 * before
