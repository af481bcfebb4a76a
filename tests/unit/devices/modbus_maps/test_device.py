"""A device of a known family through its days: names, nights, faults and signs."""

from dataclasses import replace
import json
from typing import override

from modbus_connection import (
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusTimeoutError,
)
import pytest

from custom_components.pv_family.devices.device import (
    Capability,
    Device,
    SilentError,
    WrongDeviceError,
)
from custom_components.pv_family.devices.modbus_maps.catalogue import families
from custom_components.pv_family.devices.modbus_maps.device import MapDevice
from custom_components.pv_family.devices.registers import Table
from custom_components.pv_family.devices.signs import Signs
from custom_components.pv_family.readings.reading import Quality
from simulation.faults import ExceptionReply, Faults, Silence
from simulation.modbus_maps import Scene, encode, map_of

from .noon import NOW, SERIAL, Bus, bus, device_of, family, noon, served, shown


async def connected(
    key: str, scene: Scene | None = None, signs: Signs | None = None
) -> tuple[MapDevice, Bus]:
    """Return a device of a family and the bus it is on."""
    unit = bus(device_of(key, scene))
    known = family(key)
    device = await MapDevice.connect(
        unit, known, fallback_serial="fallback", signs=signs
    )
    return device, unit


def show(unit: Bus, key: str, scene: Scene) -> None:
    """Let a device show something else from now on."""
    registers = encode(map_of(key), scene)
    unit.holding.update(registers["holding"])
    unit.input.update(registers["input"])


async def test_is_a_device() -> None:
    """It keeps the contract of everything that gives readings."""
    device: Device = (await connected("deye_3p"))[0]
    assert device.describe()["family"] == "deye_3p"


async def test_link_is_no_faster_than_the_family_bears() -> None:
    """Spacing, wait and timeout are the link's from the first request on."""
    asked: dict[str, float | None] = {}

    class Paced(Bus):
        """A bus that remembers what it was asked to be."""

        @override
        def set_message_spacing(self, seconds: float) -> None:
            asked["spacing"] = seconds

        @override
        def require_connect_delay(self, seconds: float | None) -> None:
            asked["delay"] = seconds

        @override
        def require_timeout(self, seconds: float | None) -> None:
            asked["timeout"] = seconds

    huawei = next(f for f in families() if f.key == "huawei_sun2000")
    await MapDevice.connect(Paced(), huawei, fallback_serial="fallback")
    assert asked == {"spacing": 0.5, "delay": 1.0, "timeout": 5.0}


async def test_another_device_answers() -> None:
    """Its readings are nobody's; an empty serial number says nothing."""
    device, unit = await connected("deye_3p")
    await device.poll(NOW, full=True)
    show(unit, "deye_3p", replace(noon("deye_3p"), serial=""))
    assert (await device.poll(NOW, full=False)).readings
    show(unit, "deye_3p", replace(noon("deye_3p"), serial="2309999999"))
    with pytest.raises(WrongDeviceError) as caught:
        await device.poll(NOW, full=False)
    assert (caught.value.expected, caught.value.found) == (SERIAL, "2309999999")


@pytest.mark.parametrize("serial", ["", "   ", "0000000000", "\x01\x02\x03\x04", "a b"])
async def test_what_is_no_serial_number(serial: str) -> None:
    """Blank, filled or garbled text does not name a device."""
    device, unit = await connected("deye_3p", replace(noon("deye_3p"), serial=serial))
    assert device.identity.serial == "fallback"
    show(unit, "deye_3p", noon("deye_3p"))
    assert (await device.poll(NOW, full=True)).readings


async def test_identity_is_not_learned_from_half_an_answer() -> None:
    """A lost reply at set-up is silence, not a device without a name."""
    unit = bus(device_of("growatt_gen23"))
    unit.fail_read(23, ModbusTimeoutError("lost"))
    with pytest.raises(SilentError):
        await MapDevice.connect(
            unit, family("growatt_gen23"), fallback_serial="fallback"
        )


async def test_identity_of_which_one_part_is_lost() -> None:
    """Model and serial number stand apart: half of them is not enough either."""
    unit = bus(device_of("huawei_sun2000"))
    unit.fail_read(30073, ModbusTimeoutError("lost"))
    with pytest.raises(SilentError):
        await MapDevice.connect(
            unit, family("huawei_sun2000"), fallback_serial="fallback"
        )


async def test_broken_link() -> None:
    """Silence is what the device is told of, whatever broke."""
    device, unit = await connected("growatt_gen23")
    unit.fail_requests(ModbusConnectionError("down"))
    with pytest.raises(SilentError):
        await device.poll(NOW, full=True)


async def test_table_that_falls_silent() -> None:
    """Input registers do not answer, the serial number in the other table does."""
    device, unit = await connected("growatt_gen23")
    first = await device.poll(NOW, full=True)
    for address in range(1100):
        if address not in range(23, 28):
            unit.fail_read(address, ModbusTimeoutError("lost"), register_type="input")
    poll = await device.poll(NOW, full=False)
    assert not poll.readings
    assert set(poll.failed) == {r.series.part for r in first.readings}


