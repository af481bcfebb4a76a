"""Day-ahead prices of OPCOM, Romania's market operator (PZU)."""

from dataclasses import dataclass
from datetime import date, timedelta
import re
from statistics import fmean
from typing import Final
import unicodedata

from ..plant.web import WebAnswer, WebAnswerError, WebRequest
from .day_ahead import DayPrices, NotPublishedError, check_status, whole_day
from .delimited import TableError, decimal_mark, decoded, number, numbers, rows_of
from .market_day import laid_out, resolution_of, wall_numbers

SOURCE: Final = "opcom"
URL: Final = "https://www.opcom.ro/rapoarte-pzu-raportPIP-export-csv"

_MOST: Final = 1 << 18
_MOST_ROWS: Final = 400
_MOST_NAME: Final = 200
_NAME: Final = "OPCOM"
_LANGUAGES: Final = {"RON": "ro", "EUR": "en"}
_INTERVAL: Final = "interval"
_FEWEST: Final = 23
"""Intervals of the shortest day."""
_NOTHING: Final = frozenset({"", "-"})
_PRICE_COLUMNS: Final = (
    "pret",
    "market clearing price",
    "mcp",
    "average price",
    "price",
)
_CURRENCIES: Final = {
    "lei": "RON",
    "ron": "RON",
    "eur": "EUR",
    "euro": "EUR",
    "€": "EUR",
}
_UNIT: Final = re.compile(r"(?<![a-z])(lei|ron|euro?|€)(?![a-z])(?!.*kwh)")
_DATE: Final = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_STEP: Final = re.compile(r"(?:pt)?(?:(15|30|60) ?(?:m[a-z]*)?|1 ?h[a-z]*)")


def opcom_request(day: date, currency: str) -> WebRequest:
    """Ask for the prices of a market day.

    Args:
        day: The market day.
        currency: RON or EUR; the two languages of the report.
    """
    language = _LANGUAGES[currency]
    return WebRequest(
        f"{URL}/{day.day:02d}/{day.month:02d}/{day.year}/{language}",
        {"resolution": "15"},
        _MOST,
    )


def parse_opcom(answer: WebAnswer, day: date, currency: str | None = None) -> DayPrices:
    """Return the prices of an export in CSV, in either language and any layout.

    Which day it is says the question; the title only confirms it. Intervals count from
    the midnight of Brussels, so they are laid out from there in UTC.

    Args:
        answer: What came back.
        day: The market day that was asked for.
        currency: The one to take if the report has several.

    Raises:
        NotPublishedError: It is empty, or a title without prices.
        WebError: It is no such report, of another day, or damaged.
    """
    check_status(answer, _NAME)
    if len(answer.body) > _MOST:
        raise WebAnswerError(f"{_NAME}: the report is too long")
    try:
        return _day_prices(
            rows_of(decoded(answer.body), _MOST_ROWS, _INTERVAL), day, currency
        )
    except TableError as error:
        raise WebAnswerError(f"{_NAME}: {error}") from error


