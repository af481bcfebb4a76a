"""Read JSON from the internet without believing a word of it."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from math import isfinite
from typing import Any, Final, NoReturn

NESTING_LIMIT: Final = 32


class DocumentError(Exception):
    """A document is not what it should be; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value inside a document.

    Every method raises `DocumentError` if the value is not what it asks for.

    Attributes:
        value: As JSON decoded it.
        path: Where it stands.
    """

    value: Any
    path: str = ""

    def fail(self, reason: str) -> NoReturn:
        """Raise what is wrong with the value."""
        raise DocumentError(f"{self.path or 'the answer'} {reason}")

    def mapping(self) -> Mapping[str, Any]:
        """Return the value as a mapping."""
        if not isinstance(self.value, dict):
            self.fail("is no object")
        return self.value

    def has(self, key: str) -> bool:
        """Return whether a key is there and not null."""
        return self.mapping().get(key) is not None

    def __getitem__(self, key: str) -> Node:
        """Return the value of a key."""
        mapping = self.mapping()
        node = Node(mapping.get(key), f"{self.path}.{key}" if self.path else key)
        if key not in mapping:
            node.fail("is missing")
        return node

    def items(self, most: int, least: int = 0) -> list[Node]:
        """Return the values of a list whose length is bounded."""
        return [
            Node(value, f"{self.path}[{index}]")
            for index, value in enumerate(self.values(most, least))
        ]

    def values(self, most: int, least: int = 0) -> list[Any]:
        """Return a list whose length is bounded, as JSON decoded it."""
        if not isinstance(self.value, list):
            self.fail("is no list")
        if not least <= len(self.value) <= most:
            self.fail(f"has {len(self.value)} values, not {least} to {most}")
        return self.value

    def number(self, low: float, high: float) -> float:
        """Return a number between bounds."""
        number = finite_number(self.value)
        if number is None:
            self.fail("is no number")
        if not low <= number <= high:
            self.fail(f"is {number:g}, not {low:g} to {high:g}")
        return number

    def integer(self, low: int, high: int) -> int:
        """Return a whole number between bounds."""
        number = self.number(low, high)
        if number != int(number):
            self.fail("is no whole number")
        return int(number)

    def text(self, most: int = 200) -> str:
        """Return a text of bounded length."""
        if not isinstance(self.value, str):
            self.fail("is no text")
        if len(self.value) > most:
            self.fail("is too long")
        return self.value


def finite_number(value: object) -> float | None:
    """Return a JSON number as a float, or ``None`` if it is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def read_document(body: bytes, most: int) -> Node:
    """Return the top of a JSON document.

    Args:
        body: As it came from the network.
        most: Bytes that it may have.

    Raises:
        DocumentError: It is too long, too deep, or no JSON.
    """
    if len(body) > most:
        raise DocumentError(f"the answer has more than {most} bytes")
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DocumentError("the answer is no JSON") from error
    if _depth(value) > NESTING_LIMIT:
        raise DocumentError("the answer is nested too deeply")
    return Node(value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _depth(value: Any) -> int:
    """Return how deep a document is nested, up to one beyond the limit."""
    level, depth = [value], 0
    while level and depth <= NESTING_LIMIT:
        depth += 1
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
    return depth
