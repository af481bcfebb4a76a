"""One value that a source gave at one time."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .quantity import Quantity


class Quality(StrEnum):
    """How a value came to be known."""

    MEASURED = "measured"
    DERIVED = "derived"
    """Worked out from measured values of the same instant."""

    INFERRED = "inferred"
    """Certain without a measurement, such as no production below the horizon."""


class Series(NamedTuple):
    """What a reading is one sample of.

    Attributes:
        source: The device's lasting identity, its serial number as a rule.
        part: The part of the device: ``inverter``, ``string_1``, ``meter_1``...
        quantity: What is measured there.
    """

    source: str
    part: str
    quantity: Quantity


class Reading(NamedTuple):
    """A value in SI units with the aware UTC time at which it was taken."""

    series: Series
    value: float
    taken: datetime
    quality: Quality = Quality.MEASURED
