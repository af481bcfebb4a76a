"""The forecasts that run in Home Assistant, as entrants of the forecast arena.

In ``benchmarks/arenas/forecast``, with the repository's root on ``PYTHONPATH``::

    python score.py pv --model benchmarks.arena_forecast:PvModel
    python score.py load --model benchmarks.arena_forecast:LoadModel
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
import sys
from types import ModuleType
from typing import Protocol

import numpy as np

_INTEGRATION = "custom_components.pv_family"


@contextmanager
def side_door() -> Iterator[None]:
    """Let the forecasts be imported without Home Assistant.

    They need none of it, but their package's front door opens it, and the arena
    measures memory.
    """
    if _INTEGRATION in sys.modules:
        yield
        return
    door = ModuleType(_INTEGRATION)
    door.__path__ = [str(Path(__file__).parents[1] / _INTEGRATION.replace(".", "/"))]
    sys.modules[_INTEGRATION] = door
    try:
        yield
    finally:
        del sys.modules[_INTEGRATION]


with side_door():
    from custom_components.pv_family.plant.forecast.load import LoadForecaster
    from custom_components.pv_family.plant.forecast.pv import PvForecaster
    from custom_components.pv_family.plant.forecast.series import Block, Forecast, Place
    from custom_components.pv_family.plant.model.arrays import FloatArray

type Values = list[float | None]


class Site(Protocol):
    """What the arena tells of a home."""

    lat: float
    lon: float
    tz: str
    kwp: float
    step: timedelta


class Series(Protocol):
    """The arena's history."""

    start: datetime
    step: timedelta
    power_w: Values
    weather: dict[str, Values]


class WeatherForecast(Protocol):
    """The arena's weather ahead."""

    start: datetime
    step: timedelta
    slots: int
    columns: dict[str, Values]


class Bands:
    """The arena's shape of a forecast."""

    def __init__(self, forecast: Forecast) -> None:
        """Turn arrays into lists."""
        self.p10: list[float] = forecast.p10.tolist()
        self.p50: list[float] = forecast.p50.tolist()
        self.p90: list[float] = forecast.p90.tolist()


def _array(values: Values, length: int) -> FloatArray:
    """Return values as an array, nan where there is none, also at the end."""
    out = np.full(length, np.nan)
    out[: len(values)] = np.array(values, dtype=float)
    return out


def _history(series: Series) -> Block:
    length = len(series.power_w)
    return Block(
        series.start,
        series.step,
        _array(series.power_w, length),
        _columns(series.weather, length),
    )


def _ahead(weather: WeatherForecast) -> Block:
    return Block(
        weather.start,
        weather.step,
        np.full(weather.slots, np.nan),
        _columns(weather.columns, weather.slots),
    )


def _columns(weather: Mapping[str, Values], length: int) -> dict[str, FloatArray]:
    return {name: _array(values, length) for name, values in weather.items()}


class PvModel:
    """The forecast of the roof; it is not told the orientation."""

    def __init__(self, site: Site) -> None:
        """Know the place and the peak power."""
        place = Place(site.lat, site.lon, site.tz)
        self._forecaster = PvForecaster(place, site.kwp * 1000.0, site.step)

    def fit(self, history: Series) -> None:
        """Take in the first slots."""
        self._forecaster.learn(_history(history))

    def update(self, history: Series) -> None:
        """Take in the slots since."""
        self._forecaster.learn(_history(history))

    def forecast(self, weather: WeatherForecast) -> Forecast:
        """Return the next two days in our own shape."""
        return self._forecaster.forecast(_ahead(weather))

    def predict(self, issue_time: datetime, weather: WeatherForecast) -> Bands:
        """Return the next two days."""
        return Bands(self.forecast(weather))


class LoadModel:
    """The forecast of the household's load."""

    def __init__(self, site: Site) -> None:
        """Know the clock on the wall."""
        self._forecaster = LoadForecaster(site.tz, site.step)

    def fit(self, history: Series) -> None:
        """Take in the first slots."""
        self._forecaster.learn(_history(history))

    def update(self, history: Series) -> None:
        """Take in the slots since."""
        self._forecaster.learn(_history(history))

    def predict(self, issue_time: datetime, weather: WeatherForecast) -> Bands:
        """Return the next two days."""
        return Bands(self._forecaster.forecast(_ahead(weather)))
