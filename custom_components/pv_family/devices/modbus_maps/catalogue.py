"""Our own families."""

from functools import cache
from pathlib import Path
from typing import Final

from .loader import load
from .schema import Family

FOLDER: Final = Path(__file__).parent / "families"


@cache
def families() -> tuple[Family, ...]:
    """Return every family in the order of its key; reads files the first time."""
    return tuple(
        load(path.read_bytes(), path.stem) for path in sorted(FOLDER.glob("*.yaml"))
    )


def with_own(own: tuple[Family, ...]) -> tuple[Family, ...]:
    """Return our families and a user's own; one of the same key replaces ours."""
    merged = {family.key: family for family in (*families(), *own)}
    return tuple(merged.values())
