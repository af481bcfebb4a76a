"""The causes that energy is booked to."""

from enum import StrEnum


class Cause(StrEnum):
    """Why energy of a cloudless sky on a new and healthy plant was not harvested.

    In the order in which they stand in the way from the sky to the house.
    """

    WEATHER = "weather"
    """Clouds and haze: no fault of the plant. Negative if clearer than the model."""
    SNOW = "snow"
    SHADE = "shade"
    SOILING = "soiling"
    DEGRADATION = "degradation"
    STRING_FAULT = "string_fault"
    CLIPPING = "clipping"
    """Above the inverters' own limit."""
    CURTAILMENT = "curtailment"
    """Held back by a command or an export limit."""
    OVERVOLTAGE = "overvoltage"
    """The grid's voltage made the inverter stop or throttle."""
    OUTAGE = "outage"
    """Down, or cut off from the grid."""
    UNKNOWN = "unknown"
    """What no evidence explains; negative where the harvest beats the model."""


BY_EVIDENCE = tuple(
    cause for cause in Cause if cause not in {Cause.WEATHER, Cause.UNKNOWN}
)
"""The causes that a claim can be made for."""

WITHHELD = (
    Cause.SNOW,
    Cause.STRING_FAULT,
    Cause.CURTAILMENT,
    Cause.OVERVOLTAGE,
    Cause.OUTAGE,
)
"""The causes that come and go without the sky or the roof having changed."""
