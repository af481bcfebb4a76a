"""Shorthands for tests that poll a device made of published models."""

from collections.abc import Iterable, Mapping

from custom_components.pv_family.devices.device import Poll
from custom_components.pv_family.devices.signs import Signs
from custom_components.pv_family.devices.sunspec.device import SunSpecDevice
from tests.unit.devices.build import NOW, Unit, chain, common

# A single-phase inverter that gives 2300 W at noon.
NOON: Mapping[str, float] = {
    "A": 1000,
    "AphA": 1000,
    "A_SF": -2,
    "PhVphA": 2300,
    "V_SF": -1,
    "W": 2300,
    "W_SF": 0,
    "Hz": 5001,
    "Hz_SF": -2,
    "WH": 1234567,
    "WH_SF": 0,
    "TmpCab": 425,
    "Tmp_SF": -1,
    "St": 4,
    "Evt1": 0,
}


async def discovered(
    *models: Iterable[int], serial: str = "SN1", signs: Signs | None = None
) -> tuple[SunSpecDevice, Unit]:
    """Return a device with a common model and those, and its bus."""
    unit = Unit(chain(common(serial), *models))
    device = await SunSpecDevice.discover(unit, fallback_serial="fallback", signs=signs)
    return device, unit


async def polled(*models: Iterable[int], signs: Signs | None = None) -> Poll:
    """Return the first poll of a device with those models."""
    device, _ = await discovered(*models, signs=signs)
    return await device.poll(NOW, full=True)


def values(poll: Poll) -> dict[str, dict[str, float]]:
    """Return the readings of a poll by part and quantity."""
    found: dict[str, dict[str, float]] = {}
    for reading in poll.readings:
        part = found.setdefault(reading.series.part, {})
        assert reading.series.quantity not in part
        part[reading.series.quantity] = reading.value
    return found
