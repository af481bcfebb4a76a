"""Sums and peaks of a forecast over a time."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from ..model.arrays import FloatArray
from .series import Forecast


def energy_between(
    forecast: Forecast, power: FloatArray, start: datetime, end: datetime
) -> float | None:
    """Return the energy of a band of a forecast in a time, Wh.

    Slots count by the share of them that lies in it; what lies before the forecast
    counts nothing. ``None`` if the forecast ends before the time does.

    Args:
        forecast: Gives the slots.
        power: One of its bands, W.
        start: Of the time (aware).
        end: Of the time (aware).
    """
    step = forecast.step.total_seconds()
    first = (start - forecast.start).total_seconds() / step
    last = (end - forecast.start).total_seconds() / step
    if last > len(power) + 1e-9:
        return None
    index = np.arange(len(power), dtype=np.float64)
    share = np.clip(np.minimum(index + 1.0, last) - np.maximum(index, first), 0.0, 1.0)
    return float(power @ share) * step / 3600.0


def bounds_between(
    forecast: Forecast, start: datetime, end: datetime
) -> tuple[float, float] | None:
    """Return what the energy of a whole day exceeds in 90 and in 10 % of cases, Wh.

    ``None`` if the forecast ends before the day does.

    Args:
        forecast: Knows how far days stray.
        start: Of the day (aware).
        end: Of the day (aware).
    """
    low, middle, high = (
        energy_between(forecast, band, start, end)
        for band in (forecast.p10, forecast.p50, forecast.p90)
    )
    if low is None or middle is None or high is None:
        return None
    return (
        max(middle - forecast.day.low * (middle - low), 0.0),
        middle + forecast.day.high * (high - middle),
    )


def peak_between(
    forecast: Forecast, start: datetime, end: datetime
) -> tuple[datetime, float] | None:
    """Return start and power of the strongest slot of a time, ``None`` in the dark.

    Args:
        forecast: Its P50 counts.
        start: Of the time (aware).
        end: Of the time (aware).
    """
    step = forecast.step
    first = max((start - forecast.start) // step, 0)
    last = min(-((forecast.start - end) // step), len(forecast.p50))
    part = forecast.p50[first:last]
    if not len(part) or part.max() <= 0.0:
        return None
    index = int(part.argmax())
    return forecast.start + (first + index) * step, float(part[index])


def in_slots_of(forecast: Forecast, minutes: int) -> Forecast:
    """Return a forecast in slots of another length, which start with whole ones.

    Longer slots are means of those in them; slots that the forecast does not fill
    are left out. Shorter ones follow the line through the middles of the longer, so
    that their mean stays what it was where power does not turn.

    Args:
        forecast: In its own slots.
        minutes: Length of the new ones, a divisor or a multiple of the old.
    """
    step = timedelta(minutes=minutes)
    if step == forecast.step:
        return forecast
    if step > forecast.step:
        parts = step // forecast.step
        ahead = -forecast.start.timestamp() % step.total_seconds()
        skip = int(ahead // forecast.step.total_seconds())
        count = (len(forecast.p50) - skip) // parts
        whole = slice(skip, skip + count * parts)
        return replace(
            forecast.mapped(lambda p: p[whole].reshape(count, parts).mean(axis=1)),
            start=forecast.start + skip * forecast.step,
            step=step,
        )
    parts = forecast.step // step
    middles = np.arange(len(forecast.p50)) + 0.5
    fine = (np.arange(len(forecast.p50) * parts) + 0.5) / parts
    return replace(forecast.mapped(lambda p: np.interp(fine, middles, p)), step=step)
