"""SunSpec models: a table of points, and how it becomes registers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .points import Point, Value, encode, fits

SCALE_FACTORS: Mapping[str, int] = {
    "AHRtg_SF": -1,
    "AMax_SF": 0,
    "ARtg_SF": -1,
    "A_SF": -2,
    "CellV_SF": -3,
    "DCA_SF": -2,
    "DCV_SF": -1,
    "DCWH_SF": 0,
    "DCW_SF": 0,
    "Hz_SF": -2,
    "MaxChaRte_SF": 0,
    "MaxDisChaRte_SF": 0,
    "PFRtg_SF": -2,
    "PF_SF": -2,
    "Pct_SF": -1,
    "SoC_SF": -1,
    "SoH_SF": -1,
    "Tmp_SF": -1,
    "TotWh_SF": 0,
    "VARtg_SF": 0,
    "VAR_SF": 0,
    "VA_SF": 0,
    "VArRtg_SF": 0,
    "VAr_SF": 0,
    "V_SF": -1,
    "Var_SF": 0,
    "WChaDisChaMax_SF": 0,
    "WHRtg_SF": 0,
    "WH_SF": 0,
    "WRtg_SF": 0,
    "W_SF": 0,
}
"""Smallest exponent used for each scale factor; others are not implemented."""


@dataclass(frozen=True, slots=True)
class Model:
    """The points of a model, with those of its repeating group if it has one."""

    id: int
    points: tuple[Point, ...]
    group: tuple[Point, ...] = ()
    scale_factors: Mapping[str, int] | None = None
    """Exponents that differ from `SCALE_FACTORS`."""

    def offset(self, name: str) -> int | None:
        """Return the offset of a point from the model id, None without the point."""
        return next((point.offset for point in self.points if point.name == name), None)


@dataclass(frozen=True, slots=True)
class ModelValues:
    """Values in SI units by point name; points left out are not implemented."""

    points: Mapping[str, Value]
    groups: Sequence[Mapping[str, Value]] = ()


@dataclass(frozen=True, slots=True)
class EncodedModel:
    """A model as registers, its id and length first."""

    id: int
    registers: list[int]


def _size(points: tuple[Point, ...]) -> int:
    """Return how many registers the points span."""
    return max(point.offset + point.size for point in points) if points else 0


def _exponents(
    model: Model, values: ModelValues, wanted: Mapping[str, int]
) -> dict[str, int]:
    """Return an exponent for each scale factor, large enough for all its points."""
    exponents = {
        point.name: wanted[point.name]
        for point in model.points
        if point.type == "sunssf" and point.name in wanted
    }
    tables = [(model.points, values.points)]
    tables += [(model.group, group) for group in values.groups]
    for points, table in tables:
        for point in points:
            value = table.get(point.name)
            if point.sf is None or value is None or isinstance(value, str):
                continue
            while not fits(point, value, exponents[point.sf]):
                exponents[point.sf] += 1
    return exponents


def encode_model(
    model: Model,
    values: ModelValues,
    scale_factors: Mapping[str, int] | None = None,
    *,
    length: int | None = None,
) -> EncodedModel:
    """Return the registers of a model.

    A scale factor grows when a value would not fit; accumulators roll over.

    Args:
        model: the table.
        values: what it shows.
        scale_factors: exponents that differ from the default.
        length: the model's length where it may vary (model 1: 65 or 66).
    """
    wanted = {**SCALE_FACTORS, **(model.scale_factors or {}), **(scale_factors or {})}
    exponents = _exponents(model, values, wanted)
    size = _size(model.points)
    group_size = _size(model.group)
    total = size + group_size * len(values.groups)
    if length is not None:
        total = 2 + length
    registers = [0] * (size + group_size * len(values.groups))

    def place(points: tuple[Point, ...], table: Mapping[str, Value], at: int) -> None:
        for point in points:
            if point.type == "sunssf":
                encoded = encode(point, exponents.get(point.name))
            else:
                exponent = 0 if point.sf is None else exponents.get(point.sf, 0)
                encoded = encode(point, table.get(point.name), exponent)
            start = at + point.offset
            registers[start : start + point.size] = encoded

    place(model.points, values.points, 0)
    for number, group in enumerate(values.groups):
        place(model.group, group, size + number * group_size)
    registers[:2] = [model.id, total - 2]
    return EncodedModel(model.id, registers[:total])
