"""The cells of a file of separated values, whoever wrote it."""

from collections import Counter
import csv
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Final

from .matrix import unfold

MAX_BYTES: Final = 10_000_000
MAX_ROWS: Final = 200_000
# A day of quarter hours, and what stands before them.
_MAX_COLUMNS: Final = 128
# A comma may be a decimal sign: of equals the other separators win.
_DELIMITERS: Final = (";", "\t", "|", ",")
_SNIFFED: Final = 60


class LogError(Exception):
    """The file as a whole cannot be read.

    Attributes:
        reason: A key of what is wrong.
    """

    def __init__(self, reason: str) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file.

    Attributes:
        rows: The number of each row's last line, counted from 1, and its cells.
        delimiter: What stands between the cells.
    """

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str


def read_table(data: bytes | str) -> Table:
    """Return the cells of a file; rows without content are left out.

    Args:
        data: Text, or bytes in UTF-8, UTF-16 with its mark, or Latin-1.

    Raises:
        LogError: It is too large, no text, or not in columns.
    """
    if len(data) > MAX_BYTES:
        raise LogError("too_large")
    text = data if isinstance(data, str) else _decode(data)
    delimiter = _delimiter(text)
    rows: list[tuple[int, tuple[str, ...]]] = []
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == MAX_ROWS:
                raise LogError("too_many_rows")
            stripped = tuple(cell.strip() for cell in cells[:_MAX_COLUMNS])
            rows.append((reader.line_num, stripped))
    except csv.Error as err:
        raise LogError("not_a_table") from err
    if not rows:
        raise LogError("empty")
    return Table(tuple(unfold(rows, MAX_ROWS)), delimiter)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """Return what separates the first rows most evenly."""
    lines = list(islice(StringIO(text), _SNIFFED))
    best, best_share = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            counts = Counter(len(c) for c in csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        several = sum(n for columns, n in counts.items() if columns > 1)
        if several == 0:
            continue
        usual = max(n for columns, n in counts.items() if columns > 1)
        share = usual / max(1, len(lines))
        if share > best_share + 0.05:
            best, best_share = delimiter, share
    return best
