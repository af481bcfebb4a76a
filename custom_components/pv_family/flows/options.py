"""What a home offers besides its settings: the Energy dashboard, and old logs."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from .energy_dashboard import EnergyDashboardSteps
from .import_log import ImportLogFlow


class HomeOptionsFlow(EnergyDashboardSteps, ImportLogFlow):
    """Ask what to do."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to do."""
        return self.async_show_menu(
            step_id="init", menu_options=["energy_dashboard", "import_log"]
        )
