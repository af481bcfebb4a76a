"""From plans to commands: what is done now, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .fuse import within_fuse
from .loads import Load, LoadKind, Mode
from .plan import Plan
from .prospect import SLOT
from .reasons import Decision, Why
from .site import Site
from .track import Track

# How long a change must look right.
CONFIRM: Final = timedelta(seconds=60)
CONFIRM_STOP: Final = timedelta(seconds=40)
# How long a command may take until it is given up and decided anew.
SETTLE: Final = timedelta(seconds=60)
# How long the others watch what a start has changed.
_WATCH: Final = timedelta(seconds=60)
# A relay that reverses within this time flutters, in s.
CALM: Final = 300.0
# What commands and meters take, in s.
_GUARD: Final = 90.0
_PROGRAMME_GUARD: Final = 180.0
# The least share of its nominal power that a load is taken to draw.
_WEAK: Final = 0.94
# How long a load runs on import, in s, although later surplus is this multiple of
# what it needs: with `CONFIRM_STOP`, what one start is worth by `Policy`.
_PATIENCE: Final = 150.0
_PLENTY: Final = 1.1
# A load that has what is due within this time finishes, in h.
_LAST: Final = 1.0 / 6.0
# What a modulating load leaves for the noise of the meters, in W.
_MARGIN: Final = 60.0
# How far a modulating load looks for surplus behind an export limit, of its nominal.
_PROBE: Final = 0.05
# From which cover a start has to wait until its surplus is there.
_GATE: Final = 0.2
_TOLERANCE: Final = 50.0


@dataclass(slots=True)
class Surplus:
    """What is left to give, in W.

    Attributes:
        fast: Production less base and running loads now.
        slow: How much more there was over the last minutes.
        lull: How much less there was at times in the last seconds.
        grid: What the grid gives now, ``None`` if not known.
        curtailed: Production is held down by the export limit.
        busy: Something has just started.
    """

    fast: float
    slow: float
    lull: float
    grid: float | None
    curtailed: bool
    busy: bool = False


def dispatch(
    now: datetime,
    site: Site,
    loads: Sequence[Load],
    tracks: dict[str, Track],
    plans: dict[str, Plan],
    cover: dict[str, float],
    surplus: Surplus,
) -> dict[str, Decision]:
    """Decide for each load, the most important first.

    Args:
        now: The present (UTC).
        site: The home.
        loads: All loads.
        tracks: What is remembered of them.
        plans: What is planned for them.
        cover: Later surplus as a share of what each needs.
        surplus: What is left to give, before any load.
    """
    was_sent = {key: track.sent for key, track in tracks.items()}
    kept: dict[str, float] = {}
    for load in loads:
        key, spec = load.spec.key, load.spec
        if spec.kind is LoadKind.PROGRAMME:
            surplus.fast -= load.drawn
        elif not _runs(load, was_sent[key]):
            continue
        elif spec.kind is LoadKind.SWITCH:
            surplus.fast -= spec.nominal * (tracks[key].rate or 1.0)
        elif plans[key].change <= 0.0:
            # A load that follows the surplus gives way down to its least power only.
            kept[key] = spec.least
            surplus.fast -= spec.least
    surplus.busy = any(
        track.sent or (track.starts and now - track.starts[-1] < _WATCH)
        for track in tracks.values()
    )
    on = frozenset(x.spec.key for x in loads if x.state.on)
    out: dict[str, Decision] = {}
    for load in sorted(loads, key=lambda x: x.spec.priority):
        key = load.spec.key
        surplus.fast += kept.get(key, 0.0)
        decision = _Case(
            now, site, load, tracks[key], plans[key], cover.get(key, 1.0), surplus
        ).decide(on)
        out[key] = decision
        if load.spec.kind is LoadKind.MODULATING:
            surplus.fast -= decision.power
        elif _runs(load, was_sent[key]):
            continue
        elif decision.power > 0.0 or tracks[key].wish is not None:
            # What is about to start has its share already.
            surplus.fast -= load.spec.nominal
    return within_fuse(site, loads, tracks, surplus.grid, out)


def _runs(load: Load, sent: float | None) -> bool:
    """Tell whether a load draws, or has been told to.

    Args:
        load: The load.
        sent: The set point on its way to it, in W.
    """
    on = load.state.on if sent is None else sent > 0.0
    return on and load.state.room > 1.0


@dataclass(slots=True)
class _Case:
    """One load at one pulse."""

    now: datetime
    site: Site
    load: Load
    track: Track
    plan: Plan
    cover: float
    surplus: Surplus

    def decide(self, on: frozenset[str]) -> Decision:
        """Return what the load is to do now.

        Args:
            on: Keys of the loads that are on.
        """
        spec, state = self.load.spec, self.load.state
        if spec.kind is LoadKind.PROGRAMME and state.on:
            return self._say(Why.PROGRAMME, spec.nominal)
        if not state.available:
            return self._say(Why.UNAVAILABLE, 0.0)
        if state.mode is Mode.OFF:
            self.track.wish = self.track.sent = None
            return self._say(Why.USER_OFF, 0.0)
        if (barred := self._barred(on)) is not None:
            return self._shut(barred)
        if spec.kind is LoadKind.PROGRAMME:
            return self._programme()
        track = self.track
        if track.sent is not None:
            on_its_way = (track.sent > 0.0) != state.on
            if (
                on_its_way
                and track.sent_at is not None
                and self.now - track.sent_at < SETTLE
            ):
                power = self._power(full=track.sent >= spec.nominal)
                return self._say(Why.CONFIRMING, power if track.sent > 0.0 else 0.0)
            track.unanswered = track.unanswered + 1 if on_its_way else 0
            track.sent = track.sent_at = None
        return self._running() if state.on else self._resting()

    def _barred(self, on: frozenset[str]) -> Why | None:
        """Return what forbids the load to be on, if anything does."""
        spec, state = self.load.spec, self.load.state
        if not on.issuperset(spec.requires):
            return Why.REQUIRES
        if state.mode is not Mode.NOW and not state.open_at(self.now):
            return Why.WINDOW
        return None

    def _shut(self, why: Why) -> Decision:
        """Return how the load comes to be off."""
        spec, state, track = self.load.spec, self.load.state, self.track
        track.wish = None
        if state.on and track.rested(self.now, self.load) < spec.min_on:
            return self._say(Why.MIN_ON, spec.least)
        return self._say(why, self._send(0.0) if state.on else 0.0)

    def _wanted(self) -> Why | None:
        """Return why the load is to be on whatever it costs, if it is."""
        if self.load.state.mode is Mode.NOW:
            return Why.USER_ON
        if self.load.state.mode is Mode.PLANNED:
            return Why.PLANNED
        return Why.DEADLINE if self._forced() else None

    def _programme(self) -> Decision:
        spec = self.load.spec
        if (wanted := self._wanted()) is not None:
            return self._say(wanted, spec.nominal)
        if self.plan.change <= 0.0 and not self.plan.power[:1].any():
            self.track.wish = None
            return self._say(Why.WAITING, 0.0)
        if not self._confirmed():
            return self._say(Why.CONFIRMING, 0.0)
        return self._say(Why.CHEAPEST, spec.nominal)

    def _running(self) -> Decision:
        spec, state, track = self.load.spec, self.load.state, self.track
        if state.room <= 1.0 and state.mode is not Mode.NOW:
            return self._say(Why.SATISFIED, self._send(0.0))
        if (wanted := self._wanted()) is not None:
            track.wish = None
            return self._say(wanted, spec.nominal)
        endured = self._endures()
        if (self.plan.change > 0.0 or endured) and not self._nearly_done():
            done = state.due <= 1.0 and spec.kind is LoadKind.SWITCH
            sure = self._confirmed() or done
            if track.rested(self.now, self.load) < max(spec.min_on, CALM):
                return self._say(Why.MIN_ON, self._power())
            if not sure:
                return self._say(Why.CONFIRMING, self._power())
            track.wish = None
            why = Why.SATISFIED if done else Why.NO_SURPLUS
            return self._say(why, self._send(0.0))
        track.wish = None
        power = self._power()
        own = self.surplus.fast + (
            0.0 if spec.kind is LoadKind.MODULATING else spec.nominal
        )
        enough = own >= power - _TOLERANCE
        return self._say(Why.SURPLUS if enough else Why.CHEAPEST, power)

    def _resting(self) -> Decision:
        spec, state, track = self.load.spec, self.load.state, self.track
        rested = track.rested(self.now, self.load)
        if state.room <= 1.0 and state.mode is not Mode.NOW:
            track.wish = None
            return self._say(Why.SATISFIED, 0.0)
        if (wanted := self._wanted()) is not None:
            if rested < spec.min_off:
                return self._say(Why.MIN_OFF, 0.0)
            return self._say(wanted, self._send(spec.nominal))
        if self.plan.change <= 0.0:
            track.wish = None
            planned = self.plan.power.any()
            return self._say(Why.WAITING if planned else Why.NO_SURPLUS, 0.0)
        if spec.starts_per_day is not None and len(track.starts) >= spec.starts_per_day:
            return self._say(Why.STARTS_SPENT, 0.0)
        if rested < max(spec.min_off, CALM):
            return self._say(Why.MIN_OFF, 0.0)
        least = timedelta(seconds=spec.min_on)
        if state.open_for(self.now, self.now + least) < spec.min_on:
            return self._say(Why.WINDOW, 0.0)
        sustained = self.surplus.fast + self.surplus.slow
        enough = sustained >= spec.least - _TOLERANCE or self.surplus.curtailed
        if not enough and self.cover >= _GATE:
            track.wish = None
            return self._say(Why.NO_SURPLUS, 0.0)
        if not self._confirmed() or self.surplus.busy:
            return self._say(Why.CONFIRMING, 0.0)
        track.wish = None
        self.surplus.busy = True
        self._send(spec.least)
        return self._say(Why.SURPLUS if enough else Why.CHEAPEST, self._power())

    def _confirmed(self) -> bool:
        """Tell whether a change has looked right for long enough."""
        self.track.wish = self.track.wish or self.now
        long = CONFIRM_STOP if self.load.state.on else CONFIRM
        return self.now - self.track.wish >= long

    def _endures(self) -> bool:
        """Tell whether a load that could wait has run on import for too long.

        Nobody knows how long a cloud stays. To give up once the wait has cost as much
        as a new start would is never twice as bad as to have known.
        """
        track = self.track
        if track.rested(self.now, self.load) < self.load.spec.min_on:
            track.endured = 0.0
        elif self.surplus.grid is not None:
            importing = self.surplus.grid > _TOLERANCE and self.cover >= _PLENTY
            track.endure(self.now, importing=importing)
        track.looked = self.now
        return track.endured >= _PATIENCE

    def _nearly_done(self) -> bool:
        """Tell whether so little is due that a further start is not worth it."""
        spec, due = self.load.spec, self.load.state.due
        return spec.kind is LoadKind.SWITCH and 1.0 < due < spec.nominal * _LAST

    def _send(self, power: float) -> float:
        self.track.sent, self.track.sent_at = power, self.now
        return power

    def _forced(self) -> bool:
        """Tell whether the load must run to be ready in time; it then stays so."""
        spec, state, track = self.load.spec, self.load.state, self.track
        if state.deadline is None or state.due <= 1.0:
            track.forced = None
            return False
        if track.forced == state.deadline:
            return True
        left = state.open_for(self.now, state.deadline)
        if spec.kind is LoadKind.PROGRAMME:
            needed = _PROGRAMME_GUARD
        else:
            rate = track.rate or _WEAK
            rest = spec.min_off
            if not state.on:
                rest = max(0.0, rest - track.rested(self.now, self.load))
            run = (state.due + spec.start_loss) / (spec.nominal * rate) * 3600.0
            needed = 1.02 * run + rest + _GUARD
        if left <= needed:
            track.forced = state.deadline
        return left <= needed

    def _power(self, *, full: bool = False) -> float:
        """Return the set point of a load that is on, in W."""
        spec = self.load.spec
        if spec.kind is not LoadKind.MODULATING or full:
            return spec.nominal
        free = self.surplus.fast - _MARGIN
        if self.surplus.curtailed:
            # Behind an export limit the surplus shows only when it is taken.
            probe = max(spec.step, _PROBE * spec.nominal)
            free = max(free, self.load.state.setting + probe)
        floor = max(spec.least, float(self.plan.power[0]))
        # Down at once, up to what has lasted.
        steady = max(free - self.surplus.lull, min(free, self.load.state.setting))
        return spec.set_point(max(floor, steady))

    def _say(self, why: Why, power: float) -> Decision:
        """Return a decision with the numbers of its sentence."""
        planned = self.plan.power > 0.0
        turn = (~planned if self.load.state.on else planned).nonzero()[0]
        later = turn[turn > 0]
        when = None
        if later.size:
            when = self.now + timedelta(seconds=float(later[0]) * SLOT)
        return Decision(
            why,
            power,
            when,
            {
                "surplus": self.surplus.fast,
                "saving": self.plan.change,
                "cover": self.cover,
                "due": self.load.state.due,
            },
        )
