"""What a source of day-ahead prices gives: one market day, whole or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from ..plant.web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebError,
    WebRefusedError,
    WebUnreachableError,
)
from .market_day import day_bounds

HIGHEST: Final = {"EUR": 10_000.0, "RON": 60_000.0}
"""Beyond this no day-ahead auction of Europe can clear, per MWh."""


class NotPublishedError(WebError):
    """The auction's result is not there yet; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class DayPrices:
    """The prices of one whole market day.

    Attributes:
        day: The market day.
        currency: Code of ISO 4217.
        intervals: Start and end (UTC) and price per MWh, without a hole.
        licence: What the source says about using them.
    """

    day: date
    currency: str
    intervals: tuple[tuple[datetime, datetime, float], ...]
    licence: str = ""


def whole_day(
    day: date,
    currency: str,
    intervals: Iterable[tuple[datetime, datetime, float]],
    source: str,
    licence: str = "",
) -> DayPrices:
    """Return the prices of a market day, cut out of what a source gave.

    Raises:
        NotPublishedError: There is nothing of that day.
        WebAnswerError: There is only some of it, or a price is impossible.
    """
    start, end = day_bounds(day)
    found = [item for item in intervals if item[0] < end and item[1] > start]
    if not found:
        raise NotPublishedError(f"{source} has no prices of {day} yet")
    if found[0][0] != start or found[-1][1] != end or not _joined(found):
        raise WebAnswerError(f"{source} has only some of the prices of {day}")
    check_prices(currency, (price for _, _, price in found), source)
    return DayPrices(day, currency, tuple(found), licence)


def check_prices(currency: str, prices: Iterable[float], source: str) -> None:
    """Refuse prices that no auction can have given.

    Raises:
        WebAnswerError: A price is not finite or out of bounds.
    """
    highest = HIGHEST.get(currency)
    if highest is None:
        raise WebAnswerError(f"{source} counts in {currency[:10]!r}")
    for price in prices:
        if not -highest <= price <= highest:
            raise WebAnswerError(f"{source} has an impossible price: {price:g}")


def _joined(intervals: Sequence[tuple[datetime, datetime, float]]) -> bool:
    return all(before[1] == after[0] for before, after in pairwise(intervals))


def check_status(answer: WebAnswer, source: str, reason: str = "") -> None:
    """Refuse an answer that is none.

    Raises:
        WebError: The service refuses, fails or is busy.
    """
    if answer.status == 200:
        return
    said = f": {reason}" if reason else ""
    # OPCOM refuses with 403 for a while what it answers a quarter of a minute later.
    if answer.status in {403, 429, 503}:
        raise WebBusyError(f"{source} answers with status {answer.status}{said}")
    if 400 <= answer.status < 500:
        raise WebRefusedError(f"{source} refuses with status {answer.status}{said}")
    raise WebUnreachableError(f"{source} fails with status {answer.status}{said}")
