"""Turn the text of a register map into a family, or say what is wrong in which line."""

from collections.abc import Iterator
from typing import Final

from ...readings.quantity import Quantity
from ..device import Part, PartKind
from ..registers import MAX_SPAN, Table
from .document import (
    MapError,
    Node,
    Section,
    boolean,
    choice,
    integer,
    many,
    number,
    parse,
    slug,
    table,
    tables,
    text,
)
from .layout import Point, Register, Term
from .register_loader import RegisterLoader, optional, raw
from .schema import (
    Counted,
    Events,
    Evidence,
    Family,
    Fingerprint,
    IdentityRegisters,
    Night,
    Pacing,
    Setting,
    Status,
    Storage,
    Transport,
)
from .values import ValueType, WordOrder

_MOST_REPEATS: Final = 32
_MOST_POINTS: Final = 1000
_KINDS: Final = frozenset(
    {
        PartKind.BATTERY,
        PartKind.INVERTER,
        PartKind.LOAD,
        PartKind.METER,
        PartKind.STRING,
    }
)
# There is one of each of these in a device.
_SINGLE: Final = frozenset({PartKind.INVERTER, PartKind.LOAD})
_WHOLE: Final = frozenset({ValueType.U16, ValueType.U32, ValueType.U64})


def load(content: bytes, key: str) -> Family:
    """Return the family that a map describes.

    Args:
        content: The YAML text.
        key: What to call the family.

    Raises:
        MapError: The map cannot be used.
    """
    section = parse(content)
    return _Loader(
        default_table=optional(section, "table", Table, Table.HOLDING),
        default_order=optional(section, "word_order", WordOrder, WordOrder.BIG),
    ).family(section, key)


class _Loader(RegisterLoader):
    """One reading of one map."""

    def family(self, section: Section, key: str) -> Family:
        """Return the whole family."""
        manufacturer = text(section.need("manufacturer"), "manufacturer", 60)
        models = many(section.need("models"), "models", text)
        units = many(section.need("units"), "units", _unit_id)
        max_block_node = section.take("max_block")
        points = tuple(self._points(section))
        if not points:
            raise MapError(section.line, "points is empty")
        statuses = tuple(self._statuses(section))
        events = tuple(self._events(section))
        family = Family(
            key=key,
            manufacturer=manufacturer,
            models=models,
            evidence=optional(section, "evidence", Evidence, Evidence.ONE_SOURCE),
            sources=many(section.take("sources"), "sources", text),
            units=units,
            transports=many(section.take("transports"), "transports", _transport),
            max_block=(
                MAX_SPAN
                if max_block_node is None
                else integer(max_block_node, "max_block", 1, MAX_SPAN)
            ),
            pacing=_pacing(section),
            single_client=_flag(section, "single_client"),
            night=optional(section, "night", Night, Night.SILENT),
            firmware=_words(section, "firmware"),
            notes=_words(section, "notes"),
            counted=optional(
                section, "energy_produced_counts", Counted, Counted.UNKNOWN
            ),
            identity=self._identity(section),
            fingerprints=tuple(self._fingerprints(section)),
            points=points,
            statuses=statuses,
            events=events,
            settings=tuple(self._settings(section)),
        )
        section.close()
        if family.max_block < self.widest:
            assert max_block_node is not None
            raise MapError(
                max_block_node.line,
                f"max_block is less than the {self.widest} registers of one value",
            )
        return family

    def _points(self, section: Section) -> Iterator[Point]:
        seen: set[tuple[Part, Quantity]] = set()
        for item in tables(section.need("points"), "points"):
            for point in self._point(item):
                if (point.part, point.quantity) in seen:
                    raise MapError(
                        item.line, f"{point.part.key} has {point.quantity} twice"
                    )
                seen.add((point.part, point.quantity))
                if len(seen) > _MOST_POINTS:
                    raise MapError(item.line, f"more than {_MOST_POINTS} values")
                yield point

    def _point(self, item: Section) -> Iterator[Point]:
        """Yield the quantity of one part, or of several parts of a kind."""
        quantity = choice(item.need("quantity"), "quantity", Quantity)
        parts, step = _parts(item)
        terms_node = item.take("terms")
        if terms_node is None:
            for index, part in enumerate(parts):
                term = self._term(item, quantity, step * index)
                yield Point(part, quantity, (term,))
        else:
            sections = tables(terms_node, "terms")
            if not sections:
                raise MapError(terms_node.line, "terms is empty")
            for index, part in enumerate(parts):
                terms = tuple(self._term(s, quantity, step * index) for s in sections)
                yield Point(part, quantity, terms)
            for section in sections:
                section.close()
        item.close()

    def _term(self, item: Section, quantity: Quantity, shift: int) -> Term:
        """Return one summand; the caller closes its section."""
        register = self.register(item, shift, quantity=quantity)
        sign = item.take("sign_from")
        return Term(
            register=register,
            direction=None if sign is None else self.direction(sign, shift),
            optional=_flag(item, "optional"),
        )

    def _statuses(self, section: Section) -> Iterator[Status]:
        seen: set[Part] = set()
        for item in tables(section.take("statuses"), "statuses"):
            part = _part(item.need("part"))
            if part in seen:
                raise MapError(item.line, f"{part.key} has two statuses")
            seen.add(part)
            words = _codes(item.need("words"), 0xFFFF_FFFF)
            asleep = many(item.take("asleep"), "asleep", slug)
            if unknown := set(asleep) - set(words.values()):
                raise MapError(item.line, f"{min(unknown)} is none of the words")
            yield Status(part, self._code(item), words, frozenset(asleep))
            item.close()

    def _code(self, item: Section) -> Register:
        register = self.register(item)
        if register.type not in _WHOLE:
            raise MapError(item.line, "a code must be u16, u32 or u64")
        return register

    def _events(self, section: Section) -> Iterator[Events]:
        for item in tables(section.take("events"), "events"):
            part = _part(item.need("part"))
            count_node = item.take("count")
            count = 1 if count_node is None else integer(count_node, "count", 1, 32)
            first = self._code(item)
            width = len(first.addresses)
            registers = [first]
            registers += [self.register(item, width * n) for n in range(1, count)]
            bits_node, codes_node = item.take("bits"), item.take("codes")
            if (bits_node is None) == (codes_node is None):
                raise MapError(item.line, "either bits or codes, and not both")
            other = item.take("other")
            yield Events(
                part=part,
                registers=tuple(registers),
                bits={}
                if bits_node is None
                else _codes(bits_node, 16 * width * count - 1),
                codes={} if codes_node is None else _codes(codes_node, 0xFFFF_FFFF),
                other="" if other is None else slug(other, "other"),
            )
            item.close()

    def _identity(self, section: Section) -> IdentityRegisters:
        node = section.take("identity")
        if node is None:
            return IdentityRegisters()
        item = table(node, "identity")
        found: dict[str, Register] = {}
        for name in ("serial", "model", "version"):
            if (where := item.take(name)) is not None:
                inner = table(where, name)
                found[name] = self.register(inner)
                inner.close()
        if (where := item.take("rated_power")) is not None:
            inner = table(where, "rated_power")
            found["rated_power"] = self.register(inner, quantity=Quantity.RATED_POWER)
            inner.close()
        item.close()
        return IdentityRegisters(**found)

    def _fingerprints(self, section: Section) -> Iterator[Fingerprint]:
        for item in tables(section.take("fingerprints"), "fingerprints"):
            register = self.register(item, own=False)
            prefix = item.take("prefix")
            if (register.type == ValueType.STR) != (prefix is not None):
                raise MapError(item.line, "text is told by its prefix, and only text")
            values = many(item.take("values"), "values", raw)
            others = many(item.take("others"), "others", raw)
            if (prefix is not None) + bool(values) + bool(others) != 1:
                raise MapError(item.line, "one of prefix, values and others")
            yield Fingerprint(
                register,
                frozenset(values),
                frozenset(others),
                "" if prefix is None else text(prefix, "prefix", 32),
            )
            item.close()

    def _settings(self, section: Section) -> Iterator[Setting]:
        seen: set[str] = set()
        for item in tables(section.take("settings"), "settings"):
            name = slug(item.need("name"), "name")
            if name in seen:
                raise MapError(item.line, f"{name} is there twice")
            seen.add(name)
            yield Setting(
                name,
                # Input registers cannot be written.
                self.register(item, own=False, only=Table.HOLDING),
                optional(item, "storage", Storage, Storage.UNKNOWN),
            )
            item.close()


