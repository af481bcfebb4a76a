"""What the books say of any time: yields, ratios, availability, losses, the grid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isfinite

from ...readings.energy_book import Flow
from ..kpi.availability import Availability, PlannedDowntime, plant_availability
from ..kpi.sums import PerformanceSums
from ..losses.cause import BY_EVIDENCE, Cause
from ..losses.ledger import LossBook, total
from ..model.uncertainty import (
    METER,
    IrradianceSource,
    Span,
    expected_uncertainty,
    ratio_uncertainty,
)
from .day import ComponentDay, Day, Down
from .grid_health import GridHealth


@dataclass(slots=True)
class ComponentSums:
    """Days of one component, added up.

    Attributes:
        peak_power: Nominal power of the modules on the last of them, W.
        losses: Where the energy went.
        performance: The sums of the performance ratio.
        useful_hours: With enough light and a known state.
        unknown_hours: With enough light and no known state.
        energy: What came in the useful hours, Wh.
        downs: When it stood still in them.
    """

    peak_power: float = 0.0
    losses: LossBook = field(default_factory=LossBook)
    performance: PerformanceSums = field(default_factory=PerformanceSums)
    useful_hours: float = 0.0
    unknown_hours: float = 0.0
    energy: float = 0.0
    downs: list[Down] = field(default_factory=list)

    def add(self, other: ComponentSums | ComponentDay) -> None:
        """Add other days."""
        self.peak_power = other.peak_power or self.peak_power
        self.losses = total((self.losses, other.losses))
        self.performance.add(other.performance)
        self.useful_hours += other.useful_hours
        self.unknown_hours += other.unknown_hours
        self.energy += other.energy
        self.downs += other.downs

    def availability(
        self, name: str, planned: Sequence[PlannedDowntime]
    ) -> Availability:
        """Return the availability.

        Args:
            name: Of the component.
            planned: What the user has marked.
        """
        hours = {True: 0.0, False: 0.0}
        lost = {True: 0.0, False: 0.0}
        for down in self.downs:
            marked = any(
                mark.component in {None, name}
                and mark.start.timestamp() <= down.start < mark.end.timestamp()
                for mark in planned
            )
            hours[marked] += down.hours
            lost[marked] += down.lost
        return Availability(
            useful_hours=self.useful_hours,
            unknown_hours=self.unknown_hours,
            planned_hours=hours[True],
            unplanned_hours=hours[False],
            energy=self.energy,
            lost_planned=lost[True],
            lost_unplanned=lost[False],
        )


@dataclass(slots=True)
class Summary:
    """Days of a plant, added up.

    Attributes:
        days: How many there are.
        hours: Their true length: clocks that change make it an hour more or less.
        components: By the lasting name of the inverter.
        flows: What each flow of the home carried, Wh.
        grid: How well the grid did.
        specific_yield: Energy over nominal power, kWh/kWp.
        rated_energy: What the nominal power would have given without a pause, Wh.
        sources: Potential by how the irradiance was known, Wh.
    """

    days: int = 0
    hours: float = 0.0
    components: dict[str, ComponentSums] = field(default_factory=dict)
    flows: dict[Flow, float] = field(default_factory=dict)
    grid: GridHealth = field(default_factory=GridHealth)
    specific_yield: float = 0.0
    rated_energy: float = 0.0
    sources: dict[IrradianceSource, float] = field(default_factory=dict)

    def add_day(self, day: Day, hours: float) -> None:
        """Add a day.

        Args:
            day: What is known of it.
            hours: Its true length so far.
        """
        self.days += 1
        self.hours += hours
        if day.peak_power > 0.0:
            self.specific_yield += day.flows.get(Flow.PRODUCTION, 0.0) / day.peak_power
        self.rated_energy += day.peak_power * hours
        self._add_flows(day.flows)
        self.grid.add(day.grid)
        for name, part in day.components.items():
            self.components.setdefault(name, ComponentSums()).add(part)
            self._add_sources(part.sources)

    def add(self, other: Summary) -> None:
        """Add other days."""
        self.days += other.days
        self.hours += other.hours
        self.specific_yield += other.specific_yield
        self.rated_energy += other.rated_energy
        self._add_flows(other.flows)
        self.grid.add(other.grid)
        for name, part in other.components.items():
            self.components.setdefault(name, ComponentSums()).add(part)
        self._add_sources(other.sources)

    @property
    def production(self) -> float | None:
        """AC energy, Wh."""
        return self.flows.get(Flow.PRODUCTION)

    @property
    def capacity_factor(self) -> float | None:
        """Energy over what the modules' nominal power gives without a pause."""
        if self.production is None or not self.rated_energy:
            return None
        return self.production / self.rated_energy

    @property
    def performance(self) -> PerformanceSums:
        """The sums of the performance ratio of all components."""
        sums = PerformanceSums()
        for part in self.components.values():
            sums.add(part.performance)
        return sums

    @property
    def losses(self) -> LossBook:
        """Where the energy went, of all components."""
        return total(part.losses for part in self.components.values())

    @property
    def lost(self) -> float:
        """What all causes took that there is evidence for, Wh."""
        explained = self.losses.explained
        return sum(explained.get(cause, 0.0) for cause in BY_EVIDENCE)

    @property
    def faulty(self) -> float:
        """Share of the potential that string faults took."""
        books = self.losses
        lost = books.explained.get(Cause.STRING_FAULT, 0.0)
        return min(max(lost / books.potential, 0.0), 1.0) if books.potential else 0.0

    def lost_to(self, cause: Cause) -> float:
        """Return what a cause took, Wh."""
        return dict(self.losses.waterfall())[cause]

    def availability(self, planned: Sequence[PlannedDowntime]) -> Availability:
        """Return the availability of the plant, weighted by nominal power.

        Args:
            planned: What the user has marked.
        """
        return plant_availability(
            [
                (part.peak_power, part.availability(name, planned))
                for name, part in self.components.items()
            ]
        )

    @property
    def source(self) -> IrradianceSource | None:
        """How most of the irradiance was known."""
        return max(self.sources, key=lambda s: self.sources[s], default=None)

    @property
    def span(self) -> Span:
        """Over how long the figures are means: as far as the books know it."""
        hours = (part.performance.hours for part in self.components.values())
        return Span.of(timedelta(hours=max(hours, default=0.0)))

    @property
    def ratio_uncertainty(self) -> float | None:
        """Relative standard uncertainty of the performance ratio."""
        source = self.source
        return None if source is None else ratio_uncertainty(source, self.span)

    @property
    def stated_error(self) -> float | None:
        """Standard uncertainty of what no evidence explains, Wh."""
        if (source := self.source) is None:
            return None
        return self.losses.stated_error(expected_uncertainty(source, self.span), METER)

    @property
    def closes(self) -> bool | None:
        """Whether what no evidence explains lies within twice the stated error."""
        if (source := self.source) is None:
            return None
        return self.losses.closes(expected_uncertainty(source, self.span), METER)

    @property
    def self_sufficiency(self) -> float | None:
        """Share of the consumption that the grid had no part in."""
        return self._kept(Flow.GRID_IMPORT, Flow.CONSUMPTION)

    @property
    def self_consumption(self) -> float | None:
        """Share of the production that was not exported."""
        return self._kept(Flow.GRID_EXPORT, Flow.PRODUCTION)

    def _kept(self, exchanged: Flow, whole: Flow) -> float | None:
        part, all_of_it = self.flows.get(exchanged), self.flows.get(whole)
        if part is None or not all_of_it:
            return None
        return min(1.0, max(0.0, 1.0 - part / all_of_it))

    def _add_flows(self, flows: Mapping[Flow, float]) -> None:
        for flow, energy in flows.items():
            self.flows[flow] = self.flows.get(flow, 0.0) + energy

    def _add_sources(self, sources: Mapping[IrradianceSource, float]) -> None:
        for source, energy in sources.items():
            self.sources[source] = self.sources.get(source, 0.0) + energy


def summarise(days: Iterable[tuple[date, Day, float]]) -> Summary:
    """Return days with their true lengths in h as one."""
    summary = Summary()
    for _, day, hours in days:
        summary.add_day(day, hours)
    return summary


def known(value: float | None) -> float | None:
    """Return a number, or ``None`` for one that is not known."""
    return None if value is None or not isfinite(value) else value
