"""A home with a roof and a pyranometer of its own, whose plant keeps its books."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .outlook_world import OutlookWorld
from .world import World

PYRANOMETER = "sensor.pyranometer"
# As often as values stay fresh.
STEP = 30.0


class PlantWorld:
    """The home of a `World`, seen by a pyranometer that is always right."""

    def __init__(self, world: World) -> None:
        """Prepare nothing; the flows add it all."""
        self.world = world
        self.sky = OutlookWorld(world)

    @property
    def hass(self) -> HomeAssistant:
        """The Home Assistant of the home."""
        return self.world.hass

    async def add_home(self, **answers: Any) -> None:
        """Add the home, its pyranometer, its inverter and its two roofs."""
        self.show_light()
        await self.world.add_home(meter_role="grid")
        await self.options(
            "weather",
            {
                "internet_weather": False,
                "irradiance_plane": "horizontal",
                "irradiance_sensor": PYRANOMETER,
                "servers": {},
            },
        )
        await self.add_roofs(**answers)

    async def add_roofs(self, prefix: str = "", **answers: Any) -> None:
        """Add the arrays that the simulated home has."""
        for number, string in enumerate(self.world.home.config.strings, 1):
            await self.sky.add_roof(
                name=prefix + string.name,
                peak_power=string.peak_power / 1000,
                surface_tilt=string.tilt,
                surface_azimuth=string.azimuth,
                mppt_input=number,
                **answers,
            )

    async def options(self, step_id: str, answers: Mapping[str, Any]) -> Any:
        """Answer a form of the home's options; return the last step."""
        assert self.world.entry is not None
        flow = self.hass.config_entries.options
        step = await flow.async_init(self.world.entry.entry_id)
        step = await flow.async_configure(step["flow_id"], {"next_step_id": step_id})
        step = await flow.async_configure(step["flow_id"], dict(answers))
        assert step["type"] is FlowResultType.CREATE_ENTRY, step
        await self.sky.settle()
        return step

    async def reconfigure_roof(self, answers: Mapping[str, Any]) -> Any:
        """Change the first array through its flow; return the last step."""
        assert self.world.entry is not None
        arrays = self.world.entry.get_subentries_of_type("roof_array")
        return await self._reconfigure(next(iter(arrays)), answers)

    async def wire_roofs(self, inverter: str) -> None:
        """Say of every array to which inverter it is wired."""
        assert self.world.entry is not None
        for array in list(self.world.entry.get_subentries_of_type("roof_array")):
            answers = {**array.data, "name": array.title, "inverter": inverter}
            step = await self._reconfigure(array, answers)
            assert step["reason"] == "reconfigure_successful", step

    async def _reconfigure(
        self, array: ConfigSubentry, answers: Mapping[str, Any]
    ) -> Any:
        assert self.world.entry is not None
        flow = self.hass.config_entries.subentries
        step = await flow.async_init(
            (self.world.entry.entry_id, "roof_array"),
            context={"source": "reconfigure", "subentry_id": array.subentry_id},
        )
        step = await flow.async_configure(step["flow_id"], dict(answers))
        await self.sky.settle()
        return step

    def show_light(self) -> None:
        """Let the pyranometer show what the sky is like."""
        self.hass.states.async_set(
            PYRANOMETER,
            f"{self.world.device.state.ghi:.1f}",
            {
                "device_class": SensorDeviceClass.IRRADIANCE,
                "unit_of_measurement": "W/m²",
            },
        )

    async def pass_minutes(self, minutes: float) -> None:
        """Let time pass under the pyranometer."""
        for _ in range(round(minutes * 60 / STEP)):
            await self.world.pass_time(STEP, STEP)
            self.show_light()
        await self.sky.settle()

    def number(self, key: str) -> float:
        """Return a figure of the plant."""
        return self.sky.number(key)

    async def act(self, action: str, **data: Any) -> Any:
        """Call an action and return what it answers."""
        return await self.sky.act(action, **data)

    async def losses(self, **period: Any) -> dict[str, float]:
        """Return what each cause took, in kWh."""
        answer = await self.act("get_losses", **period)
        return {each["cause"]: each["kwh"] for each in answer["causes"]}
