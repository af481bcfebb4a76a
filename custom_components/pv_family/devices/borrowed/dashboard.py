"""The measurements that an Energy dashboard already knows, with their signs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from ...readings.power_flow import Role

_ENTITY: Final = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
# The dashboard's own signs are the home's: grid + = import, battery + = discharge.
_ROLES: Final = {
    "grid": Role.GRID,
    "battery": Role.BATTERY,
    "home": Role.CONSUMPTION,
    "solar": Role.GENERATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One source of the dashboard.

    Attributes:
        role: What it is there; a solar source leaves out any battery.
        name: What the user calls it there, empty for nothing.
        power: The entity of its power, of import or discharge where there are two.
        power_to: The entity of the other direction.
        reversed: Whether the user said that its sign is inverted.
        energy: The entity of energy produced, imported, discharged or consumed.
        energy_to: The entity of energy exported or charged.
    """

    role: Role
    name: str = ""
    power: str | None = None
    power_to: str | None = None
    reversed: bool = False
    energy: str | None = None
    energy_to: str | None = None


def offers(sources: Any) -> Iterator[Offer]:
    """Yield what the sources of a dashboard offer, the grid first.

    External statistics are no entities and are left out.

    Args:
        sources: `energy_sources` of the preferences, in whatever shape they are.
    """
    if not isinstance(sources, list | tuple):
        return
    for kind, role in _ROLES.items():
        for source in sources:
            if isinstance(source, Mapping) and source.get("type") == kind:
                offer = _offer(role, source)
                if offer.power or offer.energy or offer.energy_to:
                    yield offer


def _offer(role: Role, source: Mapping[str, Any]) -> Offer:
    config = source.get("power_config")
    config = config if isinstance(config, Mapping) else {}
    power = _entity(config.get("stat_rate"))
    power_to = None
    inverted = False
    if power is None and (given := _entity(config.get("stat_rate_inverted"))):
        power, inverted = given, True
    if power is None and (given := _entity(config.get("stat_rate_from"))):
        # Half of a pair would be a wrong net power.
        power_to = _entity(config.get("stat_rate_to"))
        power = given if power_to else None
    if not config:
        power = _entity(source.get("stat_rate"))
    energy, energy_to = source.get("stat_energy_from"), source.get("stat_energy_to")
    if role is Role.CONSUMPTION:
        energy, energy_to = energy_to, None
    name = source.get("name")
    return Offer(
        role=role,
        name=name.strip() if isinstance(name, str) else "",
        power=power,
        power_to=power_to,
        reversed=inverted,
        energy=_entity(energy),
        energy_to=None if role is Role.GENERATION else _entity(energy_to),
    )


def _entity(value: Any) -> str | None:
    """Return an entity id, ``None`` for anything else."""
    if isinstance(value, str) and _ENTITY.fullmatch(value):
        return value
    return None
