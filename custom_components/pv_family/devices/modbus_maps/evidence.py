"""How well the registers of a device fit a family: checks that physics can decide.

A register map that is full of zeros, or not there at all, proves nothing, so no
check counts in favour of a family that only sees zeros.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ...readings.quantity import BOUNDS, Kind, Quantity
from ..device import Capability, PartKind
from .decode import Decoded, decode
from .device import serial_number
from .layout import Image
from .phases import absent_phases
from .schema import Family

INVERTER: Final = str(PartKind.INVERTER)
_METER: Final = "meter_1"
_BATTERY: Final = "battery_1"
_LOAD: Final = str(PartKind.LOAD)
_VOLTAGES: Final = (
    Quantity.AC_VOLTAGE_L1,
    Quantity.AC_VOLTAGE_L2,
    Quantity.AC_VOLTAGE_L3,
)
_CURRENTS: Final = (
    Quantity.AC_CURRENT_L1,
    Quantity.AC_CURRENT_L2,
    Quantity.AC_CURRENT_L3,
)
_TEMPERATURES: Final = (
    Quantity.TEMPERATURE_CABINET,
    Quantity.TEMPERATURE_HEAT_SINK,
    Quantity.TEMPERATURE_TRANSFORMER,
)
# Below this, rounding hides whether voltage times current is the power, in W.
_FEW_WATTS: Final = 100.0


class Check(StrEnum):
    """What was looked at."""

    BATTERY_CHARGE = "battery_charge"
    BATTERY_POWER = "battery_power"
    BATTERY_VOLTAGE = "battery_voltage"
    CONVERSION = "conversion"
    ENERGY_TODAY = "energy_today"
    ENERGY_TOTAL = "energy_total"
    FINGERPRINT = "fingerprint"
    FREQUENCY = "frequency"
    HOUSE_BALANCE = "house_balance"
    PHASE_POWER = "phase_power"
    PHASE_VOLTAGE = "phase_voltage"
    POWER_RANGE = "power_range"
    SERIAL_NUMBER = "serial_number"
    SERVED = "served"
    STATUS = "status"
    STRING_POWER = "string_power"
    STRING_VOLTAGE = "string_voltage"
    TEMPERATURE = "temperature"
    UNIT_ID = "unit_id"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says.

    Attributes:
        check: What was looked at.
        points: How much it speaks for the family, below 0 against it.
        numbers: What was seen, for the user.
    """

    check: Check
    points: float
    numbers: Mapping[str, float]


def findings(family: Family, image: Image) -> tuple[Finding, ...]:
    """Return what every check says of some registers.

    Args:
        family: The family that they may be of.
        image: The registers that could be read.
    """
    found = decode(family, image, family.points)
    alive = [part for part in found.parts if found.alive(part)]
    found.keep(alive)
    found.forget(absent_phases(found))
    return (
        *_identity(family, image),
        *_served(family, image),
        *_status(family, image),
        *(finding for check in _CHECKS for finding in check(found)),
        *_balance(family, found),
    )


def _identity(family: Family, image: Image) -> Iterator[Finding]:
    serial = family.identity.serial
    length = 0 if serial is None else len(serial_number(serial, image))
    for mark in family.fingerprints:
        matches = mark.matches(image, zero=length >= 6)
        if matches is not None:
            code = mark.register.decode(image)
            numbers = {} if isinstance(code, str) else {"code": float(code)}
            yield Finding(Check.FINGERPRINT, 4.0 if matches else -6.0, numbers)
    if serial is None or not (words := serial.words(image)):
        return
    if length >= 6:
        yield Finding(Check.SERIAL_NUMBER, 1.5, {"characters": length})
    elif len(set(words)) > 1 and serial.type == "str":
        yield Finding(Check.SERIAL_NUMBER, -1.5, {"characters": length})


