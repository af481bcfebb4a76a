"""Setting up a home, its inverter and its roof through the doors a user has."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from custom_components.pv_family import config_flow
from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    SOURCE_ZEROCONF,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from simulation.faults import (
    CutReply,
    ExceptionReply,
    Fault,
    Refuse,
    SerialNumber,
    Silence,
)
from simulation.modbus_server import SimulatedModbusServer
from simulation.replay import ReplayedDevice

from .wires import datagrams, serial_line
from .world import DOMAIN, LINK, SITE, World

LOCATION = {"latitude": SITE.latitude, "longitude": SITE.longitude}
DUMPS = Path(__file__).parents[2] / "simulation" / "data" / "sunspec"


async def _start(hass: HomeAssistant, kind: str, handler: Any) -> Any:
    if kind == "sub":
        flow = hass.config_entries.subentries
        return await flow.async_init(handler, context={"source": SOURCE_USER})
    return await hass.config_entries.flow.async_init(
        handler, context={"source": SOURCE_USER}
    )


def _told(step: Any) -> dict[str, str]:
    """Return what a step fills into its text."""
    placeholders: dict[str, str] = step["description_placeholders"]
    return placeholders


async def test_a_home_goes_on_to_its_first_inverter(world: World) -> None:
    """Creating a home leads straight into adding an inverter."""
    hass = world.hass
    step = await _start(hass, "flow", DOMAIN)
    assert step["type"] is FlowResultType.FORM
    step = await hass.config_entries.flow.async_configure(
        step["flow_id"], {"name": " Casa ", "location": LOCATION}
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY
    world.entry = step["result"]
    assert step["title"] == "Casa"
    following = hass.config_entries.subentries.async_get(step["next_flow"][1])
    assert following["step_id"] == "user"
    hass.config_entries.subentries.async_abort(step["next_flow"][1])


@pytest.mark.parametrize(
    ("name", "error"), [("  ", "name_empty"), ("casa", "name_taken")]
)
async def test_a_home_needs_a_name_of_its_own(
    world: World, name: str, error: str
) -> None:
    """An empty or taken name is refused, and the next one is taken."""
    await world.add_empty_home()
    flow = world.hass.config_entries.flow
    step = await _start(world.hass, "flow", DOMAIN)
    step = await flow.async_configure(
        step["flow_id"], {"name": name, "location": LOCATION}
    )
    assert step["errors"] == {"name": error}
    step = await flow.async_configure(
        step["flow_id"], {"name": "Cabana", "location": LOCATION}
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_reconfiguring_a_home(world: World) -> None:
    """Name and place can be changed, but not to another home's name."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.flow
    step = await flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    step = await flow.async_configure(
        step["flow_id"], {"name": "", "location": LOCATION}
    )
    assert step["errors"] == {"name": "name_empty"}
    step = await flow.async_configure(
        step["flow_id"],
        {"name": "Casa nouă", "location": {"latitude": 44.0, "longitude": 26.0}},
    )
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "reconfigure_successful"
    assert entry.title == "Casa nouă"
    assert entry.data["latitude"] == 44.0
    await world.hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_an_inverter_is_found_and_shown(world: World) -> None:
    """The flow tells what it found before anything is created."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.subentries
    step = await _start(world.hass, "sub", (entry.entry_id, "inverter"))
    assert step["type"] is FlowResultType.MENU
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
    step = await flow.async_configure(
        step["flow_id"], {**LINK, "port": world.server.port, "unit_id": 1}
    )
    assert step["step_id"] == "found"
    told = _told(step)
    assert (told["strings"], told["meters"], told["batteries"]) == ("2", "1", "1")
    step = await flow.async_configure(
        step["flow_id"], {"name": "Acoperiș", "meter_role": "grid"}
    )
    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["unique_id"] == told["serial"]
    await world.hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Refuse(), "cannot_connect"),
        (CutReply(), "cannot_connect"),
        (Silence(), "no_answer"),
        (ExceptionReply(code=11), "modbus_exception"),
        (ExceptionReply(code=2), "not_sunspec"),
    ],
)
async def test_each_failure_has_its_words_and_recovers(
    world: World, fault: Fault, error: str
) -> None:
    """What went wrong is told apart, and the same form then succeeds."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.subentries
    address = {**LINK, "port": world.server.port, "unit_id": 1}
    world.fault(fault)
    step = await _start(world.hass, "sub", (entry.entry_id, "inverter"))
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
    with world.running_clock():
        step = await flow.async_configure(step["flow_id"], address)
    assert step["errors"] == {"base": error}
    assert _told(step)["error"]
    await world.recover()
    step = await flow.async_configure(step["flow_id"], address)
    assert step["step_id"] == "found"
    flow.async_abort(step["flow_id"])


