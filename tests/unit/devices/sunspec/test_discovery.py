"""Finding a device's models, and giving up in time."""

from collections.abc import Callable, Iterable
from typing import override

from hypothesis import given, settings, strategies as st
from modbus_connection import (
    GatewayPathUnavailableError,
    GatewayTargetError,
    IllegalDataAddressError,
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
)
import pytest

from custom_components.pv_family.devices.device import DeviceError, NotThisProtocolError
from custom_components.pv_family.devices.sunspec.discovery import (
    BASE_ADDRESSES,
    UNIT_IDS,
    find_map,
    find_unit,
)
from tests.unit.devices.build import BASE, END, MARKER, Unit, chain, common, model


def words(*found: Iterable[int], base: int = BASE) -> Unit:
    """Return a device with the marker and whatever follows, without an end."""
    flat = [*MARKER, *(word for part in found for word in part)]
    return Unit(dict(enumerate(flat, base)))


async def ids(unit: Unit) -> list[int]:
    """Return the ids of the models that are found."""
    return [found.model_id for found in (await find_map(unit)).chain]


@pytest.mark.parametrize("base", [40_000, 0, 50_000])
async def test_the_three_places(base: int) -> None:
    """The map is found wherever the specification allows it to be."""
    found = await find_map(Unit(chain(common(), model(103), base=base)))
    assert found.base == base
    assert found.complete
    assert [m.address for m in found.chain] == [base + 2, base + 70]
    assert [m.length for m in found.chain] == [66, 50]


async def test_the_common_place_comes_first() -> None:
    """A device at 40000 is not asked at the other two."""
    unit = Unit(chain(common()) | chain(model(103), base=0))
    assert (await find_map(unit)).base == BASE_ADDRESSES[0] == BASE
    assert all(address >= BASE for address, _ in unit.reads)


async def test_chain_keeps_its_order_and_skips_nothing() -> None:
    """Models stay as they stand, unknown ones and second ones included."""
    unknown = [64_999, 3, 1, 2, 3]
    unit = Unit(chain(common(), unknown, model(203), model(103), unknown, model(203)))
    assert await ids(unit) == [1, 64_999, 203, 103, 64_999, 203]


async def test_missing_end_marker() -> None:
    """A chain that just ends is a chain."""
    found = await find_map(words(common(), model(103)))
    assert [m.model_id for m in found.chain] == [1, 103]
    assert not found.complete


async def test_end_marker_without_length() -> None:
    """Some devices have one register less than the specification says."""
    found = await find_map(words(common(), END[:1]))
    assert found.complete
    assert len(found.chain) == 1


@pytest.mark.parametrize("error", [ModbusTimeoutError, IllegalDataAddressError])
async def test_end_marker_whose_length_is_not_answered(
    error: Callable[[], ModbusError],
) -> None:
    """The length of the end marker may be refused or met with silence."""
    unit = Unit(chain(common()))
    unit.fail_read(BASE + 2 + 68 + 1, error())
    found = await find_map(unit)
    assert found.complete
    assert len(found.chain) == 1


async def test_end_marker_cut_short() -> None:
    """One register where two were asked for may be the end marker."""
    unit = Unit(chain(common()))
    unit.short = {BASE + 2 + 68 + 1}
    assert (await find_map(unit)).complete


async def test_short_header_is_an_error() -> None:
    """A header that is cut short anywhere else is not guessed at."""
    unit = Unit(chain(common()))
    unit.short = {BASE + 3}
    with pytest.raises(ModbusError):
        await find_map(unit)


async def test_zero_length_model_ends_the_chain() -> None:
    """A model without registers leads nowhere."""
    found = await find_map(words(common(), [103, 0, 103, 0]))
    assert [m.model_id for m in found.chain] == [1]
    assert not found.complete


async def test_model_beyond_the_address_space_ends_the_chain() -> None:
    """No model reaches over the last register."""
    found = await find_map(words(common(), [103, 0xFFF0]))
    assert [m.model_id for m in found.chain] == [1]
    assert not found.complete


async def test_endless_chain_is_cut_off() -> None:
    """A hundred models are more than any device has."""
    unit = words(*[[103, 1, 0]] * 10_000)
    found = await find_map(unit)
    assert len(found.chain) == 100
    assert not found.complete
    assert len(unit.reads) <= 101


