"""What was said of a day before it began."""

from dataclasses import dataclass
from typing import Any, Self

from ..model.arrays import FloatArray
from .experts import DayView
from .state import array, numbers


@dataclass(frozen=True, slots=True)
class Told:
    """A forecast of a whole day, to be judged when it has passed.

    Attributes:
        view: What the opinions were formed on.
        opinions: On the share of the clear-sky energy.
        p10: W, shape (slots,).
        p50: W.
        p90: W.
    """

    view: DayView
    opinions: FloatArray
    p10: FloatArray
    p50: FloatArray
    p90: FloatArray

    def as_dict(self) -> dict[str, Any]:
        """Return the state."""
        view = self.view
        return {
            "view": [view.free, view.bound, view.sky, view.usual],
            "opinions": numbers(self.opinions, 4),
            "bands": [numbers(p, 1) for p in (self.p10, self.p50, self.p90)],
        }

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Self:
        """Return what ``as_dict`` described."""
        return cls(
            DayView(*state["view"]),
            array(state["opinions"]),
            *(array(band) for band in state["bands"]),
        )
