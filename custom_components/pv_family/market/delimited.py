"""Tables in text from the internet, whatever program and code page wrote them."""

from collections.abc import Iterable, Sequence
import csv
from io import StringIO
import re
from typing import Final

_SEPARATORS: Final = ",;\t"
_BLANK: Final = f' "\0{_SEPARATORS}'
_MOST_CELLS: Final = 64
_MARKS: Final = ".,"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_IN_NUMBERS: Final = re.compile(r"[\s'\u2019]")


class TableError(Exception):
    """A text is no table of numbers; the message says why."""


def decoded(body: bytes) -> str:
    """Return bytes as text; letters that no code page explains are replaced."""
    if body.startswith(_UTF_16):
        return body.decode("utf-16", errors="replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Digits are the same in every code page of the region, and so is the euro.
        return body.decode("cp1250", errors="replace")


def rows_of(text: str, most: int, header: str) -> list[list[str]]:
    """Return the cells of each line, stripped; blank lines are left out.

    Args:
        text: The table, with lines above and below it.
        most: Lines that it may have.
        header: A word in the line of the names, where the separator is seen best.

    Raises:
        TableError: It has too many lines or columns, or breaks off inside a cell.
    """
    lines = [line for line in text.splitlines() if line.strip(_BLANK)]
    if len(lines) > most:
        raise TableError("the report has too many lines")
    if text.count('"') % 2:
        raise TableError("the report breaks off inside a quote")
    named = [line for line in lines if header in line.casefold()]
    separator = max(
        _SEPARATORS, key=lambda s: max((line.count(s) for line in named), default=0)
    )
    reader = csv.reader(
        StringIO("\n".join(lines)), delimiter=separator, skipinitialspace=True
    )
    try:
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise TableError(str(error)) from error
    if any(len(row) > _MOST_CELLS for row in rows):
        raise TableError("the report has too many columns")
    return rows


def decimal_mark(cells: Iterable[str]) -> str:
    """Return whether the numbers of a column have a point or a comma for decimals.

    A mark that is there twice, stands before another one, or is followed by three
    digits only may be of thousands; any other is of decimals.

    Raises:
        TableError: The numbers contradict each other.
    """
    seen, found = ".", set()
    for cell in map(_bare, cells):
        used = [mark for mark in cell if mark in _MARKS]
        if not used:
            continue
        seen = used[-1]
        if used.count(seen) > 1:
            found.add(_MARKS.replace(seen, ""))
        elif len(used) > 1 or len(cell) - cell.index(seen) != 4:
            found.add(seen)
    if len(found) > 1:
        raise TableError("points and commas both stand before decimals")
    return next(iter(found), seen)


def number(cell: str, mark: str) -> float:
    """Return a number of a cell.

    Args:
        cell: With or without groups of thousands.
        mark: What stands before its decimals.

    Raises:
        TableError: It is no number.
    """
    group, point = re.escape(_MARKS.replace(mark, "")), re.escape(mark)
    bare = _bare(cell)
    whole = rf"\d{{1,3}}(?:{group}\d{{3}})+|\d{{1,9}}"
    if not re.fullmatch(
        rf"[+-]?(?:(?:{whole})(?:{point}\d{{1,20}})?|{point}\d{{1,20}})", bare
    ):
        raise TableError(f"{cell[:20]!r} is no price")
    return float(bare.replace(_MARKS.replace(mark, ""), "").replace(mark, "."))


def numbers(cells: Sequence[str], mark: str) -> list[float]:
    """Return those of some cells that are numbers."""
    found = []
    for cell in cells:
        try:
            found.append(number(cell, mark))
        except TableError:
            continue
    return found


def _bare(cell: str) -> str:
    """Return a number without blanks and with an ordinary minus."""
    return _IN_NUMBERS.sub("", cell).replace("\u2212", "-")
