"""Where each module of an array lies, and which string it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlacedModule:
    """One module of an array, seen from above with the ridge at the top.

    Attributes:
        number: From 1, row by row from the top left.
        row: From 1, the ridge first.
        column: From 1, the left first.
        string: The string that it belongs to, from 1.
    """

    number: int
    row: int
    column: int
    string: int


def place_modules(modules: int, rows: int, strings: int) -> Iterator[PlacedModule]:
    """Yield the modules of an array row by row; the last row may be shorter.

    Strings run through the modules in their order and differ by one module at most,
    as installers wire them.

    Args:
        modules: How many there are.
        rows: In how many rows they lie.
        strings: Into how many strings they are wired.
    """
    columns = -(-modules // rows)
    short, longer = divmod(modules, strings)
    # The first ``longer`` strings have one module more.
    edge = longer * (short + 1)
    for index in range(modules):
        string = (
            index // (short + 1) if index < edge else longer + (index - edge) // short
        )
        row, column = divmod(index, columns)
        yield PlacedModule(index + 1, row + 1, column + 1, string + 1)
