"""When a changed number is worth showing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family import publish
from custom_components.pv_family.publish import Publish

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
RULE = Publish(interval=timedelta(seconds=60), step=5.0, jump=500.0)

RULES = [value for value in vars(publish).values() if isinstance(value, Publish)]
values = st.floats(-1e6, 1e6)


def after(seconds: float, since: datetime = NOON) -> datetime:
    """Return the time some seconds later."""
    return since + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("change", "seconds", "due"),
    [
        (0.0, 1e6, False),
        (4.9, 60, False),
        (4.9, 599, False),
        (4.9, 600, True),
        (5.0, 59, False),
        (5.0, 60, True),
        (-5.0, 60, True),
        (499.0, 59, False),
        (500.0, 0, True),
        (-500.0, 0, True),
    ],
)
def test_due(change: float, seconds: float, due: bool) -> None:
    """A jump at once, a step after the interval, less after ten of them."""
    assert RULE.due(1000.0, NOON, 1000.0 + change, after(seconds)) is due


@pytest.mark.parametrize("rule", RULES)
@given(shown=values, value=values, seconds=st.floats(0, 1e5))
def test_every_rule_shows_a_change_in_the_end(
    rule: Publish, shown: float, value: float, seconds: float
) -> None:
    """No change waits longer than ten intervals, and no change shows nothing."""
    assert not rule.due(shown, NOON, shown, after(seconds))
    if value != shown and after(seconds) - NOON >= 10 * rule.interval:
        assert rule.due(shown, NOON, value, after(seconds))


def test_always() -> None:
    """Without an interval every change is shown."""
    assert publish.ALWAYS.due(1.0, NOON, 1.0 + 1e-9, NOON)


@pytest.mark.parametrize("rule", [publish.ENERGY, publish.ENERGY_TODAY])
def test_energy_is_current_when_statistics_are_compiled(rule: Publish) -> None:
    """Just before every fifth minute the last value is shown, however small."""
    shown, shown_at, value = 0.0, after(20), 0.0
    for index in range(3, 1000):
        now = after(10 * index)
        value += 0.001
        if rule.due(shown, shown_at, value, now):
            shown, shown_at = value, now
        if now.minute % 5 == 4 and now.second == 50:
            assert (shown, shown_at) == (value, now)


def test_energy_is_shown_rarely_in_between() -> None:
    """A growing energy costs little more than a row per slot."""
    shown, shown_at, rows = 0.0, NOON, 0
    for index in range(1, 360):
        now, value = after(10 * index), 14.0 * index
        if publish.ENERGY.due(shown, shown_at, value, now):
            shown, shown_at, rows = value, now, rows + 1
    assert rows <= 13


def test_steady_power_costs_few_rows() -> None:
    """A home at rest that flickers by a watt is not written down every time."""
    shown, shown_at, rows = 100.0, NOON, 0
    for index in range(1, 360):
        now, value = after(10 * index), 100.0 + index % 3
        if publish.HOME_POWER.due(shown, shown_at, value, now):
            shown, shown_at, rows = value, now, rows + 1
    assert rows <= 18
