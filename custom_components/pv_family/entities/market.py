"""The sensors of prices, of money and of CO2."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfMass
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .. import publish
from ..coordinator import MarketCoordinator, PvFamilyConfigEntry
from ..entity import SubentryEntity
from ..market import energy_charts, entity_price, entsoe, opcom, time_of_use
from ..market.price_series import PriceInterval, PriceQuality
from ..market.savings import Against, Span
from ..shown import ShownDescription, ShownSensor, Value

MISSING: Final = "missing"
SOURCES: Final = (
    opcom.SOURCE,
    energy_charts.SOURCE,
    entsoe.SOURCE,
    entity_price.SOURCE,
    time_of_use.FIXED,
    time_of_use.TIME_OF_USE,
)
_PRICE_DIGITS: Final = 5
_MONEY_DIGITS: Final = 2


@dataclass(frozen=True, kw_only=True)
class MarketDescription(ShownDescription):
    """How one value of prices, money or CO2 is shown.

    Attributes:
        value_fn: The value, or ``None`` while it is not known.
        unit: Made of the home's currency, where it has one.
        needs: Whether the home has it at all.
        reset_fn: When it last started from zero.
        attributes_fn: What else belongs to the value.
    """

    value_fn: Callable[[MarketCoordinator], Value]
    unit: str | None = None
    needs: Callable[[MarketCoordinator], bool] = lambda market: True
    reset_fn: Callable[[MarketCoordinator], datetime | None] = lambda market: None
    attributes_fn: Callable[[MarketCoordinator], Mapping[str, Any]] | None = None


@callback
def async_add_market_sensors(
    entry: PvFamilyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of prices, and those of money as soon as there is some."""
    market = entry.runtime_data.market
    if market is None:
        return
    added: set[str] = set()

    @callback
    def add() -> None:
        found = [
            description
            for description in MARKET_DESCRIPTIONS
            if description.key not in added and description.needs(market)
        ]
        added.update(description.key for description in found)
        if found:
            async_add_entities(
                (MarketSensor(market, description) for description in found),
                config_subentry_id=market.subentry.subentry_id,
            )

    add()
    entry.async_on_unload(market.async_add_listener(add))


class MarketSensor(SubentryEntity[MarketCoordinator], ShownSensor[MarketCoordinator]):
    """A price, an amount of money or a mass of CO2."""

    entity_description: MarketDescription

    def __init__(
        self, coordinator: MarketCoordinator, description: MarketDescription
    ) -> None:
        """Attach the sensor to the device of the prices."""
        super().__init__(coordinator, coordinator.subentry.subentry_id, description)
        if description.unit is not None:
            self._attr_native_unit_of_measurement = description.unit.format(
                currency=coordinator.settings.currency
            )

    @override
    def _value(self) -> Value:
        return self.entity_description.value_fn(self.coordinator)

    @override
    def _reset(self) -> datetime | None:
        return self.entity_description.reset_fn(self.coordinator)

    @override
    def _attributes(self) -> Mapping[str, Any]:
        tell = self.entity_description.attributes_fn
        return {} if tell is None else tell(self.coordinator)


def _now(market: MarketCoordinator) -> datetime:
    return market.data.taken


def _buying(market: MarketCoordinator) -> PriceInterval | None:
    """Return the interval of the present buying price."""
    return market.data.prices.buy.interval_at(_now(market))


def _next(market: MarketCoordinator) -> PriceInterval | None:
    """Return the interval that follows the present one."""
    buy = market.data.prices.buy
    at = buy.next_change(_now(market))
    return None if at is None else buy.interval_at(at)


def _price(interval: PriceInterval | None) -> float | None:
    return None if interval is None else interval.price


def _when(interval: PriceInterval | None) -> dict[str, str]:
    """Return when a price holds, in the home's time."""
    if interval is None:
        return {}
    return {
        "start": dt_util.as_local(interval.start).isoformat(),
        "end": dt_util.as_local(interval.end).isoformat(),
    }


def _quality(market: MarketCoordinator) -> str:
    interval = _buying(market)
    return MISSING if interval is None else str(interval.quality)


def _troubles(market: MarketCoordinator) -> dict[str, Any]:
    """Return why sources gave nothing; empty while all is well."""
    since = market.failing_since
    if since is None:
        return {}
    return {
        "failing_since": dt_util.as_local(since).isoformat(),
        "failures": market.failures,
    }


def _source(market: MarketCoordinator) -> str | None:
    interval = _buying(market)
    return None if interval is None else interval.source


def _licence(market: MarketCoordinator) -> dict[str, str]:
    licence = market.licences.get(_source(market) or "")
    return {"licence": licence} if licence else {}


