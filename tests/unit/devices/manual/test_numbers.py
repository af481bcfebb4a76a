"""Numbers as they are written in different countries."""

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.manual.numbers import (
    guess_decimal,
    parse_number,
    split_unit,
)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1,5", ",", 1.5),
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1 234,5 kWh", ",", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("−3", ".", -3.0),
        ("12 kWh", ".", 12.0),
        ("+7", ".", 7.0),
        ("1.23.4", ",", None),
        ("1,5", ".", None),
        ("1,2,3", ",", None),
        ("", ".", None),
        ("abc", ".", None),
        ("nan", ".", None),
        ("1e5", ".", None),
        ("9" * 39, ".", None),
        ("12 km", ".", None),
    ],
)
def test_numbers(text: str, decimal: str, value: float | None) -> None:
    """A number, or nothing."""
    assert parse_number(text, decimal) == value


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        (["1,5", "2"], ","),
        (["1.5", "2"], "."),
        (["1.234,5", "1.5"], ","),
        (["1,234,567", "12"], "."),
        (["1.234.567", "12"], ","),
        (["1,234", "0,250"], ","),
        (["-", ""], "."),
    ],
)
def test_the_decimal_sign_is_guessed(texts: list[str], decimal: str) -> None:
    """By the cells that leave no choice, else by the sign that is there."""
    assert guess_decimal(texts) == decimal


@given(st.text(max_size=50), st.sampled_from([".", ","]))
def test_any_text_is_a_number_or_nothing(text: str, decimal: str) -> None:
    """No text breaks it."""
    value = parse_number(text, decimal)
    assert value is None or math.isfinite(value)
    split_unit(text)


@given(st.floats(-1e9, 1e9), st.sampled_from([".", ","]))
def test_what_is_written_is_read(value: float, decimal: str) -> None:
    """Three decimals survive in either style."""
    text = f"{value:.3f}".replace(".", decimal)
    assert parse_number(text, decimal) == pytest.approx(value, abs=1e-3)
