"""What the controller does with a load, and why."""

from dataclasses import replace
from datetime import datetime, timedelta
import json

import pytest

from custom_components.pv_family.control.surplus.controller import SurplusController
from custom_components.pv_family.control.surplus.loads import LoadSpec, Mode
from custom_components.pv_family.control.surplus.reasons import Why
from custom_components.pv_family.control.surplus.site import Site
from custom_components.pv_family.control.surplus.track import Track
from custom_components.pv_family.readings.power_flow import PowerFlow

from .surplus_home import BOILER, CAR, NOON, STEP, WASHER, Device, Home, outlook

HOUR = timedelta(hours=1)


def home(*specs: LoadSpec, peak: float = 6000.0, site: Site | None = None) -> Home:
    """Return a home under a clear sky whose loads need 2 kWh within five hours."""
    evening = NOON + 5 * HOUR
    return Home(
        1,
        site=site or Site(),
        devices=[Device(spec, deadline=evening) for spec in specs],
        peak=peak,
        clear=True,
    )


def why(home: Home, spec: LoadSpec) -> Why:
    """Return why a load is as it is."""
    return home.controller.decisions[spec.key].why


def until_on(home: Home, spec: LoadSpec) -> None:
    """Live until a load is on."""
    for _ in range(720):
        if home.device(spec).setting > 0.0:
            return
        home.step()
    pytest.fail("never on")


def test_surplus_starts_a_load_and_need_ends_it() -> None:
    """A boiler runs once, and stops when it has what it needs."""
    it = home(BOILER)
    until_on(it, BOILER)
    it.live(timedelta(minutes=2))
    assert why(it, BOILER) in {Why.SURPLUS, Why.CHEAPEST}
    it.live(4 * HOUR)
    boiler = it.device(BOILER)
    assert boiler.due <= 1.0
    assert boiler.setting == 0.0
    assert boiler.used < 3700.0


def test_without_surplus_the_deadline_is_still_met() -> None:
    """What must be ready runs in time."""
    it = home(BOILER, CAR, peak=0.0)
    for device in it.devices:
        device.deadline = NOON + 2 * HOUR
    it.live(2 * HOUR)
    assert [d.due for d in it.devices] == [0.0, 0.0]


def test_a_programme_starts_before_its_latest_start() -> None:
    """Even in the dark, and it is never commanded again."""
    it = home(WASHER, peak=0.0)
    washer = it.device(WASHER)
    washer.deadline = NOON + HOUR
    it.live(HOUR)
    assert washer.changed[0][0] <= NOON + HOUR
    it.step()
    assert why(it, WASHER) is Why.PROGRAMME
    it.live(HOUR)
    assert len(washer.changed) == 1


def test_the_user_comes_first() -> None:
    """Off is off, and now is now."""
    it = home(BOILER, CAR, WASHER)
    for device in it.devices:
        device.mode = Mode.OFF
    it.live(HOUR)
    assert {d.why for d in it.controller.decisions.values()} == {Why.USER_OFF}
    assert not any(d.changed for d in it.devices)
    it.peak = 0.0
    for device in it.devices:
        device.mode = Mode.NOW
    it.live(timedelta(minutes=2))
    assert [d.setting for d in it.devices] == [2000.0, 3680.0, 2000.0]


def test_the_fuse_holds() -> None:
    """No more is switched on than the main fuse carries."""
    it = home(BOILER, CAR, peak=0.0, site=Site(import_limit=4000.0))
    for device in it.devices:
        device.mode = Mode.NOW
    it.live(timedelta(minutes=5))
    assert [d.setting for d in it.devices] == [2000.0, 1610.0]
    assert why(it, CAR) is Why.FUSE
    it.site = it.controller._site = Site(import_limit=3000.0)
    it.live(timedelta(minutes=1))
    assert [d.setting for d in it.devices] == [2000.0, 0.0]


def test_starts_run_out() -> None:
    """A load that may not start again does not, unless it must."""
    it = home(replace(BOILER, starts_per_day=0))
    it.live(2 * HOUR)
    assert not it.device(BOILER).changed
    assert why(it, BOILER) in {Why.STARTS_SPENT, Why.WAITING}


