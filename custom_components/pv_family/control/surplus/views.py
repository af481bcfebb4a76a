"""Two views of the surplus: a fast one to reduce by, a sustained one to start by."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple

_MEMORY: Final = timedelta(minutes=45)
_SPELL: Final = timedelta(minutes=15)
# Loads that change by less are steady, in W.
_STEADY: Final = 400.0
# How many samples a surplus must last to be followed upwards.
_LASTING: Final = 3
# Below this an array's flutter says nothing about the sky, in W.
_DAYLIGHT: Final = 100.0


class Sample(NamedTuple):
    """What was measured at an instant, in W."""

    when: datetime
    production: float
    base: float
    drawn: float


@dataclass(slots=True)
class SurplusViews:
    """What the meters have shown lately.

    The base is what the home draws without the controlled loads.
    """

    samples: deque[Sample] = field(default_factory=deque)

    def add(self, now: datetime, production: float, base: float, drawn: float) -> None:
        """Take up a measurement.

        Args:
            now: When it was taken (UTC).
            production: In W.
            base: Consumption without the controlled loads, in W.
            drawn: What those draw, in W.
        """
        if self.samples and now <= self.samples[-1].when:
            return
        self.samples.append(Sample(now, production, max(0.0, base), drawn))
        while now - self.samples[0].when > _MEMORY:
            self.samples.popleft()

    @property
    def base(self) -> float:
        """The base now, in W.

        While loads change, a single odd sample does not count: the meters of the home
        and of the loads do not speak at the same instant.
        """
        last = list(self.samples)[-3:]
        drawn = [s.drawn for s in last]
        if max(drawn) - min(drawn) < _STEADY:
            return last[-1].base
        return median(s.base for s in last)

    @property
    def fast(self) -> float:
        """Production less base now, in W."""
        return self.samples[-1].production - self.base

    @property
    def lasting(self) -> float:
        """What production less base has not fallen below of late, in W."""
        last = list(self.samples)[-_LASTING:]
        return min(self.fast, *(s.production - s.base for s in last))

    def mean(self, now: datetime, seconds: float) -> tuple[float, float]:
        """Return the mean production and base of the last seconds, in W."""
        since = now - timedelta(seconds=seconds)
        found = [s for s in reversed(self.samples) if s.when > since]
        if not found:
            found = [self.samples[-1]]
        return (
            sum(s.production for s in found) / len(found),
            sum(s.base for s in found) / len(found),
        )

    def flutter(self) -> float:
        """Return how production scatters within a quarter of an hour.

        The standard deviation as a share of the mean, over the samples kept.
        """
        squares, count = 0.0, 0
        part: list[float] = []
        edge: datetime | None = None
        for sample in self.samples:
            if edge is None or sample.when - edge > _SPELL:
                squares, count = _gather(part, squares, count)
                part, edge = [], sample.when
            part.append(sample.production)
        squares, count = _gather(part, squares, count)
        return (squares / count) ** 0.5 if count else 0.0


def _gather(part: list[float], squares: float, count: int) -> tuple[float, int]:
    if len(part) < 10 or (middle := sum(part) / len(part)) < _DAYLIGHT:
        return squares, count
    return squares + sum((p / middle - 1.0) ** 2 for p in part), count + len(part)
