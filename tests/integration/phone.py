"""A phone with the app of Home Assistant, and the gateway that its messages go to."""

import asyncio
from typing import Any

from aiohttp import web

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component


class Phone:
    """A registered phone.

    Attributes:
        messages: What was pushed to it, in order.
        device_id: Its device in Home Assistant.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare a phone; `register` adds it."""
        self.messages: list[dict[str, Any]] = []
        self.device_id = ""
        self._hass = hass
        self._runner: web.AppRunner | None = None

    async def register(self, user_id: str) -> None:
        """Add it, as the app does when it is opened for the first time."""
        app = web.Application()
        app.router.add_post("/push", self._push)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        assert await async_setup_component(self._hass, "mobile_app", {})
        await self._hass.async_block_till_done()
        step = await self._hass.config_entries.flow.async_init(
            "mobile_app",
            context={"source": "registration"},
            data={
                "app_data": {
                    "push_token": "token",
                    "push_url": f"http://127.0.0.1:{port}/push",
                },
                "app_id": "io.robbie.HomeAssistant",
                "app_name": "Home Assistant",
                "app_version": "2026.11",
                "device_id": "phone",
                "device_name": "Phone",
                "manufacturer": "Maker",
                "model": "Model",
                "os_name": "OS",
                "os_version": "1",
                "supports_encryption": False,
                "user_id": user_id,
                "webhook_id": "webhook",
            },
        )
        await self._hass.async_block_till_done()
        devices = dr.async_entries_for_config_entry(
            dr.async_get(self._hass), step["result"].entry_id
        )
        self.device_id = devices[0].id

    async def close(self) -> None:
        """Close the gateway."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def hears(self, number: int) -> dict[str, Any]:
        """Wait for a message and return it; the first is number 1."""
        for _ in range(20_000):
            if len(self.messages) >= number:
                return self.messages[number - 1]
            await asyncio.sleep(0)
        raise AssertionError(f"{len(self.messages)} messages came")

    async def tap(self, message: dict[str, Any], title: str) -> None:
        """Answer a message, as the app tells it."""
        (action,) = (
            choice["action"]
            for choice in message["data"]["actions"]
            if choice["title"] == title
        )
        self._hass.bus.async_fire("mobile_app_notification_action", {"action": action})

    async def _push(self, request: web.Request) -> web.Response:
        self.messages.append(await request.json())
        answer = web.json_response({}, status=201)
        # Minutes pass between two messages, though not for the sockets.
        answer.force_close()
        return answer