async def test_refused_table_is_not_asked_again() -> None:
    """Without holding registers a fast poll reads input registers alone."""
    unit = bus(device_of("growatt_gen23"))
    unit.holding.clear()
    known = family("growatt_gen23")
    device = await MapDevice.connect(unit, known, fallback_serial="fallback")
    assert device.identity.serial == "fallback"
    await device.poll(NOW, full=True)
    unit.read_events.clear()
    poll = await device.poll(NOW, full=False)
    assert {event.register_type for event in unit.read_events} == {"input"}
    assert not poll.failed


def dark(key: str) -> Scene:
    """Return a night without any part but the inverter."""
    scene = noon(key)
    return replace(
        scene,
        values={
            part: {
                name: value if part == "inverter" and "energy" in name else 0.0
                for name, value in values.items()
            }
            for part, values in scene.values.items()
        },
        statuses={"inverter": "standby"},
    )


async def test_parts_that_only_show_zeros_are_not_there() -> None:
    """Registers of strings, meter and battery that are not wired hold zeros."""
    device, unit = await connected("deye_3p", dark("deye_3p"))
    poll = await device.poll(NOW, full=True)
    assert set(shown(poll)) == {"inverter"}
    assert poll.asleep
    show(unit, "deye_3p", noon("deye_3p"))
    poll = await device.poll(NOW, full=True)
    everything = {"inverter", "string_1", "string_2", "meter_1", "battery_1", "load"}
    assert set(shown(poll)) == everything
    assert not poll.asleep
    # What was there once stays, and zero is its value.
    show(unit, "deye_3p", dark("deye_3p"))
    for full in (False, True):
        values = shown(await device.poll(NOW, full=full))
        assert set(values) == everything
        assert values["string_1"]["dc_power"] == 0.0


async def test_parts_known_from_before_a_restart_at_night() -> None:
    """What the home remembers of a device is there from the first poll on."""
    device, _ = await connected("deye_3p", dark("deye_3p"))
    device.implemented.add(Capability("string_1", "dc_power"))
    values = shown(await device.poll(NOW, full=True))
    assert set(values) == {"inverter", "string_1"}


async def test_a_few_volts_are_no_string() -> None:
    """An open tracker shows noise."""
    scene = noon("deye_3p")
    values = {
        **scene.values,
        "string_2": {"dc_voltage": 2.4, "dc_current": 0.1, "dc_power": 0.0},
    }
    device, _ = await connected("deye_3p", replace(scene, values=values))
    assert "string_2" not in shown(await device.poll(NOW, full=True))


async def test_power_of_a_string_is_worked_out() -> None:
    """Voltage times current, marked as such, where the map has no power."""
    device, _ = await connected("solis_string")
    poll = await device.poll(NOW, full=True)
    quality = {
        (r.series.part, str(r.series.quantity)): r.quality for r in poll.readings
    }
    assert quality["string_1", "dc_power"] is Quality.DERIVED
    assert quality["string_1", "dc_voltage"] is Quality.MEASURED
    assert shown(poll)["string_1"]["dc_power"] == 2000.0


async def test_difference_is_derived() -> None:
    """Import less export is worked out of two measurements."""
    device, _ = await connected("growatt_gen4")
    poll = await device.poll(NOW, full=True)
    grid = next(r for r in poll.readings if r.series[1:] == ("meter_1", "ac_power"))
    assert (grid.value, grid.quality) == (-1200.0, Quality.DERIVED)


async def test_turned_meter_and_battery() -> None:
    """Powers change sign, energies change places; a fast poll keeps up."""
    signs = Signs(meter=True, battery=True)
    device, _ = await connected("goodwe_et", signs=signs)
    full = shown(await device.poll(NOW, full=True))
    fast = shown(await device.poll(NOW, full=False))
    for values in (full, fast):
        assert values["meter_1"]["ac_power"] == 1200.0
        assert values["meter_1"]["energy_import"] == 3_000_000.0
        assert values["meter_1"]["energy_export"] == 4_000_000.0
        assert values["battery_1"]["dc_power"] == -1000.0
        assert values["battery_1"]["dc_current"] == -20.0
        assert values["battery_1"]["energy_charged"] == 1_900_000.0
        assert values["inverter"]["ac_power"] == 4200.0


async def test_meter_that_falls_silent_is_named() -> None:
    """The rest is read all the same, and the meter's values are absent."""
    device, unit = await connected("goodwe_et")
    await device.poll(NOW, full=True)
    unit.fail_read(36008, ModbusTimeoutError("lost"))
    poll = await device.poll(NOW, full=False)
    assert set(poll.failed) == {"meter_1"}
    assert "ac_power" not in shown(poll)["meter_1"]
    assert shown(poll)["inverter"]["ac_power"] == 4200.0


