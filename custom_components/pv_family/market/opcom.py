"""Day-ahead prices of OPCOM, Romania's market operator (PZU)."""

from collections.abc import Iterator
import csv
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from math import isfinite
import re
from statistics import fmean
from typing import Final
import unicodedata

from ..plant.web import WebAnswer, WebAnswerError, WebRequest
from .day_ahead import DayPrices, NotPublishedError, check_status, whole_day
from .market_day import laid_out, resolution_of

SOURCE: Final = "opcom"
URL: Final = "https://www.opcom.ro/rapoarte-pzu-raportPIP-export-csv"

_MOST: Final = 1 << 18
_MOST_ROWS: Final = 400
_NAME: Final = "OPCOM"
_LANGUAGES: Final = {"RON": "ro", "EUR": "en"}
_PRICE_COLUMNS: Final = (
    "pret",
    "market clearing price",
    "mcp",
    "average price",
    "price",
)
_CURRENCIES: Final = {"lei": "RON", "ron": "RON", "eur": "EUR", "euro": "EUR"}
_UNIT: Final = re.compile(r"(?<![a-z])(lei|ron|euro?)(?![a-z])(?!.*kwh)")
_DATE: Final = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_STEPS: Final = {
    "15": timedelta(minutes=15),
    "30": timedelta(minutes=30),
    "60": timedelta(hours=1),
    "1h": timedelta(hours=1),
}


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


def parse_opcom(answer: WebAnswer, day: date) -> DayPrices:
    """Return the prices of an export in CSV, in either language and any layout.

    Which day it is says the question; the title only confirms it. Intervals count from
    the midnight of Brussels, so they are laid out from there in UTC.

    Raises:
        NotPublishedError: It is empty, or a title without prices.
        WebError: It is no such report, of another day, or damaged.
    """
    check_status(answer, _NAME)
    if len(answer.body) > _MOST:
        raise WebAnswerError(f"{_NAME}: the report is too long")
    rows = list(_rows(_text(answer.body)))
    header = next((i for i, row in enumerate(rows) if _is_header(row)), None)
    if header is None:
        if _is_empty_report(rows):
            raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
        raise WebAnswerError(f"{_NAME}: there is no table of intervals")
    _check_title(rows[:header], day)
    table = _table(rows[header], rows[header + 1 :])
    if not table.prices:
        raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
    step = resolution_of(day, len(table.prices))
    if step is None or table.step not in {None, step}:
        raise WebAnswerError(
            f"{_NAME}: {len(table.prices)} rows do not make the day {day}"
        )
    _check_mean(rows, table.prices)
    return whole_day(day, table.currency, laid_out(day, table.prices, step), _NAME)


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of a report.

    Attributes:
        currency: What the prices are in.
        prices: Per MWh, by interval.
        step: What the report itself says about the length of an interval.
    """

    currency: str
    prices: tuple[float, ...]
    step: timedelta | None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Whatever the code page, digits and the unaccented words stay what they are.
        return body.decode("latin-1")


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each line, stripped; blank lines are left out."""
    lines = [line for line in text.splitlines() if line.strip(' \t",;\0')]
    if len(lines) > _MOST_ROWS:
        raise WebAnswerError(f"{_NAME}: the report has too many lines")
    header = next((line for line in lines if "interval" in line.casefold()), "")
    separator = max(",;\t", key=header.count)
    try:
        for row in csv.reader(StringIO("\n".join(lines)), delimiter=separator):
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        raise WebAnswerError(f"{_NAME}: {error}") from error


def _plain(cell: str) -> str:
    """Return a cell without accents, capitals and doubled blanks."""
    bare = unicodedata.normalize("NFKD", cell)
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def _price_column(row: list[str]) -> int | None:
    for index, cell in enumerate(row):
        name = _plain(cell)
        if name.startswith(_PRICE_COLUMNS) or _UNIT.search(name):
            return index
    return None


def _is_header(row: list[str]) -> bool:
    return (
        any(_plain(cell) == "interval" for cell in row)
        and _price_column(row) is not None
    )


def _is_empty_report(rows: list[list[str]]) -> bool:
    """Tell a report without prices from a page that is no report."""
    if not rows:
        return True
    title = _plain(" ".join(rows[0]))
    numbered = any(len(row) > 1 and any(map(str.isdigit, row)) for row in rows)
    return bool(_dates(title)) and "<" not in title and not numbered


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
        named = min(meant)
        raise WebAnswerError(f"{_NAME}: the report is of {named}, not of {day}")


def _table(header: list[str], rows: list[list[str]]) -> _Table:
    interval = next(i for i, cell in enumerate(header) if _plain(cell) == "interval")
    price = _price_column(header)
    assert price is not None
    unit = _UNIT.search(_plain(header[price]))
    if unit is None:
        raise WebAnswerError(f"{_NAME}: unknown unit in {header[price][:60]!r}")
    resolution = next(
        (
            i
            for i, cell in enumerate(header)
            if _plain(cell).startswith(("rezolutie", "resolution"))
        ),
        None,
    )
    prices: dict[int, float] = {}
    said: set[timedelta | None] = set()
    for row in rows:
        number = row[interval] if interval < len(row) else ""
        if not (number.isascii() and number.isdigit()):
            # Some reports have their averages below the table.
            continue
        if len(number) > 3 or price >= len(row) or int(number) in prices:
            raise WebAnswerError(f"{_NAME}: interval {number[:20]} cannot be read")
        prices[int(number)] = _number(row[price])
        if resolution is not None and resolution < len(row):
            said.add(_step(row[resolution]))
    if sorted(prices) != list(range(1, len(prices) + 1)):
        raise WebAnswerError(f"{_NAME}: intervals are missing")
    said.discard(None)
    if len(said) > 1:
        raise WebAnswerError(f"{_NAME}: the report mixes resolutions")
    return _Table(
        _CURRENCIES[unit[1]],
        tuple(prices[number] for number in sorted(prices)),
        next(iter(said), None),
    )


def _step(cell: str) -> timedelta | None:
    """Return what a cell says about the length of an interval; nothing is ``None``."""
    if not cell:
        return None
    step = _STEPS.get(_plain(cell).removeprefix("pt").removesuffix("m"))
    if step is None:
        raise WebAnswerError(f"{_NAME}: unknown resolution {cell[:20]!r}")
    return step


def _number(cell: str) -> float:
    """Return a number with a point or a comma before its decimals."""
    text = re.sub(r"[\s\u00a0]", "", cell).replace("\u2212", "-")
    if "," in text and "." in text:
        # Whichever comes last stands before the decimals.
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,6})?", text):
        raise WebAnswerError(f"{_NAME}: {cell[:20]!r} is no price")
    number = float(text)
    assert isfinite(number)
    return number


def _check_mean(rows: list[list[str]], prices: tuple[float, ...]) -> None:
    """Compare the prices with the average of the report, to catch a wrong column."""
    for row in rows:
        if not row or not _plain(row[0]).startswith("ropex_dam_base"):
            continue
        numbers = [cell for cell in row[1:] if re.fullmatch(r"-?\d+[.,]\d+", cell)]
        if not numbers:
            continue
        said, mean = _number(numbers[0]), fmean(prices)
        if abs(said - mean) > max(1.0, 0.02 * abs(said)):
            raise WebAnswerError(
                f"{_NAME}: the prices average {mean:.2f}, the report says {said:.2f}"
            )
