"""Devices of makers' own Modbus maps: any map served with chosen values, or replayed.

The map files are read here by other code than the integration's, and values are
written into registers by `struct` where the integration reads them by fields, so that
the two only agree if both understand the map alike.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import struct
from typing import Any, override

from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.simulator.simcore import SimCore
import yaml

from .faults import Faults
from .modbus_server import SimulatedModbusServer
from .registers import (
    IllegalAddressError,
    IllegalValueError,
    RegisterError,
    RegisterImage,
    UnknownUnitError,
    read_image,
)

FAMILIES = (
    Path(__file__).parents[1]
    / "custom_components/pv_family/devices/modbus_maps/families"
)
_TABLES = {3: "holding", 4: "input"}
_FORMATS = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "f32": "f"}
_MISSING = {
    "u16": 0xFFFF,
    "s16": -0x8000,
    "u32": 0xFFFF_FFFF,
    "s32": -0x8000_0000,
    "u64": 0xFFFF_FFFF_FFFF_FFFF,
    "f32": float("nan"),
}
_UNITS = {
    "kW": 1e3,
    "kWh": 1e3,
    "MWh": 1e6,
    "mV": 1e-3,
    "mA": 1e-3,
    "kohm": 1e3,
    "Mohm": 1e6,
    "kVA": 1e3,
    "kvar": 1e3,
}

type Values = Mapping[str, Mapping[str, float]]
"""Values in SI units and the project's signs by part and quantity."""

type Registers = dict[str, dict[int, int]]
"""Registers by table and address."""


@dataclass(frozen=True)
class Scene:
    """What a device shows.

    Attributes:
        values: By part and quantity, in SI units and the project's signs.
        statuses: The word of each part.
        events: The active words of each part.
        serial: Its serial number; a number where the map has one.
        model: What it calls itself.
        rated_power: W.
        fingerprint: Value by address of the registers that tell families apart.
    """

    values: Values
    statuses: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    serial: str = "2309123456"
    model: str = ""
    rated_power: float = 10_000.0
    fingerprint: Mapping[int, int] = field(default_factory=dict)


def load_map(path: Path) -> dict[str, Any]:
    """Return a map file's content as plain data."""
    text = path.read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return content


def map_of(key: str) -> dict[str, Any]:
    """Return the map of one of the integration's families."""
    return load_map(FAMILIES / f"{key}.yaml")


def encode(document: Mapping[str, Any], scene: Scene) -> Registers:
    """Return the registers of a map that show a scene; the rest shows no value."""
    return _Encoder(document, scene).run()


