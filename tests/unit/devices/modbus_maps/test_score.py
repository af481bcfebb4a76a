"""The right family wins, and none does where there is nothing to see."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import override

from modbus_connection import (
    GatewayTargetError,
    ModbusConnectionError,
    ModbusTimeoutError,
)
import pytest

from custom_components.pv_family.devices.device import SilentError
from custom_components.pv_family.devices.modbus_maps.catalogue import families
from custom_components.pv_family.devices.modbus_maps.evidence import Check
from custom_components.pv_family.devices.modbus_maps.schema import Pacing
from custom_components.pv_family.devices.modbus_maps.score import Candidate, probe
from simulation.modbus_maps import MapDevice, Scene, load_recordings, map_of
from tests.unit.devices.build import Unit

from .noon import KEYS, bus, device_of, family, noon, served

pytestmark = pytest.mark.usefixtures("loopback")
HASTE = Pacing()
RECORDINGS = Path(__file__).parents[3] / "fixtures" / "goodwe" / "recorded_blocks.json"


async def found(device: MapDevice, unit_id: int) -> list[Candidate]:
    """Return what a device is taken for."""
    async with served(device, unit_id) as unit:
        return await probe({unit_id: unit}, families(), patience=HASTE)


def night(key: str) -> Scene:
    """Return what a device of a family shows at night: the house draws 300 W."""
    scene = noon(key)
    still = {
        part: {
            name: 0.0
            if "power" in name or "current" in name or name.endswith("today")
            else value
            for name, value in values.items()
        }
        for part, values in scene.values.items()
    }
    for part in ("string_1", "string_2"):
        still[part]["dc_voltage"] = 0.0
    for part in ("meter_1", "load"):
        for phase in ("ac_power_l1", "ac_power_l2", "ac_power_l3"):
            still[part][phase] = 100.0
        still[part]["ac_power"] = 300.0
    return replace(scene, values=still, statuses={})


@pytest.mark.parametrize("scene", [noon, night])
@pytest.mark.parametrize("key", KEYS)
async def test_right_family_wins(key: str, scene: Callable[[str], Scene]) -> None:
    """By day and by night, of a device that reads 0 where it has no register."""
    device = device_of(key, scene(key), gaps=True)
    candidates = await found(device, family(key).units[0])
    assert candidates[0].family.key == key
    rivals = [c.score for c in candidates[1:]]
    assert all(candidates[0].score >= score + 3.0 for score in rivals)
    assert len(device.reads) <= 60


@pytest.mark.parametrize("key", ["deye_3p", "growatt_gen23", "huawei_sun2000"])
async def test_device_that_refuses(key: str) -> None:
    """The same of a device that refuses reads which touch what it does not have."""
    candidates = await found(device_of(key), family(key).units[0])
    assert [c.family.key for c in candidates][0] == key


@pytest.mark.parametrize("key", ["deye_3p", "deye_3p_hv", "deye_1p", "deye_string"])
async def test_physics_decides_without_a_fingerprint(key: str) -> None:
    """Old firmware leaves the type code empty: powers and words have to do."""
    scene = replace(noon(key), fingerprint={0: 0}, serial="")
    candidates = await found(device_of(key, scene, gaps=True), 1)
    assert candidates[0].family.key == key
    told = {finding.check for finding in candidates[0].findings}
    assert Check.FINGERPRINT not in told
    assert Check.SERIAL_NUMBER not in told


@pytest.mark.parametrize("word", [0x0000, 0xFFFF, 0x8000, 0x0001, 0x7FFF, 0x2020])
async def test_nothing_is_no_family(word: int) -> None:
    """A map that holds the same everywhere, as an empty one does, proves nothing."""
    registers = {
        table: dict.fromkeys(range(0x10000), word) for table in ("holding", "input")
    }
    assert await found(MapDevice(registers, frozenset({1})), 1) == []


async def test_map_that_counts_up() -> None:
    """Test servers show each register's own address."""
    registers = {
        table: {a: a for a in range(0x10000)} for table in ("holding", "input")
    }
    assert await found(MapDevice(registers, frozenset({1})), 1) == []


@pytest.mark.parametrize(
    ("device", "key"), [("GW10K-ET", "goodwe_et"), ("GW8K-DT", "goodwe_dt")]
)
async def test_real_devices(device: str, key: str) -> None:
    """Recorded registers of real devices, which refuse everything else."""
    recording = next(r for r in load_recordings(RECORDINGS) if r.device == device)
    replayed = MapDevice(recording.registers, frozenset({recording.unit}))
    candidates = await found(replayed, recording.unit)
    assert candidates[0].family.key == key
    told = {f.check: f for f in candidates[0].findings}
    assert told[Check.FREQUENCY].numbers["hertz"] == pytest.approx(50.0, abs=0.1)
    assert all(finding.points > 0.0 for finding in told.values())


