"""What holds whatever the sky does, the meters say and the devices are."""

from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.pv_family.control.surplus.controller import RELEASE
from custom_components.pv_family.control.surplus.loads import LoadKind, LoadSpec
from custom_components.pv_family.control.surplus.reasons import Why
from custom_components.pv_family.control.surplus.site import Site

from .surplus_home import (
    BATTERY,
    BOILER,
    CAR,
    EVERY,
    HEAT_PUMP,
    NOON,
    STEP,
    WASHER,
    Device,
    Home,
    Meter,
    blind_to,
    frozen,
)

SLOW = settings(max_examples=4, deadline=None)
EVENING = NOON + timedelta(hours=5)


def devices(specs: tuple[LoadSpec, ...], due: float) -> list[Device]:
    """Return devices that need something by the evening."""
    return [Device(spec, due=due, deadline=EVENING) for spec in specs]


homes = st.builds(
    lambda seed, specs, due, peak, soc: Home(
        seed,
        site=Site() if soc is None else BATTERY,
        devices=devices(specs, due),
        peak=peak,
        soc=soc,
    ),
    st.integers(0, 1000),
    st.sampled_from([EVERY, (BOILER, CAR), (HEAT_PUMP, WASHER), (CAR,)]),
    st.sampled_from([0.0, 500.0, 3000.0]),
    st.sampled_from([1500.0, 4000.0, 9000.0]),
    st.sampled_from([None, 0.1, 0.5, 0.95]),
)


@SLOW
@given(homes)
@example(
    Home(
        0,
        site=BATTERY,
        devices=[Device(spec, due=0.0, deadline=EVENING) for spec in (BOILER, CAR)],
        peak=4000.0,
        soc=0.95,
    )
)
def test_commands_stay_within_limits(home: Home) -> None:
    """A set point is nothing, or one that the load has."""
    home.live(timedelta(hours=2))
    for _, command in home.sent:
        spec = home.device(next(s for s in EVERY if s.key == command.key)).spec
        if command.power == 0.0:
            continue
        assert spec.least <= command.power <= spec.nominal
        if spec.kind is LoadKind.MODULATING:
            assert (command.power - spec.least) % spec.step == pytest.approx(0.0)


@SLOW
@given(homes)
def test_relays_rest(home: Home) -> None:
    """Nothing starts within its least time off, nor stops within its least time on."""
    home.live(timedelta(hours=2))
    for device in home.devices:
        if device.spec.kind is LoadKind.PROGRAMME:
            continue
        for (first, _), (second, on) in zip(
            device.changed, device.changed[1:], strict=False
        ):
            least = device.spec.min_off if on else device.spec.min_on
            full = not on and device.room <= 1.0
            assert full or (second - first).total_seconds() >= least


@SLOW
@given(homes)
def test_replays_alike(home: Home) -> None:
    """The same readings lead to the same commands, and asking twice changes nothing."""
    again = Home(
        home.seed,
        site=home.site,
        devices=[
            Device(d.spec, due=d.due, room=d.room, deadline=d.deadline)
            for d in home.devices
        ],
        peak=home.peak,
        soc=home.soc,
    )
    for _ in range(240):
        commands = home.step()
        assert again.step() == commands
        loads = [d.load() for d in again.devices]
        repeated = again.controller.step(again.now, again.flow, loads, None)  # type: ignore[arg-type]
        assert repeated == commands


@SLOW
@given(homes)
def test_energy_is_counted(home: Home) -> None:
    """What a load is said to have drawn is what it drew."""
    home.live(timedelta(hours=1))
    for device in home.devices:
        counted = home.controller.tracks[device.spec.key].energy
        assert counted == pytest.approx(device.used, abs=25.0)


QUANTITIES = ("production", "consumption", "grid", "battery")
FAILURES = [
    *((q,) for q in QUANTITIES),
    *combinations(QUANTITIES, 2),
]


def released(meter: Meter, since: datetime, *, soc: bool = True) -> None:
    """Assert that a home that goes blind lets go of everything in time."""
    home = Home(
        7,
        site=BATTERY,
        devices=devices((BOILER, HEAT_PUMP, CAR), 9000.0),
        peak=9000.0,
        soc=0.9,
    )
    for device in home.devices:
        device.room = 20_000.0
    home.live(since - NOON - STEP)
    assert any(d.setting > 0.0 for d in home.devices)
    home.meter = meter
    if not soc:
        home.soc = None
    longest = max(timedelta(seconds=d.spec.min_on) for d in home.devices)
    home.live(max(RELEASE, longest) + 3 * STEP)
    assert [d.setting for d in home.devices] == [0.0, 0.0, 0.0]
    assert {d.why for d in home.controller.decisions.values()} == {Why.BLIND}
    # Nothing comes back before the meters do.
    home.live(timedelta(minutes=10))
    assert all(d.setting == 0.0 for d in home.devices)
    home.meter = lambda now, flow: flow
    home.soc = 0.9
    home.live(timedelta(minutes=20))
    assert any(d.setting > 0.0 for d in home.devices)


@pytest.mark.parametrize("failed", FAILURES, ids="+".join)
def test_a_silent_meter_releases(failed: tuple[str, ...]) -> None:
    """Whatever one or two meters fail, everything is released within stated time."""
    since = NOON + timedelta(minutes=25)
    released(blind_to(*failed, since=since), since)


@pytest.mark.parametrize("failed", QUANTITIES)
def test_a_silent_meter_and_no_state_of_charge_release(failed: str) -> None:
    """The battery's gauge counts as a meter."""
    since = NOON + timedelta(minutes=25)
    released(blind_to(failed, since=since), since, soc=False)


def test_no_state_of_charge_releases() -> None:
    """So does it alone."""
    released(lambda now, flow: flow, NOON + timedelta(minutes=25), soc=False)


def test_a_frozen_meter_releases() -> None:
    """An old reading is no reading."""
    since = NOON + timedelta(minutes=25)
    released(frozen(since), since)
