"""A simulated home with loads on helpers that stand in for real devices."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .world import DOMAIN, World


async def add_helpers(hass: HomeAssistant) -> None:
    """Add switches and numbers that devices could have."""
    switches = ("boiler", "pump", "washer", "charger", "phases", "plugged")
    assert await async_setup_component(
        hass,
        "input_boolean",
        {"input_boolean": {name: {"initial": False} for name in switches}},
    )
    assert await async_setup_component(
        hass,
        "input_number",
        {
            "input_number": {
                "current": {
                    "min": 0,
                    "max": 16,
                    "step": 1,
                    "initial": 0,
                    "unit_of_measurement": "A",
                },
                "setpoint": {"min": 20, "max": 70, "step": 1, "initial": 45},
            }
        },
    )
    await hass.async_block_till_done()


def form(kind: str, name: str, entity: str, **answers: Any) -> dict[str, Any]:
    """Return a load's form as a user fills it in: few fields, the rest as it is."""
    nested: dict[str, dict[str, Any]] = {
        "range": {},
        "daily": {},
        "times": {},
        "rules": {},
    }
    places = {
        "range": {"unit", "low", "high", "step", "voltage", "enable", "phase_switch"}
        | {"curve"},
        "daily": {"need", "most", "need_unit", "deadline"},
        "times": {"min_on", "min_off", "starts", "windows"},
        "rules": {"priority", "depends_on", "battery_floor"}
        | {"override_ends", "override_hours"},
    }
    if kind == "thermal":
        places["daily"] = {"most"}
    if kind in ("switch", "thermal", "setpoint"):
        del nested["range"]
        places["rules"].add("ready")
    if kind == "programme":
        del nested["daily"]
    flat: dict[str, Any] = {"name": name, "entity_id": entity, "shadow": False}
    for key, value in answers.items():
        inside = next((n for n in nested if key in places[n]), None)
        (flat if inside is None else nested[inside])[key] = value
    return {**flat, **nested}


class LoadWorld:
    """The home's loads, as its user sees them."""

    def __init__(self, world: World) -> None:
        """Look at a home."""
        self.world = world
        self.hass = world.hass
        self._drawn: dict[str, float] = {}

    async def start(self, kind: str) -> Any:
        """Begin to add a load."""
        entry = self.world.entry
        assert entry is not None
        flow = self.hass.config_entries.subentries
        step = await flow.async_init(
            (entry.entry_id, "load"), context={"source": SOURCE_USER}
        )
        return await flow.async_configure(step["flow_id"], {"next_step_id": kind})

    async def answer(self, step: Any, answers: Mapping[str, Any]) -> Any:
        """Fill in the form of a load."""
        step = await self.hass.config_entries.subentries.async_configure(
            step["flow_id"], dict(answers)
        )
        await self.hass.async_block_till_done(wait_background_tasks=True)
        return step

    async def add(self, kind: str, name: str, entity: str, **answers: Any) -> Any:
        """Add a load through its flow; return the last step."""
        step = await self.start(kind)
        return await self.answer(step, form(kind, name, entity, **answers))

    async def reconfigure(self, name: str) -> Any:
        """Begin to change a load."""
        entry = self.world.entry
        assert entry is not None
        return await self.hass.config_entries.subentries.async_init(
            (entry.entry_id, "load"),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": self.key(name)},
        )

    def key(self, name: str) -> str:
        """Return the subentry of a load."""
        entry = self.world.entry
        assert entry is not None
        return next(
            load.subentry_id
            for load in entry.get_subentries_of_type("load")
            if load.title == name
        )

    def entity(self, name: str, key: str, domain: str = "sensor") -> str:
        """Return an entity of a load."""
        found = er.async_get(self.hass).async_get_entity_id(
            domain, DOMAIN, f"{self.key(name)}_{key}"
        )
        assert found is not None, (name, key)
        return found

    def state(self, name: str, key: str, domain: str = "sensor") -> str:
        """Return the state of an entity of a load."""
        state = self.hass.states.get(self.entity(name, key, domain))
        assert state is not None
        return state.state

    def why(self, name: str) -> str:
        """Return why a load is as it is."""
        return self.state(name, "why")

    def is_on(self, entity: str) -> bool:
        """Tell whether a helper is on."""
        state = self.hass.states.get(entity)
        assert state is not None
        return state.state == "on"

    async def call(self, action: str, entity: str, **data: Any) -> None:
        """Call an action as a user does."""
        domain, _, service = action.partition(".")
        await self.hass.services.async_call(
            domain, service, {"entity_id": entity, **data}, blocking=True
        )
        await self.hass.async_block_till_done()

    async def until(
        self, true: Callable[[], bool], seconds: float = 1800, step: float = 20
    ) -> float:
        """Let time pass until something is true; return how long that took."""
        begun = dt_util.utcnow()
        while not true():
            passed = dt_util.utcnow() - begun
            assert passed < timedelta(seconds=seconds), "it never came true"
            await self.world.pass_time(step, step)
        return (dt_util.utcnow() - begun).total_seconds()

    def draw(self, entity: str, power: Callable[[str], float]) -> None:
        """Let the simulated house draw what a helper makes it draw.

        Args:
            entity: The helper.
            power: Its power in W by its state.
        """
        home = self.world.home

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            home.extra_load -= self._drawn.get(entity, 0.0)
            self._drawn[entity] = 0.0 if state is None else power(state.state)
            home.extra_load += self._drawn[entity]

        async_track_state_change_event(self.hass, entity, changed)

    def switch(self, entity: str, power: float) -> None:
        """Let the simulated house draw power while a helper is on."""
        self.draw(entity, lambda state: power if state == "on" else 0.0)
