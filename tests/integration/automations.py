"""A Home Assistant that runs automations made from the project's blueprints."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
import shutil
from typing import Any, Final
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)

from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.setup import async_setup_component

ZONE: Final = ZoneInfo("Europe/Bucharest")
MORNING: Final = datetime(2026, 6, 15, 9, 0, tzinfo=ZONE)
BLUEPRINTS: Final = Path(__file__).parents[2] / "blueprints/automation/pv_family"
MODES: Final = ["auto", "off", "now", "planned"]


class Automations:
    """A home with helpers, and what its automations do in it."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Put the blueprints where Home Assistant looks for them."""
        self.hass = hass
        self.freezer = freezer
        self.calls: list[Event[Any]] = async_capture_events(hass, "call_service")
        shutil.copytree(
            BLUEPRINTS, hass.config.path("blueprints", "automation", BLUEPRINTS.name)
        )

    async def helpers(self, domain: str, *names: str, **settings: Any) -> None:
        """Make helpers of a kind, as its page does."""
        content = {domain: dict.fromkeys(names, settings or None)}
        assert await async_setup_component(self.hass, domain, content)
        await self.hass.async_block_till_done()

    async def modes(self, *names: str) -> None:
        """Make selects with the options of a load's mode."""
        await self.helpers("input_select", *names, options=MODES, initial="auto")
        selects = [
            {
                "name": name,
                "unique_id": name,
                "state": f"{{{{ states('input_select.{name}') }}}}",
                "options": f"{{{{ {MODES} }}}}",
                "select_option": {
                    "action": "input_select.select_option",
                    "target": {"entity_id": f"input_select.{name}"},
                    "data": {"option": "{{ option }}"},
                },
            }
            for name in names
        ]
        assert await async_setup_component(
            self.hass, "template", {"template": [{"select": selects}]}
        )
        await self.hass.async_block_till_done()

    async def make(self, blueprint: str, **inputs: Any) -> None:
        """Make an automation from a blueprint.

        Args:
            blueprint: The name of its file.
            **inputs: What is filled in; the rest keeps its default.
        """
        content = {
            "id": blueprint,
            "alias": blueprint,
            "use_blueprint": {
                "path": f"pv_family/{blueprint}.yaml",
                "input": inputs,
            },
        }
        assert await async_setup_component(
            self.hass, "automation", {"automation": content}
        )
        await self.hass.async_block_till_done()
        assert self.state(f"automation.{blueprint}") == "on"

    def show(self, entity: str, value: object, **attributes: Any) -> None:
        """Let a sensor show something."""
        self.hass.states.async_set(entity, str(value), attributes)

    def state(self, entity: str) -> str:
        """Return what an entity shows."""
        state = self.hass.states.get(entity)
        assert state is not None, entity
        return state.state

    async def act(
        self, action: str, entity: str, user: str | None = None, **data: Any
    ) -> None:
        """Do something, as a user if one is named."""
        domain, _, name = action.partition(".")
        await self.hass.services.async_call(
            domain,
            name,
            {"entity_id": entity, **data},
            blocking=True,
            context=Context(user_id=user),
        )
        await self.settle()

    def done_to(self, entity: str) -> list[str]:
        """Return the actions of automations on an entity so far, in order."""
        found = []
        for call in self.calls:
            data = call.data
            targets = data["service_data"].get("entity_id", [])
            if entity in ([targets] if isinstance(targets, str) else targets):
                found.append(f"{data['domain']}.{data['service']}")
        return found

    async def wait(self, minutes: float, *, step: float = 30.0) -> None:
        """Let minutes pass."""
        for _ in range(round(minutes * 60 / step)):
            self.freezer.tick(timedelta(seconds=step))
            async_fire_time_changed(self.hass)
            await self.settle()

    async def settle(self) -> None:
        """Let everything happen that does not wait for time.

        Home Assistant's own way waits for automations that wait.
        """
        for _ in range(50):
            await asyncio.sleep(0)

    async def wait_until(self, when: datetime) -> None:
        """Let time pass until then, ten minutes at once."""
        while (left := (when - datetime.now(when.tzinfo)).total_seconds()) > 0:
            step = min(left, 600.0)
            await self.wait(step / 60, step=step)


@asynccontextmanager
async def automations_at_home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Automations]:
    """Yield a home in the morning, without an automation yet."""
    freezer.move_to(MORNING)
    await hass.config.async_set_time_zone(str(ZONE))
    assert await async_setup_component(hass, "homeassistant", {})
    yield Automations(hass, freezer)
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )
