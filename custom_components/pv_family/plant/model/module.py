"""A module: power by light and temperature."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from .arrays import FloatArray


class Technology(StrEnum):
    """What the cells are made of."""

    CRYSTALLINE = "crystalline"
    """Crystalline silicon as sold since about 2015."""
    CRYSTALLINE_OLD = "crystalline_old"
    """Crystalline silicon of earlier years."""
    CIS = "cis"
    CDTE = "cdte"


class Mounting(StrEnum):
    """How air reaches the back of the modules."""

    OPEN_RACK = "open_rack"
    ROOF = "roof"
    """A hand's breadth above the tiles."""
    INTEGRATED = "integrated"
    """The roof's own skin."""


type Coefficients = tuple[float, float, float, float, float, float]

COEFFICIENTS: Final[dict[Technology, Coefficients]] = {
    Technology.CRYSTALLINE: (
        -0.006756, -0.016444, -0.003015, -0.000045, -0.000043, 0.0,
    ),
    Technology.CRYSTALLINE_OLD: (
        -0.017237, -0.040465, -0.004702, 0.000149, 0.000170, 0.000005,
    ),
    Technology.CIS: (-0.005554, -0.038724, -0.003723, -0.000905, -0.001256, 0.000001),
    Technology.CDTE: (-0.046689, -0.072844, -0.002262, 0.000276, 0.000159, -0.000006),
}  # fmt: skip
"""k1 to k6 of Huld et al. (Solar Energy Materials and Solar Cells 95, 2011).

As PVGIS publishes them; those of new crystalline modules are its update of 2025.
"""

_HEATING: Final[dict[Mounting, tuple[float, float, float]]] = {
    Mounting.OPEN_RACK: (-3.56, -0.0750, 3.0),
    Mounting.ROOF: (-2.98, -0.0471, 1.0),
    Mounting.INTEGRATED: (-2.81, -0.0455, 0.0),
}
"""a, b and the cell's excess at 1000 W/m2 (King et al., SAND2004-3535, table 1)."""


@dataclass(frozen=True, slots=True)
class Module:
    """What a module's cells make of light.

    Attributes:
        technology: What they are made of.
        temperature_coefficient: Relative change of power in 1/K, as the data sheet
            says; ``None`` takes that of the technology.
    """

    technology: Technology = Technology.CRYSTALLINE
    temperature_coefficient: float | None = None

    @property
    def gamma(self) -> float:
        """Relative change of power in 1/K at 1000 W/m2."""
        if self.temperature_coefficient is not None:
            return self.temperature_coefficient
        return COEFFICIENTS[self.technology][2]


STANDARD_MODULE: Final = Module()
"""Of a plant about which nothing is known."""


def cell_temperature(
    poa_global: FloatArray,
    temp_air: FloatArray,
    wind_speed: FloatArray,
    mounting: Mounting = Mounting.ROOF,
) -> FloatArray:
    """Return the temperature of the cells, °C.

    Sandia's model (King et al., SAND2004-3535, 2004).

    Args:
        poa_global: W/m2.
        temp_air: °C.
        wind_speed: At 10 m above the ground, m/s.
        mounting: How air reaches the back.
    """
    a, b, excess = _HEATING[mounting]
    back = temp_air + poa_global * np.exp(a + b * wind_speed)
    cell: FloatArray = back + poa_global / 1000.0 * excess
    return cell


def relative_power(
    effective: FloatArray, temp_cell: FloatArray, module: Module
) -> FloatArray:
    """Return power over nominal power.

    Huld et al. (2011). A coefficient from the data sheet takes the place of theirs.

    Args:
        effective: Light that reaches the cells, W/m2.
        temp_cell: °C.
        module: Its parameters.
    """
    k1, k2, _, k4, k5, k6 = COEFFICIENTS[module.technology]
    light = np.maximum(effective, 0.0) / 1000.0
    log = np.log(np.maximum(light, 1e-4))
    warm = temp_cell - 25.0
    efficiency = (
        1.0
        + log * (k1 + k2 * log)
        + warm * (module.gamma + log * (k4 + k5 * log) + k6 * warm)
    )
    power: FloatArray = light * np.maximum(efficiency, 0.0)
    return power
