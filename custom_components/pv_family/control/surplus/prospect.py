"""What surplus is to be expected, from the outlook and from what the meters show."""

from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist, fmean
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .site import Outlook, Site
from .views import SurplusViews

type Floats = npt.NDArray[np.float64]

SLOT: Final = 900.0
HOURS: Final = SLOT / 3600.0
# Skies, from dull to bright, each equally likely.
SKIES: Final = 7
_Z: Final = np.array([NormalDist().inv_cdf((k + 0.5) / SKIES) for k in range(SKIES)])
_Z_P90: Final = NormalDist().inv_cdf(0.9)
# Appliances come in pulses: mostly less than the mean, rarely far more. The order
# keeps them apart from the sky.
_PULSES: Final = np.array([0.7, 0.8, 0.6, 2.8, 0.6, 0.7, 0.8])[:, np.newaxis]
# How long a cloud or a gap between clouds stays, in s.
_SPELL: Final = 1200.0
# How long a forecast stays wrong in the same way, in s, and how much of that the last
# three quarters of an hour tell.
_DRIFT: Final = 10_000.0
_TOLD: Final = 0.3
# Knowing more later is worth something: import is that much cheaper a slot later.
_PATIENCE: Final = 2e-4


@dataclass(frozen=True, slots=True)
class Prospect:
    """The next hours in slots of a quarter of an hour that begin now.

    Attributes:
        now: When the first slot begins (UTC).
        net: Production less base by sky (rows) and slot (columns), in W.
        buy: Price of import by slot, per kWh.
        sell: Price of export by slot, per kWh.
    """

    now: datetime
    net: Floats
    buy: Floats
    sell: Floats

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return self.buy.size

    def slot_of(self, when: datetime) -> int:
        """Return how many whole slots fit before an instant."""
        return max(0, min(self.slots, int((when - self.now).total_seconds() // SLOT)))


class _LookBack(NamedTuple):
    """What the last three quarters of an hour tell."""

    when: datetime
    ratio: float
    base: float
    flutter: float


class Prospector:
    """Makes prospects; keeps the arrays of an outlook between pulses."""

    def __init__(self, site: Site) -> None:
        """Keep the home's facts."""
        self._site = site
        self._outlook: Outlook | None = None
        self._rows = np.zeros((6, 0))
        self._slow: _LookBack | None = None
        self._past: list[tuple[datetime, float]] = []

    def prospect(
        self, now: datetime, outlook: Outlook, views: SurplusViews, *, curtailed: bool
    ) -> Prospect:
        """Return what to expect from now on.

        Args:
            now: The present (UTC).
            outlook: What was foreseen.
            views: What the meters have shown.
            curtailed: Production is held down by the export limit.
        """
        rows = self._sliding(now, outlook)
        production, low, high, base, buy, sell = rows
        lead = (np.arange(rows.shape[1]) + 0.5) * SLOT
        short = np.exp(-lead / _SPELL)
        long = _TOLD * np.exp(-lead / _DRIFT)
        seen, _ = views.mean(now, 60.0)
        fast = _ratio(seen, production[0])
        if self._slow is None or (now - self._slow.when).total_seconds() >= 60.0:
            self._slow = self._look_back(now, views, float(production[0]))
        slow, drawn, flutter = self._slow.ratio, self._slow.base, self._slow.flutter
        if curtailed:
            fast, slow = max(1.0, fast), max(1.0, slow)
        production = production * (
            1.0 + (fast - 1.0) * short + (slow - 1.0) * long * (1.0 - short)
        )
        base = base + 0.5 * (drawn - base[:1]) * long
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.where(low > 1.0, np.log(high / low), 0.0) / (2.0 * _Z_P90)
        width = np.hypot(width, flutter * np.sqrt(1.0 - short * short))
        factor = np.exp(width * _Z[:, np.newaxis])
        factor /= factor.mean(axis=0)
        net = production * factor - np.maximum(0.0, base) * _PULSES
        buy = buy * (1.0 - _PATIENCE * np.arange(buy.size))
        return Prospect(now, net, buy, sell)

    def _look_back(
        self, now: datetime, views: SurplusViews, foreseen: float
    ) -> _LookBack:
        """Compare the last three quarters of an hour with what was foreseen."""
        self._past = [
            (when, power)
            for when, power in self._past
            if (now - when).total_seconds() < 2700.0
        ]
        self._past.append((now, foreseen))
        seen, drawn = views.mean(now, 2700.0)
        expected = fmean(power for _, power in self._past)
        return _LookBack(now, _ratio(seen, expected), drawn, views.flutter())

    def _sliding(self, now: datetime, outlook: Outlook) -> Floats:
        """Return the outlook's rows in slots that begin now."""
        if outlook is not self._outlook:
            self._outlook = outlook
            self._rows = np.array(
                [
                    outlook.production,
                    outlook.production_low,
                    outlook.production_high,
                    outlook.base,
                    outlook.buy,
                    outlook.sell,
                ]
            )
        into = (now - outlook.start).total_seconds() / outlook.slot
        first = int(into)
        part = into - first
        rows = self._rows[:, first:]
        rows = (1.0 - part) * rows[:, :-1] + part * rows[:, 1:]
        if self._site.end is not None:
            left = (self._site.end - now).total_seconds() / SLOT
            rows = rows[:, : max(1, int(np.ceil(left)))]
        return rows


def _ratio(seen: float, foreseen: float) -> float:
    """Return how what is seen compares with what was foreseen, near dark 1."""
    return 1.0 if foreseen < 100.0 else min(3.0, max(0.1, seen / foreseen))
