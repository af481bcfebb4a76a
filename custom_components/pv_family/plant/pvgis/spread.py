"""How much the days of a month differ, from a year of hours."""

from typing import Final

import numpy as np

from ..model.clear_sky import months
from ..web import WebAnswerError
from .answer import SeriesAnswer

_DAY: Final = 86_400.0
_FEWEST_DAYS: Final = 20


def day_spread(series: SeriesAnswer) -> tuple[tuple[float, float], ...]:
    """Return P10 and P90 of a day's irradiation over the mean of its month.

    Twelve pairs, January first.

    Raises:
        WebAnswerError: A month has too few days.
    """
    days = np.floor(series.instants / _DAY)
    numbers, index = np.unique(days, return_inverse=True)
    sums = np.bincount(index, series.poa_global)
    month_of = months(numbers * _DAY)
    spread = []
    for month in range(12):
        own = sums[month_of == month]
        if len(own) < _FEWEST_DAYS or own.mean() <= 0.0:
            raise WebAnswerError("PVGIS: a month has too few days")
        low, high = np.quantile(own / own.mean(), (0.1, 0.9))
        spread.append((float(low), float(high)))
    return tuple(spread)
