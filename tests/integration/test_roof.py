"""The roof with its modules, and what their strings give."""

from typing import Any

import pytest

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType

from .world import DOMAIN, World

ARRAY = {
    "name": "South",
    "peak_power": 4.4,
    "surface_tilt": 30,
    "surface_azimuth": 180,
    "modules": 11,
    "rows": 2,
    "strings": 1,
}


async def test_layout_with_live_power(world: World) -> None:
    """Every module has its place, and its share of what the input gives."""
    entry = await world.add_home(meter_role="grid")
    flow = world.hass.config_entries.subentries
    (inverter,) = entry.get_subentries_of_type("inverter")
    step = await flow.async_init(
        (entry.entry_id, "roof_array"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {**ARRAY, "rows": 12})
    assert step["errors"] == {"rows": "more_rows_than_modules"}
    step = await flow.async_configure(
        step["flow_id"],
        {**ARRAY, "inverter": inverter.subentry_id, "mppt_input": 1},
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY
    await world.hass.async_block_till_done(wait_background_tasks=True)
    await world.pass_time(20)
    answer: Any = await world.hass.services.async_call(
        DOMAIN, "get_roof_layout", {}, blocking=True, return_response=True
    )
    (array,) = answer["arrays"]
    assert len(array["modules"]) == 11
    assert array["modules"][6] == {"number": 7, "row": 2, "column": 1, "string": 1}
    shown = world.number("string_1_dc_power")
    assert array["power"] == pytest.approx(shown, rel=0.05)
    assert array["power_per_module"] == pytest.approx(array["power"] / 11)
