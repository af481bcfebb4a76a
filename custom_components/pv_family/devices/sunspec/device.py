"""One SunSpec device: poll it, and know at every poll that it is still the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
import math
from typing import Any, Final, Self

from modbus_connection import ModbusError, ModbusUnit
from modbus_connection.model.sunspec import SunSpecError, SunSpecModel

from ...readings.quantity import BOUNDS, Kind, Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import (
    EVENTS,
    STATUS,
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
from ..registers import LASTING, MAX_SPAN, RegisterReader, Span
from . import models
from .discovery import ADDRESS_SPACE, SunSpecMap, find_map
from .layout import Layout, LayoutBuilder, Point, fields_within, spans_of
from .models.der import PORT_STORAGE

_ASLEEP: Final = frozenset({"off", "sleeping", "standby"})
# What does not move within minutes is read at full polls only.
SLOW: Final = frozenset(
    {
        Quantity.BATTERY_CAPACITY,
        Quantity.ISOLATION_RESISTANCE,
        Quantity.STATE_OF_HEALTH,
    }
)
_ACC32: Final = 2**32
_REGISTERS: Final = frozenset(
    quantity for quantity, bounds in BOUNDS.items() if bounds.kind is Kind.REGISTER
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Which sources of this device count the other way round.

    Attributes:
        meter: The meters are positive while exporting.
        battery: The batteries are positive while charging.
    """

    meter: bool = False
    battery: bool = False


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
    _fast: tuple[int, Sequence[Point], frozenset[Span]] | None = None

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
        try:
            layout = LayoutBuilder(unit, await _names(reader, found)).build(found)
        except SunSpecError as err:
            raise NotThisProtocolError(str(err)) from err
        if not layout.points:
            raise NotThisProtocolError("no inverter, meter or battery among the models")
        common = found.models.first(models.COMMON)
        identity, serial = await _identity(unit, reader, common, fallback_serial)
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
            points: Sequence[Point] = self.layout.points
            spans = self._spans(points)
        else:
            points, spans = self._live()
        image, failures = await self.reader.read(spans)
        self._check_identity(image)
        readings, statuses, events = self._decode(points, image, now)
        resolutions, moduli = _register_scales(points, image)
        doubted = contradicted(readings)
        poll = Poll(
            taken=now,
            readings=tuple(r for r in readings if r not in doubted),
            statuses=statuses,
            events=events,
            failed=self._unread(points, image, failures),
            doubted=tuple(doubted),
            asleep=statuses.get(PartKind.INVERTER) in _ASLEEP,
            resolutions=resolutions,
            moduli=moduli,
        )
        self.implemented |= poll.capabilities
        self.implemented |= {
            Capability(r.series.part, r.series.quantity) for r in doubted
        }
        return poll

    async def read_all(self) -> Diagnostics:
        """Return every register of the map as it is now, for a bug report.

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
        return {
            "registers": {"holding": dict(sorted(image.items()))},
            "unreadable": {str(span): str(err) for span, err in failures.items()},
        }

    @property
    def serial_span(self) -> Span | None:
        """Return where the serial number stands."""
        return None if self._serial is None else self._serial.span

    def _spans(self, points: Sequence[Point]) -> frozenset[Span]:
        """Return what to read for the points, and to know that they are theirs."""
        spans = spans_of(points) | {
            header.span for header in self.layout.headers if header.heads(points)
        }
        if self._serial is not None:
            spans.add(self._serial.span)
        return frozenset(spans)

    def _live(self) -> tuple[Sequence[Point], frozenset[Span]]:
        """Return what a fast poll reads, worked out anew only when it grows."""
        if self._fast is None or self._fast[0] != len(self.implemented):
            points = self._live_points()
            self._fast = (len(self.implemented), points, self._spans(points))
        return self._fast[1:]

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

    def _decode(
        self, points: Iterable[Point], image: Mapping[int, int], now: datetime
    ) -> tuple[list[Reading], dict[str, str], dict[str, frozenset[str]]]:
        values: dict[Series, float] = {}
        statuses: dict[str, str] = {}
        events: dict[str, frozenset[str]] = {}
        for point in points:
            value = point.decode(image)
            if value is None:
                continue
            if point.name == STATUS:
                if (word := _word(point.words, value)) is not None:
                    statuses[point.part.key] = word
            elif point.name == EVENTS:
                events[point.part.key] = _bits(point.words, value)
            elif math.isfinite(value):
                quantity = self._quantity(point)
                series = Series(self.identity.serial, point.part.key, quantity)
                value *= self._factor(point)
                if quantity is Quantity.POWER_FACTOR and abs(value) > 1.0:
                    # Some makers give a ratio, others the percent of the model.
                    value /= 100.0
                # Two inputs of one battery, its two directions, add up.
                values[series] = values.get(series, 0.0) + value
        readings = [Reading(series, value, now) for series, value in values.items()]
        readings += _string_powers(values, now)
        # A status without any value is an input that nothing is wired to.
        alive = {series.part for series in values}
        return (
            readings,
            {part: word for part, word in statuses.items() if part in alive},
            {part: bits for part, bits in events.items() if part in alive},
        )

    def _quantity(self, point: Point) -> Quantity:
        quantity = Quantity(point.name)
        if self._reversed(point):
            return _OPPOSITE.get(quantity, quantity)
        return quantity

    def _factor(self, point: Point) -> float:
        if self._reversed(point) and point.name in _SIGNED:
            return -point.factor
        return point.factor

    def _reversed(self, point: Point) -> bool:
        return (point.part.kind is PartKind.METER and self.signs.meter) or (
            point.part.kind is PartKind.BATTERY and self.signs.battery
        )


_OPPOSITE: Final = {
    Quantity.ENERGY_IMPORT: Quantity.ENERGY_EXPORT,
    Quantity.ENERGY_EXPORT: Quantity.ENERGY_IMPORT,
    Quantity.ENERGY_CHARGED: Quantity.ENERGY_DISCHARGED,
    Quantity.ENERGY_DISCHARGED: Quantity.ENERGY_CHARGED,
}
_SIGNED: Final = frozenset(
    {
        Quantity.AC_POWER,
        Quantity.AC_POWER_L1,
        Quantity.AC_POWER_L2,
        Quantity.AC_POWER_L3,
        Quantity.AC_CURRENT,
        Quantity.AC_CURRENT_L1,
        Quantity.AC_CURRENT_L2,
        Quantity.AC_CURRENT_L3,
        Quantity.DC_CURRENT,
        Quantity.DC_POWER,
        Quantity.REACTIVE_POWER,
    }
)


def _string_powers(values: Mapping[Series, float], now: datetime) -> Iterable[Reading]:
    """Work out the power of strings that only tell voltage and current."""
    for series, voltage in values.items():
        if series.quantity is not Quantity.DC_VOLTAGE or not series.part.startswith(
            PartKind.STRING
        ):
            continue
        current = values.get(series._replace(quantity=Quantity.DC_CURRENT))
        power = series._replace(quantity=Quantity.DC_POWER)
        if current is not None and power not in values:
            yield Reading(power, voltage * current, now, Quality.DERIVED)


def _register_scales(
    points: Iterable[Point], image: Mapping[int, int]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return each part's coarsest register step and its roll-over, in Wh."""
    resolutions: dict[str, float] = {}
    moduli: dict[str, float] = {}
    for point in points:
        if point.name not in _REGISTERS or (value := point.decode(image)) is None:
            continue
        if not 0.0 <= value <= BOUNDS[Quantity(point.name)].high:
            # The ledger will refuse the value, and its step tells nothing.
            continue
        key = point.part.key
        if (step := point.step(image)) is None:
            # A float register resolves 2**-23 of what it holds.
            step = value * 2**-22
        elif point.span.count == 2:
            moduli[key] = _ACC32 * step
        resolutions[key] = max(resolutions.get(key, 1.0), step)
    return resolutions, moduli


def _word(words: Any, value: int) -> str | None:
    return words.get(int(value)) if isinstance(words, Mapping) else None


def _bits(words: Any, value: int) -> frozenset[str]:
    return frozenset(
        name for bit, name in enumerate(words) if name and int(value) >> bit & 1
    )


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
