"""Read each topic's payload into its message, or refuse it."""

from collections.abc import Callable, Mapping
from enum import StrEnum
import re
from typing import Any, Final

from ...readings.quantity import Quantity
from ..device import Part, PartKind
from .announcement import parse_announcement
from .messages import (
    CONSUMPTION,
    GRID,
    NODE,
    PRODUCTION,
    SEQUENCE_END,
    Alarm,
    AlarmCode,
    AnnouncementMessage,
    CalibrationAnswer,
    Cleaning,
    CleaningPhase,
    Energy,
    Hour,
    Measurement,
    Message,
    Outcome,
    PinReason,
    RelayReport,
    Stamp,
    State,
    Value,
)
from .payload import (
    Fields,
    PayloadError,
    Reason,
    as_flag,
    as_integer,
    as_number,
    parse_object,
)
from .topics import MAX_CHANNELS, Address, Leaf

_FARTHEST_TIME: Final = 2.0**33
_MAX_ENERGY: Final = 1e13
_MAX_HOURS: Final = 100
# 1 MW for an hour: more than any home, less than garbage.
_MAX_HOUR_ENERGY: Final = 1e6
_MAX_FANS: Final = 4
# What a DS18B20 that is cut off reads as.
_NO_SENSOR: Final = -127.0

_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_]*")
_BOOT: Final = re.compile(r"[A-Za-z0-9_-]+")

_ALARMS: Final = {
    "adc": AlarmCode.ADC,
    "busbar_calda": AlarmCode.BUSBAR_HOT,
    "pulizia": AlarmCode.CLEANING,
    "configurazione": AlarmCode.CONFIGURATION,
    "ventola": AlarmCode.FAN,
    "rete_assente": AlarmCode.MAINS,
    "modulo_caldo": AlarmCode.MODULE_HOT,
    "sovraccarico": AlarmCode.OVERLOAD,
    "rele_bloccato": AlarmCode.RELAY_STUCK,
    "sensore": AlarmCode.SENSOR,
    "watchdog": AlarmCode.WATCHDOG,
}


def parse_message(address: Address, payload: bytes) -> Message:
    """Return what a payload says.

    Raises:
        PayloadError: It does not fit its topic.
    """
    if address.leaf is Leaf.STATE:
        return _state(payload)
    return _PARSERS[address.leaf](address.number, parse_object(payload))


def _stamp(fields: Fields) -> Stamp:
    return Stamp(
        time=fields.number("t", 0.0, _FARTHEST_TIME),
        sequence=fields.integer("seq", 0, SEQUENCE_END - 1),
        boot=_boot(fields),
        buffered=fields.flag("diff") or False,
    )


def _boot(fields: Fields) -> int | str | None:
    try:
        return fields.integer("boot", 0, SEQUENCE_END - 1)
    except PayloadError as err:
        if err.reason is not Reason.WRONG_TYPE:
            raise
        return fields.text("boot", 16, _BOOT)


def _measurement(
    fields: Fields, wanted: Mapping[str, tuple[Part, Quantity]]
) -> Measurement:
    values = tuple(
        Value(part, quantity, value)
        for key, (part, quantity) in wanted.items()
        if (value := fields.number(key)) is not None
    )
    if not values:
        raise PayloadError(Reason.EMPTY)
    return Measurement(
        stamp=_stamp(fields),
        values=values,
        estimated=fields.flag("stima") or False,
    )


def _channel_keys(part: Part) -> dict[str, tuple[Part, Quantity]]:
    return {
        "potenza_w": (part, Quantity.AC_POWER),
        "v": (part, Quantity.AC_VOLTAGE),
        "a": (part, Quantity.AC_CURRENT),
        "fp": (part, Quantity.POWER_FACTOR),
        "va": (part, Quantity.APPARENT_POWER),
    }


