"""Add a roof array, or change it."""

from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.util import slugify

from ..const import (
    CONF_DETAILS,
    CONF_MODULES,
    CONF_ROWS,
    CONF_STRINGS,
    SUBENTRY_INVERTER,
    SUBENTRY_ROOF_ARRAY,
)
from .roof_details import details_error, details_field, with_section
from .schemas import roof_array_schema


class RoofArrayFlow(ConfigSubentryFlow):
    """Ask what stands on the roof."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a new array."""
        return self._step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what has changed about an array."""
        return self._step("reconfigure", user_input)

    def _step(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {**user_input, **user_input.get(CONF_DETAILS, {})}
            data.pop(CONF_DETAILS, None)
            title = data.pop(CONF_NAME).strip()
            unique_id = f"{SUBENTRY_ROOF_ARRAY}_{slugify(title)}"
            if not title:
                errors[CONF_NAME] = "name_empty"
            elif self._is_taken(unique_id):
                errors[CONF_NAME] = "name_taken"
            elif data[CONF_STRINGS] > data[CONF_MODULES]:
                errors[CONF_STRINGS] = "more_strings_than_modules"
            elif data[CONF_ROWS] > data[CONF_MODULES]:
                errors[CONF_ROWS] = "more_rows_than_modules"
            elif (wrong := details_error(data)) is not None:
                errors["base"] = wrong
            elif self.source == SOURCE_RECONFIGURE:
                return self.async_update_and_abort(
                    self._get_entry(),
                    self._get_reconfigure_subentry(),
                    title=title,
                    unique_id=unique_id,
                    data=data,
                )
            else:
                return self.async_create_entry(
                    title=title, data=data, unique_id=unique_id
                )
        elif self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            user_input = {CONF_NAME: subentry.title, **with_section(subentry.data)}
        inverters = {
            subentry.subentry_id: subentry.title
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_INVERTER)
        }
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                roof_array_schema(inverters).extend(details_field()), user_input
            ),
            errors=errors,
        )

    def _is_taken(self, unique_id: str) -> bool:
        own = (
            self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None
        )
        return any(
            subentry.unique_id == unique_id and subentry.subentry_id != own
            for subentry in self._get_entry().subentries.values()
        )
