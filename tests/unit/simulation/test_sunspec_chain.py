"""Chains: what the reference implementation reads out of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from hypothesis import given, settings, strategies as st
import pytest

from simulation.home import SimulatedHome
from simulation.inverter import Inverter
from simulation.state import HomeConfig, HomeState
from simulation.sunspec import (
    ChainOptions,
    Family,
    Identity,
    VendorModel,
    build_chain,
    unit_chains,
)
from simulation.sunspec.model import ModelValues, encode_model
from simulation.sunspec.points import Point, encode
from simulation.sunspec.tables import MODELS

from .conftest import NOON, TIMISOARA
from .sunspec_oracle import chain, decode, split


@pytest.fixture
def state(config: HomeConfig) -> HomeState:
    """Return the default home at noon."""
    home = SimulatedHome(config, 1, start=NOON - timedelta(hours=1))
    return home.step(NOON)


def test_integer_chain(state: HomeState) -> None:
    """Everything an inverter, its trackers, a meter and a battery show."""
    (options,) = unit_chains(state.config).values()
    registers = build_chain(state, options)
    assert registers[-2:] == [0xFFFF, 0]
    models = chain(registers)
    assert list(models) == [1, 120, 103, 160, 203, 802]
    assert models[1]["SN"] == "SIM-0001"
    assert models[1]["L"] == 66
    assert models[120]["WRtg"] == 5000
    assert models[120]["DERTyp"] == 82

    inverter = models[103]
    assert inverter["W"] == pytest.approx(state.inverter_ac, abs=0.5)
    assert inverter["WH"] == pytest.approx(state.energy.inverter_ac, abs=0.5)
    assert inverter["Hz"] == pytest.approx(state.frequency, abs=0.005)
    assert inverter["PhVphC"] == pytest.approx(state.phase_voltages[2], abs=0.05)
    assert inverter["PPVphAB"] == pytest.approx(400, abs=12)
    assert inverter["A"] * 231 == pytest.approx(state.inverter_ac, rel=0.02)
    assert inverter["TmpSnk"] == pytest.approx(state.heat_sink_temperature, abs=0.05)
    assert inverter["TmpTrns"] is None
    assert inverter["St"] == state.inverter_state

    assert models[160]["N"] == 2
    for module, string in zip(models[160]["module"], state.strings, strict=True):
        assert module["IDStr"] == string.name
        assert module["DCA"] == pytest.approx(string.current, abs=0.005)
        assert module["DCV"] == pytest.approx(string.voltage, abs=0.05)
        assert module["DCW"] == pytest.approx(string.power, abs=0.5)
        assert module["DCWH"] == pytest.approx(string.energy, abs=0.5)
        assert module["Tms"] is None

    meter = models[203]
    assert meter["W"] == pytest.approx(state.grid, abs=0.5)
    assert meter["WphB"] == pytest.approx(state.grid_phases[1], abs=0.5)
    assert meter["TotWhImp"] == pytest.approx(state.energy.grid_import, abs=0.5)
    assert meter["TotWhExp"] == pytest.approx(state.energy.grid_export, abs=0.5)
    assert meter["TotVArhImpQ1"] is None

    assert state.battery is not None
    battery = models[802]
    assert battery["SoC"] == pytest.approx(100 * state.battery.soc, abs=0.05)
    assert battery["W"] == pytest.approx(state.battery.power_dc, abs=0.5)
    assert battery["V"] == pytest.approx(state.battery.voltage, abs=0.05)
    assert battery["A"] == pytest.approx(state.battery.current, abs=0.005)
    assert battery["ChaSt"] == 4


def test_float_chain(state: HomeState) -> None:
    """The same with floats; no value needs a scale factor."""
    (options,) = unit_chains(state.config, "float").values()
    models = chain(build_chain(state, options))
    assert list(models) == [1, 120, 113, 160, 213, 802]
    assert models[113]["W"] == pytest.approx(state.inverter_ac, rel=1e-6)
    assert models[113]["WH"] == pytest.approx(state.energy.inverter_ac, rel=1e-6)
    assert models[213]["W"] == pytest.approx(state.grid, rel=1e-6)


def test_der_chain(state: HomeState) -> None:
    """The 7xx family: AC, a DC port for each string and the battery, storage."""
    (options,) = unit_chains(state.config, "der").values()
    models = chain(build_chain(state, options))
    assert list(models) == [1, 701, 714, 203, 713]
    assert models[701]["W"] == pytest.approx(state.inverter_ac, abs=0.5)
    assert models[701]["WL2"] == pytest.approx(state.inverter_phases[1], abs=0.5)
    assert models[701]["TotWhInj"] == pytest.approx(state.energy.inverter_ac, abs=0.5)
    assert models[701]["InvSt"] == 3
    assert models[701]["PF"] == 1
    assert state.battery is not None
    assert models[713]["SoC"] == pytest.approx(100 * state.battery.soc, abs=0.05)
    ports = models[714]["Prt"]
    assert [port["PrtTyp"] for port in ports] == [0, 0, 1]
    assert ports[0]["DCW"] == pytest.approx(state.strings[0].power, abs=0.5)
    assert ports[2]["DCW"] == pytest.approx(state.battery.power_dc, abs=0.5)
    charged = state.energy.battery_charge
    assert ports[2]["DCWhAbs"] == pytest.approx(charged, abs=0.5)


def test_single_phase_without_battery_or_meter() -> None:
    """A small home has a short chain."""
    config = HomeConfig(
        site=TIMISOARA, inverter=Inverter(phases=1), battery=None, meter=False
    )
    state = SimulatedHome(config).step(NOON)
    (options,) = unit_chains(config).values()
    models = chain(build_chain(state, options))
    assert list(models) == [1, 120, 101, 160]
    assert models[101]["PhVphB"] is None
    assert models[101]["AphA"] == models[101]["A"]
    assert models[120]["WHRtg"] is None
    with_meter = unit_chains(replace(config, meter=True), "float")[1]
    assert list(chain(build_chain(state, with_meter))) == [1, 120, 111, 160, 211]
    for absent in (713, 802):
        with pytest.raises(ValueError, match="battery"):
            build_chain(state, ChainOptions(models=(1, absent)))


@settings(deadline=None, max_examples=30)
@given(
    family=st.sampled_from(["integer", "float", "der"]),
    hours=st.floats(0, 8760),
    phases=st.sampled_from([1, 3]),
    lifetime=st.floats(0, 1e11),
    load=st.floats(0.1, 30),
)
def test_any_home_fits_into_its_registers(
    family: Family, hours: float, phases: int, lifetime: float, load: float
) -> None:
    """Scale factors grow with large values, counters roll over, nothing fails."""
    config = HomeConfig(
        site=TIMISOARA, inverter=Inverter(phases=phases), load_scale=load
    )
    energy = replace(config.lifetime, inverter_ac=lifetime, grid_import=lifetime)
    home = SimulatedHome(replace(config, lifetime=energy))
    state = home.step(NOON + timedelta(hours=hours))
    (options,) = unit_chains(config, family).values()
    registers = build_chain(state, options)
    assert all(0 <= register <= 0xFFFF for register in registers)
    models = chain(registers)
    meter = models[201 if phases == 1 else 203] if family != "float" else None
    if meter is not None:
        assert meter["W"] == pytest.approx(state.grid, rel=1e-3, abs=0.5)
        assert meter["TotWhImp"] in {None, round(lifetime) % 2**32}


def test_order_vendor_models_and_base(state: HomeState) -> None:
    """Models stand where the options put them, known to the public or not."""
    options = ChainOptions(
        models=(1, VendorModel(64999, 7), 160, VendorModel(), 103),
        common_length=65,
        identity=Identity(manufacturer="Ü" * 16, serial="7"),
    )
    registers = build_chain(state, options)
    models = split(registers)
    assert [model_id for model_id, _ in models] == [1, 64999, 160, 64412, 103]
    assert models[0][1][1] == 65
    assert len(models[0][1]) == 67
    assert registers[4] == 0xC39C
    assert registers[2 + 50] == 0x3700
    assert registers[2 + 51] == 0
    with pytest.raises(ValueError, match="99"):
        ChainOptions(models=(1, 99))


def test_meter_and_battery_on_units_of_their_own(config: HomeConfig) -> None:
    """Each unit has a chain with a serial number of its own."""
    chains = unit_chains(
        config, base=0, meter_unit=200, battery_unit=30, vendor=VendorModel()
    )
    assert {unit: options.models for unit, options in chains.items()} == {
        1: (1, VendorModel(), 120, 103, 160),
        30: (1, 802),
        200: (1, 203),
    }
    assert {options.base for options in chains.values()} == {0}
    assert chains[200].identity.serial == "SIM-0001-M"


@pytest.mark.parametrize("sleeping", [2, 8])
def test_asleep(state: HomeState, sleeping: Literal[2, 8]) -> None:
    """At night live points are not implemented; counters and meter go on."""
    for family in ("integer", "float", "der"):
        (options,) = unit_chains(state.config, family).values()
        models = chain(build_chain(state, replace(options, sleeping=sleeping)))
        if family == "der":
            assert models[701]["W"] is None
            assert models[701]["TotWhInj"] > 8e6
            assert models[701]["InvSt"] == sleeping - 1
            assert models[714]["Prt"][0]["DCW"] is None
            assert models[714]["Prt"][0]["DCWhInj"] > 4e6
            continue
        inverter = models[103] if family == "integer" else models[113]
        for name in ("A", "W", "Hz", "PhVphA", "DCW", "TmpCab"):
            assert inverter[name] is None, name
        assert inverter["WH"] > 8e6
        assert inverter["St"] == sleeping
        assert models[160]["module"][1]["DCA"] is None
        assert models[160]["module"][1]["DCWH"] > 4e6
        assert models[160]["module"][1]["DCSt"] == sleeping
        assert models[203 if family == "integer" else 213]["W"] is not None


def test_scale_factors_can_be_chosen(state: HomeState) -> None:
    """A coarser factor rounds, and the reader sees tens of watts."""
    (options,) = unit_chains(state.config).values()
    options = replace(options, scale_factors={"W_SF": 1})
    models = chain(build_chain(state, options))
    assert models[103]["W_SF"] == 1
    assert models[103]["W"] == pytest.approx(state.inverter_ac, abs=5)


@pytest.mark.parametrize(
    ("type_", "size", "registers"),
    [
        ("acc32", 2, [0, 0]),
        ("bitfield32", 2, [0xFFFF, 0xFFFF]),
        ("count", 1, [0xFFFF]),
        ("enum16", 1, [0xFFFF]),
        ("float32", 2, [0x7FC0, 0]),
        ("int16", 1, [0x8000]),
        ("pad", 1, [0x8000]),
        ("string", 2, [0, 0]),
        ("sunssf", 1, [0x8000]),
        ("uint16", 1, [0xFFFF]),
        ("uint32", 2, [0xFFFF, 0xFFFF]),
        ("uint64", 4, [0xFFFF] * 4),
    ],
)
def test_not_implemented(
    type_: Literal["uint16"], size: int, registers: list[int]
) -> None:
    """Each type has its sentinel."""
    assert encode(Point("X", 0, type_, size), None) == registers


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (Point("X", 0, "uint16"), -1.0),
        (Point("X", 0, "uint16"), 65535.0),
        (Point("X", 0, "int16"), 32768.0),
        (Point("X", 0, "string", 2), "longer"),
        (Point("X", 0, "uint16"), "text"),
    ],
)
def test_values_that_do_not_fit_are_refused(point: Point, value: float | str) -> None:
    """No value turns into a sentinel or into another value."""
    with pytest.raises(ValueError, match="cannot hold"):
        encode(point, value)


def test_accumulators_roll_over() -> None:
    """A counter beyond 32 bits starts again, as the specification says."""
    values = ModelValues({"WH": 2.0**32 + 5})
    encoded = encode_model(MODELS[103], values)
    assert decode(103, encoded.registers)["WH"] == 5


def test_scale_factors_grow_with_large_values() -> None:
    """A plant of 150 kW shows its power in tens of watts."""
    encoded = encode_model(MODELS[103], ModelValues({"W": 150_000.0, "Hz": 50.0}))
    decoded = decode(103, encoded.registers)
    assert (decoded["W"], decoded["W_SF"]) == (150_000, 1)
    assert (decoded["Hz"], decoded["Hz_SF"]) == (50, -2)


@pytest.mark.parametrize(
    ("power", "soc", "charge_state"),
    [(900.0, 0.5, 3), (-900.0, 0.5, 4), (0.0, 1.0, 5), (0.0, 0.1, 2), (0.0, 0.5, 6)],
)
def test_battery_says_what_it_does(
    state: HomeState, power: float, soc: float, charge_state: int
) -> None:
    """Discharging, charging, full, empty or holding."""
    assert state.battery is not None
    battery = replace(state.battery, power_dc=power, soc=soc)
    options = ChainOptions(models=(802,))
    models = chain(build_chain(replace(state, battery=battery), options))
    assert models[802]["ChaSt"] == charge_state