async def test_the_same_inverter_twice(world: World) -> None:
    """A device that is set up already is not added again."""
    await world.add_home()
    step = await world.add_inverter()
    assert step["type"] is FlowResultType.FORM  # its unit is taken, no other answers
    assert step["errors"]
    assert world.entry is not None
    flow = world.hass.config_entries.subentries
    step = await _start(world.hass, "sub", (world.entry.entry_id, "inverter"))
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
    step = await flow.async_configure(
        step["flow_id"], {**LINK, "port": world.server.port, "unit_id": 1}
    )
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "already_configured"


async def _reconfigure(world: World, port: int) -> Any:
    assert world.entry is not None
    subentry = next(iter(world.entry.get_subentries_of_type("inverter")))
    flow = world.hass.config_entries.subentries
    step = await flow.async_init(
        (world.entry.entry_id, "inverter"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry.subentry_id},
    )
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
    return await flow.async_configure(
        step["flow_id"], {**LINK, "port": port, "unit_id": 1}
    )


async def test_reconfiguring_an_inverter(world: World) -> None:
    """The inverter may move to another port; its history goes with it."""
    await world.add_home()
    moved = SimulatedModbusServer(world.device)
    await moved.start()
    step = await _reconfigure(world, moved.port)
    assert step["step_id"] == "found"
    step = await world.hass.config_entries.subentries.async_configure(
        step["flow_id"],
        {
            "name": "Altul",
            "meter_role": "none",
            "signs": {"meter_reversed": True, "battery_reversed": False},
        },
    )
    assert step["reason"] == "reconfigure_successful"
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert world.entry is not None
    subentry = next(iter(world.entry.get_subentries_of_type("inverter")))
    assert subentry.title == "Altul"
    assert subentry.data["port"] == moved.port
    assert subentry.data["meter_reversed"] is True
    assert world.entry.state is ConfigEntryState.LOADED
    await world.hass.config_entries.async_unload(world.entry.entry_id)
    await moved.stop()


async def test_another_inverter_is_not_taken_for_it(world: World) -> None:
    """Reconfiguring to an address where another device answers is refused."""
    await world.add_home()
    world.fault(SerialNumber("OTHER-1"))
    step = await _reconfigure(world, world.server.port)
    assert step["type"] is FlowResultType.ABORT
    assert step["reason"] == "wrong_device"


ARRAY = {
    "name": "South",
    "peak_power": 6.0,
    "surface_tilt": 30,
    "surface_azimuth": 180,
    "modules": 16,
    "strings": 2,
}


