"""One SunSpec device: poll it, and know at every poll that it is still the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from modbus_connection import ModbusError, ModbusUnit
from modbus_connection.model.sunspec import SunSpecError, SunSpecModel

from ...readings.quantity import Quantity
from ...readings.reading import Series
from ..device import (
    SLOW,
    Capability,
    Diagnostics,
    Identity,
    MapMovedError,
    NotThisProtocolError,
    Part,
    PartKind,
    Poll,
    Ratings,
    WrongDeviceError,
)
from ..plausibility import contradicted
from ..registers import LASTING, MAX_SPAN, RegisterReader, Span, replace_text
from ..signs import Signs
from . import models
from .decoder import Decoder
from .discovery import ADDRESS_SPACE, SunSpecMap, find_map
from .layout import Layout, LayoutBuilder, Point, fields_within, spans_of
from .models.der import PORT_STORAGE

_ASLEEP: Final = frozenset({"off", "sleeping", "standby"})
# What every inverter must have; in the dark many do not tell it.
_MANDATORY: Final = Capability(Part(PartKind.INVERTER).key, Quantity.AC_POWER)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one kind of poll reads, and how it is understood."""

    points: Sequence[Point]
    spans: frozenset[Span]
    decoder: Decoder


@dataclass(slots=True)
class SunSpecDevice:
    """A device that was found, and how to read it.

    Attributes:
        reader: Reads its registers.
        map: Where its models are.
        layout: What is read of them.
        identity: Who it is.
        ratings: What its nameplate says.
        signs: Which of its sources count the other way round.
        implemented: The values it has; the others are read at full polls only.
    """

    reader: RegisterReader
    map: SunSpecMap
    layout: Layout
    identity: Identity
    ratings: Ratings
    signs: Signs
    implemented: set[Capability] = field(default_factory=set)
    _serial: Point | None = None
    _fast: tuple[int, _Plan] | None = None
    _everything: _Plan | None = None

    @classmethod
    async def discover(
        cls,
        unit: ModbusUnit,
        *,
        fallback_serial: str,
        signs: Signs | None = None,
        sunspec_map: SunSpecMap | None = None,
    ) -> Self:
        """Find the device's models and learn who it is.

        Args:
            unit: The Modbus unit it answers on.
            fallback_serial: Identity of a device that has no serial number.
            signs: Which of its sources count the other way round.
            sunspec_map: The map, if it has just been found.

        Raises:
            NotThisProtocolError: It has no SunSpec map, or nothing we can read.
            ModbusError: It does not answer.
        """
        found = sunspec_map or await find_map(unit)
        reader = RegisterReader(unit)
        common = found.models.first(models.COMMON)
        identity, serial = await _identity(unit, reader, common, fallback_serial)
        names = await _names(reader, found)
        try:
            layout = LayoutBuilder(unit, names, identity.model).build(found)
        except SunSpecError as err:
            raise NotThisProtocolError(str(err)) from err
        if not layout.points:
            raise NotThisProtocolError("no inverter, meter or battery among the models")
        return cls(
            reader=reader,
            map=found,
            layout=layout,
            identity=identity,
            ratings=await _ratings(unit, reader, found),
            signs=signs or Signs(),
            _serial=serial,
        )

    @property
    def parts(self) -> list[Part]:
        """Return the device's parts in the order of its map."""
        return list(dict.fromkeys(point.part for point in self.layout.points))

    async def poll(self, now: datetime, *, full: bool) -> Poll:
        """Read the device once.

        Args:
            now: The present (UTC).
            full: Whether to ask for what was not implemented before, too.

        Raises:
            WrongDeviceError: Another serial number answers.
            MapMovedError: The models are no longer where they were.
            ModbusConnectionError: The link is down.
            ModbusTimeoutError: The device is silent.
        """
        if full:
            self.reader.forget()
            plan = self._everything = self._everything or self._planned(
                self.layout.points
            )
        else:
            plan = self._live()
        image, failures = await self.reader.read(plan.spans)
        self._check_identity(image)
        said = plan.decoder.decode(image, now)
        doubted = contradicted(said.readings)
        poll = Poll(
            taken=now,
            readings=tuple(
                [r for r in said.readings if r not in doubted]
                if doubted
                else said.readings
            ),
            statuses=said.statuses,
            events=said.events,
            failed=self._unread(plan.points, image, failures),
            doubted=tuple(doubted),
            asleep=said.statuses.get(PartKind.INVERTER) in _ASLEEP,
            resolutions=said.resolutions,
            moduli=said.moduli,
            promised=self._promised,
        )
        self.implemented |= poll.capabilities
        self.implemented |= {
            Capability(r.series.part, r.series.quantity) for r in doubted
        }
        return poll

    def describe(self) -> Diagnostics:
        """Return what was found of the device, for a bug report."""
        return {
            "base": self.map.base,
            "chain": [[m.model_id, m.address, m.length] for m in self.map.chain],
            "chain_complete": self.map.complete,
            "skipped_models": list(self.layout.skipped),
            "requests": self.reader.requests,
            "registers_read": self.reader.registers,
            "refused": [str(span) for span in sorted(self.reader.refused)],
        }

    async def read_all(self, alias: str) -> Diagnostics:
        """Return every register of the map as it is now, for a bug report.

        Args:
            alias: What stands in for the serial number.

        Raises:
            ModbusError: The device does not answer.
        """
        spans = {Span(self.map.base, 2)}
        for model in self.map.chain:
            end = model.address + model.span
            for start in range(model.address, end, MAX_SPAN):
                spans.add(Span(start, min(MAX_SPAN, end - start)))
        last = max(span.end for span in spans)
        if last + 2 <= ADDRESS_SPACE:
            spans.add(Span(last, 2))
        image, failures = await RegisterReader(self.reader.unit).read(spans)
        if self._serial is not None:
            replace_text(image, self._serial.span, alias)
        return {
            "registers": {"holding": dict(sorted(image.items()))},
            "unreadable": {str(span): str(err) for span, err in failures.items()},
        }

    @property
    def _promised(self) -> frozenset[Capability]:
        return frozenset(
            {
                _MANDATORY
                for point in self.layout.points
                if (point.part.key, point.name) == _MANDATORY
            }
        )

    def _spans(self, points: Sequence[Point]) -> frozenset[Span]:
        """Return what to read for the points, and to know that they are theirs."""
        spans = spans_of(points) | {
            header.span for header in self.layout.headers if header.heads(points)
        }
        if self._serial is not None:
            spans.add(self._serial.span)
        return frozenset(spans)

    def _planned(self, points: Sequence[Point]) -> _Plan:
        return _Plan(
            points, self._spans(points), Decoder(points, self._series, self._factor)
        )

    def _live(self) -> _Plan:
        """Return what a fast poll reads, worked out anew only when it grows."""
        if self._fast is None or self._fast[0] != len(self.implemented):
            self._fast = len(self.implemented), self._planned(self._live_points())
        return self._fast[1]

    def _live_points(self) -> list[Point]:
        return [
            point
            for point in self.layout.points
            if Capability(point.part.key, point.name) in self.implemented
            and point.name not in SLOW
        ]

    def _unread(
        self,
        points: Iterable[Point],
        image: Mapping[int, int],
        failures: Mapping[Span, ModbusError],
    ) -> dict[str, str]:
        """Return the parts that lack a value which they had before, and why."""
        if not failures and not self.reader.refused:
            return {}
        reason = "; ".join(str(err) for err in failures.values()) or "refused"
        return {
            point.part.key: reason
            for point in points
            if Capability(point.part.key, point.name) in self.implemented
            and any(span.address not in image for span in point.spans)
        }

    def _check_identity(self, image: Mapping[int, int]) -> None:
        for header in self.layout.headers:
            if header.holds(image) is False:
                raise MapMovedError(f"model {header.model.model_id} has moved")
        if self._serial is None:
            return
        # A device that is waking up may have an empty serial number for a moment.
        found = _text(self._serial, image)
        if found and found != self.identity.serial:
            raise WrongDeviceError(self.identity.serial, found)

    def _series(self, point: Point) -> Series:
        return Series(
            self.identity.serial,
            point.part.key,
            self.signs.quantity(point.part, Quantity(point.name)),
        )

    def _factor(self, point: Point) -> float:
        return point.factor * self.signs.factor(point.part, Quantity(point.name))


