"""Inverter, battery and the rule between them."""

from hypothesis import example, given, strategies as st
import pytest

from simulation.battery import Battery
from simulation.dispatch import dispatch
from simulation.inverter import Inverter, InverterState, inverter_state

INVERTER = Inverter()
BATTERY = Battery()


def test_efficiency_curve() -> None:
    """Low at a trickle, highest in the middle, as rated at full load."""

    def efficiency(ac: float) -> float:
        return ac / INVERTER.dc_power(ac)

    assert efficiency(50) < 0.75
    assert efficiency(2000) > 0.972
    assert efficiency(2000) > efficiency(5000)
    assert efficiency(5000) == pytest.approx(0.971, abs=0.0005)


@given(ac=st.floats(0, 6000))
def test_the_curve_can_be_inverted(ac: float) -> None:
    """DC power and AC power are each other's inverse."""
    assert INVERTER.ac_power(INVERTER.dc_power(ac)) == pytest.approx(ac, abs=1e-6)


def test_only_one_or_three_phases() -> None:
    """Two phases do not exist."""
    with pytest.raises(ValueError, match="phases"):
        Inverter(phases=2)


# The rounding of the inverse must not take more than the strings have.
@example(pv=1149.3942377791689, load=5000.0, soc=1.0, limit=None, has_battery=True)
@given(
    pv=st.floats(0, 9000),
    load=st.floats(0, 9000),
    soc=st.floats(0.1, 1),
    limit=st.none() | st.floats(0, 5000),
    has_battery=st.booleans(),
)
def test_dispatch_respects_every_limit(
    pv: float, load: float, soc: float, limit: float | None, has_battery: bool
) -> None:
    """Name plate, export limit, charge limits; nothing is made from nothing."""
    inverter = Inverter(export_limit=limit)
    battery = BATTERY if has_battery else None
    flow = dispatch(
        inverter,
        battery,
        pv_available=pv,
        load=load,
        stored=soc * BATTERY.capacity,
        dt=10.0,
    )
    assert 0 <= flow.pv_dc <= pv
    assert 0 <= flow.inverter_ac <= inverter.nameplate
    assert -BATTERY.max_charge <= flow.battery_dc <= BATTERY.max_discharge
    assert flow.inverter_ac <= flow.pv_dc + flow.battery_dc + 1e-6
    if limit is not None:
        assert flow.inverter_ac - load <= limit + 1e-6
    if not has_battery:
        assert flow.battery_dc == 0
    if flow.battery_dc > 0:
        assert flow.inverter_ac <= load + 1e-6, "a battery does not feed the grid"
    if flow.battery_dc < 0:
        assert flow.inverter_ac >= min(load, inverter.nameplate) - 1e-6


def test_surplus_above_the_name_plate_still_charges() -> None:
    """A DC-coupled battery takes what the inverter could not convert."""
    flow = dispatch(
        INVERTER, BATTERY, pv_available=8000, load=500, stored=5000, dt=10.0
    )
    assert flow.battery_dc == -4000
    assert flow.pv_dc == 8000
    alone = dispatch(INVERTER, None, pv_available=8000, load=500, stored=0, dt=10.0)
    assert alone.inverter_ac == INVERTER.nameplate
    assert alone.pv_dc == pytest.approx(INVERTER.dc_power(5000))


@given(
    stored=st.floats(0, 10_000),
    dt=st.floats(1, 7200),
    out=st.booleans(),
)
def test_the_battery_stays_between_empty_and_full(
    stored: float, dt: float, out: bool
) -> None:
    """Working at its limit for a whole step never leaves the capacity."""
    power = (
        BATTERY.discharge_limit(stored, dt)
        if out
        else -BATTERY.charge_limit(stored, dt)
    )
    after = BATTERY.stored_after(stored, power, dt)
    assert 0 <= after <= BATTERY.capacity
    if out:
        assert after >= min(stored, BATTERY.reserve * BATTERY.capacity) - 1e-6


def test_round_trip_loses_what_it_says() -> None:
    """Out of the terminals comes the round-trip efficiency of what went in."""
    full = BATTERY.stored_after(2000.0, -1000.0, 3600.0)
    empty = BATTERY.stored_after(full, 1000.0 * BATTERY.round_trip_efficiency, 3600.0)
    assert empty == pytest.approx(2000.0)


@pytest.mark.parametrize(
    ("voltage", "harvesting", "throttled", "ac_power", "state"),
    [
        (0, False, False, 0, InverterState.SLEEPING),
        (200, False, False, 0, InverterState.STARTING),
        (250, True, False, 900, InverterState.MPPT),
        (250, True, True, 5000, InverterState.THROTTLED),
        (0, False, False, 300, InverterState.MPPT),
    ],
)
def test_states(
    voltage: float,
    harvesting: bool,
    throttled: bool,
    ac_power: float,
    state: InverterState,
) -> None:
    """Each situation has its state."""
    assert (
        inverter_state(
            voltage=voltage,
            harvesting=harvesting,
            throttled=throttled,
            ac_power=ac_power,
        )
        is state
    )
