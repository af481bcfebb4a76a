"""Weather in regular intervals, as the plant model takes it."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from .arrays import FloatArray
from .time_grid import TimeGrid

TYPICAL_TEMPERATURE = 15.0
"""°C, where nobody knows better; ten degrees off move power by 3 %."""
TYPICAL_WIND = 2.0
"""m/s at 10 m, where nobody knows better."""


@dataclass(frozen=True, slots=True)
class WeatherSeries:
    """Means of each interval; NaN is not known, and every column fits the grid.

    Attributes:
        grid: The intervals.
        ghi: Global horizontal irradiance, W/m2.
        dni: Direct normal irradiance, W/m2.
        dhi: Diffuse horizontal irradiance, W/m2.
        temp_air: At 2 m, °C.
        wind_speed: At 10 m, m/s.
        cloud_cover: Share of the sky, 0 to 1.
        snow_depth: m.
    """

    grid: TimeGrid
    ghi: FloatArray
    dni: FloatArray
    dhi: FloatArray
    temp_air: FloatArray
    wind_speed: FloatArray
    cloud_cover: FloatArray
    snow_depth: FloatArray

    def __post_init__(self) -> None:
        """Refuse a column that does not fit.

        Raises:
            ValueError: A column has another length than the grid.
        """
        for name in COLUMNS:
            if getattr(self, name).shape != (self.grid.count,):
                raise ValueError(f"{name} does not fit the grid")

    @classmethod
    def from_columns(cls, grid: TimeGrid, **columns: FloatArray) -> Self:
        """Return a series in which columns that are not given are not known."""
        unknown = np.full(grid.count, np.nan)
        return cls(grid, **{name: columns.pop(name, unknown) for name in COLUMNS})


COLUMNS = tuple(field.name for field in fields(WeatherSeries))[1:]
