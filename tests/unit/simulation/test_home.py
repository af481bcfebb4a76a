"""The home as a whole: balance, counters, night, clipping and history."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
import time

from hypothesis import given, settings, strategies as st
import pytest

from simulation.array import PvString, StringCondition
from simulation.battery import Battery
from simulation.home import SimulatedHome
from simulation.inverter import Inverter, InverterState
from simulation.state import EnergyCounters, HomeConfig, HomeState

from .conftest import NOON, TIMISOARA

MIDNIGHT = NOON.replace(hour=22, minute=30)
BIG = tuple(PvString(name, 180.0, 30.0, modules=12) for name in ("A", "B"))

configs = st.builds(
    HomeConfig,
    site=st.just(TIMISOARA),
    strings=st.sampled_from([HomeConfig(site=TIMISOARA).strings, BIG, BIG[:1]]),
    inverter=st.builds(
        Inverter,
        phases=st.sampled_from([1, 3]),
        export_limit=st.none() | st.floats(0, 4000),
    ),
    battery=st.none() | st.builds(Battery, capacity=st.floats(3000, 20_000)),
    initial_soc=st.floats(0.05, 1),
)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)


def flat(energy: EnergyCounters) -> list[float]:
    """Return every counter."""
    values: list[float] = []
    for field in fields(energy):
        value = getattr(energy, field.name)
        values += value if isinstance(value, tuple) else [value]
    return values


def state_at(config: HomeConfig, t: datetime, seed: int = 1) -> HomeState:
    """Return a home in its first instant."""
    return SimulatedHome(config, seed).step(t)


@settings(deadline=None, max_examples=30)
@given(
    config=configs,
    seed=st.integers(0, 1000),
    start=instants,
    gaps=st.lists(st.floats(0.1, 3 * 86400), min_size=1, max_size=3),
)
def test_energy_balance_and_counters(
    config: HomeConfig, seed: int, start: datetime, gaps: list[float]
) -> None:
    """Powers close at every instant, energies over any time, and no counter falls."""
    home = SimulatedHome(config, seed, start=start)
    first = before = home.step(start)
    for gap in gaps:
        state = home.step(before.time + timedelta(seconds=gap))
        battery_ac = 0.0 if state.battery is None else state.battery.power_ac
        battery_dc = 0.0 if state.battery is None else state.battery.power_dc
        assert state.pv_ac + battery_ac + state.grid == pytest.approx(state.load)
        assert sum(state.load_phases) == pytest.approx(state.load)
        assert sum(state.grid_phases) == pytest.approx(state.grid, abs=1e-6)
        assert sum(state.inverter_phases) == pytest.approx(state.inverter_ac)
        assert sum(s.power for s in state.strings) == pytest.approx(state.pv_dc)
        loss = state.pv_dc + battery_dc - state.inverter_ac
        assert state.conversion_loss == pytest.approx(loss)
        assert loss >= -1e-6
        for string in state.strings:
            assert string.voltage * string.current == pytest.approx(string.power)
        for now, then in zip(flat(state.energy), flat(before.energy), strict=True):
            assert now >= then
        before = state
    ac, load, imported, exported = (
        getattr(before.energy, name) - getattr(first.energy, name)
        for name in ("inverter_ac", "load", "grid_import", "grid_export")
    )
    assert ac + imported - exported == pytest.approx(load, abs=0.01)
    if before.battery is not None and first.battery is not None:
        charged = before.energy.battery_charge - first.energy.battery_charge
        drawn = before.energy.battery_discharge - first.energy.battery_discharge
        way = Battery().one_way_efficiency
        gained = before.battery.stored - first.battery.stored
        assert charged * way - drawn / way == pytest.approx(gained, abs=0.05)


def test_two_homes_agree(config: HomeConfig) -> None:
    """Same configuration, seed and steps: same home."""
    states = []
    for _ in range(2):
        home = SimulatedHome(config, 9, start=NOON - timedelta(days=2))
        states.append(home.step(NOON))
    assert states[0] == states[1]


def test_steps_need_not_be_regular(config: HomeConfig) -> None:
    """Many small steps and one large one lead to nearly the same energies."""
    often = SimulatedHome(config, 2, start=NOON)
    for second in range(37, 3601, 37):
        often.step(NOON + timedelta(seconds=second))
    end = NOON + timedelta(hours=1)
    once = SimulatedHome(config, 2, start=NOON).step(end)
    for now, then in zip(flat(often.step(end).energy), flat(once.energy), strict=True):
        assert now == pytest.approx(then, abs=5)


def test_time_does_not_run_back(config: HomeConfig) -> None:
    """An earlier instant and one without a time zone are refused."""
    home = SimulatedHome(config)
    home.step(NOON)
    with pytest.raises(ValueError, match="before"):
        home.step(NOON - timedelta(seconds=1))
    with pytest.raises(ValueError, match="time zone"):
        home.step(datetime(2030, 1, 1))


def test_the_name_plate_clips() -> None:
    """Nine kWp behind five kW: the trackers leave their maximum power point."""
    config = HomeConfig(site=TIMISOARA, strings=BIG, battery=None)
    clear = next(
        state
        for seed in range(20)
        if (state := state_at(config, NOON, seed)).ghi > 0.9 * state.clear_sky_ghi
    )
    assert clear.inverter_ac == 5000
    assert clear.inverter_state is InverterState.THROTTLED
    assert clear.pv_dc == pytest.approx(config.inverter.dc_power(5000))
    for string in clear.strings:
        assert string.power < string.available


def test_the_export_limit_holds() -> None:
    """With a limit of zero nothing is fed in."""
    inverter = Inverter(export_limit=0.0)
    config = HomeConfig(site=TIMISOARA, inverter=inverter, battery=None)
    state = state_at(config, NOON)
    assert state.grid == pytest.approx(0.0, abs=1e-6)
    assert state.inverter_state is InverterState.THROTTLED


def test_night(config: HomeConfig) -> None:
    """No light, no voltage; the inverter sleeps unless the battery feeds the home."""
    dark = state_at(replace(config, battery=None), MIDNIGHT)
    assert dark.pv_dc == dark.inverter_ac == 0
    assert dark.inverter_state is InverterState.SLEEPING
    assert all(string.voltage == 0 for string in dark.strings)
    assert dark.grid == dark.load
    fed = state_at(config, MIDNIGHT)
    assert fed.battery is not None
    assert fed.battery.power_dc > 0
    assert fed.grid == pytest.approx(0, abs=1e-6)


def test_a_dead_string_is_missed_by_the_others_only_in_sum(
    config: HomeConfig,
) -> None:
    """The living string goes on, the dead one shows neither volt nor ampere."""
    healthy = state_at(config, NOON)
    home = SimulatedHome(config)
    home.conditions = {0: StringCondition(dead=True)}
    state = home.step(NOON)
    assert (state.strings[0].voltage, state.strings[0].power) == (0, 0)
    assert state.strings[1] == healthy.strings[1]


def test_history_is_the_past_of_the_live_home(config: HomeConfig) -> None:
    """30 days of hours add up to the counters of a home that lived them."""
    start = NOON.replace(minute=0) - timedelta(days=30)
    home = SimulatedHome(config, 4, start=start)
    began = time.perf_counter()
    hours = home.history(start, start + timedelta(days=30))
    assert time.perf_counter() - began < 5
    assert len(hours) == 720
    state = home.step(start + timedelta(days=30))
    lived = flat(state.energy)
    initial = flat(config.lifetime)
    sums = [
        sum(column) for column in zip(*(flat(h.energy) for h in hours), strict=True)
    ]
    for end, begin, total in zip(lived, initial, sums, strict=True):
        assert end - begin == pytest.approx(total, rel=1e-6, abs=0.01)
    assert state.battery is not None
    assert hours[-1].soc == pytest.approx(state.battery.soc, abs=1e-6)
    assert [h.start for h in hours[:2]] == [start, start + timedelta(hours=1)]


def test_history_leaves_the_home_alone(config: HomeConfig) -> None:
    """Asking for the past changes nothing, and a part of an hour is left out."""
    home = SimulatedHome(config, start=NOON)
    before = home.step(NOON)
    hours = home.history(NOON - timedelta(hours=5.5), NOON)
    assert len(hours) == 5
    assert home.step(NOON) == before
    assert len(home.history(NOON - timedelta(days=2), NOON, hours=24)) == 2


def test_history_sees_the_sky_of_the_live_home(config: HomeConfig) -> None:
    """An hour of history has the energy that a live home measures in it."""
    start = NOON.replace(minute=0)
    config = replace(config, battery=None)
    (hour,) = SimulatedHome(config, 6).history(start, start + timedelta(hours=1))
    home = SimulatedHome(config, 6, start=start)
    begin = home.step(start).energy.pv_ac
    for minute in range(1, 61):
        end = home.step(start + timedelta(minutes=minute)).energy.pv_ac
    assert end - begin == pytest.approx(hour.energy.pv_ac, rel=0.03)


def test_a_far_jump_is_bounded(config: HomeConfig) -> None:
    """A year ahead takes no longer than a month."""
    home = SimulatedHome(config, start=NOON)
    began = time.perf_counter()
    home.step(NOON + timedelta(days=365))
    assert time.perf_counter() - began < 3


def test_a_clear_summer_day_of_the_default_home(config: HomeConfig) -> None:
    """Six kWp give up to 42 kWh a day in June; the home uses about 12."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    days = SimulatedHome(config).history(start, start + timedelta(days=28), hours=24)
    best = max(day.energy.pv_ac for day in days)
    assert 34_000 < best < 42_000
    assert 9_000 < sum(day.energy.load for day in days) / 28 < 16_000
