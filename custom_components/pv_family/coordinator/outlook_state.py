"""What a home knows of the sky, of what its roof should give and of what is to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..plant.forecast.series import Forecast
from ..plant.forecast.standing import Standing
from ..plant.model.horizon import Horizon
from ..plant.sky_now import Expected
from ..plant.weather import ChosenWeather


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Forecasts of the coming two days, all on the same slots.

    Attributes:
        issued: When they were made (UTC).
        potential: What the roof could give, W; ``None`` without a roof.
        harvest: What inverters, battery, house and export limit take of it, W.
        load: What the household uses by itself, W; ``None`` while nothing is known.
        past: P50 of the harvest as it was said before each slot of today began, W.
    """

    issued: datetime
    potential: Forecast | None
    harvest: Forecast | None
    load: Forecast | None
    past: dict[datetime, float]

    def harvest_slots(self) -> Iterator[tuple[datetime, float]]:
        """Yield start and expected energy in Wh of each slot from this midnight on.

        Slots that have begun bring what was said before they did.
        """
        harvest = self.harvest
        if harvest is None:
            return
        hours = harvest.step.total_seconds() / 3600.0
        for when, power in sorted(self.past.items()):
            if when < harvest.start:
                yield when, power * hours
        for index, power in enumerate(harvest.p50.tolist()):
            yield harvest.start + index * harvest.step, power * hours


@dataclass(frozen=True, slots=True, kw_only=True)
class PvgisState:
    """What PVGIS says of the roof: a reference with a known spread, not the truth.

    Attributes:
        months: Energy of each month of a mean year, Wh.
        months_std: Standard deviation of each from year to year, Wh.
        year_std: Standard deviation of a year's energy, Wh.
        database: Where the radiation comes from.
        horizon: What hills hide; ``None`` while unknown.
        day_spread: P10 and P90 of a day's light over the mean of its month, for each
            month; ``None`` while unknown.
        taken: When the oldest answer in use was got (UTC).
    """

    months: tuple[float, ...]
    months_std: tuple[float, ...]
    year_std: float
    database: str
    horizon: Horizon | None
    day_spread: tuple[tuple[float, float], ...] | None
    taken: datetime

    @property
    def year(self) -> float:
        """Energy of a mean year, Wh."""
        return sum(self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What a service on the internet did not give.

    Attributes:
        reason: In the service's own words where it has some.
        since: Since when (UTC).
    """

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookState:
    """Everything that the outlook knows; ``None`` is not known.

    Attributes:
        expected: What the roof should give now.
        weather: The weather in use, from two days ago to the day after tomorrow.
        outlook: The forecasts.
        pvgis: The long-term reference.
        pv_standing: How good the forecasts of the roof were.
        load_standing: How good those of the household were.
        weather_trouble: Why there is no new weather.
        pvgis_trouble: Why PVGIS says nothing new.
        produced_month: Energy of this month so far, Wh.
        produced_year: Energy of this year so far, Wh.
    """

    expected: Expected | None = None
    weather: ChosenWeather | None = None
    outlook: Outlook | None = None
    pvgis: PvgisState | None = None
    pv_standing: Standing | None = None
    load_standing: Standing | None = None
    weather_trouble: Trouble | None = None
    pvgis_trouble: Trouble | None = None
    produced_month: float | None = None
    produced_year: float | None = None

    @property
    def potential(self) -> Forecast | None:
        """What the roof could give in the next two days."""
        return None if self.outlook is None else self.outlook.potential

    @property
    def harvest(self) -> Forecast | None:
        """What will be taken of it."""
        return None if self.outlook is None else self.outlook.harvest

    @property
    def load(self) -> Forecast | None:
        """What the household will use by itself."""
        return None if self.outlook is None else self.outlook.load
