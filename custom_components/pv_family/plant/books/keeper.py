"""Keep the books of a plant: close quarters, wait for what is late, end days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from ...readings.energy_book import Flow
from ...readings.energy_counter import finite, mapping
from ..kpi.sums import PerformanceSums
from ..losses.rules import AT_LIMIT
from .day import ComponentDay, Day
from .evidence import Seen
from .grid_health import GridHealth
from .learned_shade import LearnedShade, restored
from .learned_soiling import LearnedSoiling, restored_soiling
from .modelled import Interval, Modelled

QUARTER: Final = timedelta(minutes=15)
LONGEST_WAIT: Final = timedelta(hours=26)
"""Longer than a night: how long a silent component's quarters wait for its counter."""
WHOLE: Final = 0.9
"""Share of an interval from which power stands for all of it."""
_LITTLE: Final = 0.05
_CORRECTION: Final = 0.1
"""Share of a quarter's energy by which a counter corrects what power came to."""


@dataclass(frozen=True, slots=True)
class ClosedQuarter:
    """What is known of one component when a quarter of an hour is over.

    Attributes:
        seen: What was seen.
        live: Whether it answers.
        total: What its counters have counted, Wh; ``None`` if only power tells.
    """

    seen: Seen
    live: bool
    total: float | None


@dataclass(slots=True)
class _Waiting:
    """A quarter that is closed and not booked.

    Attributes:
        interval: Which.
        seen: What was seen.
        room: Most that an export limit left, W.
        counted: Whether a counter tells what it came to.
    """

    interval: Interval
    seen: Seen
    room: float | None
    counted: bool = False


@dataclass(slots=True)
class _Component:
    """What waits to be booked of a component.

    Attributes:
        waiting: Quarters that are closed.
        ready: How many of them may be booked.
        total: Of its counters when the last quarter was made ready, Wh.
        balance: Counted and not booked yet, Wh.
        moved: Whether the counter moved since the last booking.
    """

    waiting: list[_Waiting] = field(default_factory=list)
    ready: int = 0
    total: float | None = None
    balance: float = 0.0
    moved: bool = False

    def make_ready(self, closed: ClosedQuarter) -> None:
        """Decide what may be booked: all that a counter or a power tells about."""
        if closed.total is not None and closed.live:
            # A counter that was given up, or never seen, tells from now on.
            before, self.total = self.total, closed.total
            if before is None:
                self.balance = 0.0
            else:
                self.balance += max(closed.total - before, 0.0)
                self.moved = self.moved or closed.total > before
            self._release(counted=before is not None)
        elif closed.total is None or self.total is None or self._waits_too_long():
            self.total = None
            self._release(counted=False)

    def _release(self, *, counted: bool) -> None:
        for each in self.waiting[self.ready :]:
            each.counted = counted
        self.ready = len(self.waiting)

    def _waits_too_long(self) -> bool:
        first, last = self.waiting[0].interval, self.waiting[-1].interval
        return last.end - first.start > LONGEST_WAIT


