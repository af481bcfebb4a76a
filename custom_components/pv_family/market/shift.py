"""What control changed at the grid connection: the interface to the controller.

Whoever controls loads says for each while by how much the household's import and
export differ from what they would have been had nobody controlled anything. What would
have been is the controller's business; pricing it is done here, with the prices of the
very time at which the energy flowed, also if they become known later.

A load that was moved from the evening into the sun thus gives two shifts: less export
at noon, less import in the evening.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """A difference that control made between two instants.

    Attributes:
        start: UTC.
        end: UTC.
        import_change: Imported with control less imported without it, in Wh.
        export_change: Exported with control less exported without it, in Wh.
    """

    start: datetime
    end: datetime
    import_change: float
    export_change: float


def grid_change(grid: float, actual: float, reference: float) -> tuple[float, float]:
    """Return how import and export differ from a home in which a load runs otherwise.

    The battery is taken to do the same in both homes, so energy that it would have
    taken up or given instead counts as exchanged with the grid.

    Args:
        grid: At the connection now, import positive, in W.
        actual: What the controlled loads draw now, in W.
        reference: What they would draw now without control, in W.

    Returns:
        Change of import and of export in W, with control less without it.
    """
    without = grid - actual + reference
    return (
        max(grid, 0.0) - max(without, 0.0),
        max(-grid, 0.0) - max(-without, 0.0),
    )
