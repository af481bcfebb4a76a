"""Where quantities are in the registers, and how they come out of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import math
from typing import Any, Final

from modbus_connection.model import NumberField, RegisterField

from ...readings.quantity import BOUNDS, Kind, Quantity
from ..device import Part
from ..registers import Span, Table

# Registers by table and address, as they were read.
type Image = Mapping[Table, Mapping[int, int]]
type Place = tuple[Table, Span]

# The least normal number of 32 bits.
_LEAST: Final = 2.0**-126


@dataclass(frozen=True, slots=True)
class Register:
    """One value in one or more registers.

    Attributes:
        table: Which table it is in.
        addresses: Its registers in the order of the field's words.
        field: Decodes it.
        type: The name of its type in the schema.
        mask: The bits of a single register that count.
    """

    table: Table
    addresses: tuple[int, ...]
    field: RegisterField[Any]
    type: str
    mask: int | None = None

    @property
    def step(self) -> float:
        """Return what one more in the register means, 0 for a floating point value."""
        if isinstance(self.field, NumberField):
            return abs(float(self.field.scale))
        return 0.0

    @property
    def places(self) -> tuple[Place, ...]:
        """Return what to read: one span, or one a register if they are apart."""
        first = self.addresses[0]
        if self.addresses == tuple(range(first, first + len(self.addresses))):
            return ((self.table, Span(first, len(self.addresses))),)
        return tuple((self.table, Span(address, 1)) for address in self.addresses)

    def words(self, image: Image) -> list[int] | None:
        """Return its registers, ``None`` unless all were read."""
        registers = image.get(self.table, {})
        words = [registers[a] for a in self.addresses if a in registers]
        if len(words) != len(self.addresses):
            return None
        return words if self.mask is None else [word & self.mask for word in words]

    def decode(self, image: Image) -> Any:
        """Return its value, ``None`` if it was not read or says that it has none."""
        words = self.words(image)
        return None if words is None else self.field.decode(words)

    def text(self, image: Image) -> str:
        """Return its value for people, empty if it has none that can be printed."""
        value = self.decode(image)
        if value is None:
            return ""
        # Some firmware writes two bytes a character, one of them empty.
        plain = str(value).replace("\0", "")
        shown = "".join(c if c.isprintable() else " " for c in plain)
        return " ".join(shown.split())


@dataclass(frozen=True, slots=True)
class Direction:
    """A register that tells the sign of a magnitude.

    Attributes:
        register: Where it is.
        negative: The values that make the magnitude negative.
    """

    register: Register
    negative: frozenset[int]


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a quantity.

    Attributes:
        register: Where it is and how it is decoded, scaled to SI.
        direction: Where its sign is, if not in the value.
        optional: Whether the sum stands without it.
    """

    register: Register
    direction: Direction | None = None
    optional: bool = False

    @property
    def places(self) -> Iterator[Place]:
        """Yield what to read."""
        yield from self.register.places
        if self.direction is not None:
            yield from self.direction.register.places

    def value(self, image: Image) -> float | None:
        """Return the summand in SI units and project signs, ``None`` if unknown."""
        value = self.register.decode(image)
        if value is None or not math.isfinite(value):
            return None
        if value and abs(value) < _LEAST:
            # Counts in registers that are taken for a floating point number.
            return None
        if self.direction is None:
            return float(value)
        told = self.direction.register.decode(image)
        if told is None:
            return None
        magnitude = abs(float(value))
        return -magnitude if told in self.direction.negative else magnitude


@dataclass(frozen=True, slots=True)
class Point:
    """A quantity of a part of the device, the sum of its terms."""

    part: Part
    quantity: Quantity
    terms: tuple[Term, ...]

    @property
    def places(self) -> Iterator[Place]:
        """Yield what to read."""
        for term in self.terms:
            yield from term.places

    def is_read(self, image: Image) -> bool:
        """Tell whether the device serves any of it."""
        return any(
            span.address in image.get(table, {})
            for term in self.terms
            for table, span in term.places
        )

    def value(self, image: Image) -> float | None:
        """Return the value in SI units and project signs, ``None`` if unknown.

        A level that cannot be, such as the temperature of a sensor that is not
        connected, is unknown; powers and energies are for the ledger to judge.
        """
        total = 0.0
        known = False
        for term in self.terms:
            value = term.value(image)
            if value is not None:
                total += value
                known = True
            elif not term.optional:
                return None
        bounds = BOUNDS[self.quantity]
        if not known or (
            bounds.kind is Kind.LEVEL and not bounds.low <= total <= bounds.high
        ):
            return None
        # A reversed zero is still zero.
        return total + 0.0

    @property
    def step(self) -> float:
        """Return the step of its coarsest term, 0 if all are floating point."""
        return max(term.register.step for term in self.terms)
