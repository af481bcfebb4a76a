"""Numbers as people and portals write them."""

from collections.abc import Iterable
import math
import re
from typing import Final

_NUMBER: Final = re.compile(
    r"(?P<number>[+\-−]?[\d.,'’   ]*\d)\s*(?P<unit>[kKmM]?[wW][hH]?)?"
)
_GROUPS: Final = re.compile(r"[+-]?\d{1,3}(?P<mark>[.,])\d{3}((?P=mark)\d{3})*")
_SPACES: Final = str.maketrans(dict.fromkeys("'’   ") | {"−": "-"})
_LARGEST: Final = 1e12
_LONGEST: Final = 40


def split_unit(text: str) -> tuple[str, str] | None:
    """Return a number's digits and the unit written behind it."""
    if len(text) > _LONGEST or (match := _NUMBER.fullmatch(text)) is None:
        return None
    return match["number"].translate(_SPACES), (match["unit"] or "").lower()


def parse_number(text: str, decimal: str) -> float | None:
    """Return a number, ``None`` if it is none.

    Args:
        text: The cell, with a unit or without.
        decimal: The decimal sign, ``.`` or ``,``; the other one groups thousands.
    """
    if (split := split_unit(text)) is None:
        return None
    digits = split[0]
    group = "," if decimal == "." else "."
    whole, sign, fraction = digits.partition(decimal)
    if group in fraction or decimal in fraction:
        return None
    if group in whole:
        if _GROUPS.fullmatch(whole) is None:
            return None
        whole = whole.replace(group, "")
    try:
        value = float(f"{whole}.{fraction}" if sign else whole)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= _LARGEST else None


def guess_decimal(texts: Iterable[str]) -> str:
    """Return the decimal sign of a column."""
    commas = dots = 0
    for text in texts:
        if (split := split_unit(text)) is None:
            continue
        digits = split[0]
        comma, dot = digits.rfind(","), digits.rfind(".")
        if comma >= 0 and dot >= 0:
            commas += 100 * (comma > dot)
            dots += 100 * (dot > comma)
        elif digits.count(",") > 1:
            dots += 100
        elif digits.count(".") > 1:
            commas += 100
        else:
            # One sign alone is taken for the decimal sign.
            commas += comma >= 0
            dots += dot >= 0
    return "," if commas > dots else "."
