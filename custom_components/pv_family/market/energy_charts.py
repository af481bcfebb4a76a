"""Day-ahead prices of energy-charts.info (Fraunhofer ISE), which needs no key."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from ..plant.document import DocumentError, Node, read_document
from ..plant.web import WebAnswer, WebAnswerError, WebRequest
from .day_ahead import DayPrices, NotPublishedError, check_status, whole_day
from .market_day import RESOLUTIONS

SOURCE: Final = "energy_charts"
URL: Final = "https://api.energy-charts.info/price"

_MOST: Final = 1 << 20
_LONGEST: Final = 96 * 40
_LONGEST_LICENCE: Final = 255
_NAME: Final = "energy-charts"
_STEPS: Final = {step.total_seconds(): step for step in RESOLUTIONS}


def energy_charts_request(day: date, zone: str) -> WebRequest:
    """Ask for the prices of a market day.

    Args:
        day: The market day; the day after is asked for too, as the service may count
            days in another zone of time.
        zone: Bidding zone as energy-charts names it.
    """
    return WebRequest(
        URL,
        {
            "bzn": zone,
            "start": day.isoformat(),
            "end": (day + timedelta(days=1)).isoformat(),
        },
        _MOST,
    )


def parse_energy_charts(answer: WebAnswer, day: date) -> DayPrices:
    """Return the prices of a market day.

    Raises:
        NotPublishedError: It has none of that day.
        WebError: It refuses, or answers something else.
    """
    if answer.status == 404 and not answer.body.lstrip().startswith(b"<"):
        # A page instead says that the service is somewhere else.
        raise NotPublishedError(f"{_NAME} has no prices of {day} yet")
    check_status(answer, _NAME)
    try:
        return _day_prices(read_document(answer.body, _MOST), day)
    except DocumentError as error:
        raise WebAnswerError(f"{_NAME}: {error}") from error


def _day_prices(top: Node, day: date) -> DayPrices:
    unit = "".join(top["unit"].text(40).split()).upper()
    if unit != "EUR/MWH":
        top["unit"].fail("is an unknown unit")
    stamps = [node.number(0.0, 1e11) for node in top["unix_seconds"].items(_LONGEST)]
    prices = top["price"].items(_LONGEST)
    if len(prices) != len(stamps):
        top["price"].fail("does not fit unix_seconds")
    if any(
        after <= before or after % 900 or before % 900
        for before, after in pairwise(stamps)
    ):
        top["unix_seconds"].fail("are not in order")
    intervals = list(_intervals(stamps, prices))
    return whole_day(day, "EUR", intervals, _NAME, _licence(top))


def _licence(top: Node) -> str:
    """Return what may be done with the prices; no word of it changes them."""
    licence = top.mapping().get("license_info")
    return (
        " ".join(licence.split())[:_LONGEST_LICENCE] if isinstance(licence, str) else ""
    )


def _intervals(
    stamps: list[float], prices: list[Node]
) -> Iterator[tuple[datetime, datetime, float]]:
    """Yield what is known; a price lasts until the next stamp, if that is near."""
    steps = [_STEPS.get(after - before) for before, after in pairwise(stamps)]
    step = next((found for found in steps if found is not None), RESOLUTIONS[0])
    for index, stamp in enumerate(stamps):
        # After a hole and at the end an interval is as long as those before it.
        step = (steps[index] if index < len(steps) else None) or step
        if prices[index].value is None:
            continue
        start = datetime.fromtimestamp(stamp, UTC)
        yield start, start + step, prices[index].number(-1e6, 1e6)
