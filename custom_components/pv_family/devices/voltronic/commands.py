"""Every command that is asked, and the fields of its answer, as data.

Field names carry no unit; they are V, A, Hz, VA, W, Wh, °C, percent and minutes.
"""

import re
from typing import Final

from .query import Query, words

_D1: Final = r"\d{1,3}\.\d{1,2}"
_INT: Final = r"\d{1,5}"

PROTOCOL: Final = Query("QPI", re.compile(r"PI\d\d"))
# A unit of the newer protocols answers this one with "^D005" and its number.
PROTOCOL_18: Final = Query("^P005PI", re.compile(r"\^D\d{3}\d{2}.*"))

_LONG_NUMBER: Final = re.compile(r"(?=\D*\d)[0-9A-Za-z]{10,20}")
SERIAL: Final = Query("QID", _LONG_NUMBER, like="text")
LONG_SERIAL: Final = Query("QSID", re.compile(r"\d{22}"))
CLOCK: Final = Query("QT", re.compile(r"\d{14}"), like="text")
FIRMWARE: Final = Query("QVFW", re.compile(r"VERFW:[0-9A-Fa-f.]{3,12}"))
FIRMWARE_2: Final = Query("QVFW2", re.compile(r"VERFW2:[0-9A-Fa-f.]{3,12}"))
MODEL: Final = Query(
    "QMN",
    re.compile(r"(?!PI\d\d$|VERFW)(?=\S*[A-Z])(?=\S*\d)\S{3,24}"),
    like="text",
)
MODEL_NUMBER: Final = Query("QGMN", re.compile(r"\d{2,3}"))

RATINGS: Final = Query(
    "QPIRI",
    words(rf"{_D1} {_D1} {_D1} {_D1} {_D1} {_INT} {_INT} {_D1}", 12, 24),
    (
        "grid_voltage",
        "grid_current",
        "output_voltage",
        "output_frequency",
        "output_current",
        "apparent_power",
        "active_power",
        "battery_voltage",
        "recharge_voltage",
        "cut_off_voltage",
        "bulk_voltage",
        "float_voltage",
        "battery_type",
        "max_utility_charge_current",
        "max_charge_current",
        "input_range",
        "output_priority",
        "charger_priority",
        "parallel_max",
        "machine_type",
        "topology",
        "output_mode",
        "redischarge_voltage",
        "pv_ok_condition",
        "pv_balance",
        "max_bulk_time",
        "operation_logic",
        "max_discharge_current",
    ),
)
FLAGS: Final = Query("QFLAG", re.compile(r"E[a-z]{0,16}D[a-z]{0,16}"))

LIVE: Final = Query(
    "QPIGS",
    words(rf"{_D1} {_D1} {_D1} {_D1} {_INT} {_INT} {_INT}", 9, 21),
    (
        "grid_voltage",
        "grid_frequency",
        "output_voltage",
        "output_frequency",
        "apparent_power",
        "active_power",
        "load_ratio",
        "bus_voltage",
        "battery_voltage",
        "charge_current",
        "state_of_charge",
        "heat_sink_temperature",
        "pv_current",
        "pv_voltage",
        "scc_voltage",
        "discharge_current",
        "status",
        "fan_on_offset",
        "eeprom_version",
        "pv_power",
        "charging_status",
        "solar_feed",
        "country",
        "feed_power",
    ),
)
_PV_INPUTS: Final = rf"{_INT}(?:\.\d)? {_D1}"
LIVE_2: Final = Query(
    "QPIGS2", re.compile(rf"{_PV_INPUTS} {_INT} ?|{_PV_INPUTS}(?: \S{{1,12}}){{11}} ?")
)
LIVE_2_SHORT: Final = ("pv2_current", "pv2_voltage", "pv2_power")
LIVE_2_LONG: Final = (
    "pv2_current",
    "pv2_voltage",
    "scc2_voltage",
    "pv2_power",
    "status",
    "grid_charge_current",
    "grid_charge_power",
    "pv3_current",
    "pv3_voltage",
    "scc3_voltage",
    "pv3_power",
    "status_3",
    "pv_power",
)
MODE: Final = Query("QMOD", re.compile(r"[A-Z]"))
# The longest answers end in digits of a fault code.
WARNINGS: Final = Query("QPIWS", re.compile(r"[01]{31}\d{1,6}"))

