"""Which witness of an hour is believed, and that nothing is counted twice."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.readings.hourly import Batch, HourBook, Provenance
from custom_components.pv_family.readings.spans import EnergySpan, Missed

HOUR = timedelta(hours=1)
T0 = datetime(2026, 6, 15, 6, tzinfo=UTC)
NOW = T0 + timedelta(days=2)
FLOW = "production"


def at(hours: float) -> datetime:
    """Return an instant so many hours after the beginning."""
    return T0 + hours * HOUR


def batch(
    hours: dict[datetime, float],
    provenance: Provenance = Provenance.MANUAL,
    added: float = 0,
) -> Batch:
    """Return a batch of production."""
    return Batch(
        stream=FLOW,
        provenance=provenance,
        label="paper",
        added=NOW + added * HOUR,
        hours=hours,
    )


class Shown:
    """Statistics that show what they are told."""

    def __init__(self, book: HourBook, measured: dict[datetime, float]) -> None:
        """Start with what was counted live."""
        self.book = book
        self.hours: dict[datetime, float | None] = dict(measured)

    def apply(self) -> None:
        """Show what the book plans."""
        hours = self.book.open_hours(FLOW)
        planned = self.book.plan(FLOW, {h: self.hours.get(h) for h in hours})
        self.hours.update(planned)
        self.book.settle(FLOW, planned)

    @property
    def energies(self) -> list[float | None]:
        """What the hours show, in order."""
        return [self.hours[hour] for hour in sorted(self.hours)]

    @property
    def total(self) -> float:
        """What all hours show together."""
        return sum(energy or 0.0 for energy in self.hours.values())


def test_a_measured_hour_stands_against_what_is_typed_in() -> None:
    """What was counted in a whole hour is believed, however large the other is."""
    book = HourBook()
    shown = Shown(book, {at(0): 500.0})
    book.put("a", batch({at(0): 900.0, at(1): 700.0}))
    shown.apply()
    assert shown.energies == [500.0, 700.0]
    assert book.judge(FLOW, at(1)).provenance is Provenance.MANUAL
    assert book.series(FLOW, Provenance.MANUAL) == {at(0): 900.0, at(1): 700.0}


@pytest.mark.parametrize(
    ("minutes", "claim", "expected"),
    [(5, 900.0, 500.0), (7, 900.0, 900.0), (7, 400.0, 500.0), (60, 1.0, 500.0)],
)
def test_of_an_hour_measured_in_part_the_larger_counts(
    minutes: float, claim: float, expected: float
) -> None:
    """Below nine tenths of an hour, what is typed in may complete it."""
    book = HourBook()
    shown = Shown(book, {at(0): 500.0})
    missed = Missed(at(0), at(0) + timedelta(minutes=minutes))
    book.put_late(FLOW, "node", [], [missed], NOW)
    book.put("a", batch({at(0): claim}))
    shown.apply()
    assert shown.energies == [expected]


def test_a_file_is_believed_before_memory_and_the_later_before_the_earlier() -> None:
    """Imported over manual, later over earlier; undoing brings the next one back."""
    book = HourBook()
    shown = Shown(book, {})
    book.put("memory", batch({at(0): 1.0}, added=9))
    book.put("old", batch({at(0): 2.0}, Provenance.IMPORTED, added=1))
    book.put("new", batch({at(0): 3.0}, Provenance.IMPORTED, added=2))
    for expected, undone in ((3.0, "new"), (2.0, "old"), (1.0, "memory")):
        shown.apply()
        assert shown.energies == [expected]
        assert book.undo(undone) is not None
    shown.apply()
    assert shown.energies == [None]
    assert book.undo("new") is None


def test_repeating_changes_nothing() -> None:
    """The same batch and the same late spans again leave nothing to do."""
    book = HourBook()
    shown = Shown(book, {at(0): 500.0})
    late = [EnergySpan(at(1), at(2), 300.0)]
    assert book.put("a", batch({at(1): 700.0}))
    book.put_late(FLOW, "node", late, [Missed(at(1), at(2))], NOW)
    shown.apply()
    book.publish(FLOW)
    before = book.as_dict(), shown.energies
    assert book.put_late(FLOW, "node", late, [Missed(at(1), at(2))], NOW) == []
    assert book.open_hours(FLOW) == frozenset()
    assert not book.put("a", batch({at(1): 700.0}, added=5))
    shown.apply()
    book.publish(FLOW)
    assert (book.as_dict(), shown.energies) == before


def test_repeating_brings_back_what_was_lost() -> None:
    """Statistics that were purged are filled again by the same file."""
    book = HourBook()
    shown = Shown(book, {})
    book.put("a", batch({at(1): 700.0}))
    shown.apply()
    shown.hours.clear()
    assert not book.put("a", batch({at(1): 700.0}))
    shown.apply()
    assert shown.energies == [700.0]


def test_late_energy_counts_only_where_its_source_was_not_heard() -> None:
    """Of an hour-long span half was heard live: the other half is added."""
    book = HourBook()
    shown = Shown(book, {at(0): 400.0, at(1): 500.0})
    late = [EnergySpan(at(0), at(1), 800.0), EnergySpan(at(1), at(2), 900.0)]
    book.put_late(FLOW, "node", late, [Missed(at(0.5), at(1))], NOW)
    shown.apply()
    assert shown.energies == [800.0, 500.0]


def test_two_sources_add_up() -> None:
    """One node's late hour does not replace what another measured in it."""
    book = HourBook()
    shown = Shown(book, {at(0): 1000.0})
    for node in ("a", "b"):
        book.put_late(
            FLOW, node, [EnergySpan(at(0), at(1), 250.0)], [Missed(at(0), at(1))], NOW
        )
    shown.apply()
    assert shown.energies == [1500.0]


