"""What the registers of a family say, in SI units, project signs and words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ...readings.quantity import BOUNDS, Kind, Quantity
from ..device import Capability, Part, PartKind
from .layout import Image, Point
from .schema import Family

# A tracker that nothing is wired to still shows a few volts.
_WIRED: Final = 30.0
# What other quantities of a part are worth nothing without.
_LIFE: Final = frozenset(
    {
        Quantity.AC_VOLTAGE_L1,
        Quantity.DC_CURRENT,
        Quantity.DC_VOLTAGE,
        Quantity.STATE_OF_CHARGE,
    }
)


@dataclass(slots=True)
class Decoded:
    """What some registers say.

    Attributes:
        values: The measured value of each quantity.
        derived: Values worked out from several measured ones.
        statuses: The status of each part.
        events: The active events of each part.
        missing: What the device says it has no value of.
    """

    values: dict[Capability, float] = field(default_factory=dict)
    derived: dict[Capability, float] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    events: dict[str, frozenset[str]] = field(default_factory=dict)
    missing: set[Capability] = field(default_factory=set)

    def get(self, part: str, quantity: Quantity) -> float | None:
        """Return a value, measured or derived."""
        key = Capability(part, quantity)
        return self.values.get(key, self.derived.get(key))

    @property
    def parts(self) -> list[str]:
        """Return every part that has a value."""
        return list(dict.fromkeys(key.part for key in (*self.values, *self.derived)))

    def alive(self, part: str) -> bool:
        """Tell whether a part shows that it is there at all.

        Registers of parts that are not wired hold zeros, which say nothing.
        """
        if part == PartKind.INVERTER:
            return True
        if part.startswith(PartKind.STRING):
            voltage = self.get(part, Quantity.DC_VOLTAGE)
            if voltage is not None:
                return voltage >= _WIRED
        # A sensor with nothing to measure still shows a step of current.
        noise = {Quantity.DC_CURRENT} if part.startswith(PartKind.BATTERY) else set()
        return any(
            value != 0.0
            for (owner, name), value in (*self.values.items(), *self.derived.items())
            if owner == part
            and name not in noise
            and (name in _LIFE or BOUNDS[Quantity(name)].kind is not Kind.LEVEL)
        )

    def forget(self, keys: Iterable[Capability]) -> None:
        """Forget some values."""
        for key in list(keys):
            self.values.pop(key, None)
            self.derived.pop(key, None)

    def keep(self, parts: Iterable[str]) -> None:
        """Forget everything about other parts."""
        kept = set(parts)
        self.forget(
            key for key in (*self.values, *self.derived) if key.part not in kept
        )
        for words in (self.statuses, self.events):
            for part in [part for part in words if part not in kept]:
                del words[part]


def decode(family: Family, image: Image, points: Iterable[Point]) -> Decoded:
    """Return what the registers say of some points, and all statuses and events.

    Args:
        family: What the registers mean.
        image: The registers that could be read.
        points: What to decode.
    """
    found = Decoded()
    for point in points:
        value = point.value(image)
        key = Capability(point.part.key, point.quantity)
        if value is None:
            if point.is_read(image):
                found.missing.add(key)
            continue
        if len(point.terms) == 1:
            found.values[key] = value
        else:
            found.derived[key] = value
    _products(found)
    for status in family.statuses:
        code = status.register.decode(image)
        if code is not None and (word := status.words.get(int(code))) is not None:
            found.statuses[status.part.key] = word
    for events in family.events:
        active = events.active(image)
        if active is not None:
            part = events.part.key
            found.events[part] = found.events.get(part, frozenset()) | active
    return found


def _products(found: Decoded) -> None:
    """Work out the DC power of strings and batteries that only tell its factors."""
    for part in found.parts:
        if Part.from_key(part).kind not in (PartKind.STRING, PartKind.BATTERY):
            continue
        voltage = found.values.get(Capability(part, Quantity.DC_VOLTAGE))
        current = found.values.get(Capability(part, Quantity.DC_CURRENT))
        if voltage is None or current is None:
            continue
        if found.get(part, Quantity.DC_POWER) is None:
            found.derived[Capability(part, Quantity.DC_POWER)] = voltage * current
