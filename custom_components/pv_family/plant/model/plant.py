"""What stands on a roof, and what it should give under a given sky."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from .clear_sky import TYPICAL_TURBIDITY
from .horizon import OPEN, Horizon
from .inverter import Inverter
from .irradiance import ALBEDO
from .module import STANDARD_MODULE, Module, Mounting
from .mount import Mount

DERATE: Final = 0.96
"""Share of power left by mismatch, wiring, connectors and first light.

The defaults of PVWatts for these (Dobos, NREL/TP-6A20-62641, table 6) give 0.945;
today's modules are sorted upwards from their nominal power.
"""
DEGRADATION: Final = 0.005
"""Loss of power per year: the median of Jordan et al. (Prog. Photovolt. 24, 2016)."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a plant stands.

    Attributes:
        latitude: Degrees, north is positive.
        longitude: Degrees, east is positive.
        altitude: Above the sea, m.
        turbidity: Linke turbidity from January to December.
        albedo: Share of light that the ground reflects.
    """

    latitude: float
    longitude: float
    altitude: float = 0.0
    turbidity: tuple[float, ...] = TYPICAL_TURBIDITY
    albedo: float = ALBEDO

    def __post_init__(self) -> None:
        """Refuse what is not on Earth.

        Raises:
            ValueError: A coordinate out of range, or not twelve turbidities.
        """
        if not -90.0 <= self.latitude <= 90.0 or not -180.0 <= self.longitude <= 180.0:
            raise ValueError("a site needs a latitude and a longitude on Earth")
        if len(self.turbidity) != 12:
            raise ValueError("a site needs twelve turbidities")


@dataclass(frozen=True, slots=True)
class PvArray:
    """Modules in one plane.

    Attributes:
        peak_power: At 1000 W/m2 and 25 °C, W.
        mount: How the modules are held.
        module: Parameters of the modules.
        mounting: How air reaches their back.
        horizon: What hides the sun.
        beam_shade: Share of the sun's light that things nearby take, 0 to 1.
        soiling: Share of light that dirt takes, 0 to 1.
        derate: Share of power that mismatch, wiring and tolerance leave.
        degradation: Share of power lost per year since `installed`.
        installed: First day; ``None`` means as new.
    """

    peak_power: float
    mount: Mount
    module: Module = STANDARD_MODULE
    mounting: Mounting = Mounting.ROOF
    horizon: Horizon = OPEN
    beam_shade: float = 0.0
    soiling: float = 0.0
    derate: float = DERATE
    degradation: float = DEGRADATION
    installed: date | None = None

    def __post_init__(self) -> None:
        """Refuse shares that are none.

        Raises:
            ValueError: No power, or a share out of range.
        """
        if not self.peak_power > 0.0:
            raise ValueError("an array needs power")
        for share in (self.beam_shade, self.soiling, self.derate, self.degradation):
            if not 0.0 <= share <= 1.0:
                raise ValueError("a share lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class Chain:
    """An inverter and the arrays that feed it."""

    inverter: Inverter
    arrays: tuple[PvArray, ...]


@dataclass(frozen=True, slots=True)
class Plant:
    """All chains of a home."""

    site: Site
    chains: tuple[Chain, ...]

    @property
    def peak_power(self) -> float:
        """Nominal DC power of all arrays, W."""
        return sum(array.peak_power for chain in self.chains for array in chain.arrays)

    @property
    def ac_power(self) -> float:
        """Nominal AC power of all inverters, W."""
        return sum(chain.inverter.ac_power for chain in self.chains)
