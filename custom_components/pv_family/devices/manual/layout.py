"""What the columns of a log mean, as far as they show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
import re
from statistics import median
from typing import Final
import unicodedata

from ...readings.energy_book import Flow
from .moments import DateOrder, guess_order, parse_any
from .numbers import guess_decimal, parse_number, split_unit
from .table import LogError, Table
from .vocabulary import (
    COUNTERS,
    ENDS,
    FLOWS,
    IDENTIFIERS,
    MONEY,
    PER_HOUR,
    POWERS,
    UTC_NAMES,
)

# Enough rows to know a file by.
_SAMPLE: Final = 2_000
# So many interval values in a row do not all happen to grow.
_STEADY: Final = 24


class Unit(StrEnum):
    """The unit of a column."""

    W = "w"
    KW = "kw"
    MW = "mw"
    WH = "wh"
    KWH = "kwh"
    MWH = "mwh"

    @property
    def factor(self) -> float:
        """What one of it is in W or Wh."""
        return {"k": 1e3, "m": 1e6}.get(self[0], 1.0)

    @property
    def is_power(self) -> bool:
        """Whether it is a power."""
        return not self.endswith("h")


class Kind(StrEnum):
    """What a value says about its time."""

    POWER = "power"
    """The mean power until the next row."""

    ENERGY = "energy"
    """The energy of the time that the row stands for."""

    COUNTER = "counter"
    """What a growing counter stood at, for life or for the day."""


class Stamp(StrEnum):
    """Which end of its time a row names."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a table is to be read.

    Attributes:
        first: The index of the first row that holds data.
        names: The names of the columns.
        time: The columns of date and time, one or two.
        value: The column of the energy.
        flow: What the energy is.
        unit: Its unit.
        kind: What a value says about its time.
        order: How dates are written.
        decimal: The decimal sign.
        stamp: Which end of its time a row names.
        length: The time that a row stands for, if the file says it.
        utc: Whether the file says that its times are UTC.
    """

    first: int
    names: tuple[str, ...]
    time: tuple[int, ...]
    value: int
    flow: Flow
    unit: Unit
    kind: Kind
    order: DateOrder
    decimal: str
    stamp: Stamp
    length: timedelta | None = None
    utc: bool = False


_HEADERS: Final = 6
_BRACKETS: Final = re.compile(r"[\[(].*[\])]")
_WORD: Final = re.compile(r"[a-z]+|[€$]")
# A counter seldom moves by more than this part of what it stands at.
_LIFE: Final = 0.01
_FEW: Final = 5
_MANY: Final = 100
_UNIT: Final = re.compile(r"(?:^|[^a-z])([km]?wh?)(?:$|[^a-z])")


def guess_layout(table: Table, column: int | None = None) -> Layout:
    """Return how a table most likely is to be read.

    Args:
        table: The cells.
        column: The column of the energy where that is known.

    Raises:
        LogError: There is no column of times, or none of numbers.
    """
    first, time = _find_times(table)
    cells = [row for _, row in table.rows[first : first + _SAMPLE]]
    names = _names(table, first)
    texts = [_joined(row, time) for row in cells]
    value, flow = _find_values(names, cells, time, column)
    written = [row[value] for row in cells if value < len(row)]
    decimal = guess_decimal(written)
    numbers = [n for text in written if (n := parse_number(text, decimal)) is not None]
    name = _plain(names[value])
    unit = _find_unit(name, written)
    kind = _find_kind(name, unit, numbers)
    if unit is None:
        unit = _likely_unit(name, kind, numbers)
        kind = Kind.POWER if unit.is_power else kind
    time_names = " ".join(_plain(names[index]) for index in time)
    ends = any(word in time_names.split() for word in ENDS) or any(
        "24:00" in text for text in texts
    )
    return Layout(
        first=first,
        names=names,
        time=time,
        value=value,
        flow=flow,
        unit=unit,
        kind=kind,
        order=guess_order(texts),
        decimal=decimal,
        stamp=Stamp.END if ends else Stamp.START,
        length=timedelta(hours=1) if _has(name, PER_HOUR) else None,
        utc=not UTC_NAMES.isdisjoint(_WORD.findall(time_names)),
    )


def joined_time(row: Sequence[str], layout: Layout) -> str:
    """Return the text that names a row's time."""
    return _joined(row, layout.time)


def numeric_columns(table: Table, layout: Layout) -> list[int]:
    """Return the columns that may hold the energy."""
    cells = [row for _, row in table.rows[layout.first : layout.first + _SAMPLE]]
    return _numeric(cells, len(layout.names), layout.time)


def _joined(row: Sequence[str], time: Sequence[int]) -> str:
    return " ".join(row[index] for index in time if index < len(row))


def _find_times(table: Table) -> tuple[int, tuple[int, ...]]:
    """Return the first row of data and the columns of its time."""
    for first, (_, row) in enumerate(table.rows[:_SAMPLE]):
        for index, cell in enumerate(row):
            if (moment := parse_any(cell)) is None:
                continue
            others = [c for i, c in enumerate(row) if i != index]
            if not any(split_unit(c) for c in others):
                continue
            following = index + 1
            time: tuple[int, ...] = (index,)
            if (
                moment.whole_day
                and following < len(row)
                and parse_any(f"{cell} {row[following]}") is not None
            ):
                time = (index, following)
            # Rows before may have a time and no value yet.
            while first and parse_any(_joined(table.rows[first - 1][1], time)):
                first -= 1
            return first, time
    raise LogError("no_time")


