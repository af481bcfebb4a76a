"""From the price of the market to what the household pays and is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from .price_series import PriceSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """What a bill adds to the price of the market.

    Amounts are per kWh in the home's currency and without VAT.

    Attributes:
        factor: By what the price of the market is multiplied, for losses and balancing.
        margin: Of the supplier.
        network: Distribution, transport and system services.
        levies: Excise, green certificates, cogeneration and the like.
        vat: Share that the state adds to everything, 0.21 for 21 %.
    """

    factor: float = 1.0
    margin: float = 0.0
    network: float = 0.0
    levies: float = 0.0
    vat: float = 0.0

    def price(self, market: float) -> float:
        """Return what a kWh costs the household at a price of the market."""
        added = self.margin + self.network + self.levies
        return (market * self.factor + added) * (1.0 + self.vat)

    def priced(self, market: PriceSeries) -> PriceSeries:
        """Return what each kWh costs the household."""
        return market.priced(lambda item: self.price(item.price))

    @classmethod
    def from_dict(cls, entered: Mapping[str, Any]) -> Self:
        """Return the composition that a form holds, VAT in percent."""
        return cls(
            factor=float(entered.get("factor", 100.0)) / 100.0,
            margin=float(entered.get("margin", 0.0)),
            network=float(entered.get("network", 0.0)),
            levies=float(entered.get("levies", 0.0)),
            vat=float(entered.get("vat", 0.0)) / 100.0,
        )


class FeedInKind(StrEnum):
    """By what exported energy is paid."""

    NONE = "none"
    """Not at all."""
    FIXED = "fixed"
    """The same at any time."""
    MARKET = "market"
    """By the price of the market at that time."""
    BUYING = "buying"
    """By the price that the household pays, as where quantities are offset."""
    ENTITY = "entity"
    """By what an entity of Home Assistant shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedIn:
    """What exported energy is worth.

    Attributes:
        kind: By what it is paid.
        price: Of a kWh, if it is the same at any time.
        factor: Share of the market's, the buying or the entity's price that is paid.
        fee: What is kept of each kWh.
        never_negative: Whether the contract pays nothing instead of less than nothing.
    """

    kind: FeedInKind = FeedInKind.NONE
    price: float = 0.0
    factor: float = 1.0
    fee: float = 0.0
    never_negative: bool = False

    def series(
        self, market: PriceSeries, buying: PriceSeries, shown: PriceSeries
    ) -> PriceSeries:
        """Return what each exported kWh is worth.

        Args:
            market: Prices of the market, or of the entity behind them.
            buying: What the household pays.
            shown: By the entity for exported energy.
        """
        match self.kind:
            case FeedInKind.NONE:
                return buying.priced(lambda item: 0.0)
            case FeedInKind.FIXED:
                return buying.priced(lambda item: self.price)
            case FeedInKind.MARKET:
                base = market
            case FeedInKind.BUYING:
                base = buying
            case FeedInKind.ENTITY:
                base = shown
        return base.priced(lambda item: self._worth(item.price))

    def _worth(self, price: float) -> float:
        worth = price * self.factor - self.fee
        return max(0.0, worth) if self.never_negative else worth

    @classmethod
    def from_dict(cls, entered: Mapping[str, Any]) -> Self:
        """Return the feed-in that a form holds.

        Raises:
            ValueError: The kind is none of ours.
        """
        return cls(
            kind=FeedInKind(entered.get("feed_in", FeedInKind.NONE)),
            price=float(entered.get("feed_in_price", 0.0)),
            factor=float(entered.get("feed_in_factor", 100.0)) / 100.0,
            fee=float(entered.get("feed_in_fee", 0.0)),
            never_negative=bool(entered.get("feed_in_never_negative", False)),
        )
