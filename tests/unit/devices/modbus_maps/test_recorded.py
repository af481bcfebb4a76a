"""Recorded GoodWe inverters, replayed on a real connection."""

from pathlib import Path

import pytest

from custom_components.pv_family.devices.modbus_maps.device import MapDevice as Device
from simulation.modbus_maps import MapDevice, Recording, load_recordings

from .noon import NOW, family, served, shown

pytestmark = pytest.mark.usefixtures("loopback")
RECORDINGS = {
    recording.device: recording
    for recording in load_recordings(
        Path(__file__).parents[3] / "fixtures" / "goodwe" / "recorded_blocks.json"
    )
}
ET, DT = RECORDINGS["GW10K-ET"], RECORDINGS["GW8K-DT"]

# What the publisher of the recording calls each value, and what it is in ours.
ET_NAMES: dict[tuple[str, str], tuple[str, float]] = {
    ("string_1", "dc_voltage"): ("vpv1", 1),
    ("string_1", "dc_current"): ("ipv1", 1),
    ("string_1", "dc_power"): ("ppv1", 1),
    ("string_2", "dc_voltage"): ("vpv2", 1),
    ("string_2", "dc_current"): ("ipv2", 1),
    ("string_2", "dc_power"): ("ppv2", 1),
    ("inverter", "ac_voltage_l1"): ("vgrid", 1),
    ("inverter", "ac_voltage_l2"): ("vgrid2", 1),
    ("inverter", "ac_voltage_l3"): ("vgrid3", 1),
    ("inverter", "ac_current_l1"): ("igrid", 1),
    ("inverter", "ac_current_l2"): ("igrid2", 1),
    ("inverter", "ac_current_l3"): ("igrid3", 1),
    ("inverter", "ac_power_l1"): ("pgrid", 1),
    ("inverter", "ac_power_l2"): ("pgrid2", 1),
    ("inverter", "ac_power_l3"): ("pgrid3", 1),
    ("inverter", "ac_power"): ("total_inverter_power", 1),
    ("inverter", "frequency"): ("fgrid", 1),
    ("inverter", "temperature_cabinet"): ("temperature_air", 1),
    ("inverter", "temperature_heat_sink"): ("temperature", 1),
    ("inverter", "bus_voltage"): ("bus_voltage", 1),
    ("inverter", "energy_produced"): ("e_total", 1000),
    ("inverter", "energy_produced_today"): ("e_day", 1000),
    ("load", "energy_consumed"): ("e_load_total", 1000),
    ("battery_1", "dc_voltage"): ("vbattery1", 1),
    ("battery_1", "dc_current"): ("ibattery1", 1),
    ("battery_1", "dc_power"): ("pbattery1", 1),
    ("battery_1", "energy_charged"): ("e_bat_charge_total", 1000),
    ("battery_1", "energy_discharged"): ("e_bat_discharge_total", 1000),
    ("battery_1", "temperature"): ("battery_temperature", 1),
    ("battery_1", "state_of_charge"): ("battery_soc", 1),
    ("battery_1", "state_of_health"): ("battery_soh", 1),
    ("meter_1", "ac_power"): ("active_power_total", -1),
    ("meter_1", "ac_power_l1"): ("active_power1", -1),
    ("meter_1", "ac_power_l2"): ("active_power2", -1),
    ("meter_1", "ac_power_l3"): ("active_power3", -1),
    ("meter_1", "frequency"): ("meter_freq", 1),
    ("meter_1", "energy_export"): ("meter_e_total_exp", 1000),
    ("meter_1", "energy_import"): ("meter_e_total_imp", 1000),
}
DT_NAMES: dict[tuple[str, str], tuple[str, float]] = {
    ("string_1", "dc_voltage"): ("vpv1", 1),
    ("string_1", "dc_current"): ("ipv1", 1),
    ("string_2", "dc_voltage"): ("vpv2", 1),
    ("string_2", "dc_current"): ("ipv2", 1),
    ("inverter", "ac_voltage_l1_l2"): ("vline1", 1),
    ("inverter", "ac_voltage_l2_l3"): ("vline2", 1),
    ("inverter", "ac_voltage_l3_l1"): ("vline3", 1),
    ("inverter", "ac_voltage_l1"): ("vgrid1", 1),
    ("inverter", "ac_voltage_l2"): ("vgrid2", 1),
    ("inverter", "ac_voltage_l3"): ("vgrid3", 1),
    ("inverter", "ac_current_l1"): ("igrid1", 1),
    ("inverter", "ac_current_l2"): ("igrid2", 1),
    ("inverter", "ac_current_l3"): ("igrid3", 1),
    ("inverter", "frequency"): ("fgrid1", 1),
    ("inverter", "ac_power"): ("total_inverter_power", 1),
    ("inverter", "temperature_cabinet"): ("temperature", 1),
    ("inverter", "bus_voltage"): ("vbus", 1),
}


async def polled(recording: Recording, key: str) -> tuple[Device, dict[str, float]]:
    """Return the replayed device after a poll, and its values by part/quantity."""
    replayed = MapDevice(recording.registers, frozenset({recording.unit}))
    async with served(replayed, recording.unit) as unit:
        device = await Device.connect(unit, family(key), fallback_serial="fallback")
        poll = await device.poll(NOW, full=True)
    assert poll.statuses["inverter"] == "producing"
    assert poll.events == {"inverter": frozenset()}
    assert not poll.asleep
    assert not poll.doubted
    found = {
        f"{part}/{name}": value
        for part, values in shown(poll).items()
        for name, value in values.items()
    }
    return device, found


def expected(
    recording: Recording, names: dict[tuple[str, str], tuple[str, float]]
) -> dict[str, float]:
    """Return what the publisher reads, in SI units and project signs."""
    return {
        f"{part}/{quantity}": recording.expected[name] * factor
        for (part, quantity), (name, factor) in names.items()
    }


async def test_hybrid() -> None:
    """Every value of a hybrid: the battery charges, the house imports 110 W."""
    device, found = await polled(ET, "goodwe_et")
    # The house: the backup port and everything else.
    load = ET.expected["backup_ptotal"] + ET.expected["load_ptotal"]
    wanted = expected(ET, ET_NAMES) | {"load/ac_power": load}
    assert found == pytest.approx(wanted, rel=1e-3)
    assert found["battery_1/dc_power"] == -2512.0
    assert found["meter_1/ac_power"] == 110.0
    assert device.identity.serial == "9010KETU000W0000"
    assert device.identity.model == "GW10K-ET"
    assert device.identity.version == "04029-06-S11"
    assert device.ratings.power == 10_000.0


async def test_string_inverter() -> None:
    """A string inverter whose energies say that they have no value."""
    device, found = await polled(DT, "goodwe_dt")
    wanted = expected(DT, DT_NAMES)
    derived = {
        "string_1/dc_power": DT.expected["ppv1"],
        "string_2/dc_power": DT.expected["ppv2"],
    }
    assert found == pytest.approx(wanted | derived, rel=5e-3)
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)
    assert device.identity.serial == "fallback"