_COUNTER: Final = re.compile(r"\d{8}")
PV_ENERGY: Final = Query("QET", _COUNTER, like="counter")
LOAD_ENERGY: Final = Query("QLT", _COUNTER, like="counter")

_CURRENTS: Final = re.compile(r"\d{2,3}(?: \d{2,3}){1,40} ?")
CHARGE_CURRENTS: Final = Query("QMCHGCR", _CURRENTS, like="currents")
UTILITY_CHARGE_CURRENTS: Final = Query("QMUCHGCR", _CURRENTS, like="currents")

EQUALISATION: Final = Query(
    "QBEQI",
    words(r"[01] \d{3} \d{3} \d{3} \d{3} \d{2}\.\d{1,2}", 1, 6),
    (
        "enabled",
        "time",
        "interval",
        "max_current",
        "next_in",
        "voltage",
        "cv_time",
        "time_out",
        "active",
        "elapsed",
    ),
)
# Undocumented; the names are the community's.
INTERNALS: Final = Query(
    "Q1",
    words(r"\d{5} \d{5} \d\d", 10, 24),
    (
        "absorb_time_left",
        "float_time_left",
        "scc_flag",
        "scc_allowed",
        "mean_charge_current",
        "scc_temperature",
        "inverter_temperature",
        "battery_side_temperature",
        "transformer_temperature",
        "gpio",
        "fan_locked",
        "",
        "fan_speed",
        "scc_charge_power",
        "parallel_warning",
        "sync_frequency",
        "charge_stage",
    ),
)
DEFAULTS: Final = Query("QDI", words(rf"{_D1} {_D1} \d{{4}} {_D1}", 15, 30))

_PARALLEL_SHAPE: Final = words(
    rf"[01] [0-9A-Za-z]{{8,22}} [A-Z] \d{{2}} {_D1} {_D1} {_D1} {_D1}", 17, 24
)
_PARALLEL_NAMES: Final = (
    "exists",
    "serial",
    "mode",
    "fault",
    "grid_voltage",
    "grid_frequency",
    "output_voltage",
    "output_frequency",
    "apparent_power",
    "active_power",
    "load_ratio",
    "battery_voltage",
    "charge_current",
    "state_of_charge",
    "pv_voltage",
    "total_charge_current",
    "total_apparent_power",
    "total_active_power",
    "total_load_ratio",
    "status",
    "output_mode",
    "charger_priority",
    "max_charge_current",
    "max_range_current",
    "max_utility_charge_current",
    "pv_current",
    "discharge_current",
    "pv2_voltage",
    "pv2_current",
)
MAX_PARALLEL: Final = 9
PARALLEL: Final = tuple(
    Query(f"QPGS{n}", _PARALLEL_SHAPE, _PARALLEL_NAMES, like="parallel")
    for n in range(MAX_PARALLEL)
)

EVERY: Final = (
    PROTOCOL,
    SERIAL,
    LONG_SERIAL,
    FIRMWARE,
    FIRMWARE_2,
    MODEL,
    MODEL_NUMBER,
    RATINGS,
    FLAGS,
    LIVE,
    LIVE_2,
    MODE,
    WARNINGS,
    PV_ENERGY,
    LOAD_ENERGY,
    CLOCK,
    CHARGE_CURRENTS,
    UTILITY_CHARGE_CURRENTS,
    EQUALISATION,
    DEFAULTS,
    INTERNALS,
)
"""What a bug report asks for, in this order."""


def currents(text: str) -> tuple[int, ...]:
    """Return the allowed currents, A, of an answer to QMCHGCR or QMUCHGCR."""
    return tuple(int(part) for part in text.split())


def flags(text: str) -> dict[str, bool]:
    """Return which letters of an answer to QFLAG are on."""
    on, _, off = text.removeprefix("E").partition("D")
    return dict.fromkeys(off, False) | dict.fromkeys(on, True)


def serial(text: str) -> str:
    """Return the serial number in an answer to QID or QSID.

    The long answer begins with how many of its digits count.
    """
    if LONG_SERIAL.answers(text):
        return text[2 : 2 + int(text[:2])]
    return text


def inputs(text: str) -> dict[str, str]:
    """Return the fields of an answer to QPIGS2, which come in two lengths."""
    parts = text.split()
    names = LIVE_2_SHORT if len(parts) == len(LIVE_2_SHORT) else LIVE_2_LONG
    return dict(zip(names, parts, strict=False))
