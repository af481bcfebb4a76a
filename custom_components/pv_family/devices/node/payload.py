"""Read payloads that anybody can have written: small, shallow JSON, typed or refused."""

from collections.abc import Mapping
from enum import StrEnum
import json
import re
from typing import Any, Final

MAX_BYTES: Final = 4096
MAX_DEPTH: Final = 4
# What no unit of ours can reach; physical bounds are the ledger's.
_HUGE: Final = 1e15


class Reason(StrEnum):
    """Why a message was not taken, for diagnostics and texts."""

    CLOCK_UNKNOWN = "clock_unknown"
    """Buffered by a node whose clock cannot be trusted, so nobody knows of when."""

    DUPLICATE = "duplicate"
    EMPTY = "empty"
    """Nothing in it that its topic is about."""

    HOUR_IMPOSSIBLE = "hour_impossible"
    """Buffered energy of the future, of long ago, or more than can flow."""

    NOT_AN_OBJECT = "not_an_object"
    NOT_JSON = "not_json"
    NOT_TEXT = "not_text"
    OTHER_NODE = "other_node"
    """Announced by another node than the one that was set up."""

    OUT_OF_RANGE = "out_of_range"
    REPEATED_KEY = "repeated_key"
    RETAINED = "retained"
    """Kept by the broker, so nobody knows how old it is."""

    TOO_DEEP = "too_deep"
    TOO_LONG = "too_long"
    UNKNOWN_TOPIC = "unknown_topic"
    WRONG_TYPE = "wrong_type"


class PayloadError(Exception):
    """A payload that is not taken.

    Attributes:
        reason: Why.
        field: The key it is about, empty for the whole.
    """

    def __init__(self, reason: Reason, field: str = "") -> None:
        """Say why, and which key."""
        super().__init__(f"{reason}: {field}" if field else str(reason))
        self.reason = reason
        self.field = field


def parse_json(
    payload: bytes, *, limit: int = MAX_BYTES, depth: int = MAX_DEPTH
) -> Any:
    """Return what a payload holds.

    Args:
        payload: As it came.
        limit: Most bytes that are looked at.
        depth: Most objects and lists in each other.

    Raises:
        PayloadError: It is too long, too deep or no JSON. ``NaN``, ``Infinity`` and
            keys that are given twice are no JSON either.
    """
    if len(payload) > limit:
        raise PayloadError(Reason.TOO_LONG)
    try:
        text = payload.decode()
    except UnicodeDecodeError as err:
        raise PayloadError(Reason.NOT_TEXT) from err
    try:
        found = _DECODER.decode(text)
    except RecursionError as err:
        raise PayloadError(Reason.TOO_DEEP) from err
    except ValueError as err:
        raise PayloadError(Reason.NOT_JSON) from err
    if _deeper_than(found, depth):
        raise PayloadError(Reason.TOO_DEEP)
    return found


def parse_object(payload: bytes) -> Fields:
    """Return the fields of a payload that must be a JSON object.

    Raises:
        PayloadError: It is not one that is taken.
    """
    found = parse_json(payload)
    if not isinstance(found, dict):
        raise PayloadError(Reason.NOT_AN_OBJECT)
    return Fields(found)


class Fields:
    """The fields of an object. A missing one and a ``null`` are ``None`` alike.

    Every method raises `PayloadError` with the key where the value does not fit.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Read from the values of one object; unknown keys are never looked at."""
        self._values = values

    def number(
        self, key: str, low: float = -_HUGE, high: float = _HUGE
    ) -> float | None:
        """Return a number; ``true`` and ``"1"`` are none."""
        value = self._values.get(key)
        return None if value is None else as_number(value, key, low, high)

    def integer(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number."""
        value = self._values.get(key)
        return None if value is None else as_integer(value, key, low, high)

    def flag(self, key: str) -> bool | None:
        """Return ``true`` or ``false``."""
        value = self._values.get(key)
        return None if value is None else as_flag(value, key)

    def text(self, key: str, longest: int, pattern: re.Pattern[str]) -> str | None:
        """Return a text that a pattern matches whole."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise PayloadError(Reason.WRONG_TYPE, key)
        if len(value) > longest or not pattern.fullmatch(value):
            raise PayloadError(Reason.OUT_OF_RANGE, key)
        return value

    def items(self, key: str, most: int) -> list[Any]:
        """Return a list, empty where there is none."""
        value = self._values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise PayloadError(Reason.WRONG_TYPE, key)
        if len(value) > most:
            raise PayloadError(Reason.OUT_OF_RANGE, key)
        return value

    def objects(self, key: str, most: int) -> list[Fields]:
        """Return a list of objects, empty where there is none."""
        items = self.items(key, most)
        if not all(isinstance(item, dict) for item in items):
            raise PayloadError(Reason.WRONG_TYPE, key)
        return [Fields(item) for item in items]

    def object(self, key: str) -> Fields:
        """Return an object, an empty one where there is none."""
        value = self._values.get(key)
        if value is None:
            return Fields({})
        if not isinstance(value, dict):
            raise PayloadError(Reason.WRONG_TYPE, key)
        return Fields(value)


def as_number(value: Any, key: str, low: float = -_HUGE, high: float = _HUGE) -> float:
    """Return a finite number between bounds.

    Raises:
        PayloadError: It is none, or out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PayloadError(Reason.WRONG_TYPE, key)
    # Compared before it is converted: a long integer would overflow.
    if not low <= value <= high:
        raise PayloadError(Reason.OUT_OF_RANGE, key)
    return float(value)


def as_integer(value: Any, key: str, low: int, high: int) -> int:
    """Return a whole number between bounds.

    Raises:
        PayloadError: It is none, or out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise PayloadError(Reason.WRONG_TYPE, key)
    if not low <= value <= high:
        raise PayloadError(Reason.OUT_OF_RANGE, key)
    return value


def as_flag(value: Any, key: str) -> bool:
    """Return ``true`` or ``false``; 1 and 0 are what small nodes write for them.

    Raises:
        PayloadError: It is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise PayloadError(Reason.WRONG_TYPE, key)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PayloadError(Reason.REPEATED_KEY)
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _deeper_than(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return depth == 0 or any(_deeper_than(v, depth - 1) for v in value.values())
    if isinstance(value, list):
        return depth == 0 or any(_deeper_than(v, depth - 1) for v in value)
    return False
