"""Propose what each of a few measured powers means for the home, with evidence.

Every assignment of roles and signs that the single powers allow is held against the
samples. The user sees the best ones with their numbers and decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final

from ...readings.power_flow import Role
from .balance import NIGHT, Assessment, Assigned, Closure, assess
from .samples import Table

# Below this a power says nothing of what it measures.
_SILENT: Final = 20.0
_NOISE: Final = 30.0
_NOISE_SHARE: Final = 0.03
_NEARLY_ALL: Final = 0.97
_TWIN: Final = 30.0
_TWIN_SHARE: Final = 0.05
# A power that moved less than this cannot be told to be another's twin.
_MOVED: Final = 100.0
_ENOUGH: Final = 6
_COVERAGE: Final = 0.5
# How many samples the first look takes, how many assignments the second one.
_FIRST_LOOK: Final = 120
_SECOND_LOOK: Final = 16
_MOST_ASSIGNMENTS: Final = 6_000
# Scores this close are the same for all that samples can tell.
_EQUAL: Final = 0.02
_LEFT_OUT: Final = 0.02


@dataclass(frozen=True, slots=True)
class Candidate:
    """A power whose role is looked for; its samples are one column.

    Attributes:
        role: What its name or the Energy dashboard suggests.
        reversed: The sign that the dashboard suggests.
        declared: Whether the user said so in the dashboard.
    """

    role: Role | None = None
    reversed: bool = False
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """An assignment with what speaks for it.

    Attributes:
        assigned: What each candidate is taken for.
        assessment: What the samples say.
        rivals: Other assignments that the samples fit as well.
        measured: Whether the samples had a say in it, or only names.
    """

    assigned: tuple[Assigned, ...]
    assessment: Assessment
    rivals: tuple[tuple[Assigned, ...], ...] = ()
    measured: bool = True


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a power looks like by itself."""

    size: float
    positive: bool
    negative: bool
    dark: bool | None


def propose(
    table: Table, candidates: Sequence[Candidate], known: Sequence[Assigned] = ()
) -> Proposal:
    """Return the best assignment of the candidates.

    Args:
        table: The samples: one column for each candidate, then one for each power
            that the home measures itself.
        candidates: The powers whose roles are looked for, at most six.
        known: What the home's own columns are, in its own signs.
    """
    count = len(candidates)
    columns = [table.column(i) for i in range(count + len(known))]
    covered = [_is_covered(column, len(table.rows)) for column in columns]
    # A power of the home that is rarely known must not hide all other samples.
    own = [one if covered[count + i] else Assigned() for i, one in enumerate(known)]
    shapes = [
        _shape(table, column) if covered[index] else None
        for index, column in enumerate(columns[:count])
    ]
    options = [
        _options(candidate, shape, _twin(columns, index, count, own), own)
        for index, (candidate, shape) in enumerate(zip(candidates, shapes, strict=True))
    ]
    arrays = [
        shape is None
        or (shape.dark is not False and (shape.positive or shape.negative))
        for shape in shapes
    ]
    several = {
        role: max(1, sum(candidate.role is role for candidate in candidates))
        for role in (Role.GRID, Role.CONSUMPTION, Role.BATTERY)
    }
    hypotheses = list(
        islice(_hypotheses(options, own, arrays, several), _MOST_ASSIGNMENTS)
    )
    coarse = table.part(_first_look(len(table.rows)))

    def look(samples: Table, assigned: tuple[Assigned, ...]) -> Assessment:
        # One power without a history must not take away all others' samples.
        seen = (
            one if shape is not None else Assigned()
            for one, shape in zip(assigned, shapes, strict=True)
        )
        return assess(samples, (*seen, *own))

    ranked = sorted(
        hypotheses,
        key=lambda h: _rank(look(coarse, h), h, candidates, shapes),
        reverse=True,
    )[:_SECOND_LOOK]
    judged = [(look(table, h), h) for h in ranked]
    judged.sort(key=lambda j: _rank(j[0], j[1], candidates, shapes), reverse=True)
    best, assigned = judged[0]
    measured = best.samples >= _ENOUGH and best.closure is not Closure.NONE
    fit = best.score - _left_out(assigned, shapes)
    return Proposal(
        assigned=assigned,
        assessment=best,
        rivals=tuple(
            other
            for assessment, other in judged[1:]
            if measured
            and abs(assessment.score - _left_out(other, shapes) - fit) < _EQUAL
            and [(o.role, o.reversed) for o in other]
            != [(a.role, a.reversed) for a in assigned]
        ),
        measured=measured,
    )


def _is_covered(column: Sequence[float | None], rows: int) -> bool:
    known = sum(value is not None for value in column)
    return known >= _ENOUGH and known >= _COVERAGE * rows