def _served(family: Family, image: Image) -> Iterator[Finding]:
    """What the device refuses speaks against, what it serves says little."""
    own = [p for p in family.points if p.part.kind is PartKind.INVERTER]
    needed = own or list(family.points)
    served = sum(point.is_read(image) for point in needed)
    share = served / len(needed)
    numbers = {"served": float(served), "of": float(len(needed))}
    yield Finding(Check.SERVED, 0.5 if share == 1.0 else -4.0 * (1.0 - share), numbers)


def _status(family: Family, image: Image) -> Iterator[Finding]:
    for status in family.statuses:
        code = status.register.decode(image)
        if status.part.kind is PartKind.INVERTER and code:
            known = int(code) in status.words
            points = 1.0 if known else -2.0
            yield Finding(Check.STATUS, points, {"code": float(code)})


def _frequency(found: Decoded) -> Iterator[Finding]:
    value = found.get(INVERTER, Quantity.FREQUENCY)
    if value:
        points = 2.0 if 45.0 <= value <= 65.0 else -3.0
        yield Finding(Check.FREQUENCY, points, {"hertz": value})


def _phase_voltage(found: Decoded) -> Iterator[Finding]:
    values = [found.get(INVERTER, quantity) for quantity in _VOLTAGES]
    seen = [value for value in values if value]
    if not seen:
        return
    good = [value for value in seen if 80.0 <= value <= 500.0]
    points = 2.0 if len(good) == len(seen) else -2.0
    yield Finding(Check.PHASE_VOLTAGE, points, {"volt": seen[0], "phases": len(good)})


def _phase_power(found: Decoded) -> Iterator[Finding]:
    power = found.get(INVERTER, Quantity.AC_POWER)
    carried = 0.0
    for voltage, current in zip(_VOLTAGES, _CURRENTS, strict=True):
        volts, amperes = found.get(INVERTER, voltage), found.get(INVERTER, current)
        if volts and amperes:
            carried += abs(volts * amperes)
    if power is None or max(abs(power), carried) < _FEW_WATTS or not carried:
        return
    # Reactive current carries no power, and some models tell one phase of three.
    fits = abs(power) <= 1.2 * 3.0 * carried + _FEW_WATTS
    numbers = {"watt": power, "volt_ampere": carried}
    yield Finding(Check.PHASE_POWER, 1.0 if fits else -2.0, numbers)


def _strings(found: Decoded) -> Iterator[Finding]:
    for part in found.parts:
        if not part.startswith(PartKind.STRING):
            continue
        volts = found.get(part, Quantity.DC_VOLTAGE)
        amperes = found.get(part, Quantity.DC_CURRENT)
        watts = found.values.get(Capability(part, Quantity.DC_POWER))
        if volts:
            points = 0.5 if volts <= 1500.0 else -1.0
            yield Finding(Check.STRING_VOLTAGE, points, {"volt": volts})
        if watts is None or volts is None or amperes is None:
            continue
        product = volts * amperes
        if max(abs(watts), abs(product)) < _FEW_WATTS:
            continue
        fits = _agree(watts, product)
        numbers = {"watt": watts, "volt_times_ampere": product}
        yield Finding(Check.STRING_POWER, 2.0 if fits else -3.0, numbers)


def _battery(found: Decoded) -> Iterator[Finding]:
    volts = found.get(_BATTERY, Quantity.DC_VOLTAGE)
    amperes = found.get(_BATTERY, Quantity.DC_CURRENT)
    watts = found.values.get(Capability(_BATTERY, Quantity.DC_POWER))
    charge = found.get(_BATTERY, Quantity.STATE_OF_CHARGE)
    if volts:
        points = 0.5 if 10.0 <= volts <= 1000.0 else -1.5
        yield Finding(Check.BATTERY_VOLTAGE, points, {"volt": volts})
    if charge:
        yield Finding(Check.BATTERY_CHARGE, 0.5, {"percent": charge})
    if watts is None or volts is None or amperes is None:
        return
    product = volts * amperes
    if max(abs(watts), abs(product)) < _FEW_WATTS:
        return
    fits = _agree(watts, product)
    numbers = {"watt": watts, "volt_times_ampere": product}
    yield Finding(Check.BATTERY_POWER, 2.0 if fits else -3.0, numbers)


