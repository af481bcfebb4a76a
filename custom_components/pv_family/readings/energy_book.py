"""The home's six energy flows: what came in, what went out, what was used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from .energy_counter import EnergyCounter, Step, finite
from .period import Period, PeriodTotals
from .power_flow import PowerFlow


class Flow(StrEnum):
    """An energy flow of the home, counted at the AC side."""

    PRODUCTION = "production"
    CONSUMPTION = "consumption"
    GRID_IMPORT = "grid_import"
    GRID_EXPORT = "grid_export"
    BATTERY_CHARGE = "battery_charge"
    BATTERY_DISCHARGE = "battery_discharge"


# An inverter's usual efficiency, and the least that is believed of one.
_USUAL: Final = 0.96
_LEAST: Final = 0.85
# Below this the steps of the registers hide the efficiency.
_ENOUGH: Final = 1_000.0

_MEASURED = tuple(flow for flow in Flow if flow is not Flow.CONSUMPTION)


@dataclass(slots=True)
class EnergyBook:
    """Count each flow of the home, from registers where they are, else from power.

    Consumption is not counted by itself: it is what the other five leave, so the
    books close at every instant and agree with Home Assistant's Energy dashboard.

    Attributes:
        counters: The power-counted part of each measured flow.
        from_registers: The part of each flow that registers counted, in Wh.
        seen: The last total of each register in Wh, by its name.
        bridged: What power counted since the registers last moved, in Wh.
        stand_ins: For each flow what its stand-ins showed last, in Wh.
        shares: For each flow what power counted and what its stand-ins showed
            meanwhile, in Wh.
        periods: The calendar periods of each flow.
    """

    counters: dict[Flow, EnergyCounter] = field(default_factory=dict)
    from_registers: dict[Flow, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    bridged: dict[Flow, float] = field(default_factory=dict)
    stand_ins: dict[Flow, float] = field(default_factory=dict)
    shares: dict[Flow, tuple[float, float]] = field(default_factory=dict)
    periods: dict[Flow, PeriodTotals] = field(default_factory=dict)
    _consumption: float = 0.0

    def count(
        self,
        flow: PowerFlow,
        registers: Mapping[Flow, Mapping[str, float]],
        stand_ins: Mapping[Flow, float] | None = None,
    ) -> None:
        """Take in one picture of the home.

        Args:
            flow: The power flow at its instant.
            registers: For each flow that registers cover in full, each register's
                growing total in Wh (`EnergyCounter.total`) by a lasting name.
            stand_ins: For flows that only power tells about, a growing total in Wh
                that grows in proportion, to fill in what flowed while nobody looked.
        """
        power = {
            Flow.PRODUCTION: flow.production,
            Flow.GRID_IMPORT: flow.grid,
            Flow.GRID_EXPORT: _reversed(flow.grid),
            Flow.BATTERY_CHARGE: _reversed(flow.battery),
            Flow.BATTERY_DISCHARGE: flow.battery,
        }
        for name in _MEASURED:
            if name in registers:
                self._count_registers(name, registers[name])
            else:
                stand_in = (stand_ins or {}).get(name)
                self._count_power(name, flow.taken, power[name], stand_in)
        self._count_consumption()

    def total(self, flow: Flow) -> float:
        """Return what a flow has carried since counting began, in Wh."""
        if flow is Flow.CONSUMPTION:
            return self._consumption
        counter = self.counters.get(flow)
        return self.from_registers.get(flow, 0.0) + (counter.total if counter else 0.0)

    def since(self, flow: Flow, period: Period, day: date) -> float:
        """Return what a flow has carried in the period that holds ``day``, in Wh."""
        periods = self.periods.setdefault(flow, PeriodTotals())
        return periods.since_start(period, day, self.total(flow))

    def started(self, flow: Flow, period: Period) -> date | None:
        """Return the first day of the flow's running period."""
        return self.periods.setdefault(flow, PeriodTotals()).start_of(period)

    def _count_registers(self, flow: Flow, totals: Mapping[str, float]) -> None:
        grown = 0.0
        for name, total in totals.items():
            grown += max(0.0, total - self.seen.get(name, total))
            self.seen[name] = total
        if grown > 0.0:
            # What power counted in their absence comes to light in them as well.
            grown = max(0.0, grown - self.bridged.pop(flow, 0.0))
        self.from_registers[flow] = self.from_registers.get(flow, 0.0) + grown
        # Should the register go, neither power nor a stand-in must count what it did.
        self.stand_ins.pop(flow, None)
        if counter := self.counters.get(flow):
            counter.pause()

    def _count_power(
        self,
        flow: Flow,
        taken: datetime,
        power: float | None,
        stand_in: float | None,
    ) -> None:
        counter = self.counters.setdefault(flow, EnergyCounter())
        if power is None:
            counter.pause()
            return
        before = counter.total
        step = counter.count_power(taken, power)
        counted = counter.total - before
        if stand_in is None:
            self.stand_ins.pop(flow, None)
        elif step is not Step.LATE:
            counted += self._fill_in(flow, step, counted, stand_in)
        self.bridged[flow] = self.bridged.get(flow, 0.0) + counted

    def _fill_in(
        self, flow: Flow, step: Step, counted: float, stand_in: float
    ) -> float:
        """Count what flowed unseen, as far as a stand-in knows, and return it in Wh.

        Strings count at the DC side what the home counts at the AC side: how much of
        it arrives there is learned while both are seen.
        """
        grown = max(0.0, stand_in - self.stand_ins.get(flow, stand_in))
        self.stand_ins[flow] = stand_in
        seen_power, seen_stand_in = self.shares.get(flow, (0.0, 0.0))
        if step is Step.COUNTED:
            self.shares[flow] = (seen_power + counted, seen_stand_in + grown)
            return 0.0
        learned = seen_power / seen_stand_in if seen_stand_in > _ENOUGH else _USUAL
        filled = grown * min(1.0, max(_LEAST, learned))
        self.from_registers[flow] = self.from_registers.get(flow, 0.0) + filled
        return filled

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
            "counters": {f: c.as_dict() for f, c in self.counters.items()},
            "from_registers": dict(self.from_registers),
            "seen": dict(self.seen),
            "bridged": dict(self.bridged),
            "stand_ins": dict(self.stand_ins),
            "shares": {flow: list(share) for flow, share in self.shares.items()},
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
        counters = {
            Flow(flow): EnergyCounter.from_dict(counter)
            for flow, counter in _mapping(state["counters"]).items()
        }
        from_registers = _by_flow(state["from_registers"])
        seen = {
            str(name): finite(total) for name, total in _mapping(state["seen"]).items()
        }
        bridged = _by_flow(state["bridged"])
        stand_ins = _by_flow(state["stand_ins"])
        shares = {
            Flow(flow): (finite(power), finite(stand_in))
            for flow, (power, stand_in) in _mapping(state["shares"]).items()
        }
        periods = {
            Flow(flow): PeriodTotals(
                {
                    Period(period): (date.fromisoformat(start), finite(total))
                    for period, (start, total) in _mapping(anchors).items()
                }
            )
            for flow, anchors in _mapping(state["periods"]).items()
        }
        self._consumption = finite(state["consumption"])
        self.counters, self.from_registers, self.seen = counters, from_registers, seen
        self.bridged, self.periods = bridged, periods
        self.stand_ins, self.shares = stand_ins, shares


def _by_flow(state: Any) -> dict[Flow, float]:
    return {Flow(flow): finite(total) for flow, total in _mapping(state).items()}


def _mapping(state: Any) -> Mapping[Any, Any]:
    if not isinstance(state, Mapping):
        raise TypeError(f"{type(state).__name__} is no mapping")
    return state


def _reversed(power: float | None) -> float | None:
    return None if power is None else -power
