"""Calendar periods of a growing total."""

from datetime import date, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.period import Period, PeriodTotals

days = st.dates(date(2000, 1, 2), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("period", "day", "start"),
    [
        (Period.TODAY, date(2026, 11, 21), date(2026, 11, 21)),
        (Period.WEEK, date(2026, 11, 22), date(2026, 11, 16)),
        (Period.WEEK, date(2026, 11, 23), date(2026, 11, 23)),
        (Period.WEEK, date(2027, 1, 1), date(2026, 12, 28)),
        (Period.MONTH, date(2026, 12, 31), date(2026, 12, 1)),
        (Period.MONTH, date(2027, 1, 1), date(2027, 1, 1)),
        (Period.MONTH, date(2028, 2, 29), date(2028, 2, 1)),
    ],
)
def test_start(period: Period, day: date, start: date) -> None:
    """Weeks start on Monday, months on the first, across the end of the year."""
    assert period.start(day) == start


@given(days, st.sampled_from(Period))
def test_start_is_the_last_first_day(day: date, period: Period) -> None:
    """A start starts its own period, and the day before belongs to another."""
    start = period.start(day)
    assert start <= day
    assert period.start(start) == start
    assert period.start(start - timedelta(days=1)) < start
    if period is Period.WEEK:
        assert start.weekday() == 0


@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1e5)), min_size=1),
    st.sampled_from(Period),
)
def test_periods_add_up(steps: list[tuple[int, float]], period: Period) -> None:
    """A period holds what flowed in it, seen after each day's energy."""
    totals, total, day = PeriodTotals(), 0.0, date(2026, 1, 1)
    flowed: dict[date, float] = {}
    totals.since_start(period, day, total)
    for wait, energy in steps:
        day += timedelta(days=wait)
        start = period.start(day)
        if start not in flowed:
            flowed[start] = 0.0
            assert totals.since_start(period, day, total) in (
                0.0,
                pytest.approx(flowed[start]),
            )
        total += energy
        flowed[start] += energy
        since = totals.since_start(period, day, total)
        assert since == pytest.approx(flowed[start], abs=1e-6)
        assert totals.start_of(period) == start


def test_clock_that_steps_back_does_not_reopen_a_period() -> None:
    """The energy of a new day stays with it while the clock shows the old one."""
    totals = PeriodTotals()
    totals.since_start(Period.TODAY, date(2026, 6, 1), 0.0)
    assert totals.since_start(Period.TODAY, date(2026, 6, 2), 100.0) == 0.0
    assert totals.since_start(Period.TODAY, date(2026, 6, 1), 110.0) == 10.0
    assert totals.since_start(Period.TODAY, date(2026, 6, 2), 130.0) == 30.0


def test_no_period_before_the_first_look() -> None:
    """A period that nobody asked for has no start."""
    assert PeriodTotals().start_of(Period.WEEK) is None