@pytest.mark.parametrize("error", [IllegalDataAddressError, IllegalFunctionError])
async def test_no_marker(error: Callable[[], ModbusError]) -> None:
    """A device that refuses or shows something else does not speak SunSpec."""
    with pytest.raises(NotThisProtocolError):
        await find_map(Unit(dict.fromkeys(range(0x1_0000), 0)))
    refusing = Unit()
    refusing.fail_requests(error())
    with pytest.raises(NotThisProtocolError):
        await find_map(refusing)


@pytest.mark.parametrize(
    "error",
    [
        GatewayPathUnavailableError,
        GatewayTargetError,
        ModbusConnectionError,
        ModbusTimeoutError,
    ],
)
async def test_nobody_there(error: Callable[[], ModbusError]) -> None:
    """Silence is not taken for another protocol, and is not tried thrice."""
    unit = Unit(chain(common()))
    unit.fail_requests(error())
    with pytest.raises(ModbusError) as caught:
        await find_map(unit)
    assert type(caught.value) is type(error())
    assert len(unit.reads) == 1


@pytest.mark.parametrize(
    "error", [GatewayTargetError, ModbusTimeoutError, ServerDeviceBusyError]
)
async def test_half_a_chain_is_no_chain(error: Callable[[], ModbusError]) -> None:
    """A device lost on the way is not taken for one with fewer models."""
    unit = Unit(chain(common(), model(103), model(160)))
    unit.fail_read(BASE + 2 + 68 + 52, error())
    with pytest.raises(ModbusError):
        await find_map(unit)


async def test_unit_is_found_among_many() -> None:
    """Silent units and those of another protocol are passed over."""
    silent, other = Unit(), Unit({0: 1})
    silent.fail_requests(GatewayTargetError())
    units = [(1, silent), (3, other), (126, Unit(chain(common(), model(101))))]
    unit_id, found = await find_unit(units)
    assert unit_id == 126
    assert len(found.chain) == 2


async def test_no_unit_speaks_sunspec() -> None:
    """The reason is the first silence, unless somebody answered."""
    silent, gone = Unit(), Unit()
    silent.fail_requests(ModbusTimeoutError())
    gone.fail_requests(GatewayTargetError())
    with pytest.raises(ModbusTimeoutError):
        await find_unit([(1, silent), (2, gone)])
    with pytest.raises(NotThisProtocolError):
        await find_unit([(1, silent), (2, Unit({0: 1}))])
    with pytest.raises(NotThisProtocolError):
        await find_unit([])


async def test_link_down_ends_the_search() -> None:
    """Without a link no other unit is worth a try."""
    down, there = Unit(), Unit(chain(common()))
    down.fail_requests(ModbusConnectionError())
    with pytest.raises(ModbusConnectionError):
        await find_unit([(1, down), (2, there)])
    assert not there.reads


def test_unit_ids_are_tried_once_each() -> None:
    """1 comes first, and no id costs its time twice."""
    assert UNIT_IDS[0] == 1
    assert len(set(UNIT_IDS)) == len(UNIT_IDS)


class Garbage(Unit):
    """A device whose registers are drawn as they are read."""

    def __init__(self, data: st.DataObject) -> None:
        """Start with the marker, so that there is a chain to follow."""
        super().__init__(dict(enumerate(MARKER, BASE)))
        self._data = data

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        draw = self._data.draw
        for register in range(address, address + count):
            if register not in self.holding:
                word = st.sampled_from([0, 1, 2, 66, 103, 160, 0xFFFF]) | st.integers(
                    0, 0xFFFF
                )
                self.holding[register] = draw(word)
        match draw(st.integers(0, 30)):
            case 0:
                raise IllegalDataAddressError
            case 1:
                raise ModbusTimeoutError
            case 2:
                return []
        return await super().read_holding_registers(address, count)


@settings(max_examples=200)
@given(st.data())
async def test_garbage_ends_in_known_errors(data: st.DataObject) -> None:
    """Whatever stands in the registers, the search ends, and in bounds."""
    unit = Garbage(data)
    try:
        found = await find_map(unit)
    except DeviceError, ModbusError:
        pass
    else:
        assert len(found.chain) <= 100
        assert all(m.address + m.span <= 0x1_0000 for m in found.chain)
    assert len(unit.reads) <= 3 + 2 * 101
