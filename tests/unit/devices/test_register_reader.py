"""Reading registers from devices that refuse, fall silent or garble."""

from collections.abc import Callable

from hypothesis import given, settings, strategies as st
from modbus_connection import (
    GatewayTargetError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusError,
    ModbusProtocolError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)
import pytest

from custom_components.pv_family.devices.registers import RegisterReader, Span

from .build import Unit

# Four blocks of one request each.
FAR = [Span(1000 * i, 10) for i in range(4)]
NEAR = [Span(10 * i, 10) for i in range(8)]


def unit() -> Unit:
    """Return a device with registers everywhere that shows their addresses."""
    return Unit({address: address for address in range(5000)})


def served(spans: list[Span]) -> dict[int, int]:
    """Return what the device shows of some spans."""
    return {a: a for span in spans for a in range(span.address, span.end)}


async def test_neighbours_share_a_request() -> None:
    """Eight spans in eighty registers need one read."""
    device = unit()
    image, failed = await RegisterReader(device).read(NEAR)
    assert image == served(NEAR)
    assert not failed
    assert device.reads == [(0, 80)]


async def test_refused_register_is_told_from_the_rest_and_remembered() -> None:
    """Everything else is read at once, and from then on without asking for it."""
    device = unit()
    device.fail_read(35, IllegalDataAddressError())
    reader = RegisterReader(device)
    image, failed = await reader.read(NEAR)
    good = [span for span in NEAR if span.address != 30]
    assert image.items() >= served(good).items()
    assert list(failed) == [Span(30, 10)]
    assert reader.refused == {Span(30, 10)}
    device.read_events.clear()
    image, failed = await reader.read(NEAR)
    assert image.items() >= served(good).items()
    assert not failed
    assert len(device.reads) <= 3
    assert all(not address <= 35 < address + n for address, n in device.reads)


async def test_forget_tries_anew() -> None:
    """A register that is served by now comes back."""
    device = unit()
    device.fail_read(35, IllegalDataAddressError())
    reader = RegisterReader(device)
    await reader.read(NEAR)
    device.fail_read(35, None)
    assert 35 not in (await reader.read(NEAR))[0]
    reader.forget()
    device.read_events.clear()
    assert (await reader.read(NEAR))[0] == served(NEAR)
    assert device.reads == [(0, 80)]


async def test_newly_silent_block_is_asked_twice_and_then_once() -> None:
    """A lost answer is asked for again, a silent block does not slow every poll."""
    device = unit()
    device.fail_read(2005, ModbusTimeoutError())
    reader = RegisterReader(device)
    for asked in (2, 1, 1):
        device.read_events.clear()
        image, failed = await reader.read(FAR)
        assert device.reads.count((2000, 10)) == asked
        assert set(failed) == {Span(2000, 10)}
        assert len(image) == 30
    device.fail_read(2005, None)
    assert len((await reader.read(FAR))[0]) == 40
    device.fail_read(2005, ModbusTimeoutError())
    device.read_events.clear()
    await reader.read(FAR)
    assert device.reads.count((2000, 10)) == 2


async def test_total_silence_is_raised_soon() -> None:
    """Two silent blocks are a silent device, whatever else could be asked."""
    device = unit()
    device.fail_requests(ModbusTimeoutError())
    with pytest.raises(ModbusTimeoutError):
        await RegisterReader(device).read(FAR)
    assert len(device.reads) <= 4
    with pytest.raises(ModbusTimeoutError):
        await RegisterReader(device).read(FAR[:1])


async def test_silent_blocks_do_not_hide_a_device_that_answers() -> None:
    """Blocks known to be silent are asked last, so the others are still read."""
    device = unit()
    reader = RegisterReader(device)
    for address in (5, 1005):
        device.fail_read(address, ModbusTimeoutError())
    with pytest.raises(ModbusTimeoutError):
        await reader.read(FAR)
    image, failed = await reader.read(FAR)
    assert image == served(FAR[2:])
    assert set(failed) == set(FAR[:2])


