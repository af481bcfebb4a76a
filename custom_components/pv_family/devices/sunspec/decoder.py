"""Turn a register image into readings, with all that can be known before worked out.

A poll decodes the same points every few seconds. What a point's type, sentinel,
sign, scale factor and series are does not change in between, so a decoder is made
once for a set of points and only looks at the registers after that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
import math
from typing import Final

from modbus_connection.model.fields import NumberField

from ...readings.quantity import BOUNDS, Kind, Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import EVENTS, STATUS, PartKind
from .layout import Point

type _Value = Callable[[Mapping[int, int]], float | None]

_ACC32: Final = 2**32
# What a scale factor may be (SunSpec device information model, sunssf).
_EXPONENTS: Final = range(-10, 11)
_MULTIPLIERS: Final[dict[int, int]] = {e & 0xFFFF: 10**e for e in _EXPONENTS if e >= 0}
_DIVISORS: Final[dict[int, int]] = {e & 0xFFFF: 10**-e for e in _EXPONENTS if e < 0}

# What a state of charging (model 124, ChaSt) means for a battery's power.
_SIGNS: Final = {1: 0.0, 2: 0.0, 3: 1.0, 4: -1.0, 5: 0.0, 6: 0.0}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a register image says.

    Attributes:
        readings: Every value that is implemented.
        statuses: The status of each part in words.
        events: The events active in each part.
        resolutions: Smallest step in Wh of each part's energy registers.
        moduli: Where each part's energy registers roll over, in Wh.
    """

    readings: list[Reading]
    statuses: dict[str, str]
    events: dict[str, frozenset[str]]
    resolutions: dict[str, float]
    moduli: dict[str, float]


class Decoder:
    """Decode a set of points."""

    def __init__(
        self,
        points: Sequence[Point],
        series: Callable[[Point], Series],
        factor: Callable[[Point], float],
    ) -> None:
        """Work out everything that does not depend on the registers.

        Args:
            points: What to decode.
            series: Gives the series of a point that is a quantity.
            factor: Gives what turns its value into the quantity's unit and sign.
        """
        quantities = [p for p in points if p.name not in (STATUS, EVENTS)]
        self._values = [(series(p), _value(p, factor(p))) for p in quantities]
        self._registers = [
            (point, series(point))
            for point in quantities
            if BOUNDS[series(point).quantity].kind is Kind.REGISTER
        ]
        self._power_factors = [
            s for s, _ in self._values if s.quantity is Quantity.POWER_FACTOR
        ]
        self._statuses = [
            (p.part.key, p, p.words)
            for p in points
            if p.name == STATUS and isinstance(p.words, Mapping)
        ]
        self._events = [
            (p.part.key, p, p.words)
            for p in points
            if p.name == EVENTS and isinstance(p.words, tuple)
        ]
        self._strings = _strings(s for s, _ in self._values)

    def decode(self, image: Mapping[int, int], taken: datetime) -> Decoded:
        """Return what the registers say.

        Args:
            image: The registers that could be read, by address.
            taken: When they were read (UTC).
        """
        values: dict[Series, float] = {}
        for series, read in self._values:
            if (value := read(image)) is not None:
                # Two inputs of one battery, its two directions, add up.
                values[series] = values[series] + value if series in values else value
        for series in self._power_factors:
            if abs(values.get(series, 0.0)) > 1.0:
                # Some makers give a ratio, others the percent of the model.
                values[series] /= 100.0
        readings = [Reading(series, value, taken) for series, value in values.items()]
        for voltage, current, power in self._strings:
            if power not in values and voltage in values and current in values:
                product = values[voltage] * values[current]
                readings.append(Reading(power, product, taken, Quality.DERIVED))
        # A status without any value is an input that nothing is wired to.
        alive = {series.part for series in values}
        statuses = {
            part: words[int(value)]
            for part, point, words in self._statuses
            if part in alive
            and (value := point.decode(image)) is not None
            and int(value) in words
        }
        events = {
            part: _bits(words, int(value))
            for part, point, words in self._events
            if part in alive and (value := point.decode(image)) is not None
        }
        return Decoded(readings, statuses, events, *self._scales(values, image))

    def _scales(
        self, values: Mapping[Series, float], image: Mapping[int, int]
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Return each part's coarsest register step and its roll-over, in Wh."""
        resolutions: dict[str, float] = {}
        moduli: dict[str, float] = {}
        for point, series in self._registers:
            value = values.get(series)
            if value is None or not 0.0 <= value <= BOUNDS[series.quantity].high:
                # The ledger will refuse the value, and its step tells nothing.
                continue
            key = series.part
            if (step := point.step(image)) is None:
                # A float register resolves 2**-23 of what it holds.
                step = value * 2**-22
            elif point.span.count == 2:
                moduli[key] = _ACC32 * step
            resolutions[key] = max(resolutions.get(key, 1.0), step)
        return resolutions, moduli


def _value(point: Point, factor: float) -> _Value:
    """Return a function that reads a quantity's value from a register image."""
    if point.direction is None:
        return _plain_value(point, factor)
    magnitude, state = _plain_value(point, 1.0), point.direction

    def read(image: Mapping[int, int]) -> float | None:
        value, sign = magnitude(image), _SIGNS.get(image.get(state, 0))
        return None if value is None or sign is None else abs(value) * sign * factor

    return read


def _plain_value(point: Point, factor: float) -> _Value:
    field = point.field
    if (
        isinstance(field, NumberField)
        and field.convert is None
        and field.word_order == "big"
        and (field.scale, field.offset) == (1.0, 0.0)
        and field.count <= 2
        and point.scale is not None
    ):
        return _scaled_integer(point, field, point.scale, factor)

    def read(image: Mapping[int, int]) -> float | None:
        value = point.decode(image)
        if value is None or not math.isfinite(value):
            return None
        return float(value) * factor

    return read


def _scaled_integer(
    point: Point, field: NumberField[float], scale: int, factor: float
) -> _Value:
    """Return a function that reads an integer of one or two scaled registers."""
    first, last = point.span.address, point.span.end - 1
    wide = last > first
    missing = field.nan or frozenset()
    sign = 0x8000_0000 if wide else 0x8000
    sign, fold = (sign, 2 * sign) if field.signed else (0, 0)

    def read(image: Mapping[int, int]) -> float | None:
        try:
            raw = image[first]
            if wide:
                raw = raw << 16 | image[last]
            exponent = image[scale]
        except KeyError:
            return None
        if raw in missing:
            return None
        if raw & sign:
            raw -= fold
        if (divisor := _DIVISORS.get(exponent)) is not None:
            # Dividing by a power of ten is exact to the last bit, unlike its inverse.
            return raw / divisor * factor
        if (multiplier := _MULTIPLIERS.get(exponent)) is not None:
            return raw * multiplier * factor
        return None

    return read


def _strings(found: Iterable[Series]) -> list[tuple[Series, Series, Series]]:
    """Return voltage, current and power of the strings that may tell no power."""
    return [
        (
            series,
            series._replace(quantity=Quantity.DC_CURRENT),
            series._replace(quantity=Quantity.DC_POWER),
        )
        for series in found
        if series.quantity is Quantity.DC_VOLTAGE
        and series.part.startswith(PartKind.STRING)
    ]


def _bits(words: tuple[str, ...], value: int) -> frozenset[str]:
    return frozenset(
        name for bit, name in enumerate(words) if name and value >> bit & 1
    )
