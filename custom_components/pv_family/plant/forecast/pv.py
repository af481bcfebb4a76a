"""What the roof will give: learned from its power, asked with a weather forecast."""

from datetime import timedelta
from typing import Any, Final

import numpy as np

from ..model.arrays import FloatArray
from .clearness import COLUMNS, Sky, View, clearness_of, describe
from .conformal import Conformal
from .day_interval import DayInterval
from .days import Calendar, ClearDay, Day, Days, clear_day
from .experts import DayView, Experts
from .lesson import Lesson
from .regression import fit_quantile
from .roof import fit_roof, prior_roof
from .series import Block, Forecast, Place
from .state import array, numbers
from .told import Told

_MEMORY_DAYS: Final = 400
_ROOF_DAYS: Final = 90
_HALF_LIFE_DAYS: Final = 120.0
# Days that are measured in fewer of their lit slots teach no daily energy.
_MEASURED: Final = 0.7
_FEWEST_SLOTS: Final = 4
# Less than this of the clear sky, the whole day: snow, a fault or a switch.
_OUTAGE: Final = 0.02
_CEILING: Final = 1.15
_FIRST_USUAL: Final = 0.7
_SCALE: Final = 0.3

# The share of the clear sky that a clearness forecast stands for where nothing has been
# learned: near the forecast, drawn towards what is usual.
_PRIOR: Final[FloatArray] = np.array(
    [-0.15, 0.50, -0.10, 0.40, -0.05, 0.35, -0.15, 0.10, 0.10]
)
_PRIOR_LOW: Final[FloatArray] = 0.5 * _PRIOR
_PRIOR_HIGH: Final[FloatArray] = 0.7 * _PRIOR + np.array([0.3] + [0.0] * (COLUMNS - 1))
_FREE: Final = 8.0
_BOUND: Final = 220.0
_BAND: Final = 100.0

# Of the power, before the first day has shown what the roof gives.
_UNKNOWN_LEVEL: Final = 0.6

_NOWCAST_HOURS: Final = 2.0
_NOWCAST_FADE_HOURS: Final = 3.0
_NOWCAST_TRUST: Final = 0.6

_VECTORS: Final = ("_roof", "_provider_roof", "_free", "_bound", "_low", "_high")


