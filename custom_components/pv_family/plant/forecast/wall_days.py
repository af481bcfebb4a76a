"""Slots sorted by the clock on the wall, which people live by."""

from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from ..model.arrays import BoolArray, IntArray

_WEEKEND: Final = 5


class WallClock:
    """Which date and which slot of it a moment belongs to.

    When the clocks go back, the hour that comes twice keeps its later half; when they
    go forward, the missing hour stays unknown.

    Attributes:
        slots: In a day.
        hours: Length of a slot, h.
    """

    def __init__(self, time_zone: str, step: timedelta) -> None:
        """Hang the clock up."""
        self._zone = ZoneInfo(time_zone)
        self._step = step
        self.hours = step / timedelta(hours=1)
        self.slots = round(24.0 / self.hours)

    def split(self, start: datetime, length: int) -> tuple[IntArray, IntArray]:
        """Return ordinal date and slot of the date of each of ``length`` slots."""
        days = np.empty(length, dtype=np.int64)
        slots = np.empty(length, dtype=np.int64)
        first = start.astimezone(UTC)
        for i in range(length):
            wall = (first + i * self._step).astimezone(self._zone)
            days[i] = wall.toordinal()
            slots[i] = int((wall.hour * 60 + wall.minute) / (60.0 * self.hours))
        return days, slots


def is_free(days: IntArray, holidays: AbstractSet[date]) -> BoolArray:
    """Tell which ordinal dates are weekends or holidays."""
    weekend = (days - 1) % 7 >= _WEEKEND
    known = {day.toordinal() for day in holidays}
    return np.asarray(weekend | np.array([int(day) in known for day in days]))
