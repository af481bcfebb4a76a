"""The part of the roof array's form that most users can leave alone."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import DateSelector, TextSelector

from ..const import (
    CONF_AXIS_LIMIT,
    CONF_BEAM_SHADE,
    CONF_DEGRADATION,
    CONF_DETAILS,
    CONF_EFFICIENCY,
    CONF_GROUND_COVERAGE,
    CONF_HORIZON,
    CONF_INSTALLED,
    CONF_INVERTER_POWER,
    CONF_MOUNTING,
    CONF_SOILING,
    CONF_SYSTEM_LOSSES,
    CONF_TECHNOLOGY,
    CONF_TEMPERATURE_COEFFICIENT,
    CONF_TRACKER,
)
from ..plant.model.module import Mounting, Technology
from ..plant.roof_details import Tracker, read_horizon
from .schemas import choice, decimal

_FIELDS: Final[dict[str, Any]] = {
    CONF_TECHNOLOGY: choice("module_technology", list(Technology)),
    CONF_TEMPERATURE_COEFFICIENT: decimal(-1.0, 0.0, 0.001, "%/°C"),
    CONF_MOUNTING: choice(CONF_MOUNTING, list(Mounting)),
    CONF_INSTALLED: DateSelector(),
    CONF_DEGRADATION: decimal(0.0, 5.0, 0.05, "%"),
    CONF_SOILING: decimal(0.0, 50.0, 0.1, "%"),
    CONF_SYSTEM_LOSSES: decimal(0.0, 50.0, 0.1, "%"),
    CONF_INVERTER_POWER: decimal(0.05, 1000.0, 0.001, "kW"),
    CONF_EFFICIENCY: decimal(80.0, 100.0, 0.1, "%"),
    CONF_HORIZON: TextSelector(),
    CONF_BEAM_SHADE: decimal(0.0, 100.0, 1.0, "%"),
    CONF_TRACKER: choice(CONF_TRACKER, list(Tracker)),
    CONF_AXIS_LIMIT: decimal(10.0, 90.0, 1.0, "°"),
    CONF_GROUND_COVERAGE: decimal(0.0, 90.0, 1.0, "%"),
}
DETAILS: Final = frozenset(_FIELDS)
"""What stands in the section."""


def details_field() -> dict[Any, Any]:
    """Return the section of the form; everything in it has a usual value."""
    fields = {probatio.Optional(key): field for key, field in _FIELDS.items()}
    return {
        probatio.Optional(CONF_DETAILS): section(
            probatio.Schema(fields), {"collapsed": True}
        )
    }


def with_section(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an array as the form takes it."""
    return {
        **data,
        CONF_DETAILS: {key: value for key, value in data.items() if key in DETAILS},
    }


def details_error(data: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the details of an array, as a key of the texts."""
    try:
        read_horizon(data.get(CONF_HORIZON, ""))
    except ValueError:
        return "horizon_invalid"
    return None
