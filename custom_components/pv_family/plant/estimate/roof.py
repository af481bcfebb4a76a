"""Estimate tilt, azimuth and size of a roof from its own production."""

from math import hypot
from typing import Final

import numpy as np

from ..model.arrays import FloatArray, IntArray
from ..model.plant import Site
from ..model.time_grid import TimeGrid
from ..model.weather_series import WeatherSeries
from .candidates import Candidates, candidates_of, conditions_of, cost_of, mesh
from .clear_days import ClearHistory, clear_history
from .estimated import EstimatedPlane, EstimatedRoof, azimuth_std, tilt_floor
from .pair import two_planes

LEAST_DAYS: Final = 8
"""Cloudless days without which nothing is proposed."""
WELL_EXPLAINED: Final = 0.04
"""Residual of one plane below which no second one is looked for."""
TWO_PLANES: Final = 0.5
"""Share of the squared error of one plane that two must get below."""

_SAMPLES: Final = 200
_PAIR_SAMPLES: Final = 25


def estimate_roof(
    grid: TimeGrid,
    power: FloatArray,
    site: Site,
    weather: WeatherSeries | None = None,
) -> EstimatedRoof | None:
    """Return how a roof lies, or ``None`` without enough cloudless days.

    Cloudless days are found in the production itself and compared with a clear sky on
    all planes. A day's level may wander (haze, heat, dirt), its shape may not. The
    uncertainty comes from drawing the days anew, and has a floor.

    Args:
        grid: The intervals of the history.
        power: AC power, mean of each interval, W; NaN is not known.
        site: Where it was.
        weather: Measured irradiance, temperature and wind on the same intervals,
            where there are any.
    """
    history = clear_history(grid, power, site)
    if history.days < LEAST_DAYS:
        return None
    conditions = conditions_of(history, site, grid, weather)
    tilts, azimuths = mesh(np.linspace(0.0, 90.0, 13), np.linspace(0.0, 348.0, 30))
    coarse = candidates_of(history, conditions, tilts, azimuths)
    every_day = np.ones((1, history.days))
    first = int(np.argmin(cost_of(history, coarse, every_day)[0]))
    fine = candidates_of(
        history,
        conditions,
        *mesh(
            np.unique(
                np.clip(coarse.tilt[first] + np.arange(-15.0, 16.0, 2.5), 0.0, 90.0)
            ),
            (coarse.azimuth[first] + np.arange(-30.0, 31.0, 3.0)) % 360.0,
        ),
    )
    # The same draws every time: an estimate must not change by itself.
    draws = np.random.default_rng(0).multinomial(
        history.days, np.full(history.days, 1.0 / history.days), size=_SAMPLES
    )
    costs = cost_of(history, fine, np.vstack((every_day, draws)))
    best = np.argmin(costs, axis=1)
    single = _single(history, fine, best)
    if single.residual < WELL_EXPLAINED:
        return single
    pair = two_planes(history, coarse, draws[:_PAIR_SAMPLES].astype(np.float64))
    if pair is not None and pair.residual**2 < TWO_PLANES * single.residual**2:
        return pair
    return single


def _single(
    history: ClearHistory, candidates: Candidates, best: IntArray
) -> EstimatedRoof:
    """Return the roof of one plane: the best one, and the spread over the draws."""
    winner = int(best[0])
    tilt, azimuth = candidates.tilt[winner], candidates.azimuth[winner]
    turned = (candidates.azimuth[best] - azimuth + 180.0) % 360.0 - 180.0
    model = candidates.power[winner]
    scale = float(model @ history.power / max(float(model @ model), 1e-9))
    residual = history.power - scale * model
    return EstimatedRoof(
        (
            EstimatedPlane(
                float(tilt),
                float(azimuth),
                hypot(float(np.std(candidates.tilt[best])), tilt_floor(history)),
                azimuth_std(float(np.sqrt(np.mean(turned**2))), float(tilt)),
                scale,
            ),
        ),
        history.days,
        float(np.std(residual)) / float(history.power.max()),
    )
