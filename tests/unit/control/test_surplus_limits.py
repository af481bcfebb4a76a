"""What a household allows its loads: windows, timetables, dependencies."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from custom_components.pv_family.control.surplus.loads import LoadSpec, Mode
from custom_components.pv_family.control.surplus.reasons import Why

from .surplus_home import BOILER, CAR, NOON, WASHER, Device, Home

HOUR = timedelta(hours=1)


def home(*specs: LoadSpec, peak: float = 6000.0) -> Home:
    """Return a home under a clear sky whose loads need 2 kWh within five hours."""
    evening = NOON + 5 * HOUR
    return Home(
        1,
        devices=[Device(spec, deadline=evening) for spec in specs],
        peak=peak,
        clear=True,
    )


def why(it: Home, spec: LoadSpec) -> Why:
    """Return why a load is as it is."""
    return it.controller.decisions[spec.key].why


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (0.0, 1380.0),
        (1380.0, 1380.0),
        (1609.9, 1380.0),
        (1610.0, 1610.0),
        (1955.0, 1840.0),
        (9000.0, 3680.0),
    ],
)
def test_a_set_point_is_one_that_the_load_has(power: float, expected: float) -> None:
    """Never above what is asked for, but for the least that there is."""
    assert CAR.set_point(power) == expected
    odd = replace(CAR, nominal=3700.0)
    assert odd.set_point(9000.0) == 3680.0
    rod = replace(CAR, step=0.0)
    assert rod.set_point(1955.5) == 1955.5


def test_a_load_without_steps_follows_the_surplus() -> None:
    """A heating rod takes any power between its bounds."""
    it = home(replace(CAR, step=0.0), peak=3000.0)
    rod = it.devices[0]
    rod.room = 20_000.0
    it.live(HOUR)
    assert rod.setting == pytest.approx(3000.0 - 300.0 - 60.0, abs=5.0)


def test_nothing_runs_outside_its_window() -> None:
    """However much the sun shines; each has what it needs once the window closes."""
    it = home(BOILER, CAR, WASHER)
    opens, closes = NOON + HOUR, NOON + 4 * HOUR
    for device in it.devices:
        device.windows = ((opens, closes),)
    it.live(HOUR - timedelta(seconds=20))
    assert {d.why for d in it.controller.decisions.values()} == {Why.WINDOW}
    assert not any(d.changed for d in it.devices)
    it.live(4 * HOUR)
    assert [d.due for d in it.devices] == [0.0, 0.0, 0.0]
    for device in it.devices:
        assert all(opens <= when for when, _ in device.changed)
        if device.spec is not WASHER:
            assert device.changed[-1][0] <= closes + timedelta(minutes=1)


def test_a_window_counts_towards_the_deadline() -> None:
    """In the dark a boiler starts early enough for a window that closes early."""
    it = home(BOILER, peak=0.0)
    boiler = it.device(BOILER)
    boiler.windows = ((NOON, NOON + 2 * HOUR),)
    it.live(2 * HOUR)
    assert boiler.due == 0.0


def test_no_start_for_less_than_the_least_time() -> None:
    """A window that is about to close is not worth a start."""
    it = home(BOILER)
    boiler = it.device(BOILER)
    boiler.due, boiler.deadline = 0.0, None
    boiler.windows = ((NOON, NOON + timedelta(minutes=4)),)
    it.live(timedelta(minutes=4))
    assert not boiler.changed


def test_a_timetable_is_kept() -> None:
    """What is planned runs in its window, sun or not, and not after it."""
    it = home(BOILER, peak=0.0)
    boiler = it.device(BOILER)
    boiler.mode, boiler.deadline = Mode.PLANNED, None
    boiler.due, boiler.room = 0.0, 20_000.0
    boiler.windows = ((NOON + HOUR, NOON + 2 * HOUR),)
    it.live(3 * HOUR)
    assert [on for _, on in boiler.changed] == [True, False]
    first, last = (when - NOON for when, _ in boiler.changed)
    assert HOUR <= first <= HOUR + timedelta(minutes=1)
    assert 2 * HOUR <= last <= 2 * HOUR + timedelta(minutes=1)


def test_a_load_waits_for_the_one_that_it_requires() -> None:
    """A heater without its pump is not switched on, and goes off with it."""
    it = home(replace(BOILER, requires=("car",)), CAR)
    boiler, car = it.device(BOILER), it.device(CAR)
    car.mode = Mode.OFF
    it.live(HOUR)
    assert not boiler.changed
    assert why(it, BOILER) is Why.REQUIRES
    car.mode, car.room = Mode.NOW, 20_000.0
    boiler.mode = Mode.NOW
    it.live(timedelta(minutes=2))
    assert boiler.setting > 0.0
    car.mode = Mode.OFF
    it.live(timedelta(minutes=6))
    assert boiler.setting == 0.0


def test_disobedience_is_counted() -> None:
    """Commands that nothing obeys are counted until one is."""
    it = home(BOILER)
    boiler = it.device(BOILER)
    boiler.mode, boiler.lose = Mode.NOW, 30
    it.live(timedelta(minutes=4))
    track = it.controller.tracks["boiler"]
    assert track.unanswered >= 3
    boiler.lose = 0
    it.live(timedelta(minutes=3))
    assert boiler.setting > 0.0
    assert track.unanswered == 0


def test_the_timeline_tells_what_is_planned() -> None:
    """In order, apart, and enough for what is due."""
    it = home(BOILER, peak=0.0)
    it.live(timedelta(minutes=1))
    stretches = it.controller.timeline()["boiler"]
    assert all(a.end < b.start for a, b in pairwise(stretches))
    planned = sum(
        s.power * (s.end - s.start).total_seconds() / 3600.0 for s in stretches
    )
    assert planned >= 2000.0
