"""Counting from a register: what flows is counted, what cannot have flowed is not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
import random

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.energy_counter import EnergyCounter, Step

START = datetime(2026, 6, 21, 10, tzinfo=UTC)
CAPACITY = 5000.0
# Wh in ten seconds at full power, in whole Wh.
FULL = 13.0

seconds = st.integers(1, 200_000)
registers = st.one_of(
    st.floats(-1e7, 1e7), st.integers(0, 50).map(float), st.sampled_from([0.0, 4e9])
)
samples = st.lists(st.tuples(seconds, registers), max_size=30)


def count(
    counter: EnergyCounter,
    values: Iterable[float],
    *,
    after: float = 10.0,
    every: float = 10.0,
    modulus: float | None = None,
    daily: bool = False,
) -> list[Step]:
    """Count values that come at an even pace, from some seconds after the last."""
    since = counter.judged or START
    return [
        counter.count_register(
            since + timedelta(seconds=after + index * every),
            value,
            capacity=CAPACITY,
            modulus=modulus,
            daily=daily,
        )
        for index, value in enumerate(values)
    ]


def started(register: float = 1_000_000.0) -> EnergyCounter:
    """Return a counter that has believed one register value."""
    counter = EnergyCounter()
    assert count(counter, [register]) == [Step.FIRST]
    return counter


@given(samples, st.booleans(), st.sampled_from([None, 1e6, 2.0**32]))
def test_total_never_falls_and_never_exceeds_capacity(
    steps: list[tuple[int, float]], daily: bool, modulus: float | None
) -> None:
    """Whatever the register shows, the total only grows, and no faster than power."""
    counter, now = EnergyCounter(), START
    for wait, register in steps:
        before, now = counter.total, now + timedelta(seconds=wait)
        counter.count_register(
            now, register, capacity=CAPACITY, modulus=modulus, daily=daily
        )
        assert counter.total >= before
        hours = (now - START).total_seconds() / 3600
        assert counter.total <= 1.25 * CAPACITY * hours + 2 * len(steps)


@given(samples)
def test_the_same_samples_again_change_nothing(steps: list[tuple[int, float]]) -> None:
    """A replayed stream is late in full, held-back samples included."""
    counter, now = EnergyCounter(), START
    stream = [
        (now := now + timedelta(seconds=wait), register) for wait, register in steps
    ]
    for taken, register in stream:
        counter.count_register(taken, register, capacity=CAPACITY)
    state = counter.as_dict()
    for _ in range(3):
        for taken, register in stream:
            step = counter.count_register(taken, register, capacity=CAPACITY)
            assert step is Step.LATE
    assert counter.as_dict() == state


def test_growth_is_counted_from_the_first_value() -> None:
    """A lifetime behind a new device is no jump of the total."""
    counter = started()
    count(counter, [1_000_000 + FULL * i for i in range(1, 361)])
    assert counter.total == FULL * 360
    assert counter.lifetime == 1_000_000 + FULL * 360


@pytest.mark.parametrize(
    ("resolution", "step"), [(1.0, Step.SPIKE), (1000.0, Step.COUNTED)]
)
def test_coarse_register_steps_as_it_can(resolution: float, step: Step) -> None:
    """A register in kWh cannot move by less, however little flowed."""
    counter = started()
    taken = START + timedelta(seconds=20)
    found = counter.count_register(
        taken, 1_001_000.0, capacity=CAPACITY, resolution=resolution
    )
    assert found is step


def test_spike_is_refused_and_what_flows_after_it_is_counted() -> None:
    """100 kWh in ten seconds on 5 kW do not count, not even when they persist."""
    counter = started()
    spike = 1_100_000.0
    steps = count(counter, [spike + FULL * i for i in range(10)])
    assert steps[:2] == [Step.SPIKE, Step.SPIKE]
    assert counter.total == FULL * 9


@pytest.mark.parametrize("garbled", [0.0, 1.0, 999.0, 4e9, 1_200_000.0])
def test_one_garbled_read_costs_nothing(garbled: float) -> None:
    """The value after it follows from the one before it."""
    counter = started()
    count(counter, [1_000_010.0, garbled, 1_000_030.0, 1_000_040.0])
    assert counter.total == 40.0


def test_empty_register_during_boot_is_ignored() -> None:
    """However long a device boots, its lifetime is neither lost nor counted twice."""
    counter = started()
    assert set(count(counter, [0.0] * 30)) == {Step.FALL}
    count(counter, [1_000_020.0])
    assert counter.total == 20.0


@given(st.floats(1.0, 1000.0), st.lists(st.floats(0.0, FULL), min_size=3))
def test_device_reset_loses_nothing_of_what_flows_after(
    fallen: float, growth: list[float]
) -> None:
    """A new register is believed once three readings agree, with what they grew."""
    counter, register = started(), fallen
    values = [register] + [register := register + step for step in growth]
    assert Step.RESET in count(counter, values)
    assert counter.total == pytest.approx(values[-1] - fallen, abs=1e-6)


def test_acc32_rolls_over() -> None:
    """The register goes on from zero, the total as if it had not."""
    modulus = 2.0**32
    counter = started(modulus - 5.0)
    assert count(counter, [8.0], modulus=modulus) == [Step.ROLLOVER]
    count(counter, [20.0], modulus=modulus)
    assert counter.total == 25.0


def test_daily_register_starts_anew_at_midnight() -> None:
    """What stands on it after midnight flowed since midnight."""
    counter = started(20_000.0)
    assert count(counter, [20_005.0, 4.0, 9.0], daily=True)[1] is Step.RESET
    assert counter.total == 14.0


def test_daily_register_starts_anew_overnight() -> None:
    """An outage from the evening to the morning does not hide the new day."""
    counter = started(20_000.0)
    count(counter, [3000.0], after=12 * 3600, daily=True)
    assert counter.total == 3000.0


@pytest.mark.parametrize("every", [10, 30, 60, 300])
@pytest.mark.parametrize("refresh", [900, 1800])
def test_slow_refresh_loses_nothing(refresh: int, every: int) -> None:
    """Registers that move every quarter or half hour count in full at full power."""
    counter = started()
    shown = [
        1_000_000 + (i * every // refresh) * refresh * CAPACITY / 3600
        for i in range(1, 8 * 3600 // every)
    ]
    # The last value is seen long enough to be believed.
    count(counter, [*shown, *shown[-1:] * 3], every=every)
    assert counter.total == shown[-1] - 1_000_000


@pytest.mark.parametrize("stale", [0, 1700])
def test_outage_of_an_hour_catches_up(stale: int) -> None:
    """The energy of the outage is counted, also behind a register that was stale."""
    counter = started()
    count(counter, [1_000_000.0] * (stale // 10))
    grown = CAPACITY * (3600 + stale) / 3600
    count(counter, [1_000_000 + grown] * 3, after=3600)
    assert counter.total == pytest.approx(grown)


def test_samples_of_the_past_are_late() -> None:
    """An earlier or a repeated time counts nothing."""
    counter = started()
    count(counter, [1_000_010.0])
    assert count(counter, [1_000_020.0], after=0) == [Step.LATE]
    assert count(counter, [1_000_020.0], after=-5) == [Step.LATE]
    assert counter.total == 10.0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("every", [1e-6, 0.1, 1.0, 10.0])
def test_values_in_any_order(every: float, seed: int) -> None:
    """Copied and shuffled values add up to the last one, and nothing counts twice."""
    counter, taken = EnergyCounter(), START
    counter.count_register(taken, 0.0, capacity=CAPACITY)
    taken += timedelta(minutes=30)
    values = [5.0 * index for index in range(1, 401)] * 2
    random.Random(seed).shuffle(values)
    for value in values:
        taken += timedelta(seconds=every)
        counter.count_register(taken, value, capacity=CAPACITY, ordered=False)
    assert counter.total == 2000.0
    later = taken + timedelta(minutes=5)
    counter.count_register(later, 2005.0, capacity=CAPACITY, ordered=False)
    assert counter.total == 2005.0


def test_new_beginning_amid_disorder() -> None:
    """A register that really starts anew is believed after ten minutes, from there."""
    counter, taken = started(), START + timedelta(seconds=10)
    for index in range(61):
        taken += timedelta(seconds=10)
        before = counter.total
        step = counter.count_register(
            taken, 1.0 + 5.0 * index, capacity=CAPACITY, ordered=False
        )
        assert counter.total == (before if index < 60 else 300.0)
    assert step is Step.RESET


def test_spike_amid_disorder() -> None:
    """One value that no burst explains counts nothing."""
    counter, taken = started(), START
    for index in range(30):
        taken += timedelta(seconds=10)
        value = 1_000_000.0 + 10.0 * index
        counter.count_register(taken, value, capacity=CAPACITY, ordered=False)
    count(counter, [1_050_000.0], after=10.0)
    assert counter.total == 290.0
