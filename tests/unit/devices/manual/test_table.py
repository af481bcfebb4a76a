"""Files of any kind become cells, or are refused with a reason."""

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.manual.table import (
    MAX_BYTES,
    MAX_ROWS,
    LogError,
    read_table,
)


@pytest.mark.parametrize(
    ("text", "delimiter", "cells"),
    [
        ("a;b\n1,5;2\n", ";", ("1,5", "2")),
        ("a,b\n1.5,2\n", ",", ("1.5", "2")),
        ("a\tb\n1,5\t2,5\n", "\t", ("1,5", "2,5")),
        ("a|b\n1|2\n", "|", ("1", "2")),
        ("Title\n\na;b;c\n1,0;2,0;3,0\n4,0;5,0;6,0\n", ";", ("1,0", "2,0", "3,0")),
        ('a,b\n"1,5","2"\n', ",", ("1,5", "2")),
    ],
)
def test_the_separator_is_found(
    text: str, delimiter: str, cells: tuple[str, ...]
) -> None:
    """The most even one wins, a decimal comma does not."""
    table = read_table(text)
    assert table.delimiter == delimiter
    assert cells in [row for _, row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_told_apart(encoding: str) -> None:
    """A name with accents comes through in each."""
    table = read_table(
        "Dată;Erzeugung für 1 Stück\n1;2\n".replace("ă", "ä").encode(encoding)
    )
    assert table.rows[0][1] == ("Datä", "Erzeugung für 1 Stück")


def test_rows_keep_their_line_numbers() -> None:
    """Empty lines and lines inside quotes count."""
    table = read_table('a,b\n\n"x\ny",2\n3,4\n')
    assert [row for row, _ in table.rows] == [1, 4, 5]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n \n;;\n", "empty"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
        ("1,2\n" * (MAX_ROWS + 1), "too_many_rows"),
        ("a,b\n1," + "x" * 200_000, "not_a_table"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes | str, reason: str) -> None:
    """Each with its own reason."""
    with pytest.raises(LogError) as caught:
        read_table(data)
    assert caught.value.reason == reason


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_bytes_break_it(data: bytes | str) -> None:
    """Anything is read or refused."""
    try:
        table = read_table(data)
    except LogError:
        return
    assert table.rows
