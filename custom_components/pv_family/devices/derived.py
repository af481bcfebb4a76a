"""What follows from several readings of one device."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..readings.quantity import Quantity
from ..readings.reading import Quality, Reading, Series
from ..readings.thermal_rise import ThermalRise
from .device import Capability, Part, PartKind

_NODE: Final = Part(PartKind.NODE).key
# The seed's first channel is what the arrays give.
_ARRAYS: Final = Part(PartKind.CHANNEL, 1).key
_RISES: Final = {
    Quantity.TEMPERATURE_BUSBAR: Quantity.THERMAL_RISE_BUSBAR,
    Quantity.TEMPERATURE_MODULE: Quantity.THERMAL_RISE_MODULE,
}


@dataclass(slots=True)
class Derivation:
    """Work out how much a node's busbar and modules warm up per ampere.

    Attributes:
        serial: The node.
    """

    serial: str
    _rises: dict[Quantity, ThermalRise] = field(default_factory=dict)

    def derive(
        self, readings: Mapping[Capability, Reading], now: datetime
    ) -> Iterable[Reading]:
        """Yield what follows from the present readings.

        Args:
            readings: The present of the device.
            now: The present (UTC).
        """
        ambient = readings.get(Capability(_NODE, Quantity.TEMPERATURE_AMBIENT))
        current = self._current(readings)
        if ambient is None or current is None:
            return
        for measured, rise in _RISES.items():
            reading = readings.get(Capability(_NODE, measured))
            if reading is None:
                continue
            estimate = self._rises.setdefault(measured, ThermalRise())
            value = estimate.step(now, reading.value, ambient.value, current)
            if value is not None:
                series = Series(self.serial, _NODE, rise)
                yield Reading(series, value, now, Quality.DERIVED)

    @staticmethod
    def _current(readings: Mapping[Capability, Reading]) -> float | None:
        """Return the current of the arrays in A, measured or from power and voltage."""
        if (
            found := readings.get(Capability(_ARRAYS, Quantity.AC_CURRENT))
        ) is not None:
            return found.value
        power = readings.get(Capability(_ARRAYS, Quantity.AC_POWER))
        voltage = readings.get(Capability(_NODE, Quantity.AC_VOLTAGE))
        if power is None or voltage is None or voltage.value < 1.0:
            return None
        return power.value / voltage.value
