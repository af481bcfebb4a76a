"""Read from a map where a value is, and how it is written there."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ...readings.quantity import Quantity
from ..registers import Table
from .document import (
    MapError,
    Node,
    Scalar,
    Section,
    choice,
    integer,
    listing,
    many,
    number,
    table,
    text,
)
from .layout import Direction, Register
from .values import Encoding, ValueType, WordOrder, units_of

_LAST: Final = 0xFFFF
_WORD: Final = 0xFFFF


@dataclass(slots=True)
class RegisterLoader:
    """The registers of one map.

    Attributes:
        default_table: The table of registers that do not name theirs.
        default_order: The word order of values that do not name theirs.
        taken: Who uses each register, and as what.
        widest: The longest run of registers that is read together.
    """

    default_table: Table
    default_order: WordOrder
    taken: dict[tuple[Table, int], tuple[tuple[int, ...], str, WordOrder]] = field(
        default_factory=dict
    )
    widest: int = 1

    def direction(self, node: Node, shift: int) -> Direction:
        """Return the register that tells a sign."""
        item = table(node, "sign_from")
        negative = many(item.need("negative"), "negative", _word)
        if not negative:
            raise MapError(item.line, "negative is empty")
        direction = Direction(self.register(item, shift), frozenset(negative))
        item.close()
        return direction

    def register(
        self,
        item: Section,
        shift: int = 0,
        *,
        quantity: Quantity | None = None,
        own: bool = True,
        only: Table | None = None,
    ) -> Register:
        """Return where a value is and how it is decoded.

        Args:
            item: The section that says so.
            shift: How far it is from there.
            quantity: What it is; a code or a text if none.
            own: Whether nothing else may use these registers otherwise.
            only: The one table that it can be in.
        """
        where = item.need("address")
        encoding = self._encoding(item, quantity)
        addresses = _addresses(where, encoding.width, shift)
        mask_node = item.take("mask")
        mask = None if mask_node is None else integer(mask_node, "mask", 1, _WORD)
        if mask is not None and encoding.width != 1:
            raise MapError(item.line, "mask is for values of one register")
        found = Register(
            table=only or optional(item, "table", Table, self.default_table),
            addresses=addresses,
            field=encoding.field(addresses[0]),
            type=encoding.type,
            mask=mask,
        )
        if own:
            self._claim(found, encoding.word_order, where.line)
        self.widest = max(self.widest, *(span.count for _, span in found.places))
        return found

    def _encoding(self, item: Section, quantity: Quantity | None) -> Encoding:
        kind = optional(item, "type", ValueType, ValueType.U16)
        order = optional(item, "word_order", WordOrder, self.default_order)
        missing_node = item.take("missing")
        missing = None
        if missing_node is not None:
            missing = many(missing_node, "missing", raw)
        count = 1
        if kind is ValueType.STR:
            if quantity is not None:
                raise MapError(item.line, f"{quantity} cannot be text")
            count = integer(item.need("count"), "count", 1, 32)
        scale = offset = None
        if quantity is not None:
            scale, offset = item.take("scale"), item.take("offset")
        factor = _unit(item, quantity) if quantity is not None else 1.0
        sign = item.take("sign") if quantity is not None else None
        if sign is not None and integer(sign, "sign", -1, 1) == 0:
            raise MapError(sign.line, "sign must be 1 or -1")
        if scale is not None:
            # The smallest step that the decoder's ten decimals still hold.
            factor *= number(scale, "scale", 1e-6, 1e6)
        if sign is not None:
            factor *= integer(sign, "sign", -1, 1)
        return Encoding(
            type=kind,
            word_order=order,
            scale=round(factor, 9),
            offset=0.0 if offset is None else number(offset, "offset", -1e6, 1e6),
            missing=missing,
            count=count,
        )

    def _claim(self, register: Register, order: WordOrder, line: int) -> None:
        """Remember who uses the registers.

        Raises:
            MapError: Something else uses one of them otherwise.
        """
        use = (register.addresses, register.type, order)
        for address in register.addresses:
            other = self.taken.setdefault((register.table, address), use)
            if other != use:
                raise MapError(line, f"overlaps the value at address {other[0][0]}")


def optional[E: StrEnum](section: Section, key: str, options: type[E], default: E) -> E:
    """Return a choice that need not be made."""
    node = section.take(key)
    return default if node is None else choice(node, key, options)


def _addresses(node: Node, width: int, shift: int) -> tuple[int, ...]:
    """Return the registers of a value, from its first one or from all of them."""
    if isinstance(node, Scalar):
        first = integer(node, "address", 0, _LAST) + shift
        found = tuple(range(first, first + width))
    else:
        items = listing(node, "address")
        found = tuple(integer(i, "address", 0, _LAST) + shift for i in items)
        if len(found) != width or len(set(found)) != width:
            raise MapError(node.line, f"address must name {width} registers")
    if max(found) > _LAST:
        raise MapError(node.line, f"address is beyond {_LAST}")
    return found


def _unit(item: Section, quantity: Quantity) -> float:
    """Return what the unit of a point is in the unit of its quantity."""
    units = units_of(quantity)
    node = item.take("unit")
    if units is None:
        raise MapError(item.line, f"{quantity} cannot be mapped")
    if node is None:
        return 1.0
    unit = text(node, "unit", 10)
    if unit not in units:
        known = ", ".join(units)
        raise MapError(node.line, f"unit {unit!r} is none of {quantity}: {known}")
    return units[unit]


def _word(node: Node, what: str) -> int:
    return integer(node, what, 0, _WORD)


def raw(node: Node, what: str) -> int:
    """Return what registers may hold, read with or without a sign."""
    return integer(node, what, -(2**63), 2**64 - 1)