async def test_evidence_says_why_not() -> None:
    """A rival that reads the powers ten times too high is told apart by them."""
    scene = replace(noon("deye_3p"), fingerprint={0: 0})
    async with served(device_of("deye_3p", scene, gaps=True), 1) as unit:
        known = [family("deye_3p"), replace(family("deye_3p_hv"), fingerprints=())]
        candidates = await probe({1: unit}, known, patience=HASTE)
    best = candidates[0]
    assert best.family.key == "deye_3p"
    power = next(f for f in best.findings if f.check is Check.STRING_POWER)
    assert power.points > 0.0
    assert power.numbers == {"watt": 2000.0, "volt_times_ampere": 2000.0}


async def test_silent_units() -> None:
    """A unit that never answers is left alone soon; several of them are an error."""
    unit = Unit()
    unit.fail_requests(ModbusTimeoutError("silent"))
    other = Unit()
    other.fail_requests(ModbusTimeoutError("silent"))
    with pytest.raises(SilentError):
        await probe({1: unit, 2: other}, families(), patience=HASTE)
    assert len(unit.reads) <= 4


async def test_gateway_without_the_unit() -> None:
    """A gateway that answers for a unit which does not is no answer."""
    unit = Unit()
    unit.fail_requests(GatewayTargetError())
    with pytest.raises(SilentError):
        await probe({1: unit}, families(), patience=HASTE)
    assert len(unit.reads) <= 24


async def test_link_that_breaks() -> None:
    """Nothing more is tried on a link that is down."""
    unit = Unit()
    unit.fail_requests(ModbusConnectionError("down"))
    with pytest.raises(ModbusConnectionError):
        await probe({1: unit}, families(), patience=HASTE)
    assert len(unit.reads) == 1


async def test_replies_that_are_too_short() -> None:
    """A device that cuts every reply is nobody's."""
    unit = Unit(dict.fromkeys(range(0x10000), 5000))
    unit.short.update(range(0x10000))
    with pytest.raises(SilentError):
        await probe({1: unit}, [family("huawei_sun2000")], patience=HASTE)


async def test_device_that_stops_after_the_first_look() -> None:
    """What was seen before the silence is weighed, and what is missing as well."""
    unit = bus(device_of("solis_hybrid", gaps=True))
    for address in range(33000, 33300):
        if address not in (33049, 33073, 33094, 33095, 33133):
            unit.fail_read(address, ModbusTimeoutError("lost"), register_type="input")
    candidates = await probe({1: unit}, [family("solis_hybrid")], patience=HASTE)
    assert [c.family.key for c in candidates] == ["solis_hybrid"]
    told = {f.check: f for f in candidates[0].findings}
    assert told[Check.SERVED].points < 0.0


async def test_found_behind_the_other_unit() -> None:
    """One of two units is silent, the other is what it is."""
    key = "victron_gx"
    async with served(device_of(key, gaps=True), 100) as unit:
        silent = Unit()
        silent.fail_requests(ModbusTimeoutError("silent"))
        candidates = await probe({1: silent, 100: unit}, families(), patience=HASTE)
    assert (candidates[0].family.key, candidates[0].unit_id) == (key, 100)


async def test_search_ends_with_a_unit_that_fits() -> None:
    """Whoever is found on one unit is not looked for on the others."""
    other = Unit()
    async with served(device_of("solis_hybrid", gaps=True), 1) as unit:
        candidates = await probe({1: unit, 2: other}, families(), patience=HASTE)
    assert candidates[0].family.key == "solis_hybrid"
    assert not other.reads


async def test_device_that_is_silent_where_it_has_nothing() -> None:
    """Silence in place of a refusal takes longer, and ends in the same."""
    device = device_of("solis_hybrid")
    registers = device.registers["input"]

    class Mute(Unit):
        """A unit that never refuses."""

        @override
        async def read_input_registers(self, address: int, count: int) -> list[int]:
            wanted = range(address, address + count)
            if not any(register in registers for register in wanted):
                raise ModbusTimeoutError("silent")
            return [registers.get(register, 0) for register in wanted]

        @override
        async def read_holding_registers(self, address: int, count: int) -> list[int]:
            raise ModbusTimeoutError("silent")

    candidates = await probe({1: Mute()}, families(), patience=HASTE)
    assert [c.family.key for c in candidates] == ["solis_hybrid"]


def test_families_name_their_fingerprints() -> None:
    """The simulated fingerprints are those of the map, not of the test."""
    marks: Mapping[str, list[object]] = {
        key: map_of(key).get("fingerprints", []) for key in KEYS
    }
    assert {key for key, found in marks.items() if found} == {
        "deye_1p",
        "deye_3p",
        "deye_3p_hv",
        "deye_string",
        "goodwe_et",
        "goodwe_et_g2",
        "huawei_sun2000",
        "sungrow_sh",
        "sungrow_string",
    }
