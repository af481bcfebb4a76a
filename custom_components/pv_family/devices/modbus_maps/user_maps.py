"""Register maps that a user drops into a folder."""

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Final

from .document import MAX_SIZE, MapError
from .loader import load
from .schema import Family

_MOST_FILES: Final = 100
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


@dataclass(frozen=True, slots=True)
class RefusedMap:
    """A file that cannot be used.

    Attributes:
        file: Its name.
        line: Where it is wrong, counted from 1; 0 if it is about the whole file.
        reason: What is wrong, for the user.
    """

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class UserMaps:
    """What a folder holds.

    Attributes:
        families: The maps that can be used.
        refused: The files that cannot.
    """

    families: tuple[Family, ...] = ()
    refused: tuple[RefusedMap, ...] = ()


def load_user_maps(folder: Path) -> UserMaps:
    """Return the maps of a folder; reads files, and raises nothing.

    Args:
        folder: Where to look for ``*.yaml``; it need not exist.
    """
    try:
        paths = sorted(path for path in folder.glob("*.yaml") if path.is_file())
    except OSError as err:
        return UserMaps(refused=(RefusedMap(folder.name, 0, _reason(err)),))
    families: list[Family] = []
    refused = [
        RefusedMap(path.name, 0, f"more than {_MOST_FILES} maps")
        for path in paths[_MOST_FILES:]
    ]
    for path in paths[:_MOST_FILES]:
        try:
            families.append(_load(path))
        except MapError as err:
            refused.append(RefusedMap(path.name, err.line, err.reason))
        except OSError as err:
            refused.append(RefusedMap(path.name, 0, _reason(err)))
    return UserMaps(tuple(families), tuple(refused))


def _load(path: Path) -> Family:
    if not _KEY.match(path.stem):
        raise MapError(0, "the file's name must be small_letters_and_digits.yaml")
    with path.open("rb") as file:
        return load(file.read(MAX_SIZE + 1), path.stem)


def _reason(err: OSError) -> str:
    return err.strerror or "cannot be read"
