"""What Open-Meteo answers, checked and turned into weather of intervals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from ..document import DocumentError, Node, finite_number, read_document
from ..model.arrays import FloatArray
from ..model.irradiance import BRIGHTEST, cos_incidence
from ..model.sun import SunPosition, sun_position
from ..model.time_grid import TimeGrid
from ..model.weather_series import WeatherSeries
from ..web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebRefusedError,
    WebUnreachableError,
)

_MOST: Final = 4 << 20
_LONGEST: Final = 110 * 96
_BLOCKS: Final = {
    "minutely_15": timedelta(minutes=15),
    "hourly": timedelta(hours=1),
}
# Name of the mean over the interval before the stamp, and of the value at the stamp.
_RADIATION: Final = {
    "ghi": "shortwave_radiation",
    "dni": "direct_normal_irradiance",
    "dhi": "diffuse_radiation",
}
_INSTANTS: Final = {
    "temp_air": ("temperature_2m", {"°C": 1.0}, -90.0, 60.0),
    "wind_speed": ("wind_speed_10m", {"m/s": 1.0, "km/h": 1.0 / 3.6}, 0.0, 150.0),
    "cloud_cover": ("cloud_cover", {"%": 0.01}, 0.0, 1.0),
    "snow_depth": ("snow_depth", {"m": 1.0}, 0.0, 50.0),
}
_RADIATION_UNITS: Final = {"W/m²": 1.0, "W/m2": 1.0}
_NO_BOUND: Final = 1e9
_ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True)
class ForecastAnswer:
    """A weather forecast.

    Attributes:
        latitude: Of the model's grid point, degrees.
        longitude: Of the model's grid point, degrees.
        altitude: Of the model's grid point, m.
        weather: Means of intervals; NaN where the model has none.
        clamped: How many irradiances were impossible and were cut down.
    """

    latitude: float
    longitude: float
    altitude: float
    weather: WeatherSeries
    clamped: int


def parse_forecast(answer: WebAnswer) -> ForecastAnswer:
    """Return the weather of an answer, in the finest intervals that it has.

    Raises:
        WebError: Open-Meteo refused, is busy or answered something else.
    """
    if answer.status != 200:
        _refused(answer)
    try:
        return _forecast(read_document(answer.body, _MOST))
    except DocumentError as error:
        raise WebAnswerError(f"Open-Meteo: {error}") from error


def _refused(answer: WebAnswer) -> None:
    """Raise why Open-Meteo did not answer, in its own words where it has some."""
    try:
        reason = read_document(answer.body, 1 << 16)["reason"].text(1000)
    except DocumentError:
        reason = ""
    if answer.status in {429, 503, 529}:
        raise WebBusyError(reason or "Open-Meteo is overloaded")
    if 400 <= answer.status < 500:
        raise WebRefusedError(
            reason or f"Open-Meteo refuses with status {answer.status}"
        )
    raise WebUnreachableError(reason or f"Open-Meteo fails: status {answer.status}")


def _forecast(top: Node) -> ForecastAnswer:
    latitude = top["latitude"].number(-90.0, 90.0)
    longitude = top["longitude"].number(-180.0, 180.0)
    blocks = [block for block in _BLOCKS if top.has(block)]
    if not blocks:
        top.fail("holds neither quarter-hours nor hours")
    grid, columns = _block(top, blocks[0])
    for coarser in blocks[1:]:
        other, known = _block(top, coarser)
        for name, column in known.items():
            if name not in columns:
                columns[name] = _spread(column, other, grid)
    clamped = _clamp(columns, grid, latitude, longitude)
    light = columns.get("ghi")
    if light is None or np.isfinite(light).mean() < _ENOUGH:
        # It would take the place of the last good one.
        top.fail("tells hardly any irradiance")
    return ForecastAnswer(
        latitude,
        longitude,
        top["elevation"].number(-500.0, 9000.0),
        WeatherSeries.from_columns(grid, **columns),
        clamped,
    )


def _block(top: Node, name: str) -> tuple[TimeGrid, dict[str, FloatArray]]:
    block, units, step = top[name], top[f"{name}_units"], _BLOCKS[name]
    stamps = _stamps(block["time"], units["time"], top)
    if any(
        later - earlier != step.total_seconds() for earlier, later in pairwise(stamps)
    ):
        block["time"].fail("is not regular")
    # A mean is stamped with the end of its interval.
    start = datetime.fromtimestamp(stamps[0], UTC) - step
    grid = TimeGrid(start, step, len(stamps))
    columns = {}
    for column, key in _RADIATION.items():
        if block.has(key):
            columns[column] = _values(
                block[key], units[key], len(stamps), _RADIATION_UNITS
            )
        elif block.has(f"{key}_instant"):
            at = _values(
                block[f"{key}_instant"],
                units[f"{key}_instant"],
                len(stamps),
                _RADIATION_UNITS,
            )
            columns[column] = _between(at)
    for column, (key, accepted, low, high) in _INSTANTS.items():
        if block.has(key):
            at = _values(block[key], units[key], len(stamps), accepted, low, high)
            columns[column] = _between(at)
    return grid, columns


def _stamps(times: Node, unit: Node, top: Node) -> list[float]:
    """Return stamps in s since 1970.

    A text without offset is local; the answer says by how much it differs from UTC.
    """
    kind, values = unit.text(), times.items(_LONGEST, 1)
    if kind == "unixtime":
        return [value.number(0.0, 1e11) for value in values]
    if kind != "iso8601":
        unit.fail("is an unknown format of time")
    offset = top["utc_offset_seconds"].number(-86_400.0, 86_400.0)
    return [_iso(value) - offset for value in values]


def _iso(node: Node) -> float:
    try:
        when = datetime.fromisoformat(node.text(40))
        if when.tzinfo is not None:
            node.fail("has an offset of its own")
        return when.replace(tzinfo=UTC).timestamp()
    except ValueError, OverflowError:
        node.fail("is no time")


def _values(
    node: Node,
    unit: Node,
    count: int,
    accepted: dict[str, float],
    low: float = -_NO_BOUND,
    high: float = _NO_BOUND,
) -> FloatArray:
    """Return a column in SI units; null is NaN."""
    factor = accepted.get(unit.text())
    if factor is None:
        unit.fail("is an unknown unit")
    raw = node.values(count, count)
    column = np.empty(count)
    for index, value in enumerate(raw):
        if value is None:
            column[index] = np.nan
            continue
        number = finite_number(value)
        if number is None or not low <= number * factor <= high:
            node.fail(f"holds {str(value)[:40]!r}")
        column[index] = number * factor
    return column


def _between(at: FloatArray) -> FloatArray:
    """Return means of intervals from values at their ends; the first has one end."""
    means = at.copy()
    means[1:] = (at[1:] + at[:-1]) / 2.0
    return means


def _spread(column: FloatArray, coarse: TimeGrid, fine: TimeGrid) -> FloatArray:
    """Return a coarser column on a finer grid; NaN outside."""
    index = np.floor(
        (fine.middles() - coarse.start.timestamp()) / coarse.step.total_seconds()
    ).astype(np.int64)
    inside = (index >= 0) & (index < coarse.count)
    return np.where(inside, column[np.clip(index, 0, coarse.count - 1)], np.nan)


def _clamp(
    columns: dict[str, FloatArray], grid: TimeGrid, latitude: float, longitude: float
) -> int:
    """Cut impossible irradiances down, and return how many there were.

    An interval at dawn is judged by the highest sun within it.
    """
    extra, cosine = highest_sun(grid, latitude, longitude)
    horizontal = BRIGHTEST * extra * cosine
    bounds = {
        "ghi": horizontal,
        "dni": np.where(cosine > 0.0, extra, 0.0),
        "dhi": horizontal,
    }
    clamped = 0
    for name, bound in bounds.items():
        if name in columns:
            columns[name], count = clamp(columns[name], bound)
            clamped += count
    return clamped


def clamp(values: FloatArray, bound: FloatArray) -> tuple[FloatArray, int]:
    """Return values between 0 and a bound, and how many lay outside by over 1 W/m2."""
    kept = np.clip(values, 0.0, bound)
    # NaN compares false with everything, so what is unknown is not counted.
    return kept, int(np.count_nonzero(np.abs(values - kept) > 1.0))


def highest_sun(
    grid: TimeGrid, latitude: float, longitude: float
) -> tuple[FloatArray, FloatArray]:
    """Return the light outside the air and the highest cosine of each interval."""
    cosines = [sun.cos_zenith for sun in _suns(grid, latitude, longitude)]
    middle = sun_position(grid.middles(), latitude, longitude)
    highest = np.maximum(np.max(cosines, axis=0), 0.0)
    return middle.extraterrestrial, highest


def plane_bound(
    grid: TimeGrid,
    latitude: float,
    longitude: float,
    surface_tilt: float,
    surface_azimuth: float,
) -> FloatArray:
    """Return the most that a plane can get in each interval, W/m2.

    Providers' irradiance on a plane divides by the sun's height and may give 80 000
    at dawn. With the sun behind it a plane gets no more than a flat one.
    """
    tilt = np.full(grid.count, surface_tilt)
    azimuth = np.full(grid.count, surface_azimuth)
    extra, horizontal = highest_sun(grid, latitude, longitude)
    facing = [
        np.where(sun.elevation > 0.0, cos_incidence(sun, tilt, azimuth), 0.0)
        for sun in _suns(grid, latitude, longitude)
    ]
    bound: FloatArray = (
        BRIGHTEST * extra * np.maximum(np.max(facing, axis=0), horizontal)
    )
    return bound


def _suns(grid: TimeGrid, latitude: float, longitude: float) -> Iterable[SunPosition]:
    """Return the sun at the start, middle and end of each interval."""
    step = grid.step.total_seconds()
    return (
        sun_position(grid.starts() + part * step, latitude, longitude)
        for part in (0.0, 0.5, 1.0)
    )
