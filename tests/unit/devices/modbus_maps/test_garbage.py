"""Whatever the registers hold, a poll says something possible or nothing."""

from datetime import timedelta
import math
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.devices.device import SilentError
from custom_components.pv_family.devices.modbus_maps.decode import decode
from custom_components.pv_family.devices.modbus_maps.device import MapDevice
from custom_components.pv_family.devices.modbus_maps.evidence import findings
from custom_components.pv_family.devices.registers import Table
from custom_components.pv_family.readings.quantity import BOUNDS, Kind, Quantity

from .noon import KEYS, NOW, Bus, family

WORD = st.one_of(
    st.integers(0, 0xFFFF), st.sampled_from([0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7F80])
)


@given(st.sampled_from(KEYS), st.data())
@settings(max_examples=120, deadline=None)
def test_any_registers(key: str, data: st.DataObject) -> None:
    """Decoding, weighing and words of random registers, some of them missing."""
    known = family(key)
    places = {place for point in known.points for place in point.places}
    places |= {p for s in known.statuses for p in s.register.places}
    places |= {p for e in known.events for r in e.registers for p in r.places}
    places |= {p for r in known.identity.all for p in r.places}
    addresses = sorted({(t, s.address + i) for t, s in places for i in range(s.count)})
    words = data.draw(
        st.lists(
            st.one_of(WORD, st.none()),
            min_size=len(addresses),
            max_size=len(addresses),
        )
    )
    image: dict[Table, dict[int, int]] = {}
    for (table, address), word in zip(addresses, words, strict=True):
        if word is not None:
            image.setdefault(table, {})[address] = word
    found = decode(known, image, known.points)
    for (_, name), value in (*found.values.items(), *found.derived.items()):
        bounds = BOUNDS[Quantity(name)]
        assert math.isfinite(value)
        measured = bounds.kind is Kind.LEVEL
        assert not measured or bounds.low <= value <= bounds.high
    vocabulary = frozenset[str]().union(*(e.vocabulary for e in known.events))
    assert frozenset[str]().union(*found.events.values()) <= vocabulary
    assert all(math.isfinite(f.points) for f in findings(known, image))


@given(st.sampled_from(KEYS), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
async def test_any_device(key: str, seed: int) -> None:
    """A device that serves noise is polled, and says nothing twice."""
    noise = Random(seed).randbytes(1024)
    words = {a: noise[a % 1023] << 8 | noise[a % 1021] for a in range(0x10000)}
    unit = Bus(words)
    unit.input.update(words)
    known = family(key)
    device = await MapDevice.connect(unit, known, fallback_serial="fallback")
    for minute in range(3):
        now = NOW + timedelta(minutes=minute)
        poll = await device.poll(now, full=minute != 1)
        assert all(math.isfinite(reading.value) for reading in poll.readings)
        assert all(reading.taken == now for reading in poll.readings)
        series = [reading.series for reading in (*poll.readings, *poll.doubted)]
        assert len(series) == len(set(series))


@pytest.mark.parametrize("key", KEYS)
async def test_device_without_any_register(key: str) -> None:
    """One that refuses everything is no device of this family."""
    device = await MapDevice.connect(Bus(), family(key), fallback_serial="fallback")
    assert device.identity.serial == "fallback"
    with pytest.raises(SilentError):
        await device.poll(NOW, full=True)
    with pytest.raises(SilentError):
        await device.read_all("alias")
