"""How far off expected production may be, by where the irradiance comes from."""

from datetime import timedelta
from enum import StrEnum
from math import hypot
from typing import Final


class IrradianceSource(StrEnum):
    """How irradiance is known, the best first."""

    PLANE_SENSOR = "plane_sensor"
    HORIZONTAL_SENSOR = "horizontal_sensor"
    WEATHER_MODEL = "weather_model"
    CLOUD_COVER = "cloud_cover"
    CLIMATOLOGY = "climatology"
    CLEAR_SKY = "clear_sky"

    @property
    def is_measured(self) -> bool:
        """Whether a sensor on site tells it."""
        return self in {self.PLANE_SENSOR, self.HORIZONTAL_SENSOR}


class Span(StrEnum):
    """Over how long a value is a mean."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    @classmethod
    def of(cls, length: timedelta) -> Span:
        """Return the span whose uncertainty fits a length."""
        if length < timedelta(hours=12):
            return cls.INSTANT
        if length < timedelta(days=20):
            return cls.DAY
        return cls.MONTH if length < timedelta(days=200) else cls.YEAR


PLANT_MODEL: Final = 0.05
"""Standard uncertainty of the steps from irradiance to AC power, of a known roof."""
RATING: Final = 0.03
"""Standard uncertainty of the nominal power on the data sheet."""
METER: Final = 0.02
"""Standard uncertainty of an inverter's own energy counter."""

IRRADIANCE: Final[dict[IrradianceSource, dict[Span, float]]] = {
    source: dict(zip(Span, values, strict=True))
    for source, values in {
        IrradianceSource.PLANE_SENSOR: (0.05, 0.04, 0.03, 0.03),
        IrradianceSource.HORIZONTAL_SENSOR: (0.10, 0.06, 0.05, 0.04),
        IrradianceSource.WEATHER_MODEL: (0.32, 0.21, 0.09, 0.08),
        IrradianceSource.CLOUD_COVER: (0.45, 0.30, 0.12, 0.10),
        IrradianceSource.CLIMATOLOGY: (0.60, 0.45, 0.15, 0.10),
        IrradianceSource.CLEAR_SKY: (0.70, 0.55, 0.40, 0.40),
    }.items()
}
"""Relative standard uncertainty of irradiation on the roof, over each span.

Sensors: IEC 61724-1 class B and its transposition. Weather model: radiation of ERA5
against five plant-years in Europe, 26 % hourly and 17 % daily mean absolute error and
2 to 16 % yearly bias. The others are estimates and get replaced by what a home learns.
"""


def expected_uncertainty(source: IrradianceSource, span: Span) -> float:
    """Return the relative standard uncertainty of expected production."""
    return hypot(IRRADIANCE[source][span], PLANT_MODEL, RATING)


def ratio_uncertainty(source: IrradianceSource, span: Span) -> float:
    """Return the relative standard uncertainty of a performance ratio."""
    return hypot(IRRADIANCE[source][span], RATING, METER)
