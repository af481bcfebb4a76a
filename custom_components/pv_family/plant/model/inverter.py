"""An inverter: from direct to alternating current."""

from dataclasses import dataclass

import numpy as np

from .arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Inverter:
    """What an inverter lets through.

    Attributes:
        ac_power: Most that it gives, W.
        efficiency: At nominal power.

    Raises:
        ValueError: No power, or an efficiency that is none.
    """

    ac_power: float
    efficiency: float = 0.965

    def __post_init__(self) -> None:
        """Refuse what is not an inverter."""
        if not self.ac_power > 0.0 or not 0.5 <= self.efficiency <= 1.0:
            raise ValueError("an inverter needs power, and an efficiency up to 1")

    def convert(self, dc_power: FloatArray) -> FloatArray:
        """Return AC power without the limit, W.

        Part-load curve of PVWatts (Dobos, NREL/TP-6A20-62641, 2014).
        """
        load = dc_power * self.efficiency / self.ac_power
        positive = np.maximum(load, 1e-9)
        curve = (-0.0162 * positive - 0.0059 / positive + 0.9858) / 0.9637
        efficiency = np.clip(self.efficiency * curve, 0.0, 1.0)
        # Compared this way round, what is not known stays unknown.
        return np.where(load <= 0.0, 0.0, efficiency * dc_power)

    def clip(self, ac_power: FloatArray) -> FloatArray:
        """Return what the limit lets through, W."""
        return np.minimum(ac_power, self.ac_power)
