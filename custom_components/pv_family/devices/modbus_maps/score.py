"""Find out which family a device is of, with the evidence for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from modbus_connection import (
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusUnit,
)

from ...readings.quantity import Quantity
from ..device import PartKind, SilentError
from ..registers import MAX_SPAN, Span, Table
from .evidence import Check, Finding, findings
from .layout import Place
from .schema import Family, Pacing
from .tables import TablesReader

# What every family bears while nobody knows which one answers.
PATIENCE: Final = Pacing(spacing=0.1, connect_delay=1.0)

# Values that are always there and that tell most at a glance.
_TELLING: Final = frozenset(
    {Quantity.AC_VOLTAGE_L1, Quantity.DC_VOLTAGE, Quantity.FREQUENCY}
)
# Neighbours this close are read together even if nobody needs what is between.
_GAP: Final = 16
# Some devices do not answer at all where they have no register.
_MOST_SILENCES: Final = 24
_SILENT_AT_FIRST: Final = 4
_LEAST_SCORE: Final = 3.0
_LEAST_FINDINGS: Final = 3
# Whoever fits so well is not looked for elsewhere.
_SURE: Final = 6.0
# These say that somebody answers, not who.
_WEAK: Final = frozenset({Check.SERVED, Check.UNIT_ID})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family that a device may be of.

    Attributes:
        family: The family.
        unit_id: The unit that answered.
        findings: The evidence, the weightiest first.
    """

    family: Family
    unit_id: int
    findings: tuple[Finding, ...]

    @property
    def score(self) -> float:
        """Return how much speaks for it; only comparable on one device."""
        return sum(finding.points for finding in self.findings)


async def probe(
    units: Mapping[int, ModbusUnit],
    families: Iterable[Family],
    *,
    patience: Pacing = PATIENCE,
) -> list[Candidate]:
    """Return the families that the devices behind some units may be of, best first.

    Each family is first looked at in two or three places, and read in full only if
    what is there speaks for it. A unit that one fits well ends the search. That takes about 50 short reads per unit that answers,
    up to 150 of one that refuses whatever it does not have.

    Args:
        units: The units to look at, by unit id; a single one is given more time.
        families: The families to try.
        patience: How much haste the link is allowed.

    Raises:
        SilentError: No unit answers.
        ModbusConnectionError: The link is down.
    """
    known = tuple(families)
    candidates: list[Candidate] = []
    answered = False
    for unit_id, unit in units.items():
        unit.set_message_spacing(patience.spacing)
        unit.require_connect_delay(patience.connect_delay or None)
        unit.require_timeout(patience.timeout or None)
        look = _Look(unit, alone=len(units) == 1)
        usual = sorted(known, key=lambda family: unit_id not in family.units)
        try:
            for family in usual:
                if look.given_up:
                    break
                found = await _weigh(look, family, unit_id)
                if found is not None:
                    candidates.append(found)
        finally:
            # The link is shared: others must not be slowed down for good.
            unit.set_message_spacing(0.0)
            unit.require_connect_delay(None)
            unit.require_timeout(None)
        answered = answered or look.answered
        if any(candidate.score >= _SURE for candidate in candidates):
            break
    if not answered:
        raise SilentError("no unit answers")
    return sorted(candidates, key=lambda found: -found.score)


def weigh(
    family: Family, image: Mapping[Table, Mapping[int, int]], unit_id: int
) -> Candidate:
    """Return how well registers that were read fit a family."""
    found = list(findings(family, image))
    if unit_id in family.units:
        found.append(Finding(Check.UNIT_ID, 0.5, {"unit": float(unit_id)}))
    found.sort(key=lambda finding: -abs(finding.points))
    return Candidate(family, unit_id, tuple(found))


async def _weigh(look: _Look, family: Family, unit_id: int) -> Candidate | None:
    """Return a family if enough speaks for it."""
    await look.at(_telling(family), family.max_block)
    first = weigh(family, look.image, unit_id)
    strong = [f for f in first.findings if f.check not in _WEAK]
    if sum(f.points for f in strong) <= 0.0:
        return None
    await look.in_full(family)
    found = weigh(family, look.image, unit_id)
    speaking = {f.check for f in found.findings if f.points > 0.0} - _WEAK
    if found.score < _LEAST_SCORE or len(speaking) < _LEAST_FINDINGS:
        return None
    return found


