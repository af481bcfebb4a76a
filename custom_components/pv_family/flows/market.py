"""Say what energy costs: where prices come from, what a bill adds, what it is worth."""

from collections.abc import Mapping
import re
from typing import Any, Final
from urllib.parse import urlsplit

import probatio

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import SUBENTRY_PRICES
from ..coordinator.load_site import fixed_prices
from ..coordinator.market_settings import (
    CONF_BANDS,
    CONF_CO2_ENTITY,
    CONF_CO2_FACTOR,
    CONF_CO2_OWN,
    CONF_CURRENCY,
    CONF_ENTITY,
    CONF_EXCHANGE_RATE,
    CONF_FACTOR,
    CONF_FEED_IN,
    CONF_FEED_IN_ENTITY,
    CONF_FEED_IN_FACTOR,
    CONF_FEED_IN_FEE,
    CONF_FEED_IN_NEVER_NEGATIVE,
    CONF_FEED_IN_PRICE,
    CONF_INVESTMENT,
    CONF_KIND,
    CONF_LEVIES,
    CONF_MARGIN,
    CONF_NETWORK,
    CONF_PLANT_CO2,
    CONF_PRICE,
    CONF_SAVED_BEFORE,
    CONF_VAT,
    CONF_ZONE,
    OWN_FACTOR,
    SERVERS,
    PriceKind,
    bands,
)
from ..market.carbon import GRID_FACTORS, PLANT_FACTOR, factor_of_country
from ..market.entity_price import PriceUnit, read_unit
from ..market.tariff import FeedInKind
from ..market.zones import ZONES, zone_of_country
from .market_schemas import (
    CONF_SERVERS,
    amount,
    bands_selector,
    day_ahead_schema,
    price_entity_selector,
)
from .schemas import choice, decimal

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_NATIVE: Final = frozenset({"EUR", "RON"})


