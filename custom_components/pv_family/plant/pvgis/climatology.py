"""From PVGIS's months of many years to the mean of each month."""

from calendar import monthrange
from collections.abc import Iterable
from statistics import fmean

from ..weather import Climatology
from .answer import MonthRadiation


def climatology_of(months: Iterable[MonthRadiation]) -> Climatology:
    """Return the long-term means.

    Raises:
        ValueError: A month of the year is missing.
    """
    irradiation: dict[int, list[float]] = {month: [] for month in range(1, 13)}
    temp_air: dict[int, list[float]] = {month: [] for month in range(1, 13)}
    for each in months:
        days = monthrange(each.year, each.month)[1]
        irradiation[each.month].append(each.irradiation / days)
        if each.temp_air is not None:
            temp_air[each.month].append(each.temp_air)
    if not all(irradiation.values()):
        raise ValueError("a month of the year is missing")
    return Climatology(
        tuple(fmean(values) for values in irradiation.values()),
        tuple(fmean(values) for values in temp_air.values())
        if all(temp_air.values())
        else None,
    )