class _Encoder:
    """One encoding of one scene."""

    def __init__(self, document: Mapping[str, Any], scene: Scene) -> None:
        """Start with empty tables."""
        self.document = document
        self.scene = scene
        self.registers: Registers = {"holding": {}, "input": {}}
        self.known: dict[tuple[str, int], float] = {}

    def run(self) -> Registers:
        """Write everything that the map names."""
        self._identity()
        # What stands alone decides; sums share what is left.
        for part, point, shift in sorted(
            self._points(), key=lambda found: len(found[1].get("terms", "x"))
        ):
            value = self.scene.values.get(part, {}).get(point["quantity"])
            self._point(point, shift, value)
        self._statuses()
        self._events()
        return self.registers

    def _points(self) -> Iterator[tuple[str, dict[str, Any], int]]:
        for point in self.document["points"]:
            if "repeat" not in point:
                yield point["part"], point, 0
                continue
            for index in range(point["repeat"]):
                part = f"{point['part']}_{index + 1}"
                yield part, point, index * point["step"]

    def _point(self, point: dict[str, Any], shift: int, value: float | None) -> None:
        terms = point.get("terms", [point])
        if value is None:
            for term in terms:
                if self._key(term, shift) not in self.known:
                    self._write(term, shift, _MISSING[term.get("type", "u16")])
            return
        rest = value
        free = []
        for term in terms:
            if (given := self.known.get(self._key(term, shift))) is not None:
                rest -= given * _sign(term)
            else:
                free.append(term)
        # One direction of a difference holds everything, the other nothing.
        fitting = [t for t in free if rest == 0.0 or _sign(t) * rest > 0.0] or free
        for term in free:
            share = rest if fitting and term is fitting[0] else 0.0
            self._term(term, shift, share)

    def _term(self, term: dict[str, Any], shift: int, value: float) -> None:
        if direction := term.get("sign_from"):
            negative = direction["negative"]
            mask = direction.get("mask", 0xFFFF)
            told = next(
                code
                for code in ([*negative] if value < 0 else range(0x10000))
                if (value < 0) == ((code & mask) in negative)
            )
            self._merge(direction, shift, told, mask)
            value = abs(value)
        unit = _UNITS.get(term.get("unit", ""), 1.0)
        self.known[self._key(term, shift)] = value * _sign(term)
        raw = (value * _sign(term) - term.get("offset", 0)) / (
            term.get("scale", 1) * unit
        )
        exact = raw if term.get("type") == "f32" else round(raw)
        self._write(term, shift, exact)

    def _key(self, term: dict[str, Any], shift: int) -> tuple[str, int]:
        address = term["address"]
        first = address[0] if isinstance(address, list) else address
        return self._table(term), first + shift

    def _table(self, item: Mapping[str, Any]) -> str:
        return str(item.get("table", self.document.get("table", "holding")))

    def _write(self, item: Mapping[str, Any], shift: int, raw: float) -> None:
        """Put a raw value into its registers, in the order of the words."""
        kind = item.get("type", "u16")
        data = struct.pack(">" + _FORMATS[kind], raw)
        words = list(struct.unpack(f">{len(data) // 2}H", data))
        order = item.get("word_order", self.document.get("word_order", "big"))
        if order == "little":
            words.reverse()
        address = item["address"]
        places = (
            [a + shift for a in address]
            if isinstance(address, list)
            else range(address + shift, address + shift + len(words))
        )
        self.registers[self._table(item)].update(zip(places, words, strict=True))

    def _merge(
        self, item: Mapping[str, Any], shift: int, value: int, mask: int
    ) -> None:
        registers = self.registers[self._table(item)]
        address = item["address"] + shift
        registers[address] = registers.get(address, 0) & ~mask | value & mask

    def _text(self, item: Mapping[str, Any], text: str) -> None:
        data = text.encode("ascii").ljust(2 * item["count"], b"\0")
        words = struct.unpack(f">{item['count']}H", data[: 2 * item["count"]])
        registers = self.registers[self._table(item)]
        registers.update(enumerate(words, item["address"]))

    def _identity(self) -> None:
        identity = self.document.get("identity", {})
        for mark in self.document.get("fingerprints", []):
            if mark.get("type") == "str":
                self._text(mark, self.scene.model or mark["prefix"])
                continue
            default = mark["values"][0] if "values" in mark else 0x0100
            value = self.scene.fingerprint.get(mark["address"], default)
            self._write(mark, 0, value)
        texts = {
            "serial": self.scene.serial,
            "model": self.scene.model,
            "version": "V1.2",
        }
        for name, text in texts.items():
            if (item := identity.get(name)) is None:
                continue
            if item["address"] in self.registers[self._table(item)]:
                continue
            if item.get("type") == "str":
                self._text(item, text)
            else:
                self._write(item, 0, int(self.scene.serial))
        if item := identity.get("rated_power"):
            self._term(item, 0, self.scene.rated_power)

    def _statuses(self) -> None:
        for status in self.document.get("statuses", []):
            word = self.scene.statuses.get(status["part"])
            codes = [code for code, said in status["words"].items() if said == word]
            code = codes[0] if codes else 0
            self._write(status, 0, code)

    def _events(self) -> None:
        for events in self.document.get("events", []):
            active = self.scene.events.get(events["part"], frozenset())
            width = struct.calcsize(_FORMATS[events.get("type", "u16")]) * 8
            for index in range(events.get("count", 1)):
                shift = index * width // 16
                if "codes" in events:
                    codes = [c for c, said in events["codes"].items() if said in active]
                    if codes:
                        self._write(events, shift, codes[0])
                    elif (
                        self._key(events, shift)[1]
                        not in self.registers[self._table(events)]
                    ):
                        self._write(events, shift, 0)
                    continue
                value = sum(
                    1 << bit - index * width
                    for bit, said in events["bits"].items()
                    if said in active and index * width <= bit < (index + 1) * width
                )
                self._write(events, shift, value)


