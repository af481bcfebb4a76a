"""The powers of a unit, from what it really answered."""

import pytest

from custom_components.pv_family.devices.voltronic.commands import LIVE, PARALLEL
from custom_components.pv_family.devices.voltronic.live import (
    Snapshot,
    own_snapshot,
    parallel_snapshot,
    readings,
)
from custom_components.pv_family.devices.voltronic.pv import (
    CurrentSide,
    PvInput,
    pv_current,
    pv_power,
)
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Quality

from .recorded import (
    EASUN_LIVE,
    MAX_LIVE,
    MKS_LIVE,
    NOW,
    PIP_LIVE,
    payloads,
    without_pv_power,
)

LIVES = {"pip": PIP_LIVE, "max": MAX_LIVE, "mks": MKS_LIVE, "easun": EASUN_LIVE}


@pytest.mark.parametrize(
    ("unit", "side", "power"),
    [
        ("pip", CurrentSide.BATTERY, 856.0),
        ("max", CurrentSide.PANEL, 879.0),
        ("mks", CurrentSide.LOAD, 241.0),
        ("pip", None, 856.0),
        ("max", None, 879.0),
        ("mks", None, 241.0),
        ("easun", None, 1.0),
    ],
)
def test_pv_power_as_the_unit_gives_it(
    unit: str, side: CurrentSide | None, power: float
) -> None:
    """Field 20 goes before everything."""
    snapshot = own_snapshot(LIVE.decode(LIVES[unit]), "", "battery")
    assert snapshot.total_pv_power(side) == (power, Quality.MEASURED)


@pytest.mark.parametrize(
    ("unit", "side", "power"),
    [
        ("max", CurrentSide.PANEL, 2.7 * 323.6),
        ("pip", CurrentSide.BATTERY, 14 * 57.45),
        ("mks", CurrentSide.LOAD, None),
        ("max", None, None),
    ],
)
def test_pv_power_without_field_20(
    unit: str, side: CurrentSide | None, power: float | None
) -> None:
    """It is worked out at the side of the current, or it is not known."""
    live = LIVE.decode(without_pv_power(LIVES[unit]))
    value, quality = own_snapshot(live, "", "battery").total_pv_power(side)
    if power is None:
        assert (value, quality) == (None, None)
    else:
        assert value == pytest.approx(power)
        assert quality is Quality.DERIVED


def test_two_inputs() -> None:
    """Both trackers add up; each is a string of its own."""
    (second,) = payloads("QPIGS2")
    snapshot = own_snapshot(LIVE.decode(MAX_LIVE), second, "line")
    assert snapshot.total_pv_power(CurrentSide.PANEL) == (1905.0, Quality.DERIVED)
    found = {
        (r.series.part, r.series.quantity): r
        for r in readings(snapshot, "sn", NOW, CurrentSide.PANEL)
    }
    assert found["string_2", Quantity.DC_VOLTAGE].value == 327.3
    assert found["string_2", Quantity.DC_CURRENT].value == 3.1
    assert found["string_2", Quantity.DC_POWER].value == 1026.0
    assert found["string_1", Quantity.DC_CURRENT].quality is Quality.MEASURED
    assert found["inverter", Quantity.DC_POWER].value == 1905.0


def test_a_field_that_is_never_filled() -> None:
    """A power of 0 while the sun charges is no power."""
    charging = PvInput(voltage=290.0, current=0.0, power=0.0, charging=True)
    assert pv_power(charging, CurrentSide.LOAD) == (None, None)
    assert pv_power(charging, None) == (None, None)
    idle = charging._replace(charging=False)
    assert pv_power(idle, CurrentSide.LOAD) == (0.0, Quality.MEASURED)
    assert pv_power(idle, CurrentSide.PANEL) == (0.0, Quality.DERIVED)


def test_current_of_a_string() -> None:
    """Behind a charge controller the panels' current follows from power and voltage."""
    pv = PvInput(voltage=100.0, current=14.0, power=800.0, battery_voltage=57.0)
    assert pv_current(pv, CurrentSide.PANEL, 800.0) == (14.0, Quality.MEASURED)
    assert pv_current(pv, CurrentSide.BATTERY, 800.0) == (8.0, Quality.DERIVED)
    assert pv_current(pv, CurrentSide.BATTERY, None) == (None, None)
    dark = pv._replace(voltage=3.0)
    assert pv_current(dark, CurrentSide.BATTERY, 0.0) == (None, None)


def test_battery_sign() -> None:
    """Charging is negative, in steps of one ampere."""
    pip = own_snapshot(LIVE.decode(PIP_LIVE), "", "battery")
    assert pip.battery_current == -12.0
    assert pip.battery_power == pytest.approx(-690.0)
    mks = own_snapshot(LIVE.decode(MKS_LIVE), "", "line")
    assert mks.battery_power == pytest.approx(52.0)


