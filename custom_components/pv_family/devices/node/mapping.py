"""Other people's nodes: which topic and which field of it is which value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Any, Final

from ...readings.quantity import Quantity
from ..device import Part
from .payload import PayloadError, Reason

_MAX_RULES: Final = 64
_MAX_STEPS: Final = 8
_MAX_TOPIC: Final = 256
_FACTOR: Final = 1e6

# A key, a quoted key with any characters, or an index of a list.
_STEP: Final = re.compile(
    r'\.?(?P<key>[^.\[\]"]{1,64})|\["(?P<quoted>[^"]{1,64})"\]|\[(?P<index>\d{1,3})\]'
)
_NUMBER: Final = re.compile(
    r"[+-]?(?:\d{1,15}\.?\d{0,9}|\.\d{1,9})(?:[eE][+-]?\d{1,2})?"
)

# A comma with three digits behind it may part thousands: it is not guessed at.
_WITH_COMMA: Final = re.compile(r"[+-]?\d{1,15},(?:\d{1,2}|\d{4,9})")
# A number alone, with the unit that some firmware writes behind it.
_PLAIN: Final = re.compile(
    rf"(?P<number>{_NUMBER.pattern}|{_WITH_COMMA.pattern})(?:\s+[^\d\s]\S{{0,7}})?"
)
_LONGEST_PLAIN: Final = 48

type Path = tuple[str | int, ...]


class MappingProblem(StrEnum):
    """What is wrong with a mapping."""

    DOUBLE = "double"
    """The same value is given twice."""

    FACTOR = "factor"
    PART = "part"
    PATH = "path"
    QUANTITY = "quantity"
    TOO_MANY = "too_many"
    TOPIC = "topic"


class MappingError(ValueError):
    """A mapping that cannot be used.

    Attributes:
        rule: Which rule it is about, from 0; ``None`` for the whole.
        problem: What is wrong.
    """

    def __init__(self, problem: MappingProblem, rule: int | None = None) -> None:
        """Say what is wrong, and where."""
        super().__init__(f"{problem} in rule {rule}" if rule is not None else problem)
        self.problem = problem
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where one value comes from.

    Attributes:
        topic: The whole topic, without wildcards.
        path: The way into its JSON, empty where the payload is the number itself.
        part: The part it is a value of.
        quantity: What it measures there.
        factor: What to multiply it with to get the quantity's unit and sign.
    """

    topic: str
    path: Path
    part: Part
    quantity: Quantity
    factor: float = 1.0


def parse_rules(rules: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules that a user wrote.

    Each has ``topic``, ``part``, ``quantity``, and may have ``path``, ``factor`` and
    ``reversed``.

    Raises:
        MappingError: A rule cannot be used.
    """
    if not 0 < len(rules) <= _MAX_RULES:
        raise MappingError(MappingProblem.TOO_MANY)
    found: list[Rule] = []
    targets: set[tuple[Part, Quantity]] = set()
    for index, rule in enumerate(rules):
        try:
            parsed = _rule(rule)
        except _ProblemError as err:
            raise MappingError(err.problem, index) from err
        target = (parsed.part, parsed.quantity)
        if target in targets:
            raise MappingError(MappingProblem.DOUBLE, index)
        targets.add(target)
        found.append(parsed)
    return tuple(found)


def parse_path(text: str) -> Path:
    """Return the steps of a path: ``ENERGY.Power``, ``emeters[0].power``.

    A key with dots or brackets is quoted: ``["em1:0"].act_power``.

    Raises:
        ValueError: It is no path.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        # Every key but the first has its dot.
        if match is None or (match["key"] and (text[at] == ".") is (at == 0)):
            raise ValueError(f"{text!r} is no path")
        index, key = match["index"], match["key"] or match["quoted"]
        steps.append(key if index is None else int(index))
        at = match.end()
    if len(steps) > _MAX_STEPS:
        raise ValueError("a path is that deep in no payload")
    return tuple(steps)


def check_topic(topic: object) -> str:
    """Return a topic that can be subscribed to and stands for itself.

    Raises:
        ValueError: It is none.
    """
    if (
        not isinstance(topic, str)
        or not 0 < len(topic) <= _MAX_TOPIC
        or any(character in topic for character in "+#\x00")
        or topic.startswith("$")
        or not topic.isprintable()
    ):
        raise ValueError("no topic")
    return topic


def number_at(found: Any, path: Path) -> float | None:
    """Return the number at the end of a path of parsed JSON, ``None`` if it is empty.

    Raises:
        PayloadError: There is something else than a number.
    """
    for step in path:
        if isinstance(step, int) and isinstance(found, list):
            found = found[step] if step < len(found) else None
        elif isinstance(step, str) and isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    if found is None:
        return None
    if isinstance(found, str) and (number := _number(found)) is not None:
        found = number
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise PayloadError(Reason.WRONG_TYPE)
    # Compared before it is converted: a long integer would overflow.
    if not -1e15 <= found <= 1e15:
        raise PayloadError(Reason.OUT_OF_RANGE)
    return float(found)


def plain_number(payload: bytes) -> float | None:
    """Return the number that a payload is, ``None`` if it is something else.

    Firmware writes ``+12``, ``.5``, ``007``, ``12,5`` and ``12.5 W``, which are no JSON.
    """
    return _number(payload[: _LONGEST_PLAIN + 1].decode("ascii", "replace"))


def _number(text: str) -> float | None:
    """Return the number that a text is, ``None`` if it is something else."""
    if len(text) > _LONGEST_PLAIN:
        return None
    match = _PLAIN.fullmatch(text.strip())
    return None if match is None else float(match["number"].replace(",", "."))


class _ProblemError(Exception):
    def __init__(self, problem: MappingProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def _rule(rule: Mapping[str, Any]) -> Rule:
    try:
        topic = check_topic(rule.get("topic"))
    except ValueError as err:
        raise _ProblemError(MappingProblem.TOPIC) from err
    try:
        path = parse_path(str(rule.get("path") or ""))
    except ValueError as err:
        raise _ProblemError(MappingProblem.PATH) from err
    try:
        part = Part.from_key(str(rule.get("part")))
    except ValueError as err:
        raise _ProblemError(MappingProblem.PART) from err
    try:
        quantity = Quantity(str(rule.get("quantity")))
    except ValueError as err:
        raise _ProblemError(MappingProblem.QUANTITY) from err
    factor = rule.get("factor", 1.0)
    if (
        isinstance(factor, bool)
        or not isinstance(factor, int | float)
        or not 0.0 < abs(factor) <= _FACTOR
    ):
        raise _ProblemError(MappingProblem.FACTOR)
    if rule.get("reversed") is True:
        factor = -factor
    return Rule(
        topic=topic, path=path, part=part, quantity=quantity, factor=float(factor)
    )
