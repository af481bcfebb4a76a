"""The weather that was forecast for slots of the past."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from .model.time_grid import TimeGrid
from .model.weather_series import COLUMNS, WeatherSeries
from .weather import Offer, on_grid


def known_weather(grid: TimeGrid, offers: Iterable[Offer]) -> WeatherSeries:
    """Return what the newest forecast before each slot said; nan where none did.

    Args:
        grid: The slots.
        offers: Forecasts in any order; each counts from its time of issue until that
            of the next one that knows more.
    """
    columns = {name: np.full(grid.count, np.nan) for name in COLUMNS}
    ordered = sorted(offers, key=lambda offer: offer.issued)
    for offer, following in pairwise((*ordered, None)):
        if offer is None:
            continue
        end = offer.weather.grid.end
        # The last forecasts before a silence go on as far as they reach.
        if following is not None and following.weather.grid.end >= end:
            end = min(end, following.issued)
        first = min(max(grid.index(offer.issued), 0), grid.count)
        last = min(max(grid.index(end - grid.step) + 1, first), grid.count)
        part = TimeGrid(grid.at(first), grid.step, last - first)
        if part.count == 0:
            continue
        weather = on_grid(offer.weather, part)
        known = np.isfinite(weather.ghi)
        for name, column in columns.items():
            here = column[first:last]
            column[first:last] = np.where(known, getattr(weather, name), here)
    return WeatherSeries(grid, **columns)


def overlaid(below: WeatherSeries, above: WeatherSeries) -> WeatherSeries:
    """Return weather in which a second series holds where its irradiance is known.

    Args:
        below: On some grid.
        above: On the same grid.
    """
    known = np.isfinite(above.ghi)
    columns = {
        name: np.where(known, getattr(above, name), getattr(below, name))
        for name in COLUMNS
    }
    return WeatherSeries(below.grid, **columns)
