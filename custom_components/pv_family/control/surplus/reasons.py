"""Why a load is as it is, as a code and numbers for a translated sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    """Why a load is on or off."""

    SURPLUS = "surplus"
    """It runs on surplus."""

    CHEAPEST = "cheapest"
    """It runs now because later costs more."""

    DEADLINE = "deadline"
    """It must run to be ready in time."""

    MIN_ON = "min_on"
    """It would stop, but has not run for its least time."""

    MIN_OFF = "min_off"
    """It would start, but has not rested for its least time."""

    CONFIRMING = "confirming"
    """A change is due once it has looked right for long enough."""

    WAITING = "waiting"
    """It is planned for later."""

    NO_SURPLUS = "no_surplus"
    """Nothing foreseen is worth a start."""

    SATISFIED = "satisfied"
    """It needs nothing."""

    STARTS_SPENT = "starts_spent"
    """It has been started as often as it may today."""

    BLIND = "blind"
    """The meters are silent: released."""

    UNAVAILABLE = "unavailable"
    """It cannot be commanded."""

    PROGRAMME = "programme"
    """A programme runs and is not interrupted."""

    WINDOW = "window"
    """It may not be on at this time."""

    PLANNED = "planned"
    """Its user planned it for this time."""

    REQUIRES = "requires"
    """Another load that it depends on is off."""

    FUSE = "fuse"
    """The main fuse would carry too much."""

    USER_OFF = "user_off"
    """Its user wants it off."""

    USER_ON = "user_on"
    """Its user wants it on."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a load.

    Attributes:
        why: The reason.
        power: What it is to be set to, in W.
        next_change: When it is expected to change next (UTC), if ever.
        numbers: What the sentence needs, in SI units or money.
    """

    why: Why
    power: float
    next_change: datetime | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
