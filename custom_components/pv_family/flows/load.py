"""Add a load that is to run on surplus, or change it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from homeassistant.components.number import ATTR_MAX, ATTR_MIN, ATTR_STEP
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_NAME,
    UnitOfElectricCurrent,
    UnitOfPower,
)
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, SUBENTRY_LOAD
from ..coordinator.load_settings import (
    AMPERE,
    CONF_DEPENDS_ON,
    CONF_ENABLE,
    CONF_ENTITY,
    CONF_HIGH,
    CONF_KIND,
    CONF_LOW,
    CONF_METER,
    CONF_NORMAL,
    CONF_RAISED,
    CONF_STEP,
    CONF_UNIT,
    KILOWATT,
    WATT,
    CurveError,
    Kind,
    LoadSettings,
    WindowError,
    circular,
)
from .borrowed_entities import lasting_id
from .load_schemas import SECTIONS, load_schema

_UNITS: Final[dict[str, str]] = {
    UnitOfElectricCurrent.AMPERE: AMPERE,
    UnitOfPower.WATT: WATT,
    UnitOfPower.KILO_WATT: KILOWATT,
}
# No car charges with less (IEC 61851-1), in A.
_LEAST_CURRENT: Final = 6.0


class LoadFlow(ConfigSubentryFlow):
    """Ask what a load is, then about that kind only."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what kind of load it is."""
        return self.async_show_menu(step_id="user", menu_options=list(Kind))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what has changed about a load; its kind has not."""
        return self._step(Kind(self._get_reconfigure_subentry().data[CONF_KIND]), None)

    async def async_step_switch(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask about a load that is switched."""
        return self._step(Kind.SWITCH, user_input)

    async def async_step_thermal(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask about a load that needs heat every day."""
        return self._step(Kind.THERMAL, user_input)

    async def async_step_modulating(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask about a load whose power can be set."""
        return self._step(Kind.MODULATING, user_input)

    async def async_step_setpoint(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask about a load whose set point is raised."""
        return self._step(Kind.SETPOINT, user_input)

    async def async_step_programme(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask about a machine that is started."""
        return self._step(Kind.PROGRAMME, user_input)

    def _step(
        self, kind: Kind, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        changing = self.source == SOURCE_RECONFIGURE
        own = self._reconfigure_subentry_id if changing else None
        errors: dict[str, str] = {}
        schema = load_schema(kind, self._others(own))
        if user_input is None:
            if changing:
                subentry = self._get_reconfigure_subentry()
                data = {CONF_NAME: subentry.title, **subentry.data}
                if subentry.unique_id is not None and (
                    known := er.async_resolve_entity_id(
                        er.async_get(self.hass), subentry.unique_id
                    )
                ):
                    # It may have been renamed since.
                    data[CONF_ENTITY] = known
                user_input = _nested(schema.schema, data)
        else:
            data = {CONF_KIND: str(kind), **_flat(user_input)}
            title = str(data.pop(CONF_NAME)).strip()
            unique_id = lasting_id(self.hass, data[CONF_ENTITY])
            if self._is_controlled(unique_id, own):
                return self.async_abort(reason="already_controlled")
            errors = self._check(kind, data, title, own)
            if not errors and changing:
                return self.async_update_and_abort(
                    self._get_entry(),
                    self._get_reconfigure_subentry(),
                    title=title,
                    unique_id=unique_id,
                    data=data,
                )
            if not errors:
                return self.async_create_entry(
                    title=title, data=data, unique_id=unique_id
                )
        return self.async_show_form(
            step_id=str(kind),
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
        )

    def _others(self, own: str | None) -> dict[str, str]:
        return {
            load.subentry_id: load.title
            for load in self._get_entry().get_subentries_of_type(SUBENTRY_LOAD)
            if load.subentry_id != own
        }

    def _is_controlled(self, unique_id: str, own: str | None) -> bool:
        """Tell whether another load, of this or another home, has the entity."""
        return any(
            load.unique_id == unique_id and load.subentry_id != own
            for entry in self.hass.config_entries.async_entries(DOMAIN)
            for load in entry.get_subentries_of_type(SUBENTRY_LOAD)
        )

    def _check(
        self, kind: Kind, data: dict[str, Any], title: str, own: str | None
    ) -> dict[str, str]:
        """Complete what was left open, and return what is wrong by field."""
        if not title:
            return {CONF_NAME: "name_empty"}
        if self._is_ours(data[CONF_ENTITY]):
            return {CONF_ENTITY: "own_entity"}
        if (meter := data.get(CONF_METER)) and self._is_ours(meter, of_load=True):
            return {CONF_METER: "own_entity"}
        if kind is Kind.MODULATING and (error := self._complete_range(data)):
            return {"base": error}
        if kind is Kind.SETPOINT and data[CONF_NORMAL] == data[CONF_RAISED]:
            return {CONF_RAISED: "same_setpoint"}
        try:
            LoadSettings.from_subentry(
                ConfigSubentry(
                    data=MappingProxyType(data),
                    subentry_type=SUBENTRY_LOAD,
                    title=title,
                    unique_id=None,
                )
            )
        except CurveError:
            return {"base": "bad_curve"}
        except WindowError:
            return {"base": "bad_windows"}
        edges = {
            load.subentry_id: tuple(load.data.get(CONF_DEPENDS_ON, ()))
            for load in self._get_entry().get_subentries_of_type(SUBENTRY_LOAD)
        }
        if own is not None:
            edges[own] = tuple(data.get(CONF_DEPENDS_ON, ()))
            if circular(edges, own):
                return {"base": "depends_on_itself"}
        return {}

    def _is_ours(self, entity: str, *, of_load: bool = False) -> bool:
        """Tell whether an entity is one of ours that must not be chosen here.

        Relays of nodes may be controlled, and what measures power may be read.
        """
        found = er.async_get(self.hass).async_get(entity)
        if found is None or found.platform != DOMAIN:
            return False
        if of_load:
            loads = {
                load.subentry_id
                for entry in self.hass.config_entries.async_entries(DOMAIN)
                for load in entry.get_subentries_of_type(SUBENTRY_LOAD)
            }
            return found.config_subentry_id in loads
        return not found.unique_id.endswith("_relay")

    def _complete_range(self, data: dict[str, Any]) -> str | None:
        """Take what the user left open from the number itself.

        Returns:
            What is wrong, if something is.
        """
        state = self.hass.states.get(data[CONF_ENTITY])
        shown: Mapping[str, Any] = {} if state is None else state.attributes
        if CONF_UNIT not in data:
            unit = _UNITS.get(str(shown.get(ATTR_UNIT_OF_MEASUREMENT)))
            if unit is None:
                return "unit_unknown"
            data[CONF_UNIT] = unit
        for key, attribute in ((CONF_HIGH, ATTR_MAX), (CONF_STEP, ATTR_STEP)):
            if key not in data:
                if attribute not in shown:
                    return "range_unknown"
                data[key] = float(shown[attribute])
        floor = float(shown.get(ATTR_MIN, 0.0))
        if CONF_LOW not in data:
            least = _LEAST_CURRENT if data[CONF_UNIT] == AMPERE else data[CONF_STEP]
            data[CONF_LOW] = max(floor, float(least))
        if floor > 0.0 and CONF_ENABLE not in data:
            return "needs_enable"
        if not (data[CONF_STEP] > 0.0 and 0.0 < data[CONF_LOW] < data[CONF_HIGH]):
            return "range_empty"
        return None


def _flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of a form and its sections in one."""
    flat = {key: value for key, value in user_input.items() if key not in SECTIONS}
    for name in SECTIONS:
        flat |= user_input.get(name, {})
    return flat


def _nested(schema: Mapping[Any, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data as the form and its sections show it."""
    nested: dict[str, Any] = dict(data)
    for key, field in schema.items():
        if str(key) in SECTIONS:
            inner = {str(name) for name in field.schema.schema}
            nested[str(key)] = {k: v for k, v in data.items() if k in inner}
    return nested
