"""Phases that a map has registers for and the device has not."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ...readings.quantity import Quantity
from ..device import Capability, PartKind
from .decode import Decoded


class _Phase(NamedTuple):
    """What can be known of one phase."""

    voltage: Quantity
    current: Quantity
    power: Quantity


_FIRST: Final = _Phase(
    Quantity.AC_VOLTAGE_L1, Quantity.AC_CURRENT_L1, Quantity.AC_POWER_L1
)
_OTHERS: Final = (
    _Phase(Quantity.AC_VOLTAGE_L2, Quantity.AC_CURRENT_L2, Quantity.AC_POWER_L2),
    _Phase(Quantity.AC_VOLTAGE_L3, Quantity.AC_CURRENT_L3, Quantity.AC_POWER_L3),
)
_LINES: Final = (
    Quantity.AC_VOLTAGE_L1_L2,
    Quantity.AC_VOLTAGE_L2_L3,
    Quantity.AC_VOLTAGE_L3_L1,
)


def absent_phases(found: Decoded) -> Iterator[Capability]:
    """Yield the values of phases that are not there.

    A phase is not there if its voltage is nothing while the first has some, or if
    the device says that it has no current of it while it has one of the first: what
    is in the other registers then is left over from nothing.

    Args:
        found: What the registers of a device say.
    """
    for part in found.parts:
        if PartKind.INVERTER not in part and PartKind.METER not in part:
            continue
        if not found.values.get(Capability(part, _FIRST.voltage)):
            continue
        for phase in _OTHERS:
            if _is_absent(found, part, phase):
                yield from _known(found, part, phase)
        lines = list(_known(found, part, _LINES))
        if all(found.values[line] == 0.0 for line in lines):
            yield from lines


def _is_absent(found: Decoded, part: str, phase: _Phase) -> bool:
    if found.values.get(Capability(part, phase.voltage)) == 0.0:
        return True
    return (
        Capability(part, phase.current) in found.missing
        and Capability(part, _FIRST.current) in found.values
    )


def _known(
    found: Decoded, part: str, quantities: Iterable[Quantity]
) -> Iterator[Capability]:
    for quantity in quantities:
        if (key := Capability(part, quantity)) in found.values:
            yield key
