"""SunSpec devices that nobody here has, built from the published models."""

from collections.abc import Iterable
from typing import Final

import pytest

from simulation.modbus_server import SimulatedModbusServer
from simulation.registers import RegisterImage
from simulation.replay import ReplayedDevice
from tests.unit.devices.build import Values, chain, common, model

from .world import World

FLOAT_AC: Final[Values] = {
    "A": 4.3,
    "AphA": 1.4,
    "AphB": 1.45,
    "AphC": 1.45,
    "PhVphA": 231.2,
    "PhVphB": 230.9,
    "PhVphC": 232.0,
    "W": 998.0,
    "Hz": 49.98,
    "PF": -99.8,
    "WH": 12_345_678.0,
    "St": 4,
    "Evt1": 0,
}
FLOAT_METER: Final[Values] = {
    "A": 2.0,
    "W": -450.0,
    "Hz": 50.0,
    "TotWhExp": 3.4e6,
    "TotWhImp": 1.2e6,
}
INTEGER_AC: Final[Values] = {
    "A": 1000,
    "AphA": 1000,
    "A_SF": -2,
    "PhVphA": 2300,
    "V_SF": -1,
    "W": 2300,
    "W_SF": 0,
    "WH": 1_234_567,
    "WH_SF": 0,
    "St": 4,
}
METER: Final[Values] = {"W_SF": 0, "TotWh_SF": 0, "TotWhExp": 100, "TotWhImp": 200}
SCALES: Final[Values] = {"DCA_SF": -2, "DCV_SF": -1, "DCW_SF": 0, "DCWH_SF": 0}
STORAGE: Final[Values] = {"ChaState": 8800, "ChaState_SF": -2, "ChaSt": 4}


def dc_input(name: str, power: int) -> Values:
    """Return a DC input at 300 V."""
    return {"IDStr": name, "DCA": power // 3, "DCV": 3000, "DCW": power}


def fronius() -> dict[int, int]:
    """Return a GEN24 that speaks in floats, with a battery and a meter."""
    inputs: list[Values] = [
        dc_input("MPPT1", 1200),
        dc_input("MPPT2", 600),
        {"IDStr": "StCha3", "DCV": 3000, "DCW": 700, "DCWH": 123_456},
        {"IDStr": "StDisCha4", "DCV": 3000, "DCW": 0, "DCWH": 65_432},
    ]
    return chain(
        common("29301234"),
        model(113, FLOAT_AC),
        model(120, {"WRtg": 1000, "WRtg_SF": 1}),
        model(124, STORAGE),
        model(160, SCALES, inputs),
        model(213, FLOAT_METER),
    )


def three_meters() -> dict[int, int]:
    """Return a SolarEdge, whose meters each have a common model of their own."""
    meters: list[Iterable[int]] = []
    for number, power in enumerate((-500, 2250, 30), 1):
        meters += [common(f"M{number}"), model(203, {**METER, "W": power})]
    short = common("7E0A12B3")[:-1]
    short[1] = 65
    return chain(short, model(103, INTEGER_AC), *meters)


def battery_on_an_input() -> dict[int, int]:
    """Return a hybrid whose third input is its battery, at 0 instead of 40000."""
    inputs: list[Values] = [
        dc_input("DC1", 1600),
        dc_input("DC2", 1500),
        dc_input("Battery", 900),
    ]
    return chain(
        common("K1"),
        model(103, INTEGER_AC),
        model(160, SCALES, inputs),
        model(124, STORAGE),
        model(203, {**METER, "W": 100}),
        base=0,
    )


def resource() -> dict[int, int]:
    """Return a distributed energy resource in the newest models, at 50000."""
    scales: Values = {**SCALES, "Tmp_SF": 0}
    ports: list[Values] = [
        {"PrtTyp": 0, "DCA": 500, "DCV": 3000, "DCW": 1500, "DCWhInj": 7000},
        {"PrtTyp": 1, "DCA": -200, "DCV": 4000, "DCW": -800, "DCWhInj": 3},
    ]
    return chain(
        common("E1"),
        model(701, {"W": 700, "W_SF": 0, "InvSt": 3, "TotWhInj": 9000, "TotWh_SF": 0}),
        model(713, {"SoC": 550, "Pct_SF": -1, "WHRtg": 5000, "WH_SF": 0}),
        model(714, scales, ports),
        base=50_000,
    )


async def serve(world: World, image: RegisterImage) -> None:
    """Add a home whose inverter shows these registers."""
    await world.server.stop()
    world.server = SimulatedModbusServer(ReplayedDevice({1: image}))
    await world.server.start()
    await world.add_home()


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (
            fronius(),
            {
                "production_power": 1698.0,
                "battery_power": -700.0,
                "grid_power": -450.0,
                "consumption_power": 548.0,
                "battery_1_state_of_charge": 88.0,
                "battery_1_energy_charged": 123.456,
                "battery_1_energy_discharged": 65.432,
                "string_2_dc_power": 600.0,
                "inverter_energy_produced": 12_345.678,
                "meter_1_energy_import": 1200.0,
            },
        ),
        (
            three_meters(),
            {
                "production_power": 2300.0,
                "grid_power": -500.0,
                "consumption_power": 1800.0,
                "meter_2_ac_power": 2250.0,
                "meter_3_ac_power": 30.0,
            },
        ),
        (
            battery_on_an_input(),
            {
                "production_power": 3200.0,
                "battery_power": -900.0,
                "string_2_dc_power": 1500.0,
                "consumption_power": 2400.0,
            },
        ),
        (
            resource(),
            {
                "production_power": 1500.0,
                "battery_power": -800.0,
                "battery_1_state_of_charge": 55.0,
                "battery_1_energy_discharged": 0.003,
                "string_1_energy_produced": 7.0,
                "inverter_energy_produced": 9.0,
            },
        ),
    ],
    ids=["float hybrid", "three meters", "battery on an input", "resource"],
)
@pytest.mark.usefixtures("every_entity_enabled")
async def test_foreign_device(
    world: World, image: RegisterImage, expected: dict[str, float]
) -> None:
    """What such a device says becomes the right picture of the home."""
    await serve(world, image)
    await world.pass_time(20)
    shown = {key: world.number(key) for key in expected}
    assert shown == pytest.approx(expected, rel=1e-4)


async def test_lifetime_energy_that_stays_zero(world: World) -> None:
    """A float register has no value for "not implemented": power counts instead."""
    # 6 kWh in ten minutes.
    power = 36_000.0
    big = {**FLOAT_AC, "A": 156.0, "AphA": 52.0, "AphB": 52.0, "AphC": 52.0}
    await serve(world, chain(common(), model(113, {**big, "W": power, "WH": 0.0})))
    await world.pass_time(600)
    assert world.number("production_energy") == pytest.approx(6.0, rel=0.05)
