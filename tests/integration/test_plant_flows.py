"""Describing the roof and the grid, finding the roof's tilt, planning downtime."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from custom_components.pv_family.coordinator.roof_plant import plant_of
from custom_components.pv_family.plant.model.module import Mounting, Technology
from custom_components.pv_family.plant.model.mount import (
    FixedMount,
    SingleAxisMount,
    TwoAxisMount,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .plant_world import PlantWorld
from .world import DOMAIN, NOON, World

ARRAY = {
    "name": "South",
    "peak_power": 8.0,
    "surface_tilt": 20.0,
    "surface_azimuth": 180.0,
    "modules": 20,
    "rows": 2,
    "strings": 2,
}


@pytest.fixture
def plant(world: World) -> PlantWorld:
    """Return a home that has no roof yet."""
    return PlantWorld(world)


def described(plant: PlantWorld) -> Any:
    """Return the plant that the user described."""
    assert plant.world.entry is not None
    found = plant_of(plant.hass, plant.world.entry)
    assert found is not None
    return found


async def test_a_roof_without_details(plant: PlantWorld) -> None:
    """Everything has a usual value; the only inverter is the array's."""
    entry = await plant.world.add_home(meter_role="grid")
    assert plant_of(plant.hass, entry) is None
    await plant.sky.add_roof(**ARRAY)
    (chain,) = described(plant).chains
    (array,) = chain.arrays
    assert chain.inverter.ac_power == 5000.0
    assert array.peak_power == 8000.0
    assert array.mount == FixedMount(20.0, 180.0)
    assert array.module.gamma == pytest.approx(-0.003015)
    assert array.derate == pytest.approx(0.96)
    assert array.degradation == pytest.approx(0.005)
    assert array.horizon.height(np.array([90.0])) == 0.0


async def test_a_roof_in_detail(plant: PlantWorld) -> None:
    """Everything that the user says is in the plant, and in the form again."""
    await plant.world.add_home(meter_role="grid")
    await plant.sky.add_roof(
        **ARRAY,
        details={
            "technology": "cdte",
            "temperature_coefficient": -0.28,
            "mounting": "open_rack",
            "installed": "2020-06-15",
            "degradation": 0.4,
            "soiling": 2.0,
            "system_losses": 6.0,
            "inverter_power": 6.5,
            "efficiency": 97.5,
            "horizon": "90:12, 135:5; 270:20",
            "beam_shade": 10.0,
            "tracker": "one_axis",
            "axis_limit": 45.0,
            "ground_coverage": 40.0,
        },
    )
    (chain,) = described(plant).chains
    (array,) = chain.arrays
    assert chain.inverter.ac_power == 6500.0
    assert chain.inverter.efficiency == pytest.approx(0.975)
    assert array.module.technology is Technology.CDTE
    assert array.module.gamma == pytest.approx(-0.0028)
    assert array.mounting is Mounting.OPEN_RACK
    assert array.mount == SingleAxisMount(180.0, 20.0, 45.0, 0.4)
    assert array.derate == pytest.approx(0.94)
    assert array.soiling == pytest.approx(0.02)
    assert array.beam_shade == pytest.approx(0.1)
    assert array.degradation == pytest.approx(0.004)
    assert array.installed.isoformat() == "2020-06-15"
    assert array.horizon.height(np.array([90.0, 135.0, 270.0])).tolist() == [12, 5, 20]

    # Nothing but the tracker changes, and what is emptied is as usual again.
    wrong = await plant.reconfigure_roof({**ARRAY, "details": {"horizon": "90-12"}})
    assert wrong["errors"] == {"base": "horizon_invalid"}
    done = await plant.reconfigure_roof({**ARRAY, "details": {"tracker": "two_axes"}})
    assert done["reason"] == "reconfigure_successful"
    (chain,) = described(plant).chains
    assert chain.arrays[0].mount == TwoAxisMount()
    assert chain.inverter.ac_power == 5000.0
    assert chain.arrays[0].soiling == 0.0


