"""Catch values that contradict others of the same instant.

A scale factor that a device garbles for a moment turns 5 W into 5 kW, which no
bound alone can tell from the truth. Voltage times current can.
"""

from collections.abc import Iterable
from typing import Final

from ..readings.quantity import Quantity
from ..readings.reading import Reading

# Meters of one device agree within a few percent; a garbled exponent errs by ten.
_TOLERANCE: Final = 1.2
_SLACK: Final = 100.0

_PHASES: Final = (
    (Quantity.AC_VOLTAGE_L1, Quantity.AC_CURRENT_L1),
    (Quantity.AC_VOLTAGE_L2, Quantity.AC_CURRENT_L2),
    (Quantity.AC_VOLTAGE_L3, Quantity.AC_CURRENT_L3),
)


def contradicted(readings: Iterable[Reading]) -> frozenset[Reading]:
    """Return the power readings that exceed what voltage and current carry.

    Args:
        readings: All readings of one device at one instant.
    """
    parts: dict[str, dict[Quantity, Reading]] = {}
    for reading in readings:
        parts.setdefault(reading.series.part, {})[reading.series.quantity] = reading
    found: set[Reading] = set()
    for values in parts.values():
        power, carried = values.get(Quantity.AC_POWER), _ac_power(values)
        if power is not None and _exceeds(power.value, carried):
            found.add(power)
        power, carried = values.get(Quantity.DC_POWER), _dc_power(values)
        if power is not None and _exceeds(power.value, carried):
            found.add(power)
    return frozenset(found)


def _exceeds(power: float, carried: float | None) -> bool:
    return carried is not None and abs(power) > _TOLERANCE * carried + _SLACK


def _ac_power(values: dict[Quantity, Reading]) -> float | None:
    """Return the most apparent power in VA that the phases can carry together.

    Three times the busiest phase, because some devices report only one of three.
    """
    phases = [
        abs(values[voltage].value * values[current].value)
        for voltage, current in _PHASES
        if voltage in values and current in values
    ]
    return 3 * max(phases) if phases else None


def _dc_power(values: dict[Quantity, Reading]) -> float | None:
    voltage, current = values.get(Quantity.DC_VOLTAGE), values.get(Quantity.DC_CURRENT)
    if voltage is None or current is None:
        return None
    return abs(voltage.value * current.value)