class PvForecaster:
    """Learns a roof from its measured power and tells what it will give.

    Nobody needs to know tilt, azimuth or shade. The first day works from the peak
    power alone.
    """

    def __init__(
        self,
        place: Place,
        peak_w: float,
        step: timedelta,
    ) -> None:
        """Know nothing yet.

        Args:
            place: Where the home stands.
            peak_w: Of all modules, W.
            step: Of the slots that will be learned and foretold.
        """
        self._peak = peak_w
        self._calendar = Calendar(place, step)
        self._south = place.latitude < 0.0
        self._days = Days(self._calendar)
        self._clear: dict[int, ClearDay] = {}
        self._closed: int | None = None
        self._roof = prior_roof(peak_w)
        self._provider_roof = prior_roof(peak_w)
        self._lessons: list[Lesson] = []
        self._untaught = 0
        self._free = _PRIOR
        self._bound = _PRIOR
        self._low = _PRIOR_LOW
        self._high = _PRIOR_HIGH
        self._experts = Experts()
        self._band = Conformal()
        self._day_interval = DayInterval()
        self._issued: dict[int, Told] = {}
        self._usual_sky = _FIRST_USUAL

    @property
    def days_learned(self) -> int:
        """How many days have taught something."""
        return len(self._lessons)

    def learn(self, block: Block) -> None:
        """Take in measured power and the weather known for the same slots."""
        self._days.take(block)
        end = self._calendar.count(block.start) + len(block.power)
        today = end // self._calendar.slots
        first = min(self._days.known) if self._closed is None else self._closed + 1
        for number in range(first, today):
            if number in self._days.known:
                self._close(number)
            self._closed = number
        for number in [n for n in self._days.known if n < today - _ROOF_DAYS]:
            del self._days.known[number]
            self._clear.pop(number, None)

    def forecast(self, weather: Block) -> Forecast:
        """Return the power of the slots of a weather forecast that starts now.

        It is remembered, and judged when its days have passed.
        """
        start = self._calendar.count(weather.start)
        length = len(weather.power)
        ahead = self._days.copy()
        ahead.take(
            Block(weather.start, weather.step, np.full(length, np.nan), weather.weather)
        )
        per = self._calendar.slots
        today = start // per
        if today in self._days.known:
            self._learn_roof(today)
        low, middle, high = (np.zeros(length) for _ in range(3))
        for number in range(today, (start + length - 1) // per + 1):
            day = ahead.known[number]
            if number == today and number in self._days.known:
                day.power = self._days.known[number].power
            issued = self._foresee(number, day, self._last(today))
            whole = number * per >= start and (number + 1) * per <= start + length
            if whole or number not in self._issued:
                self._issued[number] = issued
            p10, p50, p90 = issued.p10, issued.p50, issued.p90
            if number == today:
                shift = self._nowcast(number, start, p50)
                p10, p50, p90 = (np.maximum(p + shift, 0.0) for p in (p10, p50, p90))
            a, b = max(number * per, start), min((number + 1) * per, start + length)
            there, here = (
                slice(a - start, b - start),
                slice(a - number * per, b - number * per),
            )
            low[there], middle[there], high[there] = p10[here], p50[here], p90[here]
        return Forecast(
            weather.start, weather.step, low, middle, high, self._day_interval.halves
        )

    def _cloudless(self, number: int) -> ClearDay:
        if (found := self._clear.get(number)) is None:
            found = self._clear[number] = clear_day(self._calendar, number)
        return found

    def _ceiling(self, number: int) -> FloatArray:
        """Return the clear-sky power in the lit slots of a day, W."""
        clear = self._cloudless(number)
        return np.asarray(clear.bank @ self._roof * clear.lit)

    def _sky(self, number: int, day: Day) -> Sky:
        clearness = clearness_of(
            day,
            self._cloudless(number),
            self._roof,
            self._provider_roof,
            south=self._south,
        )
        hours = self._calendar.step / 3600.0
        return describe(clearness, self._ceiling(number), hours, self._usual_sky)

    def _usual(self) -> float:
        """Return the share of the clear sky that was made in the last two weeks."""
        made = [row[1] for row in self._experts.past[-14:]]
        return sum(made) / len(made) if made else _FIRST_USUAL

    def _last(self, today: int) -> float:
        """Return the share made on the last day that is at least half over."""
        if today in self._days.known:
            power = self._days.known[today].power
            ceiling = self._ceiling(today)
            seen = np.isfinite(power) & (ceiling > 0.0)
            if ceiling[seen].sum() > 0.5 * ceiling.sum():
                return float(power[seen].sum() / ceiling[seen].sum())
        past = self._experts.past
        return past[-1][1] if past else self._usual()

    def _foresee(self, number: int, day: Day, last: float) -> Told:
        ceiling = self._ceiling(number)
        sky = self._sky(number, day)
        usual = self._usual()
        columns = View(sky.slot, sky.around, sky.whole, usual, last).columns
        free, bound, low, high = (
            np.clip(columns @ coefficients, 0.0, _CEILING)
            for coefficients in (self._free, self._bound, self._low, self._high)
        )
        whole = max(float(ceiling.sum()), 1e-9)
        view = DayView(
            float(free @ ceiling) / whole,
            float(bound @ ceiling) / whole,
            sky.whole,
            usual,
        )
        opinions = self._experts.opinions(number, view)
        shape = (free + bound) / 2.0 if self._experts.settled else bound
        mean = max(float(shape @ ceiling) / whole, 1e-9)
        p50 = np.minimum(shape * self._experts.mix(opinions) / mean, _CEILING) * ceiling
        p10, p90 = self._band.apply(low * ceiling, p50, high * ceiling)
        p90 = np.minimum(p90, np.maximum(_CEILING * ceiling, p50))
        unsure = p50 * _UNKNOWN_LEVEL / (1.0 + len(self._experts.past) / 2.0)
        return Told(
            view,
            opinions,
            np.maximum(p50 - np.hypot(p50 - p10, unsure), 0.0),
            p50,
            p50 + np.hypot(p90 - p50, unsure),
        )

    def _nowcast(self, number: int, start: int, p50: FloatArray) -> FloatArray:
        """Return what the last hours' surprise adds to the slots ahead, W."""
        now = start - number * self._calendar.slots
        hours = self._calendar.step / 3600.0
        since = max(0, now - round(_NOWCAST_HOURS / hours))
        ceiling = self._ceiling(number)
        day = self._days.known.get(number)
        if day is None:
            return np.zeros(len(p50))
        seen = np.isfinite(day.power[since:now])
        light = float(ceiling[since:now][seen].sum())
        if light < 0.05 * self._peak:
            return np.zeros(len(p50))
        surprise = float((day.power[since:now] - p50[since:now])[seen].sum()) / light
        lead = hours * (np.arange(len(p50)) - now + 0.5)
        trust = _NOWCAST_TRUST * np.exp(-np.maximum(lead, 0.0) / _NOWCAST_FADE_HOURS)
        return np.asarray(ceiling * surprise * trust)

    def _close(self, number: int) -> None:
        """Learn from a day that has passed."""
        day, clear = self._days.known[number], self._cloudless(number)
        ceiling = self._ceiling(number)
        usable = np.isfinite(day.power) & (clear.lit > 0.0)
        sky = self._sky(number, day)
        last = self._last(number - 1)
        view = View(sky.slot, sky.around, sky.whole, self._usual(), last)
        issued = self._issued.pop(number, None) or self._foresee(number, day, last)
        light = float(ceiling[usable].sum())
        made = float(day.power[usable].sum()) / max(light, 1e-9)
        if made < _OUTAGE:
            usable[:] = False
        count = int(usable.sum())
        if count:
            power = np.maximum(day.power, 0.0)
            self._lessons.append(Lesson.of(number, view, ceiling, power, usable))
            del self._lessons[:-_MEMORY_DAYS]
        if count >= max(_FEWEST_SLOTS, _MEASURED * clear.lit.sum()):
            self._experts.learn(number, issued.view, issued.opinions, made, light)
            self._band.learn(
                day.power[usable],
                issued.p10[usable],
                issued.p90[usable],
                count / float(clear.lit.sum()),
            )
            bands = (issued.p10, issued.p50, issued.p90)
            self._day_interval.learn(
                float(day.power[usable].sum()), *(band[usable] for band in bands)
            )
        if sky.covered > 0.5:
            self._usual_sky += 0.03 * (sky.whole - self._usual_sky)
        self._learn_roof(number)
        self._untaught += 1
        if count and self._untaught >= (1 if len(self._lessons) < 30 else 3):
            self._untaught = 0
            self._fit(number)
        for old in [n for n in self._issued if n < number]:
            del self._issued[old]

    def _learn_roof(self, number: int) -> None:
        numbers = [n for n in self._days.known if n <= number]
        bank = np.concatenate([self._cloudless(n).bank for n in numbers])
        age = np.repeat(number - np.array(numbers, dtype=float), self._calendar.slots)
        up = bank[:, 0] > 0.0
        for name in ("_roof", "_provider_roof"):
            column = "power" if name == "_roof" else "provider"
            power = np.concatenate(
                [getattr(self._days.known[n], column) for n in numbers]
            )
            use = up & np.isfinite(power)
            if use.any():
                found = fit_roof(
                    bank[use], power[use], age[use], self._peak, getattr(self, name)
                )
                setattr(self, name, found)

    def _fit(self, number: int) -> None:
        scale = _SCALE * self._peak
        features = np.concatenate(
            [day.view.columns * day.ceiling[:, None] for day in self._lessons]
        )
        features /= scale
        target = np.concatenate([day.power for day in self._lessons]) / scale
        age = np.concatenate(
            [np.full(len(day.power), number - day.day) for day in self._lessons]
        )
        weights = 0.5 ** (age / _HALF_LIFE_DAYS) * self._calendar.step / 3600.0

        def fitted(
            start: FloatArray, prior: FloatArray, strength: float, quantile: float
        ) -> FloatArray:
            return fit_quantile(
                features, target, weights, prior, strength, quantile, start, rounds=5
            )

        self._free = fitted(self._free, _PRIOR, _FREE, 0.5)
        self._bound = fitted(self._bound, _PRIOR, _BOUND, 0.5)
        self._low = fitted(self._low, _PRIOR_LOW, _BAND, 0.1)
        self._high = fitted(self._high, _PRIOR_HIGH, _BAND, 0.9)

    def as_dict(self) -> dict[str, Any]:
        """Return the state."""
        return {
            "days": {str(n): day.as_dict() for n, day in self._days.known.items()},
            "closed": self._closed,
            "phase": self._calendar.phase,
            "vectors": {name: numbers(getattr(self, name), 6) for name in _VECTORS},
            "lessons": [lesson.as_dict() for lesson in self._lessons],
            "untaught": self._untaught,
            "experts": self._experts.as_dict(),
            "band": self._band.as_dict(),
            "day_interval": self._day_interval.as_list(),
            "told": {str(n): told.as_dict() for n, told in self._issued.items()},
            "usual_sky": self._usual_sky,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``as_dict`` of a forecaster of the same home described."""
        self._days.known = {int(n): Day.restore(d) for n, d in state["days"].items()}
        self._closed = state["closed"]
        self._calendar.phase = state["phase"]
        for name in _VECTORS:
            setattr(self, name, array(state["vectors"][name]))
        self._lessons = [Lesson.restore(lesson) for lesson in state["lessons"]]
        self._untaught = state["untaught"]
        self._experts = Experts.restore(state["experts"])
        self._band = Conformal.restore(state["band"])
        self._day_interval = DayInterval.restore(state["day_interval"])
        self._issued = {int(n): Told.restore(t) for n, t in state["told"].items()}
        self._usual_sky = state["usual_sky"]
