"""From registers to readings: every type, every scale, nothing that is not there."""

from hypothesis import given, strategies as st
import pytest

from tests.unit.devices.alliance import published
from tests.unit.devices.build import model

from .polling import NOON, polled, values

METER = {
    "A": -500,
    "AphA": -500,
    "A_SF": -2,
    "PhVphA": 2310,
    "V_SF": -1,
    "W": -1155,
    "W_SF": 0,
    "VA": 1155,
    "VA_SF": 0,
    "TotWhExp": 3000,
    "TotWhImp": 2000,
    "TotWh_SF": 1,
}


async def test_integers_and_their_scale_factors() -> None:
    """Every value of an inverter in its own unit."""
    assert values(await polled(model(101, NOON)))["inverter"] == {
        "ac_current": 10.0,
        "ac_current_l1": 10.0,
        "ac_voltage_l1": 230.0,
        "ac_power": 2300.0,
        "frequency": 50.01,
        "energy_produced": 1_234_567.0,
        "temperature_cabinet": 42.5,
    }


async def test_floats() -> None:
    """Float models need no scale factors."""
    poll = await polled(model(113, {"W": 1500.5, "WH": 2.0**24, "St": 4}))
    assert values(poll) == {
        "inverter": {"ac_power": 1500.5, "energy_produced": 2.0**24}
    }
    assert poll.resolutions == {"inverter": 4.0}
    assert not poll.moduli


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("point", ["W", "WH"])
async def test_no_number_is_no_reading(point: str, value: float) -> None:
    """What is no number is neither a value nor a resolution."""
    poll = await polled(model(113, {"Hz": 50.0, point: value}))
    assert values(poll) == {"inverter": {"frequency": 50.0}}
    assert not poll.resolutions


@pytest.mark.parametrize("model_id", [101, 103, 111, 113, 201, 204, 211, 701, 713, 802])
async def test_not_implemented_is_no_reading(model_id: int) -> None:
    """A model of which nothing is implemented has no value, status or event."""
    known = published(model_id).fixed
    scales = {name: 0 for name, point in known.items() if point.type == "sunssf"}
    for chosen in ({}, scales):
        poll = await polled(model(model_id, chosen))
        assert not poll.readings
        assert not poll.statuses
        assert not poll.events


@pytest.mark.parametrize("exponent", [-0x8000, -11, 11, 0x7FFF])
async def test_impossible_scale_factor_is_no_reading(exponent: int) -> None:
    """Beyond ten to the tenth there is no scale factor."""
    poll = await polled(model(101, dict(NOON) | {"W_SF": exponent, "WH_SF": exponent}))
    assert not {"ac_power", "energy_produced"} & set(values(poll)["inverter"])
    assert not poll.resolutions


@pytest.mark.parametrize("exponent", [-10, 10])
async def test_extreme_scale_factor_is_one(exponent: int) -> None:
    """Ten powers of ten either way are what the specification allows."""
    poll = await polled(model(101, {"VAr": 3, "VAr_SF": exponent}))
    assert values(poll) == {"inverter": {"reactive_power": 3 * 10.0**exponent}}


async def test_garbled_scale_factor_is_no_resolution() -> None:
    """A step that makes the register impossible says nothing of its resolution."""
    poll = await polled(model(101, {"WH": 5000, "WH_SF": 10}))
    assert not poll.resolutions


@given(st.integers(1, 2**32 - 2), st.integers(-2, 3))
async def test_register_resolution_and_roll_over(raw: int, exponent: int) -> None:
    """A register's step is its scale, never finer than one Wh, and acc32 rolls over."""
    poll = await polled(model(101, {"WH": raw, "WH_SF": exponent}))
    produced = values(poll)["inverter"]["energy_produced"]
    assert produced == pytest.approx(raw * 10.0**exponent)
    assert poll.resolutions == {"inverter": max(1.0, 10.0**exponent)}
    assert poll.moduli["inverter"] == pytest.approx(2**32 * 10.0**exponent)


@pytest.mark.parametrize(
    ("raw", "exponent", "ratio"),
    [
        (98, -2, 0.98),
        (-98, -2, -0.98),
        (985, -1, 0.985),
        (98, 0, 0.98),
        (100, 0, 1.0),
        (-1000, -1, -1.0),
        (1, 0, 1.0),
    ],
)
async def test_power_factor(raw: int, exponent: int, ratio: float) -> None:
    """Some makers give a ratio, others percent."""
    poll = await polled(model(101, {"PF": raw, "PF_SF": exponent}))
    assert values(poll)["inverter"]["power_factor"] == pytest.approx(ratio)


async def test_meter() -> None:
    """A meter counts both ways, and imports are positive."""
    poll = await polled(model(203, METER))
    found = values(poll)["meter_1"]
    assert found["ac_power"] == -1155.0
    assert found["ac_current_l1"] == -5.0
    assert found["energy_export"] == 30_000.0
    assert found["energy_import"] == 20_000.0
    assert poll.resolutions == {"meter_1": 10.0}


async def test_events_and_status_in_words() -> None:
    """Every set bit and the state have their word; an unknown state has none."""
    poll = await polled(model(103, dict(NOON) | {"Evt1": 0b1000_0001, "St": 7}))
    assert poll.events == {"inverter": {"ground_fault", "over_temperature"}}
    assert poll.statuses == {"inverter": "fault"}
    assert not (await polled(model(103, dict(NOON) | {"St": 99}))).statuses


@pytest.mark.parametrize(
    ("state", "asleep"), [(1, True), (2, True), (8, True), (3, False), (4, False)]
)
async def test_asleep(state: int, asleep: bool) -> None:
    """Off, sleeping and standing by are sleep; starting is not."""
    assert (await polled(model(101, dict(NOON) | {"St": state}))).asleep is asleep
