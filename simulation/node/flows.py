"""What a simulated node measures."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from ..home import SimulatedHome


class Flows(NamedTuple):
    """Powers in W at one instant, and the mains."""

    production: float
    consumption: float
    voltage: float = 230.0
    frequency: float = 50.0

    @property
    def grid(self) -> float:
        """Power through the grid connection, + = import."""
        return self.consumption - self.production


type Source = Callable[[datetime], Flows]


def constant(production: float, consumption: float) -> Source:
    """Return a source that never changes."""
    flows = Flows(production, consumption)
    return lambda now: flows


def home_source(home: SimulatedHome) -> Source:
    """Return a source that measures a simulated home.

    What its battery gives counts as production, as it does for a current transformer
    at the inverter.
    """

    def measure(now: datetime) -> Flows:
        state = home.step(now)
        return Flows(
            state.inverter_ac, state.load, state.phase_voltages[0], state.frequency
        )

    return measure
