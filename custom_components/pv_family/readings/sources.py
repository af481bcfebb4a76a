"""Which measured power means what for the home, and which of two tells it better.

A home may measure the same thing several ways: the inverter knows what it gives, a
current transformer on its cable knows it too. Both measure one *place*. Only one
source of a place counts at a time: the first that answers, in the order in which the
home ranks them. So nothing counts twice, and a place is known while any source is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .energy_book import Flow
from .flow_meter import Contribution
from .power_flow import Role
from .quantity import Quantity
from .reading import Series

GRID_PLACE: Final = "grid"
HOUSE_PLACE: Final = "house"


@dataclass(frozen=True, slots=True)
class Source:
    """One measured power and what it means for the home.

    Attributes:
        role: What it means.
        place: What it measures: `GRID_PLACE`, `HOUSE_PLACE` or the lasting name of a
            generator, which is its serial number.
        series: The power.
        stand_ins: The strings behind it, where a battery is mixed into its registers.
        mixed: Whether its energy register also counts a battery.
    """

    role: Role
    place: str
    series: Series
    stand_ins: tuple[str, ...] = ()
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The sources of one device that tell about a place now.

    Attributes:
        role: What they mean together.
        place: What they measure.
        sources: Their powers, which add up.
        first: Whether no other device is ranked before.
        live: Whether they all answer.
    """

    role: Role
    place: str
    sources: tuple[Source, ...]
    first: bool
    live: bool


# An array is a generator measured before the inverter: one of both is enough.
_SAME: Final = {Role.ARRAY: Role.GENERATION}

_REGISTERS: Final[Mapping[Flow, tuple[frozenset[Role], Quantity]]] = {
    Flow.PRODUCTION: (
        frozenset({Role.GENERATION, Role.ARRAY}),
        Quantity.ENERGY_PRODUCED,
    ),
    Flow.GRID_IMPORT: (frozenset({Role.GRID}), Quantity.ENERGY_IMPORT),
    Flow.GRID_EXPORT: (frozenset({Role.GRID}), Quantity.ENERGY_EXPORT),
    Flow.BATTERY_CHARGE: (frozenset({Role.BATTERY}), Quantity.ENERGY_CHARGED),
    Flow.BATTERY_DISCHARGE: (frozenset({Role.BATTERY}), Quantity.ENERGY_DISCHARGED),
}


def choose(sources: Iterable[Source], live: Callable[[Source], bool]) -> list[Choice]:
    """Return for each place the device that tells about it now.

    Args:
        sources: All sources of the home, the best first.
        live: Tells whether a source answers now.
    """
    places: dict[tuple[Role, str], dict[str, list[Source]]] = {}
    for source in sources:
        key = _SAME.get(source.role, source.role), source.place
        devices = places.setdefault(key, {})
        devices.setdefault(source.series.source, []).append(source)
    choices: list[Choice] = []
    for (_, place), devices in places.items():
        ranked = list(devices.values())
        answering = [found for found in ranked if all(map(live, found))]
        chosen = answering[0] if answering else ranked[0]
        choices.append(
            Choice(
                role=chosen[0].role,
                place=place,
                sources=tuple(chosen),
                first=chosen is ranked[0],
                live=bool(answering),
            )
        )
    return choices


def contribution(
    flow: Flow,
    choice: Choice,
    power: float | None,
    registered: Callable[[Series], float | None],
) -> Contribution:
    """Return what a choice contributes to a flow.

    Only the first device's registers count: while another stands in for it, that
    one's power bridges the time, and the first's registers know it when it is back.

    Args:
        flow: The flow.
        choice: The sources.
        power: What flows through them in the flow's direction, in W.
        registered: Gives the growing total of a register in Wh.
    """
    if not choice.first:
        return Contribution(power)
    roles, quantity = _REGISTERS[flow]
    if choice.role not in roles:
        return Contribution(power)
    registers: dict[str, float] = {}
    stand_in: float | None = 0.0
    for source in choice.sources:
        series = source.series._replace(quantity=quantity)
        total = None if source.mixed else registered(series)
        if total is not None:
            registers["/".join(series)] = total
        for part in source.stand_ins:
            grown = registered(series._replace(part=part))
            stand_in = None if grown is None or stand_in is None else stand_in + grown
    if len(registers) < len(choice.sources):
        registers = {}
    if flow is not Flow.PRODUCTION or not any(s.stand_ins for s in choice.sources):
        stand_in = None
    return Contribution(power, registers, stand_in)
