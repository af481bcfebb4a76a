"""Slots sorted into solar days, which begin when the sun is lowest."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ..model.arrays import FloatArray, IntArray
from ..model.clear_sky import clear_sky, monthly_turbidity
from ..model.sun import SunPosition, sun_position
from .roof import plane_bank
from .series import CLOUD, GHI, PROVIDER, Block, Place
from .state import Numbers, array, numbers

DAY: Final = 86_400.0
# Below it the power says little and horizon and instrument say much.
_LIT: Final = 3.0


class Calendar:
    """Which solar day and which slot of it a moment belongs to.

    Slots start where those of the first moment did: on a clock that is 5 h 45 min ahead
    whole hours do not start with those of UTC.

    Attributes:
        step: Of a slot, s.
        slots: In a day.
        phase: By how much the slots start after those of UTC, s; ``None`` before the
            first moment.
    """

    def __init__(self, place: Place, step: timedelta) -> None:
        """Count days from midnight by the sun at the place."""
        self.place = place
        self.step = step.total_seconds()
        self.slots = round(DAY / self.step)
        self.phase: float | None = None
        self._shift = round(place.longitude * 240.0 / self.step) * self.step

    def count(self, moment: datetime) -> int:
        """Return how many slots lie before a moment since the first day."""
        if self.phase is None:
            self.phase = moment.timestamp() % self.step
        since = moment.timestamp() + self._shift - self.phase
        return round(since / self.step)

    def starts(self, day: int) -> FloatArray:
        """Return when the slots of a day start, s since 1970."""
        first = day * DAY - self._shift + (self.phase or 0.0)
        return np.asarray(first + self.step * np.arange(self.slots), dtype=np.float64)

    def split(self, start: datetime, length: int) -> tuple[IntArray, IntArray]:
        """Return the day and the slot of the day of each of ``length`` slots."""
        numbers = self.count(start) + np.arange(length)
        return numbers // self.slots, numbers % self.slots


@dataclass(frozen=True, slots=True)
class ClearDay:
    """What the cloudless sky gives in each slot of a day.

    Attributes:
        sun: In the middle of the slots.
        ghi: W/m2.
        bank: On the planes of the roof's bank, kW/m2.
        lit: Where the sun stands high enough to judge by.
    """

    sun: SunPosition
    ghi: FloatArray
    bank: FloatArray
    lit: FloatArray


def clear_day(calendar: Calendar, day: int) -> ClearDay:
    """Return the cloudless sky of a day."""
    middles = calendar.starts(day) + calendar.step / 2.0
    place = calendar.place
    sun = sun_position(middles, place.latitude, place.longitude)
    ghi = clear_sky(sun, monthly_turbidity(middles)).ghi
    bank = plane_bank(ghi, sun, south=place.latitude < 0.0)
    return ClearDay(sun, ghi, bank, (sun.elevation > _LIT).astype(np.float64))


@dataclass(slots=True)
class Day:
    """What is known of one day, nan where nothing is; each of shape (slots,).

    Attributes:
        power: Measured, W.
        ghi: Global horizontal irradiance by the weather service, W/m2.
        cloud: Cover, %.
        provider: Another provider's forecast of the power, W.
    """

    power: FloatArray
    ghi: FloatArray
    cloud: FloatArray
    provider: FloatArray

    @classmethod
    def unknown(cls, slots: int) -> Day:
        """Return a day of which nothing is known."""
        return cls(*(np.full(slots, np.nan) for _ in range(4)))

    def as_dict(self) -> dict[str, Numbers]:
        """Return the state."""
        return {name: numbers(getattr(self, name), 1) for name in self.__slots__}

    @classmethod
    def restore(cls, state: dict[str, Numbers]) -> Day:
        """Return what ``as_dict`` described."""
        return cls(**{name: array(values) for name, values in state.items()})

    def copy(self) -> Day:
        """Return a day that can be changed without this one."""
        return Day(
            self.power.copy(), self.ghi.copy(), self.cloud.copy(), self.provider.copy()
        )


@dataclass(slots=True)
class Days:
    """Days by number."""

    calendar: Calendar
    known: dict[int, Day] = field(default_factory=dict)

    def take(self, block: Block) -> None:
        """Write a block into its days; the later word on a slot holds."""
        numbers, slots = self.calendar.split(block.start, len(block.power))
        columns = (
            block.power,
            block.column(GHI),
            block.column(CLOUD),
            block.column(PROVIDER),
        )
        for number in np.unique(numbers):
            day = self.known.setdefault(int(number), Day.unknown(self.calendar.slots))
            here = numbers == number
            where = slots[here]
            for target, column in zip(
                (day.power, day.ghi, day.cloud, day.provider), columns, strict=True
            ):
                target[where] = column[here]

    def copy(self) -> Days:
        """Return days that can be changed without these."""
        return Days(self.calendar, {n: day.copy() for n, day in self.known.items()})
