"""Modules and inverters by name, from the libraries of NREL's SAM.

The files themselves (6 MB) are not shipped: whoever knows the exact type of the parts
can download them and gets the data sheet's numbers from here.
"""

from collections.abc import Iterable, Iterator
import csv
from dataclasses import dataclass
from math import isfinite
from typing import Final

from .inverter import Inverter
from .module import Module, Technology

_LONGEST: Final = 100_000
_TECHNOLOGIES: Final = {
    "mono-c-si": Technology.CRYSTALLINE,
    "multi-c-si": Technology.CRYSTALLINE,
    "cigs": Technology.CIS,
    "cis": Technology.CIS,
    "cdte": Technology.CDTE,
    # SAM files copper indium selenide under this name too.
    "thin film": Technology.CIS,
}


class SamLibraryError(Exception):
    """A file is no library of SAM; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class SamModule:
    """A module of the library.

    Attributes:
        name: Maker and type.
        peak_power: At 1000 W/m2 and 25 °C, W.
        module: Its parameters.
    """

    name: str
    peak_power: float
    module: Module


@dataclass(frozen=True, slots=True)
class SamInverter:
    """An inverter of the library.

    Attributes:
        name: Maker and type.
        inverter: Its parameters.
    """

    name: str
    inverter: Inverter


def find_modules(lines: Iterable[str], words: str, most: int = 20) -> list[SamModule]:
    """Return modules whose name has all words, in the order of the library.

    Rows without usable numbers or of a technology without a model are passed over.

    Args:
        lines: The library of CEC modules, as comma-separated text.
        words: Separated by blanks, in any case and order.
        most: How many at most.

    Raises:
        SamLibraryError: The text is no such library.
    """
    found = []
    for row in _rows(lines, words, ("Name", "Technology", "STC", "gamma_r")):
        technology = _TECHNOLOGIES.get(row["Technology"].strip().lower())
        power, gamma = _number(row["STC"]), _number(row["gamma_r"])
        if technology is None or power is None or gamma is None:
            continue
        if power <= 0.0 or not -1.5 <= gamma <= 0.0:
            continue
        found.append(SamModule(row["Name"], power, Module(technology, gamma / 100.0)))
        if len(found) == most:
            break
    return found


def find_inverters(
    lines: Iterable[str], words: str, most: int = 20
) -> list[SamInverter]:
    """Return inverters whose name has all words, in the order of the library.

    Args:
        lines: The library of CEC inverters, as comma-separated text.
        words: Separated by blanks, in any case and order.
        most: How many at most.

    Raises:
        SamLibraryError: The text is no such library.
    """
    found = []
    for row in _rows(lines, words, ("Name", "Paco", "Pdco")):
        ac_power, dc_power = _number(row["Paco"]), _number(row["Pdco"])
        if ac_power is None or dc_power is None or not 0.0 < ac_power <= dc_power:
            continue
        if ac_power / dc_power < 0.5:
            continue
        found.append(SamInverter(row["Name"], Inverter(ac_power, ac_power / dc_power)))
        if len(found) == most:
            break
    return found


def _rows(
    lines: Iterable[str], words: str, columns: tuple[str, ...]
) -> Iterator[dict[str, str]]:
    """Yield the rows whose name has all words."""
    wanted = words.lower().split()
    reader = csv.DictReader(lines, restval="")
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise SamLibraryError(f"no column {', '.join(missing)}")
        for number, row in enumerate(reader):
            if number > _LONGEST:
                raise SamLibraryError(f"more than {_LONGEST} rows")
            name = row["Name"].lower()
            # Two rows of units and of SAM's own names follow the header.
            if number >= 2 and all(word in name for word in wanted):
                yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise SamLibraryError("no comma-separated text") from error


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
