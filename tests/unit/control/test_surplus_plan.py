"""Plans of single loads, by hand."""

import numpy as np
import pytest

from custom_components.pv_family.control.surplus.plan import (
    Need,
    plan_programme,
    plan_switch,
)
from custom_components.pv_family.control.surplus.plan_modulating import plan_modulating
from custom_components.pv_family.control.surplus.programme import programme_curve
from custom_components.pv_family.control.surplus.prospect import HOURS, SKIES, Prospect
from custom_components.pv_family.control.surplus.site import Site
from custom_components.pv_family.control.surplus.worth import Worth, storage_path

from .surplus_home import NOON

FLOORS = np.array([1380.0, 3680.0])


def need(due: float, slots: int, *, later: float = 0.0, room: float = 9e9) -> Need:
    """Return a need of which nothing else matters."""
    return Need(
        due=due,
        slots=slots,
        later=later,
        later_value=0.19,
        room=room,
        shortage=0.45,
    )


def runs(costs: list[float], due: float, slots: int, **more: float) -> list[int]:
    """Return the slots in which a load of 2 kW is planned to run."""
    plan = plan_switch(
        np.array(costs),
        need(due, slots, room=more.pop("room", 9e9)),
        power=2000.0,
        start_loss=more.pop("start_loss", 0.0),
        start_cost=more.pop("start_cost", 0.05),
        on=bool(more.pop("on", 0.0)),
        free=int(more.pop("free", 0.0)),
    )
    return [int(slot) for slot in np.flatnonzero(plan.power)]


def test_the_cheapest_slots_are_taken() -> None:
    """One run of two slots where the sum is least."""
    assert runs([0.15, 0.15, 0.04, 0.04, 0.15], 1000.0, 5) == [2, 3]


def test_a_start_is_worth_a_dearer_slot() -> None:
    """Two starts are made only if they save more than one costs."""
    costs = [0.04, 0.07, 0.041, 0.15]
    assert runs(costs, 1000.0, 4) == [0, 1]
    assert runs(costs, 1000.0, 4, start_cost=0.01) == [0, 2]


def test_the_deadline_binds() -> None:
    """A cheap slot after the deadline is no use."""
    assert runs([0.15, 0.15, 0.0, 0.0], 1000.0, 2) == [0, 1]


def test_a_run_goes_on_where_a_start_would_not_pay() -> None:
    """What is on pays no start."""
    costs = [0.10, 0.06]
    assert runs(costs, 500.0, 2, on=1.0) == [0]
    assert runs(costs, 500.0, 2) == [1]


def test_a_rest_is_kept() -> None:
    """No start in a slot that is not free."""
    assert runs([0.0, 0.1, 0.2], 500.0, 3, free=1.0) == [1]


def test_what_a_start_loses_is_made_up() -> None:
    """A heat pump that loses a third of a slot at a start runs for longer."""
    assert runs([0.1] * 4, 1000.0, 4, start_loss=167.0) == [1, 2, 3]


def test_nothing_needed_is_nothing_planned() -> None:
    """And what is on is better off."""
    plan = plan_switch(
        np.zeros(4),
        need(0.0, 4),
        power=2000.0,
        start_loss=0.0,
        start_cost=0.05,
        on=True,
        free=0,
    )
    assert not plan.power.any()
    assert plan.change > 0.0


def modulating(
    surplus: list[float], due: float, buy: list[float], later: float = 0.0
) -> list[float]:
    """Return the floors of a car planned over a surplus without clouds."""
    slots = len(surplus)
    net = np.array(surplus)
    taken = np.clip(net, FLOORS[:, np.newaxis], 3680.0)
    rest = net - taken
    costs = np.maximum(-rest, 0.0) * np.array(buy) - np.maximum(rest, 0.0) * 0.08
    costs -= -np.maximum(net, 0.0) * 0.08
    plan = plan_modulating(
        costs * HOURS / 1000.0,
        taken * HOURS,
        FLOORS,
        np.array(buy),
        need(due, slots, later=later),
        start_cost=0.05,
        on=False,
        free=0,
        dark=False,
    )
    return [float(power) for power in plan.power]


