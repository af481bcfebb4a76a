"""Which weather to believe: provider, cache, cloud cover, climatology, clear sky."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

import numpy as np

from .model.arrays import BoolArray, FloatArray, IntArray
from .model.clear_sky import months
from .model.irradiance import split_global
from .model.plant import Site
from .model.production import clear_sky_weather
from .model.sun import sun_position
from .model.time_grid import TimeGrid
from .model.uncertainty import IrradianceSource
from .model.weather_series import COLUMNS, WeatherSeries


class Rung(IntEnum):
    """A step of the ladder, the best first."""

    PROVIDER = 0
    """A forecast of irradiance that is still new."""
    CACHE = 1
    """The last one that came, while it reaches."""
    CLOUD_COVER = 2
    """A weather entity of Home Assistant: clear sky thinned by its clouds."""
    CLIMATOLOGY = 3
    """The long-term mean of the month."""
    CLEAR_SKY = 4
    """What a cloudless sky would give: a ceiling, no expectation."""

    @property
    def source(self) -> IrradianceSource:
        """How its irradiance is known."""
        return _SOURCES[self]


_SOURCES: Final = {
    Rung.PROVIDER: IrradianceSource.WEATHER_MODEL,
    Rung.CACHE: IrradianceSource.WEATHER_MODEL,
    Rung.CLOUD_COVER: IrradianceSource.CLOUD_COVER,
    Rung.CLIMATOLOGY: IrradianceSource.CLIMATOLOGY,
    Rung.CLEAR_SKY: IrradianceSource.CLEAR_SKY,
}

NEW: Final = timedelta(hours=3)
"""How long a forecast counts as the provider's current one."""
STALE: Final = timedelta(days=4)
"""Beyond that age the month's mean is as good as a forecast."""

_DARK: Final = 20.0
"""W/m2 of clear sky below which a clearness means nothing."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Weather that somebody offers.

    Attributes:
        issued: When it was got (UTC).
        weather: In intervals of its own.
    """

    issued: datetime
    weather: WeatherSeries


@dataclass(frozen=True, slots=True)
class ChosenWeather:
    """The weather to work with.

    Attributes:
        weather: On the grid that was asked for.
        rungs: The `Rung` of the irradiance of each interval.
        issued: When the oldest forecast in use was got; ``None`` without one (UTC).
    """

    weather: WeatherSeries
    rungs: IntArray
    issued: datetime | None

    def rung_at(self, when: datetime) -> Rung:
        """Return the step in use at an instant; outside the grid, at its nearer end."""
        grid = self.weather.grid
        index = min(max(grid.index(when), 0), grid.count - 1)
        return Rung(int(self.rungs[index]))

    @property
    def worst(self) -> Rung:
        """The lowest step in use anywhere."""
        return Rung(int(self.rungs.max(initial=0)))


