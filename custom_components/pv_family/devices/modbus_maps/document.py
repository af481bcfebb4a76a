"""Read a YAML text strictly: every value knows its line, nothing is guessed.

The text may come from anybody. It is read event by event, so that neither depth nor
aliases nor tags can do harm, and scalars are taken for numbers only where they look
like numbers to a person as well.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Final

import yaml

type Value = str | int | float | bool | None

# A whole family with every fault in words takes 30 kB.
MAX_SIZE: Final = 262_144
_MAX_NODES: Final = 20_000
_MAX_DEPTH: Final = 10

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})\Z")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}([eE][-+]?[0-9]{1,2})?\Z")
_CONSTANTS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}


class MapError(ValueError):
    """A map cannot be used.

    Attributes:
        line: Where, counted from 1; 0 if it is about the whole file.
        reason: What is wrong, for the user.
    """

    def __init__(self, line: int, reason: str) -> None:
        """Keep what is shown to the user."""
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason


@dataclass(slots=True)
class Scalar:
    """A single value."""

    value: Value
    line: int


@dataclass(slots=True)
class Listing:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """A mapping; it remembers which of its keys were asked for."""

    line: int
    items: dict[str | int, Node] = field(default_factory=dict)
    lines: dict[str | int, int] = field(default_factory=dict)
    _used: set[str | int] = field(default_factory=set)
    _key: Scalar | None = None

    def take(self, key: str) -> Node | None:
        """Return the value of a key, ``None`` if it is not there."""
        self._used.add(key)
        return self.items.get(key)

    def need(self, key: str) -> Node:
        """Return the value of a key.

        Raises:
            MapError: It is not there.
        """
        if (node := self.take(key)) is None:
            raise MapError(self.line, f"{key} is missing")
        return node

    def close(self) -> None:
        """Refuse every key that nobody asked for.

        Raises:
            MapError: There is one.
        """
        for key in self.items:
            if key not in self._used:
                raise MapError(self.lines[key], f"unknown key {str(key)[:40]!r}")

    def add(self, node: Node) -> None:
        """Add the next node, a key or the value of the last key.

        Raises:
            MapError: It is no key, or one that is there already.
        """
        if self._key is None:
            if not isinstance(node, Scalar) or type(node.value) not in (str, int):
                raise MapError(node.line, "a key must be a word or a whole number")
            self._key = node
            return
        key, self._key = self._key, None
        assert isinstance(key.value, str | int)
        if key.value in self.items:
            raise MapError(key.line, f"key {str(key.value)[:40]!r} is there twice")
        self.items[key.value] = node
        self.lines[key.value] = key.line


type Node = Scalar | Listing | Section


def parse(content: bytes) -> Section:
    """Return the mapping that a YAML text holds.

    Raises:
        MapError: It does not, or it uses more of YAML than a map needs.
    """
    if len(content) > MAX_SIZE:
        raise MapError(0, f"larger than {MAX_SIZE // 1024} kB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        raise MapError(line, "not UTF-8 text") from err
    try:
        node = _build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as err:
        mark = getattr(err, "problem_mark", None)
        line = 0 if mark is None else mark.line + 1
        raise MapError(line, f"not YAML: {err.problem or err.context}") from err
    except yaml.YAMLError as err:
        raise MapError(0, "not YAML: a character that YAML does not allow") from err
    if not isinstance(node, Section):
        raise MapError(0 if node is None else node.line, "not a mapping")
    return node


def _build(events: Iterable[yaml.Event]) -> Node | None:
    """Return the tree that the events tell of."""
    root: Node | None = None
    open_nodes: list[Listing | Section] = []
    count = 0
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = _node(event)
        count += 1
        if count > _MAX_NODES or len(open_nodes) >= _MAX_DEPTH:
            raise MapError(node.line, "too many or too deeply nested values")
        if open_nodes:
            parent = open_nodes[-1]
            if isinstance(parent, Section):
                parent.add(node)
            else:
                parent.items.append(node)
        elif root is None:
            root = node
        else:
            raise MapError(node.line, "a second document")
        if not isinstance(node, Scalar):
            open_nodes.append(node)
    return root


def _node(event: yaml.NodeEvent) -> Node:
    mark = event.start_mark
    line = 0 if mark is None else mark.line + 1
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise MapError(line, "anchors and aliases are not allowed")
    if getattr(event, "tag", None) is not None:
        raise MapError(line, "tags are not allowed")
    if isinstance(event, yaml.MappingStartEvent):
        return Section(line)
    if isinstance(event, yaml.SequenceStartEvent):
        return Listing(line)
    assert isinstance(event, yaml.ScalarEvent)
    plain = event.style in (None, "")
    return Scalar(_scalar(event.value) if plain else event.value, line)


def _scalar(text: str) -> Value:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.match(text):
        return int(text)
    if _HEXADECIMAL.match(text):
        return int(text, 16)
    if _DECIMAL.match(text):
        return float(text)
    return text


def table(node: Node, what: str) -> Section:
    """Return a node that must be a mapping."""
    if not isinstance(node, Section):
        raise MapError(node.line, f"{what} must be a mapping")
    return node


def listing(node: Node | None, what: str) -> list[Node]:
    """Return the items of a node that must be a list, or be missing."""
    if node is None:
        return []
    if not isinstance(node, Listing):
        raise MapError(node.line, f"{what} must be a list")
    return node.items


def tables(node: Node | None, what: str) -> list[Section]:
    """Return the items of a list of mappings."""
    return [table(item, f"each of {what}") for item in listing(node, what)]


def integer(node: Node, what: str, low: int, high: int) -> int:
    """Return a whole number within its limits."""
    value = node.value if isinstance(node, Scalar) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise MapError(node.line, f"{what} must be a whole number")
    if not low <= value <= high:
        raise MapError(node.line, f"{what} must be between {low} and {high}")
    return value


def number(node: Node, what: str, low: float, high: float) -> float:
    """Return a number within its limits."""
    value = node.value if isinstance(node, Scalar) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise MapError(node.line, f"{what} must be a number")
    if not low <= value <= high:
        raise MapError(node.line, f"{what} must be between {low:g} and {high:g}")
    return float(value)


def boolean(node: Node, what: str) -> bool:
    """Return a truth value."""
    if not isinstance(node, Scalar) or not isinstance(node.value, bool):
        raise MapError(node.line, f"{what} must be true or false")
    return node.value


def text(node: Node, what: str, most: int = 2000) -> str:
    """Return a text of one or more printable characters."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise MapError(node.line, f"{what} must be text")
    found = " ".join(node.value.split())
    if not found or len(found) > most or not found.isprintable():
        raise MapError(node.line, f"{what} must be 1 to {most} printable characters")
    return found


_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


def slug(node: Node, what: str) -> str:
    """Return a word in small letters, digits and underscores."""
    found = text(node, what, 60)
    if not _SLUG.match(found):
        raise MapError(node.line, f"{what} must be in small_letters")
    return found


def choice[E: StrEnum](node: Node, what: str, options: type[E]) -> E:
    """Return one of the members of an enumeration."""
    found = text(node, what, 60)
    try:
        return options(found)
    except ValueError:
        known = ", ".join(options)
        raise MapError(
            node.line, f"unknown {what} {found[:40]!r}" + _hint(known)
        ) from None


def _hint(known: str) -> str:
    return f": one of {known}" if len(known) < 200 else ""


def many[T](
    node: Node | None, what: str, read: Callable[[Node, str], T]
) -> tuple[T, ...]:
    """Return the items of a list, each read in the same way, none twice."""
    found: list[T] = []
    for item in listing(node, what):
        value = read(item, what)
        if value in found:
            raise MapError(item.line, f"{what} has {value!r} twice")
        found.append(value)
    return tuple(found)