class PricesFlow(ConfigSubentryFlow):
    """Ask for the source, then for the bill, then for what the plant cost."""

    _data: dict[str, Any]

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where prices come from; a home has one set of them."""
        if any(self._get_entry().get_subentries_of_type(SUBENTRY_PRICES)):
            return self.async_abort(reason="already_configured")
        return self.async_show_menu(step_id="user", menu_options=list(PriceKind))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where prices come from now."""
        return self.async_show_menu(step_id="reconfigure", menu_options=list(PriceKind))

    async def async_step_day_ahead(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the bidding zone."""
        errors: dict[str, str] = {}
        if user_input is not None:
            told = dict(user_input)
            told |= told.pop(CONF_SERVERS, {})
            currency = told[CONF_CURRENCY] = told[CONF_CURRENCY].strip().upper()
            if not _CURRENCY.fullmatch(currency):
                errors[CONF_CURRENCY] = "not_a_currency"
            elif not _is_convertible(currency) and not told.get(CONF_EXCHANGE_RATE):
                errors[CONF_EXCHANGE_RATE] = "no_exchange_rate"
            elif not all(_is_server(told.get(key)) for key in SERVERS):
                errors["base"] = "not_an_address"
            else:
                return self._go_on(PriceKind.DAY_AHEAD, told)
        known = self._known()
        suggested = user_input or {
            CONF_ZONE: zone_of_country(self.hass.config.country),
            CONF_CURRENCY: self._currency(),
            **known,
            CONF_SERVERS: {key: known[key] for key in SERVERS if key in known},
        }
        return self._form("day_ahead", day_ahead_schema(), suggested, errors)

    async def async_step_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the entity that shows a price."""
        errors: dict[str, str] = {}
        if user_input is not None:
            unit = self._unit_of(user_input[CONF_ENTITY])
            if unit is not None:
                currency = unit.currency or self._currency()
                return self._go_on(
                    PriceKind.ENTITY, {**user_input, CONF_CURRENCY: currency}
                )
            errors[CONF_ENTITY] = "not_a_price"
        schema = {
            probatio.Required(CONF_ENTITY): price_entity_selector(),
        }
        return self._form("entity", schema, user_input or self._known(), errors)

    async def async_step_fixed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the one price."""
        return self._tariff(PriceKind.FIXED, user_input)

    async def async_step_time_of_use(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the prices by time of day."""
        return self._tariff(PriceKind.TIME_OF_USE, user_input)

    def _tariff(
        self, kind: PriceKind, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            currency = user_input[CONF_CURRENCY].strip().upper()
            told = {**user_input, CONF_CURRENCY: currency}
            if not _CURRENCY.fullmatch(currency):
                errors[CONF_CURRENCY] = "not_a_currency"
            elif kind is PriceKind.TIME_OF_USE and not _has_bands(told):
                errors[CONF_BANDS] = "no_bands"
            else:
                return self._go_on(kind, told)
        schema: dict[Any, Any] = {
            probatio.Required(CONF_PRICE): amount(),
            probatio.Required(CONF_CURRENCY): TextSelector(),
        }
        if kind is PriceKind.TIME_OF_USE:
            schema[probatio.Required(CONF_BANDS)] = bands_selector()
        currency = self._currency()
        # Left open, Home Assistant's form would begin with the least it takes.
        usual, _ = fixed_prices({}, currency)
        suggested = user_input or {
            CONF_CURRENCY: currency,
            CONF_PRICE: usual,
            **self._known(),
        }
        return self._form(kind, schema, suggested, errors)

    @callback
    def _go_on(self, kind: PriceKind, told: Mapping[str, Any]) -> SubentryFlowResult:
        """Keep the source and go on to what a bill adds to it."""
        self._data = {CONF_KIND: str(kind), **_filled(told)}
        if kind in {PriceKind.DAY_AHEAD, PriceKind.ENTITY}:
            return self._bill(None)
        return self._feed_in(None)

    async def async_step_bill(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the bill adds to the price of the market."""
        return self._bill(user_input)

    @callback
    def _bill(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        if user_input is not None:
            self._data |= user_input
            return self._feed_in(None)
        schema = {
            probatio.Required(CONF_FACTOR, default=100): decimal(0, 200, 0.01, "%"),
            **{
                probatio.Required(key, default=0): amount()
                for key in (CONF_MARGIN, CONF_NETWORK, CONF_LEVIES)
            },
            probatio.Required(CONF_VAT, default=0): decimal(0, 50, 0.1, "%"),
        }
        return self._form("bill", schema, self._known(), {})

    async def async_step_feed_in(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what exported energy is worth."""
        return self._feed_in(user_input)

    @callback
    def _feed_in(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_FEED_IN] == FeedInKind.ENTITY:
                errors = self._not_a_feed_in(user_input.get(CONF_FEED_IN_ENTITY, ""))
            if not errors:
                self._data |= _filled(user_input)
                return self._worth(None)
        schema: dict[Any, Any] = {
            probatio.Required(CONF_FEED_IN, default=str(FeedInKind.NONE)): choice(
                CONF_FEED_IN, [str(kind) for kind in FeedInKind]
            ),
            probatio.Optional(CONF_FEED_IN_ENTITY): price_entity_selector(),
            probatio.Required(CONF_FEED_IN_PRICE, default=0): amount(),
            probatio.Required(CONF_FEED_IN_FACTOR, default=100): decimal(
                0, 200, 0.01, "%"
            ),
            probatio.Required(CONF_FEED_IN_FEE, default=0): amount(),
            probatio.Required(
                CONF_FEED_IN_NEVER_NEGATIVE, default=False
            ): BooleanSelector(),
        }
        return self._form("feed_in", schema, user_input or self._known(), errors)

    @callback
    def _not_a_feed_in(self, entity_id: str) -> dict[str, str]:
        """Return what is wrong with an entity that shows the worth of energy."""
        unit = self._unit_of(entity_id)
        if unit is None:
            return {CONF_FEED_IN_ENTITY: "not_a_price"}
        if unit.currency not in {None, self._data[CONF_CURRENCY]}:
            return {CONF_FEED_IN_ENTITY: "other_currency"}
        return {}

    @callback
    def _unit_of(self, entity_id: str) -> PriceUnit | None:
        state = self.hass.states.get(entity_id)
        if state is None:
            return None
        return read_unit(state.attributes.get("unit_of_measurement"))

    async def async_step_worth(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the plant cost, and how clean the grid is."""
        return self._worth(user_input)

    @callback
    def _worth(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        if user_input is not None:
            return self._finish({**self._data, **_filled(user_input)})
        currency = self._data[CONF_CURRENCY]
        schema = {
            probatio.Required(CONF_INVESTMENT, default=0): decimal(
                0, 1e9, 0.01, currency
            ),
            probatio.Required(CONF_SAVED_BEFORE, default=0): decimal(
                0, 1e9, 0.01, currency
            ),
            probatio.Required(
                CONF_CO2_FACTOR, default=factor_of_country(self.hass.config.country)
            ): SelectSelector(
                SelectSelectorConfig(
                    options=[*GRID_FACTORS, OWN_FACTOR],
                    translation_key=CONF_CO2_FACTOR,
                    mode=SelectSelectorMode.DROPDOWN,
                )
            ),
            probatio.Required(CONF_CO2_OWN, default=0): decimal(0, 2000, 0.1, "g/kWh"),
            probatio.Optional(CONF_CO2_ENTITY): EntitySelector(
                EntitySelectorConfig(domain=Platform.SENSOR)
            ),
            probatio.Required(CONF_PLANT_CO2, default=PLANT_FACTOR): decimal(
                0, 200, 0.1, "g/kWh"
            ),
        }
        return self._form("worth", schema, self._known(), {})

    @callback
    def _finish(self, data: dict[str, Any]) -> SubentryFlowResult:
        title = _title(self.hass.states.get(data.get(CONF_ENTITY, "")), data)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=title,
                data=data,
            )
        return self.async_create_entry(
            title=title, data=data, unique_id=SUBENTRY_PRICES
        )

    @callback
    def _form(
        self,
        step_id: str,
        schema: dict[Any, Any],
        suggested: Mapping[str, Any],
        errors: dict[str, str],
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(schema), suggested
            ),
            errors=errors,
            last_step=step_id == "worth",
        )

    def _known(self) -> dict[str, Any]:
        """Return what was said before."""
        if self.source != SOURCE_RECONFIGURE:
            return {}
        return dict(self._get_reconfigure_subentry().data)

    def _currency(self) -> str:
        currency: str = self.hass.config.currency
        return currency


def _filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not left empty."""
    return {key: value for key, value in told.items() if value not in ("", None)}


def _is_convertible(currency: str) -> bool:
    """Return whether the sources or the central bank know a currency."""
    return currency in _NATIVE


def _has_bands(told: Mapping[str, Any]) -> bool:
    try:
        return bool(bands(told))
    except KeyError, TypeError, ValueError:
        return False


def _is_server(address: str | None) -> bool:
    """Return whether an address is one, or left empty."""
    if not address:
        return True
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _title(state: Any, data: Mapping[str, Any]) -> str:
    """Return a name that needs no translation."""
    unit = f"{data[CONF_CURRENCY]}/kWh"
    match data[CONF_KIND]:
        case PriceKind.DAY_AHEAD:
            return f"{ZONES[data[CONF_ZONE]].energy_charts}, {unit}"
        case PriceKind.ENTITY:
            name: str = data[CONF_ENTITY] if state is None else state.name
            return name
        case PriceKind.TIME_OF_USE:
            prices = [band.price for band in bands(data)] + [data[CONF_PRICE]]
            return f"{min(prices):g} - {max(prices):g} {unit}"
    return f"{data[CONF_PRICE]:g} {unit}"
