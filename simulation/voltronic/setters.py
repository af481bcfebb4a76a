"""The commands that change the settings of a simulated inverter."""

from collections.abc import Callable
from dataclasses import dataclass
import re

from .frame import ACK, NAK
from .inverter import InverterState


@dataclass(frozen=True, slots=True)
class _Setter:
    """A command that sets one thing.

    Attributes:
        shape: What it looks like; its group is the value.
        setting: What it sets.
        allowed: Tells whether a unit takes a value.
    """

    shape: re.Pattern[str]
    setting: str
    allowed: Callable[[InverterState, float], bool]


def _number(
    shape: str, setting: str, allowed: Callable[[InverterState, float], bool]
) -> _Setter:
    return _Setter(re.compile(shape), setting, allowed)


def _within(low: float, high: float) -> Callable[[InverterState, float], bool]:
    """Return a range for 48 V units, of which the others have their share."""

    def allowed(unit: InverterState, value: float) -> bool:
        share = unit.model.battery_voltage / 48.0
        return low * share <= value <= high * share or value == low == 0.0

    return allowed


def _one_of(*codes: int) -> Callable[[InverterState, float], bool]:
    return lambda unit, value: value in codes


_VOLTS = r"(\d\d\.\d)"
_SETTERS = (
    _number(r"POP(\d\d)", "output_priority", _one_of(0, 1, 2)),
    _number(
        r"PCP(\d\d)",
        "charger_priority",
        lambda unit, value: value in ({0, 1, 3} if _is_pip(unit) else {0, 1, 2, 3}),
    ),
    _number(r"PPCP\d(\d\d)", "charger_priority", _one_of(0, 1, 2, 3)),
    _number(r"PGR(\d\d)", "input_range", _one_of(0, 1)),
    _number(
        r"MNCHGC\d(\d{3})",
        "max_charge_current",
        lambda unit, value: value in unit.model.charge_currents,
    ),
    _number(
        r"MUCHGC0(\d\d)",
        "max_utility_charge_current",
        lambda unit, value: value in unit.model.utility_charge_currents,
    ),
    _number(rf"PBCV{_VOLTS}", "recharge_voltage", _within(44.0, 51.0)),
    _number(
        rf"PBDV{_VOLTS}",
        "redischarge_voltage",
        lambda unit, value: value == 0.0 or _within(48.0, 58.0)(unit, value),
    ),
    _number(rf"PSDV{_VOLTS}", "cut_off_voltage", _within(40.0, 48.0)),
    _number(rf"PCVV{_VOLTS}", "bulk_voltage", _within(48.0, 58.4)),
    _number(rf"PBFT{_VOLTS}", "float_voltage", _within(48.0, 58.4)),
)
_FLAG = re.compile(r"P([ED])([A-Z])")


def _is_pip(unit: InverterState) -> bool:
    return unit.model.family == "pip"


def apply(unit: InverterState, command: str) -> str | None:
    """Carry out a command and return its answer, `None` if it is not a setter."""
    if match := _FLAG.fullmatch(command):
        letter = match[2].lower()
        if letter not in unit.settings.flags:
            return NAK
        unit.settings.flags[letter] = match[1] == "E"
        return ACK
    for setter in _SETTERS:
        if match := setter.shape.fullmatch(command):
            value = float(match[1])
            if not setter.allowed(unit, value):
                return NAK
            volts = "." in match[1]
            setattr(unit.settings, setter.setting, value if volts else int(value))
            return ACK
    return None
