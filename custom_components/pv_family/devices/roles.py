"""What the powers of a device mean for the home that it stands in."""

from collections.abc import Collection, Iterable, Mapping

from ..readings.power_flow import Role
from ..readings.quantity import Quantity
from ..readings.reading import Series
from ..readings.sources import GRID_PLACE, HOUSE_PLACE, Source
from .device import Capability, Part, PartKind


def inverter_sources(
    serial: str,
    capabilities: Collection[Capability],
    *,
    meter_role: str | None,
    counts_arrays: bool = False,
) -> list[Source]:
    """Return the sources of an inverter, its first meter and its batteries.

    What an inverter says of the house's consumption is its own sum: it counts only
    where no meter at the grid knows better.

    Args:
        serial: The inverter.
        capabilities: What it can tell.
        meter_role: What its first meter measures: a role, or nothing that counts.
        counts_arrays: Whether its energy register counts its arrays alone.
    """
    keys = {c.part for c in capabilities}
    mixed = not counts_arrays and any(k.startswith(PartKind.BATTERY) for k in keys)
    strings = sorted(key for key in keys if key.startswith(PartKind.STRING))
    found: list[Source] = []
    for part, name in _measured(capabilities):
        series = Series(serial, part.key, name)
        match part.kind, name:
            case PartKind.INVERTER, Quantity.AC_POWER if not part.number:
                found.append(
                    Source(
                        Role.GENERATION,
                        serial,
                        series,
                        # A hybrid's AC register counts its battery as well, but its
                        # strings know what was produced while nobody looked.
                        stand_ins=tuple(strings) if mixed else (),
                        mixed=mixed,
                    )
                )
            case PartKind.BATTERY, Quantity.DC_POWER:
                found.append(Source(Role.BATTERY, serial, series))
            case PartKind.LOAD, Quantity.AC_POWER if (
                not part.number and meter_role != Role.GRID
            ):
                found.append(Source(Role.CONSUMPTION, HOUSE_PLACE, series))
            case PartKind.METER, Quantity.AC_POWER if part.number == 1:
                if meter_role == Role.GRID:
                    found.append(Source(Role.GRID, GRID_PLACE, series))
                elif meter_role == Role.CONSUMPTION:
                    found.append(Source(Role.CONSUMPTION, HOUSE_PLACE, series))
    return found


def off_grid_sources(
    serial: str, capabilities: Collection[Capability], *, feeds_house: bool
) -> list[Source]:
    """Return the sources of an inverter that makes its own grid.

    What it draws from the utility and gives to its loads is all there is in a house
    that it feeds alone; elsewhere other meters know the house. The units of a parallel
    system add up.

    Args:
        serial: The inverter.
        capabilities: What it can tell.
        feeds_house: Whether it feeds the whole house.
    """
    found: list[Source] = []
    for part, name in _measured(capabilities):
        series = Series(serial, part.key, name)
        match part.kind, name:
            case PartKind.INVERTER, Quantity.DC_POWER:
                found.append(Source(Role.ARRAY, serial, series))
            case PartKind.BATTERY, Quantity.DC_POWER:
                found.append(Source(Role.BATTERY, serial, series))
            case PartKind.LOAD, Quantity.AC_POWER if feeds_house:
                found.append(Source(Role.CONSUMPTION, HOUSE_PLACE, series))
            case PartKind.METER, Quantity.AC_POWER if feeds_house:
                found.append(Source(Role.GRID, GRID_PLACE, series))
    return found


def channel_sources(
    serial: str,
    capabilities: Collection[Capability],
    roles: Mapping[str, tuple[str, str | None]],
) -> list[Source]:
    """Return the sources of a node or of borrowed entities.

    Args:
        serial: The node.
        capabilities: What it can tell.
        roles: For each channel what it measures (a role, or anything else for
            nothing that counts) and the generator that it measures as well.
    """
    found: list[Source] = []
    for part, name in _measured(capabilities):
        role, covered = roles.get(part.key, ("", None))
        if role not in Role:
            continue
        place = {
            Role.GRID: GRID_PLACE,
            Role.CONSUMPTION: HOUSE_PLACE,
        }.get(Role(role), covered or serial)
        found.append(Source(Role(role), place, Series(serial, part.key, name)))
    return found


def _measured(capabilities: Iterable[Capability]) -> Iterable[tuple[Part, Quantity]]:
    for key, name in sorted(capabilities):
        if name in (Quantity.AC_POWER, Quantity.DC_POWER):
            yield Part.from_key(key), Quantity(name)
