"""Ask what the connection to the grid allows."""

from typing import Any

import probatio

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

from ..const import CONF_EXPORT_LIMIT, CONF_VOLTAGE_LIMIT
from ..coordinator.plant_books import USUAL_VOLTAGE_LIMIT
from .schemas import decimal


class GridConnectionSteps(OptionsFlow):
    """One form; both of its fields may stay empty."""

    async def async_step_grid_connection(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the limits of export and voltage."""
        options = self.config_entry.options
        fields = {
            probatio.Optional(CONF_EXPORT_LIMIT): decimal(0.0, 1000.0, 0.1, "kW"),
            probatio.Optional(CONF_VOLTAGE_LIMIT): decimal(100.0, 300.0, 0.1, "V"),
        }
        if user_input is not None:
            left = {key: options[key] for key in options if key not in fields}
            return self.async_create_entry(data={**left, **user_input})
        return self.async_show_form(
            step_id="grid_connection",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(fields),
                {CONF_VOLTAGE_LIMIT: USUAL_VOLTAGE_LIMIT, **options},
            ),
        )