def _telling(family: Family) -> list[Place]:
    """Return the few places that say most about a family."""
    places = [place for mark in family.fingerprints for place in mark.register.places]
    for point in family.points:
        if point.quantity in _TELLING and point.part.number <= 1:
            places.extend(point.places)
    for status in family.statuses:
        if status.part.kind is PartKind.INVERTER:
            places.extend(status.register.places)
    return places


@dataclass(slots=True)
class _Look:
    """What has been seen of one unit so far; nothing is asked for twice."""

    unit: ModbusUnit
    alone: bool = False
    image: dict[Table, dict[int, int]] = field(
        default_factory=lambda: {table: {} for table in Table}
    )
    answered: bool = False
    _refused: set[Place] = field(default_factory=set)
    _silences: int = 0

    @property
    def given_up(self) -> bool:
        """Tell whether it has been silent too often."""
        patient = self.answered or self.alone
        return self._silences >= (_MOST_SILENCES if patient else _SILENT_AT_FIRST)

    async def at(self, places: Iterable[Place], max_block: int) -> None:
        """Read some places, those near each other together, until one is silent."""
        before = self._silences
        for table in Table:
            spans = sorted({s for t, s in places if t is table and self._new(t, s)})
            for cluster in _clusters(spans, max_block):
                block = Span(cluster[0].address, cluster[-1].end - cluster[0].address)
                if await self._fetch(table, block):
                    continue
                for span in cluster if len(cluster) > 1 else ():
                    if self._silences == before:
                        await self._fetch(table, span)
                if self._silences > before:
                    return

    async def in_full(self, family: Family) -> None:
        """Read everything that a family needs."""
        places = {place for point in family.points for place in point.places}
        for register in family.identity.all:
            places.update(register.places)
        missing = [place for place in places if self._new(*place)]
        reader = TablesReader(self.unit, max_span=family.max_block)
        try:
            image, failed = await reader.read(missing)
        except ModbusConnectionError:
            raise
        except ModbusError as err:
            self._silences += not isinstance(err, ModbusExceptionError)
            self._refused.update(missing)
            return
        for table, registers in image.items():
            self.image[table].update(registers)
        self._refused.update(place for place in failed if self._new(*place))

    def _new(self, table: Table, span: Span) -> bool:
        """Tell whether nothing is known yet of a place."""
        registers = self.image[table]
        return (table, span) not in self._refused and any(
            address not in registers for address in range(span.address, span.end)
        )

    async def _fetch(self, table: Table, span: Span) -> bool:
        """Read one block once; return whether it came."""
        if self.given_up or (table, span) in self._refused:
            return False
        read = (
            self.unit.read_input_registers
            if table is Table.INPUT
            else self.unit.read_holding_registers
        )
        try:
            values = await read(span.address, span.count)
        except ModbusConnectionError:
            raise
        except GatewayPathUnavailableError, GatewayTargetError:
            # The gateway answers for a unit that does not.
            self._silences += 1
            self._refused.add((table, span))
            return False
        except ModbusExceptionError:
            self.answered = True
            self._refused.add((table, span))
            return False
        except ModbusError:
            self._silences += 1
            self._refused.add((table, span))
            return False
        if len(values) != span.count:
            return False
        self.answered = True
        self.image[table].update(enumerate(values, span.address))
        return True


def _clusters(spans: Iterable[Span], max_block: int) -> list[list[Span]]:
    """Return neighbours together, as far as one read may reach."""
    clusters: list[list[Span]] = []
    widest = min(max_block, MAX_SPAN)
    for span in spans:
        near = bool(clusters) and span.address - clusters[-1][-1].end <= _GAP
        if near and span.end - clusters[-1][0].address <= widest:
            clusters[-1].append(span)
        else:
            clusters.append([span])
    return clusters
