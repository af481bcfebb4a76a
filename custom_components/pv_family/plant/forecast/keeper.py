"""Both forecasts of a home: taught, asked, judged, and kept over a restart."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from ..model.arrays import BoolArray, FloatArray
from ..model.plant import Plant
from ..model.production import clear_sky_weather, expected_production
from ..model.time_grid import TimeGrid
from ..model.uncertainty import Span, expected_uncertainty
from ..model.weather_series import WeatherSeries
from ..site_level import SiteLevel
from ..weather import ChosenWeather, Rung, on_grid
from .load import LoadForecaster
from .pv import PvForecaster
from .series import CLOUD, GHI, TEMPERATURE, Block, Forecast, Place
from .standing import Record, Standing
from .state import array, numbers

STEP: Final = timedelta(minutes=30)
AHEAD: Final = 96
"""Slots: two days."""

_SLOT: Final = STEP.total_seconds()
_SLOTS_A_DAY: Final = AHEAD // 2
_LOAD_SLOTS: Final = 200 * _SLOTS_A_DAY
_DAY: Final = timedelta(days=1)
# The last forecast that is made on the day before counts from here on.
_EVENING: Final = 18
# The described roof speaks with the learned one until that many days are learned.
_SEASONED_DAYS: Final = 10
_P90: Final = 1.2816
# Of the nominal power; below it is night.
_NIGHT: Final = 0.005

type Bands = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class History:
    """What was measured in slots that follow one another.

    Attributes:
        start: Of the first slot (UTC).
        pv: Production, nan where unknown or not to be learned from, W.
        load: What the household used by itself, nan where unknown, W.
        weather: As it was forecast, on the same slots.
    """

    start: datetime
    pv: FloatArray
    load: FloatArray
    weather: WeatherSeries


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The next two days.

    Attributes:
        potential: Of the roof; ``None`` without one.
        load: Of the household; ``None`` before anything was learned.
    """

    potential: Forecast | None
    load: Forecast | None


