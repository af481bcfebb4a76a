"""How long a battery lasts."""

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.endurance import battery_hours_left


def test_hours() -> None:
    """Half of 9.6 kWh at 1.2 kW, down to nothing and down to a fifth."""
    assert battery_hours_left(50.0, 9600.0, 1200.0) == pytest.approx(4.0)
    assert battery_hours_left(50.0, 9600.0, 1200.0, floor=20.0) == pytest.approx(2.4)
    assert battery_hours_left(15.0, 9600.0, 1200.0, floor=20.0) == 0.0


@pytest.mark.parametrize(
    ("charge", "capacity", "power"),
    [
        (None, 9600.0, 1200.0),
        (50.0, None, 1200.0),
        (50.0, 9600.0, None),
        (50.0, 0.0, 1200.0),
        (50.0, 9600.0, 0.0),
        (50.0, 9600.0, -300.0),
        (120.0, 9600.0, 1200.0),
        (-1.0, 9600.0, 1200.0),
        (math.nan, 9600.0, 1200.0),
        (50.0, 9600.0, math.nan),
    ],
)
def test_not_known(
    charge: float | None, capacity: float | None, power: float | None
) -> None:
    """Nothing is said of a battery that charges or is not known."""
    assert battery_hours_left(charge, capacity, power) is None


@given(st.floats(), st.floats(), st.floats())
def test_any_numbers(charge: float, capacity: float, power: float) -> None:
    """The answer is no hours, some hours or none known."""
    hours = battery_hours_left(charge, capacity, power)
    assert hours is None or hours >= 0.0
