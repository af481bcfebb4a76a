"""An off-grid inverter on its serial line, read and set through Home Assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp.test_utils import make_mocked_request
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request
from homeassistant.util import dt as dt_util
from simulation.voltronic import (
    MAX,
    PIP,
    Line,
    LineFaults,
    OffGridInverter,
    PtyPort,
    PvArray,
    RecordedInverter,
    Silence,
    TcpPort,
)

from .world import World

RECORDED = Path(__file__).parents[1] / "fixtures" / "pi30"


@asynccontextmanager
async def off_grid(
    **state: Any,
) -> AsyncIterator[tuple[OffGridInverter, LineFaults, str]]:
    """Yield a unit, the faults of its line, and the port that it is at."""
    unit = OffGridInverter(**{"model": PIP, "now": dt_util.utcnow, **state})
    faults = LineFaults()
    port = PtyPort(Line(unit, faults))
    await port.start()
    try:
        yield unit, faults, port.path
    finally:
        await port.stop()


async def add_unit(world: World, path: str, **answers: Any) -> None:
    """Add the unit through its flow."""
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"), context={"source": SOURCE_USER}
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "pi30"})
    with world.running_clock():
        step = await flow.async_configure(step["flow_id"], {"device": path})
        assert step["step_id"] == "off_grid", step
        step = await flow.async_configure(
            step["flow_id"], {"name": "Off-grid", **answers}
        )
        assert step["type"] is FlowResultType.CREATE_ENTRY
        await world.hass.async_block_till_done(wait_background_tasks=True)


async def beat(world: World, seconds: float = 10, step: float = 10) -> None:
    """Let some polls pass; the line takes its time."""
    with world.running_clock():
        await world.pass_time(seconds, step)


def entity(world: World, key: str, domain: str) -> str:
    """Return the entity of a setting."""
    registry = er.async_get(world.hass)
    found = [
        e.entity_id
        for e in registry.entities.values()
        if e.domain == domain and e.unique_id.endswith(f"_inverter_{key}")
    ]
    assert len(found) == 1, found
    return found[0]


async def change(
    world: World,
    domain: str,
    service: str,
    key: str,
    context: Context | None = None,
    **data: Any,
) -> None:
    """Change a setting as a user does."""
    with world.running_clock():
        await world.hass.services.async_call(
            domain,
            service,
            {"entity_id": entity(world, key, domain), **data},
            blocking=True,
            context=context,
        )


async def test_island(world: World) -> None:
    """An inverter that feeds the house alone tells all four flows."""
    await world.add_empty_home()
    async with off_grid(pv=[PvArray(power=800.0)], load=300.0) as (unit, _, path):
        await add_unit(world, path)
        await beat(world, 30)
        assert world.number("production_power") == pytest.approx(800.0, abs=30)
        assert world.number("consumption_power") == pytest.approx(300.0, abs=10)
        assert world.number("battery_power") == pytest.approx(-500.0, abs=60)
        assert world.number("grid_power") == 0.0
        assert world.state("inverter_status") == "battery"
        unit.warnings = {12}
        await beat(world)
        assert world.state("inverter_problem", "binary_sensor") == "on"
        assert world.state("inverter_events", "event") not in ("unknown", "unavailable")
        await world.close()


async def test_energy_from_its_own_counter(world: World) -> None:
    """What flowed while Home Assistant was away is in the unit's register."""
    await world.add_empty_home()
    state = {
        "model": MAX,
        "pv": [PvArray(power=1200.0, voltage=300.0)],
        "pv_energy": 5_000.0,
    }
    async with off_grid(**state) as (_, _, path):
        await add_unit(world, path)
        await beat(world, 620, 310)
        before = world.number("production_energy")
        with world.running_clock():
            await world.jump(dt_util.utcnow() + timedelta(hours=2))
        await beat(world, 620, 310)
        assert world.number("production_energy") - before == pytest.approx(2.4, abs=0.3)
        await world.close()