def test_a_car_probes_behind_an_export_limit() -> None:
    """A surplus that the inverter hides is found by taking it."""

    def curtailed(now: datetime, flow: PowerFlow) -> PowerFlow:
        assert flow.production is not None
        assert flow.consumption is not None
        shown = min(flow.production, flow.consumption)
        return replace(flow, production=shown, grid=flow.consumption - shown)

    it = home(CAR, site=Site(export_limit=0.0))
    it.meter = curtailed
    car = it.device(CAR)
    car.due, car.room = 0.0, 20_000.0
    it.live(HOUR)
    assert car.setting == 3680.0


def test_a_lost_command_is_sent_again() -> None:
    """What a load does not confirm is repeated."""
    it = home(CAR)
    it.device(CAR).lose = 3
    it.live(HOUR)
    assert it.device(CAR).lose == 0
    assert it.device(CAR).changed


def test_next_change_is_told() -> None:
    """A load that runs says when it is expected to stop."""
    it = home(BOILER)
    until_on(it, BOILER)
    it.live(timedelta(minutes=2))
    decision = it.controller.decisions["boiler"]
    assert decision.next_change is not None
    assert it.now < decision.next_change < NOON + 6 * HOUR
    assert set(decision.numbers) == {"surplus", "saving", "cover", "due"}


def test_a_restart_forgets_nothing() -> None:
    """Rests, starts and energy of the day outlive a restart."""
    it = home(BOILER)
    until_on(it, BOILER)
    it.live(timedelta(minutes=30))
    state = json.loads(json.dumps(it.controller.as_dict()))
    again = SurplusController(it.site)
    again.restore(state)
    old, new = it.controller.tracks["boiler"], again.tracks["boiler"]
    assert new.starts == old.starts
    assert len(new.starts) == 1
    assert new.energy == old.energy > 0.0
    assert new.changed == old.changed
    # A device that has forgotten when it changed is still let rest.
    load = it.device(BOILER).load()
    forgetful = replace(load, state=replace(load.state, since=NOON - 24 * HOUR))
    assert new.rested(it.now, forgetful) == pytest.approx(
        old.rested(it.now, load), abs=20.0
    )


def test_after_a_restart_nothing_starts_before_the_meters_speak() -> None:
    """And what is on is let go."""
    it = home(BOILER)
    until_on(it, BOILER)
    it.controller = SurplusController(it.site)
    it.meter = lambda now, flow: replace(flow, production=None, consumption=None)
    it.live(timedelta(minutes=6))
    assert it.device(BOILER).setting == 0.0


@pytest.mark.parametrize(
    "state",
    [
        {},
        {
            "changed": "2026-06-21T10:00:00",
            "starts": [],
            "energy": 0,
            "day": None,
            "rate": None,
        },
        {"changed": None, "starts": ["no"], "energy": 0, "day": None, "rate": None},
        {"changed": None, "starts": [], "energy": None, "day": None, "rate": None},
    ],
)
def test_a_strange_state_is_refused(state: dict[str, object]) -> None:
    """Half a state is none."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Track.from_dict(state)


def test_no_loads_is_fine() -> None:
    """A home may have none."""
    it = home()
    assert it.step() == []
    assert it.controller.decisions == {}


def test_a_day_begins_at_midnight() -> None:
    """Energy of the day starts anew, starts count within 24 hours."""
    it = home(BOILER)
    until_on(it, BOILER)
    it.live(timedelta(minutes=10))
    track = it.controller.tracks["boiler"]
    track.observe(NOON + 14 * HOUR, it.device(BOILER).load(), it.site.zone)
    assert track.energy == 0.0
    assert len(track.starts) == 1
    track.observe(NOON + 30 * HOUR, it.device(BOILER).load(), it.site.zone)
    assert track.starts == []


def test_the_outlook_may_end_soon() -> None:
    """A short outlook is used as far as it goes."""
    it = home(BOILER, CAR, WASHER)
    short = outlook(NOON, 6000.0)
    short = replace(
        short,
        **{
            name: getattr(short, name)[:3]
            for name in (
                "production",
                "production_low",
                "production_high",
                "base",
                "buy",
                "sell",
            )
        },
    )
    loads = [d.load() for d in it.devices]
    now = NOON + STEP
    assert it.controller.step(now, replace(it.flow, taken=now), loads, short) == []
