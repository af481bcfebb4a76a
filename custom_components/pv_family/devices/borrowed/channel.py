"""What the entities of one borrowed measurement mean for the home."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from ...readings.power_flow import Role
from ...readings.quantity import Quantity

NO_ROLE: Final = "none"
MAX_CHANNELS: Final = 6
ENTITIES: Final = ("power", "power_to", "energy", "energy_to")

# What the energy entity of each direction counts.
_REGISTERS: Final[Mapping[Role, tuple[Quantity, Quantity | None]]] = {
    Role.GENERATION: (Quantity.ENERGY_PRODUCED, None),
    Role.ARRAY: (Quantity.ENERGY_PRODUCED, None),
    Role.GRID: (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT),
    Role.BATTERY: (Quantity.ENERGY_DISCHARGED, Quantity.ENERGY_CHARGED),
    Role.CONSUMPTION: (Quantity.ENERGY_CONSUMED, None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One borrowed measurement.

    Attributes:
        role: What it means, ``None`` for nothing that counts.
        reversed: Whether its power is positive in the other direction than ours.
        power: The entity of its power; of import, discharge where there are two.
        power_to: The entity of the other direction: export, charge.
        energy: The entity of energy produced, imported, discharged or consumed.
        energy_to: The entity of energy exported or charged.
    """

    role: Role | None
    reversed: bool = False
    power: str | None = None
    power_to: str | None = None
    energy: str | None = None
    energy_to: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the channel that was set up so.

        Raises:
            KeyError, TypeError, ValueError: It is not one of ours.
        """
        role = data["role"]
        names: dict[str, str | None] = {}
        for key in ENTITIES:
            name = data.get(key)
            if name is not None and not isinstance(name, str):
                raise TypeError(f"{key} is no name")
            names[key] = name or None
        return cls(
            role=None if role == NO_ROLE else Role(role),
            reversed=data.get("reversed") is True,
            **names,
        )

    @property
    def entities(self) -> tuple[str, ...]:
        """Return every entity that it rests on."""
        names = (self.power, self.power_to, self.energy, self.energy_to)
        return tuple(name for name in names if name is not None)

    @property
    def powers(self) -> tuple[str, ...]:
        """Return the entities of its power."""
        return tuple(n for n in (self.power, self.power_to) if n is not None)

    @property
    def terms(self) -> tuple[tuple[str, float], ...]:
        """Return the entities of its power with their signs."""
        sign = -1.0 if self.reversed else 1.0
        pairs = ((self.power, sign), (self.power_to, -sign))
        return tuple((name, factor) for name, factor in pairs if name is not None)

    def net(self, powers: Mapping[str, float]) -> float | None:
        """Return its power in W, in the directions of the home.

        Two entities that measure one direction each are only known together: the
        other direction is not 0 because it is silent.

        Args:
            powers: What each entity that can be believed says in W.
        """
        terms = self.terms
        if not terms or any(name not in powers for name, _ in terms):
            return None
        return sum(factor * powers[name] for name, factor in terms)

    def registers(self) -> Iterator[tuple[Quantity, str]]:
        """Yield what each of its energy entities counts."""
        if self.role is None:
            return
        names = (self.energy, self.energy_to)
        for quantity, name in zip(_REGISTERS[self.role], names, strict=True):
            if quantity is not None and name is not None:
                yield quantity, name
