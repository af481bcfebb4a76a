"""The rise per ampere is the same in sun and cloud, and grows with a bad contact."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.thermal_rise import ThermalRise

START = datetime(2026, 6, 21, 6, tzinfo=UTC)
STEP = timedelta(seconds=30)


def day(resistance: float, *, clouds: bool) -> list[float]:
    """Return the rises of a day over a busbar that follows its current slowly."""
    rise, found, excess = ThermalRise(), [], 0.0
    for index in range(1400):
        sun = max(0.0, math.sin(index / 1400 * math.pi))
        dim = 0.4 if clouds and index // 40 % 2 else 1.0
        current = 9.0 * sun * dim
        excess += (resistance * current - excess) * STEP / timedelta(minutes=3)
        ambient = 20.0 + 8.0 * sun
        value = rise.step(START + index * STEP, ambient + excess, ambient, current)
        if value is not None:
            found.append(value)
    return found


@pytest.mark.parametrize("clouds", [False, True])
@pytest.mark.parametrize("resistance", [2.0, 4.5])
def test_rise_is_what_the_busbar_has(resistance: float, clouds: bool) -> None:
    """Clear or broken sky, the estimate stays near the truth."""
    found = day(resistance, clouds=clouds)
    assert len(found) > 300
    assert max(abs(value / resistance - 1.0) for value in found) < 0.25
    assert sum(found) / len(found) == pytest.approx(resistance, rel=0.05)


def test_nothing_is_said_of_small_currents() -> None:
    """At dusk and at night noise decides: nothing is said."""
    rise = ThermalRise()
    for index in range(200):
        assert rise.step(START + index * STEP, 25.0, 20.0, 0.2) is None


def test_gap_starts_anew() -> None:
    """What was before an outage does not mix with what comes after."""
    rise = ThermalRise()
    for index in range(100):
        rise.step(START + index * STEP, 40.0, 20.0, 5.0)
    later = START + timedelta(hours=5)
    assert rise.step(later, 90.0, 20.0, 5.0) is None


numbers = st.floats(-200.0, 200.0)


@given(st.lists(st.tuples(st.integers(-100, 2000), numbers, numbers, numbers)))
def test_any_samples(samples: list[tuple[int, float, float, float]]) -> None:
    """Whatever comes in whatever order, the answer is a finite number or none."""
    rise = ThermalRise()
    for seconds, temperature, ambient, current in samples:
        value = rise.step(
            START + timedelta(seconds=seconds), temperature, ambient, current
        )
        assert value is None or math.isfinite(value)