_CHANNEL_KEYS: Final = {
    n: _channel_keys(Part(PartKind.CHANNEL, n)) for n in range(1, MAX_CHANNELS + 1)
}
_BALANCE_KEYS: Final = {
    "produzione_w": (PRODUCTION, Quantity.AC_POWER),
    "consumo_w": (CONSUMPTION, Quantity.AC_POWER),
}
_GRID_KEYS: Final = {
    "v": (NODE, Quantity.AC_VOLTAGE),
    "hz": (NODE, Quantity.FREQUENCY),
    "scambio_w": (GRID, Quantity.AC_POWER),
    "a": (GRID, Quantity.AC_CURRENT),
    "fp": (GRID, Quantity.POWER_FACTOR),
}
_TEMPERATURE_KEYS: Final = {
    "modulo": Quantity.TEMPERATURE_MODULE,
    "busbar": Quantity.TEMPERATURE_BUSBAR,
    "diodi": Quantity.TEMPERATURE_BUSBAR,
    "ambiente": Quantity.TEMPERATURE_AMBIENT,
    "quadro": Quantity.TEMPERATURE_CABINET,
}
_TOTAL_KEYS: Final = {
    "prodotta_wh": (PRODUCTION, Quantity.ENERGY_PRODUCED),
    "consumata_wh": (CONSUMPTION, Quantity.ENERGY_CONSUMED),
    "importata_wh": (GRID, Quantity.ENERGY_IMPORT),
    "esportata_wh": (GRID, Quantity.ENERGY_EXPORT),
}


def _temperature(_: int, fields: Fields) -> Measurement:
    found = {
        quantity: value
        for key, quantity in _TEMPERATURE_KEYS.items()
        if (value := fields.number(key)) is not None and value != _NO_SENSOR
    }
    running = fields.items("ventole", _MAX_FANS)
    fans = {n: as_flag(fan, "ventole") for n, fan in enumerate(running, 1)}
    if not found and not fans:
        raise PayloadError(Reason.EMPTY)
    values = tuple(Value(NODE, quantity, value) for quantity, value in found.items())
    return Measurement(stamp=_stamp(fields), values=values, fans=fans)


def _energy(_: int, fields: Fields) -> Energy:
    totals = tuple(
        Value(part, quantity, value)
        for key, (part, quantity) in _TOTAL_KEYS.items()
        if (value := fields.number(key, 0.0, _MAX_ENERGY)) is not None
    )
    channels = dict(_channel_total(row) for row in fields.items("canali", MAX_CHANNELS))
    hours = tuple(_hour(row) for row in fields.items("ore", _MAX_HOURS))
    if not totals and not channels and not hours:
        raise PayloadError(Reason.EMPTY)
    return Energy(stamp=_stamp(fields), totals=totals, channels=channels, hours=hours)


def _channel_total(row: Any) -> tuple[int, tuple[float, float | None]]:
    if not isinstance(row, list) or len(row) not in (2, 3):
        raise PayloadError(Reason.WRONG_TYPE, "canali")
    number = as_integer(row[0], "canali", 4, MAX_CHANNELS)
    forward = as_number(row[1], "canali", 0.0, _MAX_ENERGY)
    reverse = row[2] if len(row) == 3 else None
    if reverse is not None:
        reverse = as_number(reverse, "canali", 0.0, _MAX_ENERGY)
    return number, (forward, reverse)


def _hour(row: Any) -> Hour:
    if not isinstance(row, list) or not 2 <= len(row) <= 5:
        raise PayloadError(Reason.WRONG_TYPE, "ore")
    start = as_integer(row[0], "ore", 0, int(_FARTHEST_TIME))
    energies = [
        None if value is None else as_number(value, "ore", 0.0, _MAX_HOUR_ENERGY)
        for value in row[1:]
    ]
    energies += [None] * (4 - len(energies))
    return Hour(start, *energies)


def _state(payload: bytes) -> State:
    # A will is often plain text, and some clients quote it.
    text = payload[:32].strip().strip(b'"').lower()
    if len(payload) <= 32 and text in (b"online", b"offline"):
        return State(Stamp(), text == b"online")
    fields = parse_object(payload)
    word = fields.text("stato", 16, _WORD)
    if word not in ("online", "offline"):
        raise PayloadError(Reason.EMPTY, "stato")
    return State(_stamp(fields), word == "online")


