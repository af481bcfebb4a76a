"""What the controller has to know of a home, from its options."""

from collections.abc import Mapping
from datetime import tzinfo
from math import log
from typing import Any, Final

from ..const import CONF_EXPORT_LIMIT
from ..control.surplus.site import Policy, Site

CONF_SURPLUS: Final = "surplus"
CONF_BATTERY_EFFICIENCY: Final = "battery_efficiency"
CONF_BATTERY_FLOOR: Final = "battery_floor"
CONF_BATTERY_POWER: Final = "battery_power"
CONF_BUY: Final = "buy"
CONF_FUSE: Final = "fuse"
CONF_FUSE_PHASES: Final = "fuse_phases"
CONF_SELL: Final = "sell"

_VOLTAGE: Final = 230.0
# A home battery that nobody has told anything about takes half its content an hour.
_C_RATE: Final = 0.5
# The price level that the policy's amounts of money are meant for, per kWh.
_LEVEL: Final = 0.30
# Policies differ by this factor: a price that moves a little changes nothing.
_NOTCH: Final = 1.5
_STORED: Final = 0.8
# Without any price: what a household typically pays, and gets for surplus, in EUR.
_BUY: Final = 0.30
_SELL: Final = 0.06
# Roughly what a euro is in other money, only to weigh a start against a kWh.
_PER_EURO: Final = {
    "BGN": 2.0,
    "CHF": 1.0,
    "CZK": 25.0,
    "DKK": 7.5,
    "HUF": 400.0,
    "MDL": 20.0,
    "NOK": 11.5,
    "PLN": 4.3,
    "RON": 5.0,
    "RSD": 117.0,
    "SEK": 11.5,
    "UAH": 45.0,
}


def export_limit(options: Mapping[str, Any]) -> float | None:
    """Return the most that may flow into the grid in W, ``None`` without a limit.

    Args:
        options: What its user has told.
    """
    limit = options.get(CONF_EXPORT_LIMIT)
    return None if limit is None else float(limit) * 1000.0


def site_of(
    options: Mapping[str, Any],
    capacity: float | None,
    zone: tzinfo,
    mean_price: float = _BUY,
) -> Site:
    """Return the home's facts.

    Args:
        options: What its user has told.
        capacity: What its batteries hold in Wh, as far as that is known.
        zone: Whose midnight begins a day.
        mean_price: What a kWh costs on the whole.
    """
    told = options.get(CONF_SURPLUS, {})
    battery = capacity or 0.0
    power = told.get(CONF_BATTERY_POWER) or _C_RATE * battery
    fuse = told.get(CONF_FUSE)
    return Site(
        battery=battery,
        max_charge=float(power),
        max_discharge=float(power),
        efficiency=float(told.get(CONF_BATTERY_EFFICIENCY, 90.0)) / 100.0,
        soc_floor=float(told.get(CONF_BATTERY_FLOOR, 10.0)) / 100.0,
        export_limit=export_limit(options),
        import_limit=(
            float(fuse) * _VOLTAGE * int(told.get(CONF_FUSE_PHASES, 1))
            if fuse
            else None
        ),
        # What is stored when the foreseen ends saves buying later, less its losses.
        stored_value=_STORED * _LEVEL * _scale(mean_price),
        zone=zone,
    )


def fixed_prices(options: Mapping[str, Any], currency: str) -> tuple[float, float]:
    """Return what a kWh costs and brings where nobody follows a market.

    Args:
        options: What the user has told.
        currency: The money of the home.
    """
    told = options.get(CONF_SURPLUS, {})
    scale = _PER_EURO.get(currency, 1.0)
    return (
        float(told.get(CONF_BUY, _BUY * scale)),
        float(told.get(CONF_SELL, _SELL * scale)),
    )


def policy_of(mean_price: float) -> Policy:
    """Return what a household cares about, in its own money.

    Args:
        mean_price: What a kWh costs on the whole.
    """
    scale = _scale(mean_price)
    known = Policy()
    return Policy(
        start_cost=known.start_cost * scale,
        import_aversion=known.import_aversion * scale,
        shortage_factor=known.shortage_factor,
    )


def _scale(mean_price: float) -> float:
    """Return a price level as a multiple of the usual one, in notches."""
    level = max(1e-3, mean_price) / _LEVEL
    return float(_NOTCH ** round(log(level) / log(_NOTCH)))
