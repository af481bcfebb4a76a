"""A roof under a made-up sky, and a household with habits."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from custom_components.pv_family.plant.forecast.series import Block, Place
from custom_components.pv_family.plant.model.arrays import FloatArray
from custom_components.pv_family.plant.model.clear_sky import (
    clear_sky,
    monthly_turbidity,
)
from custom_components.pv_family.plant.model.irradiance import on_plane, split_global
from custom_components.pv_family.plant.model.sun import sun_position

HOUR: Final = timedelta(hours=1)
CLUJ: Final = Place(46.77, 23.6, "Europe/Bucharest")
START: Final = datetime(2026, 4, 1, tzinfo=UTC)
PEAK_W: Final = 5000.0


def instants(start: datetime, length: int, step: timedelta = HOUR) -> FloatArray:
    """Return the middles of slots in s since 1970."""
    first = (start + step / 2).timestamp()
    return np.asarray(
        first + step.total_seconds() * np.arange(length), dtype=np.float64
    )


def roof_days(
    days: int,
    *,
    start: datetime = START,
    step: timedelta = HOUR,
    tilt: float = 35.0,
    azimuth: float = 240.0,
    noise: float = 0.2,
    seed: int = 1,
    place: Place = CLUJ,
) -> Block:
    """Return the power of a south-west roof and a forecast of its irradiance.

    The clearness of each day is drawn anew; the forecast errs by ``noise``.
    """
    length = round(timedelta(days=days) / step)
    moments = instants(start, length, step)
    sun = sun_position(moments, place.latitude, place.longitude)
    clear = clear_sky(sun, monthly_turbidity(moments)).ghi
    rng = np.random.default_rng(seed)
    per = round(timedelta(days=1) / step)
    sky = np.repeat(rng.beta(2.0, 1.0, days), per)
    told = np.clip(sky + noise * np.repeat(rng.standard_normal(days), per), 0.05, 1.05)
    light = on_plane(
        split_global(clear * sky, sun), sun, np.array(tilt), np.array(azimuth)
    )
    power = 0.85 * PEAK_W * light.poa_global / 1000.0
    return Block(start, step, power, {"ghi_w_m2": clear * told})


def home_days(days: int, *, step: timedelta = HOUR, seed: int = 1) -> Block:
    """Return the load of a home that cooks at seven and sleeps late at weekends."""
    length = round(timedelta(days=days) / step)
    rng = np.random.default_rng(seed)
    hours = np.arange(length) * (step / HOUR)
    day, hour = hours // 24, hours % 24
    weekend = (day + 2) % 7 >= 5
    morning = np.where(weekend, 10.0, 7.0)
    load = (
        300.0
        + 900.0 * np.exp(-0.5 * ((hour - morning) / 1.0) ** 2)
        + 1500.0 * np.exp(-0.5 * ((hour - 19.0) / 1.5) ** 2)
    )
    return Block(START, step, load * rng.lognormal(-0.08, 0.4, length))


def part(block: Block, first: int, last: int) -> Block:
    """Return some slots of a block."""
    return Block(
        block.start + first * block.step,
        block.step,
        block.power[first:last],
        {name: values[first:last] for name, values in block.weather.items()},
    )


def ahead(block: Block, first: int, length: int = 48) -> Block:
    """Return the weather of some slots of a block without their power."""
    piece = part(block, first, first + length)
    return Block(
        piece.start, piece.step, np.full(len(piece.power), np.nan), piece.weather
    )