def _relay(number: int, fields: Fields) -> RelayReport:
    on = fields.flag("on")
    if on is None:
        raise PayloadError(Reason.EMPTY, "on")
    outcome = fields.text("esito", 16, _WORD)
    return RelayReport(
        stamp=_stamp(fields),
        number=number,
        on=on,
        reason=_word(PinReason, fields.text("motivo", 16, _WORD), PinReason.UNKNOWN),
        command=fields.integer("cmd", 0, SEQUENCE_END - 1),
        outcome=_word(Outcome, outcome, Outcome.UNKNOWN) if outcome else None,
        wait=fields.number("attesa_s", 0.0, 86_400.0) or 0.0,
        lease=fields.number("resta_s", 0.0, 86_400.0),
        starts=fields.integer("avvii", 0, SEQUENCE_END - 1),
    )


def _alarm(_: int, fields: Fields) -> Alarm:
    word = fields.text("codice", 32, _WORD)
    if word is None:
        raise PayloadError(Reason.EMPTY, "codice")
    active = fields.flag("attivo")
    return Alarm(
        stamp=_stamp(fields),
        code=_ALARMS.get(word, AlarmCode.OTHER),
        word=word,
        active=True if active is None else active,
        value=fields.number("valore"),
        threshold=fields.number("soglia"),
    )


def _cleaning(_: int, fields: Fields) -> Cleaning:
    word = fields.text("fase", 16, _WORD)
    if word is None or word not in set(CleaningPhase):
        raise PayloadError(Reason.EMPTY, "fase")
    return Cleaning(
        stamp=_stamp(fields),
        phase=CleaningPhase(word),
        fault=fields.text("guasto", 32, _WORD) or "",
        runs=fields.integer("corse", 0, 10_000),
    )


def _calibration(_: int, fields: Fields) -> CalibrationAnswer:
    channel = fields.integer("canale", 1, MAX_CHANNELS)
    command = fields.integer("cmd", 0, SEQUENCE_END - 1)
    if channel is None or command is None:
        raise PayloadError(Reason.EMPTY, "canale" if channel is None else "cmd")
    return CalibrationAnswer(
        stamp=_stamp(fields),
        channel=channel,
        command=command,
        done=fields.text("esito", 16, _WORD) == Outcome.DONE,
        voltage=fields.number("v", 0.0, 1_500.0),
        current=fields.number("a", 0.0, 10_000.0),
        power=fields.number("w", -2e6, 2e6),
        reactive=fields.number("var", -2e6, 2e6),
        gain=fields.number("guadagno", 0.0, 1e6),
        voltage_gain=fields.number("guadagno_v", 0.0, 1e6),
        zero=fields.number("zero_w", -2e6, 2e6),
        phase=fields.number("fase_gradi", -180.0, 180.0),
    )


def _announcement(_: int, fields: Fields) -> AnnouncementMessage:
    return AnnouncementMessage(_stamp(fields), parse_announcement(fields))


def _word[W: StrEnum](words: type[W], word: str | None, other: W) -> W:
    try:
        return words(word) if word is not None else other
    except ValueError:
        return other


_PARSERS: Final[Mapping[Leaf, Callable[[int, Fields], Message]]] = {
    Leaf.ALARM: _alarm,
    Leaf.ANNOUNCEMENT: _announcement,
    Leaf.BALANCE: lambda _, fields: _measurement(fields, _BALANCE_KEYS),
    Leaf.CALIBRATION: _calibration,
    Leaf.CHANNEL: lambda n, fields: _measurement(fields, _CHANNEL_KEYS[n]),
    Leaf.CLEANING: _cleaning,
    Leaf.ENERGY: _energy,
    Leaf.GRID: lambda _, fields: _measurement(fields, _GRID_KEYS),
    Leaf.PRODUCTION: lambda _, fields: _measurement(fields, _CHANNEL_KEYS[1]),
    Leaf.RELAY: _relay,
    Leaf.TEMPERATURE: _temperature,
}
