"""The numerics below the forecasts."""

import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.conformal import Conformal
from custom_components.pv_family.plant.forecast.experts import DayView, Experts
from custom_components.pv_family.plant.forecast.regression import (
    fit_quantile,
    weighted_quantile,
)
from custom_components.pv_family.plant.forecast.roof import PLANES, fit_roof, prior_roof


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_share_below_the_line_is_the_quantile(quantile: float) -> None:
    """Skewed noise around a line: the fitted line has the quantile below it."""
    rng = np.random.default_rng(1)
    x = rng.random(4000)
    y = 1.0 + 2.0 * x + (0.5 + x) * rng.exponential(1.0, 4000)
    rows = np.column_stack([np.ones(4000), x])
    line = fit_quantile(rows, y, np.ones(4000), np.zeros(2), 0.1, quantile, rounds=40)
    assert np.mean(y < rows @ line) == pytest.approx(quantile, abs=0.02)


def test_without_weight_the_prior_holds() -> None:
    """Rows of weight zero teach nothing."""
    prior = np.array([0.3, 0.7])
    rows = np.ones((5, 2))
    found = fit_quantile(rows, np.full(5, 9.0), np.zeros(5), prior, 1.0)
    np.testing.assert_allclose(found, prior)


def test_weighted_quantile_ignores_what_has_no_weight() -> None:
    """The median of three of four values, and nan for a column without weight."""
    values = np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0], [99.0, 1.0]])
    weights = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    found = weighted_quantile(values, weights, 0.5)
    assert found[0] == 2.0
    assert np.isnan(found[1])


def test_conformal_widens_what_is_left_too_often() -> None:
    """Four times too narrow in front, right at the end."""
    rng = np.random.default_rng(2)
    band, inside = Conformal(), []
    for _ in range(400):
        actual = rng.normal(1000.0, 200.0, 24)
        middle = np.full(24, 1000.0)
        p10, p90 = band.apply(middle - 150.0, middle, middle + 150.0)
        inside.append(np.mean((p10 <= actual) & (actual <= p90)))
        band.learn(actual, p10, p90, 1.0)
    assert np.mean(inside[200:]) == pytest.approx(0.8, abs=0.03)
    assert Conformal.restore(band.as_dict()).low == band.low


def test_experts_follow_the_better_one() -> None:
    """Where the bound regression is right and the free one wrong, it is followed."""
    experts, rng = Experts(), np.random.default_rng(3)
    errors = []
    for day in range(60):
        made = float(rng.uniform(0.2, 1.0))
        view = DayView(float(rng.uniform(0.2, 1.0)), made, made, 0.6)
        opinions = experts.opinions(day, view)
        errors.append(abs(experts.mix(opinions) - made))
        experts.learn(day, view, opinions, made, 20_000.0)
    assert np.mean(errors[30:]) < 0.05
    again = Experts.restore(experts.as_dict())
    assert again.mix(opinions) == pytest.approx(experts.mix(opinions))


def test_roof_without_light_is_the_prior() -> None:
    """A night teaches nothing."""
    prior = prior_roof(5000.0)
    found = fit_roof(
        np.zeros((4, PLANES)), np.zeros(4), np.zeros(4), 5000.0, prior.copy()
    )
    np.testing.assert_allclose(found, prior)
