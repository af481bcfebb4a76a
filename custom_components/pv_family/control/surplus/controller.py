"""What each load is to do now: the one object that a home's pulse steps."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ...readings.power_flow import PowerFlow
from .dispatch import Surplus, dispatch
from .fuse import within_fuse
from .loads import Command, Load, LoadKind, Mode
from .planner import Planner, Stretch
from .prospect import Prospector
from .reasons import Decision, Why
from .site import Outlook, Policy, Site
from .track import Track
from .views import SurplusViews

# Readings older than this begin nothing new.
STALE: Final = timedelta(seconds=60)
# Without readings for this long everything is released once its least time on is over.
RELEASE: Final = timedelta(seconds=180)
_SUSTAINED: Final = 120.0
# Meters are not more exact than this, in W.
_AT_LIMIT: Final = 50.0
_FULL: Final = 0.97


class SurplusController:
    """Puts surplus into loads.

    Attributes:
        decisions: The last decision by load.
        tracks: What is remembered of each load.
    """

    def __init__(self, site: Site, policy: Policy | None = None) -> None:
        """Begin knowing nothing but the home."""
        self._site = site
        self._policy = policy or Policy()
        self._views = SurplusViews()
        self._prospector = Prospector(site)
        self._planner = Planner(site, self._policy)
        self._began: datetime | None = None
        self._stepped: datetime | None = None
        self._seen: datetime | None = None
        self._soc = site.soc_floor
        self._commands: list[Command] = []
        self.decisions: dict[str, Decision] = {}
        self.tracks: dict[str, Track] = {}

    def step(
        self,
        now: datetime,
        flow: PowerFlow,
        loads: Sequence[Load],
        outlook: Outlook,
        soc: float | None = None,
    ) -> list[Command]:
        """Decide what the loads are to do now.

        Args:
            now: The present (UTC); what was decided for it before is repeated.
            flow: What the meters say.
            loads: All loads and how they stand.
            outlook: What is foreseen.
            soc: State of charge of the battery, 0 to 1.

        Returns:
            The wanted set points; a load without one is left as it is.
        """
        if self._stepped is not None and now <= self._stepped:
            if self._stepped - now < STALE:
                return list(self._commands)
            self._put_back(now)
        self._stepped = now
        self._began = self._began or now
        for load in loads:
            track = self.tracks.setdefault(load.spec.key, Track())
            track.observe(now, load, self._site.zone)
        if now - flow.taken > STALE:
            # An old reading is no reading.
            flow = PowerFlow(flow.taken)
        self._look(now, flow, loads, soc)
        blind = now - (self._seen or self._began)
        if self._seen is None or blind > STALE:
            held = {x.spec.key: self._hold(now, x, blind) for x in loads}
            # The fuse needs no more than the grid's own meter.
            self.decisions = within_fuse(
                self._site, loads, self.tracks, flow.grid, held
            )
        else:
            self._decide(now, flow, loads, outlook)
        self._commands = [
            Command(load.spec.key, decision.power)
            for load in loads
            if _worth_sending(load, decision := self.decisions[load.spec.key])
        ]
        return list(self._commands)

    def _put_back(self, now: datetime) -> None:
        """Begin anew on a clock that was put back: what was seen is yet to come."""
        self._views = SurplusViews()
        self._prospector = Prospector(self._site)
        self._planner = Planner(self._site, self._policy)
        self._began, self._seen = now, None
        for track in self.tracks.values():
            track.put_back(now)

    def timeline(self) -> dict[str, list[Stretch]]:
        """Return by load when it is planned to run; advice, not a promise."""
        return self._planner.timeline()

    def _look(
        self,
        now: datetime,
        flow: PowerFlow,
        loads: Sequence[Load],
        soc: float | None,
    ) -> None:
        """Take up what the meters say; one silent meter means not to see."""
        if soc is not None:
            self._soc = soc
        if flow.production is None or flow.consumption is None:
            return
        drawn = sum(load.drawn for load in loads)
        self._views.add(now, flow.production, flow.consumption - drawn, drawn)
        complete = flow.grid is not None and flow.battery is not None
        if complete and (soc is not None or not self._site.battery):
            self._seen = now

    def _decide(
        self, now: datetime, flow: PowerFlow, loads: Sequence[Load], outlook: Outlook
    ) -> None:
        curtailed = self._curtailed(flow)
        prospect = self._prospector.prospect(
            now, outlook, self._views, curtailed=curtailed
        )
        self._planner.renew(prospect, loads, self.tracks, self._soc)
        production, base = self._views.mean(now, _SUSTAINED)
        fast = self._views.fast
        surplus = Surplus(
            fast=fast,
            slow=production - base - fast,
            lull=fast - self._views.lasting,
            grid=flow.grid,
            curtailed=curtailed,
        )
        self.decisions = dispatch(
            now,
            self._site,
            loads,
            self.tracks,
            self._planner.plans,
            self._planner.cover,
            surplus,
        )

    def _curtailed(self, flow: PowerFlow) -> bool:
        """Tell whether the export limit holds production down.

        At the limit, with a battery that takes all it can.
        """
        site = self._site
        if site.export_limit is None or flow.grid is None:
            return False
        if -flow.grid < site.export_limit - _AT_LIMIT:
            return False
        if not site.battery:
            return True
        charged = -(flow.battery or 0.0)
        return charged > -_AT_LIMIT and (
            self._soc >= _FULL or charged >= site.max_charge - _AT_LIMIT
        )

    def _hold(self, now: datetime, load: Load, blind: timedelta) -> Decision:
        """Decide without readings: begin nothing, then release."""
        spec, state, track = load.spec, load.state, self.tracks[load.spec.key]
        track.wish = track.sent = track.sent_at = None
        power = state.setting
        if state.mode is Mode.OFF:
            power = 0.0
        elif spec.kind is LoadKind.MODULATING and state.on:
            power = spec.least
        if (
            state.mode is not Mode.NOW
            and blind >= RELEASE
            and track.rested(now, load) >= spec.min_on
        ):
            power = 0.0
        if spec.kind is LoadKind.PROGRAMME:
            power = spec.nominal if state.on else 0.0
        return Decision(Why.BLIND, power, None, {"blind": blind.total_seconds()})

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {"tracks": {key: t.as_dict() for key, t in self.tracks.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off; waiting times outlive a restart.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        self.tracks = {
            str(key): Track.from_dict(value) for key, value in state["tracks"].items()
        }


def _worth_sending(load: Load, decision: Decision) -> bool:
    """Tell whether a decision asks anything of the load."""
    state = load.state
    if not state.available and not state.on:
        return False
    if load.spec.kind is LoadKind.PROGRAMME:
        return not state.on and decision.power > 0.0
    return state.on or decision.power > 0.0