def _energies(found: Decoded) -> Iterator[Finding]:
    total = found.get(INVERTER, Quantity.ENERGY_PRODUCED)
    today = found.get(INVERTER, Quantity.ENERGY_PRODUCED_TODAY)
    if total:
        # A hundred kilowatts for thirty years.
        points = 1.0 if total < 5e9 else -3.0
        yield Finding(Check.ENERGY_TOTAL, points, {"watt_hours": total})
    if today:
        fits = today < 5e6 and (total is None or today <= total)
        points = 0.5 if fits else -2.0
        yield Finding(Check.ENERGY_TODAY, points, {"watt_hours": today})


def _temperature(found: Decoded) -> Iterator[Finding]:
    for quantity in _TEMPERATURES:
        value = found.get(INVERTER, quantity)
        if value:
            points = 0.5 if -30.0 <= value <= 110.0 else -1.0
            yield Finding(Check.TEMPERATURE, points, {"celsius": value})
            return


def _power_range(found: Decoded) -> Iterator[Finding]:
    """A power that no home has was read from the wrong registers."""
    for (_, name), value in (*found.values.items(), *found.derived.items()):
        kind = BOUNDS[Quantity(name)].kind
        if kind is Kind.POWER and abs(value) > 200_000.0:
            yield Finding(Check.POWER_RANGE, -3.0, {"watt": value})


_CHECKS: Final[tuple[Callable[[Decoded], Iterator[Finding]], ...]] = (
    _frequency,
    _phase_voltage,
    _phase_power,
    _strings,
    _battery,
    _energies,
    _temperature,
    _power_range,
)


def _balance(family: Family, found: Decoded) -> Iterator[Finding]:
    """Compare what goes into the inverter and the house with what comes out."""
    power = found.get(INVERTER, Quantity.AC_POWER)
    if power is None:
        return
    direct = _arrays(found)
    battery = found.get(_BATTERY, Quantity.DC_POWER) or 0.0
    if direct is not None and abs(direct + battery) >= 2.0 * _FEW_WATTS:
        inside = direct + battery
        fits = abs(power - inside) <= 0.15 * (abs(direct) + abs(battery)) + _FEW_WATTS
        numbers = {"watt_dc": inside, "watt_ac": power}
        yield Finding(Check.CONVERSION, 2.0 if fits else -1.0, numbers)
    grid = found.get(_METER, Quantity.AC_POWER)
    load = found.get(_LOAD, Quantity.AC_POWER)
    if grid is None or load is None or _same_registers(family):
        return
    if max(abs(power), abs(grid), abs(load)) >= _FEW_WATTS:
        fits = abs(power + grid - load) <= 0.1 * abs(load) + _FEW_WATTS
        numbers = {"watt_inverter": power, "watt_grid": grid, "watt_load": load}
        yield Finding(Check.HOUSE_BALANCE, 1.5 if fits else -0.5, numbers)


def _arrays(found: Decoded) -> float | None:
    """Return what all arrays give, in W."""
    total = found.get(INVERTER, Quantity.DC_POWER)
    if total is not None:
        return total
    powers = [
        power
        for part in found.parts
        if part.startswith(PartKind.STRING)
        and (power := found.get(part, Quantity.DC_POWER)) is not None
    ]
    return sum(powers) if powers else None


def _same_registers(family: Family) -> bool:
    """Tell whether inverter and load share registers, so that nothing is compared."""
    places: dict[PartKind, set[object]] = {}
    for point in family.points:
        if point.quantity is Quantity.AC_POWER:
            places.setdefault(point.part.kind, set()).update(point.places)
    return not places[PartKind.INVERTER].isdisjoint(places[PartKind.LOAD])


def _agree(one: float, other: float) -> bool:
    """Tell whether two measurements of a power are the same within their classes."""
    return abs(one - other) <= 0.1 * max(abs(one), abs(other)) + 30.0
