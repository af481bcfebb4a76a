"""How well an assignment of roles and signs explains what was measured.

Three things can contradict an assignment: the balance (production + grid + battery =
consumption), impossible values (arrays that give at night, loads that produce) and
the answer of the grid to a swing of production.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from ...readings.power_flow import Role
from .samples import SLOT, Table

# Sensors of different makers err and are seconds apart.
_CLEAR: Final = 75.0
_CLEAR_SHARE: Final = 0.08
# With the sun this low there is no twilight left for an array, in degrees.
NIGHT: Final = -4.0
# What inverters draw themselves at night, and the share of a day's peak.
_STANDBY: Final = 40.0
_STANDBY_SHARE: Final = 0.03
_CONTRADICTED: Final = 0.4
_SWING: Final = 400.0
_ANSWERED: Final = 0.25
_ENOUGH_SWINGS: Final = 4
_LONGEST_SWING: Final = SLOT + timedelta(minutes=1)

# What a battery takes in comes out again, but for its losses and what it holds.
_KEPT: Final = 0.25
_HELD: Final = 10_000.0

_GENERATORS: Final = (Role.GENERATION, Role.ARRAY)


class Closure(StrEnum):
    """How much of the balance is measured."""

    CLOSED = "closed"
    """Everything: what is left over is an error."""

    OPEN = "open"
    """All but the consumption, which has to be possible."""

    NONE = "none"
    """Too little to say anything of the balance."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What one measurement is taken for.

    Attributes:
        role: What it means, ``None`` for nothing that counts.
        reversed: Whether its sign is turned round.
        behind: Of a battery: whether a measured generator's output includes it.
        twin: The column of the home's own that measures the same, which then counts.
    """

    role: Role | None = None
    reversed: bool = False
    behind: bool = False
    twin: int | None = None

    @property
    def counts(self) -> bool:
        """Return whether it is a part of the balance."""
        return self.role is not None and self.twin is None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What speaks for and against an assignment.

    Attributes:
        closure: How much of the balance is measured.
        samples: The samples in which everything that it needs is known.
        used: The share of them that says something of the balance: without a
            generator the night alone, which gives nothing.
        residual: The median of what the balance leaves unexplained in W.
        explained: The share of samples that the balance explains.
        impossible: The share of samples with arrays or loads below nothing.
        night: The mean of what the arrays would give at night in W.
        night_is_dark: Whether that is nothing, as it must be.
        stores: Whether what goes into the battery comes out again.
        swings_for: Production swings that the grid answered the right way.
        swings_against: Those that it answered the wrong way.
    """

    closure: Closure = Closure.NONE
    samples: int = 0
    used: float = 1.0
    residual: float | None = None
    explained: float | None = None
    impossible: float = 0.0
    night: float | None = None
    night_is_dark: bool = True
    stores: bool = True
    swings_for: int = 0
    swings_against: int = 0

    @property
    def score(self) -> float:
        """Return how well it fits, 0 to 1; a balance that closes is worth most."""
        if not self.samples:
            return 0.0
        if self.closure is Closure.CLOSED:
            fit = self.explained or 0.0
        elif self.closure is Closure.OPEN:
            swings = self.swings_for + self.swings_against
            answered = self.swings_for / swings if swings >= _ENOUGH_SWINGS else 0.5
            fit = 0.35 + 0.35 * answered
        else:
            fit = 0.3
        for holds in (self.night_is_dark, self.stores):
            fit *= 1.0 if holds else _CONTRADICTED
        return fit * self.used * (1.0 - self.impossible)


type _Terms = list[tuple[int, float]]


def assess(table: Table, assigned: Sequence[Assigned]) -> Assessment:
    """Return what the samples say of an assignment.

    Args:
        table: The samples; the first columns are assigned.
        assigned: What each column is taken for.
    """
    produced = _terms(assigned, _GENERATORS)
    stored = _terms(assigned, (Role.BATTERY,))
    hidden: _Terms = [(i, f) for i, f in stored if assigned[i].behind]
    apart: _Terms = [(i, f) for i, f in stored if not assigned[i].behind]
    grid = _terms(assigned, (Role.GRID,))
    load = _terms(assigned, (Role.CONSUMPTION,))
    if not produced and not grid and not load:
        return Assessment()
    known = [
        (time, elevation, row)
        for time, elevation, row in zip(
            table.times, table.elevations, table.rows, strict=True
        )
        if all(row[i] is not None for i, a in enumerate(assigned) if a.counts)
    ]
    # Where no array is measured only the night says how much they give.
    rows = [
        (time, elevation, row)
        for time, elevation, row in known
        if produced or (elevation is not None and elevation < NIGHT)
    ]
    closure = Closure.NONE
    if grid and load:
        closure = Closure.CLOSED
    elif grid:
        closure = Closure.OPEN
    residuals: list[float] = []
    explained = impossible = swings_for = swings_against = 0
    arrays: list[float] = []
    nights: list[float] = []
    before: tuple[float, float] | None = None
    last = None
    for time, elevation, row in rows:
        array = _sum(produced, row) - _sum(hidden, row)
        inside = _sum(produced, row) + _sum(apart, row)
        connection, drawn = _sum(grid, row), _sum(load, row)
        scale = max(abs(inside), abs(array), abs(connection), abs(drawn))
        clear = max(_CLEAR, _CLEAR_SHARE * scale)
        arrays.append(array)
        if elevation is not None and elevation < NIGHT:
            nights.append(abs(array))
        left = inside + connection
        if closure is Closure.CLOSED:
            residuals.append(abs(left - drawn))
            explained += residuals[-1] <= clear
            left = drawn
        elif load:
            left = drawn
        elif not grid:
            left = 0.0
        impossible += left < -clear or array < -clear
        if before is not None and last is not None and time - last <= _LONGEST_SWING:
            swing, answer = inside - before[0], connection - before[1]
            if (
                closure is Closure.OPEN
                and abs(swing) >= _SWING
                and _ANSWERED * abs(swing) <= abs(answer) <= 2 * abs(swing)
            ):
                swings_for += answer * swing < 0
                swings_against += answer * swing > 0
        before, last = (inside, connection), time
    count = len(rows)
    flows = [_sum(stored, row) for _, _, row in rows] if stored else [0.0]
    hours = SLOT.total_seconds() / 3600
    kept = _KEPT * sum(map(abs, flows)) * hours + _HELD
    night = sum(nights) / len(nights) if nights and produced else None
    peak = sorted(arrays)[int(0.95 * (count - 1))] if arrays else 0.0
    return Assessment(
        closure=closure,
        samples=count,
        used=count / len(known) if known else 1.0,
        residual=median(residuals) if residuals else None,
        explained=explained / count if residuals else None,
        impossible=impossible / count if count else 0.0,
        night=night,
        night_is_dark=night is None or night <= max(_STANDBY, _STANDBY_SHARE * peak),
        stores=abs(sum(flows)) * hours <= kept,
        swings_for=swings_for,
        swings_against=swings_against,
    )


def _terms(assigned: Sequence[Assigned], roles: Iterable[Role]) -> _Terms:
    return [
        (index, -1.0 if one.reversed else 1.0)
        for index, one in enumerate(assigned)
        if one.counts and one.role is not None and one.role in roles
    ]


def _sum(terms: _Terms, row: Sequence[float | None]) -> float:
    return sum(factor * (row[index] or 0.0) for index, factor in terms)