def _price_description(
    key: str,
    interval_fn: Callable[[MarketCoordinator], PriceInterval | None],
    *,
    when: bool,
    enabled: bool = True,
) -> MarketDescription:
    return MarketDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
        entity_registry_enabled_default=enabled,
        unit="{currency}/kWh",
        value_fn=lambda market: _price(interval_fn(market)),
        attributes_fn=(lambda market: _when(interval_fn(market))) if when else None,
        digits=_PRICE_DIGITS,
    )


_PREFIX: Final = {Against.NO_PLANT: "saved", Against.NO_CONTROL: "saved_by_control"}


def _begun(market: MarketCoordinator, span: Span) -> datetime | None:
    """Return when a span began, in the home's calendar."""
    today = dt_util.as_local(_now(market)).date()
    match span:
        case Span.TODAY:
            return dt_util.start_of_local_day(today)
        case Span.MONTH:
            return dt_util.start_of_local_day(today.replace(day=1))
        case Span.YEAR:
            return dt_util.start_of_local_day(today.replace(month=1, day=1))
    return None


def _saved(against: Against, span: Span) -> MarketDescription:
    key = f"{_PREFIX[against]}_{span}"
    return MarketDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        unit="{currency}",
        value_fn=lambda market: market.data.saved.get((against, span)),
        needs=(
            (lambda market: market.data.since is not None)
            if against is Against.NO_PLANT
            else (lambda market: market.data.controlled)
        ),
        digits=_MONEY_DIGITS,
        rule=publish.ENERGY_TODAY if span is Span.TODAY else publish.ENERGY,
        reset_fn=lambda market: _begun(market, span),
        attributes_fn=_unpriced if span is Span.EVER else None,
    )


def _unpriced(market: MarketCoordinator) -> dict[str, Any]:
    """Return since when money is counted, and what could not be priced."""
    data = market.data
    since = data.since
    return {
        "since": None if since is None else dt_util.as_local(since).isoformat(),
        "unpriced_kwh": round(data.unpriced / 1000.0, 2),
    }


def _has_investment(market: MarketCoordinator) -> bool:
    return market.data.payback is not None


def _payback_share(market: MarketCoordinator) -> float | None:
    found = market.data.payback
    return None if found is None else 100.0 * found.share


def _payback_day(market: MarketCoordinator) -> date | None:
    found = market.data.payback
    return None if found is None else found.day


def _yearly(market: MarketCoordinator) -> dict[str, Any]:
    found = market.data.payback
    if found is None or found.yearly is None:
        return {}
    return {"yearly_saving": round(found.yearly)}


def _factor(market: MarketCoordinator) -> dict[str, Any]:
    """Return which series the mass rests on, so that nobody compares apples."""
    settings = market.settings
    return {
        "grid_factor": settings.intensity,
        "grid_factor_source": settings.intensity_source,
        "grid_intensity_entity": settings.co2_entity,
        "plant_factor": settings.plant_co2,
    }


MARKET_DESCRIPTIONS: tuple[MarketDescription, ...] = (
    _price_description("price", _buying, when=False),
    _price_description("price_next", _next, when=True),
    _price_description(
        "price_lowest_today", lambda market: market.data.today.lowest(), when=True
    ),
    _price_description(
        "price_highest_today", lambda market: market.data.today.highest(), when=True
    ),
    _price_description(
        "feed_in_price",
        lambda market: market.data.prices.sell.interval_at(_now(market)),
        when=False,
    ),
    _price_description(
        "market_price",
        lambda market: market.data.prices.market.interval_at(_now(market)),
        when=False,
        enabled=False,
    ),
    MarketDescription(
        key="price_quality",
        translation_key="price_quality",
        device_class=SensorDeviceClass.ENUM,
        options=[*map(str, PriceQuality), MISSING],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_quality,
        attributes_fn=_troubles,
    ),
    MarketDescription(
        key="price_source",
        translation_key="price_source",
        device_class=SensorDeviceClass.ENUM,
        options=list(SOURCES),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_source,
        attributes_fn=_licence,
    ),
    MarketDescription(
        key="prices_known_until",
        translation_key="prices_known_until",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda market: market.data.prices.buy.end,
    ),
    *(_saved(against, span) for against in Against for span in Span),
    MarketDescription(
        key="payback_share",
        translation_key="payback_share",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=_payback_share,
        needs=_has_investment,
        digits=2,
        rule=publish.ENERGY,
    ),
    MarketDescription(
        key="payback_day",
        translation_key="payback_day",
        device_class=SensorDeviceClass.DATE,
        value_fn=_payback_day,
        needs=_has_investment,
        attributes_fn=_yearly,
    ),
    MarketDescription(
        key="co2_avoided",
        translation_key="co2_avoided",
        device_class=SensorDeviceClass.WEIGHT,
        native_unit_of_measurement=UnitOfMass.KILOGRAMS,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=1,
        value_fn=lambda market: market.data.co2_avoided / 1000.0,
        needs=lambda market: market.data.since is not None,
        digits=3,
        rule=publish.ENERGY,
        attributes_fn=_factor,
    ),
)