def _parts(item: Section) -> tuple[list[Part], int]:
    """Return the parts of a point, and how far apart their registers are."""
    repeat = item.take("repeat")
    step_node = item.take("step")
    if repeat is None:
        if step_node is not None:
            raise MapError(step_node.line, "step goes with repeat")
        return [_part(item.need("part"))], 0
    kind = choice(item.need("part"), "part", PartKind)
    if kind not in _KINDS - _SINGLE:
        raise MapError(item.line, f"{kind} cannot be repeated")
    count = integer(repeat, "repeat", 1, _MOST_REPEATS)
    step = integer(item.need("step"), "step", 1, 4096)
    return [Part(kind, number) for number in range(1, count + 1)], step


def _part(node: Node) -> Part:
    found = text(node, "part", 20)
    try:
        part = Part.from_key(found)
    except ValueError:
        raise MapError(node.line, f"unknown part {found!r}") from None
    if part.kind not in _KINDS:
        raise MapError(node.line, f"unknown part {found!r}")
    numbered = 1 <= part.number <= _MOST_REPEATS
    if numbered == (part.kind in _SINGLE) or part.number > _MOST_REPEATS:
        raise MapError(node.line, f"part {found!r} is numbered wrongly")
    return part


def _codes(node: Node, most: int) -> dict[int, str]:
    """Return a mapping of whole numbers to words."""
    found: dict[int, str] = {}
    section = table(node, "words")
    for key, value in section.items.items():
        if not isinstance(key, int) or not 0 <= key <= most:
            raise MapError(
                section.lines[key], f"key must be a whole number up to {most}"
            )
        found[key] = slug(value, "word")
    if not found:
        raise MapError(node.line, "no words")
    return found


def _pacing(section: Section) -> Pacing:
    node = section.take("pacing")
    if node is None:
        return Pacing()
    item = table(node, "pacing")
    found: dict[str, float] = {}
    for name, most in (("spacing", 5.0), ("connect_delay", 30.0), ("timeout", 30.0)):
        if (value := item.take(name)) is not None:
            found[name] = number(value, name, 0.0, most)
    item.close()
    return Pacing(**found)


def _flag(section: Section, key: str) -> bool:
    node = section.take(key)
    return False if node is None else boolean(node, key)


def _words(section: Section, key: str) -> str:
    node = section.take(key)
    return "" if node is None else text(node, key)


def _unit_id(node: Node, what: str) -> int:
    return integer(node, what, 0, 255)


def _transport(node: Node, what: str) -> Transport:
    return choice(node, what, Transport)
