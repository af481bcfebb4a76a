"""The inverter: conversion, limits, states and what it feels."""

from dataclasses import dataclass
from enum import IntEnum
from math import sqrt


class InverterState(IntEnum):
    """Operating state, with the numbers of the SunSpec point `St`."""

    OFF = 1
    SLEEPING = 2
    STARTING = 3
    MPPT = 4
    THROTTLED = 5
    SHUTTING_DOWN = 6
    FAULT = 7
    STANDBY = 8


@dataclass(frozen=True, slots=True)
class Inverter:
    """A string inverter with one tracker for each string.

    The conversion is the Sandia inverter model (King et al., SAND2007-5036) at a
    constant DC voltage.
    """

    nameplate: float = 5000.0
    """Largest AC power, W."""
    phases: int = 3
    startup_power: float = 40.0
    """DC power below which the trackers do not start, W."""
    full_load_efficiency: float = 0.971
    self_consumption: float = 0.005
    """DC power that conversion itself takes, as a share of the nameplate."""
    curvature: float = 0.02
    """Bend of the efficiency curve, as a share of the nameplate."""
    export_limit: float | None = None
    """Largest power fed into the grid, W."""

    def __post_init__(self) -> None:
        """Refuse anything but one or three phases.

        Raises:
            ValueError: `phases` is neither 1 nor 3.
        """
        if self.phases not in (1, 3):
            raise ValueError(f"an inverter has 1 or 3 phases, not {self.phases}")

    @property
    def _curve(self) -> tuple[float, float, float]:
        """Offset (W), slope and bend (1/W) of AC over DC power."""
        offset = self.self_consumption * self.nameplate
        span = self.nameplate / self.full_load_efficiency - offset
        bend = -self.curvature / self.nameplate
        return offset, self.nameplate / span - bend * span, bend

    def ac_power(self, dc_power: float) -> float:
        """Return the AC power made of `dc_power` before limits, both W."""
        offset, slope, bend = self._curve
        x = dc_power - offset
        return max(0.0, x * (slope + bend * x))

    def dc_power(self, ac_power: float) -> float:
        """Return the DC power that `ac_power` needs, both W: inverse of `ac_power`."""
        offset, slope, bend = self._curve
        return offset + (sqrt(slope**2 + 4.0 * bend * ac_power) - slope) / (2.0 * bend)


def heat_sink_temperature(
    air_temperature: float, losses: float, ac_power: float
) -> float:
    """Return the heat-sink temperature, °C, from losses and AC power in W."""
    return air_temperature + 4.0 + 0.10 * losses + 0.0015 * ac_power


def inverter_state(
    *, voltage: float, harvesting: bool, throttled: bool, ac_power: float
) -> InverterState:
    """Return the state that explains what the inverter does.

    Args:
        voltage: highest string voltage, V.
        harvesting: the trackers take power.
        throttled: the trackers take less than they could.
        ac_power: output, W.
    """
    if throttled:
        return InverterState.THROTTLED
    if harvesting or ac_power > 0.0:
        return InverterState.MPPT
    return InverterState.STARTING if voltage > 60.0 else InverterState.SLEEPING
