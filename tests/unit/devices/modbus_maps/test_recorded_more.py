"""GoodWe models of every platform, replayed on a real connection.

What is compared are the values that the recordings' publisher reads in them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from custom_components.pv_family.devices.device import Poll
from custom_components.pv_family.devices.modbus_maps.catalogue import families
from custom_components.pv_family.devices.modbus_maps.device import MapDevice as Device
from custom_components.pv_family.devices.modbus_maps.schema import Pacing
from custom_components.pv_family.devices.modbus_maps.score import probe
from simulation.modbus_maps import MapDevice, Recording, load_recordings

from .noon import NOW, family, served, shown

pytestmark = pytest.mark.usefixtures("loopback")
FOLDER: Final = Path(__file__).parents[3] / "fixtures" / "goodwe"
RECORDINGS: Final = {
    recording.device: recording
    for recording in load_recordings(FOLDER / "recorded_more.json")
}
SECOND: Final = {
    "GW20K-ET",
    "GW25K-ET",
    "GW29K9-ET",
    "GW25K-ETA-G20",
    "GW8000M-ES-C10",
}
HYBRIDS: Final = SECOND | {"GW6000-EH", "GEH10-1U-10", "GW10K-ET fw1023"}

# What the publisher calls each value, what it is in ours, and the factor between.
_BOTH: Final[Mapping[str, tuple[str, str, float]]] = {
    **{f"vpv{n}": (f"string_{n}", "dc_voltage", 1) for n in range(1, 7)},
    **{f"ipv{n}": (f"string_{n}", "dc_current", 1) for n in range(1, 7)},
    **{f"vgrid{n}": ("inverter", f"ac_voltage_l{n}", 1) for n in (1, 2, 3)},
    **{f"igrid{n}": ("inverter", f"ac_current_l{n}", 1) for n in (1, 2, 3)},
    "total_inverter_power": ("inverter", "ac_power", 1),
    "e_total": ("inverter", "energy_produced", 1000),
    "e_day": ("inverter", "energy_produced_today", 1000),
}
_STRING: Final[Mapping[str, tuple[str, str, float]]] = {
    **_BOTH,
    "fgrid1": ("inverter", "frequency", 1),
    "temperature": ("inverter", "temperature_cabinet", 1),
    "vbus": ("inverter", "bus_voltage", 1),
}
_HYBRID: Final[Mapping[str, tuple[str, str, float]]] = {
    **_BOTH,
    **{f"pgrid{n}": ("inverter", f"ac_power_l{n}", 1) for n in (2, 3)},
    "vgrid": ("inverter", "ac_voltage_l1", 1),
    "igrid": ("inverter", "ac_current_l1", 1),
    "pgrid": ("inverter", "ac_power_l1", 1),
    "fgrid": ("inverter", "frequency", 1),
    "bus_voltage": ("inverter", "bus_voltage", 1),
    "temperature_air": ("inverter", "temperature_cabinet", 1),
    "temperature": ("inverter", "temperature_heat_sink", 1),
    "e_load_total": ("load", "energy_consumed", 1000),
    "vbattery1": ("battery_1", "dc_voltage", 1),
    "ibattery1": ("battery_1", "dc_current", 1),
    "pbattery1": ("battery_1", "dc_power", 1),
    "battery_soc": ("battery_1", "state_of_charge", 1),
    "battery_soh": ("battery_1", "state_of_health", 1),
    "battery_temperature": ("battery_1", "temperature", 1),
    "e_bat_charge_total": ("battery_1", "energy_charged", 1000),
    "e_bat_discharge_total": ("battery_1", "energy_discharged", 1000),
    # The maker counts exporting positive, we count importing.
    "meter_active_power_total": ("meter_1", "ac_power", -1),
    "meter_freq": ("meter_1", "frequency", 1),
    "meter_e_total_exp": ("meter_1", "energy_export", 1000),
    "meter_e_total_imp": ("meter_1", "energy_import", 1000),
}
each = pytest.mark.parametrize("device", RECORDINGS)


def key_of(device: str) -> str:
    """Return the family of a recorded device."""
    if device in SECOND:
        return "goodwe_et_g2"
    return "goodwe_et" if device in HYBRIDS else "goodwe_dt"


async def polled(recording: Recording) -> tuple[Device, Poll]:
    """Return the replayed device after a poll."""
    replayed = MapDevice(recording.registers, frozenset({recording.unit}))
    known = family(key_of(recording.device))
    async with served(replayed, recording.unit) as unit:
        device = await Device.connect(unit, known, fallback_serial="fallback")
        return device, await device.poll(NOW, full=True)


@each
async def test_family_is_proposed_first(device: str) -> None:
    """Each is taken for what it is, with some distance to what it is not."""
    recording = RECORDINGS[device]
    replayed = MapDevice(recording.registers, frozenset({recording.unit}))
    async with served(replayed, recording.unit) as unit:
        best, *others = await probe(
            {recording.unit: unit}, families(), patience=Pacing()
        )
    assert best.family.key == key_of(device)
    assert all(best.score >= other.score + 5.0 for other in others)


@each
async def test_values_are_the_publishers(device: str) -> None:
    """Everything that the device has; nothing is doubted, nothing made up."""
    recording = RECORDINGS[device]
    _, poll = await polled(recording)
    found = shown(poll)
    names = _HYBRID if device in HYBRIDS else _STRING
    compared = 0
    for name, value in recording.expected.items():
        if name not in names:
            continue
        part, quantity, factor = names[name]
        if quantity in found.get(part, {}):
            compared += 1
            wanted = pytest.approx(value * factor, rel=1e-3)
            assert found[part][quantity] == wanted, name
        else:
            # Zeros of what is not there, and registers that hold no value at all.
            assert value <= 0.1, name
    assert compared >= 8
    assert not poll.doubted
    assert not poll.failed


@each
async def test_arrays_add_up(device: str) -> None:
    """The strings together give what the publisher adds up from the trackers."""
    recording = RECORDINGS[device]
    _, poll = await polled(recording)
    found = shown(poll)
    strings = [found[p]["dc_power"] for p in found if p.startswith("string")]
    if device == "GW29K9-ET":
        # Its blocks were read seconds apart in passing clouds.
        assert found["inverter"]["dc_power"] == recording.expected["ppv"]
        return
    assert sum(strings) == pytest.approx(recording.expected["ppv"], rel=0.03)
    if device in SECOND:
        assert found["inverter"]["dc_power"] == recording.expected["ppv"]


@pytest.mark.parametrize("device", sorted(SECOND))
async def test_house_is_what_is_not_fed_in(device: str) -> None:
    """The trackers' generation does not clip what the house draws at zero."""
    recording = RECORDINGS[device]
    _, poll = await polled(recording)
    house = recording.expected["total_inverter_power"]
    house -= recording.expected["active_power"]
    assert shown(poll)["load"]["ac_power"] == house