async def test_silence_and_return(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A line that is pulled makes its values unknown, and says so once."""
    await world.add_empty_home()
    async with off_grid(pv=[PvArray(power=800.0)]) as (_, faults, path):
        await add_unit(world, path)
        await beat(world)
        faults.start(Silence())
        await beat(world, 60)
        assert world.state("load_1_ac_power") == "unavailable"
        assert world.state("production_power") == "unavailable"
        down = [
            r
            for r in caplog.records
            if r.levelname == "ERROR" and "Off-grid" in r.message
        ]
        assert len(down) == 1
        faults.clear()
        await beat(world, 60)
        assert world.number("load_1_ac_power") == pytest.approx(300.0, abs=10)
        await world.close()


async def test_no_settings_unless_allowed(world: World) -> None:
    """Nothing can be changed until the user says that it may."""
    await world.add_empty_home()
    async with off_grid() as (_, _, path):
        await add_unit(world, path)
        assert not world.hass.states.async_entity_ids("select")
        assert not world.hass.states.async_entity_ids("number")
        await world.close()


async def test_change_and_read_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A change is sent, read back, shown, and put down in the write ledger."""
    entry = await world.add_empty_home()
    async with off_grid() as (unit, _, path):
        await add_unit(world, path, allow_changes=True)
        await change(
            world, "select", "select_option", "output_priority", option="utility"
        )
        assert unit.settings.output_priority == 0
        await change(world, "number", "set_value", "bulk_voltage", value=57.2)
        assert unit.settings.bulk_voltage == 57.2
        await change(world, "switch", "turn_off", "buzzer")
        assert unit.settings.flags["a"] is False
        state = world.hass.states.get(entity(world, "output_priority", "select"))
        assert state is not None
        assert state.state == "utility"
        written = [
            (e.target.key, e.value, e.outcome)
            for e in entry.runtime_data.writes.entries
        ]
        unit.settings.output_priority = 1
        await beat(world, 620, 310)
        assert "output_priority was set to solar by somebody else" in caplog.text
        assert written == [
            ("output_priority", "utility", "confirmed"),
            ("bulk_voltage", 57.2, "confirmed"),
            ("buzzer", False, "confirmed"),
        ]
        await world.close()


async def test_who_may_not(world: World, hass: HomeAssistant) -> None:
    """Not without rights, not from outside, not through a proxy that says so."""
    await world.add_empty_home()
    async with off_grid() as (unit, _, path):
        await add_unit(world, path, allow_changes=True)
        guest = MockUser(is_owner=False).add_to_hass(hass)
        guest.mock_policy({"entities": True})
        option: dict[str, Any] = {"option": "utility"}
        with pytest.raises(HomeAssistantError) as refused:
            await change(
                world,
                "select",
                "select_option",
                "output_priority",
                Context(user_id=guest.id),
                **option,
            )
        assert refused.value.translation_key == "only_administrators"
        for remote, headers in (
            ("203.0.113.9", {}),
            ("192.168.1.5", {"X-Forwarded-For": "203.0.113.9, 192.168.1.5"}),
            ("127.0.0.1", {"X-Real-IP": "2001:db8::1"}),
        ):
            request = make_mocked_request("POST", "/api/services", headers=headers)
            token = current_request.set(request.clone(remote=remote))
            try:
                with pytest.raises(HomeAssistantError) as refused:
                    await change(
                        world, "select", "select_option", "output_priority", **option
                    )
            finally:
                current_request.reset(token)
            assert refused.value.translation_key == "only_from_home"
        assert unit.settings.output_priority == 2
        await world.close()


async def test_what_may_not(world: World) -> None:
    """Out of range, in the wrong order, too fast, too often: each in its own words."""
    await world.add_empty_home()
    async with off_grid() as (unit, _, path):
        await add_unit(world, path, allow_changes=True)
        with pytest.raises(ServiceValidationError) as order:
            await change(world, "number", "set_value", "float_voltage", value=58.0)
        assert order.value.translation_key == "setting_order_below"
        with pytest.raises(ServiceValidationError):
            await change(world, "number", "set_value", "bulk_voltage", value=70.0)
        await change(world, "number", "set_value", "bulk_voltage", value=57.0)
        refusals = []
        for index in range(10):
            try:
                await change(
                    world,
                    "number",
                    "set_value",
                    "bulk_voltage",
                    value=56.0 + index / 10,
                )
            except HomeAssistantError as err:
                refusals.append(err.translation_key)
            await beat(world)
        assert refusals
        assert set(refusals) <= {"too_soon", "worn"}
        assert "worn" in refusals
        assert unit.settings.bulk_voltage < 57.0
        with world.running_clock():
            await world.reload()
        with pytest.raises(HomeAssistantError) as worn:
            await change(world, "number", "set_value", "bulk_voltage", value=57.9)
        assert worn.value.translation_key == "worn"
        await world.close()


async def test_behind_a_serial_server(world: World) -> None:
    """The same unit at a network serial server, by its URL."""
    await world.add_empty_home()
    unit = OffGridInverter(model=PIP, now=dt_util.utcnow, pv=[PvArray(power=500.0)])
    port = TcpPort(Line(unit, LineFaults()))
    await port.start()
    await add_unit(world, port.url)
    await beat(world)
    assert world.number("production_power") == pytest.approx(500.0, abs=30)
    await world.close()
    await port.stop()


async def test_hours_left(world: World) -> None:
    """At night the home says how long the battery will last."""
    await world.add_empty_home()
    async with off_grid(load=300.0) as (unit, _, path):
        await add_unit(world, path, battery_capacity=unit.capacity / 1000)
        await beat(world)
        left = unit.stored / world.number("battery_power")
        assert world.number("battery_hours") == pytest.approx(left, rel=0.05)
        await world.close()


PIP_RECORDED = ("pi30",)
MAX_RECORDED = ("pi30max", "pi30")
WHOLE_RECORDED = ("axpert_monitor",)
MAX_RATINGS = (
    "230.0 21.7 230.0 50.0 21.7 7200 7200 48.0 46.0 42.0 56.4 54.0 0 10 010 1 0 0 6 01"
    " 0 0 54.0 0 1 480 0 070"
)
MKS_LIVE = (
    "233.8 49.8 230.2 49.8 0277 0250 005 363 52.00 000 028 0045 0000 289.6 00.00 00001"
    " 00010010 00 00 00241 010"
)


@pytest.mark.parametrize(
    ("models", "replies", "expected"),
    [
        (
            PIP_RECORDED,
            {"QMOD": "B", "QID": "92931701100510"},
            {
                "production_power": 856.0,
                "load_1_ac_power": 119.0,
                "load_1_ac_voltage": 230.0,
                "inverter_temperature_heat_sink": 69.0,
                "battery_1_dc_voltage": 57.5,
                "battery_1_dc_power": -690.0,
                "battery_1_state_of_charge": 100.0,
                "string_1_dc_voltage": 103.8,
            },
        ),
        (
            MAX_RECORDED,
            {"QMOD": "B", "QPIRI": MAX_RATINGS, "QPI": "PI30"},
            {
                # 879 W on the first input, 1026 W on the second.
                "production_power": 1905.0,
                "string_1_dc_power": 879.0,
                "string_2_dc_power": 1026.0,
                "string_1_dc_current": 2.7,
                "load_1_ac_power": 751.0,
                "meter_1_ac_voltage": 227.2,
                "battery_1_state_of_charge": 83.0,
                "inverter_energy_produced": 238.8,
            },
        ),
        (
            PIP_RECORDED,
            {"QMOD": "B", "QPIGS": MKS_LIVE, "QMN": "MKS-5000"},
            {
                "production_power": 241.0,
                "load_1_ac_power": 250.0,
                "battery_1_state_of_charge": 28.0,
                "string_1_dc_voltage": 289.6,
            },
        ),
        (
            WHOLE_RECORDED,
            {},
            {
                # 241 W that the unit tells, 323 W that the other one must give.
                "production_power": 564.0,
                "consumption_power": 573.0,
                "battery_power": 52.0,
                "grid_power": 0.0,
                "load_1_ac_power": 250.0,
                "load_2_ac_power": 323.0,
                "battery_2_state_of_charge": 30.0,
            },
        ),
    ],
    ids=["PIP", "MAX", "MKS", "two in parallel"],
)
async def test_recorded_unit(
    world: World,
    models: tuple[str, ...],
    replies: dict[str, str],
    expected: dict[str, float],
    every_entity_enabled: None,
) -> None:
    """What real units once answered comes out right in Home Assistant."""
    await world.add_empty_home()
    whole = models == WHOLE_RECORDED
    name = "axpert_monitor_replies.json" if whole else "pi30_replies.json"
    unit = RecordedInverter.load(RECORDED / name, models)
    unit.replies |= replies
    port = PtyPort(Line(unit, LineFaults()))
    await port.start()
    try:
        await add_unit(world, port.path)
        await beat(world, 20)
        shown = {key: world.number(key) for key in expected}
        await world.close()
    finally:
        await port.stop()
    assert shown == pytest.approx(expected, rel=0.01)