async def test_an_array_of_nobody(plant: PlantWorld) -> None:
    """Without an inverter an array has one of its own size."""
    await plant.world.add_empty_home()
    await plant.sky.add_roof(**ARRAY)
    (chain,) = described(plant).chains
    assert chain.inverter.ac_power == 8000.0


async def test_limits_of_the_grid(plant: PlantWorld) -> None:
    """Limits are kept, shown again, and go when they are emptied."""
    await plant.add_home()
    entry = plant.world.entry
    assert entry is not None
    before = dict(entry.options)
    await plant.options(
        "grid_connection", {"export_limit": 3.0, "voltage_limit": 250.0}
    )
    assert entry.options == {**before, "export_limit": 3.0, "voltage_limit": 250.0}
    await plant.options("grid_connection", {})
    assert entry.options == before


async def propose(plant: PlantWorld) -> Any:
    """Ask for a proposal through the options, and return what is shown."""
    assert plant.world.entry is not None
    flow = plant.hass.config_entries.options
    step = await flow.async_init(plant.world.entry.entry_id)
    step = await flow.async_configure(
        step["flow_id"], {"next_step_id": "roof_proposal"}
    )
    if step["type"] is FlowResultType.ABORT:
        return step
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    for _ in range(100):
        await plant.sky.settle()
        step = await flow.async_configure(step["flow_id"])
        if step["type"] is not FlowResultType.SHOW_PROGRESS:
            return step
    raise AssertionError("it takes for ever")


async def test_no_proposal_without_a_roof_or_a_history(plant: PlantWorld) -> None:
    """Without an array there is nothing to propose, without a recorder no way."""
    await plant.world.add_home(meter_role="grid")
    assert (await propose(plant))["reason"] == "no_roof_array"
    await plant.sky.add_roof(**ARRAY)
    assert (await propose(plant))["reason"] == "recorder_not_loaded"


async def test_planning_in_the_calendar(plant: PlantWorld) -> None:
    """What is put into the calendar is planned, and goes when it is deleted."""
    await plant.add_home()
    await plant.pass_minutes(1)
    entry = plant.world.entry
    assert entry is not None
    calendar = er.async_get(plant.hass).async_get_entity_id(
        "calendar", DOMAIN, f"{entry.entry_id}_planned_downtime"
    )
    assert calendar is not None
    books = entry.runtime_data.plant
    act = plant.hass.services.async_call
    begin = NOON + timedelta(minutes=30)
    await act(
        "calendar",
        "create_event",
        {
            "entity_id": calendar,
            "summary": "New cables",
            "start_date_time": begin.isoformat(),
            "end_date_time": (begin + timedelta(hours=1)).isoformat(),
            "location": "inverter",
        },
        blocking=True,
    )
    await act(
        "calendar",
        "create_event",
        {
            "entity_id": calendar,
            "summary": "New roof",
            "start_date": "2026-06-20",
            "end_date": "2026-06-22",
        },
        blocking=True,
    )
    cables, roof = books.planned
    assert cables.component == "SIM-0001"
    assert roof.component is None
    assert roof.end - roof.start == timedelta(days=2)
    state = plant.hass.states.get(calendar)
    assert state is not None
    assert state.state == "off"
    assert state.attributes["message"] == "New cables"
    assert state.attributes["location"] == "Inverter"
    told: Any = await act(
        "calendar",
        "get_events",
        {"entity_id": calendar, "duration": {"days": 30}},
        blocking=True,
        return_response=True,
    )
    assert [event["summary"] for event in told[calendar]["events"]] == [
        "New cables",
        "New roof",
    ]
    await plant.pass_minutes(32)
    state = plant.hass.states.get(calendar)
    assert state is not None
    assert state.state == "on"

    entity = plant.hass.data["calendar"].get_entity(calendar)
    await entity.async_delete_event(roof.uid)
    assert books.planned == [cables]
    with pytest.raises(HomeAssistantError, match="no planned downtime"):
        await entity.async_delete_event(roof.uid)
    with pytest.raises(HomeAssistantError, match="cannot repeat"):
        await entity.async_create_event(
            dtstart=begin, dtend=begin + timedelta(hours=1), rrule="FREQ=DAILY"
        )
    assert books.cancel(cables.uid)