async def test_meter_that_was_never_there_is_not_missed() -> None:
    """A block that is refused from the first poll on belongs to no part."""
    unit = bus(device_of("goodwe_et"))
    for address in range(36000, 36100):
        unit.holding.pop(address, None)
    known = family("goodwe_et")
    device = await MapDevice.connect(unit, known, fallback_serial="fallback")
    poll = await device.poll(NOW, full=True)
    assert not poll.failed
    assert "meter_1" not in shown(poll)
    unit.read_events.clear()
    await device.poll(NOW, full=False)
    assert all(address < 36000 or address > 36100 for address, _ in unit.reads)


async def test_power_that_the_phases_cannot_carry_is_doubted() -> None:
    """A garbled power is kept from the ledger, and asked for again."""
    scene = noon("huawei_sun2000")
    inverter = {**scene.values["inverter"], "ac_power": 60_000.0}
    device, unit = await connected(
        "huawei_sun2000", replace(scene, values={**scene.values, "inverter": inverter})
    )
    poll = await device.poll(NOW, full=True)
    assert [reading.value for reading in poll.doubted] == [60_000.0]
    assert "ac_power" not in shown(poll)["inverter"]
    show(unit, "huawei_sun2000", scene)
    assert shown(await device.poll(NOW, full=False))["inverter"]["ac_power"] == 4200.0


async def test_steps_and_turns_of_the_registers() -> None:
    """The ledger learns how coarse the energies are and where they start again."""
    device, _ = await connected("deye_3p")
    poll = await device.poll(NOW, full=True)
    assert poll.resolutions == dict.fromkeys(
        ("inverter", "meter_1", "battery_1"), 100.0
    )
    assert poll.moduli == dict.fromkeys(poll.resolutions, 2.0**32 * 100.0)
    scene = noon("goodwe_et")
    meter = {**scene.values["meter_1"], "energy_import": 2.0**24}
    values = {**scene.values, "meter_1": meter}
    floating, _ = await connected("goodwe_et", replace(scene, values=values))
    poll = await floating.poll(NOW, full=True)
    assert poll.resolutions["meter_1"] == 4.0
    assert "meter_1" not in poll.moduli


async def test_bug_report_shows_no_serial_number() -> None:
    """All registers of the map, with an alias where the serial number was."""
    device, unit = await connected("growatt_gen23")
    report = await device.read_all("REDACTED-1")
    words = [report["registers"]["holding"][address] for address in range(23, 28)]
    assert b"".join(word.to_bytes(2) for word in words) == b"REDACTED-1"
    image = {Table(t): r for t, r in report["registers"].items()}
    assert image[Table.INPUT][36] == 42_000
    assert SERIAL not in json.dumps(report)
    assert unit.holding[23] == int.from_bytes(b"23")
    numbered, _ = await connected("sma_own")
    report = await numbered.read_all("REDACTED-2")
    assert [report["registers"]["holding"][a] for a in (30057, 30058)] == [0, 0]


async def test_bug_report_names_what_is_refused() -> None:
    """Blocks that cannot be read come with the reason."""
    device, unit = await connected("goodwe_et")
    unit.fail_read(37007, IllegalDataAddressError())
    report = await device.read_all("alias")
    assert any(place.startswith("holding 37") for place in report["unreadable"])


@pytest.mark.usefixtures("loopback")
async def test_words_on_the_wire() -> None:
    """A fault and its end."""
    words = frozenset({"grid_lost", "insulation_low"})
    scene = replace(
        noon("huawei_sun2000"),
        statuses={"inverter": "fault"},
        events={"inverter": words},
    )
    async with served(device_of("huawei_sun2000", scene), 1) as unit:
        known = family("huawei_sun2000")
        device = await MapDevice.connect(unit, known, fallback_serial="fallback")
        poll = await device.poll(NOW, full=True)
    assert poll.statuses == {"inverter": "fault"}
    assert poll.events == {"inverter": words}
    assert device.identity.model == "SUN2000"


@pytest.mark.usefixtures("loopback")
async def test_silence_and_refusal_on_the_wire() -> None:
    """Neither the silent nor the refusing device of a night is a broken one."""
    faults = Faults()
    async with served(device_of("sma_own"), 3, faults, timeout=0.1) as unit:
        known = family("sma_own")
        device = await MapDevice.connect(unit, known, fallback_serial="fallback")
        await device.poll(NOW, full=True)
        faults.start(ExceptionReply(4))
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)
        faults.clear(ExceptionReply)
        assert (await device.poll(NOW, full=False)).readings
        faults.start(Silence())
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(
    ("key", "most"), [("deye_3p", 5), ("goodwe_et", 4), ("huawei_sun2000", 5)]
)
async def test_fast_poll_is_cheap(key: str, most: int) -> None:
    """A device that bears reading across gaps needs few requests."""
    simulated = device_of(key, gaps=True)
    async with served(simulated, family(key).units[0]) as unit:
        device = await MapDevice.connect(unit, family(key), fallback_serial="fallback")
        await device.poll(NOW, full=True)
        simulated.reads.clear()
        await device.poll(NOW, full=False)
    assert len(simulated.reads) <= most
