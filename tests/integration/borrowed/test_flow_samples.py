"""What the flow finds by itself: inverters, batteries, powers beside energies."""

from datetime import datetime

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.pv_family.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.integration.world import World

from .cloud import (
    BATTERY,
    GRID,
    LOAD,
    PV,
    answers_of,
    borrow,
    channel,
    go_on,
    load_at,
    open_flow,
    pv_at,
    record,
    register,
    set_dashboard,
    show,
)


async def test_samples_come_from_states_where_there_are_no_statistics(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """An hour of recorded states is a dozen samples."""
    for minute in range(61):
        show(hass, PV, 3000 + 1000 * (minute // 5 % 2), state_class=None)
        show(hass, GRID, -2500 - 1000 * (minute // 5 % 2), state_class=None)
        freezer.tick(60)
    await async_wait_recording_done(hass)
    await world.add_empty_home()
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV, GRID]})
    text = step["description_placeholders"]["evidence"]
    assert "of 11 samples" in text or "of 12 samples" in text
    assert "the right way" in text


async def test_the_inverter_is_recognized(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """A meter of what the SunSpec inverter gives is proposed to stand in for it."""
    await world.add_home(meter_role="none")
    assert world.entry is not None
    registry = er.async_get(hass)
    own = next(
        entry.entity_id
        for entry in registry.entities.values()
        if entry.platform == DOMAIN and entry.unique_id.endswith("_inverter_ac_power")
    )
    show(hass, PV, 1)
    await record(hass, {PV: pv_at, own: pv_at})
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV]})
    assert "stands in" in step["description_placeholders"]["evidence"]
    answers = answers_of(step)
    assert answers["channel_1"]["role"] == "generation"
    assert answers["channel_1"]["covers"] == next(iter(world.entry.subentries))
    step = await go_on(world, step, answers)
    assert step["step_id"] == "confirm"


async def test_a_second_group_is_held_against_the_first(
    hass: HomeAssistant, world: World
) -> None:
    """The sign of a meter is judged with production that is borrowed elsewhere."""
    show(hass, PV, 3000)
    show(hass, GRID, 1, "kW")
    await record(hass, {PV: pv_at, GRID: lambda s, t: pv_at(s, t) - load_at(s, t)})
    await borrow(world, channel("generation", PV))
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [GRID]})
    answers = answers_of(step)
    assert (answers["channel_1"]["role"], answers["channel_1"]["reversed"]) == (
        "grid",
        True,
    )
    step = await go_on(world, step, answers)
    assert "576 samples" in step["description_placeholders"]["evidence"]


async def test_a_battery_behind_the_inverter(hass: HomeAssistant, world: World) -> None:
    """Its inverter's output includes it: the flow proposes to say so."""
    await world.add_home(meter_role="none")
    assert world.entry is not None
    device = next(iter(world.entry.runtime_data.devices.values()))
    # An inverter that does not tell of its battery.
    device.capabilities = frozenset(
        c for c in device.capabilities if c.part == "inverter"
    )
    own = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{device.serial}_inverter_ac_power"
    )
    assert own is not None

    def battery_at(slot: int, time: datetime) -> float:
        return -0.5 * pv_at(slot, time) or (1500.0 if time.hour >= 20 else 0.0)

    show(hass, BATTERY, 100)
    show(hass, GRID, 0.1, "kW")
    show(hass, LOAD, 100)
    await record(
        hass,
        {
            own: lambda s, t: pv_at(s, t) + battery_at(s, t),
            BATTERY: battery_at,
            LOAD: load_at,
            GRID: lambda s, t: load_at(s, t) - pv_at(s, t) - battery_at(s, t),
        },
    )
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [BATTERY, GRID, LOAD]})
    answers = answers_of(step)
    assert answers["channel_1"]["role"] == "battery"
    assert answers["channel_1"]["covers"] == device.subentry.subentry_id


async def test_another_entity_in_the_review_is_sampled(
    hass: HomeAssistant, world: World
) -> None:
    """The confirmation is about what was chosen last, under a name of its own."""
    for entity in (PV, GRID, LOAD):
        show(hass, entity, 100)
    await record(hass, {PV: pv_at, GRID: lambda s, t: load_at(s, t) - pv_at(s, t)})
    await borrow(world, channel("none", None))
    step = await open_flow(world, "entities")
    step = await go_on(world, step, {"entities": [PV, LOAD]})
    answers = answers_of(step)
    answers["channel_1"]["role"] = "generation"
    answers["channel_2"] |= {"role": "grid", "power": GRID}
    step = await go_on(world, step, answers)
    assert "576 samples" in step["description_placeholders"]["evidence"]


async def test_a_power_is_found_beside_its_energy(
    hass: HomeAssistant, world: World
) -> None:
    """A dashboard that knows only energies is completed from the same device."""
    cloud = MockConfigEntry(domain="cloud")
    cloud.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=cloud.entry_id, identifiers={("cloud", "1")}
    )
    more = {"device_id": device.id, "config_entry": cloud}
    energy = register(hass, "roof_energy", original_device_class="energy", **more)
    power = register(hass, "roof_power", original_device_class="power", **more)
    show(hass, energy.entity_id, 10, "kWh")
    show(hass, power.entity_id, 1500)
    await set_dashboard(hass, {"type": "solar", "stat_energy_from": energy.entity_id})
    await world.add_empty_home()
    step = await open_flow(world, "dashboard")
    assert answers_of(step)["channel_1"]["power"] == power.entity_id
