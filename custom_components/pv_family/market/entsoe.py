"""Day-ahead prices of ENTSO-E's transparency platform, which needs a free token."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from math import isfinite
import re
from typing import Final

from ..plant.document import DocumentError
from ..plant.web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebRefusedError,
    WebRequest,
)
from .day_ahead import DayPrices, NotPublishedError, check_status, whole_day
from .market_day import day_bounds
from .xml_document import Element, read_xml

SOURCE: Final = "entsoe"
URL: Final = "https://web-api.tp.entsoe.eu/api"

_MOST: Final = 1 << 20
_NAME: Final = "ENTSO-E"
_STEPS: Final = {
    "PT15M": timedelta(minutes=15),
    "PT30M": timedelta(minutes=30),
    "PT60M": timedelta(hours=1),
    "PT1H": timedelta(hours=1),
}
_LONGEST: Final = timedelta(days=10)
_MOST_PERIODS: Final = 400
_GAPS_REPEAT: Final = "A03"
_DAY_AHEAD: Final = "A01"
_FIRST: Final = frozenset({"", "1"})
_COUPLED: Final = "EUR"
"""What the coupled auction counts in."""
_AUCTION: Final = "classificationSequence_AttributeInstanceComponent.position"


def entsoe_request(day: date, domain: str, token: str) -> WebRequest:
    """Ask for the prices of a market day.

    Args:
        day: The market day.
        domain: Bidding zone by its energy identification code.
        token: Of the user; it stands in the query, so no message may repeat that.
    """
    start, end = day_bounds(day)
    return WebRequest(
        URL,
        {
            "securityToken": token,
            "documentType": "A44",
            "in_Domain": domain,
            "out_Domain": domain,
            "periodStart": f"{start:%Y%m%d%H%M}",
            "periodEnd": f"{end:%Y%m%d%H%M}",
        },
        _MOST,
    )


def parse_entsoe(answer: WebAnswer, day: date) -> DayPrices:
    """Return the prices of a market day: those of the coupled auction, the finest.

    Raises:
        NotPublishedError: It has none of that day.
        WebError: It refuses, or answers something else.
    """
    try:
        root = read_xml(answer.body, _MOST)
    except DocumentError as error:
        check_status(answer, _NAME)
        raise WebAnswerError(f"{_NAME}: {error}") from error
    if root.name == "Acknowledgement_MarketDocument":
        _acknowledged(root, answer.status, day)
    check_status(answer, _NAME)
    if root.name != "Publication_MarketDocument":
        raise WebAnswerError(f"{_NAME}: the answer is a {root.name[:60]!r}")
    stretches = (p for series in root.all("TimeSeries") for p in _periods(series))
    # One point may stand for days: what it stands for is bounded, not only the text.
    periods = list(islice(stretches, _MOST_PERIODS))
    if not periods:
        raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
    # Zones with a currency of their own may be listed in both.
    currencies = {period.currency for period in periods}
    currency = _COUPLED if _COUPLED in currencies else min(currencies)
    counted = (period for period in periods if period.currency == currency)
    return whole_day(day, currency, _finest(counted, day), _NAME)


def _acknowledged(root: Element, status: int, day: date) -> None:
    """Raise why there is no data."""
    text = root.said("Reason", "text") or "no reason given"
    # The platform repeats parts of the question; the token must not come with it.
    text = re.sub(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "***", text)
    if "no matching data" in text.casefold():
        raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
    if status == 429:
        raise WebBusyError(f"{_NAME}: {text}")
    raise WebRefusedError(f"{_NAME}: {text}")


@dataclass(frozen=True, slots=True)
class _Period:
    """A stretch of prices.

    Attributes:
        step: Length of each interval.
        start: First instant (UTC).
        prices: Per MWh.
        currency: What they are in.
    """

    step: timedelta
    start: datetime
    prices: tuple[float, ...]
    currency: str

    def intervals(self) -> Iterator[tuple[datetime, datetime, float]]:
        """Yield start, end and price of each interval."""
        for index, price in enumerate(self.prices):
            at = self.start + index * self.step
            yield at, at + self.step, price


def _periods(series: Element) -> Iterator[_Period]:
    """Yield the stretches of a series of prices of the coupled auction."""
    if series.said("contract_MarketAgreement.type") not in {"", _DAY_AHEAD}:
        return
    # A second auction is another product; its prices are nobody's bill.
    if series.said(_AUCTION) not in _FIRST:
        return
    if series.said("price_Measure_Unit.name").upper() not in {"", "MWH"}:
        raise WebAnswerError(f"{_NAME}: the prices are not per MWh")
    repeat = series.said("curveType") == _GAPS_REPEAT
    for period in series.all("Period"):
        step = _STEPS.get(period.said("resolution"))
        if step is None:
            said = period.said("resolution")
            raise WebAnswerError(f"{_NAME}: unknown resolution {said[:20]!r}")
        start, end = (
            _instant(period.said("timeInterval", which)) for which in ("start", "end")
        )
        if not timedelta(0) < end - start <= _LONGEST or (end - start) % step:
            raise WebAnswerError(f"{_NAME}: a period has an impossible length")
        points = list(period.all("Point"))
        count = (end - start) // step
        yield _Period(
            step,
            start,
            tuple(_prices(points, count, repeat=repeat)),
            series.said("currency_Unit.name"),
        )


def _prices(points: list[Element], count: int, *, repeat: bool) -> list[float]:
    """Return a price for every interval of a period.

    Args:
        points: Positions counted from 1, and prices.
        count: How many intervals the period has.
        repeat: A position that is missing has the price of the one before.
    """
    prices: list[float] = []
    for point in points:
        number = point.said("position")
        if not re.fullmatch(r"[0-9]{1,6}", number):
            raise WebAnswerError(f"{_NAME}: {number[:20]!r} is no position")
        position = int(number)
        if not len(prices) < position <= count:
            raise WebAnswerError(f"{_NAME}: position {position} is out of order")
        missing = position - 1 - len(prices)
        if missing and not (repeat and prices):
            raise WebAnswerError(f"{_NAME}: position {len(prices) + 1} is missing")
        prices += [prices[-1]] * missing if missing else []
        prices.append(_number(point.said("price.amount")))
    missing = count - len(prices)
    if missing and not (repeat and prices):
        raise WebAnswerError(f"{_NAME}: {missing} prices are missing")
    return prices + ([prices[-1]] * missing if missing else [])


def _finest(
    periods: Iterable[_Period], day: date
) -> list[tuple[datetime, datetime, float]]:
    """Return the prices of a day, from the finest period that has the whole of it.

    Raises:
        WebAnswerError: Two periods contradict each other.
        NotPublishedError: They are of other days.
    """
    first, last = day_bounds(day)
    found: dict[timedelta, dict[datetime, float]] = {}
    for period in periods:
        known = found.setdefault(period.step, {})
        for start, end, price in period.intervals():
            if start >= last or end <= first:
                continue
            if known.setdefault(start, price) != price:
                raise WebAnswerError(f"{_NAME}: two prices for the same time")
    for step in sorted(found):
        known = found[step]
        if len(known) * step == last - first:
            return [(at, at + step, known[at]) for at in sorted(known)]
    if any(found.values()):
        raise WebAnswerError(f"{_NAME} has only some of the prices of {day}")
    raise NotPublishedError(f"{_NAME} has no prices of {day} yet")


def _instant(text: str) -> datetime:
    """Return a time such as 2026-02-01T23:00Z."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z", text):
        raise WebAnswerError(f"{_NAME}: {text[:30]!r} is no time")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError, OverflowError:
        raise WebAnswerError(f"{_NAME}: {text[:30]!r} is no time") from None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise WebAnswerError(f"{_NAME}: {text[:20]!r} is no price")
    return number