def _text(point: Point, image: Mapping[int, int]) -> str:
    return (point.decode(image) or "").replace("\x00", " ").strip()


async def _read(reader: RegisterReader, spans: Iterable[Span]) -> dict[int, int]:
    """Return what the device serves of the spans.

    Raises:
        ModbusError: Something was lost on the way: what is learned once and for
            all must not be learned from half an answer.
    """
    try:
        image, failed = await reader.read(spans)
    except LASTING:
        return {}
    for err in failed.values():
        if not isinstance(err, LASTING):
            raise err
    return image


async def _names(reader: RegisterReader, found: SunSpecMap) -> dict[int, str]:
    """Read what tells strings from batteries among the DC inputs."""
    points: dict[int, Any] = {}
    if model := found.models.first(models.MPPT):
        for module in models.mppt(model)(reader.unit, model).inputs:  # type: ignore[attr-defined]
            resolved = module.resolved_fields["name"]
            points[resolved.address] = resolved
    if model := found.models.first(models.DER_DC):
        for port in models.der_dc(model)(reader.unit, model).ports:  # type: ignore[attr-defined]
            resolved = port.resolved_fields["port_type"]
            points[resolved.address] = resolved
    if not points:
        return {}
    image = await _read(reader, (Span(r.address, r.count) for r in points.values()))
    names: dict[int, str] = {}
    for address, resolved in points.items():
        if all(address + i in image for i in range(resolved.count)):
            words = [image[address + i] for i in range(resolved.count)]
            value = resolved.field.decode(words)
            names[address] = "storage" if value == PORT_STORAGE else str(value)
    return names


