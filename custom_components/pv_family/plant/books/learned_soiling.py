"""Learn how dirty a roof is, from what clear days give less and less after a rain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from statistics import median
from typing import Any, Final, Self

from ...readings.energy_counter import finite, mapping
from ..losses.cause import Cause
from ..losses.ledger import Entry
from ..model.uncertainty import IrradianceSource
from .learned_shade import CLEAR, NO_FAULT, clearness
from .modelled import Modelled

HIGH_SUN: Final = 20.0
"""Degrees below which shade and the glass say more than dirt."""
ENOUGH: Final = 8
"""Clear quarters of an hour that make a day worth comparing."""
LEAST_RISE: Final = 0.03
"""By how much a roof gives more once it is clean: less is the weather's."""
LEAST_LOSS: Final = 0.02
"""Share from which dirt is booked."""
LONGEST: Final = 90
"""Days after which a slow decline may be that of the season."""
_SURE: Final = 3.0
"""Standard uncertainties that a rise and a loss must exceed."""
_SUDDEN: Final = 0.6
_BEFORE: Final = 5
_AFTER: Final = 3
_LEAST_DAYS: Final = 6
_KEPT: Final = 200
# From absolute deviations to a standard deviation, and from a mean's to a median's.
_MAD: Final = 1.4826
_MEDIAN: Final = 1.25


@dataclass(slots=True)
class LearnedSoiling:
    """What a component gave on clear days over what the model leaves.

    Only a rise proves dirt: a slow decline alone may be the season, haze or age. From
    the last rise on, what clear days give less than right after it is soiling (the
    idea of the stochastic rate and recovery method, Deceglie et al., IEEE J.
    Photovolt. 8, 2018).

    Attributes:
        days: Harvest and expectation in Wh, and how many quarters of an hour, by the
            number of the day.
    """

    days: dict[int, list[float]] = field(default_factory=dict)
    _loss: tuple[int, float] | None = None

    def claim(self, day: int, modelled: Modelled, shade: float) -> float:
        """Return what dirt takes of an interval as far as it is learned, Wh.

        Args:
            day: Number of the day; those before it are known.
            modelled: What the model says.
            shade: What learned shade takes of it, Wh.
        """
        if self._loss is None or self._loss[0] != day:
            self._loss = day, self._judge(day)
        return self._loss[1] * max(modelled.facts.left - shade, 0.0)

    def learn(self, day: int, modelled: Modelled, entry: Entry) -> None:
        """Learn from an interval under a clear sky in which nothing else was wrong.

        Args:
            day: Number of the day.
            modelled: What the model says, without what is learned.
            entry: How the interval was booked.
        """
        facts = modelled.facts
        if clearness(facts) < CLEAR or facts.clipping > 0.0 or facts.left <= 0.0:
            return
        if modelled.sun[1] < HIGH_SUN or entry.booked.keys() - NO_FAULT:
            return
        source = modelled.source
        if not source.is_measured and source is not IrradianceSource.WEATHER_MODEL:
            return
        shade = max(entry.booked.get(Cause.SHADE, 0.0) - facts.shade, 0.0)
        known = self.days.setdefault(day, [0.0, 0.0, 0.0])
        known[0] += entry.harvest
        known[1] += facts.left - min(shade, facts.left)
        known[2] += 1.0
        for old in sorted(self.days)[:-_KEPT]:
            del self.days[old]

    def _judge(self, today: int) -> float:
        """Return the share that dirt takes today; 0 where that is not certain."""
        ratios = [
            (day, harvest / expected)
            for day, (harvest, expected, count) in sorted(self.days.items())
            if day < today and count >= ENOUGH and expected > 0.0
        ]
        if len(ratios) < _BEFORE + _LEAST_DAYS:
            return 0.0
        steps = [later - earlier for (_, earlier), (_, later) in pairwise(ratios)]
        noise = _MAD * median(map(abs, steps)) / 2.0**0.5
        first = _last_rise([ratio for _, ratio in ratios], noise)
        if first is None:
            return 0.0
        since = ratios[first:]
        start, end = since[0][0], since[-1][0]
        if len(since) < _LEAST_DAYS or today - start > LONGEST:
            return 0.0
        slope = median(
            (later[1] - earlier[1]) / (later[0] - earlier[0])
            for earlier, later in combinations(since, 2)
        )
        clean = median(ratio - slope * (day - start) for day, ratio in since)
        loss = -slope * (end - start) / clean if clean > 0.0 else 0.0
        # Of a line through equally spread days: its ends differ by so much by chance.
        unsure = _MEDIAN * noise * (12.0 / len(since)) ** 0.5
        if loss <= max(LEAST_LOSS, _SURE * unsure):
            return 0.0
        # A last day that is half as clean again may be the first after a rain.
        return loss if since[-1][1] < clean * (1.0 - loss / 2.0) else 0.0

    def as_list(self) -> list[list[float]]:
        """Return the state as JSON types, for `from_list`."""
        return [
            [day, *(round(value, 1) for value in known)]
            for day, known in sorted(self.days.items())
        ]

    @classmethod
    def from_list(cls, state: Any) -> Self:
        """Return what a state had learned.

        Raises:
            TypeError, ValueError: The state is not one of ours.
        """
        days: dict[int, list[float]] = {}
        for day, *known in state:
            harvest, expected, count = map(finite, known)
            days[int(finite(day))] = [harvest, expected, count]
        return cls(days)


def _last_rise(ratios: Sequence[float], noise: float) -> int | None:
    """Return the first clear day after the roof became clean, ``None`` without one."""
    least = max(LEAST_RISE, _SURE * _MEDIAN * noise * (1 / _BEFORE + 1 / _AFTER) ** 0.5)
    rises = {
        index: median(ratios[index : index + _AFTER])
        - median(ratios[index - _BEFORE : index])
        for index in range(_BEFORE, len(ratios) - _AFTER + 1)
    }
    found = [
        index
        for index, rise in rises.items()
        if rise > least
        # Rain and brush work in a day; what takes longer is the weather's.
        and ratios[index] - ratios[index - 1] > _SUDDEN * rise
        and all(
            rise >= rises.get(index + near, 0.0) for near in range(-_AFTER, _AFTER + 1)
        )
    ]
    return found[-1] if found else None


def restored_soiling(state: Any) -> dict[str, LearnedSoiling]:
    """Return what each component had learned.

    Raises:
        TypeError, ValueError: The state is not one of ours.
    """
    found: Mapping[Any, Any] = mapping(state)
    return {str(name): LearnedSoiling.from_list(days) for name, days in found.items()}
