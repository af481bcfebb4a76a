"""A cloud whose entities a home borrows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import math
from types import MappingProxyType
from typing import Any

from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.tasks import ImportStatisticsTask
from homeassistant.config_entries import SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.integration.world import World

PV, GRID, BATTERY, LOAD = (
    "sensor.roof_power",
    "sensor.meter_power",
    "sensor.powerwall_power",
    "sensor.house_power",
)


def show(
    hass: HomeAssistant, entity: str, value: Any, unit: str = "W", **attributes: Any
) -> None:
    """Let another integration show a value."""
    kind = "energy" if unit.endswith("Wh") else "power"
    state_class = "total_increasing" if kind == "energy" else "measurement"
    hass.states.async_set(
        entity,
        str(value),
        {
            "unit_of_measurement": unit,
            "device_class": kind,
            "state_class": state_class,
            **attributes,
        },
    )


def channel(role: str, power: str | None, **more: Any) -> dict[str, Any]:
    """Return a channel as the flow stores it."""
    return {
        "name": role.title(),
        "role": role,
        "reversed": False,
        "covers": None,
        "power": power,
        "power_to": None,
        "energy": None,
        "energy_to": None,
        **more,
    }


async def borrow(world: World, *channels: Mapping[str, Any]) -> str:
    """Add a group of channels to the home and return its subentry."""
    if world.entry is None:
        await world.add_empty_home()
    assert world.entry is not None
    subentry = ConfigSubentry(
        data=MappingProxyType(
            {"channels": {f"channel_{n}": dict(c) for n, c in enumerate(channels, 1)}}
        ),
        subentry_type="borrowed",
        title="Cloud",
        unique_id="borrowed_test",
    )
    world.hass.config_entries.async_add_subentry(world.entry, subentry)
    await world.hass.async_block_till_done(wait_background_tasks=True)
    return subentry.subentry_id


def flow_of(world: World) -> Any:
    """Return the picture of the home."""
    assert world.entry is not None
    return world.entry.runtime_data.home.data.flow


def total(world: World, flow: str) -> float:
    """Return what a flow carried in Wh."""
    assert world.entry is not None
    return float(world.entry.runtime_data.book.total(flow))


async def settle(world: World) -> None:
    """Let the home look at itself."""
    await world.pass_time(20)


def register(hass: HomeAssistant, name: str, **more: Any) -> er.RegistryEntry:
    """Register an entity of another integration."""
    return er.async_get(hass).async_get_or_create(
        "sensor", "cloud", name, suggested_object_id=name, **more
    )


async def open_flow(world: World, choice: str) -> Any:
    """Start to borrow."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "borrowed"), context={"source": SOURCE_USER}
    )
    assert step["type"] is FlowResultType.MENU
    return await go_on(world, step, {"next_step_id": choice})


async def go_on(world: World, step: Any, answers: Any) -> Any:
    """Answer a step and return the next one."""
    flow = world.hass.config_entries.subentries
    return await flow.async_configure(step["flow_id"], answers)


async def record(hass: HomeAssistant, columns: Mapping[str, Any]) -> None:
    """Put two days of five-minute means into the recorder, in kW for the grid."""
    start = dt_util.utcnow().replace(minute=0, second=0) - timedelta(days=2)
    for entity, value in columns.items():
        unit = "kW" if entity == GRID else "W"
        rows = []
        for slot in range(2 * 288):
            time = start + timedelta(minutes=5 * slot)
            power = value(slot, time) / (1000 if unit == "kW" else 1)
            rows.append({"start": time, "mean": power, "min": power, "max": power})
        metadata = StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC,
            has_sum=False,
            name=None,
            source="recorder",
            statistic_id=entity,
            unit_class="power",
            unit_of_measurement=unit,
        )
        get_instance(hass).queue_task(
            ImportStatisticsTask(metadata, rows, StatisticsShortTerm)  # type: ignore[arg-type]
        )
    await async_wait_recording_done(hass)


def answers_of(step: Any) -> dict[str, Any]:
    """Return a form as it is when the user changes nothing."""

    def defaults(schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in schema.schema.items():
            inner = getattr(value, "schema", None)
            if inner is not None and hasattr(inner, "schema"):
                found[str(key)] = defaults(inner)
            elif (key.description or {}).get("suggested_value") is not None:
                found[str(key)] = key.description["suggested_value"]
            elif callable(key.default):
                found[str(key)] = key.default()
        return found

    return defaults(step["data_schema"])


def pv_at(slot: int, time: datetime) -> float:
    """Return a production with clouds."""
    return 5000 * sun_of(time) * (0.4 + 0.6 * ((slot * 7919) % 97) / 97)


def load_at(slot: int, time: datetime) -> float:
    """Return a consumption."""
    return 300 + 900 * ((slot * 104729) % 89) / 89


async def set_dashboard(hass: HomeAssistant, *sources: Mapping[str, Any]) -> None:
    """Let the user have set up the Energy dashboard."""
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item]


def sun_of(time: datetime) -> float:
    """Return how high the sun stands, 0 to 1, at the home of the tests."""
    hour = time.hour + time.minute / 60
    return max(0.0, math.sin((hour - 4) / 13 * math.pi)) if 4 < hour < 17 else 0.0
