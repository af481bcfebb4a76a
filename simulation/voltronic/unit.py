"""A simulated inverter that answers commands."""

from dataclasses import dataclass

from .inverter import InverterState
from .replies import payload
from .setters import apply


@dataclass(slots=True, kw_only=True)
class OffGridInverter(InverterState):
    """An inverter that speaks PI30."""

    def answer(self, command: str) -> str | None:
        """Return the payload of the answer, `None` for a command that it lacks."""
        self.advance()
        done = apply(self, command)
        return payload(self, command) if done is None else done
