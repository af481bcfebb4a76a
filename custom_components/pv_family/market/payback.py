"""When a plant will have paid for itself."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import acos, cos, pi, radians, sin, tan
from typing import Final

SHORTEST: Final = timedelta(days=30)
"""Savings of less time than this say nothing of a year."""
_YEAR: Final = 365.25
_LONGEST: Final = 60 * _YEAR
_DARKEST: Final = 0.005
"""Share of a year's light from which nothing follows, as of a polar night."""


@dataclass(frozen=True, slots=True)
class Payback:
    """How far a plant is on its way.

    Attributes:
        share: Of the investment that has come back.
        yearly: What a year saves, as far as it can be told yet.
        day: When all of it will have come back; ``None`` if it has, or if that cannot
            be told.
    """

    share: float
    yearly: float | None
    day: date | None


def payback(
    investment: float,
    saved_before: float,
    saved: float,
    since: datetime,
    now: datetime,
    latitude: float,
) -> Payback:
    """Return how far a plant is on its way to pay for itself.

    A plant saves most in summer. What less than a year saved is set against the share
    of a year's light that fell on flat ground in that time, so that neither a July nor
    a December stands for the year; from the first year on the share is that of time.

    Args:
        investment: What the plant cost.
        saved_before: What it saved before counting began.
        saved: What it saved since.
        since: When counting began (UTC).
        now: The present (UTC).
        latitude: Of the home, degrees.
    """
    returned = saved_before + saved
    share = returned / investment
    counted = now - since
    if counted < SHORTEST:
        return Payback(share, None, None)
    of_year = _share_of_year(since, now, latitude)
    if of_year < _DARKEST:
        return Payback(share, None, None)
    yearly = saved / of_year
    left = investment - returned
    if left <= 0.0 or yearly <= 0.0:
        return Payback(share, yearly, None)
    days = left / yearly * _YEAR
    if days > _LONGEST:
        return Payback(share, yearly, None)
    return Payback(share, yearly, now.date() + timedelta(days=round(days)))


def _share_of_year(since: datetime, now: datetime, latitude: float) -> float:
    """Return how much of a year's light fell in a time; more than 1 is several years."""
    days = (now - since) / timedelta(days=1)
    whole, rest = divmod(days, _YEAR)
    first = now - timedelta(days=rest)
    light = [daily_light(day, latitude) for day in range(1, 366)]
    part = sum(
        light[((first + timedelta(days=n)).timetuple().tm_yday - 1) % 365]
        for n in range(int(rest))
    )
    return whole + part / sum(light)


def daily_light(day_of_year: int, latitude: float) -> float:
    """Return a day's light on flat ground above the air, relative to the solar constant.

    Duffie and Beckman, Solar Engineering of Thermal Processes, equation 1.10.3, with
    Cooper's declination.
    """
    declination = radians(23.45) * sin(2 * pi * (284 + day_of_year) / 365)
    phi = radians(max(-89.0, min(89.0, latitude)))
    hour_angle = acos(max(-1.0, min(1.0, -tan(phi) * tan(declination))))
    distance = 1.0 + 0.033 * cos(2 * pi * day_of_year / 365)
    height = cos(phi) * cos(declination) * sin(hour_angle)
    return distance * (height + hour_angle * sin(phi) * sin(declination)) / pi
