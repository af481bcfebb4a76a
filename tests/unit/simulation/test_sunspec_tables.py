"""The point tables agree with the published model definitions."""

from collections.abc import Iterator
from typing import Any

import pytest

from simulation.sunspec import MODELS
from simulation.sunspec.points import Point

from .sunspec_oracle import definition


def published(group: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield (name, offset, type, size, scale factor) of each published point."""
    offset = 0
    for point in group["points"]:
        scale = point.get("sf")
        yield point["name"], offset, point["type"], point["size"], scale
        offset += point["size"]


def ours(points: tuple[Point, ...]) -> list[tuple[Any, ...]]:
    """Return the same of our points, in the order of their offsets."""
    return sorted(
        ((p.name, p.offset, p.type, p.size, p.sf) for p in points),
        key=lambda point: point[1],
    )


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_table(model_id: int) -> None:
    """Every offset, type, size and scale factor, of the repeating group too."""
    root = definition(model_id)["group"]
    table = MODELS[model_id]
    assert ours(table.points) == list(published(root))
    groups = root.get("groups", [])
    if table.group:
        first = len(list(published(root)))
        assert first == len(table.points)
        assert ours(table.group) == list(published(groups[0]))
    else:
        assert not groups


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_scale_factors_exist(model_id: int) -> None:
    """Each scale factor that a point names is a point of the model."""
    table = MODELS[model_id]
    factors = {point.name for point in table.points if point.type == "sunssf"}
    used = {point.sf for point in (*table.points, *table.group)} - {None}
    assert used == factors