def _day_prices(rows: list[list[str]], day: date, currency: str | None) -> DayPrices:
    headers = [index for index, row in enumerate(rows) if _is_header(row)]
    if not headers:
        if _is_empty_report(rows):
            raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
        raise TableError("there is no table of intervals")
    _check_title(rows[: headers[0]], day)
    tables = [
        _table(rows[header], rows[header + 1 : end], currency)
        for header, end in zip(headers, [*headers[1:], len(rows)], strict=True)
    ]
    # Of several tables that of the wanted currency counts, and of those the finest.
    table = max(tables, key=lambda t: (t.currency == currency, len(t.prices)))
    if not table.prices:
        raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
    step = resolution_of(day, len(table.prices))
    if step is None or table.step not in {None, step}:
        raise TableError(f"{len(table.prices)} rows do not make the day {day}")
    prices = _in_order(table.prices, day, step)
    _check_mean(rows, prices, table.mark)
    return whole_day(day, table.currency, laid_out(day, prices, step), _NAME)


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of a report.

    Attributes:
        currency: What the prices are in.
        prices: Ordinal of the interval and price per MWh, by row.
        step: What the report itself says about the length of an interval.
        mark: What stands before the decimals of the prices.
    """

    currency: str
    prices: tuple[tuple[int, float], ...]
    step: timedelta | None
    mark: str


def _plain(cell: str) -> str:
    """Return a cell without accents, capitals and doubled blanks."""
    bare = unicodedata.normalize("NFKD", cell[:_MOST_NAME])
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def _column(header: list[str], *names: str) -> int | None:
    """Return the first column whose name begins with one of some words."""
    found = (i for i, cell in enumerate(header) if _plain(cell).startswith(names))
    return next(found, None)


def _price_column(row: list[str], currency: str | None) -> int | None:
    """Return the column of the prices, that of a currency if there are several."""
    named, in_money = [], []
    for index, cell in enumerate(row):
        name = _plain(cell)
        unit = _UNIT.search(name)
        if name.startswith(_PRICE_COLUMNS):
            named.append((index, unit))
        elif unit is not None:
            in_money.append((index, unit))
    columns = named or in_money
    wanted = (
        index
        for index, unit in columns
        if unit is not None and _CURRENCIES[unit[1]] == currency
    )
    return next(wanted, columns[0][0] if columns else None)


def _is_header(row: list[str]) -> bool:
    return (
        _column(row, _INTERVAL) is not None
        and len(row) > 1
        and _price_column(row, None) is not None
    )


def _is_empty_report(rows: list[list[str]]) -> bool:
    """Tell a report without prices from a page that is no report."""
    text = " ".join(cell for row in rows for cell in row)
    numbered = any(len(row) > 1 and any(map(str.isdigit, row)) for row in rows)
    strange = not text.isprintable() or any(mark in text for mark in "<{%")
    return not rows or (bool(_dates(text)) and not strange and not numbered)


def _dates(text: str) -> set[date]:
    """Return the days that a text may mean: OPCOM writes D/M/Y, or M/D/Y in English."""
    orders = [
        (int(year), int(month), int(day))
        for first, second, year in _DATE.findall(text)
        for day, month in ((first, second), (second, first))
    ]
    orders += [(int(y), int(m), int(d)) for y, m, d in _ISO_DATE.findall(text)]
    found = set()
    for year, month, day in orders:
        try:
            found.add(date(year, month, day))
        except ValueError:
            continue
    return found


def _check_title(above: list[list[str]], day: date) -> None:
    meant = _dates(" ".join(cell for row in above for cell in row))
    if meant and day not in meant:
        raise TableError(f"the report is of {min(meant)}, not of {day}")


def _table(header: list[str], rows: list[list[str]], currency: str | None) -> _Table:
    interval, price = _column(header, _INTERVAL), _price_column(header, currency)
    assert interval is not None
    assert price is not None
    unit = _UNIT.search(_plain(header[price]))
    if unit is None:
        raise TableError(f"unknown unit in {header[price][:60]!r}")
    # Some reports have their averages below the table.
    numbered = [
        row
        for row in rows
        if interval < len(row) and re.fullmatch("[0-9]{1,3}", row[interval])
    ]
    if not numbered and len(rows) >= _FEWEST:
        raise TableError("the intervals cannot be read")
    cells = len(numbered[0]) if numbered else 0
    if any(
        len(row) != cells or len(row) <= price or any(row[len(header) :])
        for row in numbered
    ):
        raise TableError("the rows do not have as many cells as the header")
    # The hour that the clocks skip may be listed, without a price.
    priced = [row for row in numbered if row[price] not in _NOTHING]
    mark = decimal_mark(row[price] for row in priced)
    resolution = _column(header, "rezolutie", "resolution")
    said = {
        _step(row[resolution])
        for row in priced
        if resolution is not None and resolution < cells and row[resolution]
    }
    if len(said) > 1:
        raise TableError("the report mixes resolutions")
    return _Table(
        _CURRENCIES[unit[1]],
        tuple((int(row[interval]), number(row[price], mark)) for row in priced),
        next(iter(said), None),
        mark,
    )


def _step(cell: str) -> timedelta:
    """Return what a cell says about the length of an interval."""
    found = _STEP.fullmatch(_plain(cell))
    if found is None:
        raise TableError(f"unknown resolution {cell[:20]!r}")
    return timedelta(minutes=int(found[1] or 60))


def _in_order(
    prices: tuple[tuple[int, float], ...], day: date, step: timedelta
) -> list[float]:
    """Return the prices of a day in order of time.

    Intervals are counted, or named by the clock on the wall: then one is missing in
    spring, and one is there twice in autumn.
    """
    found = [ordinal for ordinal, _ in prices]
    if found == wall_numbers(day, step):
        return [price for _, price in prices]
    twice = next((n for n in found if found.count(n) > 1), None)
    if twice is not None:
        raise TableError(f"interval {twice} is there twice")
    if max(found) != len(found) or min(found) != 1:
        raise TableError("intervals are missing")
    return [price for _, price in sorted(prices)]


def _check_mean(rows: list[list[str]], prices: list[float], mark: str) -> None:
    """Compare the prices with the average of the report, to catch a wrong column.

    Beside the average stands a volume, so one of the numbers has to be the mean.
    """
    mean = fmean(prices)
    said = [
        found
        for row in rows
        if _plain(row[0]).startswith("ropex_dam_base")
        for found in numbers(row[1:], mark)
    ]
    if said and all(abs(it - mean) > max(1.0, 0.02 * abs(it)) for it in said):
        raise TableError(
            f"the prices average {mean:.2f}, the report says {said[0]:.2f}"
        )
