"""What a home pays and is paid, over time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from .price_series import PriceSeries, repeated_until
from .tariff import Composition, FeedIn


@dataclass(frozen=True, slots=True)
class HomePrices:
    """The prices of a home, per kWh in its currency.

    Attributes:
        market: Of the market, or of whatever stands in its place.
        buy: What the household pays.
        sell: What it is paid.
    """

    market: PriceSeries
    buy: PriceSeries
    sell: PriceSeries

    @classmethod
    def composed(
        cls,
        market: PriceSeries,
        composition: Composition,
        feed_in: FeedIn,
        shown: PriceSeries | None = None,
    ) -> Self:
        """Return the prices that follow from those of the market.

        Args:
            market: Of the market, or of whatever stands in its place.
            composition: What a bill adds.
            feed_in: What exported energy is worth.
            shown: By the entity for exported energy, if there is one.
        """
        buy = composition.priced(market)
        if shown is None:
            shown = PriceSeries(market.currency)
        return cls(market, buy, feed_in.series(market, buy, shown))

    def foreseen(self, until: datetime) -> HomePrices:
        """Return the prices for a plan: beyond what is published as on the day before.

        Args:
            until: How far the plan looks (UTC), at most a week.
        """
        return HomePrices(
            repeated_until(self.market, until),
            repeated_until(self.buy, until),
            repeated_until(self.sell, until),
        )
