"""Several simulated inverters that work in parallel, behind the port of the first."""

from collections.abc import Sequence
import re

from .frame import ACK
from .replies import parallel
from .unit import OffGridInverter

_PARALLEL = re.compile(r"QPGS(\d)")


class ParallelSystem:
    """Units on one battery and one load, asked through one of them."""

    def __init__(self, units: Sequence[OffGridInverter], asked: int = 0) -> None:
        """Set the units up to work together.

        Args:
            units: In their places.
            asked: The place of the one with the port.
        """
        self.units = list(units)
        self.asked = asked
        self.absent: set[int] = set()
        """The places of units that are switched off."""
        for unit in units:
            unit.output_mode = 1

    def answer(self, command: str) -> str | None:
        """Return the payload of the answer, `None` for a command that it lacks."""
        if match := _PARALLEL.fullmatch(command):
            return self._unit(int(match[1]))
        answer = self.units[self.asked].answer(command)
        if answer == ACK and command.startswith("POP"):
            for unit in self.units:
                unit.answer(command)
        return answer

    def _unit(self, place: int) -> str | None:
        if place >= len(self.units):
            return None
        for unit in self.units:
            unit.advance()
        charge = sum(
            max(0.0, -unit.battery_power) / unit.battery_voltage for unit in self.units
        )
        load = sum(unit.output for unit in self.units)
        return parallel(
            self.units[place], exists=place not in self.absent, total=(charge, load)
        )