async def _identity(
    unit: ModbusUnit,
    reader: RegisterReader,
    common: SunSpecModel | None,
    fallback_serial: str,
) -> tuple[Identity, Point | None]:
    if common is None:
        return Identity(serial=fallback_serial, manufacturer="", model=""), None
    fields = fields_within(models.Common(unit, common), common)
    points = {
        name: Point(
            part=Part(PartKind.INVERTER),
            name=name,
            field=resolved.field,
            span=Span(resolved.address, resolved.count),
            scale=None,
        )
        for name, resolved in fields.items()
    }
    image = await _read(reader, spans_of(points.values()))

    def text(name: str) -> str:
        return _text(points[name], image) if name in points else ""

    serial = text("serial_number")
    identity = Identity(
        serial=serial or fallback_serial,
        manufacturer=text("manufacturer"),
        model=text("model"),
        version=text("version"),
    )
    return identity, points["serial_number"] if serial else None


async def _ratings(
    unit: ModbusUnit, reader: RegisterReader, found: SunSpecMap
) -> Ratings:
    """Read what the nameplate says."""
    power = capacity = None
    for model_id, layout in (
        (models.NAMEPLATE, models.Nameplate),
        (models.SETTINGS, models.Settings),
    ):
        if (model := found.models.first(model_id)) is None:
            continue
        fields = fields_within(layout(unit, model), model)
        points = {
            name: _plain(name, resolved)
            for name, resolved in fields.items()
            if name in (Quantity.RATED_POWER, Quantity.BATTERY_CAPACITY)
        }
        image = await _read(reader, spans_of(points.values()))
        values = {name: point.decode(image) for name, point in points.items()}
        power = power or values.get(Quantity.RATED_POWER)
        capacity = capacity or values.get(Quantity.BATTERY_CAPACITY)
    return Ratings(power=power or None, battery_capacity=capacity or None)


def _plain(name: str, resolved: Any) -> Point:
    return Point(
        part=Part(PartKind.INVERTER),
        name=name,
        field=resolved.field,
        span=Span(resolved.address, resolved.count),
        scale=resolved.scale_address,
    )
