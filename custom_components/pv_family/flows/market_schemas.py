"""The longer forms of the prices."""

from typing import Any, Final

import probatio

from homeassistant.const import Platform
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..coordinator.market_settings import (
    CONF_CURRENCY,
    CONF_ENTSOE_TOKEN,
    CONF_EXCHANGE_RATE,
    CONF_PRICE,
    CONF_ZONE,
    SERVERS,
)
from ..market.time_of_use import WEEKDAYS
from ..market.zones import ZONES

CONF_SERVERS: Final = "servers"
_HIGHEST: Final = 1000.0


def day_ahead_schema() -> dict[Any, Any]:
    """Return the form of the day-ahead market."""
    url = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
    secret = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
    return {
        probatio.Required(CONF_ZONE): SelectSelector(
            SelectSelectorConfig(
                options=list(ZONES),
                translation_key="bidding_zone",
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        probatio.Required(CONF_CURRENCY): TextSelector(),
        probatio.Optional(CONF_ENTSOE_TOKEN): secret,
        probatio.Optional(CONF_EXCHANGE_RATE): amount(0.0001, 10_000),
        probatio.Optional(CONF_SERVERS): section(
            probatio.Schema({probatio.Optional(key): url for key in SERVERS}),
            {"collapsed": True},
        ),
    }


def price_entity_selector() -> EntitySelector:
    """Return a choice of what may show a price."""
    return EntitySelector(
        EntitySelectorConfig(domain=[Platform.SENSOR, "input_number", Platform.NUMBER])
    )


def bands_selector() -> ObjectSelector:
    """Return a list of bands, each with its days, its hours and its price."""
    time: dict[str, Any] = {"time": {}}
    days: dict[str, Any] = {
        "select": {
            "options": list(WEEKDAYS),
            "multiple": True,
            "translation_key": "weekday",
        }
    }
    price: dict[str, Any] = {
        "number": {"min": -_HIGHEST, "max": _HIGHEST, "step": "any", "mode": "box"}
    }
    return ObjectSelector(
        ObjectSelectorConfig(
            multiple=True,
            label_field=CONF_PRICE,
            translation_key="price_band",
            fields={
                "days": {"selector": days},
                "start": {"selector": time, "required": True},
                "end": {"selector": time, "required": True},
                "price": {"selector": price, "required": True},
            },
        )
    )


def amount(low: float = -_HIGHEST, high: float = _HIGHEST) -> NumberSelector:
    """Return a selector of an amount of money with any number of decimals."""
    return NumberSelector(
        NumberSelectorConfig(min=low, max=high, step="any", mode=NumberSelectorMode.BOX)
    )
