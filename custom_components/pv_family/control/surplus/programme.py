"""A programme's curve in the slots of a prospect."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from .prospect import SLOT, Floats


def programme_curve(pieces: Sequence[tuple[float, float]], into: float = 0.0) -> Floats:
    """Return a programme's mean power by slot, in W.

    Args:
        pieces: Length in s and power in W, in order.
        into: How far it has run, in s.
    """
    length = sum(seconds for seconds, _ in pieces)
    out = np.zeros(max(0, ceil((length - into) / SLOT)))
    begin = -into
    for seconds, power in pieces:
        end = begin + seconds
        for t in range(out.size):
            inside = min(end, (t + 1) * SLOT) - max(begin, t * SLOT)
            out[t] += power * max(0.0, inside) / SLOT
        begin = end
    return out