@dataclass(frozen=True, slots=True)
class Climatology:
    """The long-term mean of each month, from January to December.

    Attributes:
        irradiation: On the horizontal, Wh/m2 a day.
        temp_air: °C.
    """

    irradiation: tuple[float, ...]
    temp_air: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a year.

        Raises:
            ValueError: There are not twelve months.
        """
        if len(self.irradiation) != 12 or len(self.temp_air or self.irradiation) != 12:
            raise ValueError("a climatology needs twelve months")


def choose_weather(
    grid: TimeGrid,
    site: Site,
    now: datetime,
    *,
    irradiance: Offer | None = None,
    clouds: Offer | None = None,
    climatology: Climatology | None = None,
) -> ChosenWeather:
    """Return the best weather for each interval of a grid.

    Args:
        grid: Where weather is needed.
        site: Where it is needed.
        now: The present (UTC).
        irradiance: The last forecast of irradiance.
        clouds: The last forecast of cloud cover.
        climatology: The long-term means.
    """
    clear = clear_sky_weather(site, grid)
    ladder = [(Rung.CLEAR_SKY, clear)]
    used: dict[Rung, datetime] = {}
    if climatology is not None:
        ladder.append((Rung.CLIMATOLOGY, _mean_weather(climatology, site, clear)))
    for rung, offer in ((Rung.CLOUD_COVER, clouds), (Rung.PROVIDER, irradiance)):
        if offer is None or now - offer.issued > STALE:
            continue
        weather = on_grid(offer.weather, grid)
        if rung is Rung.CLOUD_COVER:
            weather = cloudy_weather(weather, clear, site)
        elif now - offer.issued > NEW:
            rung = Rung.CACHE
        ladder.append((rung, weather))
        used[rung] = offer.issued
    weather, rungs = _merge(ladder)
    issued = [used[rung] for rung in used if np.any(rungs == rung)]
    return ChosenWeather(weather, rungs, min(issued, default=None))


def cloud_factor(cloud_cover: FloatArray) -> FloatArray:
    """Return global irradiance over that of a clear sky, from the clouds' share.

    Kasten and Czeplak (Solar Energy 24, 1980).
    """
    factor: FloatArray = 1.0 - 0.75 * np.clip(cloud_cover, 0.0, 1.0) ** 3.4
    return factor


def cloudy_weather(
    weather: WeatherSeries, clear: WeatherSeries, site: Site
) -> WeatherSeries:
    """Return weather whose irradiance is worked out from its cloud cover."""
    return _from_global(weather, clear.ghi * cloud_factor(weather.cloud_cover), site)


def on_grid(weather: WeatherSeries, grid: TimeGrid) -> WeatherSeries:
    """Return weather on another grid: means where it is coarser, else as it stands.

    Intervals that the weather does not cover in full are not known.
    """
    source = weather.grid
    if source == grid:
        return weather
    step = source.step.total_seconds()
    offset = (grid.starts() - source.start.timestamp()) / step
    length = grid.step.total_seconds() / step
    columns = {
        name: _resampled(getattr(weather, name), offset, length) for name in COLUMNS
    }
    return WeatherSeries(grid, **columns)


def _resampled(values: FloatArray, offset: FloatArray, length: float) -> FloatArray:
    """Return means between positions, counted in intervals of the values."""
    total = np.concatenate(([0.0], np.cumsum(np.nan_to_num(values))))
    holes = np.concatenate(([0.0], np.cumsum(np.isnan(values))))
    edges = np.arange(total.size, dtype=np.float64)
    start, end = offset, offset + length
    inside = (start >= -1e-9) & (end <= values.size + 1e-9)
    mean = (np.interp(end, edges, total) - np.interp(start, edges, total)) / length
    hole = np.interp(end, edges, holes) - np.interp(start, edges, holes)
    return np.where(inside & (hole < 1e-9), mean, np.nan)


def _mean_weather(
    climatology: Climatology, site: Site, clear: WeatherSeries
) -> WeatherSeries:
    """Return the clear sky thinned to the long-term mean of each month."""
    month = months(clear.grid.middles())
    clearness = np.ones(12)
    for index in np.unique(month):
        day = TimeGrid(
            clear.grid.start.replace(
                month=int(index) + 1, day=15, hour=0, minute=0, second=0, microsecond=0
            ),
            timedelta(hours=1),
            24,
        )
        whole = float(clear_sky_weather(site, day).ghi.sum())
        if whole > 0.0:
            clearness[index] = min(1.0, climatology.irradiation[index] / whole)
    weather = _from_global(clear, clear.ghi * clearness[month], site)
    if climatology.temp_air is None:
        return weather
    return replace(weather, temp_air=np.asarray(climatology.temp_air)[month])


def _from_global(weather: WeatherSeries, ghi: FloatArray, site: Site) -> WeatherSeries:
    """Return the weather with another global irradiance, split by Erbs."""
    sun = sun_position(weather.grid.middles(), site.latitude, site.longitude)
    sky = split_global(ghi, sun)
    return replace(weather, ghi=sky.ghi, dni=sky.dni, dhi=sky.dhi)


def _merge(
    ladder: Sequence[tuple[Rung, WeatherSeries]],
) -> tuple[WeatherSeries, IntArray]:
    """Return the best of each column, from the lowest rung upwards.

    The three irradiances of an interval always come from one rung.
    """
    rung, base = ladder[0]
    columns = {name: getattr(base, name) for name in COLUMNS}
    rungs = np.full(base.grid.count, int(rung), dtype=np.int64)
    for rung, weather in ladder[1:]:
        known = np.isfinite(weather.ghi)
        _take(columns, weather, ("ghi", "dni", "dhi"), known)
        rungs = np.where(known, int(rung), rungs)
        for name in ("temp_air", "wind_speed", "cloud_cover", "snow_depth"):
            _take(columns, weather, (name,), np.isfinite(getattr(weather, name)))
    return WeatherSeries(base.grid, **columns), rungs


def _take(
    columns: dict[str, FloatArray],
    weather: WeatherSeries,
    names: Iterable[str],
    known: BoolArray,
) -> None:
    for name in names:
        columns[name] = np.where(known, getattr(weather, name), columns[name])