@pytest.mark.parametrize(
    "device", ["GW6000-EH", "GEH10-1U-10", "GW8000M-ES-C10", "GW10K-MS-30"]
)
async def test_single_phase(device: str) -> None:
    """Phases that there are only registers for have no values, whatever is there."""
    _, poll = await polled(RECORDINGS[device])
    found = shown(poll)
    assert found["inverter"]["ac_voltage_l1"] > 230.0
    for values in found.values():
        assert not {name for name in values if name.endswith(("l2", "l3", "l3_l1"))}


async def test_no_battery() -> None:
    """A hybrid whose battery is not there has none, though a sensor shows 0.1 A."""
    for device in ("GW6000-EH", "GW29K9-ET"):
        _, poll = await polled(RECORDINGS[device])
        assert not {part for part in shown(poll) if part.startswith("battery")}
        assert not {part for part in poll.statuses if part.startswith("battery")}


async def test_meter_totals() -> None:
    """Totals of 64 bits where the firmware has them; no zeros where it has not."""
    _, poll = await polled(RECORDINGS["GW8000M-ES-C10"])
    meter = shown(poll)["meter_1"]
    assert meter["energy_export"] == pytest.approx(41_200.0)
    assert meter["energy_import"] == pytest.approx(2_154_700.0)
    _, poll = await polled(RECORDINGS["GW25K-ET"])
    assert not {n for n in shown(poll)["meter_1"] if n.startswith("energy")}


async def test_version_of_two_bytes_a_character() -> None:
    """Some firmware writes its version in UTF-16."""
    device, _ = await polled(RECORDINGS["GW25K-ET"])
    assert device.identity.version == "04062-"
