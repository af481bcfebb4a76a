"""What the forecasts take in and give back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from ..model.arrays import FloatArray
from .day_interval import SUMS, Halves

# The weather that is understood; a provider's own forecast comes in as power.
GHI = "ghi_w_m2"
CLOUD = "cloud_pct"
TEMPERATURE = "temp_c"
PROVIDER = "pv_forecast_w"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the home stands: degrees, and the name of its time zone."""

    latitude: float
    longitude: float
    time_zone: str


@dataclass(frozen=True, slots=True)
class Block:
    """Slots one after the other; each value is the mean of its slot.

    Attributes:
        start: When the first slot starts (aware).
        step: How long a slot lasts.
        power: W, nan where not measured or not to be learned from (curtailed,
            faulty); for the weather ahead all nan. Shape (n,).
        weather: Columns by name, nan where unknown, each of shape (n,).
    """

    start: datetime
    step: timedelta
    power: FloatArray
    weather: Mapping[str, FloatArray] = field(default_factory=dict)

    def column(self, name: str) -> FloatArray:
        """Return a column of the weather, all nan if there is none."""
        found = self.weather.get(name)
        return np.full(len(self.power), np.nan) if found is None else found


@dataclass(frozen=True, slots=True)
class Forecast:
    """Power of each slot to come in W: exceeded in 90, 50 and 10 % of cases.

    Of a roof it is the *potential*; ``capped`` makes the *harvest* of it.

    Attributes:
        start: When the first slot starts (aware).
        step: How long a slot lasts.
        p10: Shape (n,).
        p50: Shape (n,).
        p90: Shape (n,).
        day: How the interval of a whole day's energy follows from those of its slots.
    """

    start: datetime
    step: timedelta
    p10: FloatArray
    p50: FloatArray
    p90: FloatArray
    day: Halves = SUMS

    def mapped(self, change: Callable[[FloatArray], FloatArray]) -> Forecast:
        """Return what a change that keeps their order makes of its bands."""
        return replace(
            self, p10=change(self.p10), p50=change(self.p50), p90=change(self.p90)
        )

    def capped(self, limit_w: float) -> Forecast:
        """Return what is left when inverters or grid take no more than a limit, W."""
        return self.mapped(lambda band: np.minimum(band, limit_w))
