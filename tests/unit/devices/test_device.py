"""What every device gives the home."""

import pytest

from custom_components.pv_family.devices.device import (
    EVENTS,
    STATUS,
    Capability,
    Part,
    PartKind,
    Poll,
    WrongDeviceError,
    quantity_of,
)
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Reading, Series

from .build import NOW


@pytest.mark.parametrize("kind", PartKind)
@pytest.mark.parametrize("number", [0, 1, 12])
def test_part_key_round_trip(kind: PartKind, number: int) -> None:
    """A part is found again by its lasting name."""
    assert Part.from_key(Part(kind, number).key) == Part(kind, number)


@pytest.mark.parametrize("key", ["", "roof", "string_x", "string_1_2"])
def test_key_of_no_part(key: str) -> None:
    """A name that we never gave is refused."""
    with pytest.raises(ValueError):
        Part.from_key(key)


def test_capabilities_of_a_poll() -> None:
    """Everything that a poll told something about, and nothing else."""
    series = Series("sn", "inverter", Quantity.AC_POWER)
    poll = Poll(
        taken=NOW,
        readings=(Reading(series, 5.0, NOW),),
        statuses={"inverter": "producing"},
        events={"string_1": frozenset()},
        doubted=(Reading(series._replace(part="meter_1"), 5.0, NOW),),
    )
    assert poll.capabilities == {
        Capability("inverter", Quantity.AC_POWER),
        Capability("inverter", STATUS),
        Capability("string_1", EVENTS),
    }
    quantities = {quantity_of(capability) for capability in poll.capabilities}
    assert quantities == {Quantity.AC_POWER, None}


def test_serial_numbers_stay_out_of_the_message() -> None:
    """What ends up in a log names nobody's device."""
    error = WrongDeviceError("SN-1", "SN-2")
    assert "SN" not in str(error)
    assert (error.expected, error.found) == ("SN-1", "SN-2")
