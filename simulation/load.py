"""Household load: a measured year of hours, with seeded detail inside each hour."""

from functools import cache
from pathlib import Path

import numpy as np

from .noise import FloatArray, IntArray, uniform, value_noise
from .site import SECONDS_PER_DEGREE, Site

_PROFILE = Path(__file__).parent / "data" / "household_load_hourly.csv"
_HOUR = 3600.0
_RIPPLE, _FRIDGE, _PULSES, _PHASES = 20, 21, 22, 40
_PULSE_COUNT = 3


@cache
def hourly_profile() -> IntArray:
    """Return the measured load, W, by week of the year, weekday and local hour.

    Shape (52, 7, 24). Origin and licence are in `data/SOURCES.md`.
    """
    table = np.loadtxt(_PROFILE, delimiter=",", skiprows=1, dtype=np.int64)
    return table[:, 2:].reshape(52, 7, 24)


def hourly_load(site: Site, t: FloatArray) -> FloatArray:
    """Return the hourly mean, W, of the hour of local solar time that holds `t`."""
    local = (t + site.longitude * SECONDS_PER_DEGREE).astype("datetime64[s]")
    day = local.astype("datetime64[D]")
    day_of_year = (day - day.astype("datetime64[Y]")).astype(np.int64)
    week = np.minimum(day_of_year // 7, 51)
    # 1 January 1970 was a Thursday, weekday 3.
    weekday = (day.astype(np.int64) + 3) % 7
    hour = ((local - day).astype(np.int64) // 3600) % 24
    means: FloatArray = hourly_profile()[week, weekday, hour].astype(np.float64)
    return means


def household_load(
    site: Site, seed: int, t: FloatArray, daily_scale: float = 1.0
) -> FloatArray:
    """Return the load, W, at POSIX seconds `t`.

    Each hour holds one cycle of a refrigerator and up to three pulses (kettle, oven,
    iron); what they take is subtracted from the base, so the hour keeps its mean.
    """
    mean = hourly_load(site, t) * daily_scale
    solar = t + site.longitude * SECONDS_PER_DEGREE
    index = np.floor(solar / _HOUR).astype(np.int64)
    second = solar - index * _HOUR

    fridge_power = np.minimum(110.0, mean)
    fridge_share = 0.28 + 0.14 * uniform(seed, _FRIDGE, index)
    phase = uniform(seed, _FRIDGE + 1000, index) * _HOUR
    running = ((second - phase) % _HOUR) < fridge_share * _HOUR
    base = mean - fridge_power * fridge_share
    detail = np.where(running, fridge_power, 0.0)

    budget = 0.55 * base
    for number in range(_PULSE_COUNT):
        channel = _PULSES + 10 * number
        power = 900.0 + 1500.0 * uniform(seed, channel, index)
        length = 120.0 + 480.0 * uniform(seed, channel + 1, index) ** 2
        energy = power * length / _HOUR
        fits = energy <= budget
        start = uniform(seed, channel + 2, index) * (_HOUR - length)
        inside = (second >= start) & (second < start + length)
        detail += np.where(fits & inside, power, 0.0)
        budget = np.where(fits, budget - energy, budget)
        base = np.where(fits, base - energy, base)

    ripple = 0.10 * (value_noise(seed, _RIPPLE, t, 75.0) - 0.5)
    load: FloatArray = base * (1.0 + ripple) + detail
    return load


def phase_shares(seed: int, t: FloatArray, phases: int) -> FloatArray:
    """Return how the load is spread over the phases: shape (phases, times), sum 1."""
    weights = np.stack(
        [0.15 + value_noise(seed, _PHASES + phase, t, 700.0) for phase in range(phases)]
    )
    shares: FloatArray = weights / weights.sum(axis=0)
    return shares
