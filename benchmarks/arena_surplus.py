"""The surplus controller in the surplus arena, `arenas/surplus`.

From the root of the repository:
`PYTHONPATH=. .venv/bin/python benchmarks/arenas/surplus/score.py
--controller benchmarks.arena_surplus:Controller`
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
import sys
from typing import Any

from custom_components.pv_family.control.surplus.controller import SurplusController
from custom_components.pv_family.control.surplus.loads import (
    Load,
    LoadKind,
    LoadSpec,
    LoadState,
)
from custom_components.pv_family.control.surplus.site import Outlook, Site
from custom_components.pv_family.readings.power_flow import FlowSample, Role, power_flow

# The arena's modules import each other by their bare names, and are not typed here.
sys.path.insert(0, str(Path(__file__).parent / "arenas" / "surplus"))
_arena: Any = import_module("interface")

_KINDS = {
    _arena.LoadKind.SWITCH: LoadKind.SWITCH,
    _arena.LoadKind.HEAT_PUMP: LoadKind.SWITCH,
    _arena.LoadKind.EV: LoadKind.MODULATING,
    _arena.LoadKind.PROGRAMME: LoadKind.PROGRAMME,
}


class Controller:
    """The integration's controller behind the arena's interface."""

    interval_s = 10

    def start(self, site: Any, loads: Sequence[Any], now: datetime, seed: int) -> None:
        """Take up the home; the controller draws no random numbers."""
        self._controller = SurplusController(
            Site(
                battery=site.battery_wh,
                max_charge=site.battery_max_charge_w,
                max_discharge=site.battery_max_discharge_w,
                efficiency=site.battery_efficiency,
                soc_floor=site.soc_min,
                export_limit=site.export_limit_w,
                stored_value=site.stored_value_per_kwh,
                end=site.end,
            )
        )
        self._specs = {
            x.id: LoadSpec(
                key=x.id,
                kind=_KINDS[x.kind],
                nominal=x.max_w,
                least=x.min_w,
                step=x.step_w,
                min_on=x.min_on_s,
                min_off=x.min_off_s,
                start_loss=x.start_loss_wh,
                programme=x.programme,
                extra_value=x.extra_value_per_kwh,
                priority=x.priority,
            )
            for x in loads
        }
        self._outlook: tuple[Any, Outlook] | None = None

    def step(
        self, now: datetime, flow: Any, loads: Sequence[Any], outlook: Any
    ) -> list[Any]:
        """Hand the readings on and the commands back."""
        age = max(flow.pv_w.age_s, flow.house_w.age_s)
        samples = [
            FlowSample("home", role, reading.value)
            for role, reading in (
                (Role.ARRAY, flow.pv_w),
                (Role.CONSUMPTION, flow.house_w),
                (Role.GRID, flow.grid_w),
                (Role.BATTERY, flow.battery_w),
            )
        ]
        seen = power_flow(now - timedelta(seconds=age), samples)
        if self._outlook is None or self._outlook[0] is not outlook:
            self._outlook = outlook, _outlook(outlook)
        views = [Load(self._specs[x.spec.id], _state(x.state)) for x in loads]
        commands = self._controller.step(
            now, seen, views, self._outlook[1], flow.soc.value
        )
        return [_arena.Command(c.key, c.power) for c in commands]


def _state(x: Any) -> LoadState:
    return LoadState(
        available=x.available,
        on=x.on,
        setting=x.set_w,
        measured=x.measured_w,
        since=x.since,
        due=x.demand_left_wh,
        deadline=x.deadline,
        room=x.room_wh,
    )


def _outlook(x: Any) -> Outlook:
    return Outlook(
        start=x.start,
        slot=x.slot_s,
        production=x.pv_p50_w,
        production_low=x.pv_p10_w,
        production_high=x.pv_p90_w,
        base=x.base_p50_w,
        buy=x.buy_per_kwh,
        sell=x.sell_per_kwh,
    )
