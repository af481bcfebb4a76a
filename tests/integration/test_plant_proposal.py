"""The roof's tilt and azimuth, found in a year of production and applied if wanted."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.pv_family.hour_rows import energy_metadata
from custom_components.pv_family.plant.model.inverter import Inverter
from custom_components.pv_family.plant.model.mount import FixedMount
from custom_components.pv_family.plant.model.plant import Chain, Plant, PvArray, Site
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.recorder import get_instance
from tests.unit.plant.homes import year_of_clouds

from .plant_world import PlantWorld
from .test_plant_flows import ARRAY, propose
from .world import NOON, World


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, which it has to precede."""


@pytest.fixture
def plant(world: World) -> PlantWorld:
    """Return a home that has no roof yet."""
    return PlantWorld(world)


async def give_past(plant: PlantWorld, *planes: tuple[float, float, float]) -> None:
    """Give the home's production sensor the past of a roof."""
    built = Plant(
        Site(45.0, 25.0, 90.0),
        (
            Chain(
                Inverter(20_000.0),
                tuple(
                    PvArray(power, FixedMount(tilt, azimuth))
                    for power, tilt, azimuth in planes
                ),
            ),
        ),
    )
    grid, power = year_of_clouds(built, 300)
    assert grid.end < NOON
    # Two half-hours make an hour of statistics.
    energy = power.reshape(-1, 2).mean(axis=1) / 1000.0
    assert plant.world.entry is not None
    statistic_id = plant.sky.entity("production_energy")
    total, rows = 0.0, []
    for hour, each in enumerate(energy):
        total += float(each)
        rows.append(
            {
                "start": grid.start + timedelta(hours=hour),
                "state": total,
                "sum": total,
            }
        )
    async_import_statistics(
        plant.hass,
        energy_metadata(statistic_id, "recorder"),
        rows,  # type: ignore[arg-type]
    )
    await get_instance(plant.hass).async_block_till_done()


def angles(plant: PlantWorld) -> list[tuple[float, float]]:
    """Return tilt and azimuth of every array."""
    assert plant.world.entry is not None
    return [
        (array.data["surface_tilt"], array.data["surface_azimuth"])
        for array in plant.world.entry.get_subentries_of_type("roof_array")
    ]


async def test_one_plane(plant: PlantWorld) -> None:
    """The proposal is near the truth, says how sure it is, and waits for a yes."""
    await plant.world.add_home(meter_role="grid")
    await plant.sky.add_roof(**ARRAY)
    assert (await propose(plant))["reason"] == "roof_unknown"
    await give_past(plant, (6000.0, 35.0, 210.0))
    form = await propose(plant)
    assert form["step_id"] == "roof_proposed"
    assert "±" in form["description_placeholders"]["planes"]
    assert list(form["data_schema"].schema) == ["first_plane"]
    assert angles(plant) == [(20.0, 180.0)]
    flow = plant.hass.config_entries.options
    step = await flow.async_configure(form["flow_id"], {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert angles(plant) == [(20.0, 180.0)]

    form = await propose(plant)
    assert plant.world.entry is not None
    (array,) = plant.world.entry.get_subentries_of_type("roof_array")
    await flow.async_configure(form["flow_id"], {"first_plane": array.subentry_id})
    await plant.sky.settle()
    ((tilt, azimuth),) = angles(plant)
    assert tilt == pytest.approx(35.0, abs=6.0)
    assert azimuth == pytest.approx(210.0, abs=8.0)


async def test_two_planes(plant: PlantWorld) -> None:
    """An east-west roof is two planes, each for an array of its own."""
    await plant.world.add_home(meter_role="grid")
    for name in ("A", "B"):
        await plant.sky.add_roof(**{**ARRAY, "name": name})
    await give_past(plant, (4000.0, 30.0, 90.0), (4000.0, 30.0, 270.0))
    form: Any = await propose(plant)
    assert list(form["data_schema"].schema) == ["first_plane", "second_plane"]
    assert plant.world.entry is not None
    first, second = plant.world.entry.get_subentries_of_type("roof_array")
    flow = plant.hass.config_entries.options
    step = await flow.async_configure(
        form["flow_id"],
        {"first_plane": first.subentry_id, "second_plane": first.subentry_id},
    )
    assert step["errors"] == {"base": "array_chosen_twice"}
    await flow.async_configure(
        form["flow_id"],
        {"first_plane": first.subentry_id, "second_plane": second.subentry_id},
    )
    await plant.sky.settle()
    azimuths = sorted(azimuth for _, azimuth in angles(plant))
    assert azimuths == pytest.approx([90.0, 270.0], abs=15.0)
