"""Lifetime energies, which some clones answer with something else."""

from datetime import datetime, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)


def energy(text: str, clock: str, now: datetime) -> float | None:
    """Return the energy in Wh that an answer to QET or QLT says.

    Args:
        text: Eight digits, or nothing.
        clock: What the unit's own clock shows, empty if it has none.
        now: The present (UTC).

    Returns:
        ``None`` for no answer, and for the date that some clones give instead.
    """
    dates = {clock[:8], *(f"{now + days * _DAY:%Y%m%d}" for days in (-1, 0, 1))}
    return float(text) if text and text not in dates else None
