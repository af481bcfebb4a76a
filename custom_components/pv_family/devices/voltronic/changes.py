"""Check a change of a setting before it is sent."""

import math
from typing import Final

from .errors import SettingError
from .setting import Config, Kind, Offer, Value, voltage_of
from .settings import BULK, CUT_OFF, FLOAT, RECHARGE, REDISCHARGE, SETTINGS

# From the lowest up; between the marked ones and the next there must be a gap.
_ORDER: Final = (CUT_OFF, RECHARGE, REDISCHARGE, FLOAT, BULK)
_GAP_ABOVE: Final = frozenset({CUT_OFF, RECHARGE})
_TOLERANCE: Final = 0.05


def offers(config: Config) -> dict[str, Offer]:
    """Return what can be set on a unit, by key."""
    found = {key: setting.offer(config) for key, setting in SETTINGS.items()}
    return {key: offer for key, offer in found.items() if offer is not None}


def check(config: Config, key: str, value: Value) -> Value:
    """Return the value as it will be sent.

    Raises:
        SettingError: The unit lacks the setting, or it must not become this.
    """
    setting = SETTINGS.get(key)
    if setting is None or (offer := setting.offer(config)) is None:
        raise SettingError("not_offered", setting=key)
    checked = _CHECKS[offer.kind](offer, key, value)
    if key in _ORDER:
        _check_order(config, key, voltage_of(checked))
    return checked


def same(found: Value | None, wanted: Value) -> bool:
    """Tell whether a unit shows what was asked of it."""
    if isinstance(found, float) and isinstance(wanted, float):
        return abs(found - wanted) < _TOLERANCE
    return found == wanted


def _switch(offer: Offer, key: str, value: Value) -> Value:
    if not isinstance(value, bool):
        raise SettingError("not_a_switch", setting=key)
    return value


def _choice(offer: Offer, key: str, value: Value) -> Value:
    if not isinstance(value, str) or value not in offer.options:
        raise SettingError("no_option", setting=key, options=", ".join(offer.options))
    return value


def _number(offer: Offer, key: str, value: Value) -> Value:
    if isinstance(value, bool | str) or not math.isfinite(value):
        raise SettingError("not_a_number", setting=key)
    if not offer.low - 1e-6 <= value <= offer.high + 1e-6:
        raise SettingError(
            "out_of_range", setting=key, low=offer.low, high=offer.high, unit=offer.unit
        )
    if abs(value / offer.step - round(value / offer.step)) > 1e-6:
        raise SettingError("not_a_step", setting=key, step=offer.step, unit=offer.unit)
    return round(float(value), 1)


_CHECKS: Final = {Kind.SWITCH: _switch, Kind.CHOICE: _choice, Kind.NUMBER: _number}


def _check_order(config: Config, key: str, voltage: float) -> None:
    """Refuse a voltage that would stand on the wrong side of another.

    Raises:
        SettingError: It would.
    """
    voltages = _voltages(config) | {key: voltage}
    if not voltages.get(REDISCHARGE, 0.0):
        # A full battery is above everything.
        voltages.pop(REDISCHARGE, None)
    if key not in voltages:
        return
    place = _ORDER.index(key)
    for other, there in voltages.items():
        if other == key:
            continue
        below = _ORDER.index(other) < place
        lower, upper = (other, key) if below else (key, other)
        gap = voltages[upper] - voltages[lower]
        if gap < -_TOLERANCE or (lower in _GAP_ABOVE and gap < _TOLERANCE):
            raise SettingError(
                "order",
                setting=key,
                other=other,
                value=there,
                relation="above" if below else "below",
            )


def _voltages(config: Config) -> dict[str, float]:
    found = {key: config.ratings.number(SETTINGS[key].reads) for key in _ORDER}
    return {key: voltage for key, voltage in found.items() if voltage is not None}
