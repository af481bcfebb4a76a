"""How much the days of a month differ, from a year of hours."""

from typing import Final

import numpy as np

from ..model.clear_sky import months
from ..web import WebAnswerError
from .answer import SeriesAnswer

_DAY: Final = 86_400.0
_FEWEST_DAYS: Final = 20
# The year's first and last day may be cut.
_WHOLE: Final = 0.9


def day_spread(series: SeriesAnswer) -> tuple[tuple[float, float], ...]:
    """Return P10 and P90 of a day's irradiation over the mean of its month.

    Twelve pairs, January first. In the polar night every day is like the mean.

    Raises:
        WebAnswerError: A month has too few days.
    """
    # By the sun: at the date line a day of UTC is made of two halves.
    solar = series.instants + series.origin.longitude * 240.0
    days = np.floor(solar / _DAY)
    numbers, index = np.unique(days, return_inverse=True)
    sums, hours = np.bincount(index, series.poa_global), np.bincount(index)
    whole = hours >= _WHOLE * hours.max()
    sums, month_of = sums[whole], months(numbers[whole] * _DAY)
    spread = []
    for month in range(12):
        own = sums[month_of == month]
        if len(own) < _FEWEST_DAYS:
            raise WebAnswerError("PVGIS: a month has too few days")
        if own.mean() <= 0.0:
            spread.append((1.0, 1.0))
            continue
        low, high = np.quantile(own / own.mean(), (0.1, 0.9))
        spread.append((float(low), float(high)))
    return tuple(spread)
