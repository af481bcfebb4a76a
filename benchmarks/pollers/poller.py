"""What all ways to read an inverter have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Poller:
    """One way to read an inverter.

    Attributes:
        poll: Reads every value once.
        values: How many values a poll brings.
    """

    poll: Callable[[], Awaitable[object]]
    values: int
