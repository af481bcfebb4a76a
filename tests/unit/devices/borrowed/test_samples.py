"""Recorded changes become synchronous means; the evidence becomes words."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.borrowed.balance import Assessment, Assigned
from custom_components.pv_family.devices.borrowed.evidence import Proposal
from custom_components.pv_family.devices.borrowed.samples import (
    SLOT,
    align,
    combined,
    slot_means,
)
from custom_components.pv_family.devices.borrowed.words import Line, evidence_table
from custom_components.pv_family.readings.power_flow import Role

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
END = START + 4 * SLOT


def test_means_are_weighted_by_time() -> None:
    """A slot counts only if it is known from end to end."""
    changes = [
        (START - SLOT, 100.0),
        (START + timedelta(minutes=4), 600.0),
        (START + timedelta(minutes=12), None),
        (START + timedelta(minutes=15), 50.0),
    ]
    assert slot_means(changes, START, END) == {
        START: pytest.approx(200.0),
        START + SLOT: pytest.approx(600.0),
        START + 3 * SLOT: pytest.approx(50.0),
    }


@given(
    st.lists(
        st.tuples(
            st.integers(-4_000, 4_000),
            st.one_of(st.none(), st.floats(-1e4, 1e4), st.just(float("nan"))),
        ),
        max_size=20,
    )
)
def test_means_stay_within_the_values(changes: list[tuple[int, float | None]]) -> None:
    """No mean is beyond what was recorded, and none is outside the time asked for."""
    ordered = sorted(changes, key=lambda change: change[0])
    means = slot_means(
        [(START + timedelta(seconds=s), value) for s, value in ordered], START, END
    )
    values = [v for _, v in changes if v is not None and math.isfinite(v)]
    for time, mean in means.items():
        assert START <= time < END
        assert min(values) - 1e-6 <= mean <= max(values) + 1e-6


def test_columns_are_aligned() -> None:
    """Two one-way powers are known where both are; a table where anything is."""
    later = START + SLOT
    net = combined([({START: 500.0, later: 400.0}, 1.0), ({START: 200.0}, -1.0)])
    assert net == {START: 300.0}
    assert combined([]) == {}
    table = align([net, {later: 7.0}], lambda time: 10.0)
    assert table.times == (START, later)
    assert table.rows == ((300.0, None), (None, 7.0))


def test_the_table_of_the_evidence() -> None:
    """A hostile name cannot break it, and rivals are named."""
    words = {
        name: name
        for name in ("measurement", "now", "night", "role", "turned", "twin", "grid")
    } | {
        "none": "else",
        "balance_open": "{samples} samples, {impossible} % impossible",
        "balance_none": "nothing",
        "balance_closed": "{residual}",
        "rivals": "or {others}",
        "dark": "{night}",
        "not_dark": "{night}!",
    }
    shown = Proposal(
        (Assigned(Role.GRID, reversed=True),),
        Assessment(night=3.2),
        rivals=((Assigned(),),),
    )
    text = evidence_table(words, [Line(2, "a|b\n<b>", 12.4, None)], shown)
    assert text.splitlines() == [
        "| | measurement | now | night | role |",
        "|---|---|---|---|---|",
        "| 2 | a/b (b> | 12 W | - | grid (turned) |",
        "",
        "nothing",
        "3 W",
        "or a/b (b>: else",
    ]
