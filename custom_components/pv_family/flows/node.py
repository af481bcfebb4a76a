"""Add a node that measures in the home, or change it."""

from typing import Any

from homeassistant.config_entries import SubentryFlowResult

from ..const import CONF_TRANSPORT
from ..link import Transport
from .calibration import CalibrationSteps
from .mapped_node import MappedNodeSteps
from .mqtt_node import MqttNodeSteps
from .push_node import PushNodeSteps


class NodeFlow(PushNodeSteps, MqttNodeSteps, MappedNodeSteps, CalibrationSteps):
    """Ask how the node sends."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how the node sends."""
        return self.async_show_menu(
            step_id="user",
            menu_options=[Transport.MQTT, Transport.HTTP, Transport.MAPPED],
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go to what was asked when the node was added."""
        match self._get_reconfigure_subentry().data[CONF_TRANSPORT]:
            case Transport.MQTT:
                return self.async_show_menu(
                    step_id="reconfigure",
                    menu_options=["mqtt_settings", "calibration"],
                )
            case Transport.MAPPED:
                return await self.async_step_mapped()
        return await self.async_step_http()
