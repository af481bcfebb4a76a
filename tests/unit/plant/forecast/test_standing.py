"""How forecasts are judged."""

import json

import numpy as np
import pytest

from custom_components.pv_family.plant.forecast.standing import Record, Verdict

SLOTS = 48


def _flat(level: float) -> np.ndarray:
    return np.full(SLOTS, level)


def _judged(error: float, naive_error: float, days: int) -> Record:
    record = Record()
    for day in range(days):
        actual = _flat(1000.0)
        p50 = actual + error * (-1) ** day
        bands = (p50 - 50.0, p50, p50 + 50.0)
        record.judge(day, actual, bands, actual + naive_error)
    return record


def test_a_worked_example() -> None:
    """100 W off where yesterday would have been 400 W off: three quarters better."""
    standing = _judged(100.0, 400.0, 8).standing
    assert standing is not None
    assert standing.days == 8
    assert standing.mae == pytest.approx(100.0)
    assert standing.mape == pytest.approx(0.1)
    assert standing.skill == pytest.approx(0.75)
    assert standing.day_error == pytest.approx(0.1)
    assert standing.bias == pytest.approx(0.0)
    assert standing.coverage == 0.0
    assert standing.verdict is Verdict.BETTER


@pytest.mark.parametrize(
    ("error", "naive", "days", "verdict"),
    [
        (10.0, 400.0, 6, Verdict.LEARNING),
        (400.0, 400.0, 20, Verdict.NOT_YET_BETTER),
        (390.0, 400.0, 20, Verdict.NOT_YET_BETTER),
        (500.0, 400.0, 20, Verdict.NOT_YET_BETTER),
        (300.0, 400.0, 20, Verdict.BETTER),
    ],
)
def test_nothing_is_claimed_that_is_not_so(
    error: float, naive: float, days: int, verdict: Verdict
) -> None:
    """Better only with a clear lead over a week or more."""
    standing = _judged(error, naive, days).standing
    assert standing is not None
    assert standing.verdict is verdict


def test_what_is_unknown_does_not_count() -> None:
    """A slot without a measurement, and a day without any, are left out."""
    record = Record()
    actual = _flat(1000.0)
    actual[: SLOTS // 2] = np.nan
    bands = (_flat(900.0), _flat(1010.0), _flat(1100.0))
    record.judge(1, actual, bands, _flat(800.0))
    record.judge(2, _flat(np.nan), bands, _flat(800.0))
    standing = record.standing
    assert standing is not None
    assert (standing.days, standing.mae, standing.coverage) == (1, 10.0, 1.0)
    assert Record().standing is None


def test_sixty_days_are_remembered_over_a_restart() -> None:
    """The record fits in JSON and forgets the oldest days; no day counts twice."""
    record = _judged(100.0, 400.0, 80)
    restored = Record.restore(json.loads(json.dumps(record.as_list())))
    assert restored.standing == record.standing
    assert restored.standing is not None
    assert restored.standing.days == 60
    restored.judge(79, _flat(0.0), (_flat(0.0),) * 3, _flat(0.0))
    assert restored.standing == record.standing
    assert restored.last_day == 79
