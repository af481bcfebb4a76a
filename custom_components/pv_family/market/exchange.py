"""The rate of the euro by Romania's central bank (BNR)."""

from collections.abc import Mapping
from datetime import date, timedelta
import re
from typing import Final

from ..plant.document import DocumentError
from ..plant.web import WebAnswer, WebAnswerError, WebRequest
from .day_ahead import check_status
from .xml_document import Element, read_xml

URL: Final = "https://curs.bnr.ro/files/xml/years"

_MOST: Final = 2 << 20
_NAME: Final = "BNR"
_CURRENCY: Final = "EUR"
_NOTHING: Final = frozenset({"", "-"})
_MULTIPLIERS: Final = frozenset({"1", "10", "100", "1000"})
_LOWEST, _HIGHEST = 1.0, 20.0
_OLDEST: Final = timedelta(days=14)
"""Longer than any row of holidays."""


def rates_request(year: int) -> WebRequest:
    """Ask for the rates of a year."""
    return WebRequest(f"{URL}/nbrfxrates{year}.xml", {}, _MOST)


def parse_rates(answer: WebAnswer) -> dict[date, float]:
    """Return the lei for one euro, by the day on which the rate was published.

    Raises:
        WebError: It refuses, or answers something else.
    """
    check_status(answer, _NAME)
    try:
        root = read_xml(answer.body, _MOST)
    except DocumentError as error:
        raise WebAnswerError(f"{_NAME}: {error}") from error
    rates = {}
    for cube in root.below("Cube"):
        found = next(
            (r for r in cube.all("Rate") if r.attributes.get("currency") == _CURRENCY),
            None,
        )
        if found is not None and found.text not in _NOTHING:
            rates[_day(cube)] = _rate(found)
    if not rates:
        raise WebAnswerError(f"{_NAME}: the answer has no rates of the euro")
    return rates


def rate_for(rates: Mapping[date, float], delivery: date) -> float | None:
    """Return the lei for one euro by which the prices of a market day are converted.

    OPCOM takes the last rate that was published before the day of the auction, which is
    the day before delivery.

    Args:
        rates: By the day of publication.
        delivery: The market day.
    """
    auction = delivery - timedelta(days=1)
    last = max((day for day in rates if day < auction), default=None)
    return None if last is None or auction - last > _OLDEST else rates[last]


def years_for(delivery: date) -> list[int]:
    """Return the years whose rates may hold that of a market day, the likelier first."""
    auction = delivery - timedelta(days=1)
    days = (auction - timedelta(days=1), auction - timedelta(days=7))
    return list(dict.fromkeys(day.year for day in days))


def _day(cube: Element) -> date:
    text = cube.attributes.get("date", "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WebAnswerError(f"{_NAME}: {text[:20]!r} is no day") from None


def _rate(element: Element) -> float:
    text, many = element.text, element.attributes.get("multiplier", "1")
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text) or many not in _MULTIPLIERS:
        raise WebAnswerError(f"{_NAME}: {text[:20]!r} is no rate")
    rate = float(text) / int(many)
    if not _LOWEST <= rate <= _HIGHEST:
        raise WebAnswerError(f"{_NAME}: the rate {rate:g} is impossible")
    return rate
