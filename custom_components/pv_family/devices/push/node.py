"""What a node's reports mean: two energies, a load, and what is measured beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ...readings.energy_counter import finite
from ...readings.quantity import Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import Part, PartKind, Poll
from .payload import Report

PRODUCTION: Final = Part(PartKind.CHANNEL, 1)
CONSUMPTION: Final = Part(PartKind.CHANNEL, 2)
NODE: Final = Part(PartKind.NODE)

# A node's clock may differ by this much before its times are not believed.
_CLOCK_TOLERANCE: Final = timedelta(minutes=2)
# The shortest and the longest time from which a power can be worked out.
_SHORTEST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=15)
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


@dataclass(slots=True)
class PushNode:
    """Turn one node's reports into readings, each once.

    Attributes:
        serial: The node's lasting identity.
        units: In which units it reports.
        totals: The running totals that its amounts add up to, in Wh.
        highest: The highest number of a report so far.
        seen: Bit n tells whether the number n below the highest has come.
    """

    serial: str
    units: Units
    totals: dict[str, float] = field(default_factory=dict)
    highest: int = -1
    seen: int = 0
    _produced: tuple[datetime, float] | None = None
    _power: float | None = None

    def is_repeated(self, report: Report) -> bool:
        """Tell whether a report has come before."""
        if report.sequence is None:
            return False
        back = self.highest - report.sequence
        return 0 <= back < _REMEMBERED and bool(self.seen >> back & 1)

    def _remember(self, number: int) -> None:
        back = self.highest - number
        if 0 <= back < _REMEMBERED:
            self.seen |= 1 << back
            return
        gap = min(-back, _REMEMBERED) if back < 0 and self.highest >= 0 else _REMEMBERED
        self.seen = (self.seen << gap | 1) & ((1 << _REMEMBERED) - 1)
        self.highest = number

    def take(self, report: Report, arrived: datetime) -> tuple[Acceptance, Poll | None]:
        """Take a report in.

        Args:
            report: What the node reported.
            arrived: When it came (UTC).

        Returns:
            What became of it, and what it says unless it has come before.
        """
        if self.is_repeated(report):
            return Acceptance.REPEATED, None
        if report.sequence is not None:
            self._remember(report.sequence)
        taken = self._when(report, arrived)
        produced = self._energy("energy_produced", report)
        consumed = self._energy("energy_consumed", report)
        readings = [
            self._reading(PRODUCTION, Quantity.ENERGY_PRODUCED, produced, taken),
            self._reading(CONSUMPTION, Quantity.ENERGY_CONSUMED, consumed, taken),
            self._reading(
                CONSUMPTION,
                Quantity.AC_POWER,
                report.values["current_load"] * self.units.power,
                taken,
            ),
        ]
        if (power := self._derived_power(taken, produced)) is not None:
            readings.append(
                self._reading(
                    PRODUCTION, Quantity.AC_POWER, power, taken, Quality.DERIVED
                )
            )
        readings += [
            self._reading(part, quantity, report.values[name], taken)
            for name, (part, quantity) in _BESIDE.items()
            if name in report.values
        ]
        step = {PRODUCTION.key: self._step, CONSUMPTION.key: self._step}
        return Acceptance.ACCEPTED, Poll(
            taken=taken, readings=tuple(readings), resolutions=step
        )

    @property
    def _step(self) -> float:
        # Nodes round to two decimals as a rule.
        return max(1.0, self.units.energy / 100)

    def _when(self, report: Report, arrived: datetime) -> datetime:
        """Return when a report was measured: by the node's clock if that is right."""
        stamp = report.timestamp
        if stamp is None or abs(stamp - arrived) > _CLOCK_TOLERANCE:
            return arrived
        return min(stamp, arrived)

    def _energy(self, name: str, report: Report) -> float:
        value = report.values[name] * self.units.energy
        if self.units.kind is EnergyKind.TOTAL:
            return value
        self.totals[name] = self.totals.get(name, 0.0) + value
        return self.totals[name]

    def _derived_power(self, taken: datetime, produced: float) -> float | None:
        """Return the mean power since the last report that is far enough away, in W."""
        if self._produced is None:
            self._produced = taken, produced
            return None
        since, before = self._produced
        elapsed = taken - since
        if elapsed < _SHORTEST:
            return self._power
        self._produced = taken, produced
        grown = produced - before
        hours = elapsed.total_seconds() / 3600
        self._power = None if elapsed > _LONGEST or grown < 0.0 else grown / hours
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
        self.totals, self.highest, self.seen = totals, highest, seen
