"""Means of what a sensor showed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.plant.trail import Trail

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_values_count_by_how_long_they_stood() -> None:
    """600 for five minutes and 300 for ten are 400 in the mean."""
    trail = Trail()
    trail.add(NOON, 600.0)
    trail.add(NOON + 5 * MINUTE, 300.0)
    assert trail.mean(NOON, NOON + 15 * MINUTE) == pytest.approx(400.0)
    assert trail.mean(NOON + 5 * MINUTE, NOON + 15 * MINUTE) == pytest.approx(300.0)


def test_what_is_not_known_is_left_out_up_to_a_point() -> None:
    """A gap makes a mean of the rest, a long one makes none."""
    trail = Trail()
    trail.add(NOON, 600.0)
    trail.add(NOON + 13 * MINUTE, None)
    assert trail.mean(NOON, NOON + 15 * MINUTE) == pytest.approx(600.0)
    assert trail.mean(NOON, NOON + 20 * MINUTE) is None
    assert trail.latest(NOON + 14 * MINUTE) is None


def test_a_silent_sensor_does_not_speak_for_ever() -> None:
    """A value stands for a quarter of an hour, then nothing is known."""
    trail = Trail()
    trail.add(NOON, 600.0)
    assert trail.latest(NOON + 15 * MINUTE) == 600.0
    assert trail.latest(NOON + 16 * MINUTE) is None
    assert trail.mean(NOON, NOON + 60 * MINUTE) is None


def test_a_day_is_kept_and_no_more() -> None:
    """A value every ten seconds for 30 hours fills no memory."""
    trail = Trail()
    for index in range(30 * 360):
        trail.add(NOON + timedelta(seconds=10 * index), float(index))
    end = NOON + timedelta(hours=30)
    assert len(trail._points) < 2000
    assert trail.mean(end - timedelta(hours=1), end) == pytest.approx(10_620, rel=0.01)
    assert trail.mean(NOON, NOON + timedelta(hours=1)) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.one_of(st.none(), st.floats(-10.0, 1500.0))),
        max_size=30,
    )
)
def test_a_mean_lies_between_what_was_shown(
    steps: list[tuple[int, float | None]],
) -> None:
    """Whatever is shown, a mean is none or within its values."""
    trail, when, values = Trail(), NOON, []
    for seconds, value in steps:
        when += timedelta(seconds=seconds)
        trail.add(when, value)
        if value is not None:
            values.append(value)
    mean = trail.mean(NOON, max(when, NOON + MINUTE), covered=0.01)
    assert mean is None or min(values) - 1e-6 <= mean <= max(values) + 1e-6
