"""What a node's reports mean: two energies, a load, and what is measured beside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from ...readings.energy_counter import finite
from ...readings.quantity import Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import Capability, Part, PartKind, Poll
from .payload import PayloadError, Report

PRODUCTION: Final = Part(PartKind.CHANNEL, 1)
CONSUMPTION: Final = Part(PartKind.CHANNEL, 2)
NODE: Final = Part(PartKind.NODE)

# What every node tells, whatever else it measures.
CAPABILITIES: Final = (
    Capability(PRODUCTION.key, Quantity.AC_POWER),
    Capability(PRODUCTION.key, Quantity.ENERGY_PRODUCED),
    Capability(CONSUMPTION.key, Quantity.AC_POWER),
    Capability(CONSUMPTION.key, Quantity.ENERGY_CONSUMED),
)

# A node's clock may differ by this much before its times are not believed.
_CLOCK_TOLERANCE: Final = timedelta(minutes=2)
_TICK: Final = timedelta(microseconds=1)
# The shortest and the longest time from which a power can be worked out.
_SHORTEST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=15)
# What flows through the largest connection of a house, in W: more is no power.
_MOST_POWER: Final = 55_000.0
# What such a connection carries in five minutes and in a day, in Wh: so much may a
# report hold that comes right after another, and so much one that comes alone.
_MOST_AT_ONCE: Final = 4_500.0
_MOST_AMOUNT: Final = 1_300_000.0
# Numbers that come late are told from repeated ones this far back; a number from
# before that is one of a node that counts from the beginning again.
_REMEMBERED: Final = 4096

_BESIDE: Final[Mapping[str, tuple[Part, Quantity]]] = {
    "voltage": (NODE, Quantity.AC_VOLTAGE),
    "frequency": (NODE, Quantity.FREQUENCY),
    "current": (CONSUMPTION, Quantity.AC_CURRENT),
    "current1": (NODE, Quantity.AC_CURRENT_L1),
    "current2": (NODE, Quantity.AC_CURRENT_L2),
    "current3": (NODE, Quantity.AC_CURRENT_L3),
    "power_factor": (CONSUMPTION, Quantity.POWER_FACTOR),
}
_ENERGIES: Final[Mapping[str, tuple[Part, Quantity]]] = {
    "energy_produced": (PRODUCTION, Quantity.ENERGY_PRODUCED),
    "energy_consumed": (CONSUMPTION, Quantity.ENERGY_CONSUMED),
}


class EnergyKind(StrEnum):
    """What a node's energies are."""

    TOTAL = "total"
    """Running totals, as a meter shows."""

    AMOUNT = "amount"
    """What flowed since the last report."""


class Acceptance(StrEnum):
    """What became of a report."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    """Its number came before: nothing counts twice, and nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """In which units a node reports.

    Attributes:
        energy: Wh in one unit of its energies.
        power: W in one unit of its load.
        kind: What its energies are.
    """

    energy: float = 1000.0
    power: float = 1000.0
    kind: EnergyKind = EnergyKind.TOTAL


class _Mark(NamedTuple):
    """What the production stood at in Wh, by our clock and by the node's."""

    arrived: datetime
    stamp: datetime | None
    produced: float

    def elapsed_since(self, before: _Mark) -> timedelta:
        """Return how much later than another this is.

        A node that sends what it kept is known by its own clock, wrong as that may
        be, and one whose clock stands still by ours.
        """
        ours = self.arrived - before.arrived
        if self.stamp is None or before.stamp is None:
            return ours
        return max(ours, self.stamp - before.stamp)