async def test_refusal_is_an_answer() -> None:
    """A device that refuses one block and drops the next is not silent."""
    device = unit()
    device.fail_read(5, IllegalDataAddressError())
    device.fail_read(1005, ModbusTimeoutError())
    image, failed = await RegisterReader(device).read(FAR)
    assert image == served(FAR[2:])
    assert set(failed) == set(FAR[:2])


async def test_gateway_without_its_device_is_silence() -> None:
    """What only the gateway says must not be learned as refused registers."""
    device = unit()
    device.fail_requests(GatewayTargetError())
    reader = RegisterReader(device)
    with pytest.raises(ModbusTimeoutError):
        await reader.read(FAR)
    assert not reader.refused
    device.fail_requests(None)
    assert (await reader.read(FAR))[0] == served(FAR)


async def test_device_that_refuses_everything_is_not_learned_from() -> None:
    """Nothing is known of a device that is still starting, and it is told so."""
    device = unit()
    device.fail_requests(IllegalDataAddressError())
    reader = RegisterReader(device)
    with pytest.raises(IllegalDataAddressError):
        await reader.read(FAR + NEAR[1:])
    assert len(device.reads) <= 64
    device.fail_requests(None)
    device.read_events.clear()
    assert (await reader.read(NEAR))[0] == served(NEAR)
    assert len(device.reads) == 1


async def test_passing_failure_of_one_register_is_not_learned() -> None:
    """A device that fails at one register for now is asked again next time."""
    device = unit()
    device.fail_read(35, ServerDeviceFailureError())
    reader = RegisterReader(device)
    _, failed = await reader.read(NEAR)
    assert set(failed) == {Span(30, 10)}
    assert not reader.refused
    device.fail_read(35, None)
    assert (await reader.read(NEAR))[0] == served(NEAR)


async def test_link_down_is_raised_at_once() -> None:
    """Nothing is asked again over a link that is gone."""
    device = unit()
    device.fail_requests(ModbusConnectionError())
    with pytest.raises(ModbusConnectionError):
        await RegisterReader(device).read(FAR)
    assert len(device.reads) == 1


@pytest.mark.parametrize("error", [ServerDeviceBusyError, ModbusProtocolError])
async def test_passing_trouble_is_tried_once_more_and_not_learned(
    error: Callable[[], ModbusError],
) -> None:
    """A busy device or a garbled frame says nothing of the registers."""
    device = unit()
    device.fail_read(1005, error())
    reader = RegisterReader(device)
    image, failed = await reader.read(FAR)
    assert device.reads.count((1000, 10)) == 2
    assert set(failed) == {Span(1000, 10)}
    assert len(image) == 30
    device.fail_read(1005, None)
    assert (await reader.read(FAR))[0] == served(FAR)


async def test_short_answer_is_rejected() -> None:
    """Values that cannot be told apart are none."""
    device = unit()
    device.short = {1005}
    image, failed = await RegisterReader(device).read(FAR)
    assert isinstance(failed[Span(1000, 10)], ModbusProtocolError)
    assert not image.keys() & set(range(1000, 1010))


@settings(max_examples=60)
@given(
    st.sets(st.integers(0, 400), max_size=60),
    st.integers(2, 125),
)
async def test_requests_are_bounded_and_nothing_served_is_lost(
    refused: set[int], width: int
) -> None:
    """Whatever the device refuses, a poll ends, and a second one reads the rest."""
    wanted = [Span(2 * i, 2) for i in range(200)]
    device = Unit(dict.fromkeys(range(400), 7))
    for address in refused:
        device.fail_read(address, IllegalDataAddressError())
    reader = RegisterReader(device, max_span=width)
    blocks = len(range(0, 400, width - width % 2))
    served = {span for span in wanted if not {span.address, span.end - 1} & refused}
    for _ in range(20):
        before = reader.requests
        image, failed = await reader.read(wanted)
        assert reader.requests - before <= blocks + 2 * 64
        assert reader.requests == len(device.reads)
        if not failed:
            break
    assert not failed
    assert {span for span in wanted if span.address in image} >= served
