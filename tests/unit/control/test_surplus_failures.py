"""Clocks that go back, meters that fail in pairs, loads that do not answer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custom_components.pv_family.control.surplus.loads import Load, Mode
from custom_components.pv_family.control.surplus.reasons import Why
from custom_components.pv_family.control.surplus.site import Site
from custom_components.pv_family.control.surplus.track import Track
from custom_components.pv_family.readings.power_flow import PowerFlow

from .surplus_home import (
    BATTERY,
    BOILER,
    CAR,
    HEAT_PUMP,
    NOON,
    STEP,
    Device,
    Home,
    outlook,
)

HOUR = timedelta(hours=1)


def running(*, site: Site | None = None, soc: float | None = None) -> Home:
    """Return a home in the sun whose boiler, heat pump and car run."""
    it = Home(
        7,
        site=site or Site(),
        devices=[
            Device(spec, due=9000.0, room=40_000.0, deadline=NOON + 12 * HOUR)
            for spec in (BOILER, HEAT_PUMP, CAR)
        ],
        peak=9000.0,
        soc=soc,
        clear=True,
    )
    it.live(HOUR)
    assert all(d.setting > 0.0 for d in it.devices)
    return it


def put_back(it: Home, by: timedelta) -> None:
    """Put the clock back; the devices follow it."""
    it.now -= by
    for device in it.devices:
        device.since = min(device.since, it.now)


@pytest.mark.parametrize("by", [timedelta(minutes=2), 3 * HOUR, timedelta(days=400)])
def test_a_clock_that_goes_back_does_not_blind(by: timedelta) -> None:
    """What is seen then counts at once, and failing meters still release in time."""
    it = running()
    put_back(it, by)
    it.live(timedelta(minutes=2))
    assert all(d.setting > 0.0 for d in it.devices)
    assert Why.BLIND not in {d.why for d in it.controller.decisions.values()}
    it.meter = lambda now, flow: replace(flow, grid=None)
    it.live(timedelta(seconds=HEAT_PUMP.min_on) + 3 * STEP)
    assert [d.setting for d in it.devices] == [0.0, 0.0, 0.0]


def test_a_blind_home_whose_clock_goes_back_releases() -> None:
    """The time until the release begins anew, no more."""
    it = running()
    it.meter = lambda now, flow: replace(flow, consumption=None)
    it.live(timedelta(minutes=2))
    put_back(it, 5 * HOUR)
    it.live(timedelta(seconds=HEAT_PUMP.min_on) + 3 * STEP)
    assert [d.setting for d in it.devices] == [0.0, 0.0, 0.0]


def test_a_moment_back_repeats_what_was_said() -> None:
    """A clock that is set right by seconds changes nothing."""
    it = running()
    loads = [d.load() for d in it.devices]
    foreseen = outlook(it.now, it.peak)
    said = it.controller.step(it.now, it.flow, loads, foreseen)
    earlier = it.now - timedelta(seconds=20)
    assert it.controller.step(earlier, it.flow, loads, foreseen) == said


def test_the_fuse_holds_without_the_battery_gauge() -> None:
    """Who does not know the state of charge still sees what the grid gives."""
    it = running(site=replace(BATTERY, import_limit=4000.0), soc=0.95)
    for device in it.devices:
        device.mode = Mode.NOW
    it.soc = None
    it.peak = 500.0
    it.live(timedelta(minutes=3))
    assert it.flow.grid is not None
    assert it.flow.grid <= 4000.0
    assert Why.FUSE in {d.why for d in it.controller.decisions.values()} or any(
        d.setting == 0.0 for d in it.devices
    )


def test_a_load_that_does_not_answer_for_a_while_has_not_started() -> None:
    """Nor has its least time on begun anew."""
    it = running()
    boiler = it.device(BOILER)
    track = it.controller.tracks["boiler"]
    changed, starts = track.changed, list(track.starts)
    lost = replace(
        boiler.load(),
        state=replace(boiler.load().state, available=False, on=False, setting=0.0),
    )
    for k in range(6):
        track.observe(it.now + k * STEP, lost, it.site.zone)
    track.observe(it.now + 6 * STEP, boiler.load(), it.site.zone)
    assert (track.changed, track.starts) == (changed, starts)
    for k in range(7, 9):
        track.observe(it.now + k * STEP, lost, it.site.zone)
    off = Load(BOILER, replace(lost.state, available=True))
    track.observe(it.now + 9 * STEP, off, it.site.zone)
    assert track.changed == it.now + 7 * STEP


def test_starts_that_are_yet_to_come_still_count() -> None:
    """A day's starts are not given anew by a clock."""
    track = Track(starts=[NOON, NOON + HOUR], changed=NOON + HOUR)
    track.put_back(NOON - HOUR)
    assert track.starts == [NOON - HOUR] * 2
    assert track.changed == NOON - HOUR


def _stale(now: datetime, flow: PowerFlow) -> PowerFlow:
    return replace(flow, taken=now - HOUR)


def test_an_old_grid_reading_does_not_trip_the_fuse() -> None:
    """What the grid gave an hour ago says nothing."""
    it = running(site=Site(import_limit=4000.0))
    for device in it.devices:
        device.mode = Mode.NOW
    it.meter = lambda now, flow: replace(_stale(now, flow), grid=9000.0)
    it.live(timedelta(minutes=5))
    assert all(d.setting > 0.0 for d in it.devices)
