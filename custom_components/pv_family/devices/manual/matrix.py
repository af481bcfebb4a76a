"""Files with a row for each day and a column for each time of it, as rows."""

from collections.abc import Sequence
import re
from typing import Final

from .moments import parse_any
from .numbers import split_unit

type Rows = Sequence[tuple[int, tuple[str, ...]]]

# "00:15" or "00:00-00:15".
_TIME: Final = re.compile(r"\d{1,2}:\d{2}(?:\s*[-–]\s*\d{1,2}:\d{2})?")
# Below this, a row of times is no table of a day.
_LEAST: Final = 23
_SEARCHED: Final = 60


def unfold(rows: Rows, most: int) -> Rows:
    """Return a row for each day and time of it; other tables as they are.

    Args:
        rows: The number of each row's line, and its cells.
        most: The most rows that may come of it.
    """
    for index, (line, header) in enumerate(rows[:_SEARCHED]):
        times = [i for i, cell in enumerate(header) if _TIME.fullmatch(cell)]
        if len(times) < _LEAST:
            continue
        found = [(line, ("Date", "Time", "Value"))]
        for number, cells in rows[index + 1 :]:
            day = next((c for c in cells[: times[0]] if _is_day(c)), None)
            if day is None or len(found) + len(times) > most:
                continue
            found.extend(
                (number, (day, header[i].partition("-")[0].strip(), cells[i]))
                for i in times
                if i < len(cells) and split_unit(cells[i]) is not None
            )
        return found if len(found) > 1 else rows
    return rows


def _is_day(cell: str) -> bool:
    moment = parse_any(cell)
    return moment is not None and moment.whole_day
