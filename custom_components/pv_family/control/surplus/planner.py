"""Plans of all loads, each made against the plans of the others."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from .loads import Load, LoadKind
from .plan import Need, Plan, no_plan, plan_programme, plan_switch
from .plan_modulating import plan_modulating
from .programme import programme_curve
from .prospect import HOURS, SKIES, SLOT, Floats, Prospect
from .site import Policy, Site
from .track import Track
from .worth import Storage, Worth, storage_path

_SLOT: Final = timedelta(seconds=SLOT)
# What a thermostat leaves before it asks again, in Wh.
_BAND: Final = 400.0
# Heat that no deadline asks for saves most of what it would cost later.
_HEAT_VALUE: Final = 0.9
_FLOORS: Final = 5
# Import that is only foreseen counts less: a load can still be stopped by then.
_RECOURSE: Final = 0.3
# Import of a load that begins now counts more: it stays on for its least time.
_BEGIN: Final = 0.7
# When an absent car is taken to come, in slots from now.
_ARRIVES: Final = 4
# How far a new look at the battery moves what its content is taken to be worth:
# loads and battery answer each other, and the whole step would swing.
_BLEND: Final = 0.05
# How far a new plan moves what the other loads count on.
_LEARN: Final = 0.1
# Up to which share of later surplus to what is due a load cannot wait for it, and
# from which it certainly can.
_BARE: Final = 0.2
_COVERED: Final = 1.0
# From which share down waiting brings next to nothing.
_DARK: Final = 0.15
# Import below this quantile of the prices is welcome.
_CHEAP: Final = 0.25
# A programme that ends after what is foreseen costs that much, in money.
_UNSEEN: Final = 10.0
# What running while it may not costs, in money.
_SHUT: Final = 100.0


class Stretch(NamedTuple):
    """A time (UTC) in which a load is planned to run at a power in W."""

    start: datetime
    end: datetime
    power: float


class Planner:
    """Keeps one plan a load and renews the oldest at each pulse."""

    def __init__(self, site: Site, policy: Policy) -> None:
        """Begin without plans."""
        self._site = site
        self._policy = policy
        self._water: Floats | None = None
        self._cheap = 0.0
        self._beliefs: dict[str, Floats] = {}
        self._made: dict[str, datetime] = {}
        self.plans: dict[str, Plan] = {}
        self.cover: dict[str, float] = {}

    def renew(
        self,
        prospect: Prospect,
        loads: Sequence[Load],
        tracks: dict[str, Track],
        soc: float,
    ) -> None:
        """Plan what has no plan yet, and the load that was planned longest ago.

        Args:
            prospect: What to expect.
            loads: All loads.
            tracks: What is remembered of them.
            soc: State of charge of the battery, 0 to 1.
        """
        if not loads:
            return
        worth = Worth(self._site, prospect, self._storage(prospect, loads, soc))
        self._cheap = float(np.quantile(prospect.buy, _CHEAP))
        oldest = min(
            loads,
            key=lambda load: self._made.get(load.spec.key, datetime.min).replace(
                tzinfo=prospect.now.tzinfo
            ),
        )
        for load in loads:
            key = load.spec.key
            if load is oldest or key not in self.plans:
                self.plans[key] = self._plan(
                    prospect, worth, load, loads, tracks[key], soc
                )
                self._believe(prospect.now, load)
                self._made[key] = prospect.now

    def timeline(self) -> dict[str, list[Stretch]]:
        """Return by load when it is planned to run."""
        out: dict[str, list[Stretch]] = {}
        for key, plan in self.plans.items():
            found = out.setdefault(key, [])
            for t, power in enumerate(plan.power.tolist()):
                if power <= 0.0:
                    continue
                start = self._made[key] + t * _SLOT
                if found and found[-1].end == start and found[-1].power == power:
                    start = found.pop().start
                found.append(Stretch(start, self._made[key] + (t + 1) * _SLOT, power))
        return out

    def _believed(self, load: Load, slots: int) -> Floats:
        """Return what a load is believed to do.

        Returns:
            Power in W and the chance that it runs, by slot.
        """
        out = np.zeros((2, slots))
        belief = self._beliefs.get(load.spec.key)
        if belief is not None:
            length = min(slots, belief.shape[1])
            out[:, :length] = belief[:, :length]
        return out

    def _believe(self, now: datetime, load: Load) -> None:
        """Move what the others believe of a load towards its plan.

        Plans that answer each other at once would swing for ever. What is off now
        does not drive out what is on.
        """
        key = load.spec.key
        power = self.plans[key].power
        new = np.stack([power, power > 0.0])
        if not load.state.on:
            new[:, 0] = 0.0
        old = self._beliefs.get(key)
        if old is not None:
            age = (now - self._made[key]).total_seconds() / SLOT
            whole = int(age)
            part = age - whole
            old = old[:, whole:]
            old[:, :-1] += part * (old[:, 1:] - old[:, :-1])
            length = min(old.shape[1], power.size)
            new[:, 1:length] *= _LEARN
            new[:, 1:length] += (1.0 - _LEARN) * old[:, 1:length]
        self._beliefs[key] = new

    def _left(
        self, prospect: Prospect, loads: Sequence[Load], without: Load | None
    ) -> Floats:
        """Return what the plans of the fixed loads leave, by sky and slot, in W."""
        net = prospect.net
        for load in loads:
            if load is not without and load.spec.kind is not LoadKind.MODULATING:
                net = net - self._believed(load, prospect.slots)[0]
        return net

    def _absorb(
        self, net: Floats, loads: Sequence[Load], without: Load | None
    ) -> tuple[Floats, Floats]:
        """Let the modulating loads take what they are planned to.

        Returns:
            What they leave in W, and what their energy is worth in money, by sky and
            slot.
        """
        credit = np.zeros(net.shape)
        for load in loads:
            if load is without or load.spec.kind is not LoadKind.MODULATING:
                continue
            power, chance = self._believed(load, net.shape[1])
            if not chance.any():
                continue
            floor = power / np.maximum(chance, 1e-3)
            taken = chance * np.minimum(np.maximum(net, floor), load.spec.nominal)
            net = net - taken
            credit += taken * (self.plans[load.spec.key].value * HOURS / 1000.0)
        return net, credit

    def _storage(
        self, prospect: Prospect, loads: Sequence[Load], soc: float
    ) -> Storage | None:
        """Return what the battery will do under the plans."""
        if not self._site.battery:
            return None
        net, _ = self._absorb(self._left(prospect, loads, None), loads, None)
        path = storage_path(self._site, prospect, net, soc)
        water = path.water
        if self._water is not None and self._water.shape[1] >= prospect.slots:
            old = self._water[:, : prospect.slots]
            water = _BLEND * water + (1.0 - _BLEND) * old
        self._water = water
        return Storage(path.charge, path.discharge, water)

    def _need(self, prospect: Prospect, load: Load, track: Track) -> Need:
        spec, state = load.spec, load.state
        due = max(0.0, state.due) if state.deadline is not None else 0.0
        end = state.deadline
        modulating = spec.kind is LoadKind.MODULATING
        if (
            end is None
            and modulating
            and track.departure is not None
            and track.departure > prospect.now
        ):
            # A car that has what it needs still leaves when it was to leave.
            end = track.departure
        if modulating:
            later, value = max(0.0, state.room - due), spec.extra_value
        else:
            later = max(0.0, state.room - due - _BAND)
            value = _HEAT_VALUE * float(prospect.buy.mean())
        return Need(
            due=due,
            slots=prospect.slots if end is None else prospect.slot_of(end),
            later=later,
            later_value=value,
            room=state.room,
            shortage=float(prospect.buy.max()) * self._policy.shortage_factor,
        )

    def _plan(
        self,
        prospect: Prospect,
        worth: Worth,
        load: Load,
        loads: Sequence[Load],
        track: Track,
        soc: float,
    ) -> Plan:
        spec, state = load.spec, load.state
        policy = self._policy
        net = self._left(prospect, loads, load)
        if spec.kind is LoadKind.PROGRAMME:
            return self._programme(prospect, worth, load, loads, net)
        need = self._need(prospect, load, track)
        self.cover[spec.key] = cover = _cover(prospect, load, need, self._cheap)
        absent = not state.available
        if absent and (spec.kind is LoadKind.SWITCH or need.due <= 0.0):
            return no_plan(prospect.slots, policy.start_cost, on=False)
        free = 0 if state.on or track.rested(prospect.now, load) >= spec.min_off else 1
        if absent:
            free = _ARRIVES
        dread = np.full(prospect.slots, policy.import_aversion * HOURS * _RECOURSE)
        dread[0] = policy.import_aversion * HOURS * (1.0 if state.on else _BEGIN)
        dread *= min(1.0, max(0.0, (cover - _BARE) / (_COVERED - _BARE)))
        before, credit = self._absorb(net, loads, load)
        shut = _shut(prospect, load)
        most = np.maximum(-before, 0.0) if soc < spec.battery_floor else None
        base = worth.cost(before)
        if spec.kind is LoadKind.SWITCH:
            power = spec.nominal * (track.rate or 1.0)
            after, credit_after = self._absorb(net - power, loads, load)
            cost = worth.cost(after, most) - base + credit - credit_after
            return plan_switch(
                cost.mean(axis=0) + dread * worth.imports(after, most) + shut,
                need,
                power=power,
                start_loss=spec.start_loss,
                start_cost=policy.start_cost,
                on=state.on,
                free=free,
            )
        floors = np.linspace(spec.least, spec.nominal, _FLOORS)
        costs = np.empty((_FLOORS, prospect.slots))
        energies = np.empty((_FLOORS, prospect.slots))
        for row, floor in enumerate(floors):
            taken = np.minimum(np.maximum(before, floor), spec.nominal)
            rest = before - taken
            costs[row] = (worth.cost(rest, most) - base).mean(axis=0)
            costs[row] += dread * worth.imports(rest, most) + shut
            energies[row] = taken.mean(axis=0) * HOURS
        return plan_modulating(
            costs,
            energies,
            floors,
            prospect.buy + shut,
            need,
            start_cost=policy.start_cost,
            on=state.on,
            free=free,
            dark=cover < _DARK,
        )

    def _programme(
        self,
        prospect: Prospect,
        worth: Worth,
        load: Load,
        loads: Sequence[Load],
        net: Floats,
    ) -> Plan:
        spec, state = load.spec, load.state
        slots = prospect.slots
        if state.on:
            into = (prospect.now - state.since).total_seconds()
            left = programme_curve(spec.programme, into)
            out = np.zeros(slots)
            out[: left.size] = left[:slots]
            return Plan(out)
        if not state.available or state.deadline is None:
            return no_plan(slots, self._policy.start_cost, on=False)
        curve = programme_curve(spec.programme)
        before, credit = self._absorb(net, loads, load)
        base = worth.cost(before) + credit
        costs = np.zeros(slots)
        for k, power in enumerate(curve[:slots]):
            after, credit_after = self._absorb(net - power, loads, load)
            cost = (worth.cost(after) - credit_after - base).mean(axis=0)
            costs[: slots - k] += cost[k:]
        costs[max(1, slots - curve.size) :] += _UNSEEN
        costs += _shut(prospect, load)
        return plan_programme(costs, curve, prospect.slot_of(state.deadline))


def _shut(prospect: Prospect, load: Load) -> Floats:
    """Return a prohibitive cost by slot where a load may not be on."""
    if load.state.windows is None:
        return np.zeros(prospect.slots)
    starts = [prospect.now + t * _SLOT for t in range(prospect.slots)]
    opened = [load.state.open_for(start, start + _SLOT) for start in starts]
    return np.where(np.array(opened) < SLOT / 3.0, _SHUT, 0.0)


def _cover(prospect: Prospect, load: Load, need: Need, cheap: float) -> float:
    """Return later surplus that suits a load as a share of what it needs in time."""
    if prospect.buy[0] < 0.97 * cheap:
        return 0.0
    if need.due <= 1.0:
        return 1.0
    later = prospect.net[:, 1 : need.slots]
    least, most = load.spec.least, load.spec.nominal
    usable = np.where(later >= least, np.minimum(later, most), 0.0)
    return float(usable.sum()) * HOURS / SKIES / need.due
