"""Hours of a gap: what is moved is what was caught, whatever the hours say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.pv_family.coordinator.missed_hours import MissedHours
from custom_components.pv_family.readings.energy_book import Flow
from custom_components.pv_family.readings.spans import hour_of

START = datetime(2026, 6, 15, 6, 20, tzinfo=UTC)
FLOW = Flow.PRODUCTION


def watched(*beats: tuple[float, float, bool]) -> MissedHours:
    """Return the hours after some beats: minute, counted Wh, whether registers came."""
    missed = MissedHours()
    for minute, total, arrived in beats:
        now = START + timedelta(minutes=minute)
        if arrived:
            missed.arrive(now)
        missed.beat(now, {FLOW: total})
    return missed


def test_a_gap_over_two_hours() -> None:
    """The first hour gets what it lacks, the whole ones theirs, the rest stays."""
    missed = watched((0, 0, True), (1, 10, True), (110, 1010, True))
    hour = hour_of(START)
    missed.deliver({(FLOW, hour): 300.0, (FLOW, hour + timedelta(hours=1)): 600.0})
    (repair,) = missed.repairs()
    assert [span.energy for span in repair.spans] == [290.0, 600.0]
    assert repair.spans[0].start == START + timedelta(minutes=1)
    assert repair.missed.caught == 1000.0


def test_an_hour_that_is_not_known() -> None:
    """What followed an unknown hour is not told apart from it."""
    missed = watched((0, 0, True), (1, 10, True), (160, 1010, True))
    hour = hour_of(START)
    missed.deliver({(FLOW, hour): 300.0, (FLOW, hour + timedelta(hours=2)): 100.0})
    (repair,) = missed.repairs()
    assert [span.energy for span in repair.spans] == [290.0]
    assert missed.since(START + timedelta(hours=3)) == hour


def test_no_gap() -> None:
    """Neither the end of an hour nor a gap within one is a gap to repair."""
    beats = [(m / 2, 10 * m, True) for m in range(100)]
    assert watched(*beats).gaps == []
    assert watched((0, 0, True), (30, 500, True)).gaps == []


def test_another_gap_in_the_hour_of_the_return() -> None:
    """What the first return brought is known of the hour that the second lacks."""
    missed = watched(
        (0, 0, True), (1, 10, True), (50, 510, True), (55, 560, True), (110, 1000, True)
    )
    hour = hour_of(START)
    missed.deliver({(FLOW, hour): 400.0, (FLOW, hour + timedelta(hours=1)): 400.0})
    first, second = missed.repairs()
    assert [span.energy for span in first.spans] == [390.0]
    # Of 400 Wh, 110 came with the first return and 50 were heard live.
    assert [span.energy for span in second.spans] == [240.0]


def test_the_state_outlives_a_restart() -> None:
    """What was written is what is read."""
    missed = watched((0, 0, True), (1, 10, True), (100, 1010, True))
    again = MissedHours()
    again.restore(missed.as_dict())
    assert again.as_dict() == missed.as_dict()
    assert again.gaps == missed.gaps


@given(
    st.lists(
        st.tuples(st.floats(0.1, 200), st.floats(0, 5000), st.booleans()), max_size=12
    ),
    st.dictionaries(st.integers(0, 40), st.floats(0, 1e6), max_size=40),
)
def test_never_more_than_was_caught(
    steps: list[tuple[float, float, bool]], rows: dict[int, float]
) -> None:
    """Any hours of any gaps move at most what the return brought, within the gap."""
    minute = total = 0.0
    beats = [(0.0, 0.0, True)]
    for passed, grown, arrived in steps:
        minute, total = minute + passed, total + grown
        beats.append((minute, total, arrived))
    missed = watched(*beats)
    hour = hour_of(START)
    missed.deliver({(FLOW, hour + timedelta(hours=n)): wh for n, wh in rows.items()})
    for repair in missed.repairs():
        moved = sum(span.energy for span in repair.spans)
        assert moved <= repair.missed.caught + 1e-6
        for span in repair.spans:
            assert repair.missed.start <= span.start < span.end <= repair.missed.end
