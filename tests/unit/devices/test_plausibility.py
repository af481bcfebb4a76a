"""Power that voltage and current contradict."""

import pytest

from custom_components.pv_family.devices.plausibility import contradicted
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Reading, Series

from .build import NOW


def readings(part: str = "inverter", **values: float) -> list[Reading]:
    """Return the readings of one part."""
    return [
        Reading(Series("sn", part, Quantity(name)), value, NOW)
        for name, value in values.items()
    ]


@pytest.mark.parametrize(
    ("power", "doubted"),
    [(5.0, False), (110.0, False), (5000.0, True), (-5000.0, True)],
)
def test_ac_power_against_its_phase(power: float, doubted: bool) -> None:
    """5 W that show as 5 kW are more than 230 V times 20 mA."""
    found = readings(ac_power=power, ac_voltage_l1=230.0, ac_current_l1=0.02)
    assert contradicted(found) == (frozenset(found[:1]) if doubted else frozenset())


def test_one_reported_phase_of_three_is_no_contradiction() -> None:
    """Some devices report one phase of a balanced three."""
    found = readings(ac_power=6900.0, ac_voltage_l1=230.0, ac_current_l1=10.0)
    assert not contradicted(found)


def test_the_busiest_phase_counts() -> None:
    """Two idle phases do not make the third impossible."""
    found = readings(
        ac_power=2300.0,
        ac_voltage_l1=230.0,
        ac_current_l1=0.0,
        ac_voltage_l3=230.0,
        ac_current_l3=-10.0,
    )
    assert not contradicted(found)


@pytest.mark.parametrize(
    ("power", "doubted"), [(3000.0, False), (3500.0, False), (30_000.0, True)]
)
def test_dc_power_against_voltage_and_current(power: float, doubted: bool) -> None:
    """A string gives what its voltage and current give."""
    found = readings("string_1", dc_power=power, dc_voltage=300.0, dc_current=10.0)
    assert bool(contradicted(found)) is doubted


def test_parts_are_judged_apart() -> None:
    """One part's current says nothing of another's power."""
    found = readings("meter_1", ac_power=9000.0)
    found += readings(ac_voltage_l1=230.0, ac_current_l1=0.0)
    assert not contradicted(found)


@pytest.mark.parametrize(
    "values",
    [{}, {"ac_power": 9e5}, {"dc_power": 9e5, "dc_voltage": 1.0}],
)
def test_nothing_to_compare_with(values: dict[str, float]) -> None:
    """Without voltage and current nothing is doubted."""
    assert not contradicted(readings("inverter", **values))
