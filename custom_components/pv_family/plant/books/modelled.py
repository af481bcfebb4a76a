"""What the model says of one component in one interval that has passed."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite, nan

from ..losses.modelled import modelled_facts
from ..losses.rules import Facts
from ..model.plant import Plant
from ..model.production import Production, clear_sky_weather, expected_production
from ..model.sun import sun_position
from ..model.uncertainty import IrradianceSource
from ..model.weather_series import WeatherSeries


@dataclass(frozen=True, slots=True)
class Modelled:
    """What one inverter's arrays should have given in an interval.

    Attributes:
        facts: What the model knows, with a harvest of 0.
        poa_global: Irradiance on the plane, W/m2.
        temp_cell: °C.
        peak_power: Nominal power of the modules, W.
        gamma: Their relative change of power, 1/K.
        source: How the irradiance is known.
        sun: Compass azimuth and elevation in the middle of the interval, degrees.
    """

    facts: Facts
    poa_global: float
    temp_cell: float
    peak_power: float
    gamma: float
    source: IrradianceSource
    sun: tuple[float, float] = (180.0, 0.0)


def model_interval(
    plant: Plant, weather: WeatherSeries, source: IrradianceSource
) -> Modelled | None:
    """Return what a plant should have given, or ``None`` without irradiance.

    Args:
        plant: The component, as a plant of its own.
        weather: As it was; one interval.
        source: How the irradiance is known.
    """
    clear = expected_production(plant, clear_sky_weather(plant.site, weather.grid))
    return modelled(plant, clear, expected_production(plant, weather), weather, source)


def modelled(
    plant: Plant,
    clear: Production,
    actual: Production,
    weather: WeatherSeries,
    source: IrradianceSource,
) -> Modelled | None:
    """Return what a plant should have given, or ``None`` without irradiance.

    Args:
        plant: What produces.
        clear: Under a cloudless sky; one interval.
        actual: Under the sky as it was; the same interval.
        weather: As it was; the same interval.
        source: How the irradiance is known.
    """
    if not isfinite(actual.potential[0]) or not isfinite(clear.potential[0]):
        return None
    facts = modelled_facts(clear, actual, 0, 0.0)
    site = plant.site
    sun = sun_position(weather.grid.middles(), site.latitude, site.longitude)
    snow, air = float(weather.snow_depth[0]), float(weather.temp_air[0])
    return Modelled(
        facts=Facts(
            hours=facts.hours,
            theory=facts.theory,
            potential=facts.potential,
            harvest=0.0,
            shade=facts.shade,
            soiling=facts.soiling,
            degradation=facts.degradation,
            clipping=facts.clipping,
            snow_depth=snow if isfinite(snow) else None,
            temp_air=air if isfinite(air) else None,
        ),
        poa_global=float(actual.poa_global[0]),
        temp_cell=float(actual.temp_cell[0]),
        peak_power=plant.peak_power,
        gamma=mean_gamma(plant),
        source=source,
        sun=(float(sun.azimuth[0]), float(sun.elevation[0])),
    )


def mean_gamma(plant: Plant) -> float:
    """Return the temperature coefficient of all modules together, 1/K."""
    arrays = [array for chain in plant.chains for array in chain.arrays]
    whole = sum(array.peak_power for array in arrays)
    if not whole:
        return nan
    return sum(array.peak_power * array.module.gamma for array in arrays) / whole


@dataclass(frozen=True, slots=True)
class Interval:
    """A quarter of an hour (UTC)."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds() / 3600.0
