"""One device of a known family: poll it, and know that it is still the same."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from modbus_connection import ModbusError, ModbusUnit

from ...readings.quantity import BOUNDS, Kind, Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import (
    SLOW,
    Capability,
    Diagnostics,
    Identity,
    Part,
    PartKind,
    Poll,
    Ratings,
    SilentError,
    WrongDeviceError,
)
from ..plausibility import contradicted
from ..registers import LASTING, replace_text
from ..signs import Signs
from .decode import Decoded, decode
from .layout import Image, Place, Point, Register
from .phases import absent_phases
from .schema import Family
from .tables import TablesReader


@dataclass(slots=True)
class MapDevice:
    """A device whose family is known.

    Attributes:
        reader: Reads its registers.
        family: What they mean.
        identity: Who it is.
        ratings: What its nameplate says.
        signs: Which of its sources count the other way round.
        implemented: The values it has; the others are read at full polls only.
    """

    reader: TablesReader
    family: Family
    identity: Identity
    ratings: Ratings
    signs: Signs = field(default_factory=Signs)
    implemented: set[Capability] = field(default_factory=set)
    _serial: Register | None = None
    _fast: tuple[int, tuple[Point, ...], frozenset[Place]] | None = None

    @classmethod
    async def connect(
        cls,
        unit: ModbusUnit,
        family: Family,
        *,
        fallback_serial: str,
        signs: Signs | None = None,
    ) -> Self:
        """Learn who the device is.

        Args:
            unit: The Modbus unit it answers on.
            family: What its registers mean.
            fallback_serial: Identity of a device that has no serial number.
            signs: Which of its sources count the other way round.

        Raises:
            SilentError: It does not answer, or not in full.
        """
        pace(unit, family)
        reader = TablesReader(unit, max_span=family.max_block)
        known = family.identity
        image = await _identity_image(reader, known.all)
        serial = "" if known.serial is None else serial_number(known.serial, image)
        rated = None if known.rated_power is None else known.rated_power.decode(image)
        low, high = BOUNDS[Quantity.RATED_POWER].low, BOUNDS[Quantity.RATED_POWER].high
        return cls(
            reader=reader,
            family=family,
            identity=Identity(
                serial=serial or fallback_serial,
                manufacturer=family.manufacturer,
                model=_text(known.model, image),
                version=_text(known.version, image),
            ),
            ratings=Ratings(
                power=float(rated) if rated and low < rated <= high else None
            ),
            signs=signs or Signs(),
            _serial=known.serial if serial else None,
        )

    async def poll(self, now: datetime, *, full: bool) -> Poll:
        """Read the device once.

        Args:
            now: The present (UTC).
            full: Whether to ask for what was not implemented before, too.

        Raises:
            WrongDeviceError: Another serial number answers.
            SilentError: It does not answer, or nothing that can be read.
        """
        if full:
            self.reader.forget()
            points = self.family.points
            places = frozenset(self._places(points))
        else:
            points, places = self._live()
        try:
            image, failures = await self.reader.read(places)
        except ModbusError as err:
            raise SilentError(str(err)) from err
        self._check_identity(image)
        found = decode(self.family, image, points)
        known = {capability.part for capability in self.implemented}
        found.keep(part for part in found.parts if part in known or found.alive(part))
        found.forget(key for key in absent_phases(found) if key not in self.implemented)
        readings = list(self._readings(found, now))
        doubted = contradicted(readings)
        resolutions, moduli = self._scales(found)
        poll = Poll(
            taken=now,
            readings=tuple(r for r in readings if r not in doubted),
            statuses=found.statuses,
            events=found.events,
            failed=self._unread(points, image, failures),
            doubted=tuple(doubted),
            asleep=self._asleep(found),
            resolutions=resolutions,
            moduli=moduli,
        )
        self.implemented |= poll.capabilities
        self.implemented |= {
            Capability(r.series.part, r.series.quantity) for r in doubted
        }
        return poll

    def describe(self) -> Diagnostics:
        """Return how it is read, for a bug report."""
        return {
            "family": self.family.key,
            "evidence": str(self.family.evidence),
            "implemented": sorted(f"{c.part}/{c.name}" for c in self.implemented),
            "refused_tables": sorted(self.reader.refused),
            "requests": self.reader.requests,
        }

    async def read_all(self, alias: str) -> Diagnostics:
        """Return every register of the map as it is now, for a bug report.

        Args:
            alias: What stands in for its serial number.

        Raises:
            SilentError: The device does not answer.
        """
        reader = TablesReader(self.reader.unit, max_span=self.family.max_block)
        places = set(self._places(self.family.points))
        for register in self.family.identity.all:
            places.update(register.places)
        try:
            image, failures = await reader.read(places)
        except ModbusError as err:
            raise SilentError(str(err)) from err
        if (serial := self.family.identity.serial) is not None:
            for table, span in serial.places:
                # A serial number that is a number becomes zero.
                text = alias if serial.type == "str" else ""
                replace_text(image.get(table, {}), span, text)
        return {
            "registers": {
                str(table): dict(sorted(registers.items()))
                for table, registers in image.items()
            },
            "unreadable": {
                f"{table} {span}": str(err) for (table, span), err in failures.items()
            },
        }

    def _places(self, points: Iterable[Point]) -> Iterator[Place]:
        """Yield what to read for the points, and to know that they are its own."""
        for point in points:
            yield from point.places
        for status in self.family.statuses:
            yield from status.register.places
        for events in self.family.events:
            for register in events.registers:
                yield from register.places
        if self._serial is not None:
            yield from self._serial.places

    def _live(self) -> tuple[tuple[Point, ...], frozenset[Place]]:
        """Return what a fast poll reads, worked out anew only when it grows."""
        if self._fast is None or self._fast[0] != len(self.implemented):
            points = tuple(
                point
                for point in self.family.points
                if point.quantity not in SLOW and self._implements(point)
            )
            places = frozenset(self._places(points))
            self._fast = (len(self.implemented), points, places)
        return self._fast[1:]

    def _implements(self, point: Point) -> bool:
        """Tell whether the device has had a value of a point."""
        quantity = self.signs.quantity(point.part, point.quantity)
        return Capability(point.part.key, quantity) in self.implemented

    def _check_identity(self, image: Image) -> None:
        if self._serial is None:
            return
        # A device that is waking up may have an empty serial number for a moment.
        found = serial_number(self._serial, image)
        if found and found != self.identity.serial:
            raise WrongDeviceError(self.identity.serial, found)

    def _readings(self, found: Decoded, now: datetime) -> Iterator[Reading]:
        for values, quality in (
            (found.values, Quality.MEASURED),
            (found.derived, Quality.DERIVED),
        ):
            for (key, name), value in values.items():
                part, quantity = Part.from_key(key), Quantity(name)
                series = Series(
                    self.identity.serial, key, self.signs.quantity(part, quantity)
                )
                factor = self.signs.factor(part, quantity)
                yield Reading(series, value * factor, now, quality)

    def _scales(self, found: Decoded) -> tuple[dict[str, float], dict[str, float]]:
        """Return each part's coarsest register step and its roll-over, in Wh."""
        resolutions: dict[str, float] = {}
        moduli: dict[str, set[float]] = {}
        for point in self.family.points:
            bounds = BOUNDS[point.quantity]
            part = point.part.key
            value = found.values.get(Capability(part, point.quantity))
            if bounds.kind is not Kind.REGISTER or value is None:
                continue
            if not 0.0 <= value <= bounds.high:
                # The ledger will refuse the value, and its step tells nothing.
                continue
            # A float register resolves 2**-23 of what it holds.
            step = point.step or value * 2**-22
            resolutions[part] = max(resolutions.get(part, 1.0), step)
            register = point.terms[0].register
            if register.type in ("u16", "u32"):
                turn = step * 2.0 ** (16 * len(register.addresses))
                moduli.setdefault(part, set()).add(turn)
        return resolutions, {
            part: turns.pop() for part, turns in moduli.items() if len(turns) == 1
        }

    def _asleep(self, found: Decoded) -> bool:
        return any(
            found.statuses.get(PartKind.INVERTER) in status.asleep
            for status in self.family.statuses
            if status.part.kind is PartKind.INVERTER
        )

    def _unread(
        self,
        points: Iterable[Point],
        image: Image,
        failures: Mapping[Place, ModbusError],
    ) -> dict[str, str]:
        """Return the parts that lack a value which they had before, and why."""
        reason = "; ".join(dict.fromkeys(str(err) for err in failures.values()))
        return {
            point.part.key: reason or "refused"
            for point in points
            if self._implements(point)
            and any(
                span.address not in image.get(table, {})
                for term in point.terms
                if not term.optional
                for table, span in term.places
            )
        }


