"""The power of one PV input, which the families report in three ways."""

from enum import StrEnum
from typing import Final, NamedTuple

from ...readings.reading import Quality

# Below this no tracker runs, and a quotient would mean nothing.
_LEAST_VOLTAGE: Final = 20.0


class CurrentSide(StrEnum):
    """What the PV current of QPIGS is measured at."""

    BATTERY = "battery"
    """The battery side of a charge controller: PIP4048, HS, MS."""

    PANEL = "panel"
    """The panels: MAX, VM, King."""

    LOAD = "load"
    """Only what goes to the battery, not what feeds the load: MKS."""


class PvInput(NamedTuple):
    """What an answer says of one PV input.

    Attributes:
        voltage: At the panels, V.
        current: At the side that depends on the family, A.
        power: As the unit gives it, W.
        battery_voltage: As the charge controller sees it, V.
        charging: Whether the status says that the sun charges.
    """

    voltage: float | None
    current: float | None = None
    power: float | None = None
    battery_voltage: float | None = None
    charging: bool = False


def pv_power(
    pv: PvInput, side: CurrentSide | None
) -> tuple[float, Quality] | tuple[None, None]:
    """Return the input's power in W, ``None`` if the unit does not tell it.

    Args:
        pv: The input.
        side: Where its current is measured, ``None`` while that is not known.
    """
    if pv.power:
        return pv.power, Quality.MEASURED
    voltage = None
    if side is CurrentSide.PANEL:
        voltage = pv.voltage
    elif side is CurrentSide.BATTERY:
        voltage = pv.battery_voltage
    if pv.current is not None and voltage is not None:
        return pv.current * voltage, Quality.DERIVED
    if pv.power is not None and not pv.charging:
        return pv.power, Quality.MEASURED
    # A firmware that never fills the field would say 0 at noon.
    return None, None


def pv_current(
    pv: PvInput, side: CurrentSide | None, power: float | None
) -> tuple[float, Quality] | tuple[None, None]:
    """Return the current in the panels in A, ``None`` if it cannot be known."""
    if side is CurrentSide.PANEL and pv.current is not None:
        return pv.current, Quality.MEASURED
    if power is not None and pv.voltage and pv.voltage >= _LEAST_VOLTAGE:
        return power / pv.voltage, Quality.DERIVED
    return None, None
