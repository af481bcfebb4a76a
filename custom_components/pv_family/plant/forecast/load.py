"""What the household will use by itself, without the loads that are switched for it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from ..model.arrays import FloatArray
from .conformal import Conformal
from .load_columns import HISTORY_DAYS, Past, load_columns
from .load_regression import MEMORY_DAYS, LoadRegression
from .series import TEMPERATURE, Block, Forecast
from .state import array, numbers
from .wall_days import WallClock, is_free

_FIRST_LOAD_W: Final = 400.0
_FIT_EVERY: Final = 14
# Forecasts are made, for learning, at these hours of the wall clock: in the evening
# for all of the next day, and four times a day for the hours that follow.
_EVENING: Final = 18.0
_NEAR_HOURS: Final = 6.0
_BIAS_HALF_LIFE_DAYS: Final = 30.0
_BIAS_PRIOR: Final = 0.4
_BIAS_PRIOR_DAYS: Final = 10.0
_BIAS_ALLOWED: Final = -0.005
_BIAS_MOST: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said of a date on the evening before, W, shape (slots,)."""

    p10: FloatArray
    lower: FloatArray
    upper: FloatArray
    p90: FloatArray


class LoadForecaster:
    """Learns a household's habits and tells its load.

    The P50 lies between the median and a higher quantile, so that energy is right on
    the whole: the median of a load with rare high peaks is too low.
    """

    def __init__(
        self,
        time_zone: str,
        step: timedelta,
        holidays: AbstractSet[date] = frozenset(),
    ) -> None:
        """Know nothing yet.

        Args:
            time_zone: Of the clock on the wall.
            step: Of the slots that will be learned and foretold.
            holidays: Days that are lived like weekends.
        """
        self.holidays = holidays
        self._clock = WallClock(time_zone, step)
        self._load: dict[int, FloatArray] = {}
        self._temperature: dict[int, FloatArray] = {}
        self._closed: int | None = None
        self._far = LoadRegression(self._clock.slots)
        self._near = LoadRegression(self._clock.slots)
        self._untaught: list[int] = []
        self._days_learned = 0
        self._fit_at = 1
        self._bias: list[tuple[int, float, float]] = []
        self._band = Conformal()

    def learn(self, block: Block) -> None:
        """Take in the measured load and the weather known for the same slots."""
        days, slots = self._clock.split(block.start, len(block.power))
        if not len(days):
            return
        temperature = block.column(TEMPERATURE)
        for day in np.unique(days):
            here = days == day
            self._day(self._load, int(day))[slots[here]] = block.power[here]
            self._day(self._temperature, int(day))[slots[here]] = temperature[here]
        after = int(days[-1]) + (int(slots[-1]) == self._clock.slots - 1)
        first = min(self._load) if self._closed is None else self._closed + 1
        for day in range(first, after):
            self._close(day)
            self._closed = day
        for old in [d for d in self._load if d < after - MEMORY_DAYS - HISTORY_DAYS]:
            del self._load[old]
            self._temperature.pop(old, None)

    def forecast(self, weather: Block) -> Forecast:
        """Return the load of the slots of a weather forecast that starts now."""
        length = len(weather.power)
        days, slots = self._clock.split(weather.start, length)
        temperature = weather.column(TEMPERATURE)
        now = (int(days[0]), int(slots[0]))
        low, middle, high = (np.zeros(length) for _ in range(3))
        weight = self._weight(now[0])
        for day in np.unique(days):
            here = days == day
            where = slots[here]
            ahead = self._day(self._temperature, int(day), keep=False).copy()
            ahead[where] = temperature[here]
            told = self._tell(int(day), now, ahead)
            p50 = told.lower + weight * (told.upper - told.lower)
            p10, p90 = self._band.apply(told.p10, p50, told.p90)
            low[here], middle[here], high[here] = p10[where], p50[where], p90[where]
        return Forecast(weather.start, weather.step, low, middle, high)

    def _day(
        self, store: dict[int, FloatArray], day: int, *, keep: bool = True
    ) -> FloatArray:
        found = store.get(day)
        if found is None:
            found = np.full(self._clock.slots, np.nan)
            if keep:
                store[day] = found
        return found

    def _columns(
        self, day: int, now: tuple[int, int], temperature: FloatArray
    ) -> FloatArray:
        """Return what was known of a date at a moment given by date and slot."""
        today, slot = now
        oldest = max(min(self._load), day - HISTORY_DAYS)
        age = np.arange(1, max(day - oldest, 1) + 1)
        load = np.stack([self._known(day - int(a), now) for a in age])
        warm = np.stack(
            [self._day(self._temperature, day - int(a), keep=False) for a in age]
        )
        trail = self._known(today, now)
        before = self._day(self._load, today - 1, keep=False)
        trail = np.where(np.arange(len(trail)) < slot, trail, before)
        slots = np.arange(len(trail)) + (day - today) * len(trail) - slot
        lead = np.asarray(slots * self._clock.hours, dtype=np.float64)
        free = is_free(np.concatenate([[day], day - age]), self.holidays)
        past = Past(load, warm, free[1:], age)
        return load_columns(past, bool(free[0]), temperature, trail, lead)

    def _known(self, day: int, now: tuple[int, int]) -> FloatArray:
        today, slot = now
        values = self._day(self._load, day, keep=False)
        if day < today:
            return values
        seen = np.arange(len(values)) < (slot if day == today else 0)
        return np.where(seen, values, np.nan)

    def _tell(self, day: int, now: tuple[int, int], temperature: FloatArray) -> _Told:
        if not self._load:
            flat = np.full(self._clock.slots, _FIRST_LOAD_W)
            return _Told(0.3 * flat, flat, flat, 2.5 * flat)
        columns = self._columns(day, now, temperature)
        told = self._far.predict(columns)
        reach = round(_NEAR_HOURS / self._clock.hours)
        first = (now[0] - day) * self._clock.slots + now[1]
        slots = np.arange(self._clock.slots)
        near = (slots >= first) & (slots < first + reach)
        if near.any() and self._near.fitted:
            told = np.where(near, self._near.predict(columns), told)
        p10, lower, upper, p90 = np.maximum(told, 0.0)
        return _Told(p10, lower, np.maximum(upper, lower), p90)

    def _weight(self, day: int) -> float:
        """Return where between its two regressions the P50 lies.

        Chosen so that the energy of the last weeks would have been right.
        """
        if not self._bias:
            return _BIAS_PRIOR
        log = np.array(self._bias)
        recent = 0.5 ** ((day - log[:, 0]) / _BIAS_HALF_LIFE_DAYS)
        prior = _BIAS_PRIOR_DAYS * float(log[:, 2].mean())
        missing = float(recent @ log[:, 1]) + _BIAS_PRIOR * prior
        room = float(recent @ log[:, 2]) + prior
        return float(np.clip(missing / max(room, 1e-9), 0.0, _BIAS_MOST))

    def _close(self, day: int) -> None:
        """Learn from a date that has passed."""
        load = self._day(self._load, day)
        temperature = self._day(self._temperature, day)
        known = np.isfinite(load)
        if day - 1 not in self._load or not known.any():
            return
        evening = (day - 1, round(_EVENING / self._clock.hours))
        told = self._tell(day, evening, temperature)
        weight = self._weight(day)
        p50 = told.lower + weight * (told.upper - told.lower)
        p10, p90 = self._band.apply(told.p10, p50, told.p90)
        share = float(known.mean())
        self._band.learn(load[known], p10[known], p90[known], share)
        target = (1.0 + _BIAS_ALLOWED) * load
        self._bias.append(
            (
                day,
                float((target - told.lower)[known].sum()),
                float((told.upper - told.lower)[known].sum()),
            )
        )
        del self._bias[:-120]
        self._untaught.append(day)
        self._days_learned += 1
        if self._days_learned >= self._fit_at:
            self._fit_at += max(1, min(_FIT_EVERY, self._days_learned // 8))
            self._fit(day)

    def _fit(self, today: int) -> None:
        for day in self._untaught:
            self._teach(day)
        self._untaught.clear()
        self._far.fit(today, by_hour=True)
        self._near.fit(today, by_hour=False)

    def _teach(self, day: int) -> None:
        """Make the rows of a date: forecast the evening before, and as it went."""
        load = self._day(self._load, day)
        temperature = self._day(self._temperature, day)
        known = np.isfinite(load)
        slots = self._clock.slots
        evening = (day - 1, round(_EVENING / self._clock.hours))
        self._far.learn(day, self._columns(day, evening, temperature), load, known)
        reach = round(_NEAR_HOURS / self._clock.hours)
        for slot in range(0, slots, reach):
            near = known.copy()
            near[:slot] = False
            near[slot + reach :] = False
            if near.any():
                columns = self._columns(day, (day, slot), temperature)
                self._near.learn(day, columns, load, near)

    def as_dict(self) -> dict[str, Any]:
        """Return the state; what was learned from is made anew from the load."""
        return {
            "load": {str(d): numbers(v, 1) for d, v in self._load.items()},
            "temperature": {
                str(d): numbers(v, 1)
                for d, v in self._temperature.items()
                if np.isfinite(v).any()
            },
            "closed": self._closed,
            "far": self._far.as_dict(),
            "near": self._near.as_dict(),
            "days_learned": self._days_learned,
            "fit_at": self._fit_at,
            "bias": [list(row) for row in self._bias],
            "band": self._band.as_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``as_dict`` of a forecaster of the same home described."""
        self._load = {int(d): array(v) for d, v in state["load"].items()}
        self._temperature = {int(d): array(v) for d, v in state["temperature"].items()}
        self._closed = closed = state["closed"]
        self._far.restore(state["far"])
        self._near.restore(state["near"])
        self._days_learned = state["days_learned"]
        self._fit_at = state["fit_at"]
        self._bias = [(int(row[0]), row[1], row[2]) for row in state["bias"]]
        self._band = Conformal.restore(state["band"])
        self._untaught = [
            day
            for day, load in self._load.items()
            if day <= (closed or 0)
            and day > (closed or 0) - MEMORY_DAYS
            and day - 1 in self._load
            and np.isfinite(load).any()
        ]
