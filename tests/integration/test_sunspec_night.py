"""An inverter that is found in the dark and knows nothing but its lifetime energy."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulation.modbus_server import SimulatedModbusServer
from simulation.registers import RegisterImage
from simulation.replay import ReplayedDevice, load_images

from .world import NOON, World

DUMPS = Path(__file__).parents[2] / "simulation" / "data" / "sunspec"
NIGHT = datetime(2026, 6, 15, 21, 30, tzinfo=UTC)
_ENERGY = (40_209, 40_210)


def recorded(name: str) -> RegisterImage:
    """Return the registers that were recorded of the device."""
    (image,) = load_images(DUMPS / f"DeviceSMASunnyBoy36Dated{name}.json")
    return image


async def test_found_in_the_dark(world: World) -> None:
    """Energy and that it will produce is known at once; the rest comes with the day."""
    at_night = recorded("20250608")
    # The day was recorded some weeks earlier.
    energy = {address: at_night[address] for address in _ENERGY}
    dark = ReplayedDevice({1: at_night})
    day = ReplayedDevice({1: {**recorded("20250518"), **energy}})
    await world.jump(NIGHT)
    await world.server.stop()
    world.server = SimulatedModbusServer(dark)
    await world.server.start()
    await world.add_home()
    await world.pass_time(20)
    assert world.number("inverter_energy_produced") == 30_847.78
    assert world.state("inverter_ac_power") == "unavailable"
    assert world.number("production_power") == 0.0
    assert world.number("production_energy") == 0.0
    assert not any(
        state.entity_id.endswith(("_voltage", "_status"))
        for state in world.hass.states.async_all("sensor")
        if "inverter" in state.entity_id
    )
    world.server.source = day
    await world.jump(NOON + timedelta(days=1))
    await world.pass_time(70)
    assert world.number("production_power") == 3680.0
    assert world.number("string_1_dc_power") == 2210.0
    assert world.number("string_2_dc_voltage") == 242.0
    assert world.state("inverter_status") == "producing"
    world.server.source = dark
    await world.jump(NIGHT + timedelta(days=1))
    await world.pass_time(70)
    assert world.number("inverter_energy_produced") == 30_847.78
    assert world.state("inverter_ac_power") == "unavailable"
    assert world.state("inverter_status") == "unavailable"
    assert world.number("production_power") == 0.0
    assert world.number("production_energy") == 0.0
