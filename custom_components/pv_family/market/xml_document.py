"""Read XML from the internet without believing a word of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from ..plant.document import NESTING_LIMIT, DocumentError

_MOST_ELEMENTS: Final = 100_000
_MOST_TEXT: Final = 400
_MOST_ATTRIBUTES: Final = 20


@dataclass(slots=True)
class Element:
    """An element with its name as it is without a namespace.

    Attributes:
        name: Local name.
        attributes: By their local names.
        children: In order.
        text: Without the blanks around it; only that of elements without children
            means something.
    """

    name: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children of a name."""
        return (child for child in self.children if child.name == name)

    def below(self, name: str) -> Iterator[Element]:
        """Yield the elements of a name at any depth, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.below(name)

    def first(self, *path: str) -> Element | None:
        """Return the first element down a path of names."""
        found: Element | None = self
        for name in path:
            found = next(found.all(name), None) if found is not None else None
        return found

    def said(self, *path: str) -> str:
        """Return the text at the end of a path; empty without one."""
        found = self.first(*path)
        return "" if found is None else found.text


def read_xml(body: bytes, most: int) -> Element:
    """Return the root of an XML document.

    Args:
        body: As it came from the network.
        most: Bytes that it may have.

    Raises:
        DocumentError: It is too long, too deep, no XML, or declares a document type,
            which is where entities that grow without end come from.
    """
    if len(body) > most:
        raise DocumentError(f"the answer has more than {most} bytes")
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DocumentError("the answer is no XML") from error
    if reader.root is None:
        raise DocumentError("the answer is no XML")
    return reader.root


class _Reader:
    """Build elements out of what the parser sees, within bounds."""

    def __init__(self) -> None:
        """Let the parser tell everything that matters."""
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0
        parser = self.parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise DocumentError("the answer has too many elements")
        if len(self._open) >= NESTING_LIMIT:
            raise DocumentError("the answer is nested too deeply")
        if len(attributes) > _MOST_ATTRIBUTES:
            raise DocumentError("the answer has too many attributes")
        element = Element(
            _local(name), {_local(key): value for key, value in attributes.items()}
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        element.text = element.text.strip()

    def _characters(self, text: str) -> None:
        element = self._open[-1]
        if element.text or not text.isspace():
            element.text = (element.text + text)[:_MOST_TEXT]

    def _refuse(self, *declared: object) -> NoReturn:
        raise DocumentError("the answer declares a document type")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
