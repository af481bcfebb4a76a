"""Products in blocks are products."""

from hypothesis import given, strategies as st
import numpy as np

from custom_components.pv_family.plant.forecast.products import gram, moment, times


@given(st.integers(0, 5000), st.integers(1, 40), st.integers(1, 40))
def test_they_are_what_numpy_says(rows: int, width: int, other: int) -> None:
    """Whatever the shape, with rows left over and without any."""
    rng = np.random.default_rng(rows)
    left, right = rng.normal(size=(rows, width)), rng.normal(size=(rows, other))
    assert np.allclose(gram(left, right), left.T @ right)
    vector = rng.normal(size=width)
    assert np.allclose(times(left, vector), left @ vector)
    assert np.allclose(moment(left, right[:, 0]), left.T @ right[:, 0])