def pace(unit: ModbusUnit, family: Family) -> None:
    """Let the link be no faster than the family bears."""
    unit.set_message_spacing(family.pacing.spacing)
    unit.require_connect_delay(family.pacing.connect_delay or None)
    unit.require_timeout(family.pacing.timeout or None)


def serial_number(register: Register, image: Image) -> str:
    """Return a serial number, empty if what is there cannot be one."""
    value = register.text(image)
    plain = value.replace("-", "").replace(".", "").replace("/", "").replace("_", "")
    if len(value) < 4 or not plain.isascii() or not plain.isalnum():
        return ""
    # Blank registers are filled with one character.
    return value if len(set(plain)) > 1 else ""


def _text(register: Register | None, image: Image) -> str:
    return "" if register is None else register.text(image)


async def _identity_image(
    reader: TablesReader, registers: tuple[Register, ...]
) -> Image:
    """Return what the device serves of its identity.

    Raises:
        SilentError: Something was lost on the way: who a device is must not be
            learned from half an answer.
    """
    places = [place for register in registers for place in register.places]
    try:
        image, failed = await reader.read(places)
    except LASTING:
        return {}
    except ModbusError as err:
        raise SilentError(str(err)) from err
    for failure in failed.values():
        if not isinstance(failure, LASTING):
            raise SilentError(str(failure)) from failure
    return image
