"""Read what Home Assistant said of the integration."""

from pathlib import Path
from typing import Final

_OURS: Final = ("pv_family", "Detected that custom integration")
# Home Assistant says this of every custom integration.
_EXPECTED: Final = "has not been tested by Home Assistant"


def complaints_in(log: Path) -> list[str]:
    """Return the warnings and errors of a log that name the integration."""
    return [
        line
        for line in log.read_text().splitlines()
        if any(word in line for word in _OURS)
        and (" WARNING " in line or " ERROR " in line)
        and _EXPECTED not in line
    ]
