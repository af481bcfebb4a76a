"""What the user said about prices, as the subentry keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from ..market import energy_charts, entsoe, exchange, opcom
from ..market.carbon import GRID_FACTORS, PLANT_FACTOR
from ..market.tariff import Composition, FeedIn, FeedInKind
from ..market.time_of_use import Band

CONF_BANDS: Final = "bands"
CONF_BNR_URL: Final = "bnr_url"
CONF_CO2_ENTITY: Final = "co2_entity"
CONF_CO2_FACTOR: Final = "co2_factor"
CONF_CO2_OWN: Final = "co2_own"
CONF_CURRENCY: Final = "currency"
CONF_ENERGY_CHARTS_URL: Final = "energy_charts_url"
CONF_ENTITY: Final = "entity"
CONF_ENTSOE_TOKEN: Final = "entsoe_token"
CONF_ENTSOE_URL: Final = "entsoe_url"
CONF_EXCHANGE_RATE: Final = "exchange_rate"
CONF_FACTOR: Final = "factor"
CONF_FEED_IN: Final = "feed_in"
CONF_FEED_IN_ENTITY: Final = "feed_in_entity"
CONF_FEED_IN_FACTOR: Final = "feed_in_factor"
CONF_FEED_IN_FEE: Final = "feed_in_fee"
CONF_FEED_IN_NEVER_NEGATIVE: Final = "feed_in_never_negative"
CONF_FEED_IN_PRICE: Final = "feed_in_price"
CONF_INVESTMENT: Final = "investment"
CONF_KIND: Final = "kind"
CONF_LEVIES: Final = "levies"
CONF_MARGIN: Final = "margin"
CONF_NETWORK: Final = "network"
CONF_OPCOM_URL: Final = "opcom_url"
CONF_PLANT_CO2: Final = "plant_co2"
CONF_PRICE: Final = "price"
CONF_SAVED_BEFORE: Final = "saved_before"
CONF_VAT: Final = "vat"
CONF_ZONE: Final = "zone"

OWN_FACTOR: Final = "own"
SERVERS: Final = {
    CONF_OPCOM_URL: opcom.URL,
    CONF_ENERGY_CHARTS_URL: energy_charts.URL,
    CONF_ENTSOE_URL: entsoe.URL,
    CONF_BNR_URL: exchange.URL,
}
"""Which address of the user's own stands in for which public one."""


class PriceKind(StrEnum):
    """Where prices come from."""

    DAY_AHEAD = "day_ahead"
    ENTITY = "entity"
    FIXED = "fixed"
    TIME_OF_USE = "time_of_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSettings:
    """What the user said.

    Attributes:
        kind: Where prices come from.
        currency: Code of ISO 4217.
        composition: What a bill adds to the price of the market.
        feed_in: What exported energy is worth.
        feed_in_entity: An entity that shows it.
        investment: What the plant cost; 0 is not said.
        saved_before: What it saved before counting began.
        intensity: Of the grid in a year's mean, g/kWh.
        intensity_source: Where that number comes from.
        plant_co2: Of the plant's own energy over its life, g/kWh.
        co2_entity: An entity that shows the intensity now.
    """

    kind: PriceKind
    currency: str
    composition: Composition
    feed_in: FeedIn
    feed_in_entity: str | None
    investment: float
    saved_before: float
    intensity: float
    intensity_source: str
    plant_co2: float
    co2_entity: str | None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return what a subentry keeps."""
        factor = GRID_FACTORS.get(data.get(CONF_CO2_FACTOR, ""))
        own = float(data.get(CONF_CO2_OWN, 0.0))
        feed_in = FeedIn.from_dict(data)
        by_entity = feed_in.kind is FeedInKind.ENTITY
        return cls(
            kind=PriceKind(data[CONF_KIND]),
            currency=data[CONF_CURRENCY],
            composition=Composition.from_dict(data),
            feed_in=feed_in,
            feed_in_entity=data.get(CONF_FEED_IN_ENTITY) if by_entity else None,
            investment=float(data.get(CONF_INVESTMENT, 0.0)),
            saved_before=float(data.get(CONF_SAVED_BEFORE, 0.0)),
            intensity=own if factor is None else factor.intensity,
            intensity_source=OWN_FACTOR if factor is None else factor.named,
            plant_co2=float(data.get(CONF_PLANT_CO2, PLANT_FACTOR)),
            co2_entity=data.get(CONF_CO2_ENTITY),
        )


def servers(data: Mapping[str, Any]) -> dict[str, str]:
    """Return which addresses are asked in place of the public ones."""
    return {public: data[key] for key, public in SERVERS.items() if data.get(key)}


def bands(data: Mapping[str, Any]) -> tuple[Band, ...]:
    """Return the bands of a tariff by time of use."""
    return tuple(Band.from_dict(entered) for entered in data.get(CONF_BANDS, ()))
