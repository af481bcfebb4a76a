"""Which sources of a device count the other way round."""

from dataclasses import dataclass
from typing import Final

from ..readings.quantity import Quantity
from ..readings.reading import Reading
from .device import Part, PartKind

_OPPOSITE: Final = {
    Quantity.ENERGY_IMPORT: Quantity.ENERGY_EXPORT,
    Quantity.ENERGY_EXPORT: Quantity.ENERGY_IMPORT,
    Quantity.ENERGY_CHARGED: Quantity.ENERGY_DISCHARGED,
    Quantity.ENERGY_DISCHARGED: Quantity.ENERGY_CHARGED,
}
_SIGNED: Final = frozenset(
    {
        Quantity.AC_POWER,
        Quantity.AC_POWER_L1,
        Quantity.AC_POWER_L2,
        Quantity.AC_POWER_L3,
        Quantity.AC_CURRENT,
        Quantity.AC_CURRENT_L1,
        Quantity.AC_CURRENT_L2,
        Quantity.AC_CURRENT_L3,
        Quantity.DC_CURRENT,
        Quantity.DC_POWER,
        Quantity.REACTIVE_POWER,
    }
)


def turned(reading: Reading) -> Reading:
    """Return what a reading says if its source counts the other way round."""
    quantity = reading.series.quantity
    series = reading.series._replace(quantity=_OPPOSITE.get(quantity, quantity))
    value = -reading.value if quantity in _SIGNED else reading.value
    return reading._replace(series=series, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Which sources of a device count the other way round.

    Attributes:
        meter: The meters are positive while exporting.
        battery: The batteries are positive while charging.
    """

    meter: bool = False
    battery: bool = False

    def reverses(self, part: Part) -> bool:
        """Tell whether a part counts the other way round."""
        return (part.kind is PartKind.METER and self.meter) or (
            part.kind is PartKind.BATTERY and self.battery
        )

    def quantity(self, part: Part, quantity: Quantity) -> Quantity:
        """Return what a part's value really is."""
        if self.reverses(part):
            return _OPPOSITE.get(quantity, quantity)
        return quantity

    def factor(self, part: Part, quantity: Quantity) -> float:
        """Return what turns a part's value into the project's sign."""
        return -1.0 if self.reverses(part) and quantity in _SIGNED else 1.0
