"""What a home offers besides its settings: weather, Energy dashboard, old logs."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from .energy_dashboard import EnergyDashboardSteps
from .grid_connection import GridConnectionSteps
from .import_log import ImportLogFlow
from .roof_proposal import RoofProposalSteps
from .surplus_options import SurplusSteps
from .weather import WeatherSteps


class HomeOptionsFlow(
    EnergyDashboardSteps,
    GridConnectionSteps,
    RoofProposalSteps,
    SurplusSteps,
    ImportLogFlow,
    WeatherSteps,
):
    """Ask what to do."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to do."""
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                "weather",
                "grid_connection",
                "roof_proposal",
                "surplus",
                "energy_dashboard",
                "import_log",
            ],
        )
