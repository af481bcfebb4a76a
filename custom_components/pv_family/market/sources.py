"""The sources of day-ahead prices, in the order in which they are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ..plant.web import WebAnswer, WebRequest
from . import energy_charts, entsoe, opcom
from .day_ahead import DayPrices
from .zones import ZONES

OPCOM_ZONE = "ro"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the prices of a market day can be asked for.

    Attributes:
        name: Our name of it.
        request: What to ask for a day.
        parse: Reads the answer; raises `WebError`.
    """

    name: str
    request: Callable[[date], WebRequest]
    parse: Callable[[WebAnswer, date], DayPrices]


def sources_for(zone: str, currency: str, token: str | None = None) -> list[Source]:
    """Return the sources of a bidding zone, the best first.

    Args:
        zone: A key of `ZONES`.
        currency: Of the home; OPCOM has its prices in lei and in euro.
        token: For ENTSO-E, which is not asked without one.
    """
    names = ZONES[zone]
    found = []
    if zone == OPCOM_ZONE:
        native = currency if currency in {"RON", "EUR"} else "EUR"
        found.append(
            Source(
                opcom.SOURCE,
                lambda day: opcom.opcom_request(day, native),
                lambda answer, day: opcom.parse_opcom(answer, day, native),
            )
        )
    found.append(
        Source(
            energy_charts.SOURCE,
            lambda day: energy_charts.energy_charts_request(day, names.energy_charts),
            energy_charts.parse_energy_charts,
        )
    )
    if token:
        found.append(
            Source(
                entsoe.SOURCE,
                lambda day: entsoe.entsoe_request(day, names.eic, token),
                entsoe.parse_entsoe,
            )
        )
    return found
