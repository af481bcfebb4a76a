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


# The more particular flow comes first: "discharge" holds "charge".
_FLOW_WORDS: Final[tuple[tuple[Flow, tuple[str, ...]], ...]] = (
    (Flow.BATTERY_DISCHARGE, ("discharg", "descarc", "scaric", "entlad")),
    (Flow.BATTERY_CHARGE, ("charg", "incarc", "carica", "ladung", "geladen")),
    (
        Flow.GRID_EXPORT,
        (
            "export",
            "feed-in",
            "feed in",
            "to grid",
            "immess",
            "immissione",
            "cedut",
            "livrat",
            "injectat",
            "einspeis",
        ),
    ),
    (
        Flow.GRID_IMPORT,
        (
            "import",
            "from grid",
            "purchas",
            "preleva",
            "prelievo",
            "acquist",
            "din retea",
            "preluat",
            "bezug",
        ),
    ),
    (
        Flow.CONSUMPTION,
        ("consum", "load", "verbrauch", "used", "utilizat"),
    ),
    (
        Flow.PRODUCTION,
        (
            "produ",
            "prodott",
            "generat",
            "yield",
            "solar",
            "pv",
            "fotovolt",
            "photovolt",
            "erzeug",
            "ertrag",
        ),
    ),
)
_TIME_WORDS: Final = ("time", "date", "data", "ora", "zeit", "datum", "start", "from")
_END_WORDS: Final = ("end", "sfarsit", "fine", "bis", "until")
_COUNTER_WORDS: Final = (
    "counter",
    "lifetime",
    "reading",
    "cumul",
    "contor",
    "index",
    "contatore",
    "zahlerstand",
    "lettura",
    "etotal",
    "e-total",
)
_PER_HOUR: Final = ("per hour", "pro stunde", "pe ora", "all'ora", "orari")
_POWER_WORDS: Final = ("power", "putere", "potenza", "leistung")
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
    ends = any(word in time_names.split() for word in _END_WORDS) or any(
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
        length=timedelta(hours=1) if _has(name, _PER_HOUR) else None,
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
            if (
                moment.whole_day
                and following < len(row)
                and parse_any(f"{cell} {row[following]}") is not None
            ):
                return first, (index, following)
            return first, (index,)
    raise LogError("no_time")


def _names(table: Table, first: int) -> tuple[str, ...]:
    """Return the names of the columns; a number tells apart what has no own."""
    width = max(len(row) for _, row in table.rows[first : first + _SAMPLE])
    header: tuple[str, ...] = ()
    if first > 0 and len(table.rows[first - 1][1]) > 1:
        header = table.rows[first - 1][1]
    names: list[str] = []
    for index in range(width):
        name = header[index] if index < len(header) else ""
        again = not name or name in names
        names.append(f"{name} {index + 1}".strip() if again else name)
    return tuple(names)


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
    if not candidates:
        raise LogError("no_values")
    best: tuple[float, int, Flow] | None = None
    for index in candidates:
        name = _plain(names[index])
        flow = next((f for f, words in _FLOW_WORDS if _has(name, words)), None)
        score = 3.0 * (flow is Flow.PRODUCTION) + 2.0 * (flow is not None)
        score += 1.5 * (_UNIT.search(name) is not None)
        # Energy is exact, power has to be taken as constant.
        score += 0.5 * name.rstrip(" ])").endswith("wh")
        if best is None or score > best[0]:
            best = (score, index, flow or Flow.PRODUCTION)
    assert best is not None
    return best[1], best[2]


def _find_unit(name: str, column: Sequence[str]) -> Unit | None:
    if match := _UNIT.search(name):
        return Unit(match[1])
    written = {split[1] for text in column if (split := split_unit(text))} - {""}
    return Unit(written.pop()) if len(written) == 1 else None


def _likely_unit(name: str, kind: Kind, numbers: Sequence[float]) -> Unit:
    """Return the unit that gives a home's order of magnitude."""
    largest = max(numbers, default=0.0)
    if _has(name, _POWER_WORDS):
        return Unit.W if largest > 100 else Unit.KW
    if kind is Kind.COUNTER:
        return Unit.WH if largest > 1e6 else Unit.KWH
    return Unit.WH if largest > 500 else Unit.KWH


def _find_kind(name: str, unit: Unit | None, numbers: Sequence[float]) -> Kind:
    if unit is not None and unit.is_power:
        return Kind.POWER
    if _has(name, _PER_HOUR) or len(numbers) < 3:
        return Kind.ENERGY
    rises = sum(b > a for a, b in pairwise(numbers))
    falls = sum(b < a for a, b in pairwise(numbers))
    one_way = max(rises, falls) >= 3 * min(rises, falls)
    if _has(name, _COUNTER_WORDS) and one_way:
        return Kind.COUNTER
    steady = len(numbers) >= _STEADY and _grows(numbers)
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
    return bool(falls) or numbers[0] > 3 * median(rises)


def _has(name: str, words: Sequence[str]) -> bool:
    return any(word in name for word in words)


def _plain(name: str) -> str:
    """Return a name in small letters without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return kept.replace("_", " ")
