"""CO2 that the grid did not have to emit thanks to the plant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..readings.energy_counter import finite
from .energy_steps import EnergyStep

PLANT_FACTOR: Final = 40.0
"""g/kWh of PV over its life; published values lie between about 20 and 50."""
HIGHEST_INTENSITY: Final = 2000.0
"""g/kWh; lignite alone stays below."""

EMBER: Final = "Ember"
ELECTRICITY_MAPS: Final = "Electricity Maps"


@dataclass(frozen=True, slots=True)
class GridFactor:
    """The emissions of a year's electricity, over the life of the power stations.

    Attributes:
        intensity: g CO2 equivalent per kWh.
        year: Of the data.
        series: Whose data they are.
        basis: ``generation`` within the country, or ``consumption`` with imports.
        area: Country by ISO 3166-1, or EU27.
    """

    intensity: float
    year: int
    series: str
    basis: str
    area: str

    @property
    def named(self) -> str:
        """Return where the number comes from, to be shown beside every result."""
        return f"{self.series}, {self.area}, {self.year}, {self.basis}, life cycle"


def _ember(area: str, intensity: float) -> GridFactor:
    return GridFactor(intensity, 2024, EMBER, "generation", area)


def _electricity_maps(area: str, intensity: float) -> GridFactor:
    return GridFactor(intensity, 2025, ELECTRICITY_MAPS, "consumption", area)


GRID_FACTORS: Final = {
    "ember_ro": _ember("RO", 245.55),
    "ember_it": _ember("IT", 287.75),
    "ember_de": _ember("DE", 342.06),
    "ember_eu27": _ember("EU27", 213.02),
    "electricity_maps_ro": _electricity_maps("RO", 300.0),
    "electricity_maps_it": _electricity_maps("IT", 286.0),
    "electricity_maps_de": _electricity_maps("DE", 342.0),
    "electricity_maps_bg": _electricity_maps("BG", 365.0),
    "electricity_maps_fr": _electricity_maps("FR", 31.0),
    "electricity_maps_hu": _electricity_maps("HU", 219.0),
}
"""Yearly factors. Ember: CC BY 4.0. Electricity Maps: ODbL. Both as published in
co2.js by the Green Web Foundation."""


def factor_of_country(country: str | None) -> str:
    """Return the factor to propose: the country's by consumption, else Europe's.

    What a household does not buy would have been bought from the grid with its imports.
    """
    return next(
        (
            key
            for key, factor in GRID_FACTORS.items()
            if factor.area == country and factor.series == ELECTRICITY_MAPS
        ),
        "ember_eu27",
    )


def read_intensity(state: str, unit: str | None) -> float | None:
    """Return the intensity that an entity shows, in g/kWh.

    Args:
        state: A number, or a word such as unavailable.
        unit: Such as gCO2eq/kWh or kg/MWh, which are the same, or kg/kWh.
    """
    mass, _, energy = (unit or "").strip().casefold().partition("/")
    kilograms = mass.startswith("kg")
    factors = {
        ("kwh", False): 1.0,
        ("kwh", True): 1000.0,
        ("mwh", False): 0.001,
        ("mwh", True): 1.0,
    }
    factor = factors.get((energy.strip(), kilograms))
    if factor is None or not mass.startswith(("g", "kg")):
        return None
    try:
        intensity = float(state) * factor
    except ValueError:
        return None
    return intensity if 0.0 <= intensity <= HIGHEST_INTENSITY else None


@dataclass(slots=True)
class CarbonBook:
    """Count the CO2 avoided.

    Each kWh that is not bought or is fed in spares the grid its intensity of that time;
    each kWh produced costs what making the plant emitted.

    Attributes:
        balance: What was avoided so far, in g; falls while the grid charges a battery.
        avoided: The most that it ever was, in g, which never falls.
    """

    balance: float = 0.0
    avoided: float = 0.0

    def count(
        self, step: EnergyStep, intensity: float, plant: float = PLANT_FACTOR
    ) -> None:
        """Count what the plant did.

        Args:
            step: Energy between two instants.
            intensity: Of the grid then, g/kWh.
            plant: Of the plant's own energy over its life, g/kWh.
        """
        spared = (step.own + step.exported) * intensity
        self.balance += (spared - step.produced * plant) / 1000.0
        self.avoided = max(self.avoided, self.balance)

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {"balance": self.balance, "avoided": self.avoided}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what `as_dict` described.

        Raises:
            KeyError, TypeError, ValueError: It is not one of ours.
        """
        balance, avoided = finite(stored["balance"]), finite(stored["avoided"])
        self.balance, self.avoided = balance, max(balance, avoided)
