"""Every command is put down, within its budget, and what others change is noticed."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.control.write_ledger import (
    FLASH,
    Budget,
    Outcome,
    Target,
    WriteLedger,
    WriteRefusedError,
)

NOW = datetime(2026, 6, 21, 10, tzinfo=UTC)
TARGET = Target("unit", "bulk_voltage")


def write(
    ledger: WriteLedger, now: datetime, value: float = 57.0, budget: Budget = FLASH
) -> None:
    """Write and confirm."""
    entry = ledger.open(TARGET, value, now=now, budget=budget, actor="Ana", before=56.0)
    ledger.close(entry, Outcome.CONFIRMED, value)


def test_wear_budget_holds_over_any_day() -> None:
    """However the writes are spread, 24 hours never hold more than the budget."""
    ledger = WriteLedger()
    written: list[datetime] = []
    refusals: list[WriteRefusedError] = []
    for minute in range(0, 3 * 1440, 7):
        now = NOW + timedelta(minutes=minute)
        try:
            write(ledger, now, 56.0 + minute)
        except WriteRefusedError as err:
            refusals.append(err)
        else:
            written.append(now)
    for when in written:
        day = [w for w in written if when <= w < when + timedelta(days=1)]
        assert len(day) <= FLASH.per_day
    assert len(written) > 2 * FLASH.per_day
    assert {refusal.reason for refusal in refusals} == {"worn"}
    assert all(timedelta(0) < r.wait <= timedelta(days=1) for r in refusals)


def test_pause_between_two_writes() -> None:
    """A second write at once is refused and tells how long to wait."""
    ledger = WriteLedger()
    write(ledger, NOW)
    with pytest.raises(WriteRefusedError) as refused:
        write(ledger, NOW + timedelta(seconds=2))
    assert refused.value.reason == "too_soon"
    assert refused.value.wait == timedelta(seconds=3)
    write(ledger, NOW + timedelta(seconds=5))


def test_a_clock_that_was_put_back_bars_nothing_for_longer() -> None:
    """Writes of a time that is yet to come count as of now."""
    ledger = WriteLedger()
    at_once = Budget(pause=timedelta(0), per_day=100)
    for _ in range(2):
        write(ledger, NOW + timedelta(days=400), budget=at_once)
    write(ledger, NOW, budget=at_once)
    with pytest.raises(WriteRefusedError) as refused:
        write(ledger, NOW)
    assert refused.value.wait == FLASH.pause
    write(ledger, NOW + FLASH.pause)
    for k in range(FLASH.per_day - 4):
        write(ledger, NOW + (k + 2) * FLASH.pause)
    with pytest.raises(WriteRefusedError, match="worn"):
        write(ledger, NOW + timedelta(hours=23))
    write(ledger, NOW + timedelta(hours=25))


def test_others_changes_are_noticed_once() -> None:
    """What reads back differently later was changed by somebody else."""
    ledger = WriteLedger()
    assert not ledger.observe(TARGET, 50.0)
    write(ledger, NOW)
    assert not ledger.observe(TARGET, 57.0)
    assert ledger.observe(TARGET, 54.0)
    assert not ledger.observe(TARGET, 54.0)


def test_unconfirmed_write_is_not_owned() -> None:
    """A device that did not take it over owes us nothing."""
    ledger = WriteLedger()
    entry = ledger.open(TARGET, 57.0, now=NOW, budget=FLASH, actor="")
    ledger.close(entry, Outcome.UNCONFIRMED, 56.0)
    assert not ledger.observe(TARGET, 54.0)
    assert ledger.last(TARGET) is entry


def test_budget_outlives_a_restart() -> None:
    """Through JSON and back the budget is as worn; what was under way has failed."""
    ledger = WriteLedger()
    for index in range(FLASH.per_day):
        write(ledger, NOW + index * timedelta(minutes=1))
    other = Target("unit", "output_priority")
    ledger.open(other, "solar", now=NOW, budget=FLASH, actor="Ana")
    restored = WriteLedger()
    restored.restore(json.loads(json.dumps(ledger.as_dict())))
    with pytest.raises(WriteRefusedError):
        write(restored, NOW + timedelta(hours=1))
    last = restored.last(other)
    assert last is not None
    assert last.outcome is Outcome.FAILED
    assert restored.observe(TARGET, 50.0)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(["entries", "owned", "writes"]), json_values)
def test_damaged_state_is_refused_whole(key: str, damage: Any) -> None:
    """Either all of a state is taken up or nothing, and only known errors come."""
    ledger, restored = WriteLedger(), WriteLedger()
    write(ledger, NOW)
    state = ledger.as_dict() | {key: damage}
    try:
        restored.restore(state)
    except KeyError, TypeError, ValueError:
        assert restored == WriteLedger()
    else:
        assert len(restored.entries) == len(state["entries"])
