"""Answer what energy costs: every price of today and of tomorrow."""

from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import probatio

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import PvFamilyConfigEntry
from .coordinator.market import local_day
from .market.home_prices import HomePrices

SERVICE_GET_PRICES: Final = "get_prices"
_SCHEMA: Final = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})
_DIGITS: Final = 6


@callback
def async_register_price_actions(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(
        DOMAIN, SERVICE_GET_PRICES, _async_prices, _SCHEMA, SupportsResponse.ONLY
    )


async def _async_prices(call: ServiceCall) -> ServiceResponse:
    """Return the prices of today and of tomorrow, as far as they are known."""
    entry: PvFamilyConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    market = entry.runtime_data.market
    if market is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_prices"
        )
    now = dt_util.utcnow()
    days: dict[str, Any] = {
        name: _curve(market.prices, *local_day(now, days))
        for name, days in (("today", 0), ("tomorrow", 1))
    }
    currency = market.settings.currency
    return {"currency": currency, "unit": f"{currency}/kWh", **days}


def _curve(prices: HomePrices, start: datetime, end: datetime) -> list[Any]:
    """Return the prices of a time, each with its ends in the home's time."""
    every = (prices.buy, prices.sell, prices.market)
    known = [item for series in every for item in series.between(start, end).intervals]
    # One of them may change while another stays the same.
    changes = sorted({at for item in known for at in (item.start, item.end)})
    return [
        {
            "start": dt_util.as_local(since).isoformat(),
            "end": dt_util.as_local(until).isoformat(),
            "buy": round(item.price, _DIGITS),
            "sell": _rounded(prices.sell.price_at(since)),
            "market": _rounded(prices.market.price_at(since)),
            "quality": str(item.quality),
            "source": item.source,
        }
        for since, until in pairwise(changes)
        if (item := prices.buy.interval_at(since)) is not None
    ]


def _rounded(price: float | None) -> float | None:
    return None if price is None else round(price, _DIGITS)
