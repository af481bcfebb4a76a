"""Turn a device's models into parts and the points to read of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
import re
from typing import Any, Final

from modbus_connection import ModbusUnit
from modbus_connection.model import Component
from modbus_connection.model.fields import FloatField
from modbus_connection.model.sunspec import SunSpecComponent, SunSpecModel

from ...readings.quantity import Quantity
from ..device import EVENTS, STATUS, Part, PartKind
from ..registers import Span
from . import models
from .discovery import SunSpecMap

# Fronius and others report a battery's two directions as inputs of model 160.
_CHARGE_INPUT: Final = re.compile(r"(st|bat)\w*\s*[-_]?\s*cha(?!n)", re.IGNORECASE)
_DISCHARGE_INPUT: Final = re.compile(r"(st|bat)\w*\s*[-_]?\s*disch", re.IGNORECASE)
# Others report it as one input of both directions.
_BATTERY_INPUT: Final = re.compile(r"\b_?(bat|storage|akku|ess\b)", re.IGNORECASE)
# The first Fronius hybrids have their battery, unnamed and unsigned, on the second
# input.
_BATTERY_ON_AN_INPUT: Final = re.compile(r"Symo Hybrid", re.IGNORECASE)

_HEADER: Final = ("model_id", "model_length")


@dataclass(frozen=True, slots=True)
class Point:
    """One value to read and decode.

    Attributes:
        part: The part of the device that it belongs to.
        name: A quantity, `STATUS` or `EVENTS`.
        field: The decoder.
        span: Where the value is.
        scale: Where its scale factor is, if it has one.
        factor: What turns the decoded value into the quantity's unit and sign.
        words: The names of its statuses or event bits.
        direction: Where the state of charging is that tells the sign of a magnitude.
    """

    part: Part
    name: str
    field: Any
    span: Span
    scale: int | None
    factor: float = 1.0
    words: Mapping[int, str] | tuple[str, ...] = ()
    direction: int | None = None

    @property
    def spans(self) -> Iterator[Span]:
        """Yield the registers that the value needs."""
        yield self.span
        if self.scale is not None:
            yield Span(self.scale, 1)
        if self.direction is not None:
            yield Span(self.direction, 1)

    def decode(self, image: Mapping[int, int]) -> Any:
        """Return the value, or ``None`` where it is missing or not implemented."""
        try:
            words = [image[self.span.address + i] for i in range(self.span.count)]
            exponent = None if self.scale is None else _signed(image[self.scale])
        except KeyError:
            return None
        return self.field.decode(words, exponent)

    def step(self, image: Mapping[int, int]) -> float | None:
        """Return what one count of the register is worth, ``None`` for a float."""
        if isinstance(self.field, FloatField):
            return None
        exponent = 0 if self.scale is None else _signed(image[self.scale])
        return 10.0**exponent


@dataclass(frozen=True, slots=True)
class Header:
    """Where a model's id and length stand, and what they must be."""

    model: SunSpecModel

    @property
    def span(self) -> Span:
        """Return the two header registers."""
        return Span(self.model.address, 2)

    def heads(self, points: Iterable[Point]) -> bool:
        """Tell whether any of the points belongs to the model."""
        model = self.model
        end = model.address + model.span
        return any(model.address <= p.span.address < end for p in points)

    def holds(self, image: Mapping[int, int]) -> bool | None:
        """Tell whether the model is still there, ``None`` if it was not read."""
        address = self.model.address
        if address not in image or address + 1 not in image:
            return None
        return (image[address], image[address + 1]) == (
            self.model.model_id,
            self.model.length,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything to read of a device.

    Attributes:
        headers: The models whose presence is checked at every poll.
        points: The values, without those another model tells better.
        skipped: Ids of the models that are not read.
    """

    headers: tuple[Header, ...]
    points: tuple[Point, ...]
    skipped: tuple[int, ...]


class LayoutBuilder:
    """Collect the points of one device; the first model to tell a value wins."""

    def __init__(
        self, unit: ModbusUnit, names: Mapping[int, str], model: str = ""
    ) -> None:
        """Start empty.

        Args:
            unit: The unit that the layouts are bound to.
            names: Names of MPPT inputs by the address of their first register.
            model: What the device calls itself.
        """
        self._unit = unit
        self._one_input = _BATTERY_ON_AN_INPUT.match(model) is not None
        self._names = names
        self._points: dict[tuple[Part, str], list[Point]] = {}
        self._headers: list[Header] = []

    def build(self, sunspec_map: SunSpecMap) -> Layout:
        """Return the layout of a device with that map."""
        found = sunspec_map.models
        self._inverter(found.first(*models.INVERTERS))
        if status := found.first(models.STATUS):
            self._add(Part(PartKind.INVERTER), status, models.Status)
        meters = (m for m in sunspec_map.chain if m.model_id in models.METERS)
        for number, model in enumerate(meters, 1):
            part = Part(PartKind.METER, number)
            self._add(part, model, models.METERS[model.model_id])
        for number, model in enumerate(found.get(models.BATTERY, ()), 1):
            self._add(Part(PartKind.BATTERY, number), model, models.Battery)
        battery = Part(PartKind.BATTERY, 1)
        if storage := found.first(models.DER_STORAGE):
            self._add(battery, storage, models.DerStorage)
        if storage := found.first(models.BASIC_STORAGE):
            self._add(battery, storage, models.BasicStorage)
        if inputs := found.first(models.MPPT):
            self._mppt(inputs, found.first(models.BASIC_STORAGE))
        elif inputs := found.first(models.DER_DC):
            self._ports(inputs)
        skipped = {m.model_id for m in sunspec_map.chain} - models.KNOWN
        return Layout(
            headers=tuple(self._headers),
            points=tuple(p for points in self._points.values() for p in points),
            skipped=tuple(sorted(skipped)),
        )

    def _inverter(self, model: SunSpecModel | None) -> None:
        if model is not None:
            self._add(Part(PartKind.INVERTER), model, models.INVERTERS[model.model_id])

    def _mppt(self, model: SunSpecModel, storage: SunSpecModel | None) -> None:
        component = self._bind(model, models.mppt(model))
        unnamed = self._one_input and storage and len(component.inputs) == 2
        strings = 0
        measured = (Part(PartKind.BATTERY, 1), Quantity.DC_POWER) in self._points
        for number, module in enumerate(component.inputs, 1):
            name = self._names.get(module.resolved_fields["name"].address, "")
            if sign := _storage_sign(name):
                self._storage_input(module, sign, measured=measured)
            elif _BATTERY_INPUT.search(name) or (unnamed and number == 2):
                if storage is not None and not measured:
                    self._battery_input(module, storage)
            else:
                strings += 1
                self._points_of(Part(PartKind.STRING, strings), module, model)

    def _battery_input(self, module: Component, storage: SunSpecModel) -> None:
        """Take an input for the battery; the storage model tells its direction."""
        part = Part(PartKind.BATTERY, 1)
        state = models.BasicStorage(self._unit, storage).resolved_fields["status"]
        for name, direction in (
            (Quantity.DC_VOLTAGE, None),
            (Quantity.DC_CURRENT, state.address),
            (Quantity.DC_POWER, state.address),
        ):
            point = _point(part, name, module.resolved_fields[name], 1.0)
            self._points[part, name] = [replace(point, direction=direction)]

    def _storage_input(self, module: Component, sign: float, *, measured: bool) -> None:
        """Take an input for one direction of the battery.

        Args:
            module: The input.
            sign: 1 while discharging, -1 while charging.
            measured: Whether the battery tells its own power.
        """
        part = Part(PartKind.BATTERY, 1)
        counted = Quantity.ENERGY_CHARGED if sign < 0 else Quantity.ENERGY_DISCHARGED
        if (part, counted) in self._points:
            return
        fields = module.resolved_fields
        point = _point(part, counted, fields["energy_produced"], 1.0)
        self._points[part, counted] = [point]
        if measured:
            return
        point = _point(part, Quantity.DC_POWER, fields["dc_power"], sign)
        self._points.setdefault((part, Quantity.DC_POWER), []).append(point)
        point = _point(part, Quantity.DC_VOLTAGE, fields["dc_voltage"], 1.0)
        self._points.setdefault((part, Quantity.DC_VOLTAGE), [point])

    def _ports(self, model: SunSpecModel) -> None:
        component = self._bind(model, models.der_dc(model))
        string = battery = 0
        for port in component.ports:
            kind = self._names.get(port.resolved_fields["port_type"].address)
            if kind == "storage":
                battery += 1
                self._points_of(Part(PartKind.BATTERY, battery), port, model)
            else:
                string += 1
                self._points_of(Part(PartKind.STRING, string), port, model)

    def _bind(self, model: SunSpecModel, layout: type[SunSpecComponent]) -> Any:
        self._headers.append(Header(model))
        return layout(self._unit, model)

    def _add(
        self, part: Part, model: SunSpecModel, layout: type[SunSpecComponent]
    ) -> None:
        self._points_of(part, self._bind(model, layout), model)

    def _points_of(self, part: Part, component: Any, model: SunSpecModel) -> None:
        for name, resolved in fields_within(component, model).items():
            match name:
                case "status":
                    words = component.STATUSES
                case "events":
                    words = component.EVENTS
                case "energy_injected":
                    name = (
                        Quantity.ENERGY_DISCHARGED
                        if part.kind is PartKind.BATTERY
                        else Quantity.ENERGY_PRODUCED
                    )
                    words = ()
                case "energy_absorbed" if part.kind is PartKind.BATTERY:
                    name, words = Quantity.ENERGY_CHARGED, ()
                case _ if name in Quantity:
                    words = ()
                case _:
                    continue
            point = _point(part, name, resolved, 1.0, words)
            self._points.setdefault((part, name), [point])


def fields_within(component: Any, model: SunSpecModel) -> dict[str, Any]:
    """Return a component's fields without those beyond the model's own length."""
    end = model.address + model.span
    return {
        name: resolved
        for name, resolved in component.resolved_fields.items()
        if resolved.address + resolved.count <= end
        and (resolved.scale_address is None or resolved.scale_address < end)
    }


def _storage_sign(name: str) -> float:
    """Return 1 for a discharging input, -1 for a charging one, 0 for a string."""
    if _DISCHARGE_INPUT.search(name):
        return 1.0
    return -1.0 if _CHARGE_INPUT.search(name) else 0.0


def _point(
    part: Part,
    name: str,
    resolved: Any,
    factor: float,
    words: Mapping[int, str] | tuple[str, ...] = (),
) -> Point:
    return Point(
        part=part,
        name=name,
        field=resolved.field,
        span=Span(resolved.address, resolved.count),
        scale=resolved.scale_address,
        factor=factor,
        words=words,
    )


def spans_of(points: Iterable[Point]) -> set[Span]:
    """Return every register span that the points need."""
    return {span for point in points for span in point.spans}


def _signed(word: int) -> int:
    return word - 0x1_0000 if word & 0x8000 else word


__all__ = [
    "EVENTS",
    "STATUS",
    "Header",
    "Layout",
    "LayoutBuilder",
    "Point",
    "fields_within",
    "spans_of",
]