class MapDevice:
    """The registers of a map behind one or more unit ids, table by table."""

    def __init__(
        self, registers: Registers, units: frozenset[int], *, gaps: bool = False
    ) -> None:
        """Serve registers; with ``gaps`` every other register reads 0."""
        self.registers = registers
        self.units = units
        self.gaps = gaps
        self.reads: list[tuple[str, int, int]] = []
        """Table, address and count of every read."""

    def read_table(self, table: str, unit: int, address: int, count: int) -> list[int]:
        """Return registers of a table.

        Raises:
            RegisterError: the device answers with an exception.
        """
        self.reads.append((table, address, count))
        if unit not in self.units:
            raise UnknownUnitError(f"unit {unit}")
        image: RegisterImage = self.registers.get(table, {})
        if not self.gaps:
            return read_image(image, address, count)
        if not 1 <= count <= 125:
            raise IllegalValueError(f"{count} registers")
        if address + count > 0x10000:
            raise IllegalAddressError(f"no register {address + count - 1}")
        return [image.get(number, 0) for number in range(address, address + count)]

    def read(self, unit: int, address: int, count: int) -> list[int]:
        """Return holding registers.

        Raises:
            RegisterError: the device answers with an exception.
        """
        return self.read_table("holding", unit, address, count)


class MapServer(SimulatedModbusServer):
    """A Modbus TCP server that tells holding from input registers."""

    def __init__(
        self, device: MapDevice, faults: Faults | None = None, *, port: int = 0
    ) -> None:
        """Prepare a server; port 0 takes a free one."""
        super().__init__(device, faults, port=port)
        self.device = device

    @override
    async def _listen(self) -> None:
        await super()._listen()
        assert self._engine is not None
        self._engine.context = _Tables(self)


class _Tables(SimCore):
    """The registers of a map, where pymodbus keeps its own."""

    def __init__(self, server: MapServer) -> None:
        """Keep no devices: the map knows its units."""
        super().__init__(SimDevice(1, SimData(0, datatype=DataType.REGISTERS)))
        self._server = server

    @override
    async def async_getValues(
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """Return registers, or the code of an exception."""
        if (table := _TABLES.get(func_code)) is None:
            return ExcCodes.ILLEGAL_FUNCTION
        try:
            registers = self._server.device.read_table(table, device_id, address, count)
        except RegisterError as error:
            return ExcCodes(error.code)
        self._server.registers += count
        return registers

    @override
    async def async_setValues(
        self,
        device_id: int,
        func_code: int,
        address: int,
        values: list[int] | list[bool],
    ) -> ExcCodes | None:
        """Refuse writing."""
        return ExcCodes.ILLEGAL_FUNCTION


@dataclass(frozen=True)
class Recording:
    """The recorded registers of a real device.

    Attributes:
        device: Its model.
        unit: The unit id it answered on.
        registers: What it said.
        expected: What the recording's publisher reads in it, in vendor units.
    """

    device: str
    unit: int
    registers: Registers
    expected: Mapping[str, float]


def load_recordings(path: Path) -> list[Recording]:
    """Return the devices of a file of recorded blocks."""
    return [
        Recording(
            device=found["device"],
            unit=found["blocks"][0]["unit"],
            registers={_TABLES[block["function_code"]]: {} for block in found["blocks"]}
            | {
                "holding": {
                    address: int(word, 16)
                    for block in found["blocks"]
                    if block["function_code"] == 3
                    for address, word in enumerate(block["registers"], block["start"])
                }
            },
            expected=found["expected"],
        )
        for found in json.loads(path.read_text(encoding="utf-8"))
    ]


def _sign(term: Mapping[str, Any]) -> float:
    return float(term.get("sign", 1))
