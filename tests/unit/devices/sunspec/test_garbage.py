"""Whatever stands in the registers of a chain, a poll ends and holds only numbers."""

from collections.abc import Sequence
import math

from hypothesis import HealthCheck, given, settings, strategies as st
from modbus_connection import IllegalDataAddressError, ModbusError, ModbusTimeoutError

from custom_components.pv_family.devices.device import DeviceError
from custom_components.pv_family.devices.sunspec.device import SunSpecDevice
from custom_components.pv_family.readings.ledger import Ledger
from tests.unit.devices.alliance import published
from tests.unit.devices.build import NOW, Unit, chain, common

IDS = (1, 101, 103, 111, 113, 120, 121, 124, 160, 203, 213, 701, 713, 714, 802, 64_999)

lengths = st.integers(1, 30) | st.sampled_from([0, 48, 50, 60, 105, 150])
words = st.sampled_from([0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7F80, 0xFF80]) | st.integers(
    0, 0xFFFF
)


@st.composite
def blocks(draw: st.DrawFn) -> list[int]:
    """Draw a model of the published length, or of any, full of anything."""
    model_id = draw(st.sampled_from(IDS))
    length = draw(lengths)
    if model_id != IDS[-1] and draw(st.booleans()):
        known = published(model_id)
        length = known.start - 2 + known.stride * draw(st.integers(0, 3))
    seed = draw(st.randoms(use_true_random=False))
    few = draw(st.lists(words, min_size=1, max_size=6))
    return [model_id, length, *(seed.choice(few) for _ in range(length))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(blocks(), max_size=6), st.booleans(), st.sets(st.integers(0, 400)))
async def test_only_finite_readings_and_known_errors(
    models: Sequence[list[int]], named: bool, refused: set[int]
) -> None:
    """Every reading is a finite number once, and every error one that is caught."""
    unit = Unit(chain(*([common()] if named else []), *models))
    try:
        device = await SunSpecDevice.discover(unit, fallback_serial="fallback")
        await _poll_often(device, unit, refused)
    except DeviceError, ModbusError:
        pass
    assert len(unit.reads) < 1500


async def _poll_often(device: SunSpecDevice, unit: Unit, refused: set[int]) -> None:
    ledger = Ledger()
    for address in list(refused)[:8]:
        error = IllegalDataAddressError() if address % 2 else ModbusTimeoutError()
        unit.fail_read(40_000 + address, error)
    for full in (True, False, False):
        poll = await device.poll(NOW, full=full)
        series = [r.series for r in (*poll.readings, *poll.doubted)]
        assert len(series) == len(set(series))
        assert all(math.isfinite(r.value) for r in (*poll.readings, *poll.doubted))
        assert all(math.isfinite(step) for step in poll.resolutions.values())
        for reading in poll.readings:
            ledger.admit(reading, NOW)
        assert {c.part for c in poll.capabilities} <= {p.key for p in device.parts}
    await device.read_all("alias")
