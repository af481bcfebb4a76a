"""Admit each reading once, and none that cannot be true."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from .energy_counter import EnergyCounter, Step
from .quantity import BOUNDS, Kind, Quantity
from .reading import Reading, Series

# A source's clock may run ahead of ours by this much.
_CLOCK_SKEW = timedelta(minutes=1)
# No power meter or inverter exceeds its rating by this factor.
_OVERLOAD = 2.0
_REMEMBERED_REFUSALS = 50
# A house connection of 3 x 63 A.
_UNKNOWN_CAPACITY = 43_500.0


class Verdict(StrEnum):
    """What became of a reading."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    LATE = "late"
    """Older than what is known already: true perhaps, but not the present."""

    IMPOSSIBLE = "impossible"
    HELD = "held"
    """A register that does not follow from its last value: waits for agreement."""


_REGISTER_VERDICTS: Final = {
    Step.FIRST: Verdict.ACCEPTED,
    Step.COUNTED: Verdict.ACCEPTED,
    Step.UNCHANGED: Verdict.ACCEPTED,
    Step.RESET: Verdict.ACCEPTED,
    Step.ROLLOVER: Verdict.ACCEPTED,
    Step.LATE: Verdict.LATE,
    Step.SPIKE: Verdict.HELD,
    Step.FALL: Verdict.HELD,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reading that was not believed, and why."""

    reading: Reading
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one part of a source can deliver.

    Attributes:
        capacity: The most power in W, ``None`` while unknown.
        resolution: The smallest step of its energy registers in Wh.
        modulus: Where its energy registers roll over, in Wh.
    """

    capacity: float | None = None
    resolution: float = 1.0
    modulus: float | None = None


_UNLIMITED: Final = Limits()


@dataclass(slots=True)
class Ledger:
    """The believed present of a home, and the energy behind it.

    Attributes:
        latest: The last accepted reading of each series.
        counters: One counter per energy register.
        refusals: The last readings that were refused, oldest first.
        verdicts: How often each verdict was given.
        limits: What each part of each source can deliver.
    """

    latest: dict[Series, Reading] = field(default_factory=dict)
    counters: dict[Series, EnergyCounter] = field(default_factory=dict)
    refusals: deque[Refusal] = field(
        default_factory=lambda: deque(maxlen=_REMEMBERED_REFUSALS)
    )
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    limits: dict[tuple[str, str], Limits] = field(default_factory=dict)

    def admit(
        self, reading: Reading, now: datetime, *, ordered: bool = True
    ) -> Verdict:
        """Judge one reading and take it in if it is new and possible.

        Args:
            reading: What a device said.
            now: The present (UTC), to tell what claims to come from the future.
            ordered: Whether its source sends in the order in which it measures.
        """
        verdict, reason = self._judge(reading, now, ordered=ordered)
        self.verdicts[verdict] += 1
        if verdict is Verdict.ACCEPTED:
            self.latest[reading.series] = reading
        elif verdict in (Verdict.IMPOSSIBLE, Verdict.HELD):
            self.refusals.append(Refusal(reading, verdict, reason))
        return verdict

    def doubt(self, reading: Reading, reason: str) -> None:
        """Put down a reading that others of its instant contradict."""
        self.verdicts[Verdict.IMPOSSIBLE] += 1
        self.refusals.append(Refusal(reading, Verdict.IMPOSSIBLE, reason))

    def fresh(
        self, series: Series, now: datetime, max_age: timedelta
    ) -> Reading | None:
        """Return the latest reading of a series unless it is older than allowed.

        Nor is one that was taken in the future, before our clock was put back.
        """
        reading = self.latest.get(series)
        if reading is None or not -_CLOCK_SKEW <= now - reading.taken <= max_age:
            return None
        return reading

    def _judge(
        self, reading: Reading, now: datetime, *, ordered: bool
    ) -> tuple[Verdict, str]:
        series, value = reading.series, reading.value
        known = self.latest.get(series)
        if known is not None and reading.taken == known.taken:
            return Verdict.DUPLICATE, "already admitted"
        if reading.taken > now + _CLOCK_SKEW:
            return Verdict.IMPOSSIBLE, "taken in the future"
        bounds = BOUNDS[series.quantity]
        # No comparison with a number that is none holds.
        if not bounds.low <= value <= bounds.high:
            return Verdict.IMPOSSIBLE, f"outside {bounds.low:g} to {bounds.high:g}"
        if known is not None and reading.taken < known.taken:
            return Verdict.LATE, "older than the latest"
        if bounds.kind is Kind.LEVEL:
            return Verdict.ACCEPTED, ""
        limits = self.limits.get((series.source, series.part), _UNLIMITED)
        if bounds.kind is Kind.REGISTER:
            counter = self.counters.setdefault(series, EnergyCounter())
            step = counter.count_register(
                reading.taken,
                value,
                capacity=limits.capacity or _UNKNOWN_CAPACITY,
                resolution=limits.resolution,
                modulus=limits.modulus,
                ordered=ordered,
            )
            return _REGISTER_VERDICTS[step], step.value
        if (
            bounds.kind is Kind.POWER
            and limits.capacity is not None
            and abs(value) > _OVERLOAD * limits.capacity
        ):
            return Verdict.IMPOSSIBLE, f"over {_OVERLOAD:g} x {limits.capacity:g} W"
        return Verdict.ACCEPTED, ""

    def counters_as_list(self) -> list[dict[str, Any]]:
        """Return the counters as JSON types, for `restore_counters`."""
        return [
            {"series": list(series), "counter": counter.as_dict()}
            for series, counter in self.counters.items()
        ]

    def restore_counters(self, stored: list[Mapping[str, Any]]) -> None:
        """Take up counting where `counters_as_list` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        counters: dict[Series, EnergyCounter] = {}
        for item in stored:
            source, part, quantity = item["series"]
            series = Series(str(source), str(part), Quantity(quantity))
            counters[series] = EnergyCounter.from_dict(item["counter"])
        self.counters.update(counters)
