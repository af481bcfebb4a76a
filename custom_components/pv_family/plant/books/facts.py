"""From model, meter and what was seen to the facts of one interval."""

from dataclasses import replace
from typing import Final

from ..losses.rules import AT_LIMIT, MELTING, SNOWY, Facts
from .evidence import Seen
from .modelled import Modelled

ENOUGH: Final = 0.03
"""Share of the nominal power below which standing still proves nothing."""
MOSTLY: Final = 0.5
"""Share of the time from which a state counts for an interval."""
LEAST_KNOWN: Final = 0.2
"""Share of the time that must be known to say that a component stood still."""


def facts_of(
    modelled: Modelled,
    seen: Seen,
    harvest: float,
    *,
    voltage_limit: float,
    room: float | None = None,
) -> Facts:
    """Return the facts of one interval.

    Args:
        modelled: What the model says.
        seen: What was seen.
        harvest: What came, Wh.
        voltage_limit: At which the inverter stops or throttles, V.
        room: Most that the component may give to house, battery and grid under the
            home's export limit, W.
    """
    facts = replace(modelled.facts, harvest=harvest)
    overvoltage = seen.overvoltage or (
        seen.voltage is not None and seen.voltage >= voltage_limit
    )
    voltage = seen.voltage
    if seen.overvoltage:
        voltage = max(voltage or 0.0, voltage_limit)
    limit = room
    if limit is None and seen.throttled > MOSTLY and not overvoltage:
        # The inverter says that it holds back, and not from what: its output tells.
        limit = harvest / facts.hours if facts.clipping <= 0.0 else None
    bright = facts.left >= ENOUGH * modelled.peak_power * facts.hours
    return replace(
        facts,
        running=_running(facts, seen) if bright and not overvoltage else None,
        grid_present=False if seen.grid_lost > MOSTLY else None,
        voltage=voltage,
        voltage_limit=voltage_limit,
        power_limit=limit,
        strings=seen.strings if bright else (),
    )


def _running(facts: Facts, seen: Seen) -> float | None:
    """Return the share of the time in which the inverter ran, as far as it proves."""
    if seen.running is None or seen.known < LEAST_KNOWN:
        return None
    covered = (facts.snow_depth or 0.0) >= SNOWY and (
        facts.temp_air is None or facts.temp_air <= MELTING
    )
    if covered and seen.stopped < MOSTLY and seen.grid_lost < MOSTLY:
        # An inverter in the dark of a snowed-in roof stands still without a fault.
        return None
    return 1.0 if seen.running > 1.0 - AT_LIMIT else seen.running
