"""Energy over time, split into hours without loss."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.spans import EnergySpan, by_hour, union

T0 = datetime(2026, 6, 15, tzinfo=UTC)

spans = st.builds(
    lambda start, minutes, energy: EnergySpan(
        T0 + timedelta(minutes=start), T0 + timedelta(minutes=start + minutes), energy
    ),
    st.integers(0, 3000),
    st.integers(1, 3000),
    st.floats(0, 1e6),
)


@given(st.lists(spans, max_size=8), st.booleans())
def test_nothing_is_lost_in_the_hours(found: list[EnergySpan], shaped: bool) -> None:
    """The hours hold what the spans held, whole and not negative."""
    hours = by_hour(found, (lambda when: max(0.0, when.hour - 5.0)) if shaped else None)
    assert sum(hours.values()) == pytest.approx(sum(s.energy for s in found), abs=1e-3)
    assert all(energy >= 0.0 for energy in hours.values())
    assert all(hour.minute == 0 and hour.tzinfo is UTC for hour in hours)


def test_a_day_follows_its_shape() -> None:
    """A day's total goes where the sun is; the dark hours get nothing."""
    day = EnergySpan(T0, T0 + timedelta(days=1), 1200.0)
    hours = by_hour([day], lambda when: 1.0 if 6 <= when.hour < 18 else 0.0)
    assert [round(energy) for energy in hours.values()] == [0] * 6 + [100] * 12 + [
        0
    ] * 6


def test_a_night_without_shape_is_spread_by_time() -> None:
    """Where the shape is zero throughout, time decides."""
    night = EnergySpan(T0, T0 + timedelta(hours=2), 10.0)
    assert list(by_hour([night], lambda _: 0.0).values()) == [5.0, 5.0]


def test_stretches_that_touch_are_joined() -> None:
    """Overlaps are not counted twice."""
    hours = [T0 + timedelta(hours=n) for n in range(6)]
    found = [(hours[4], hours[5]), (hours[0], hours[2]), (hours[1], hours[3])]
    assert union(found) == [(hours[0], hours[3]), (hours[4], hours[5])]