def test_a_car_follows_the_surplus() -> None:
    """It takes what costs less than it is worth, and imports nothing for it."""
    assert modulating([0.0, 2000.0, 3000.0, 0.0], 0.0, [0.3] * 4, 5000.0) == [
        0.0,
        1380.0,
        1380.0,
        0.0,
    ]


def test_a_car_buys_in_the_cheapest_slots_the_latest_of_equals() -> None:
    """What no surplus brings is bought last, or where it is cheap."""
    assert modulating([0.0] * 4, 1500.0, [0.3] * 4) == [0.0, 0.0, 3680.0, 3680.0]
    assert modulating([0.0] * 4, 900.0, [0.3, 0.1, 0.3, 0.3]) == [0.0, 3680.0, 0.0, 0.0]


def test_a_programme_starts_in_time() -> None:
    """It takes the cheapest start that is not too late."""
    curve = programme_curve(((1200.0, 2000.0), (1800.0, 200.0)))
    assert curve.sum() * HOURS == pytest.approx(2000.0 / 3.0 + 100.0)
    plan = plan_programme(np.array([0.3, 0.2, 0.1, 0.0]), curve, 2)
    assert np.flatnonzero(plan.power).tolist() == [2, 3]
    assert plan.change == pytest.approx(-0.2)


def test_a_programme_that_runs_goes_on() -> None:
    """What is left of a curve keeps its energy."""
    left = programme_curve(((1200.0, 2000.0), (1800.0, 200.0)), 1200.0)
    assert left.sum() * HOURS == pytest.approx(100.0)


def prospect(net: list[float]) -> Prospect:
    """Return a prospect without clouds."""
    row = np.tile(np.array(net), (SKIES, 1))
    return Prospect(NOON, row, np.full(len(net), 0.3), np.full(len(net), 0.08))


SITE = Site(
    battery=1000.0,
    max_charge=4000.0,
    max_discharge=4000.0,
    efficiency=1.0,
    stored_value=0.15,
)


def test_a_battery_that_fills_makes_energy_cheap() -> None:
    """What is spilled later costs now what selling it brings."""
    p = prospect([4000.0, 4000.0, 0.0])
    path = storage_path(SITE, p, p.net, 0.5)
    assert path.water[0].tolist() == pytest.approx([0.08, 0.15, 0.15])


def test_a_battery_that_empties_makes_energy_dear() -> None:
    """What it lacks later is bought then."""
    p = prospect([0.0, -4000.0, -4000.0])
    path = storage_path(SITE, p, p.net, 0.5)
    assert path.water[0].tolist() == pytest.approx([0.30, 0.30, 0.15])


def test_power_costs_what_it_displaces() -> None:
    """Export, then import; nothing where the export limit cuts anyhow."""
    p = prospect([1000.0])
    worth = Worth(Site(), p, None)
    price = (worth.cost(p.net - 2000.0) - worth.cost(p.net)).mean()
    assert price == pytest.approx(HOURS * (0.08 + 0.30))
    limited = Worth(Site(export_limit=0.0), p, None)
    assert (limited.cost(p.net - 1000.0) - limited.cost(p.net)).mean() == 0.0


def test_a_guarded_battery_does_not_count() -> None:
    """A load that may not use the battery pays for import."""
    p = prospect([0.0])
    path = storage_path(SITE, p, p.net, 1.0)
    worth = Worth(SITE, p, path)
    net = p.net - 1000.0
    assert worth.imports(net).tolist() == [0.0]
    assert worth.imports(net, np.zeros_like(net)).tolist() == [1.0]
    assert worth.cost(net, np.zeros_like(net)).mean() == pytest.approx(HOURS * 0.3)
