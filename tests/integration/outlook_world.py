"""A home with a roof, and the services on the internet that it may ask."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulation.weather_service import WeatherService

from .world import DOMAIN, World


class OutlookWorld:
    """The home of a `World` under a sky that services tell about.

    Attributes:
        service: Open-Meteo and PVGIS, on a real port.
    """

    def __init__(self, world: World) -> None:
        """Prepare the services."""
        self.world = world
        self.service = WeatherService(world.home.seed, dt_util.utcnow)
        self._runner: web.AppRunner | None = None
        self.url = ""

    @property
    def hass(self) -> HomeAssistant:
        """The Home Assistant of the home."""
        return self.world.hass

    async def start(self) -> None:
        """Let the services listen on a loopback port."""
        app = web.Application()
        self.service.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port; a home that asks is refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def add_home(self, *, internet: bool = True, **told: Any) -> None:
        """Add the home with its inverter and its two roofs through the flows."""
        await self.world.add_home(meter_role="grid")
        await self.set_weather(internet=internet, **told)
        await self.add_roofs()

    async def add_roofs(self) -> None:
        """Add the two arrays that the simulated home has."""
        for number, string in enumerate(self.world.home.config.strings, 1):
            await self.add_roof(
                name=string.name,
                peak_power=string.peak_power / 1000,
                surface_tilt=string.tilt,
                surface_azimuth=string.azimuth,
                mppt_input=number,
            )

    async def add_roof(self, **told: Any) -> None:
        """Add an array through its flow."""
        assert self.world.entry is not None
        flow = self.hass.config_entries.subentries
        step = await flow.async_init(
            (self.world.entry.entry_id, "roof_array"), context={"source": SOURCE_USER}
        )
        answers = {"modules": 8, "strings": 1, "rows": 1, **told}
        step = await flow.async_configure(step["flow_id"], answers)
        assert step["type"] is FlowResultType.CREATE_ENTRY, step
        await self.settle()

    async def set_weather(self, *, internet: bool = True, **told: Any) -> Any:
        """Choose through the options where weather comes from; return the last step."""
        assert self.world.entry is not None
        flow = self.hass.config_entries.options
        step = await flow.async_init(self.world.entry.entry_id)
        step = await flow.async_configure(step["flow_id"], {"next_step_id": "weather"})
        servers = {"open_meteo_url": self.url, "pvgis_url": self.url}
        answers: Mapping[str, Any] = {
            "internet_weather": internet,
            "irradiance_plane": "horizontal",
            "servers": servers,
            **told,
        }
        step = await flow.async_configure(step["flow_id"], dict(answers))
        await self.settle()
        return step

    async def settle(self) -> None:
        """Wait until everything that was begun is done."""
        for _ in range(3):
            await self.hass.async_block_till_done(wait_background_tasks=True)

    async def pass_minutes(self, minutes: float) -> None:
        """Let time pass, minute by minute, and poll at the end."""
        for _ in range(round(minutes)):
            await self.world.pass_time(60, 60)
        await self.world.pass_time(20)
        await self.settle()

    def entity(self, key: str) -> str:
        """Return the entity of the home's outlook with a key."""
        assert self.world.entry is not None
        found = er.async_get(self.hass).async_get_entity_id(
            "sensor", DOMAIN, f"{self.world.entry.entry_id}_{key}"
        )
        assert found is not None, key
        return found

    def state(self, key: str) -> str:
        """Return the state of a value of the outlook."""
        state = self.hass.states.get(self.entity(key))
        assert state is not None, key
        return state.state

    def attributes(self, key: str) -> Mapping[str, Any]:
        """Return what goes with a value of the outlook."""
        state = self.hass.states.get(self.entity(key))
        assert state is not None, key
        return state.attributes

    def number(self, key: str) -> float:
        """Return a value of the outlook."""
        return float(self.state(key))

    async def act(self, action: str, **data: Any) -> Any:
        """Call an action and return what it answers."""
        return await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
