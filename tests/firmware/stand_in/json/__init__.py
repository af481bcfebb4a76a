"""Stands in for ESPHome's component of this name on this machine.

Its library comes from a registry that cannot be reached from everywhere. Requests over
HTTP need its types, but only for bodies that ESPHome itself writes as JSON.
"""

from typing import Any

import esphome.config_validation as cv  # type: ignore[import-not-found]

CONFIG_SCHEMA = cv.Schema({})


async def to_code(config: dict[str, Any]) -> None:
    """Leave the library out."""


def enable_arena() -> None:
    """Do nothing: who asks for it writes no JSON here."""