def _names(table: Table, first: int) -> tuple[str, ...]:
    """Return the names of the columns; a number tells apart what has no own.

    Where several rows stand above the data, the one that tells the columns apart best
    has their names; the last one may have their units.
    """
    width = max(len(row) for _, row in table.rows[first : first + _SAMPLE])
    above = [row for _, row in table.rows[max(0, first - _HEADERS) : first]]
    heads = [row for row in reversed(above) if len(row) > 1]
    header = heads[0] if heads and above[-1] is heads[0] else ()
    others = heads[1:] if header else []
    best = max(others, key=_distinct, default=())
    least = _distinct(header) + (not _is_units(header))
    names: list[str] = []
    for index in range(width):
        name = header[index] if index < len(header) else ""
        if others and _distinct(best) >= least:
            more = best[index] if index < len(best) else ""
            name = f"{more} {name}".strip()
        again = not name or name in names
        names.append(f"{name} {index + 1}".strip() if again else name)
    return tuple(names)


def _is_units(row: Sequence[str]) -> bool:
    """Tell whether a row holds nothing but units, as in "[dd.MM.yyyy]" and "[Wh]"."""
    return any(row) and all(_BRACKETS.fullmatch(cell) for cell in row if cell)


def _distinct(row: Sequence[str]) -> int:
    return len({cell for cell in row if cell})


def _numeric(
    cells: Sequence[Sequence[str]], width: int, time: Sequence[int]
) -> list[int]:
    found = []
    for index in range(width):
        if index in time:
            continue
        column = [row[index] for row in cells if index < len(row) and row[index]]
        numbers = sum(split_unit(text) is not None for text in column)
        if column and numbers >= 0.5 * len(column):
            found.append(index)
    return found


def _find_values(
    names: Sequence[str],
    cells: Sequence[Sequence[str]],
    time: Sequence[int],
    column: int | None,
) -> tuple[int, Flow]:
    """Return the column of the energy, production before anything else."""
    candidates = _numeric(cells, len(names), time)
    if column is not None:
        candidates = [index for index in candidates if index == column]
    else:
        # Where nothing else is left, a number is better than nothing.
        candidates = [i for i in candidates if _may_be_energy(names[i])] or candidates
    if not candidates:
        raise LogError("no_values")
    best: tuple[float, int, Flow] | None = None
    for index in candidates:
        name = _plain(names[index])
        flow = next((f for f, words in FLOWS if _has(name, words)), None)
        score = 3.0 * (flow is Flow.PRODUCTION) + 2.0 * (flow is not None)
        score += 1.5 * (_UNIT.search(name) is not None)
        # Energy is exact, power has to be taken as constant.
        score += 0.5 * name.rstrip(" ])").endswith("wh")
        if best is None or score > best[0]:
            best = (score, index, flow or Flow.PRODUCTION)
    assert best is not None
    return best[1], best[2]


def _may_be_energy(name: str) -> bool:
    """Tell whether a name is not that of an identifier or of money."""
    words = _WORD.findall(_plain(name))
    return (IDENTIFIERS | MONEY).isdisjoint(words) or _UNIT.search(
        _plain(name)
    ) is not None


def _find_unit(name: str, column: Sequence[str]) -> Unit | None:
    if match := _UNIT.search(name):
        return Unit(match[1])
    written = {split[1] for text in column if (split := split_unit(text))} - {""}
    return Unit(written.pop()) if len(written) == 1 else None


def _likely_unit(name: str, kind: Kind, numbers: Sequence[float]) -> Unit:
    """Return the unit that gives a home's order of magnitude."""
    largest = max(numbers, default=0.0)
    if _has(name, POWERS):
        return Unit.W if largest > 100 else Unit.KW
    if kind is Kind.COUNTER:
        return Unit.WH if largest > 1e6 else Unit.KWH
    return Unit.WH if largest > 500 else Unit.KWH


def _find_kind(name: str, unit: Unit | None, numbers: Sequence[float]) -> Kind:
    if unit is not None and unit.is_power:
        return Kind.POWER
    if _has(name, PER_HOUR) or len(numbers) < 3:
        return Kind.ENERGY
    rises = sum(b > a for a, b in pairwise(numbers))
    falls = sum(b < a for a, b in pairwise(numbers))
    one_way = max(rises, falls) >= 3 * min(rises, falls)
    if _has(name, COUNTERS) and one_way:
        return Kind.COUNTER
    steady = len(numbers) >= _STEADY and _grows(numbers)
    steady = steady or (len(numbers) >= _FEW and _barely_grows(numbers))
    return Kind.COUNTER if steady else Kind.ENERGY


def _grows(numbers: Sequence[float]) -> bool:
    """Tell whether values only grow, except where they start anew."""
    if numbers[0] > numbers[-1]:
        numbers = numbers[::-1]
    steps = list(pairwise(numbers))
    rises = [b - a for a, b in steps if b > a]
    falls = [(a, b) for a, b in steps if b < a]
    if not rises or any(b > 0.05 * a for a, b in falls):
        return False
    if falls or numbers[0] > 3 * median(rises):
        return True
    # One that was read from its first day on.
    return len(numbers) >= _MANY and len(rises) >= len(numbers) / 2


def _barely_grows(numbers: Sequence[float]) -> bool:
    """Tell whether a few values only grow, and little against where they stand."""
    if numbers[0] > numbers[-1]:
        numbers = numbers[::-1]
    steps = [b - a for a, b in pairwise(numbers)]
    return min(steps) >= 0.0 < max(steps) <= _LIFE * numbers[0]


def _has(name: str, words: Sequence[str]) -> bool:
    return any(word in name for word in words)


def _plain(name: str) -> str:
    """Return a name in small letters without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return kept.replace("_", " ")
