"""The evidence in words: a table and sentences that the user can weigh."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from .balance import Assessment, Assigned, Closure
from .channel import NO_ROLE
from .evidence import Proposal

type Words = Mapping[str, str]

_MOST_RIVALS: Final = 3


class Line(NamedTuple):
    """What the table shows of one measurement.

    Attributes:
        number: The number of its channel.
        name: What the user calls it.
        now: What it shows now in W.
        night: What it shows at night on average in W.
    """

    number: int
    name: str
    now: float | None
    night: float | None


def evidence_table(words: Words, lines: Sequence[Line], shown: Proposal) -> str:
    """Return the roles with what speaks for them, in Markdown.

    Args:
        words: The translated words and sentences by their key.
        lines: The measurements.
        shown: What they are taken for.
    """
    rows = [
        "| | {measurement} | {now} | {night} | {role} |".format_map(words),
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {line.number} | {plain(line.name)} | {watts(line.now)} "
        f"| {watts(line.night)} | {role_words(words, one)} |"
        for line, one in zip(lines, shown.assigned, strict=True)
    ]
    rows += ["", balance_words(words, shown.assessment)]
    if shown.assessment.night is not None:
        key = "dark" if shown.assessment.night_is_dark else "not_dark"
        rows.append(words[key].format(night=watts(shown.assessment.night)))
    if shown.rivals:
        names = [line.name for line in lines]
        others = "; ".join(
            differences(words, names, shown.assigned, rival)
            for rival in shown.rivals[:_MOST_RIVALS]
        )
        rows.append(words["rivals"].format(others=others))
    return "\n".join(rows)


def watts(power: float | None) -> str:
    """Return a power for the user."""
    return "-" if power is None else f"{power:.0f} W"


def plain(text: str) -> str:
    """Return a name that cannot break a table."""
    return " ".join(text.replace("|", "/").replace("<", "(").split())


def role_words(words: Words, one: Assigned) -> str:
    """Return what a measurement is taken for."""
    name = words[str(one.role or NO_ROLE)]
    if one.role is not None and one.reversed:
        name = f"{name} ({words['turned']})"
    if one.twin is not None:
        name = f"{name} ({words['twin']})"
    return name


def balance_words(words: Words, assessment: Assessment) -> str:
    """Return what the balance says."""
    key = str(assessment.closure) if assessment.samples else str(Closure.NONE)
    return words[f"balance_{key}"].format(
        samples=assessment.samples,
        residual=watts(assessment.residual),
        explained=f"{100 * (assessment.explained or 0.0):.0f}",
        impossible=f"{100 * assessment.impossible:.0f}",
        swings_for=assessment.swings_for,
        swings_against=assessment.swings_against,
    )


def differences(
    words: Words,
    names: Sequence[str],
    base: Sequence[Assigned],
    other: Sequence[Assigned],
) -> str:
    """Return how one assignment differs from another, in words."""
    return ", ".join(
        f"{plain(name)}: {role_words(words, two)}"
        for name, one, two in zip(names, base, other, strict=True)
        if (one.role, one.reversed) != (two.role, two.reversed)
    )
