"""Counting from power: the energy under the line between two samples."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.energy_counter import EnergyCounter, Step

START = datetime(2026, 6, 21, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the time some seconds after the start."""
    return START + timedelta(seconds=seconds)


@given(
    st.floats(0.0, 1e5),
    st.floats(0.0, 1e5),
    st.lists(st.integers(1, 119), min_size=1, max_size=40),
)
def test_ramp_is_exact_however_it_is_sampled(
    first: float, last: float, waits: list[int]
) -> None:
    """A straight line of power gives its mean times its time."""
    counter, length, elapsed = EnergyCounter(), sum(waits), 0
    counter.count_power(START, first)
    for wait in waits:
        elapsed += wait
        power = first + (last - first) * elapsed / length
        assert counter.count_power(at(elapsed), power) is Step.COUNTED
    expected = (first + last) / 2 * length / 3600
    assert counter.total == pytest.approx(expected, abs=1e-6)


@given(
    st.lists(st.tuples(st.integers(-100, 10_000), st.floats(-1e6, 1e6)), max_size=30)
)
def test_total_never_falls_and_a_replay_changes_nothing(
    samples: list[tuple[int, float]],
) -> None:
    """Whatever the power does and in whatever order it comes."""
    counter = EnergyCounter()
    for seconds, power in samples:
        before = counter.total
        counter.count_power(at(seconds), power)
        assert counter.total >= before
    state = counter.as_dict()
    for seconds, power in samples:
        assert counter.count_power(at(seconds), power) is Step.LATE
    assert counter.as_dict() == state


@pytest.mark.parametrize(("seconds", "counted"), [(120, 100.0), (121, 0.0)])
def test_gap_counts_nothing(seconds: float, counted: float) -> None:
    """Two samples more than two minutes apart say nothing of the time between."""
    counter = EnergyCounter()
    counter.count_power(START, 3000.0)
    counter.count_power(at(seconds), 3000.0)
    assert counter.total == counted


def test_counting_goes_on_after_a_gap() -> None:
    """The sample after a gap is the base for the next one."""
    counter = EnergyCounter()
    counter.count_power(START, 3000.0)
    assert counter.count_power(at(3600), 3000.0) is Step.GAP
    counter.count_power(at(3720), 3000.0)
    assert counter.total == 100.0


def test_negative_power_counts_nothing() -> None:
    """What flows the other way is another counter's."""
    counter = EnergyCounter()
    for index in range(10):
        counter.count_power(at(10 * index), -5000.0)
    assert counter.total == 0.0


def test_pause_leaves_out_what_is_unknown() -> None:
    """Nothing is drawn between the samples on both sides of a pause."""
    counter = EnergyCounter()
    counter.count_power(START, 3000.0)
    counter.pause()
    assert counter.count_power(at(60), 3000.0) is Step.FIRST
    assert counter.total == 0.0