def _first_look(rows: int) -> list[int]:
    """Return rows spread over all, in pairs so that swings show."""
    if rows <= _FIRST_LOOK:
        return list(range(rows))
    step = rows / (_FIRST_LOOK / 2)
    pairs = [int(i * step) for i in range(_FIRST_LOOK // 2)]
    return sorted({i for pair in pairs for i in (pair, min(pair + 1, rows - 1))})


def _shape(table: Table, column: Sequence[float | None]) -> _Shape:
    values = sorted(v for v in column if v is not None)
    sizes = sorted(abs(v) for v in values)
    size = sizes[int(0.95 * (len(sizes) - 1))]
    noise = max(_NOISE, _NOISE_SHARE * size)
    nights = [
        abs(value)
        for value, elevation in zip(column, table.elevations, strict=True)
        if value is not None and elevation is not None and elevation < NIGHT
    ]
    return _Shape(
        size=size,
        positive=sum(v >= -noise for v in values) >= _NEARLY_ALL * len(values),
        negative=sum(v <= noise for v in values) >= _NEARLY_ALL * len(values),
        dark=sum(nights) / len(nights) <= noise if nights else None,
    )


def _twin(
    columns: Sequence[Sequence[float | None]],
    index: int,
    count: int,
    known: Sequence[Assigned],
) -> Assigned | None:
    """Return what a candidate is if the home measures the same already."""
    for number, own in enumerate(known):
        if not own.counts:
            continue
        pairs = [
            (a, b)
            for a, b in zip(columns[index], columns[count + number], strict=True)
            if a is not None and b is not None
        ]
        if len(pairs) < _ENOUGH:
            continue
        sizes = sorted(abs(b) for _, b in pairs)
        size = sizes[int(0.9 * (len(sizes) - 1))]
        if size < _MOVED:
            continue
        allowed = max(_TWIN, _TWIN_SHARE * size)
        for turned in (False, True):
            sign = -1.0 if turned else 1.0
            alike = sum(abs(sign * a - b) <= allowed for a, b in pairs)
            if alike >= 0.9 * len(pairs):
                return Assigned(own.role, turned, twin=number)
    return None


def _options(
    candidate: Candidate,
    shape: _Shape | None,
    twin: Assigned | None,
    known: Sequence[Assigned],
) -> list[Assigned]:
    """Return what a single power can be, whatever the others are."""
    if twin is not None:
        return [twin]
    taken = {own.role for own in known if own.counts}
    hinted = _plain(candidate.role)
    if hinted in taken & {Role.GRID, Role.CONSUMPTION}:
        hinted = None
    if shape is None or shape.size < _SILENT:
        hint = Assigned(hinted, candidate.reversed and hinted is not None)
        return list(dict.fromkeys((hint, Assigned())))
    signs = [s for s, ok in ((False, shape.positive), (True, shape.negative)) if ok]
    found: list[Assigned] = []
    for sign in signs:
        found.append(Assigned(Role.GENERATION, sign))
        # What is nothing at night can be a meter of what is exported.
        found.append(Assigned(Role.GRID, not sign))
        if not shape.dark:
            found += [Assigned(Role.CONSUMPTION, sign), Assigned(Role.GRID, sign)]
    if not signs:
        found += [
            Assigned(role, sign)
            for role in (Role.GRID, Role.BATTERY, Role.GENERATION)
            for sign in (False, True)
        ]
    if hinted is not None:
        found += [Assigned(hinted, False), Assigned(hinted, True)]
    allowed = [
        one
        for one in dict.fromkeys(found)
        if one.role not in (Role.GRID, Role.CONSUMPTION) or one.role not in taken
    ]
    # Where there are too many assignments to try, those that names suggest are.
    allowed.sort(key=lambda one: (one.role is not hinted, one.reversed))
    return [*allowed, Assigned()]


def _hypotheses(
    options: Sequence[Sequence[Assigned]],
    known: Sequence[Assigned],
    arrays: Sequence[bool],
    several: Mapping[Role, int],
) -> Iterator[tuple[Assigned, ...]]:
    """Yield every assignment that makes one home.

    Where a battery is measured, a generator may be an inverter whose output includes
    it, or arrays alone: both are tried.

    Args:
        options: What each candidate can be.
        known: What the home's own columns are.
        arrays: Whether a candidate can be arrays alone, by what it looks like.
        several: How many candidates may have a role.
    """
    outside = any(own.counts and own.role is Role.GENERATION for own in known)
    inside = any(own.counts and own.role is Role.BATTERY for own in known)
    for chosen in product(*options):
        roles = [one.role for one in chosen if one.counts]
        if any(roles.count(role) > most for role, most in several.items()):
            continue
        alone = all(
            arrays[index]
            for index, one in enumerate(chosen)
            if one.counts and one.role is Role.GENERATION
        )
        if Role.BATTERY not in roles:
            if alone:
                yield chosen
            continue
        if alone:
            yield tuple(
                replace(one, role=Role.ARRAY)
                if one.counts and one.role is Role.GENERATION
                else one
                for one in chosen
            )
        if Role.GENERATION in roles or (outside and not inside):
            yield tuple(
                replace(one, behind=True) if one.role is Role.BATTERY else one
                for one in chosen
            )


def _rank(
    assessment: Assessment,
    assigned: Sequence[Assigned],
    candidates: Sequence[Candidate],
    shapes: Sequence[_Shape | None],
) -> float:
    """Return the score with names and settings as a tie-break."""
    bonus = 0.0
    for one, candidate in zip(assigned, candidates, strict=True):
        weight = 2.0 if candidate.declared else 1.0
        if candidate.role is not None and _plain(one.role) is _plain(candidate.role):
            bonus += 0.012 * weight
            # The dashboard's solar sources leave out the battery.
            if one.role is Role.ARRAY and candidate.declared:
                bonus += 0.006
            if candidate.declared and one.reversed is candidate.reversed:
                bonus += 0.012
        elif candidate.role is not None and one.role is not None:
            bonus -= 0.012 * weight
        # Most sensors count as Home Assistant does.
        bonus += 0.003 * (one.role is not None and not one.reversed)
    return assessment.score + bonus - _left_out(assigned, shapes)


def _left_out(assigned: Sequence[Assigned], shapes: Sequence[_Shape | None]) -> float:
    """Return what it costs to leave powers without a role."""
    return _LEFT_OUT * sum(
        one.role is None and shape is not None and shape.size >= _SILENT
        for one, shape in zip(assigned, shapes, strict=True)
    )


def _plain(role: Role | None) -> Role | None:
    return Role.GENERATION if role is Role.ARRAY else role
