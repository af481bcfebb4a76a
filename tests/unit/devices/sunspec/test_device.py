"""A device from poll to poll: who it is, where its models are, what it lacks."""

from collections.abc import Callable

from modbus_connection import (
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusError,
    ModbusProtocolError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)
import pytest

from custom_components.pv_family.devices.device import (
    Capability,
    MapMovedError,
    NotThisProtocolError,
    WrongDeviceError,
)
from custom_components.pv_family.devices.sunspec.device import SunSpecDevice
from custom_components.pv_family.readings.quantity import Quantity
from tests.unit.devices.build import BASE, NOW, Unit, chain, common, model

from .polling import NOON, discovered, polled, values

SERIAL = BASE + 2 + 50
INVERTER = BASE + 2 + 68


async def test_who_it_is() -> None:
    """Name, version and rating stand in the common and the nameplate model."""
    nameplate = model(120, {"WRtg": 50, "WRtg_SF": 2, "WHRtg": 96, "WHRtg_SF": 2})
    device, _ = await discovered(model(101, NOON), nameplate)
    assert device.identity.serial == "SN1"
    assert device.identity.manufacturer == "Maker"
    assert device.identity.version == "1.0"
    assert device.ratings.power == 5000.0
    assert device.ratings.battery_capacity == 9600.0


async def test_rating_from_the_settings() -> None:
    """Without a nameplate the settings tell, and a missing value is none."""
    settings = model(121, {"WMax": 36, "WMax_SF": 2})
    device, _ = await discovered(model(101), model(120), settings)
    assert device.ratings.power == 3600.0
    assert device.ratings.battery_capacity is None


@pytest.mark.parametrize("serial", ["", "   ", "\x00\x00"])
async def test_blank_serial_falls_back(serial: str) -> None:
    """A device without a serial number is known by what stands in for it."""
    device, unit = await discovered(model(101, NOON), serial=serial)
    assert device.identity.serial == "fallback"
    poll = await device.poll(NOW, full=True)
    assert {r.series.source for r in poll.readings} == {"fallback"}
    # A serial number that turns up later is not another device.
    unit.holding[SERIAL] = 0x4142
    await device.poll(NOW, full=False)


async def test_no_common_model_falls_back() -> None:
    """A chain that begins with the inverter is read all the same."""
    unit = Unit(chain(model(101, NOON)))
    device = await SunSpecDevice.discover(unit, fallback_serial="fallback")
    assert device.identity.serial == "fallback"
    assert values(await device.poll(NOW, full=True))["inverter"]["ac_power"] == 2300.0


@pytest.mark.parametrize("full", [True, False])
async def test_another_serial_number_is_another_device(full: bool) -> None:
    """Its values are not taken for those of the device that was set up."""
    device, unit = await discovered(model(101, NOON))
    await device.poll(NOW, full=True)
    unit.holding.update(chain(common("SN2"), model(101, NOON)))
    with pytest.raises(WrongDeviceError) as caught:
        await device.poll(NOW, full=full)
    assert (caught.value.expected, caught.value.found) == ("SN1", "SN2")


@pytest.mark.parametrize("serial", ["A\x00B", " SN 7 ", "SN1\x00\x00x"])
async def test_odd_serial_number_stays_the_same(serial: str) -> None:
    """Padding inside a serial number does not make it another one."""
    device, _ = await discovered(model(101, NOON), serial=serial)
    await device.poll(NOW, full=True)
    await device.poll(NOW, full=False)


async def test_empty_serial_number_for_a_moment_is_no_other_device() -> None:
    """A device that wakes up has no serial number yet."""
    device, unit = await discovered(model(101, NOON))
    unit.holding.update(dict.fromkeys(range(SERIAL, SERIAL + 16), 0))
    assert (await device.poll(NOW, full=True)).readings


@pytest.mark.parametrize("full", [True, False])
async def test_moved_map(full: bool) -> None:
    """After a change from integers to floats every address is another's."""
    device, unit = await discovered(model(101, NOON), model(160))
    await device.poll(NOW, full=True)
    unit.holding.update(chain(common(), model(111, {"W": 5.0}), model(160)))
    with pytest.raises(MapMovedError):
        await device.poll(NOW, full=full)


@pytest.mark.parametrize(
    "error",
    [
        ModbusTimeoutError,
        ModbusProtocolError,
        ServerDeviceBusyError,
        ServerDeviceFailureError,
    ],
)
@pytest.mark.parametrize("address", [SERIAL, INVERTER + 52 + 11])
async def test_half_an_answer_teaches_nothing(
    error: Callable[[], ModbusError], address: int
) -> None:
    """A lost serial number or input name fails the search instead of lasting."""
    unit = Unit(chain(common(), model(101, NOON), model(160, groups=[{}])))
    unit.fail_read(address, error())
    with pytest.raises(ModbusError):
        await SunSpecDevice.discover(unit, fallback_serial="fallback")


@pytest.mark.parametrize("models", [[], [model(123)], [[64_999, 1, 0]]])
async def test_nothing_to_read(models: list[list[int]]) -> None:
    """A map without inverter, meter or battery is of no use."""
    with pytest.raises(NotThisProtocolError):
        await discovered(*models)


@pytest.mark.parametrize("error", [ModbusConnectionError, ModbusTimeoutError])
async def test_silence_is_raised(error: Callable[[], ModbusError]) -> None:
    """A poll without any answer is no poll."""
    device, unit = await discovered(model(101, NOON))
    unit.fail_requests(error())
    with pytest.raises(type(error())):
        await device.poll(NOW, full=True)


