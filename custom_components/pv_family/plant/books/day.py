"""One day of a plant: losses, performance, availability and the grid."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, Self

from ...readings.energy_book import Flow
from ...readings.energy_counter import finite, mapping
from ..kpi.availability import USEFUL_IRRADIANCE
from ..kpi.sums import PerformanceSums
from ..losses.cause import WITHHELD
from ..losses.ledger import LossBook, book
from ..losses.rules import STOPPED, Facts
from ..model.uncertainty import IrradianceSource
from .evidence import Seen
from .facts import LEAST_KNOWN, facts_of
from .grid_health import GridHealth
from .learned_shade import LearnedShade
from .learned_soiling import LearnedSoiling
from .modelled import Interval, Modelled

_DAY: Final = 86_400.0


class Booked(NamedTuple):
    """What was booked of one interval.

    Attributes:
        sums: Its own sums of the performance ratio.
        withheld: Share of what a healthy plant would have given that a fault, a limit
            or snow took.
    """

    sums: PerformanceSums
    withheld: float


class Down(NamedTuple):
    """A time in which a component should have run and did not.

    Attributes:
        start: Of the interval, s since 1970.
        hours: How long it stood still in it.
        lost: What it should have given meanwhile, Wh.
    """

    start: int
    hours: float
    lost: float


@dataclass(slots=True)
class ComponentDay:
    """One day of an inverter and its arrays; energies in Wh.

    Attributes:
        peak_power: Nominal power of the modules, W.
        losses: Where the energy went.
        performance: The sums of the performance ratio.
        useful_hours: With enough light and a known state.
        unknown_hours: With enough light and no known state.
        energy: What came in the useful hours.
        downs: When it stood still in them.
        sources: Potential by how the irradiance was known.
    """

    peak_power: float = 0.0
    losses: LossBook = field(default_factory=LossBook)
    performance: PerformanceSums = field(default_factory=PerformanceSums)
    useful_hours: float = 0.0
    unknown_hours: float = 0.0
    energy: float = 0.0
    downs: list[Down] = field(default_factory=list)
    sources: dict[IrradianceSource, float] = field(default_factory=dict)

    def add(
        self,
        interval: Interval,
        modelled: Modelled | None,
        seen: Seen,
        harvest: float | None,
        *,
        voltage_limit: float,
        room: float | None,
        shade: LearnedShade,
        soiling: LearnedSoiling,
    ) -> Booked:
        """Book one interval.

        Args:
            interval: Which.
            modelled: What the model says, ``None`` if it says nothing.
            seen: What was seen.
            harvest: What came, Wh; ``None`` is not known.
            voltage_limit: At which the inverter stops or throttles, V.
            room: Most that an export limit leaves, W.
            shade: What is known of shade, which learns from the interval.
            soiling: What is known of dirt, which learns as well.
        """
        booked = Booked(PerformanceSums(hours=interval.hours), 0.0)
        if modelled is not None:
            booked = self._add(
                interval, modelled, seen, harvest, voltage_limit, room, shade, soiling
            )
        self.performance.add(booked.sums)
        return booked

    def _add(
        self,
        interval: Interval,
        modelled: Modelled,
        seen: Seen,
        harvest: float | None,
        voltage_limit: float,
        room: float | None,
        shade: LearnedShade,
        soiling: LearnedSoiling,
    ) -> Booked:
        self.peak_power = modelled.peak_power
        ceiling = modelled.source is IrradianceSource.CLEAR_SKY
        own = PerformanceSums()
        own.add_interval(
            interval.hours,
            # What a cloudless sky would give is no measure of a plant.
            None if ceiling else harvest,
            modelled.poa_global,
            modelled.temp_cell,
            modelled.peak_power,
            modelled.gamma,
        )
        light = modelled.poa_global >= USEFUL_IRRADIANCE
        if harvest is None:
            self.losses.add_unmeasured(modelled.facts.theory)
            self.unknown_hours += interval.hours if light else 0.0
            return Booked(own, 0.0)
        seen = _inferred(modelled, seen, harvest)
        facts = facts_of(
            modelled, seen, harvest, voltage_limit=voltage_limit, room=room
        )
        shaded = shade.claim(modelled)
        day = int(interval.start.timestamp() // _DAY)
        dirt = soiling.claim(day, modelled, shaded)
        entry = book(
            replace(facts, shade=facts.shade + shaded, soiling=facts.soiling + dirt)
        )
        self.losses.add(entry)
        shade.learn(modelled, entry)
        soiling.learn(day, modelled, entry)
        self.sources[modelled.source] = (
            self.sources.get(modelled.source, 0.0) + facts.potential
        )
        if light and seen.running is None:
            self.unknown_hours += interval.hours
        elif light:
            self._count_time(interval, facts, harvest)
        withheld = sum(entry.booked.get(cause, 0.0) for cause in WITHHELD)
        return Booked(own, withheld / facts.left if facts.left > 0.0 else 0.0)

    def _count_time(self, interval: Interval, facts: Facts, harvest: float) -> None:
        """Count an interval with enough light and a known state."""
        self.useful_hours += interval.hours
        self.energy += harvest
        down = 0.0 if facts.running is None else 1.0 - facts.running
        if down > 0.0:
            lost = min(down * facts.left, max(facts.left - harvest, 0.0))
            start = int(interval.start.timestamp())
            self.downs.append(Down(start, round(down * interval.hours, 4), lost))

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        return {
            "peak_power": self.peak_power,
            "losses": self.losses.as_dict(),
            "performance": self.performance.as_list(),
            "hours": [
                round(self.useful_hours, 4),
                round(self.unknown_hours, 4),
                round(self.energy, 2),
            ],
            "downs": [[d.start, d.hours, round(d.lost, 2)] for d in self.downs],
            "sources": {str(name): round(wh, 2) for name, wh in self.sources.items()},
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """Return the day of a state.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        state = mapping(state)
        useful, unknown, energy = map(finite, state["hours"])
        return cls(
            peak_power=finite(state["peak_power"]),
            losses=LossBook.from_dict(mapping(state["losses"])),
            performance=PerformanceSums.from_list(state["performance"]),
            useful_hours=useful,
            unknown_hours=unknown,
            energy=energy,
            downs=[
                Down(int(finite(start)), finite(hours), finite(lost))
                for start, hours, lost in state["downs"]
            ],
            sources={
                IrradianceSource(name): finite(wh)
                for name, wh in mapping(state["sources"]).items()
            },
        )


