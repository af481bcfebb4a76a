"""One report of a node that pushes over HTTP, as the energy platform defined it.

Required are ``energy_produced``, ``energy_consumed`` and ``current_load``; voltage,
currents, frequency, power factor and ``facility_id`` may follow. Two optional members
are ours: ``timestamp`` (Unix seconds or ISO 8601 with a zone) says when it was
measured, and ``sequence`` (a number that grows) makes a repeated report harmless.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
import json
import math
from typing import Any, Final, NoReturn

MAX_BODY: Final = 16 * 1024
MAX_SEQUENCE: Final = 2**63 - 1
_MAX_NUMBER: Final = 1e12
_REQUIRED: Final = ("energy_produced", "energy_consumed", "current_load")
_OPTIONAL: Final = (
    "voltage",
    "current",
    "current1",
    "current2",
    "current3",
    "frequency",
    "power_factor",
)
_FACILITY_LENGTH: Final = 100


class PayloadError(Exception):
    """A report that cannot be taken.

    Attributes:
        code: What is wrong, for programs.
        reason: What is wrong, for people.
    """

    def __init__(self, code: str, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a node reported, in its own units.

    Attributes:
        values: The numbers by their names.
        facility_id: What the node calls its house, empty if it does not say.
        timestamp: When it was measured (UTC), ``None`` if it does not say.
        sequence: Its number, ``None`` if it has none.
    """

    values: Mapping[str, float]
    facility_id: str = ""
    timestamp: datetime | None = None
    sequence: int | None = None

    def as_json(self) -> str:
        """Return the report, and nothing else that the body held, for `parse_report`."""
        data: dict[str, Any] = dict(self.values)
        if self.facility_id:
            data["facility_id"] = self.facility_id
        if self.timestamp is not None:
            data["timestamp"] = self.timestamp.isoformat()
        if self.sequence is not None:
            data["sequence"] = self.sequence
        return json.dumps(data, separators=(",", ":"))


def parse_report(body: bytes) -> Report:
    """Return the report in the body of a request.

    Args:
        body: At most `MAX_BODY` bytes of JSON.

    Raises:
        PayloadError: It is none.
    """
    if len(body) > MAX_BODY:
        raise PayloadError("too_large", f"the body exceeds {MAX_BODY} bytes")
    data = _object(body)
    values: dict[str, float] = {}
    for name in _REQUIRED:
        if data.get(name) is None:
            raise PayloadError("missing", f"{name} is required")
        values[name] = _number(name, data[name])
    for name in _OPTIONAL:
        if data.get(name) is not None:
            values[name] = _number(name, data[name])
    for name in ("energy_produced", "energy_consumed"):
        if values[name] < 0.0:
            raise PayloadError("range", f"{name} must not be negative")
    return Report(
        values=values,
        facility_id=_facility(data.get("facility_id")),
        timestamp=_timestamp(data.get("timestamp")),
        sequence=_sequence(data.get("sequence")),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as err:
        raise PayloadError("not_json", "the body is not JSON") from err
    if not isinstance(data, dict):
        raise PayloadError("not_json", "the body is not a JSON object")
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PayloadError("type", f"{name} must be a number")
    # Compared before it is converted: a long integer would overflow.
    if not -_MAX_NUMBER <= value <= _MAX_NUMBER:
        raise PayloadError("range", f"{name} is out of range")
    return float(value)


def _facility(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PayloadError("type", "facility_id must be a text")
    return str(value)[:_FACILITY_LENGTH]


def _sequence(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise PayloadError("type", "sequence must be a whole number")
    if not 0 <= value <= MAX_SEQUENCE:
        raise PayloadError("range", "sequence is out of range")
    return value


def _timestamp(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            when = datetime.fromisoformat(value)
            if when.tzinfo is None:
                raise PayloadError("type", "timestamp needs a time zone")
            return when.astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PayloadError("type", "timestamp must be a time")
        if not math.isfinite(value):
            raise PayloadError("range", "timestamp is out of range")
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as err:
        raise PayloadError("range", "timestamp is out of range") from err
