"""Modes, warnings and faults in words.

Each word is a key that a user interface can translate. Bits are counted from the
left of what QPIWS answers.
"""

from typing import Final

MODES: Final = {
    "P": "power_on",
    "S": "standby",
    "L": "line",
    "B": "battery",
    "F": "fault",
    "H": "power_saving",
    "D": "shutdown",
    "C": "charge",
    "Y": "bypass",
    "E": "eco",
}

_INVERTER_FAULT: Final = 1
# What is a fault while the inverter fault stands, and a warning otherwise.
_EITHER: Final = {
    9: "over_temperature",
    10: "fan_locked",
    11: "battery_voltage_high",
    16: "overload",
}
_FAULT_BITS: Final = {
    1: "inverter_fault",
    2: "bus_voltage_high",
    3: "bus_voltage_low",
    4: "bus_soft_start_failed",
    6: "output_short",
    7: "output_voltage_low",
    8: "output_voltage_high",
    17: "eeprom_fault",
    18: "inverter_over_current",
    19: "inverter_soft_start_failed",
    20: "self_test_failed",
    21: "dc_on_output",
    22: "battery_open",
    23: "current_sensor_failed",
    24: "battery_short",
}
_WARNING_BITS: Final = {
    5: "line_fail",
    12: "battery_low",
    14: "battery_under_shutdown",
    25: "power_limit",
    26: "pv_voltage_high",
    27: "mppt_overload_fault",
    28: "mppt_overload_warning",
    29: "battery_too_low_to_charge",
}
# What only the longer answer of MAX and its kin means.
LONG_WARNINGS: Final = 36
_LONG_BITS: Final = {0: "pv_loss", 15: "battery_derating", 35: "battery_equalisation"}
_WEAK_BIT: Final = 31

FAULT_CODES: Final = {
    1: "fan_locked_fault",
    2: "over_temperature_fault",
    3: "battery_voltage_high_fault",
    4: "battery_voltage_low",
    5: "output_short",
    6: "output_voltage_high",
    7: "overload_fault",
    8: "bus_voltage_high",
    9: "bus_soft_start_failed",
    10: "pv_over_current",
    11: "pv_over_voltage",
    12: "dc_dc_over_current",
    13: "battery_discharge_over_current",
    51: "inverter_over_current",
    52: "bus_voltage_low",
    53: "inverter_soft_start_failed",
    54: "self_test_failed",
    55: "dc_on_output",
    56: "battery_open",
    57: "current_sensor_failed",
    58: "output_voltage_low",
    60: "power_feedback",
    71: "firmware_mismatch",
    72: "current_sharing_fault",
    80: "can_fault",
    81: "host_lost",
    82: "synchronisation_lost",
    83: "battery_voltages_differ",
    84: "ac_inputs_differ",
    85: "output_unbalanced",
    86: "output_modes_differ",
}
UNKNOWN_FAULT: Final = "unknown_fault"

FAULTS: Final = frozenset(
    {
        *_FAULT_BITS.values(),
        *FAULT_CODES.values(),
        *(f"{word}_fault" for word in _EITHER.values()),
        UNKNOWN_FAULT,
    }
)
WARNINGS: Final = frozenset(
    {
        *_WARNING_BITS.values(),
        *_LONG_BITS.values(),
        *(f"{word}_warning" for word in _EITHER.values()),
        "battery_weak",
    }
)


def fault(code: int) -> frozenset[str]:
    """Return the word of a fault code, none for code 0."""
    return frozenset({FAULT_CODES.get(code, UNKNOWN_FAULT)} if code else ())


def warnings(bits: str, *, battery_voltage: float | None = None) -> frozenset[str]:
    """Return what the answer to QPIWS says.

    Args:
        bits: 32 or 36 characters, the first is a0.
        battery_voltage: Nominal voltage in V, which decides where the long answer
            keeps its fault code.
    """
    found = {
        word
        for index, word in (_FAULT_BITS | _WARNING_BITS).items()
        if bits[index : index + 1] == "1"
    }
    ending = (
        "fault" if bits[_INVERTER_FAULT : _INVERTER_FAULT + 1] == "1" else "warning"
    )
    found |= {
        f"{word}_{ending}"
        for index, word in _EITHER.items()
        if bits[index : index + 1] == "1"
    }
    if len(bits) >= LONG_WARNINGS:
        found |= {word for index, word in _LONG_BITS.items() if bits[index] == "1"}
        found |= _fault_in(bits, battery_voltage)
    return frozenset(found)


def _fault_in(bits: str, battery_voltage: float | None) -> set[str]:
    """Return what the digits of the long answer say, which move with the voltage."""
    if battery_voltage is None:
        return set()
    high = battery_voltage > 36.0
    found = {"battery_weak"} if high and bits[_WEAK_BIT] == "1" else set()
    digits = bits[32:34] if high else bits[31:33]
    return found | (fault(int(digits)) if digits.isdecimal() else set())