async def test_a_roof_array(world: World) -> None:
    """An array is added, refused when it cannot be, and changed."""
    entry = await world.add_home()
    flow = world.hass.config_entries.subentries
    step = await _start(world.hass, "sub", (entry.entry_id, "roof_array"))
    step = await flow.async_configure(step["flow_id"], ARRAY | {"name": " "})
    assert step["errors"] == {"name": "name_empty"}
    step = await flow.async_configure(step["flow_id"], ARRAY | {"strings": 17})
    assert step["errors"] == {"strings": "more_strings_than_modules"}
    step = await flow.async_configure(step["flow_id"], ARRAY)
    assert step["type"] is FlowResultType.CREATE_ENTRY
    step = await _start(world.hass, "sub", (entry.entry_id, "roof_array"))
    step = await flow.async_configure(step["flow_id"], ARRAY)
    assert step["errors"] == {"name": "name_taken"}
    flow.async_abort(step["flow_id"])

    array = next(iter(entry.get_subentries_of_type("roof_array")))
    step = await flow.async_init(
        (entry.entry_id, "roof_array"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": array.subentry_id},
    )
    inverter = next(iter(entry.get_subentries_of_type("inverter")))
    step = await flow.async_configure(
        step["flow_id"],
        ARRAY | {"peak_power": 7.2, "inverter": inverter.subentry_id, "mppt_input": 1},
    )
    assert step["reason"] == "reconfigure_successful"
    await world.hass.async_block_till_done(wait_background_tasks=True)
    array = next(iter(entry.get_subentries_of_type("roof_array")))
    assert array.data["peak_power"] == 7.2


@pytest.fixture
async def modbus_port(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let discovery look where the simulated inverter listens."""
    monkeypatch.setattr(config_flow, "_MODBUS_PORT", world.server.port)


def _dhcp(ip: str = "127.0.0.1") -> DhcpServiceInfo:
    return DhcpServiceInfo(ip=ip, hostname="inverter", macaddress="0003ac112233")


def _zeroconf() -> ZeroconfServiceInfo:
    return ZeroconfServiceInfo(
        ip_address=ip_address("127.0.0.1"),
        ip_addresses=[ip_address("127.0.0.1")],
        port=502,
        hostname="inverter.local.",
        type="_solaredge-modbus._tcp.local.",
        name="inverter",
        properties={},
    )


@pytest.mark.usefixtures("modbus_port")
async def test_discovery_makes_the_first_home(world: World) -> None:
    """A device that announces itself becomes a home, once the user agrees."""
    flow = world.hass.config_entries.flow
    step = await flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=_zeroconf()
    )
    assert step["step_id"] == "discovered"
    step = await flow.async_configure(step["flow_id"], {})
    assert step["type"] is FlowResultType.CREATE_ENTRY
    world.entry = step["result"]
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert world.entry.unique_id is None
    assert len(list(world.entry.get_subentries_of_type("inverter"))) == 1
    assert world.number("production_power") > 0


@pytest.mark.usefixtures("modbus_port")
async def test_discovery_adds_to_the_home(world: World) -> None:
    """With a home there, the device joins it."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.flow
    step = await flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=_dhcp())
    step = await flow.async_configure(step["flow_id"], {})
    assert step["reason"] == "inverter_added"
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert len(list(entry.get_subentries_of_type("inverter"))) == 1


@pytest.mark.usefixtures("modbus_port")
async def test_discovery_asks_which_home(world: World) -> None:
    """With several homes the user says which."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.flow
    step = await _start(world.hass, "flow", DOMAIN)
    step = await flow.async_configure(
        step["flow_id"], {"name": "Cabana", "location": LOCATION}
    )
    other = step["result"]
    step = await flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=_dhcp())
    step = await flow.async_configure(step["flow_id"], {"home": other.entry_id})
    assert step["reason"] == "inverter_added"
    await world.hass.async_block_till_done(wait_background_tasks=True)
    assert len(list(other.get_subentries_of_type("inverter"))) == 1
    assert not list(entry.get_subentries_of_type("inverter"))
    await world.hass.config_entries.async_unload(other.entry_id)


@pytest.mark.usefixtures("modbus_port")
async def test_discovery_of_what_is_known_or_no_inverter(world: World) -> None:
    """Known devices and devices that are none are left alone."""
    world.fault(ExceptionReply(code=2))
    flow = world.hass.config_entries.flow
    step = await flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=_dhcp())
    assert step["reason"] == "not_sunspec"
    world.faults.clear_all()
    await world.add_home()
    step = await flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=_dhcp())
    assert step["reason"] == "already_configured"


@pytest.mark.usefixtures("modbus_port")
async def test_discovery_follows_a_known_inverter(world: World) -> None:
    """A known inverter at a new address is followed there."""
    entry = await world.add_home()
    subentry = next(iter(entry.get_subentries_of_type("inverter")))
    world.hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "host": "127.0.0.9"}
    )
    await world.hass.async_block_till_done(wait_background_tasks=True)
    step = await world.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_DHCP}, data=_dhcp()
    )
    assert step["reason"] == "already_configured"
    subentry = next(iter(entry.get_subentries_of_type("inverter")))
    assert subentry.data["host"] == "127.0.0.1"
    await world.hass.async_block_till_done(wait_background_tasks=True)


async def test_rtu_over_tcp(world: World) -> None:
    """A gateway that passes RTU frames on is a link like any other."""
    gateway = SimulatedModbusServer(world.device, rtu_framer=True)
    await gateway.start()
    entry = await _add_over(world, "rtu_over_tcp", {**LINK, "port": gateway.port})
    assert world.number("production_power") > 0
    await world.hass.config_entries.async_unload(entry.entry_id)
    await gateway.stop()


async def test_serial_line(world: World) -> None:
    """An inverter at a serial port is read as one in the network."""
    gateway = SimulatedModbusServer(world.device, rtu_framer=True)
    await gateway.start()
    async with serial_line(gateway.port) as device:
        entry = await _add_over(
            world,
            "serial",
            {"device": device, "baudrate": "19200", "parity": "n", "stopbits": "1"},
        )
        assert world.number("production_power") > 0
        subentry = next(iter(entry.get_subentries_of_type("inverter")))
        assert subentry.data["device"] == device
        await world.hass.config_entries.async_unload(entry.entry_id)
    await gateway.stop()


async def test_datagrams(world: World) -> None:
    """An inverter that speaks Modbus over UDP is read as one over TCP."""
    async with datagrams(world.server.port) as port:
        entry = await _add_over(world, "udp", {**LINK, "port": port})
        assert world.number("production_power") > 0
        await world.hass.config_entries.async_unload(entry.entry_id)


async def _add_over(
    world: World, link: str, answers: dict[str, object]
) -> ConfigEntry[Any]:
    """Add the inverter over another link than TCP."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.subentries
    step = await _start(world.hass, "sub", (entry.entry_id, "inverter"))
    step = await flow.async_configure(step["flow_id"], {"next_step_id": link})
    with world.running_clock():
        step = await flow.async_configure(step["flow_id"], {**answers, "unit_id": 1})
        assert step["step_id"] == "found", step
        step = await flow.async_configure(
            step["flow_id"], {"name": "Inverter", "meter_role": "grid"}
        )
        await world.hass.async_block_till_done(wait_background_tasks=True)
    return entry


async def test_a_serial_port_that_is_not_there(world: World) -> None:
    """A serial port that cannot be opened is told apart from silence."""
    entry = await world.add_empty_home()
    flow = world.hass.config_entries.subentries
    step = await _start(world.hass, "sub", (entry.entry_id, "inverter"))
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "serial"})
    step = await flow.async_configure(
        step["flow_id"],
        {
            "device": "/dev/serial/by-id/nothing",
            "baudrate": "19200",
            "parity": "e",
            "stopbits": "1",
            "unit_id": 1,
        },
    )
    assert step["errors"] == {"base": "cannot_connect"}


async def test_unit_id_is_found(world: World) -> None:
    """Without a unit id the usual ones are tried; a dump answers on any."""
    await world.server.stop()
    replay = ReplayedDevice.load(DUMPS / "DeviceSMASunnyBoy36Dated20250518.json")
    world.server = SimulatedModbusServer(replay)
    await world.server.start()
    await world.add_home()
    assert world.number("string_2_dc_power") == 1600
