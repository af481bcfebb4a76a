"""What PVGIS answers, checked field by field."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isclose
from typing import Final

import numpy as np

from ..document import DocumentError, Node, read_document
from ..model.arrays import FloatArray
from ..model.horizon import Horizon
from ..web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebRefusedError,
    WebUnreachableError,
)

_MOST: Final = 8 << 20
_LONGEST_SERIES: Final = 25 * 8784
_LONGEST_MONTHLY: Final = 12 * 60
_BIG: Final = 1e12


@dataclass(frozen=True, slots=True)
class Origin:
    """What an answer was computed from.

    Attributes:
        latitude: Degrees.
        longitude: Degrees.
        altitude: m.
        radiation_db: Name of the radiation database.
        first_year: Of the data.
        last_year: Of the data.
    """

    latitude: float
    longitude: float
    altitude: float
    radiation_db: str
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class MonthProduction:
    """A month of a mean year.

    Attributes:
        energy: Wh.
        energy_std: Standard deviation from year to year, Wh.
        irradiation: On the modules, Wh/m2.
    """

    energy: float
    energy_std: float
    irradiation: float


@dataclass(frozen=True, slots=True)
class ProductionAnswer:
    """What `PVcalc` expects of an array.

    Attributes:
        origin: What it was computed from.
        peak_power: W.
        months: January to December.
        energy: Of a mean year, Wh.
        energy_std: Standard deviation from year to year, Wh.
        irradiation: Of a mean year on the modules, Wh/m2.
        total_loss: Share between nominal and expected energy, negative.
        spectral_loss: Share by the colour of light, ``None`` where PVGIS has none.
    """

    origin: Origin
    peak_power: float
    months: tuple[MonthProduction, ...]
    energy: float
    energy_std: float
    irradiation: float
    total_loss: float
    spectral_loss: float | None


@dataclass(frozen=True, slots=True)
class MonthRadiation:
    """A month of one year.

    Attributes:
        year: Calendar year.
        month: 1 to 12.
        irradiation: On the horizontal, Wh/m2.
        temp_air: Mean, °C.
        diffuse_share: 0 to 1.
    """

    year: int
    month: int
    irradiation: float
    temp_air: float | None
    diffuse_share: float | None


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """What `seriescalc` has for each hour; every field has one value an hour.

    The satellite databases give instants some minutes after the hour, ERA5 gives the
    mean around half past.

    Attributes:
        origin: What it was computed from.
        instants: s since 1970.
        poa_global: On the plane, W/m2.
        power: W, or ``None`` if it was not asked for.
        sun_elevation: Degrees.
        temp_air: °C.
        wind_speed: At 10 m, m/s.
        reconstructed: 1 where the satellite saw nothing.
    """

    origin: Origin
    instants: FloatArray
    poa_global: FloatArray
    power: FloatArray | None
    sun_elevation: FloatArray
    temp_air: FloatArray
    wind_speed: FloatArray
    reconstructed: FloatArray


def parse_production(answer: WebAnswer) -> ProductionAnswer:
    """Return the answer of `PVcalc`.

    Raises:
        WebError: PVGIS refused, is busy or answered something else.
    """
    return _parse(answer, _production)


def parse_horizon(answer: WebAnswer) -> Horizon:
    """Return the answer of `printhorizon`.

    Raises:
        WebError: PVGIS refused, is busy or answered something else.
    """
    return _parse(answer, _horizon)


def parse_monthly(answer: WebAnswer) -> tuple[MonthRadiation, ...]:
    """Return the answer of `MRcalc`.

    Raises:
        WebError: PVGIS refused, is busy or answered something else.
    """
    return _parse(answer, _monthly)


def parse_series(answer: WebAnswer) -> SeriesAnswer:
    """Return the answer of `seriescalc`.

    Raises:
        WebError: PVGIS refused, is busy or answered something else.
    """
    return _parse(answer, _series)


def _parse[T](answer: WebAnswer, read: Callable[[Node], T]) -> T:
    if answer.status != 200:
        _refused(answer)
    try:
        return read(read_document(answer.body, _MOST))
    except DocumentError as error:
        raise WebAnswerError(f"PVGIS: {error}") from error


def _refused(answer: WebAnswer) -> None:
    """Raise why PVGIS did not answer, in its own words where it has some."""
    try:
        message = read_document(answer.body, 1 << 16)["message"].text(1000)
    except DocumentError:
        message = ""
    if answer.status in {429, 529}:
        raise WebBusyError(message or "PVGIS is overloaded")
    if 400 <= answer.status < 500:
        raise WebRefusedError(message or f"PVGIS refuses with status {answer.status}")
    raise WebUnreachableError(message or f"PVGIS fails with status {answer.status}")


def _origin(top: Node) -> Origin:
    location, data = top["inputs"]["location"], top["inputs"]["meteo_data"]
    return Origin(
        location["latitude"].number(-90.0, 90.0),
        location["longitude"].number(-180.0, 180.0),
        location["elevation"].number(-500.0, 9000.0),
        data["radiation_db"].text(),
        data["year_min"].integer(1900, 2200),
        data["year_max"].integer(1900, 2200),
    )


def _only(node: Node) -> Node:
    """Return the value of the one key, which names how the modules are held."""
    keys = list(node.mapping())
    if len(keys) != 1:
        node.fail("does not hold one mounting system")
    return node[keys[0]]


def _production(top: Node) -> ProductionAnswer:
    module, outputs = top["inputs"]["pv_module"], top["outputs"]
    rows = _only(outputs["monthly"]).items(12, 12)
    for number, row in enumerate(rows, start=1):
        if row["month"].integer(1, 12) != number:
            row["month"].fail("is out of order")
    months = tuple(
        MonthProduction(
            1000.0 * row["E_m"].number(0.0, _BIG),
            1000.0 * row["SD_m"].number(0.0, _BIG),
            1000.0 * row["H(i)_m"].number(0.0, 1000.0),
        )
        for row in rows
    )
    totals = _only(outputs["totals"])
    energy = 1000.0 * totals["E_y"].number(0.0, _BIG)
    if not isclose(
        energy, sum(month.energy for month in months), rel_tol=0.01, abs_tol=1000.0
    ):
        totals["E_y"].fail("is not the sum of the months")
    return ProductionAnswer(
        _origin(top),
        1000.0 * module["peak_power"].number(0.0, 1e6),
        months,
        energy,
        1000.0 * totals["SD_y"].number(0.0, _BIG),
        1000.0 * totals["H(i)_y"].number(0.0, 5000.0),
        totals["l_total"].number(-100.0, 100.0) / 100.0,
        _spectral(totals["l_spec"]),
    )


def _spectral(node: Node) -> float | None:
    """Return the spectral loss, which PVGIS writes as a text, "?(0)" if unknown."""
    if not isinstance(node.value, str):
        return node.number(-100.0, 100.0) / 100.0
    try:
        return Node(float(node.text(20)), node.path).number(-100.0, 100.0) / 100.0
    except ValueError:
        return None


def _horizon(top: Node) -> Horizon:
    points = [
        (row["A"].number(-180.0, 180.0) + 180.0, row["H_hor"].number(0.0, 90.0))
        for row in top["outputs"]["horizon_profile"].items(1000, 4)
    ]
    return Horizon.from_points(points)


def _monthly(top: Node) -> tuple[MonthRadiation, ...]:
    return tuple(
        MonthRadiation(
            row["year"].integer(1900, 2200),
            row["month"].integer(1, 12),
            1000.0 * row["H(h)_m"].number(0.0, 1000.0),
            row["T2m"].number(-90.0, 60.0) if row.has("T2m") else None,
            row["Kd"].number(0.0, 1.0) if row.has("Kd") else None,
        )
        for row in top["outputs"]["monthly"].items(_LONGEST_MONTHLY, 12)
    )


def _series(top: Node) -> SeriesAnswer:
    rows = top["outputs"]["hourly"].items(_LONGEST_SERIES, 1)
    instants = np.array([_instant(row["time"]) for row in rows])
    if np.any(np.diff(instants) <= 0.0):
        top["outputs"]["hourly"].fail("does not run forward in time")
    parts = ("G(i)",) if rows[0].has("G(i)") else ("Gb(i)", "Gd(i)", "Gr(i)")
    return SeriesAnswer(
        _origin(top),
        instants,
        sum((_column(rows, part, 0.0, 2000.0) for part in parts), np.zeros(len(rows))),
        _column(rows, "P", 0.0, _BIG) if rows[0].has("P") else None,
        _column(rows, "H_sun", -90.0, 90.0),
        _column(rows, "T2m", -90.0, 60.0),
        _column(rows, "WS10m", 0.0, 150.0),
        _column(rows, "Int", 0.0, 1.0),
    )


def _column(rows: list[Node], key: str, low: float, high: float) -> FloatArray:
    return np.array([row[key].number(low, high) for row in rows])


def _instant(node: Node) -> float:
    try:
        when = datetime.strptime(node.text(20), "%Y%m%d:%H%M")
    except ValueError:
        node.fail("is no time")
    return when.replace(tzinfo=UTC).timestamp()
