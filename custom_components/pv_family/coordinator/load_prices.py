"""What energy costs and brings, from the home's prices or from its options."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant

from .data import PvFamilyConfigEntry
from .load_outlook import Prices
from .load_site import fixed_prices

if TYPE_CHECKING:
    from ..market.home_prices import HomePrices
    from ..market.price_series import PriceSeries

# A plan looks a day ahead; looked up again each hour, that never runs out.
_AHEAD = timedelta(hours=27)
_RENEWED = timedelta(hours=1)


class PriceView:
    """Looks at a home's prices; the same view while they stay the same."""

    def __init__(self, hass: HomeAssistant, entry: PvFamilyConfigEntry) -> None:
        """Have seen nothing yet."""
        self._hass = hass
        self._entry = entry
        self._seen: HomePrices | None = None
        self._at: datetime | None = None
        self._view: Prices | None = None
        self._version = 0

    def look(self, now: datetime) -> Prices:
        """Return the prices of the coming day.

        Args:
            now: The present (UTC).
        """
        market = self._entry.runtime_data.market
        prices = None if market is None else market.prices
        if (
            self._view is not None
            and self._at is not None
            and prices is self._seen
            and timedelta() <= now - self._at < _RENEWED
        ):
            return self._view
        self._seen, self._at = prices, now
        self._version += 1
        buy, sell = fixed_prices(self._entry.options, self._hass.config.currency)
        if prices is None:
            self._view = Prices(
                lambda when: buy, lambda when: sell, ("fixed", buy, sell)
            )
        else:
            foreseen = prices.foreseen(now + _AHEAD)
            self._view = Prices(
                _or(foreseen.buy, buy), _or(foreseen.sell, sell), self._version
            )
        return self._view


def _or(series: PriceSeries, otherwise: float) -> Callable[[datetime], float]:
    """Return the price at a time, or the usual one where nobody knows it."""

    def price(when: datetime) -> float:
        known = series.price_at(when)
        return otherwise if known is None else known

    return price