def test_what_a_register_caught_up_moves_and_does_not_grow() -> None:
    """The total stays what it was, each hour gets its own."""
    book = HourBook()
    shown = Shown(book, {at(0): 0.0, at(1): 0.0, at(2): 3000.0})
    late = [EnergySpan(at(n), at(n + 1), 900.0 + n) for n in range(2)]
    book.put_late(FLOW, "node", late, [Missed(at(0), at(2.1), caught=2500.0)], NOW)
    shown.apply()
    assert shown.energies == [900.0, 901.0, 3000.0 - 1801.0]
    assert shown.total == 3000.0


def test_spans_that_cannot_be_are_refused() -> None:
    """The future, a step back, more than a day, too much, an overlap."""
    book = HourBook()
    good = EnergySpan(at(0), at(1), 10.0)
    bad = [
        EnergySpan(NOW, NOW + HOUR, 10.0),
        EnergySpan(at(3), at(2), 10.0),
        EnergySpan(at(3), at(28), 10.0),
        EnergySpan(at(3), at(4), 1e10),
        EnergySpan(at(3), at(4), -1.0),
        EnergySpan(at(3), at(4), float("nan")),
        EnergySpan(at(0.5), at(1.5), 10.0),
    ]
    assert book.put_late(FLOW, "node", [good, *bad], [], NOW) == bad
    better = good._replace(energy=11.0)
    assert book.put_late(FLOW, "node", [better], [], NOW) == []
    assert book.series(FLOW, Provenance.LATE) == {at(0): 11.0}


@pytest.mark.parametrize(
    "hours", [{at(0.5): 1.0}, {at(0): -1.0}, {at(0): float("inf")}]
)
def test_batches_that_cannot_be_are_refused(hours: dict[datetime, float]) -> None:
    """A batch has whole hours and energies that can flow."""
    book = HourBook()
    with pytest.raises(ValueError, match=r"Wh|finite"):
        book.put("a", batch(hours))
    assert not book.batches


