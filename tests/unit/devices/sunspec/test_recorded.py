"""Real devices: what their recorded registers say."""

from typing import NamedTuple

import pytest

from custom_components.pv_family.devices.device import SLOW
from custom_components.pv_family.devices.registers import cover
from custom_components.pv_family.devices.sunspec.device import SunSpecDevice
from custom_components.pv_family.devices.sunspec.layout import spans_of
from tests.unit.devices.build import NOW, Unit, dump

from .polling import values


class Recording(NamedTuple):
    """A recorded device and what is known of it."""

    name: str
    manufacturer: str
    model: str
    rated: float | None
    skipped: set[int]
    expected: dict[str, dict[str, float]]


FIMER = Recording(
    name="DeviceFimerPVSDated20240722",
    manufacturer="FIMER",
    model="-3Q58-",
    rated=185_000.0,
    skipped={65_230, 65_232},
    expected={
        "inverter": {
            "ac_power": 141_380.0,
            "energy_produced": 459_493_000.0,
            "temperature_cabinet": 53.5,
            "frequency": 49.99,
        },
        "string_12": {"dc_voltage": 931.5, "dc_current": 12.9, "dc_power": 11_980.0},
    },
)
SMA = Recording(
    name="DeviceSMASunnyBoy36Dated20250518",
    manufacturer="SMA",
    model="SB3.6-1AV-41",
    rated=3680.0,
    skipped={11, 12, 123},
    expected={
        "inverter": {
            "ac_power": 3680.0,
            "energy_produced": 30_388_530.0,
            "ac_voltage_l1": 244.0,
            "ac_current": 15.1,
        },
        "string_1": {"dc_voltage": 301.0, "dc_current": 7.3, "dc_power": 2210.0},
        "string_2": {"dc_voltage": 242.0, "dc_current": 6.6, "dc_power": 1600.0},
    },
)
SMA_MORNING = Recording(
    name="DeviceSMASunnyBoy36Dated20230810",
    manufacturer="SMA",
    model="SB3.6-1AV-41",
    rated=3680.0,
    skipped={11, 12, 123},
    expected={
        "inverter": {
            "ac_power": 1080.0,
            "energy_produced": 21_707_970.0,
            "ac_voltage_l1": 239.2,
            "ac_current": 4.5,
            "frequency": 49.98,
            "temperature_cabinet": 42.0,
        },
        "string_1": {"dc_voltage": 322.0, "dc_current": 2.1, "dc_power": 670.0},
        "string_2": {"dc_voltage": 224.0, "dc_current": 2.1, "dc_power": 480.0},
    },
)
EMULATED = Recording(
    name="EmulatedDER",
    manufacturer="DERSec",
    model="DER Simulator",
    rated=None,
    skipped={702, 712, 64_412},
    expected={
        "inverter": {
            "ac_power": 9800.0,
            "ac_power_l3": 3500.0,
            "ac_voltage_l3_l1": 479.9,
            "frequency": 60.01,
            "energy_produced": 150.0,
            "power_factor": 0.985,
            "temperature_cabinet": 55.0,
        },
        "battery_1": {"state_of_charge": 0.0},
        "string_2": {"dc_voltage": 475.0, "energy_produced": 346_121.0},
    },
)
each = pytest.mark.parametrize(
    "recording", [FIMER, SMA, SMA_MORNING, EMULATED], ids=lambda r: r.name
)


async def discovered(recording: Recording) -> tuple[SunSpecDevice, Unit]:
    """Return the recorded device, found on its bus."""
    unit = Unit(dump(recording.name))
    return await SunSpecDevice.discover(unit, fallback_serial="fallback"), unit


@each
async def test_recorded_values(recording: Recording) -> None:
    """A poll shows what the device's own display showed."""
    device, _ = await discovered(recording)
    assert device.identity.manufacturer == recording.manufacturer
    assert device.identity.model == recording.model
    assert device.identity.serial != "fallback"
    assert device.ratings.power == recording.rated
    assert device.map.complete
    assert set(device.layout.skipped) >= recording.skipped
    poll = await device.poll(NOW, full=True)
    found = values(poll)
    for part, expected in recording.expected.items():
        assert {name: found[part][name] for name in expected} == expected
    assert poll.statuses["inverter"] == "producing"
    assert not poll.failed
    assert not poll.asleep


async def test_inputs_without_a_string_have_no_readings() -> None:
    """Six inputs in the map, two of them wired."""
    device, _ = await discovered(SMA)
    poll = await device.poll(NOW, full=True)
    assert set(values(poll)) == {"inverter", "string_1", "string_2"}
    assert not {part for part in poll.events if part > "string_2"}


@each
async def test_fast_poll_reads_what_lives_in_the_fewest_requests(
    recording: Recording,
) -> None:
    """Only what is implemented, with its scales, the headers and the serial number."""
    device, unit = await discovered(recording)
    first = await device.poll(NOW, full=True)
    unit.read_events.clear()
    second = await device.poll(NOW, full=False)
    moving = {
        part: {name: value for name, value in found.items() if name not in SLOW}
        for part, found in values(first).items()
    }
    assert values(second) == moving
    points = device._live_points()
    headers = {h.span for h in device.layout.headers if h.heads(points)}
    wanted = spans_of(points) | headers
    assert len(unit.reads) <= min(3, 1 + len(cover(wanted)))


async def test_recorded_night() -> None:
    """A real inverter in the dark: no value, no status, only what it has produced."""
    unit = Unit(dump("DeviceSMASunnyBoy36Dated20250608"))
    device = await SunSpecDevice.discover(unit, fallback_serial="fallback")
    assert device.identity.serial == "3005067415"
    for full in (True, False):
        poll = await device.poll(NOW, full=full)
        assert values(poll) == {"inverter": {"energy_produced": 30_847_780.0}}
        assert not poll.statuses
        assert not poll.failed
        assert not poll.doubted


async def test_night() -> None:
    """Live points that are not implemented are unknown, and energy stays."""
    device, unit = await discovered(SMA)
    day = await device.poll(NOW, full=True)
    inverter = device.map.models[101][0].address
    inputs = device.map.models[160][0]
    for offset in (2, 3, 7, 10, 16):
        unit.holding[inverter + offset] = 0xFFFF
    for offset in (14, 18, 20, 22, 33):
        unit.holding[inverter + offset] = 0x8000
    unit.holding[inverter + 38] = 8
    for start in range(inputs.address + 10, inputs.address + inputs.span, 20):
        for offset in (9, 10, 11):
            unit.holding[start + offset] = 0xFFFF
    for full in (False, True):
        night = await device.poll(NOW, full=full)
        known = {"energy_produced": 30_388_530.0}
        if full:
            known["isolation_resistance"] = 3_000_000.0
        assert values(night) == {"inverter": known}
        assert night.statuses == {"inverter": "standby"}
        assert night.asleep
        assert not night.failed
    assert night.capabilities < day.capabilities
