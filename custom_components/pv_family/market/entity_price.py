"""Prices that an entity of Home Assistant shows: now, and ahead where it tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import re
from typing import Any, Final

from ..plant.document import finite_number
from .price_series import PriceInterval, PriceQuality, PriceSeries

SOURCE: Final = "entity"

_MOST: Final = 1000
_HIGHEST: Final = 1e5
_LONGEST: Final = timedelta(hours=1)
_ENERGY: Final = {"wh": 1000.0, "kwh": 1.0, "mwh": 0.001, "gwh": 1e-6}
_MONEY: Final = {
    "€": ("EUR", 1.0),
    "euro": ("EUR", 1.0),
    "lei": ("RON", 1.0),
    "leu": ("RON", 1.0),
    "bani": ("RON", 0.01),
    "ban": ("RON", 0.01),
    "£": ("GBP", 1.0),
    "kč": ("CZK", 1.0),
    "zł": ("PLN", 1.0),
    "ft": ("HUF", 1.0),
    "лв": ("BGN", 1.0),
}
_CODE: Final = re.compile("[A-Za-z]{3}")
_CENTS: Final = frozenset(
    {
        *("c", "ct", "ct.", "cent", "cents", "ctm", "¢", "p", "pence", "rp", "rappen"),
        *("eurocent", "eurocents", "c€", "€c", "€ct", "€cent", "ct€"),
        *("ore", "öre", "øre", "gr", "grosz", "groszy", "stotinki", "стотинки"),
    }
)
_OWN: Final = frozenset({"$", "kr", "kr.", "fr", "fr."})
"""Signs of several currencies: that of the home is meant."""
_LISTS: Final = (
    "raw_today",
    "raw_tomorrow",
    "prices",
    "prices_today",
    "prices_tomorrow",
    "forecast",
    "data",
    "rates",
)
_STARTS: Final = (
    *("start", "start_time", "startsAt", "starts_at", "from", "valid_from"),
    *("datetime", "time", "hour", "timestamp"),
)
_ENDS: Final = ("end", "end_time", "endsAt", "to", "till", "valid_to")
_VALUES: Final = (
    *("value", "price", "price_per_kwh", "per_kwh", "total"),
    *("electricity_price", "value_inc_vat"),
)


@dataclass(frozen=True, slots=True)
class PriceUnit:
    """The unit of a price.

    Attributes:
        currency: Code of ISO 4217, or ``None`` for that of the home.
        factor: From the unit to the currency per kWh.
    """

    currency: str | None
    factor: float


def read_unit(unit: str | None) -> PriceUnit | None:
    """Return what a unit such as RON/kWh, ct/kWh or €/MWh means."""
    money, slash, energy = (unit or "").partition("/")
    per = _ENERGY.get(energy.strip().casefold())
    if not slash or per is None:
        return None
    name = money.strip()
    if (known := _MONEY.get(name.casefold())) is not None:
        return PriceUnit(known[0], known[1] * per)
    if name.casefold() in _CENTS:
        return PriceUnit(None, 0.01 * per)
    if name.casefold() in _OWN:
        return PriceUnit(None, per)
    if _CODE.fullmatch(name):
        return PriceUnit(name.upper(), per)
    return None


def read_curve(
    attributes: Mapping[str, Any], unit: PriceUnit, currency: str, now: datetime
) -> PriceSeries:
    """Return the prices that an entity's attributes hold, as far as they can be read.

    Many integrations list the day's prices as mappings with a start and a value. What
    contradicts itself is left out as a whole.

    Args:
        attributes: Of the state.
        unit: Of the state and of the list.
        currency: Of the home.
        now: The present (UTC); what is far from it is no price of these days.
    """
    found: dict[datetime, tuple[datetime | None, float]] = {}
    for name in _LISTS:
        listed = attributes.get(name)
        if not isinstance(listed, list) or len(listed) > _MOST:
            continue
        for item in listed:
            if (read := _item(item)) is None or abs(read[0] - now) > timedelta(days=4):
                continue
            start, end, price = read
            if found.setdefault(start, (end, price))[1] != price:
                return PriceSeries(currency)
    return PriceSeries(
        currency,
        tuple(
            PriceInterval(start, end, price * unit.factor, _QUALITY, SOURCE)
            for start, end, price in _closed(found)
        ),
    )


_QUALITY: Final = PriceQuality.REPORTED


def present_price(
    state: str, unit: PriceUnit, currency: str, start: datetime, end: datetime
) -> PriceSeries:
    """Return what an entity shows now as the price of a while.

    Args:
        state: A number, or a word such as unavailable.
        unit: Of the state.
        currency: Of the home.
        start: Since when the price holds (UTC).
        end: Until when it is taken to hold (UTC).
    """
    try:
        price = float(state) * unit.factor
    except ValueError:
        return PriceSeries(currency)
    if not -_HIGHEST <= price <= _HIGHEST or end <= start:
        return PriceSeries(currency)
    return PriceSeries(currency, (PriceInterval(start, end, price, _QUALITY, SOURCE),))


def _item(item: Any) -> tuple[datetime, datetime | None, float] | None:
    if not isinstance(item, dict):
        return None
    start = next((t for key in _STARTS if (t := _time(item.get(key)))), None)
    end = next((t for key in _ENDS if (t := _time(item.get(key)))), None)
    price = next(
        (p for key in _VALUES if (p := finite_number(item.get(key))) is not None), None
    )
    if start is None or price is None or abs(price) > _HIGHEST:
        return None
    return start, end, price


def _time(value: Any) -> datetime | None:
    """Return a time with a zone in UTC; without one it could be anything."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def _closed(
    found: Mapping[datetime, tuple[datetime | None, float]],
) -> Iterator[tuple[datetime, datetime, float]]:
    """Yield intervals with an end: their own, or where the next one begins."""
    starts = sorted(found)
    gaps = [after - before for before, after in pairwise(starts)]
    usual = min(gaps, default=_LONGEST)
    for index, start in enumerate(starts):
        end, price = found[start]
        following = starts[index + 1] if index + 1 < len(starts) else None
        if end is None or not start < end <= start + timedelta(days=1):
            end = start + min(usual, _LONGEST)
        if following is not None:
            end = min(end, following)
        yield start, end, price
