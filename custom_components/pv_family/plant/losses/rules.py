"""What evidence claims how much of a loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from .cause import Cause

AT_LIMIT: Final = 0.03
"""How near to a limit, as a share of it, an output counts as held back by it."""
COVERED: Final = 0.2
"""Share of its expectation below which a snowy roof counts as covered."""
BALANCED: Final = 0.9
"""Share of its siblings below which a string counts as faulty."""
STOPPED: Final = 0.02
"""Share of its expectation below which an inverter counts as stopped."""
SNOWY: Final = 0.005
"""Depth of snow in m from which a roof may be covered."""
MELTING: Final = 5.0
"""°C above which snow does not stay on glass."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one interval; energies in Wh, ``None`` is not known.

    ``potential`` less the modelled losses is what a plant without faults would give.

    Attributes:
        hours: Length of the interval.
        theory: Of a new, clean, unshaded, unlimited plant under a cloudless sky.
        potential: Of the same plant under the sky as it was.
        harvest: AC energy that came.
        shade: Modelled loss to shade.
        soiling: Modelled loss to dirt.
        degradation: Modelled loss to age.
        clipping: Modelled loss to the inverters' limits.
        running: Share of the interval in which the inverters ran, 0 to 1.
        grid_present: Whether the grid was there.
        voltage: Highest voltage against neutral, V.
        voltage_limit: At which the inverter stops or throttles, V.
        power_limit: Output that was commanded or that an export limit left, W.
        strings: Power of each string over that of its siblings', 1 is healthy.
        snow_depth: m.
        temp_air: °C.
    """

    hours: float
    theory: float
    potential: float
    harvest: float
    shade: float = 0.0
    soiling: float = 0.0
    degradation: float = 0.0
    clipping: float = 0.0
    running: float | None = None
    grid_present: bool | None = None
    voltage: float | None = None
    voltage_limit: float | None = None
    power_limit: float | None = None
    strings: tuple[float, ...] = ()
    snow_depth: float | None = None
    temp_air: float | None = None

    @property
    def left(self) -> float:
        """What the modelled losses leave of the potential, Wh."""
        modelled = self.shade + self.soiling + self.degradation + self.clipping
        return max(self.potential - modelled, 0.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one cause says it took.

    Attributes:
        cause: Which.
        energy: At most, Wh; it gets no more than is missing.
        evidence: Why, as a key of the texts.
        values: The numbers behind it.
    """

    cause: Cause
    energy: float
    evidence: str
    values: tuple[float, ...] = ()


def claims(facts: Facts) -> Iterator[Claim]:
    """Yield what each cause claims, in the order of the way from the sky to the house.

    Losses that the model knows claim what it says. A state that was seen (stopped,
    held back, snow) claims all that is missing, but only after them: without it they
    would have been lost all the same.
    """
    for rule in _RULES:
        claim = rule(facts)
        if claim is not None and claim.energy > 0.0:
            yield claim


def _snow(facts: Facts) -> Claim | None:
    """Snow lies, it is cold, and hardly anything comes although the plant runs."""
    if facts.snow_depth is None or facts.snow_depth < SNOWY or facts.running == 0.0:
        return None
    if facts.temp_air is not None and facts.temp_air > MELTING:
        return None
    if facts.harvest >= COVERED * facts.left:
        return None
    return Claim(Cause.SNOW, facts.left, "snow_on_the_roof", (facts.snow_depth,))


def _shade(facts: Facts) -> Claim:
    return Claim(Cause.SHADE, facts.shade, "modelled_shade")


def _soiling(facts: Facts) -> Claim:
    return Claim(Cause.SOILING, facts.soiling, "modelled_soiling")


def _degradation(facts: Facts) -> Claim:
    return Claim(Cause.DEGRADATION, facts.degradation, "modelled_degradation")


def _string_fault(facts: Facts) -> Claim | None:
    """A string gives less than its siblings: it claims its own share of the plant."""
    weak = [share for share in facts.strings if share < BALANCED]
    if not weak or len(facts.strings) < 2:
        return None
    missing = sum(1.0 - max(share, 0.0) for share in weak) / len(facts.strings)
    return Claim(
        Cause.STRING_FAULT, missing * facts.left, "string_below_siblings", tuple(weak)
    )


def _clipping(facts: Facts) -> Claim:
    return Claim(Cause.CLIPPING, facts.clipping, "inverter_at_its_limit")


def _curtailment(facts: Facts) -> Claim | None:
    """A limit below the expectation, and an output right at it."""
    if facts.power_limit is None or facts.running == 0.0:
        return None
    limit = facts.power_limit * facts.hours
    if facts.left <= limit * (1.0 + AT_LIMIT):
        return None
    # A limit of nothing is met by nothing.
    slack = max(AT_LIMIT * limit, STOPPED * facts.left)
    if abs(facts.harvest - limit) > slack:
        return None
    return Claim(
        Cause.CURTAILMENT, facts.left - limit, "output_at_limit", (facts.power_limit,)
    )


def _overvoltage(facts: Facts) -> Claim | None:
    """The grid's voltage reached the limit while output was missing."""
    if facts.voltage is None or facts.voltage_limit is None:
        return None
    if facts.voltage < facts.voltage_limit:
        return None
    if facts.harvest >= (1.0 - AT_LIMIT) * facts.left:
        return None
    return Claim(
        Cause.OVERVOLTAGE,
        facts.left,
        "grid_voltage_at_limit",
        (facts.voltage, facts.voltage_limit),
    )


def _outage(facts: Facts) -> Claim | None:
    """The inverter stood still, or the grid was gone and nothing came."""
    if facts.running is not None and facts.running < 1.0:
        still = 1.0 - max(facts.running, 0.0)
        return Claim(
            Cause.OUTAGE, still * facts.left, "inverter_not_running", (facts.running,)
        )
    if facts.grid_present is False and facts.harvest <= STOPPED * facts.left:
        return Claim(Cause.OUTAGE, facts.left, "no_grid")
    return None


_RULES: Final[tuple[Callable[[Facts], Claim | None], ...]] = (
    _shade,
    _soiling,
    _degradation,
    _string_fault,
    _clipping,
    _curtailment,
    _overvoltage,
    _outage,
    _snow,
)
