"""Modes, warnings and faults."""

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.voltronic.commands import WARNINGS as QPIWS
from custom_components.pv_family.devices.voltronic.words import (
    FAULT_CODES,
    FAULTS,
    MODES,
    UNKNOWN_FAULT,
    WARNINGS,
    fault,
    warnings,
)

from .recorded import payloads


def bits(*ones: int, length: int = 32) -> str:
    """Return an answer to QPIWS with these bits, counted from the left."""
    return "".join("1" if index in ones else "0" for index in range(length))


def test_recorded_warnings() -> None:
    """The recorded units lacked the line and had an overload, or lost their PV."""
    short, long, *_ = payloads("QPIWS")
    assert warnings(short) == {"line_fail", "overload_warning"}
    assert warnings(long) == {"pv_loss"}


@pytest.mark.parametrize(
    ("bit", "word"),
    [
        (9, "over_temperature"),
        (10, "fan_locked"),
        (11, "battery_voltage_high"),
        (16, "overload"),
    ],
)
def test_fault_or_warning(bit: int, word: str) -> None:
    """Four bits are faults only while the inverter fault stands."""
    assert warnings(bits(bit)) == {f"{word}_warning"}
    assert warnings(bits(1, bit)) == {"inverter_fault", f"{word}_fault"}


@pytest.mark.parametrize("bit", [0, 13, 15, 30, 31])
def test_reserved_bits(bit: int) -> None:
    """What the short answer reserves means nothing."""
    assert warnings(bits(bit), battery_voltage=48.0) == frozenset()


def test_the_long_answer_of_48_volts() -> None:
    """The battery is weak at a31, the code stands at a32."""
    text = bits(0, 15, 31, 35, length=36)
    found = {"pv_loss", "battery_derating", "battery_weak", "battery_equalisation"}
    assert warnings(text, battery_voltage=48.0) == found
    with_code = f"{text[:32]}07{text[34:]}"
    assert warnings(with_code, battery_voltage=48.0) == found | {"overload_fault"}


def test_the_long_answer_of_24_volts() -> None:
    """The code stands at a31."""
    text = f"{bits(length=31)}02000"
    assert warnings(text, battery_voltage=24.0) == {"over_temperature_fault"}
    assert warnings(text) == frozenset()


def test_fault_codes() -> None:
    """Known codes have words, unknown ones a word that says so."""
    assert fault(0) == frozenset()
    assert fault(8) == {"bus_voltage_high"}
    assert fault(99) == {UNKNOWN_FAULT}
    assert set(FAULT_CODES.values()) <= FAULTS


def test_words_can_be_translated() -> None:
    """Every word is a key, and no fault is a warning."""
    for word in (*MODES.values(), *FAULTS, *WARNINGS):
        assert word.replace("_", "").isalpha() and word.islower()
    assert len(set(MODES.values())) == len(MODES)
    assert not FAULTS & WARNINGS


@given(
    st.from_regex(QPIWS.shape, fullmatch=True), st.floats(allow_nan=False) | st.none()
)
def test_any_bits(text: str, voltage: float | None) -> None:
    """Whatever the bits, every word is one that we know."""
    assert warnings(text, battery_voltage=voltage) <= FAULTS | WARNINGS
