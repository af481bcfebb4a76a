"""That loads neither swing with each other nor cling to a cloudy sky."""

from datetime import timedelta

import pytest

from custom_components.pv_family.control.surplus.track import Track

from .surplus_home import (
    BATTERY,
    BOILER,
    CAR,
    EVERY,
    HEAT_PUMP,
    NOON,
    STEP,
    Device,
    Home,
)

HOUR = timedelta(hours=1)
EVENING = NOON + 6 * HOUR


def ready(it: Home, device: Device) -> None:
    """Live until a device is on."""
    for _ in range(720):
        if device.setting > 0.0:
            return
        it.step()
    pytest.fail("never on")


def test_a_load_that_can_wait_gives_a_cloud_up() -> None:
    """It is not run on import for long while more sun than it needs is to come."""
    boiler = Device(BOILER, due=2000.0, room=4000.0, deadline=EVENING)
    it = Home(1, devices=[boiler], peak=6000.0, clear=True)
    ready(it, boiler)
    it.live(timedelta(seconds=BOILER.min_on))
    it._sky = 0.2
    it.live(timedelta(minutes=8))
    assert boiler.setting == 0.0
    assert boiler.due > 0.0


def test_a_load_that_is_nearly_done_finishes() -> None:
    """A cloud in its last minutes does not cost a further start."""
    boiler = Device(BOILER, due=1500.0, room=1500.0, deadline=EVENING)
    it = Home(1, devices=[boiler], peak=6000.0, clear=True)
    ready(it, boiler)
    while boiler.due > 250.0:
        it.step()
    it._sky = 0.2
    it.live(timedelta(minutes=15))
    assert boiler.due == 0.0
    assert [on for _, on in boiler.changed] == [True, False]


def test_import_is_counted_and_forgiven() -> None:
    """Time without import takes back what time with import gave; gaps count nothing."""
    track = Track()

    def count(steps: int, *, importing: bool) -> float:
        for _ in range(steps):
            when = NOON if track.looked is None else track.looked + STEP
            track.endure(when, importing=importing)
            track.looked = when
        return track.endured

    assert count(11, importing=True) == 100.0
    assert count(4, importing=False) == 60.0
    assert count(10, importing=False) == 0.0
    track.endure(NOON + HOUR, importing=True)
    assert track.endured == 0.0


def test_two_loads_do_not_start_on_the_same_surplus() -> None:
    """Surplus for one starts one."""
    loads = [
        Device(spec, due=3000.0, room=9000.0, deadline=EVENING)
        for spec in (BOILER, HEAT_PUMP)
    ]
    it = Home(1, devices=loads, peak=2600.0, clear=True)
    it.live(timedelta(minutes=20))
    assert sum(d.setting > 0.0 for d in loads) == 1


def test_a_running_car_gives_way_down_to_its_least_power_only() -> None:
    """A boiler is not started on what the car keeps."""
    car = Device(CAR, due=0.0, room=20_000.0)
    it = Home(1, devices=[car], peak=3000.0, clear=True)
    ready(it, car)
    boiler = Device(BOILER, due=1000.0, room=1000.0, deadline=EVENING)
    it.devices = [boiler, car]
    for _ in range(120):
        it.step()
        assert not (boiler.setting > 0.0 and car.setting > 0.0)


@pytest.mark.parametrize("soc", [0.2, 0.5, 0.8])
def test_plans_do_not_swing(soc: float) -> None:
    """Under a steady sky with a battery, each load starts once or twice."""
    loads = [Device(spec, due=1500.0, room=2500.0, deadline=EVENING) for spec in EVERY]
    it = Home(1, site=BATTERY, devices=loads, peak=4000.0, soc=soc, clear=True)
    it.live(3 * HOUR)
    for device in loads:
        assert sum(on for _, on in device.changed) <= 2
