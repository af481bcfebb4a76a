"""Planes to choose from, and how well each explains cloudless days."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..model.arrays import FloatArray
from ..model.clear_sky import clear_sky, monthly_turbidity
from ..model.irradiance import Irradiance, cos_incidence, on_plane, through_glass
from ..model.module import STANDARD_MODULE, cell_temperature, relative_power
from ..model.plant import Site
from ..model.time_grid import TimeGrid
from ..model.weather_series import TYPICAL_TEMPERATURE, TYPICAL_WIND, WeatherSeries
from .clear_days import ClearHistory

_DAY_SCALE: Final = 0.05
"""Standard deviation of a day's level by haze, heat and dirt."""
_NOISE: Final = 0.04
"""Standard deviation of an interval over the highest power."""


type Conditions = tuple[Irradiance, FloatArray, FloatArray]
"""Irradiance, air temperature in °C and wind in m/s."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Planes to choose from, with what each would give (planes by intervals)."""

    tilt: FloatArray
    azimuth: FloatArray
    power: FloatArray


def mesh(tilts: FloatArray, azimuths: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return all combinations; of flat planes only one."""
    tilt, azimuth = (axis.ravel() for axis in np.meshgrid(tilts, azimuths))
    keep = (tilt > 0.0) | (azimuth == azimuths[0])
    return tilt[keep], azimuth[keep]


def conditions_of(
    history: ClearHistory, site: Site, grid: TimeGrid, weather: WeatherSeries | None
) -> Conditions:
    """Return irradiance, temperature and wind of the cloudless intervals."""
    turbidity = monthly_turbidity(history.instants, site.turbidity)
    sky = clear_sky(history.sun, turbidity, site.altitude)
    count = history.instants.size
    air, wind = np.full(count, TYPICAL_TEMPERATURE), np.full(count, TYPICAL_WIND)
    if weather is None:
        return sky, air, wind
    index = np.rint(
        (history.instants - grid.middles()[0]) / grid.step.total_seconds()
    ).astype(np.int64)

    def measured(column: FloatArray, otherwise: FloatArray) -> FloatArray:
        return np.where(np.isfinite(column[index]), column[index], otherwise)

    both = np.isfinite(weather.dni) & np.isfinite(weather.dhi)
    return (
        Irradiance(
            measured(np.where(both, weather.ghi, np.nan), sky.ghi),
            measured(np.where(both, weather.dni, np.nan), sky.dni),
            measured(np.where(both, weather.dhi, np.nan), sky.dhi),
        ),
        measured(weather.temp_air, air),
        measured(weather.wind_speed, wind),
    )


def candidates_of(
    history: ClearHistory,
    conditions: Conditions,
    tilts: FloatArray,
    azimuths: FloatArray,
) -> Candidates:
    """Return planes with what each would give in the cloudless intervals."""
    irradiance, air, wind = conditions
    power = np.empty((tilts.size, history.power.size))
    for row in range(tilts.size):
        tilt = np.full(history.power.shape, tilts[row])
        azimuth = np.full(history.power.shape, azimuths[row])
        plane = on_plane(irradiance, history.sun, tilt, azimuth)
        incidence = cos_incidence(history.sun, tilt, azimuth)
        lit = through_glass(plane, incidence, tilt)
        warm = cell_temperature(plane.poa_global, air, wind)
        power[row] = relative_power(lit.poa_global, warm, STANDARD_MODULE)
    return Candidates(tilts, azimuths, power)


def _by_day(history: ClearHistory, values: FloatArray) -> FloatArray:
    """Return sums over each day (rows by days); the days stand in order."""
    starts = np.searchsorted(history.day, np.arange(history.days))
    sums: FloatArray = np.add.reduceat(np.atleast_2d(values), starts, axis=1)
    return sums


def cost_of(
    history: ClearHistory, candidates: Candidates, draws: FloatArray
) -> FloatArray:
    """Return how badly each candidate fits (draws by candidates).

    Each day has a level of its own with a known spread around the common one, so the
    shape of the days and, more loosely, the seasons decide.
    """
    top = float(history.power.max())
    power = history.power / top
    own = _by_day(history, power**2)
    cross = _by_day(history, candidates.power * power)
    square = np.maximum(_by_day(history, candidates.power**2), 1e-9)
    level = cross / square
    shape = (own - cross * level) / _NOISE**2
    mean = level.mean(axis=1, keepdims=True)
    weight = 1.0 / (_NOISE**2 / square + (_DAY_SCALE * mean) ** 2)
    # Sums over the days that were drawn, of the spread around their common level.
    zeroth, once, twice = (
        draws @ (weight * level**order).T for order in (0.0, 1.0, 2.0)
    )
    logs = draws @ np.log(1.0 + (_DAY_SCALE * mean) ** 2 * square / _NOISE**2).T
    cost: FloatArray = (
        draws @ shape.T + twice - once**2 / np.maximum(zeroth, 1e-12) + logs
    )
    return cost