class Keeper:
    """The forecasters of one home.

    Nothing here is quick: learning a year takes seconds, a forecast some milliseconds.

    Attributes:
        learned_until: End of the last slot that was learned (UTC).
        level: How much of what the model says the roof gave lately.
    """

    def __init__(self, plant: Plant | None, time_zone: str) -> None:
        """Know nothing yet.

        Args:
            plant: What stands on the roof; without one only the load is foretold.
            time_zone: Of the clock on the wall.
        """
        self._plant = plant
        self._time_zone = time_zone
        self._zone = ZoneInfo(time_zone)
        self._pv = None if plant is None else _forecaster(plant, time_zone)
        self._load = LoadForecaster(time_zone, STEP)
        self._load_known = False
        self._pv_record = Record()
        self._load_record = Record()
        self.level = SiteLevel()
        self.learned_until: datetime | None = None
        # What was measured lately, and what was said on the evening before.
        self._came: dict[int, tuple[float, float]] = {}
        self._told: dict[int, dict[str, Bands]] = {}

    @property
    def pv_standing(self) -> Standing | None:
        """How good the forecasts of the roof were."""
        return self._pv_record.standing

    @property
    def load_standing(self) -> Standing | None:
        """How good the forecasts of the household were."""
        return self._load_record.standing

    def anew(self) -> Keeper:
        """Return a keeper that has to learn again, but remembers how good this was."""
        keeper = Keeper(self._plant, self._time_zone)
        keeper.set_holidays(self._load.holidays)
        keeper._pv_record, keeper._load_record = self._pv_record, self._load_record
        keeper._told = self._told
        return keeper

    def set_holidays(self, holidays: AbstractSet[date]) -> None:
        """Take in which days are lived like weekends."""
        self._load.holidays = holidays

    def learn(self, history: History) -> None:
        """Take in what was measured, in the order in which it came."""
        if not len(history.pv):
            return
        weather = _columns(history.weather)
        if self._pv is not None:
            self._pv.learn(Block(history.start, STEP, history.pv, weather))
        # Habits of long ago say little, and cost as much to learn as those of today.
        skip = max(0, len(history.load) - _LOAD_SLOTS)
        self._load.learn(
            Block(
                history.start + skip * STEP,
                STEP,
                history.load[skip:],
                {name: column[skip:] for name, column in weather.items()},
            )
        )
        self._load_known |= bool(np.isfinite(history.load).any())
        first = _number(history.start)
        if self._plant is not None:
            modelled = expected_production(self._plant, history.weather).ac_power
            days = np.arange(first, first + len(history.pv)) // _SLOTS_A_DAY
            self.level.learn(days, modelled, history.pv)
        for index, (pv, load) in enumerate(
            zip(history.pv.tolist(), history.load.tolist(), strict=True)
        ):
            self._came[first + index] = (pv, load)
        end = first + len(history.pv)
        self.learned_until = _moment(end)
        self._judge()
        for old in [number for number in self._came if number < end - 4 * AHEAD]:
            del self._came[old]

    def forecast(self, now: datetime, chosen: ChosenWeather) -> Foreseen:
        """Return the next two days from the present slot on.

        Args:
            now: The present (UTC).
            chosen: The weather of the ladder.
        """
        start = _moment(_number(now))
        grid = TimeGrid(start, STEP, AHEAD)
        # What is no forecast teaches nothing about how forecasts go wrong.
        weather = only_forecast(chosen, grid)
        unknown = np.full(AHEAD, np.nan)
        block = Block(start, STEP, unknown, _columns(weather))
        potential = self._potential(block, chosen, grid)
        load = self._load.forecast(block) if self._load_known else None
        self._remember(now, potential, load)
        return Foreseen(potential, load)

    def described(
        self, start: datetime, chosen: ChosenWeather, count: int
    ) -> FloatArray:
        """Return what the described roof gives in slots under the weather, W.

        Args:
            start: Of the first slot (UTC).
            chosen: The weather of the ladder.
            count: How many slots.
        """
        if count <= 0 or self._plant is None:
            return np.zeros(0)
        weather = on_grid(chosen.weather, TimeGrid(start, STEP, count))
        power = expected_production(self._plant, weather).ac_power
        return np.nan_to_num(power)

    def _potential(
        self, block: Block, chosen: ChosenWeather, grid: TimeGrid
    ) -> Forecast | None:
        plant, forecaster = self._plant, self._pv
        if plant is None or forecaster is None:
            return None
        learned = forecaster.forecast(block)
        own = min(forecaster.days_learned / _SEASONED_DAYS, 1.0)
        return _seasoned(plant, learned, own, chosen, grid).capped(plant.peak_power)

    def _remember(
        self, now: datetime, potential: Forecast | None, load: Forecast | None
    ) -> None:
        """Keep what is said of tomorrow in the evening, to judge it when it is over."""
        wall = now.astimezone(self._zone)
        if wall.hour < _EVENING:
            return
        first, last = self._span(wall.date() + _DAY)
        from_now = slice(first - _number(now), last - _number(now))
        told = {
            name: _part(forecast, from_now)
            for name, forecast in (("pv", potential), ("load", load))
            if forecast is not None
        }
        # The first word counts: it is the one to plan by.
        if told:
            self._told.setdefault(first, told)

    def _span(self, day: date) -> tuple[int, int]:
        """Return the first slot of a date and the first of the next."""
        first, last = (
            _number(datetime.combine(d, datetime.min.time(), self._zone))
            for d in (day, day + _DAY)
        )
        return first, last

    def _judge(self) -> None:
        """Compare days that are over with what was said of them."""
        assert self.learned_until is not None
        until = _number(self.learned_until)
        for first in sorted(self._told):
            last = first + len(next(iter(self._told[first].values()))[0])
            if last > until:
                break
            told = self._told.pop(first)
            came = self._measured(first, last)
            before = self._measured(first - _SLOTS_A_DAY, last - _SLOTS_A_DAY)
            if "pv" in told and self._plant is not None:
                lit = _lit(self._plant, first, last)
                self._pv_record.judge(
                    first, np.where(lit, came[0], np.nan), told["pv"], before[0]
                )
            if "load" in told:
                self._load_record.judge(first, came[1], told["load"], before[1])

    def _measured(self, first: int, last: int) -> tuple[FloatArray, FloatArray]:
        nothing = (np.nan, np.nan)
        table = np.array([self._came.get(n, nothing) for n in range(first, last)])
        return table[:, 0], table[:, 1]

    def as_dict(self) -> dict[str, Any]:
        """Return the state."""
        until = self.learned_until
        return {
            "pv": None if self._pv is None else self._pv.as_dict(),
            "load": self._load.as_dict(),
            "load_known": self._load_known,
            "level": self.level.as_list(),
            "pv_record": self._pv_record.as_list(),
            "load_record": self._load_record.as_list(),
            "until": None if until is None else until.timestamp(),
            "came": [
                [n, *numbers(np.array(pair), 1)] for n, pair in self._came.items()
            ],
            "told": [
                [first, {k: [numbers(p, 1) for p in b] for k, b in told.items()}]
                for first, told in self._told.items()
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``as_dict`` of a keeper of the same home described.

        Raises:
            AttributeError, IndexError, KeyError, TypeError, ValueError: It is damaged.
        """
        if self._pv is not None:
            self._pv.restore(state["pv"])
        self._load.restore(state["load"])
        self._load_known = bool(state["load_known"])
        self.level.restore(state["level"])
        self._pv_record = Record.restore(state["pv_record"])
        self._load_record = Record.restore(state["load_record"])
        until = state["until"]
        self.learned_until = (
            None if until is None else datetime.fromtimestamp(until, UTC)
        )
        self._came = {
            int(n): tuple(array([pv, load]).tolist()) for n, pv, load in state["came"]
        }
        self._told = {
            int(first): {key: _bands(bands) for key, bands in told.items()}
            for first, told in state["told"]
        }


def _forecaster(plant: Plant, time_zone: str) -> PvForecaster:
    site = plant.site
    place = Place(site.latitude, site.longitude, time_zone)
    return PvForecaster(place, plant.peak_power, STEP)


def _seasoned(
    plant: Plant, learned: Forecast, own: float, chosen: ChosenWeather, grid: TimeGrid
) -> Forecast:
    """Let the described roof speak as long as little was learned from the real.

    Args:
        plant: The described one.
        learned: What the home's own past says.
        own: Share that it has in what is said.
        chosen: The weather of the ladder.
        grid: The slots.
    """
    if own == 1.0:
        return learned
    weather = on_grid(chosen.weather, grid)
    power = expected_production(plant, weather).ac_power
    power = np.where(np.isfinite(power), power, learned.p50)
    spread = _P90 * power * _uncertainty(chosen, grid)
    clear = expected_production(plant, clear_sky_weather(plant.site, grid)).ac_power
    bands = (
        np.maximum(power - spread, 0.0),
        power,
        np.maximum(np.minimum(power + spread, clear), power),
    )
    p10, p50, p90 = (
        own * mine + (1.0 - own) * described
        for mine, described in zip(
            (learned.p10, learned.p50, learned.p90), bands, strict=True
        )
    )
    return replace(learned, p10=p10, p50=p50, p90=p90)


def _lit(plant: Plant, first: int, last: int) -> BoolArray:
    grid = TimeGrid(_moment(first), STEP, last - first)
    power = expected_production(plant, clear_sky_weather(plant.site, grid)).ac_power
    return np.asarray(power > _NIGHT * plant.peak_power)


def _part(forecast: Forecast, part: slice) -> Bands:
    return forecast.p10[part], forecast.p50[part], forecast.p90[part]


def _bands(state: list[Any]) -> Bands:
    p10, p50, p90 = (array(band) for band in state)
    return p10, p50, p90


def only_forecast(chosen: ChosenWeather, grid: TimeGrid) -> WeatherSeries:
    """Return weather on other slots, nan where it is not forecast but a mean."""
    weather = chosen.weather
    forecast = chosen.rungs <= int(Rung.CLOUD_COVER)
    known = WeatherSeries.from_columns(
        weather.grid,
        ghi=np.where(forecast, weather.ghi, np.nan),
        cloud_cover=weather.cloud_cover,
        temp_air=np.where(forecast, weather.temp_air, np.nan),
    )
    return on_grid(known, grid)


def _uncertainty(chosen: ChosenWeather, grid: TimeGrid) -> FloatArray:
    return np.array(
        [
            expected_uncertainty(chosen.rung_at(when).source, Span.INSTANT)
            for when in grid
        ]
    )


def _columns(weather: WeatherSeries) -> dict[str, FloatArray]:
    known = np.isfinite(weather.ghi)
    return {
        GHI: weather.ghi,
        # A cloudless sky that nobody forecast is no cloud cover either.
        CLOUD: np.where(known, 100.0 * weather.cloud_cover, np.nan),
        TEMPERATURE: weather.temp_air,
    }


def _number(when: datetime) -> int:
    return int(when.timestamp() // _SLOT)


def _moment(number: int) -> datetime:
    return datetime.fromtimestamp(number * _SLOT, UTC)
