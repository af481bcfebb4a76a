"""Every family on a real connection: what is put in comes out."""

import pytest

from custom_components.pv_family.devices.device import SLOW, PartKind
from custom_components.pv_family.devices.modbus_maps.device import MapDevice
from simulation.modbus_maps import map_of

from .noon import KEYS, NOW, SERIAL, device_of, family, noon, points_of, served, shown

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.mark.parametrize("gaps", [False, True], ids=["strict", "lenient"])
@pytest.mark.parametrize("key", KEYS)
async def test_every_value_comes_out(key: str, *, gaps: bool) -> None:
    """All values of a noon in SI units and project signs, from either kind of device.

    A strict device refuses reads that touch a register it does not have.
    """
    scene, known = noon(key), family(key)
    expected = {
        (part, quantity): scene.values[part][quantity]
        for part, quantity in points_of(map_of(key))
        if quantity in scene.values.get(part, {})
    }
    async with served(device_of(key, gaps=gaps), known.units[0]) as unit:
        device = await MapDevice.connect(unit, known, fallback_serial="fallback")
        poll = await device.poll(NOW, full=True)
        fast = await device.poll(NOW, full=False)
    found = {
        (part, quantity): value
        for part, values in shown(poll).items()
        for quantity, value in values.items()
    }
    derived = {key for key in found if key not in expected}
    assert all(
        part.startswith((PartKind.STRING, PartKind.BATTERY)) and name == "dc_power"
        for part, name in derived
    )
    for name, value in found.items():
        assert value == pytest.approx(scene.values[name[0]][name[1]], rel=1e-9), name
    assert expected.keys() <= found.keys()
    assert not poll.failed
    assert not poll.doubted
    assert not poll.asleep
    moving = {name for name in found if name[1] not in SLOW}
    assert {(r.series.part, r.series.quantity) for r in fast.readings} == moving
    assert not fast.failed


@pytest.mark.parametrize("key", KEYS)
async def test_identity_and_words(key: str) -> None:
    """Serial number, rating, status and events, where the map has them."""
    known = family(key)
    async with served(device_of(key), known.units[0]) as unit:
        device = await MapDevice.connect(unit, known, fallback_serial="fallback")
        poll = await device.poll(NOW, full=True)
    has_serial = known.identity.serial is not None
    assert device.identity.serial == (SERIAL if has_serial else "fallback")
    assert device.identity.manufacturer == known.manufacturer
    rated = None if known.identity.rated_power is None else 10_000.0
    assert device.ratings.power == rated
    for status in known.statuses:
        if status.part.key not in noon(key).values:
            continue
        word = "producing" if status.part.kind is PartKind.INVERTER else "discharging"
        assert poll.statuses[status.part.key] == word
    assert {events.part.key for events in known.events} == set(poll.events)
    assert not any(poll.events.values())
