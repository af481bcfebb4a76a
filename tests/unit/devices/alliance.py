"""The SunSpec Alliance's published models, the truth that layouts are held against."""

from dataclasses import dataclass
from functools import cache
import json
from pathlib import Path
from typing import Any

import sunspec2

_MODELS = Path(sunspec2.__file__).parent / "models" / "json"


@dataclass(frozen=True)
class AlliancePoint:
    """One published point.

    Attributes:
        offset: From the model's id register; for a group's point, in the first group.
        size: Number of registers.
        type: The alliance's name of the type.
        sf: Name of the point that scales it.
        symbols: Names of enumeration values or of event bits.
    """

    offset: int
    size: int
    type: str
    sf: str | None
    symbols: dict[int, str]


@dataclass(frozen=True)
class AllianceModel:
    """A published model.

    Attributes:
        fixed: The points of its fixed block by name.
        group: The points of its repeating group by name.
        start: Where the first group starts.
        stride: How many registers a group has, 0 without one.
    """

    fixed: dict[str, AlliancePoint]
    group: dict[str, AlliancePoint]
    start: int
    stride: int


@cache
def published(model_id: int) -> AllianceModel:
    """Return the published model of that id."""
    text = (_MODELS / f"model_{model_id}.json").read_text(encoding="utf-8")
    group = json.loads(text)["group"]
    fixed, start = _points(group, 0)
    if not (groups := group.get("groups")):
        return AllianceModel(fixed, {}, start, 0)
    repeated, end = _points(groups[0], start)
    return AllianceModel(fixed, repeated, start, end - start)


def _points(group: dict[str, Any], offset: int) -> tuple[dict[str, AlliancePoint], int]:
    points: dict[str, AlliancePoint] = {}
    for point in group["points"]:
        points[point["name"]] = AlliancePoint(
            offset=offset,
            size=point["size"],
            type=point["type"],
            sf=point.get("sf"),
            symbols={s["value"]: s["name"] for s in point.get("symbols", ())},
        )
        offset += point["size"]
    return points, offset
