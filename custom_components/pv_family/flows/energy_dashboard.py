"""Offer to add the home to the Energy dashboard; nothing is written unasked."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

from ..energy_dashboard import async_add_sources, async_missing_sources


class EnergyDashboardSteps(OptionsFlow):
    """Show what would be added and add it when the user says so."""

    async def async_step_energy_dashboard(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the sources that the dashboard does not have yet."""
        if "energy" not in self.hass.config.components:
            return self.async_abort(reason="energy_not_loaded")
        missing = await async_missing_sources(self.hass, self.config_entry)
        if missing is None:
            return self.async_abort(reason="energy_nothing_measured")
        if not missing:
            return self.async_abort(reason="energy_complete")
        if user_input is not None:
            await async_add_sources(self.hass, missing)
            return self.async_create_entry(data=dict(self.config_entry.options))
        statistics = sorted(
            str(value)
            for source in missing
            for key, value in source.items()
            if key.startswith("stat_")
        )
        return self.async_show_form(
            step_id="energy_dashboard",
            description_placeholders={
                "statistics": "\n".join(f"- {name}" for name in statistics)
            },
        )