async def test_refused_register_costs_only_its_own_value() -> None:
    """What can be read is read, and the part that lost a value is named."""
    device, unit = await discovered(model(101, NOON), model(203, {"W": 5, "W_SF": 0}))
    assert not (await device.poll(NOW, full=True)).failed
    unit.fail_read(INVERTER + 16, IllegalDataAddressError())
    for full in (True, False):
        poll = await device.poll(NOW, full=full)
        assert "frequency" not in values(poll)["inverter"]
        assert values(poll)["inverter"]["ac_power"] == 2300.0
        assert list(poll.failed) == ["inverter"]


async def test_refused_names_are_no_names() -> None:
    """A device that does not serve its inputs' names still has strings."""
    scales = {"DCW_SF": 0}
    unit = Unit(chain(common(), model(101, NOON), model(160, scales, [{"DCW": 700}])))
    unit.fail_read(INVERTER + 52 + 11, IllegalDataAddressError())
    device = await SunSpecDevice.discover(unit, fallback_serial="fallback")
    assert values(await device.poll(NOW, full=True))["string_1"] == {"dc_power": 700.0}


async def test_what_was_missing_comes_back_with_a_full_poll() -> None:
    """A value that appears by day is found, and from then on read always."""
    device, unit = await discovered(model(101, dict(NOON) | {"PhVphA": 0xFFFF}))
    for full, known in ((True, False), (False, False), (True, True), (False, True)):
        poll = await device.poll(NOW, full=full)
        assert ("ac_voltage_l1" in values(poll)["inverter"]) is known
        unit.holding[INVERTER + 10] = 2300


async def test_power_is_promised_in_the_dark() -> None:
    """Every inverter has one: it is expected at night, and read at the first light."""
    power = Capability("inverter", Quantity.AC_POWER)
    device, unit = await discovered(model(101, dict(NOON) | {"W": -0x8000}))
    poll = await device.poll(NOW, full=True)
    assert power in poll.capabilities
    assert "ac_power" not in values(poll)["inverter"]
    unit.holding[INVERTER + 14] = 2300
    assert values(await device.poll(NOW, full=False))["inverter"]["ac_power"] == 2300.0
    meter = await polled(model(203, {"W": 100, "W_SF": 0}))
    assert power not in meter.capabilities


async def test_doubted_value_is_read_again_at_the_next_poll() -> None:
    """One garbled scale factor in the first poll does not cost the power for long."""
    device, unit = await discovered(model(101, dict(NOON) | {"W_SF": 3}))
    poll = await device.poll(NOW, full=True)
    assert [reading.value for reading in poll.doubted] == [2_300_000.0]
    assert "ac_power" not in values(poll)["inverter"]
    unit.holding[INVERTER + 15] = 0
    poll = await device.poll(NOW, full=False)
    assert values(poll)["inverter"]["ac_power"] == 2300.0


async def test_garbled_scale_factor_is_doubted() -> None:
    """5 W that show as 5 kW, with 230 V times 20 mA beside them."""
    evening = {"W": 5, "W_SF": 3, "PhVphA": 230, "V_SF": 0, "AphA": 2, "A_SF": -2}
    poll = await polled(model(101, evening))
    assert [(r.series.quantity, r.value) for r in poll.doubted] == [
        ("ac_power", 5000.0)
    ]
    assert values(poll)["inverter"] == {"ac_voltage_l1": 230.0, "ac_current_l1": 0.02}


async def test_short_model_does_not_reach_into_the_next() -> None:
    """Points beyond a model's own length are not there."""
    inverter = model(101, NOON)[:27]
    inverter[1] = len(inverter) - 2
    poll = await polled(inverter, model(160, {"DCA_SF": 0, "DCV_SF": 0}))
    assert values(poll)["inverter"]["energy_produced"] == 1_234_567.0
    assert not {"dc_power", "dc_current", "temperature_cabinet"} & set(
        values(poll)["inverter"]
    )
    assert not poll.statuses


async def test_short_common_model_has_no_serial_number() -> None:
    """What stands behind it is not taken for one."""
    short = common()[:50]
    short[1] = 48
    unit = Unit(chain(short, model(101, NOON)))
    device = await SunSpecDevice.discover(unit, fallback_serial="fallback")
    assert device.identity.serial == "fallback"
    assert device.identity.manufacturer == "Maker"


async def test_read_all_is_the_whole_map() -> None:
    """A bug report holds every register, and says what it lacks."""
    device, unit = await discovered(model(101, NOON), model(160, groups=[{}] * 6))
    found = await device.read_all("alias")
    told = found["registers"]["holding"]
    assert told.keys() == unit.holding.keys()
    differing = {address for address in told if told[address] != unit.holding[address]}
    assert differing
    assert differing <= set(range(SERIAL, SERIAL + 16))
    assert told[SERIAL] == int.from_bytes(b"al")
    unit.fail_read(INVERTER + 5, IllegalDataAddressError())
    found = await device.read_all("alias")
    assert list(found["unreadable"]) == [f"{INVERTER}-{INVERTER + 51}"]


async def test_parts_in_the_order_of_the_map() -> None:
    """Inverter, meters and strings, each once."""
    device, _ = await discovered(
        model(101), model(203), model(160, groups=[{}] * 2), model(203)
    )
    assert [part.key for part in device.parts] == [
        "inverter",
        "meter_1",
        "meter_2",
        "string_1",
        "string_2",
    ]
