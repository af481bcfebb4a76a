"""A battery on the DC side of the inverter."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Battery:
    """Limits and losses of a battery; its charge is kept by the home."""

    capacity: float = 10_000.0
    """Wh."""
    max_charge: float = 4000.0
    """W."""
    max_discharge: float = 4000.0
    """W."""
    reserve: float = 0.10
    """State of charge below which it is not discharged, 0..1."""
    round_trip_efficiency: float = 0.92
    """Energy out over energy in, at the battery's terminals."""
    nominal_voltage: float = 51.2
    """V."""

    @property
    def one_way_efficiency(self) -> float:
        """Efficiency of charging, and the same of discharging."""
        return sqrt(self.round_trip_efficiency)

    def charge_limit(self, stored: float, dt: float) -> float:
        """Return the largest charging power, W, with `stored` Wh and `dt` s ahead.

        The power falls linearly over the last 6 % of the capacity.
        """
        room = self.capacity - stored
        taper = self.max_charge * min(1.0, room / (0.06 * self.capacity))
        return max(0.0, min(taper, room * 3600.0 / dt / self.one_way_efficiency))

    def discharge_limit(self, stored: float, dt: float) -> float:
        """Return the largest discharging power, W, with `stored` Wh and `dt` s ahead."""
        above = stored - self.reserve * self.capacity
        return max(
            0.0,
            min(self.max_discharge, above * 3600.0 / dt * self.one_way_efficiency),
        )

    def stored_after(self, stored: float, power: float, dt: float) -> float:
        """Return the stored energy, Wh, after `power` W (+ = discharge) for `dt` s."""
        efficiency = self.one_way_efficiency
        inside = power / efficiency if power > 0.0 else power * efficiency
        return min(max(stored - inside * dt / 3600.0, 0.0), self.capacity)

    def voltage(self, stored: float, power: float) -> float:
        """Return the terminal voltage, V, at `power` W (+ = discharge)."""
        swing = (
            0.10 * (stored / self.capacity - 0.5) - 0.02 * power / self.max_discharge
        )
        return self.nominal_voltage * (1.0 + swing)