@pytest.mark.parametrize(
    ("unit", "mode", "side", "expected"),
    [
        # Nothing is connected to the grid input.
        ("pip", "battery", None, (0.0, Quality.INFERRED)),
        ("pip", "fault", None, (0.0, Quality.INFERRED)),
        ("pip", None, None, (0.0, Quality.INFERRED)),
        # There is a grid, but the load is on the battery.
        ("mks", "battery", None, (0.0, Quality.INFERRED)),
        # 250 W of load, 241 W from the sun, 52 W from the battery.
        ("mks", "line", None, (0.0, Quality.DERIVED)),
        # 751 W of load and 1090 W into the battery, 879 W from the sun.
        ("max", "line", None, (751.0 + 20 * 54.5 - 879.0, Quality.DERIVED)),
        ("max", None, None, (None, None)),
    ],
)
def test_grid_power(
    unit: str,
    mode: str | None,
    side: CurrentSide | None,
    expected: tuple[float | None, Quality | None],
) -> None:
    """What is not measured follows from the rest, or from there being no grid."""
    snapshot = own_snapshot(LIVE.decode(LIVES[unit]), "", mode)
    assert snapshot.grid_power(side) == expected


def test_grid_power_without_pv_power() -> None:
    """A unit that hides its PV power hides its grid power, too."""
    live = LIVE.decode(without_pv_power(MKS_LIVE))
    assert own_snapshot(live, "", "line").grid_power(CurrentSide.LOAD) == (None, None)
    assert own_snapshot(live, "", "battery").grid_power(CurrentSide.LOAD) == (
        0.0,
        Quality.INFERRED,
    )


def test_grid_charging_on_battery() -> None:
    """While the grid charges, its power is not 0."""
    live = LIVE.decode(MAX_LIVE.replace("00010110", "00010111"))
    snapshot = own_snapshot(live, "", "battery")
    assert snapshot.grid_charging
    assert snapshot.grid_power(None)[0] == pytest.approx(962.0)


def test_every_reading_of_a_unit() -> None:
    """Each part tells what it should, in SI and with the project's signs."""
    snapshot = own_snapshot(LIVE.decode(PIP_LIVE), "", "battery")
    found = {
        f"{r.series.part} {r.series.quantity}": r.value
        for r in readings(snapshot, "sn", NOW, CurrentSide.BATTERY)
    }
    assert found == {
        "inverter bus_voltage": 460.0,
        "inverter temperature_heat_sink": 69.0,
        "inverter dc_power": 856.0,
        "load_1 ac_power": 119.0,
        "load_1 apparent_power": 161.0,
        "load_1 load_ratio": 3.0,
        "load_1 ac_voltage": 230.0,
        "load_1 frequency": 49.9,
        "battery_1 dc_voltage": 57.5,
        "battery_1 dc_current": -12.0,
        "battery_1 dc_power": pytest.approx(-690.0),
        "battery_1 state_of_charge": 100.0,
        "meter_1 ac_voltage": 0.0,
        "meter_1 frequency": 0.0,
        "meter_1 ac_power": 0.0,
        "string_1 dc_voltage": 103.8,
        "string_1 dc_current": pytest.approx(856.0 / 103.8),
        "string_1 dc_power": 856.0,
    }


def test_another_unit_of_a_parallel_system() -> None:
    """It has its own load, battery share and PV power; its strings are not ours."""
    unit = PARALLEL[0].decode(payloads("QPGS")[0])
    snapshot = parallel_snapshot(unit, "battery")
    found = {
        f"{r.series.part} {r.series.quantity}": r.value
        for r in readings(snapshot, "sn", NOW, CurrentSide.BATTERY, number=2)
    }
    assert found["inverter_2 dc_power"] == pytest.approx(4 * 51.4)
    assert found["load_2 ac_power"] == 141.0
    assert found["battery_2 dc_power"] == pytest.approx(-51.4)
    assert found["meter_2 ac_power"] == 0.0
    assert not any(key.startswith("string") for key in found)
    two = parallel_snapshot(PARALLEL[0].decode(payloads("QPGS")[3]), "battery")
    assert two.total_pv_power(CurrentSide.PANEL)[0] == pytest.approx(
        349.8 * 2 + 275.3 * 2
    )


def test_fields_that_are_missing() -> None:
    """What a unit leaves out is not known, and nothing that follows from it."""
    fields = MAX_LIVE.split()
    for place in (0, 8, 9, 15, 5):
        fields[place] = "-"
    snapshot = own_snapshot(LIVE.decode(" ".join(fields)), "", "line")
    found = {
        f"{r.series.part} {r.series.quantity}"
        for r in readings(snapshot, "sn", NOW, CurrentSide.PANEL)
    }
    assert "load_1 apparent_power" in found
    assert not found & {
        "battery_1 dc_current",
        "battery_1 dc_power",
        "load_1 ac_power",
        "meter_1 ac_power",
        "meter_1 ac_voltage",
    }
    assert Snapshot().total_pv_power(CurrentSide.PANEL) == (None, None)
    fields = MAX_LIVE.split()
    fields[8] = "-"
    assert own_snapshot(LIVE.decode(" ".join(fields)), "", None).battery_power is None