@dataclass(slots=True)
class PushNode:
    """Turn one node's reports into readings, each once.

    Attributes:
        serial: The node's lasting identity.
        units: In which units it reports.
        totals: The running totals that its amounts add up to, in Wh.
        highest: The highest number of a report so far.
        seen: Bit n tells whether the number n below the highest has come.
        taken: Of the last report (UTC).
    """

    serial: str
    units: Units
    totals: dict[str, float] = field(default_factory=dict)
    highest: int = -1
    seen: int = 0
    taken: datetime | None = None
    _mark: _Mark | None = None
    _power: float | None = None

    def check(self, report: Report) -> None:
        """Refuse an amount that would spoil the total for good.

        Raises:
            PayloadError: It exceeds what flows through a house in a day.
        """
        if self.units.kind is EnergyKind.TOTAL:
            return
        for name in _ENERGIES:
            if report.values[name] * self.units.energy > _MOST_AMOUNT:
                raise PayloadError("range", f"{name} is too much for one report")

    def is_repeated(self, report: Report) -> bool:
        """Tell whether a report has come before."""
        if report.sequence is None:
            return False
        back = self.highest - report.sequence
        return 0 <= back < _REMEMBERED and bool(self.seen >> back & 1)

    def _remember(self, number: int) -> int:
        """Remember a number and return how far it is ahead; 0 if it comes late."""
        back = self.highest - number
        if 0 <= back < _REMEMBERED:
            self.seen |= 1 << back
            return 0
        again = back > 0 or self.highest < 0
        ahead = _REMEMBERED if again else min(-back, _REMEMBERED)
        self.seen = (self.seen << ahead | 1) & ((1 << _REMEMBERED) - 1)
        self.highest = number
        return 1 if again else ahead

    def take(self, report: Report, arrived: datetime) -> tuple[Acceptance, Poll | None]:
        """Take a report in.

        Args:
            report: What the node reported.
            arrived: When it came (UTC).

        Returns:
            What became of it, and what it says of the present, if it does: a running
            total that later reports have overtaken says nothing any more.
        """
        if self.is_repeated(report):
            return Acceptance.REPEATED, None
        ahead = 1 if report.sequence is None else self._remember(report.sequence)
        late, amounts = ahead == 0, self.units.kind is EnergyKind.AMOUNT
        if late and not amounts:
            return Acceptance.ACCEPTED, None
        taken = self.taken = self._when(report, arrived, late=late)
        energies = [
            self._reading(part, quantity, self._energy(name, report), taken)
            for name, (part, quantity) in _ENERGIES.items()
        ]
        produced = energies[0].value
        if late and self._mark is not None:
            # What comes late did not flow just now.
            grown = report.values["energy_produced"] * self.units.energy
            self._mark = self._mark._replace(produced=self._mark.produced + grown)
        spare = max(1, ahead) if amounts or report.sequence is not None else 0
        # The ledger allows for two steps beyond what time allows for.
        step = self._step + spare * _MOST_AT_ONCE / 2
        return Acceptance.ACCEPTED, Poll(
            taken=taken,
            readings=(
                *energies,
                *(() if late else self._present(report, arrived, taken, produced)),
            ),
            resolutions={PRODUCTION.key: step, CONSUMPTION.key: step},
            ordered=amounts or report.sequence is not None,
        )

    def _present(
        self, report: Report, arrived: datetime, taken: datetime, produced: float
    ) -> Iterator[Reading]:
        load = report.values["current_load"] * self.units.power
        yield self._reading(CONSUMPTION, Quantity.AC_POWER, load, taken)
        power = self._derived_power(_Mark(arrived, report.timestamp, produced))
        if power is not None:
            yield self._reading(
                PRODUCTION, Quantity.AC_POWER, power, taken, Quality.DERIVED
            )
        for name, (part, quantity) in _BESIDE.items():
            if name in report.values:
                yield self._reading(part, quantity, report.values[name], taken)

    @property
    def _step(self) -> float:
        # Nodes round to two decimals as a rule.
        return max(1.0, self.units.energy / 100)

    def _when(self, report: Report, arrived: datetime, *, late: bool) -> datetime:
        """Return when a report was measured: by the node's clock if that is right.

        Every report is later than the one before, even if their times are not: what
        is taken at one instant counts once.
        """
        stamp = report.timestamp
        if late or stamp is None or abs(stamp - arrived) > _CLOCK_TOLERANCE:
            taken = arrived
        else:
            taken = min(stamp, arrived)
        if self.taken is None or taken > self.taken:
            return taken
        return max(arrived, self.taken + _TICK)

    def _energy(self, name: str, report: Report) -> float:
        value = report.values[name] * self.units.energy
        if self.units.kind is EnergyKind.TOTAL:
            return value
        self.totals[name] = self.totals.get(name, 0.0) + value
        return self.totals[name]

    def _derived_power(self, now: _Mark) -> float | None:
        """Return the mean power since the last report that is far enough away, in W."""
        if self._mark is None:
            self._mark = now
            return None
        elapsed = now.elapsed_since(self._mark)
        if timedelta(0) <= elapsed < _SHORTEST:
            return self._power
        grown = now.produced - self._mark.produced
        self._mark, self._power = now, None
        if _SHORTEST <= elapsed <= _LONGEST:
            power = grown / (elapsed.total_seconds() / 3600)
            self._power = power if 0.0 <= power <= _MOST_POWER else None
        return self._power

    def _reading(
        self,
        part: Part,
        quantity: Quantity,
        value: float,
        taken: datetime,
        quality: Quality = Quality.MEASURED,
    ) -> Reading:
        return Reading(Series(self.serial, part.key, quantity), value, taken, quality)

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run needs to know, as JSON types."""
        return {
            "totals": dict(self.totals),
            "highest": self.highest,
            "seen": f"{self.seen:x}",
            "taken": None if self.taken is None else self.taken.isoformat(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        totals = {str(k): finite(v) for k, v in dict(state["totals"]).items()}
        highest, seen = int(state["highest"]), int(str(state["seen"]), 16)
        if highest < -1 or not 0 <= seen < 1 << _REMEMBERED:
            raise ValueError("no numbers of reports")
        taken = state["taken"]
        if taken is not None:
            taken = datetime.fromisoformat(taken).astimezone(UTC)
        self.totals, self.highest, self.seen = totals, highest, seen
        self.taken = taken