@dataclass(slots=True)
class Day:
    """One day of a plant.

    Attributes:
        peak_power: Nominal power of all modules, W.
        components: By the lasting name of the inverter.
        flows: What each flow of the home carried, Wh.
        grid: How well the grid did.
    """

    peak_power: float = 0.0
    components: dict[str, ComponentDay] = field(default_factory=dict)
    flows: dict[Flow, float] = field(default_factory=dict)
    grid: GridHealth = field(default_factory=GridHealth)

    def add_flows(self, flows: Mapping[Flow, float]) -> None:
        """Add what the flows of the home carried, in Wh."""
        for flow, energy in flows.items():
            self.flows[flow] = self.flows.get(flow, 0.0) + energy

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        return {
            "peak_power": self.peak_power,
            "components": {
                name: part.as_dict() for name, part in self.components.items()
            },
            "flows": {str(flow): round(wh, 2) for flow, wh in self.flows.items()},
            "grid": self.grid.as_list(),
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """Return the day of a state.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        state = mapping(state)
        return cls(
            finite(state["peak_power"]),
            {
                str(name): ComponentDay.from_dict(part)
                for name, part in mapping(state["components"]).items()
            },
            {Flow(flow): finite(wh) for flow, wh in mapping(state["flows"]).items()},
            GridHealth.from_list(state["grid"]),
        )


def _inferred(modelled: Modelled, seen: Seen, harvest: float) -> Seen:
    """Return what was seen, or what the counter tells of a time of silence."""
    if seen.known >= LEAST_KNOWN:
        return seen
    ran = harvest > STOPPED * modelled.facts.left
    return Seen(known=1.0, energy=harvest, running=1.0 if ran else 0.0)
