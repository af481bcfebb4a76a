"""A counter's stored state: complete, and never half believed."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.energy_counter import EnergyCounter

START = datetime(2026, 6, 21, 10, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def counted() -> EnergyCounter:
    """Return a counter that has believed some values and doubts another."""
    counter = EnergyCounter()
    for index, value in enumerate([100.0, 110.0, 1e9, 1e9 + 5.0]):
        taken = START + timedelta(seconds=10 * index)
        counter.count_register(taken, value, capacity=5000.0)
    return counter


@given(st.lists(st.tuples(st.integers(1, 4000), st.floats(0, 1e7)), max_size=8))
def test_round_trip_through_json(samples: list[tuple[int, float]]) -> None:
    """The counter that comes back goes on exactly as the one that was stored."""
    counter, now = EnergyCounter(), START
    for wait, register in samples:
        now += timedelta(seconds=wait)
        counter.count_register(now, register, capacity=5000.0)
    restored = EnergyCounter.from_dict(json.loads(json.dumps(counter.as_dict())))
    assert restored == counter


def test_a_doubt_survives_a_restart() -> None:
    """Two readings that agreed before and one after make three."""
    restored = EnergyCounter.from_dict(counted().as_dict())
    later = START + timedelta(seconds=60)
    restored.count_register(later, 1e9 + 10.0, capacity=5000.0)
    assert restored.register == 1e9 + 10.0
    assert restored.total == 20.0


@given(st.data())
def test_damaged_state_is_refused_or_harmless(data: st.DataObject) -> None:
    """One wrong value is either refused or leaves a counter that still counts."""
    state: dict[str, Any] = counted().as_dict()
    key = data.draw(st.sampled_from(sorted(state)))
    if data.draw(st.booleans()):
        del state[key]
    else:
        state[key] = data.draw(json_values)
    try:
        counter = EnergyCounter.from_dict(state)
    except KeyError, TypeError, ValueError:
        return
    before = counter.total
    counter.count_register(START + timedelta(days=1), 120.0, capacity=5000.0)
    counter.count_power(START + timedelta(days=2), 5.0)
    assert counter.total >= before >= 0.0


@pytest.mark.parametrize("damage", [-1.0, True, "5", float("nan"), 10**400])
@pytest.mark.parametrize("key", ["total", "pending"])
def test_impossible_energy_is_refused(key: str, damage: Any) -> None:
    """A stored energy is a finite number that is not negative."""
    with pytest.raises((TypeError, ValueError)):
        EnergyCounter.from_dict(counted().as_dict() | {key: damage})


@given(json_values)
def test_anything_else_is_refused(state: Any) -> None:
    """What is no counter at all raises what the caller catches."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        EnergyCounter.from_dict(state)
