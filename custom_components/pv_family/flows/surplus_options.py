"""Ask what the control of surplus has to know of a home."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

from ..coordinator.load_site import CONF_SURPLUS
from .load_schemas import surplus_schema


class SurplusSteps(OptionsFlow):
    """One form; everything in it is optional."""

    async def async_step_surplus(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for limits, the battery and fixed prices."""
        options = self.config_entry.options
        if user_input is not None:
            return self.async_create_entry(data={**options, CONF_SURPLUS: user_input})
        schema = surplus_schema(currency=self.hass.config.currency)
        return self.async_show_form(
            step_id="surplus",
            data_schema=self.add_suggested_values_to_schema(
                schema, options.get(CONF_SURPLUS, {})
            ),
        )
