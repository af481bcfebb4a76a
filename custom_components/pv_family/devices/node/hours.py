"""Hours that a node counted while nobody listened."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from ...readings.quantity import Quantity
from ...readings.reading import Series
from ...readings.spans import EnergySpan
from ..device import Part
from .messages import CONSUMPTION, GRID, PRODUCTION, Hour

HOUR: Final = timedelta(hours=1)
# A clock that is corrected lands within this of a full hour, or meant another time.
_SNAP: Final = 120.0
_OLDEST: Final = timedelta(days=60)
_AHEAD: Final = timedelta(seconds=120)
_REMEMBERED: Final = 8192
_PENDING: Final = 2000
_MARGIN: Final = 1.25

_COLUMNS: Final[tuple[tuple[Part, Quantity], ...]] = (
    (PRODUCTION, Quantity.ENERGY_PRODUCED),
    (CONSUMPTION, Quantity.ENERGY_CONSUMED),
    (GRID, Quantity.ENERGY_IMPORT),
    (GRID, Quantity.ENERGY_EXPORT),
)


class HourEnergy(NamedTuple):
    """What flowed in one hour, whole: it replaces what is known of that hour.

    Attributes:
        series: The energy register that it is a part of.
        span: When (UTC) and how much in Wh; full hours if the node's clock is right.
        node_start: When it began by the node's clock, Unix time in s: its lasting key.
    """

    series: Series
    span: EnergySpan
    node_start: int


@dataclass(slots=True)
class Hours:
    """Takes each hour in once, in whatever order and however often it comes.

    The larger of two versions of an hour is the later one, because energy only grows.

    Attributes:
        pending: Hours of a node whose clock is not known yet.
    """

    pending: deque[Hour] = field(default_factory=lambda: deque(maxlen=_PENDING))
    _known: dict[tuple[Series, int], float] = field(default_factory=dict)

    def release(self) -> list[Hour]:
        """Return what was kept."""
        held = list(self.pending)
        self.pending.clear()
        return held

    def place(
        self,
        source: str,
        hours: Iterable[Hour],
        offset: float,
        now: datetime,
        *,
        power: float | None = None,
    ) -> tuple[list[HourEnergy], int]:
        """Return what is new in the hours, and how many of them cannot be true.

        Args:
            source: The node's serial number.
            hours: As the node gave them.
            offset: What to add to the node's time in s.
            now: The present (UTC).
            power: Most power in W that can flow, ``None`` if unknown.
        """
        found: list[HourEnergy] = []
        impossible = 0
        for hour in hours:
            start = _snapped(hour.start + offset)
            most = max((energy or 0.0 for energy in hour[1:]), default=0.0)
            if (
                start is None
                or not now - _OLDEST <= start <= now + _AHEAD - HOUR
                or (power is not None and most > _MARGIN * power)
            ):
                impossible += 1
                continue
            for (part, quantity), energy in zip(_COLUMNS, hour[1:], strict=True):
                if energy is None:
                    continue
                series = Series(source, part.key, quantity)
                if self._grew(series, hour.start, energy):
                    span = EnergySpan(start, start + HOUR, energy)
                    found.append(HourEnergy(series, span, hour.start))
        return found, impossible

    def _grew(self, series: Series, start: int, energy: float) -> bool:
        key = (series, start)
        known = self._known.get(key)
        if known is not None and energy <= known:
            return False
        self._known[key] = energy
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return True


def _snapped(time: float) -> datetime | None:
    """Return a time, at the full hour if it is close to one."""
    full = round(time / 3600.0) * 3600.0
    try:
        return datetime.fromtimestamp(full if abs(time - full) <= _SNAP else time, UTC)
    except OverflowError, OSError, ValueError:
        return None
