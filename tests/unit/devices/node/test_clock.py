"""What a node's clock is worth shows in when its messages arrive."""

from datetime import datetime, timedelta
import random

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.node.clock import NodeClock

from .build import NOW

DAY = 86_400.0


def run(clock: NodeClock, error: float, count: int, every: float = 5.0) -> datetime:
    """Let live messages of a node arrive whose clock is off; return the end."""
    now = NOW
    for _ in range(count):
        clock.place(now.timestamp() + error, now)
        now += timedelta(seconds=every)
    return now


def test_a_right_clock_is_believed_at_once() -> None:
    """Its times are the times of the values."""
    clock = NodeClock()
    instant = clock.place(NOW.timestamp() - 3, NOW)
    assert instant is not None
    assert instant.live
    assert instant.taken == NOW - timedelta(seconds=3)
    assert clock.trusted


def test_a_clock_a_little_ahead_measures_nothing_in_the_future() -> None:
    """A value is never newer than its arrival."""
    instant = NodeClock().place(NOW.timestamp() + 50, NOW)
    assert instant is not None
    assert instant.taken == NOW


@pytest.mark.parametrize("error", [DAY, -DAY, 600.0, -600.0])
def test_a_clock_wrong_by_a_day_is_learned(error: float) -> None:
    """After some messages at a constant distance, old times can be corrected."""
    clock = NodeClock()
    now = run(clock, error, 6)
    assert clock.offset == pytest.approx(-error, abs=1)
    instant = clock.place(now.timestamp() + error, now)
    assert instant is not None
    assert instant.live
    kept = now - timedelta(minutes=30)
    assert clock.place_buffered(kept.timestamp() + error, now) == kept


@pytest.mark.parametrize("error", [DAY, -DAY])
def test_a_wrong_clock_is_learned_from_shuffled_messages(error: float) -> None:
    """They come in heaps, and only the newest of each heap keeps its distance."""
    clock, now = NodeClock(), NOW
    draw = random.Random(3)
    for _ in range(8):
        now += timedelta(seconds=30)
        delays = [5.0 * step for step in range(6)]
        draw.shuffle(delays)
        for delay in delays:
            clock.place(now.timestamp() - delay + error, now)
    assert clock.offset == pytest.approx(-error, abs=30)


def test_a_clock_ahead_is_no_reason_to_lose_the_present() -> None:
    """Nothing is measured in the future, so it is the clock."""
    instant = NodeClock().place(NOW.timestamp() + DAY, NOW)
    assert instant is not None
    assert instant.live
    assert instant.taken == NOW


def test_old_times_of_an_unknown_clock_prove_nothing() -> None:
    """The message may be old, or the clock behind."""
    assert NodeClock().place(NOW.timestamp() - DAY, NOW) is None


def test_old_times_of_a_right_clock_are_old_messages() -> None:
    """A buffer that is sent without saying so is not the present."""
    clock = NodeClock()
    now = run(clock, 0.0, 3)
    old = now - timedelta(minutes=20)
    instant = clock.place(old.timestamp(), now)
    assert instant is not None
    assert not instant.live
    assert instant.taken == old
    assert not clock.trusted


def test_a_buffer_sent_at_once_teaches_nothing() -> None:
    """Its messages do not keep their distance from arrival."""
    clock = NodeClock()
    now = run(clock, 0.0, 3)
    for index in range(60):
        now += timedelta(milliseconds=20)
        instant = clock.place(now.timestamp() - 1800 + 5 * index, now)
        assert instant is not None
        assert not instant.live
    assert clock.offset == 0.0


def test_a_clock_that_is_set_right_is_believed_again() -> None:
    """Also when it was ahead before."""
    clock = NodeClock()
    now = run(clock, DAY, 6)
    for _ in range(6):
        clock.place(now.timestamp(), now)
        now += timedelta(seconds=5)
    assert clock.offset == 0.0


def test_a_clock_that_was_never_set() -> None:
    """Seconds since 1970 or 2000 are no time, and the value is of the present."""
    clock = NodeClock()
    instant = clock.place(12_345.0, NOW)
    assert instant is not None
    assert instant.live
    assert not clock.trusted
    assert clock.place_buffered(12_000.0, NOW) is None


def test_a_clock_that_runs_away_corrects_nothing() -> None:
    """Its offset of now was not its offset of then."""
    clock = NodeClock()
    now = run(clock, DAY, 6)
    for step in range(60):
        clock.place(now.timestamp() + DAY + 3 * step, now)
        now += timedelta(seconds=5)
    assert not clock.trusted
    assert clock.place_buffered(now.timestamp() + DAY, now) is None


def test_our_own_clock_set_back() -> None:
    """What was collected before says nothing any more."""
    clock = NodeClock()
    run(clock, DAY, 2)
    earlier = NOW - timedelta(hours=1)
    clock.place(earlier.timestamp() + DAY, earlier)
    assert clock.offset is None


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 2.0**33) | st.none(), st.floats(0.0, 60.0), st.booleans()
        ),
        max_size=30,
    )
)
def test_any_times(messages: list[tuple[float | None, float, bool]]) -> None:
    """Whatever a node says of time, nothing comes from the future."""
    clock, now = NodeClock(), NOW
    for time, passed, buffered in messages:
        now += timedelta(seconds=passed)
        if buffered:
            taken = clock.place_buffered(time, now)
            assert taken is None or taken <= now
        else:
            instant = clock.place(time, now)
            assert instant is None or instant.taken <= now