@dataclass(slots=True)
class PlantKeeper:
    """The books of a plant.

    Attributes:
        zone: Of the home: days begin at its midnights.
        voltage_limit: At which inverters stop or throttle, V.
        days: Every day, the running one included.
        until: The end of the last quarter that was closed (UTC).
        changed: The days that changed since somebody emptied it.
        shades: What is known of shade on each component.
        soiling: What is known of dirt on each component.
    """

    zone: tzinfo
    voltage_limit: float
    days: dict[date, Day] = field(default_factory=dict)
    until: datetime | None = None
    changed: set[date] = field(default_factory=set)
    shades: dict[str, LearnedShade] = field(default_factory=dict)
    soiling: dict[str, LearnedSoiling] = field(default_factory=dict)
    _withheld: set[datetime] = field(default_factory=set)
    _components: dict[str, _Component] = field(default_factory=dict)
    _flows: dict[Flow, float] = field(default_factory=dict)

    def day_of(self, when: datetime) -> Day:
        """Return the day that holds an instant, to be changed."""
        day = when.astimezone(self.zone).date()
        self.changed.add(day)
        return self.days.setdefault(day, Day())

    def close(
        self,
        end: datetime,
        components: Mapping[str, ClosedQuarter],
        totals: Mapping[Flow, float],
        grid: GridHealth,
        *,
        peak_power: float,
        export_limit: float | None = None,
    ) -> None:
        """Close the quarters up to an instant; only the last one was watched.

        Args:
            end: Of the last quarter (UTC).
            components: What is known of each component.
            totals: What each flow of the home has carried so far, Wh.
            grid: How well the grid did since the last time.
            peak_power: Nominal power of all modules, W.
            export_limit: Most that the home may export, W.
        """
        begin = self.until
        if begin is not None and end <= begin <= end + LONGEST_WAIT:
            # The clock stepped back: what is booked is not booked again.
            return
        if begin is None or not begin < end <= begin + LONGEST_WAIT:
            # After so long, or after a clock that was far ahead, a new leaf is turned.
            begin = end - QUARTER
            self._components.clear()
        self.until = end
        flows = {
            flow: max(total - self._flows.get(flow, total), 0.0)
            for flow, total in totals.items()
        }
        self._flows = dict(totals)
        day = self.day_of(end - QUARTER)
        day.peak_power = peak_power
        day.add_flows(flows)
        day.grid.add(grid)
        intervals = list(_quarters(begin, end))
        rooms = _rooms(components, flows, export_limit, intervals[-1].hours)
        for name, closed in components.items():
            part = self._components.setdefault(name, _Component())
            part.waiting += [
                _Waiting(interval, Seen(), None) for interval in intervals[:-1]
            ]
            part.waiting.append(_Waiting(intervals[-1], closed.seen, rooms.get(name)))
            part.make_ready(closed)
        for name in self._components.keys() - components.keys():
            del self._components[name]

    def wanted(self) -> list[Interval]:
        """Return the intervals that are to be booked and need a model."""
        found = {
            waiting.interval.start: waiting.interval
            for part in self._components.values()
            for waiting in part.waiting[: part.ready]
        }
        return [found[start] for start in sorted(found)]

    def book(
        self, now: datetime, models: Mapping[datetime, Mapping[str, Modelled]]
    ) -> PerformanceSums:
        """Book what is ready; what lacks a model waits a while.

        Args:
            now: The present (UTC).
            models: What should have come of each component, by the start of the
                interval.

        Returns:
            The sums of the performance ratio of what was booked.
        """
        booked = PerformanceSums()
        for name, part in self._components.items():
            ready = part.waiting[: part.ready]
            oldest = now - LONGEST_WAIT
            if any(
                name not in models.get(each.interval.start, {})
                and each.interval.start > oldest
                for each in ready
            ):
                continue
            modelled = [models.get(e.interval.start, {}).get(name) for e in ready]
            shade = self.shades.setdefault(name, LearnedShade())
            soiling = self.soiling.setdefault(name, LearnedSoiling())
            harvests = _harvests(part, ready, modelled)
            for each, model, harvest in zip(ready, modelled, harvests, strict=True):
                day = self.day_of(each.interval.start)
                component = day.components.setdefault(name, ComponentDay())
                found = component.add(
                    each.interval,
                    model,
                    each.seen,
                    harvest,
                    voltage_limit=self.voltage_limit,
                    room=each.room,
                    shade=shade,
                    soiling=soiling,
                )
                booked.add(found.sums)
                if found.withheld > _LITTLE:
                    self._withheld.add(each.interval.start)
            del part.waiting[: part.ready]
            part.ready, part.moved = 0, False
        return booked

    def take_withheld(self) -> set[datetime]:
        """Return when more than a little was withheld, as booked since the last time.

        Those are starts of quarters (UTC).
        """
        withheld, self._withheld = self._withheld, set()
        return withheld

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run needs to go on, without the days."""
        return {
            "until": None if self.until is None else self.until.isoformat(),
            "flows": {str(flow): total for flow, total in self._flows.items()},
            "shades": {name: shade.as_list() for name, shade in self.shades.items()},
            "soiling": {name: dirt.as_list() for name, dirt in self.soiling.items()},
            "components": {
                name: {
                    "total": part.total,
                    "balance": part.balance,
                    "since": (
                        part.waiting[0].interval.start.isoformat()
                        if part.waiting
                        else None
                    ),
                }
                for name, part in self._components.items()
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        state = mapping(state)
        flows = {Flow(f): finite(wh) for f, wh in mapping(state["flows"]).items()}
        until = _instant(state["until"])
        components = {}
        for name, stored in mapping(state["components"]).items():
            since, total = _instant(stored["since"]), stored["total"]
            components[str(name)] = _Component(
                waiting=[
                    # What was seen of them is gone; their counter may still tell.
                    _Waiting(interval, Seen(), None)
                    for interval in _quarters(since or until, until)
                ]
                if until is not None
                else [],
                total=None if total is None else finite(total),
                balance=finite(stored["balance"]),
            )
        shades = restored(state["shades"])
        soiling = restored_soiling(state["soiling"])
        self.shades, self.soiling = shades, soiling
        self.until, self._flows, self._components = until, flows, components


def _instant(text: Any) -> datetime | None:
    """Return a stored instant.

    Raises:
        TypeError, ValueError: It is none.
    """
    if text is None:
        return None
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return when


def _quarters(begin: datetime, end: datetime) -> Iterator[Interval]:
    while begin < end:
        yield Interval(begin, min(begin + QUARTER, end))
        begin += QUARTER


def _rooms(
    components: Mapping[str, ClosedQuarter],
    flows: Mapping[Flow, float],
    export_limit: float | None,
    hours: float,
) -> dict[str, float]:
    """Return what an export limit left to each component, if the home was at it, W."""
    if export_limit is None or not hours:
        return {}
    used = (
        flows.get(Flow.CONSUMPTION, 0.0)
        + flows.get(Flow.BATTERY_CHARGE, 0.0)
        - flows.get(Flow.BATTERY_DISCHARGE, 0.0)
    ) / hours
    powers = {name: c.seen.energy / hours for name, c in components.items()}
    room = export_limit + max(used, 0.0)
    return powers if sum(powers.values()) >= (1.0 - AT_LIMIT) * room else {}


def _harvests(
    part: _Component,
    ready: Sequence[_Waiting],
    modelled: Sequence[Modelled | None],
) -> list[float | None]:
    """Return what came in each interval, Wh; ``None`` is not known.

    Power tells the shape and the counter the sum: counters move in steps, and power
    is silent at times.
    """
    found: list[float | None] = [_by_power(each) for each in ready]
    counted = [index for index, each in enumerate(ready) if each.counted]
    known = sum(found[index] or 0.0 for index in counted)
    if all(found[index] is not None for index in counted):
        # A counter that moves in large steps says nothing until it moves.
        most = _CORRECTION * known if part.moved else 0.0
        correction = min(max(part.balance - known, -most), most)
        for index in counted:
            share = (found[index] or 0.0) / known if known else 0.0
            found[index] = (found[index] or 0.0) + correction * share
    else:
        silent = {
            index: model.facts.left if (model := modelled[index]) else 0.0
            for index in counted
            if found[index] is None
        }
        rest, whole = max(part.balance - known, 0.0), sum(silent.values())
        for index, weight in silent.items():
            found[index] = rest * weight / whole if whole else 0.0
    part.balance -= sum(found[index] or 0.0 for index in counted)
    return found


def _by_power(waiting: _Waiting) -> float | None:
    """Return what power came to in a quarter, if it was seen long enough, Wh."""
    seen = waiting.seen
    return seen.energy / seen.known if seen.known >= WHOLE else None
