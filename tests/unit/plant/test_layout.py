"""Every module has one place and one string."""

from collections import Counter

from hypothesis import given, strategies as st

from custom_components.pv_family.plant.layout import PlacedModule, place_modules


def test_three_rows_two_strings() -> None:
    """Eleven modules in three rows: the last row is short, the strings are 6 and 5."""
    placed = list(place_modules(11, 3, 2))
    assert [m.row for m in placed] == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]
    assert placed[5] == PlacedModule(6, 2, 2, 1)
    assert placed[6] == PlacedModule(7, 2, 3, 2)


@given(st.integers(1, 300), st.integers(1, 30), st.integers(1, 30))
def test_any_array(modules: int, rows: int, strings: int) -> None:
    """No place twice, no string empty, no string longer than another by two."""
    strings, rows = min(strings, modules), min(rows, modules)
    placed = list(place_modules(modules, rows, strings))
    assert len({(m.row, m.column) for m in placed}) == modules
    assert max(m.row for m in placed) <= rows
    lengths = Counter(m.string for m in placed)
    assert set(lengths) == set(range(1, strings + 1))
    assert max(lengths.values()) - min(lengths.values()) <= 1
