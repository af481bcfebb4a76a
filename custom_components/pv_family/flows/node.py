"""Add a node that measures in the home, or change it."""

from typing import Any

from homeassistant.config_entries import SubentryFlowResult

from .push_node import HTTP, PushNodeSteps


class NodeFlow(PushNodeSteps):
    """Ask how the node sends."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how the node sends."""
        return self.async_show_menu(step_id="user", menu_options=[HTTP])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go to what was asked when the node was added."""
        return await self.async_step_http()
