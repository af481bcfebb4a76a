"""Every way in which adding or changing an off-grid inverter can end."""

from typing import Any

import pytest

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from simulation.voltronic import (
    PIP,
    Line,
    LineFaults,
    OffGridInverter,
    PtyPort,
    Silence,
    TcpPort,
)

from .test_off_grid import add_unit, off_grid
from .world import World


async def _ask(world: World, path: str) -> Any:
    """Go as far as the line."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "pi30"})
    with world.running_clock():
        return await flow.async_configure(step["flow_id"], {"device": path})


async def _change(world: World, path: str) -> Any:
    """Go as far as the line of an inverter that is set up."""
    assert world.entry is not None
    (subentry,) = world.entry.get_subentries_of_type("inverter")
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry.subentry_id},
    )
    assert step["step_id"] == "pi30"
    with world.running_clock():
        step = await flow.async_configure(step["flow_id"], {"device": path})
        await world.hass.async_block_till_done(wait_background_tasks=True)
    return step


async def test_line_that_cannot_be_opened(world: World) -> None:
    """A port that is not there is told apart, and the form comes back."""
    await world.add_empty_home()
    step = await _ask(world, "/dev/hidraw-that-is-not-there")
    assert step["errors"] == {"base": "cannot_open"}
    assert step["description_placeholders"]["error"]


async def test_silent_line_recovers(world: World) -> None:
    """Nobody answers; the same form then succeeds."""
    await world.add_empty_home()
    async with off_grid() as (_, faults, path):
        faults.start(Silence())
        step = await _ask(world, path)
        assert step["errors"] == {"base": "silent"}
        faults.clear()
        flow = world.hass.config_entries.subentries
        with world.running_clock():
            step = await flow.async_configure(step["flow_id"], {"device": path})
        assert step["step_id"] == "off_grid"
        flow.async_abort(step["flow_id"])


class _Other:
    """A unit that speaks another protocol."""

    def answer(self, command: str) -> str | None:
        """Say so."""
        return "PI41" if command == "QPI" else None


async def test_another_protocol(world: World) -> None:
    """A unit of another kind is named, not read."""
    await world.add_empty_home()
    port = PtyPort(Line(_Other(), LineFaults()))
    await port.start()
    try:
        step = await _ask(world, port.path)
    finally:
        await port.stop()
    assert step["errors"] == {"base": "not_pi30"}
    assert "PI41" in step["description_placeholders"]["error"]


async def test_the_same_unit_twice(world: World) -> None:
    """A unit that is set up is not added again, wherever it is now."""
    await world.add_empty_home()
    async with off_grid() as (unit, _, path):
        await add_unit(world, path)
        other = TcpPort(Line(unit, LineFaults()))
        await other.start()
        step = await _ask(world, other.url)
        assert step["type"] is FlowResultType.ABORT
        assert step["reason"] == "already_configured"
        await world.close()
        await other.stop()


@pytest.mark.parametrize("serial", ["92931701100510", "11111701100511"])
async def test_changing_it(world: World, serial: str) -> None:
    """Another line and other answers are taken for the same unit, not for another."""
    entry = await world.add_empty_home()
    async with off_grid() as (_, _, path):
        await add_unit(world, path, allow_changes=True)
        unit = OffGridInverter(model=PIP, now=dt_util.utcnow, serial=serial)
        other = TcpPort(Line(unit, LineFaults()))
        await other.start()
        step = await _change(world, other.url)
        if serial != "92931701100510":
            assert step["reason"] == "wrong_device"
        else:
            assert step["step_id"] == "off_grid"
            flow = world.hass.config_entries.subentries
            with world.running_clock():
                step = await flow.async_configure(
                    step["flow_id"],
                    {
                        "name": "Garage",
                        "feeds_house": True,
                        "pv_current_side": "battery",
                        "battery_capacity": 9.6,
                        "allow_changes": False,
                    },
                )
                await world.hass.async_block_till_done(wait_background_tasks=True)
            assert step["reason"] == "reconfigure_successful"
            (subentry,) = entry.get_subentries_of_type("inverter")
            assert subentry.title == "Garage"
            assert subentry.data["device"] == other.url
            assert subentry.data["battery_capacity"] == 9600.0
        await world.close()
        await other.stop()


async def test_changing_it_on_its_own_line(world: World) -> None:
    """The home frees the line for a moment, and is back after it."""
    await world.add_empty_home()
    async with off_grid() as (_, _, path):
        await add_unit(world, path)
        step = await _change(world, path)
        assert step["step_id"] == "off_grid"
        assert world.entry is not None
        assert world.entry.state.recoverable
        await world.close()