def test_what_somebody_else_changed_counts_as_measured() -> None:
    """A row adjusted by hand keeps its adjustment through the next repair."""
    book = HourBook()
    shown = Shown(book, {at(0): 100.0})
    missed = [Missed(at(0), at(1))]
    book.put_late(FLOW, "node", [EnergySpan(at(0), at(0.5), 50.0)], missed, NOW)
    shown.apply()
    shown.hours[at(0)] = 170.0
    book.put_late(FLOW, "node", [EnergySpan(at(0.5), at(1), 30.0)], missed, NOW)
    shown.apply()
    assert shown.energies == [200.0]


spans = st.builds(
    lambda start, minutes, energy: EnergySpan(
        at(start / 12), at(start / 12) + timedelta(minutes=minutes), float(energy)
    ),
    st.integers(0, 70),
    st.sampled_from([5, 20, 60, 90]),
    st.integers(0, 2000),
)
batches = st.tuples(
    st.sampled_from("abc"),
    st.builds(
        batch,
        st.dictionaries(st.integers(0, 7).map(at), st.integers(0, 2000).map(float)),
        st.sampled_from([Provenance.MANUAL, Provenance.IMPORTED]),
        st.integers(0, 3),
    ),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), batches),
        st.tuples(st.just("undo"), st.sampled_from("abc")),
        st.tuples(st.just("late"), st.lists(spans, max_size=4)),
        st.tuples(st.just("apply"), st.none()),
        st.tuples(st.just("crash"), st.booleans()),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.integers(0, 7).map(at), st.integers(0, 2000).map(float)), steps
)
def test_any_order_of_work_and_crashes_ends_the_same(
    measured: dict[datetime, float], work: list[tuple[str, Any]]
) -> None:
    """The result follows from what is known, not from when it was written."""
    book = HourBook()
    book.put_late(FLOW, "node", [], [Missed(at(2), at(4.5))], NOW)
    shown = Shown(book, measured)
    for kind, argument in work:
        if kind == "put":
            shown.book.put(*argument)
        elif kind == "undo":
            shown.book.undo(argument)
        elif kind == "late":
            shown.book.put_late(FLOW, "node", argument, [], NOW)
        elif kind == "apply":
            shown.apply()
        else:
            hours = shown.book.open_hours(FLOW)
            planned = shown.book.plan(FLOW, {h: shown.hours.get(h) for h in hours})
            if argument:
                shown.hours.update(planned)
            shown.book = HourBook.from_dict(json.loads(json.dumps(book_of(shown))))
    shown.apply()
    # The same knowledge, applied at once to untouched statistics.
    fresh = HourBook.from_dict(json.loads(json.dumps(book_of(shown, rows=False))))
    at_once = Shown(fresh, measured)
    at_once.apply()
    known = {h: e for h, e in shown.hours.items() if e is not None}
    expected = {h: e for h, e in at_once.hours.items() if e is not None}
    assert known.keys() == expected.keys()
    for hour, energy in expected.items():
        assert known[hour] == pytest.approx(energy, abs=1e-6)
        assert known[hour] >= 0.0


def book_of(shown: Shown, *, rows: bool = True) -> dict[str, Any]:
    """Return a book as stored, without what it knows of the statistics if asked."""
    state = shown.book.as_dict()
    if not rows:
        stream = state["streams"][FLOW]
        stream["rows"] = {}
        hours = {str(int(at(n).timestamp()) // 3600) for n in range(10)}
        for item in state["batches"].values():
            hours |= set(item["hours"])
        stream["open"] = sorted(hours)
    return state


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["streams", "batches", "rows", "open", "late", "missed", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_damaged_state_is_refused_or_read(state: Any) -> None:
    """Whatever is on disk, only the announced errors come."""
    with suppress(AttributeError, IndexError, KeyError, TypeError, ValueError):
        HourBook.from_dict(state)
