"""The home's six energy flows: what came in, what went out, what was used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from .energy_counter import finite, mapping
from .flow_meter import Contribution, FlowMeter
from .period import Period, PeriodTotals


class Flow(StrEnum):
    """An energy flow of the home, counted at the AC side."""

    PRODUCTION = "production"
    CONSUMPTION = "consumption"
    GRID_IMPORT = "grid_import"
    GRID_EXPORT = "grid_export"
    BATTERY_CHARGE = "battery_charge"
    BATTERY_DISCHARGE = "battery_discharge"


_MEASURED = tuple(flow for flow in Flow if flow is not Flow.CONSUMPTION)
# One measurement each, in two directions.
_PAIRS = (
    (Flow.GRID_IMPORT, Flow.GRID_EXPORT),
    (Flow.BATTERY_CHARGE, Flow.BATTERY_DISCHARGE),
)


@dataclass(slots=True)
class EnergyBook:
    """Count each flow of the home, source by source.

    Consumption is not counted by itself: it is what the other five leave, so the
    books close at every instant and agree with Home Assistant's Energy dashboard.

    Attributes:
        meters: One meter for each source of each flow, by the source's place.
        periods: The calendar periods of each flow.
    """

    meters: dict[Flow, dict[str, FlowMeter]] = field(default_factory=dict)
    periods: dict[Flow, PeriodTotals] = field(default_factory=dict)
    _consumption: float = 0.0

    def count(
        self,
        taken: datetime,
        contributions: Mapping[Flow, Mapping[str, Contribution]],
    ) -> None:
        """Take in one picture of the home.

        Args:
            taken: The instant (UTC).
            contributions: For each flow what each of its sources tells, by a lasting
                name of what it measures.
        """
        for flow in _MEASURED:
            meters = self.meters.setdefault(flow, {})
            said = contributions.get(flow, {})
            for place, contribution in said.items():
                meters.setdefault(place, FlowMeter()).count(taken, contribution)
            for place in meters.keys() - said.keys():
                meters[place].pause()
        self._trust_both_directions()
        self._count_consumption()

    def total(self, flow: Flow) -> float:
        """Return what a flow has carried since counting began, in Wh."""
        if flow is Flow.CONSUMPTION:
            return self._consumption
        return sum(meter.total for meter in self.meters.get(flow, {}).values())

    def raise_to(self, flow: Flow, energy: float) -> float:
        """Put back what a flow had carried before, and return how much that is.

        Args:
            flow: The flow.
            energy: What it is known to have carried since counting began, in Wh.
        """
        missing = energy - self.total(flow)
        # What was shown is rounded to the Wh.
        if not missing > 1.0:
            return 0.0
        if flow is Flow.CONSUMPTION:
            self._consumption = energy
        else:
            meters = self.meters.setdefault(flow, {})
            place = next(iter(meters), "restored")
            meters.setdefault(place, FlowMeter()).put_back(missing)
        return missing

    def since(self, flow: Flow, period: Period, day: date) -> float:
        """Return what a flow has carried in the period that holds ``day``, in Wh."""
        periods = self.periods.setdefault(flow, PeriodTotals())
        return periods.since_start(period, day, self.total(flow))

    def started(self, flow: Flow, period: Period) -> date | None:
        """Return the first day of the flow's running period."""
        return self.periods.setdefault(flow, PeriodTotals()).start_of(period)

    def _trust_both_directions(self) -> None:
        """Trust a register that stands still while that of the other way moves.

        Nothing may have flowed its way, whatever a power of the wrong sign says.
        """
        for pair in _PAIRS:
            one, other = (self.meters[flow] for flow in pair)
            for place in one.keys() & other.keys():
                if None in (one[place].unmoved, other[place].unmoved):
                    one[place].unmoved = other[place].unmoved = None

    def _count_consumption(self) -> None:
        left = (
            self.total(Flow.PRODUCTION)
            + self.total(Flow.GRID_IMPORT)
            + self.total(Flow.BATTERY_DISCHARGE)
            - self.total(Flow.GRID_EXPORT)
            - self.total(Flow.BATTERY_CHARGE)
        )
        # Registers refresh out of step, so what is left may dip for a moment.
        self._consumption = max(self._consumption, left)

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "consumption": self._consumption,
            "meters": {
                flow: {place: meter.as_dict() for place, meter in meters.items()}
                for flow, meters in self.meters.items()
            },
            "periods": {
                flow: {
                    period: [start.isoformat(), total]
                    for period, (start, total) in totals.anchors.items()
                }
                for flow, totals in self.periods.items()
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up counting where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        meters = {
            Flow(flow): {
                str(place): FlowMeter.from_dict(meter)
                for place, meter in mapping(places).items()
            }
            for flow, places in mapping(state["meters"]).items()
        }
        periods = {
            Flow(flow): PeriodTotals(
                {
                    Period(period): (date.fromisoformat(start), finite(total))
                    for period, (start, total) in mapping(anchors).items()
                }
            )
            for flow, anchors in mapping(state["periods"]).items()
        }
        self._consumption = finite(state["consumption"])
        self.meters, self.periods = meters, periods
