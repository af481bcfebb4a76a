"""What a command asks, what its answer looks like, and the answer's fields."""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?\d{1,10}(?:\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """The fields of one reply by name; one that the unit does not have is absent."""

    texts: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a field as it was sent, empty if it is absent."""
        return self.texts.get(name, "")

    def number(self, name: str) -> float | None:
        """Return a field as a number, ``None`` if it is absent or none."""
        text = self.texts.get(name, "")
        return float(text) if _NUMBER.fullmatch(text) else None

    def code(self, name: str) -> int | None:
        """Return a field as the whole number of an option, ``None`` if it is none."""
        text = self.texts.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() else None


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One command that asks for something.

    Attributes:
        command: What is sent.
        shape: What every answer to it looks like, as a whole.
        names: The fields of an answer that blanks divide, by place; empty names
            are skipped. Without any the whole answer is one text.
        like: Two commands with the same word have answers that cannot be told
            apart; the command itself unless given.
    """

    command: str
    shape: re.Pattern[str]
    names: tuple[str, ...] = ()
    like: str = ""

    def answers(self, text: str) -> bool:
        """Tell whether a text can be the answer to this command."""
        return self.shape.fullmatch(text) is not None

    def decode(self, text: str) -> Answer:
        """Return the fields of an answer that has the shape."""
        parts = text.split()
        return Answer(
            {n: part for n, part in zip(self.names, parts, strict=False) if n}
        )

    def resembles(self, other: Query) -> bool:
        """Tell whether an answer to the other command can pass for one to this."""
        return (self.like or self.command) == (other.like or other.command)


def words(head: str, least: int, most: int) -> re.Pattern[str]:
    """Return the shape of fields that blanks divide.

    Args:
        head: A pattern of the first fields, which tells this answer from others.
        least: Fewest fields after these.
        most: Most fields after these.
    """
    return re.compile(rf"{head}(?: {{1,2}}\S{{1,24}}){{{least},{most}}} ?")
