"""Covering registers by blocks: as few as can be."""

from collections.abc import Iterator, Sequence

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.registers import Span, cover

spans = st.builds(Span, st.integers(0, 60), st.integers(1, 8))
few = st.lists(spans, max_size=6)
cuts = st.frozensets(st.integers(0, 70), max_size=3)


@given(few, st.integers(8, 30), cuts)
def test_covers_everything_within_the_limits(
    wanted: list[Span], width: int, cut: frozenset[int]
) -> None:
    """Every span lies in a block, no block is too wide, none begins before a cut."""
    blocks = cover(wanted, max_span=width, cuts=cut)
    assert all(block.count <= width for block in blocks)
    for span in wanted:
        assert any(b.address <= span.address and span.end <= b.end for b in blocks)
    for block in blocks:
        inside = [
            s for s in wanted if block.address <= s.address and s.end <= block.end
        ]
        assert inside
        assert block.address == min(s.address for s in inside)


@given(few, st.integers(8, 30), cuts)
def test_no_partition_needs_fewer_blocks(
    wanted: list[Span], width: int, cut: frozenset[int]
) -> None:
    """Brute force over all ways to group the spans finds nothing better."""
    fewest = min(
        len(groups)
        for groups in _partitions(sorted(set(wanted)))
        if all(_fits(group, width, cut) for group in groups)
    )
    assert len(cover(wanted, max_span=width, cuts=cut)) == fewest


@pytest.mark.parametrize(("last", "blocks"), [(124, 1), (125, 2)])
def test_default_width_is_the_protocols(last: int, blocks: int) -> None:
    """125 registers fit into one request, 126 do not."""
    assert len(cover([Span(0, 1), Span(last, 1)])) == blocks


def test_cut_parts_two_neighbours() -> None:
    """What the device refused together is not asked for together again."""
    wanted = [Span(10, 2), Span(12, 2), Span(14, 2)]
    assert cover(wanted, cuts=frozenset({12})) == [Span(10, 2), Span(12, 4)]


def test_nothing_wanted() -> None:
    """No spans need no block."""
    assert cover([]) == []


def test_span_reads_as_a_range() -> None:
    """People see the first and the last address."""
    assert str(Span(40_000, 10)) == "40000-40009"


def _fits(group: Sequence[Span], width: int, cut: frozenset[int]) -> bool:
    start, end = group[0].address, max(span.end for span in group)
    last = max(span.address for span in group)
    return end - start <= width and not any(start < at <= last for at in cut)


def _partitions(items: Sequence[Span]) -> Iterator[list[list[Span]]]:
    if not items:
        yield []
        return
    first, *rest = items
    for groups in _partitions(rest):
        yield [[first], *groups]
        for index, group in enumerate(groups):
            yield [*groups[:index], [first, *group], *groups[index + 1 :]]
