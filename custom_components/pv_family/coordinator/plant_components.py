"""The parts of a plant that are watched one by one: each inverter with its arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry

from ..const import (
    CONF_MPPT_INPUT,
    CONF_PEAK_POWER,
    CONF_SURFACE_AZIMUTH,
    CONF_SURFACE_TILT,
)
from ..devices.device import Part, PartKind
from ..plant.books.evidence import Glance, Seen
from ..plant.books.keeper import ClosedQuarter
from ..plant.books.modelled import Modelled, model_interval, modelled
from ..plant.model.plant import Plant
from ..plant.sky_now import Theory
from ..readings.energy_book import EnergyBook, Flow
from ..readings.quantity import Quantity
from .roof_plant import wiring

if TYPE_CHECKING:
    from .data import PvFamilyData
    from .device import DeviceCoordinator

REST: Final = "rest"
"""The component of all arrays that no inverter of ours is known for."""
_PHASES: Final = (
    Quantity.AC_VOLTAGE_L1,
    Quantity.AC_VOLTAGE_L2,
    Quantity.AC_VOLTAGE_L3,
)
# Between phases or on a dead wire there is no voltage against neutral to judge.
_LOWEST_VOLTAGE: Final = 50.0


@dataclass(frozen=True, slots=True)
class Component:
    """An inverter with its arrays.

    Attributes:
        name: Its lasting name.
        plant: Its arrays, as a plant of their own.
        places: Where its production is measured.
        strings: Strings that face alike: device, part and nominal power in W.
    """

    name: str
    plant: Plant
    places: frozenset[str]
    strings: tuple[tuple[str, str, float], ...] = ()


def components_of(
    entry: ConfigEntry[Any], data: PvFamilyData, plant: Plant, places: Iterable[str]
) -> list[Component]:
    """Return the components of a plant.

    An inverter that is measured by itself is one, the rest together another.

    Args:
        entry: The home.
        data: What the home holds.
        plant: All of it.
        places: Where production is measured.
    """
    left = set(places)
    found, rest = [], []
    for (key, arrays), chain in zip(wiring(entry).items(), plant.chains, strict=True):
        device = data.devices.get(key)
        if device is None or device.serial not in left:
            rest.append(chain)
            continue
        left.discard(device.serial)
        alike: dict[tuple[float, float], list[tuple[str, str, float]]] = {}
        for array in arrays:
            number = array.data.get(CONF_MPPT_INPUT)
            if number is None:
                continue
            facing = array.data[CONF_SURFACE_TILT], array.data[CONF_SURFACE_AZIMUTH]
            alike.setdefault(facing, []).append(
                (
                    device.serial,
                    Part(PartKind.STRING, number).key,
                    1000.0 * array.data[CONF_PEAK_POWER],
                )
            )
        siblings = max(alike.values(), key=len, default=[])
        found.append(
            Component(
                device.serial,
                Plant(plant.site, (chain,)),
                frozenset({device.serial}),
                tuple(siblings) if len(siblings) > 1 else (),
            )
        )
    if rest and left:
        found.append(Component(REST, Plant(plant.site, tuple(rest)), frozenset(left)))
    return found


def glance_at(component: Component, data: PvFamilyData) -> Glance:
    """Return what a component shows now."""
    powers = [data.home.data.arrays.get(place) for place in component.places]
    devices = [d for d in data.devices.values() if d.serial in component.places]
    words: set[str] = set()
    for device in devices:
        if not device.last_update_success:
            continue
        for part, word in device.data.statuses.items():
            if part.startswith(PartKind.INVERTER):
                words.add(word)
        for part, events in device.data.events.items():
            if part.startswith(PartKind.INVERTER):
                words |= events
    strings = {}
    for serial, part, peak_power in component.strings:
        power = data.by_serial[serial].value(part, Quantity.DC_POWER)
        if power is not None:
            strings[part] = max(power, 0.0) / peak_power
    return Glance(
        power=None if None in powers else sum(power or 0.0 for power in powers),
        words=frozenset(words),
        voltage=max((max(p) for d in devices if (p := phases_of(d))), default=None),
        strings=strings if len(strings) == len(component.strings) else {},
    )


def close_component(
    component: Component, seen: Seen, data: PvFamilyData
) -> ClosedQuarter:
    """Return what is known of a component when a quarter of an hour is over."""
    powers = [data.home.data.arrays.get(place) for place in component.places]
    return ClosedQuarter(seen, None not in powers, counted(data.book, component.places))


def counted(book: EnergyBook, places: Iterable[str]) -> float | None:
    """Return what counters have counted at places, ``None`` if only power tells, Wh."""
    meters = book.meters.get(Flow.PRODUCTION, {})
    total = 0.0
    for place in places:
        meter = meters.get(place)
        if meter is None or not (meter.seen or meter.stand_in is not None):
            return None
        total += meter.total
    return total


def grid_of(data: PvFamilyData) -> tuple[tuple[float, ...], float | None]:
    """Return the grid's voltages against neutral in V, and its frequency in Hz.

    The device that knows most phases tells.
    """
    best: tuple[float, ...] = ()
    frequency: float | None = None
    for device in data.devices.values():
        phases = phases_of(device)
        if len(phases) > len(best):
            best = phases
        if frequency is None:
            frequency = next(
                (
                    value
                    for part in _grid_parts(device)
                    if (value := device.value(part, Quantity.FREQUENCY))
                ),
                None,
            )
    return best, frequency


def phases_of(device: DeviceCoordinator) -> tuple[float, ...]:
    """Return the voltages against neutral at a device in V, as far as it tells."""
    for part in _grid_parts(device):
        for quantities in (_PHASES, (Quantity.AC_VOLTAGE,)):
            told = [device.value(part, quantity) for quantity in quantities]
            found = tuple(v for v in told if v is not None and v > _LOWEST_VOLTAGE)
            if found:
                return found
    return ()


def _grid_parts(device: DeviceCoordinator) -> list[str]:
    """Return the parts of a device that stand at the grid."""
    kinds = (PartKind.INVERTER, PartKind.METER, PartKind.NODE)
    return sorted(
        {c.part for c in device.capabilities if c.part.startswith(kinds)},
        key=lambda part: [part.startswith(kind) for kind in kinds].index(True),
    )


def models_of(
    plant: Plant | None,
    components: Sequence[Component],
    theories: Mapping[datetime, Theory],
) -> dict[datetime, dict[str, Modelled]]:
    """Return what should have come of each component in each interval."""
    found: dict[datetime, dict[str, Modelled]] = {}
    for start, theory in theories.items():
        models = found[start] = {}
        for part in components:
            if part.plant == plant:
                # What was worked out for the whole plant is that of its only part.
                model = modelled(
                    plant, theory.clear, theory.actual, theory.weather, theory.source
                )
            else:
                model = model_interval(part.plant, theory.weather, theory.source)
            if model is not None:
                models[part.name] = model
    return found
