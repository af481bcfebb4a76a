"""How much of what the model says a roof gave."""

import json

import numpy as np
import pytest

from custom_components.pv_family.plant.site_level import DAYS, SiteLevel


def _taught(share: float, days: int, *, start: int = 0) -> SiteLevel:
    level = SiteLevel()
    for day in range(start, start + days):
        modelled = np.array([0.0, 1000.0, 3000.0, np.nan])
        level.learn(np.full(4, day), modelled, share * np.nan_to_num(modelled))
    return level


def test_it_comes_to_what_the_roof_gives() -> None:
    """From the model's word to the roof's own within days."""
    assert SiteLevel().factor == 1.0
    assert _taught(0.8, 2).factor == pytest.approx(0.9, abs=0.01)
    assert _taught(0.8, DAYS).factor == pytest.approx(0.8)
    assert _taught(0.8, 5 * DAYS).days == DAYS


def test_what_is_not_known_does_not_count() -> None:
    """Hours that are held back leave no trace, and a dark roof no absurdity."""
    level = _taught(0.8, DAYS)
    before = level.factor
    level.learn(np.full(2, 99), np.array([5000.0, np.nan]), np.array([np.nan, 0.0]))
    assert level.factor == before
    assert _taught(0.0, DAYS).factor == 0.4
    assert _taught(9.0, DAYS).factor == 1.3


def test_a_restart_forgets_nothing() -> None:
    """The state goes through JSON."""
    level, other = _taught(0.7, 12), SiteLevel()
    other.restore(json.loads(json.dumps(level.as_list())))
    assert other.factor == pytest.approx(level.factor)
