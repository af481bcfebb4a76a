"""A day that has passed, as the regressions of the roof's power keep it."""

from dataclasses import dataclass
from typing import Any, Self

from ..model.arrays import BoolArray, FloatArray
from .clearness import View
from .state import array, numbers


@dataclass(frozen=True, slots=True)
class Lesson:
    """The usable slots of a day.

    Attributes:
        day: Its number.
        view: What the weather service and the days before said.
        ceiling: Clear-sky power, W.
        power: Measured, W.
    """

    day: int
    view: View
    ceiling: FloatArray
    power: FloatArray

    @classmethod
    def of(
        cls,
        day: int,
        view: View,
        ceiling: FloatArray,
        power: FloatArray,
        use: BoolArray,
    ) -> Self:
        """Return the lesson of the slots of use."""
        part = View(view.slot[use], view.around[use], view.whole, view.usual, view.last)
        return cls(day, part, ceiling[use], power[use])

    def as_dict(self) -> dict[str, Any]:
        """Return the state."""
        view = self.view
        return {
            "day": self.day,
            "sky": [round(float(v), 4) for v in (view.whole, view.usual, view.last)],
            "slot": numbers(view.slot, 3),
            "around": numbers(view.around, 3),
            "ceiling": numbers(self.ceiling, 0),
            "power": numbers(self.power, 0),
        }

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Self:
        """Return what ``as_dict`` described."""
        view = View(array(state["slot"]), array(state["around"]), *state["sky"])
        return cls(state["day"], view, array(state["ceiling"]), array(state["power"]))
