"""The books: theory, harvest and what lies between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import fsum, hypot
from typing import Any, Final

from ...readings.energy_counter import finite, mapping
from .cause import BY_EVIDENCE, Cause
from .rules import Claim, Facts, claims

EXPLAINED: Final = 2.0
"""Standard uncertainties within which what no evidence explains may be the model's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One interval of the books; energies in Wh.

    ``theory == harvest + sum(booked.values())``, whatever was claimed.

    Attributes:
        theory: Of a new, clean, unshaded, unlimited plant under a cloudless sky.
        harvest: What came.
        booked: What each cause took; those that took nothing are left out.
        claims: The claims that got something, with their evidence.
    """

    theory: float
    harvest: float
    booked: Mapping[Cause, float]
    claims: tuple[Claim, ...]


def book(facts: Facts) -> Entry:
    """Book the energy of one interval.

    Claims are served in order and get no more than is missing. What is left over is
    unknown; it is negative where more came than the model expected.
    """
    booked = {Cause.WEATHER: facts.theory - facts.potential}
    missing = facts.potential - facts.harvest
    served = []
    for claim in claims(facts):
        share = min(claim.energy, missing)
        if share <= 0.0:
            continue
        booked[claim.cause] = booked.get(claim.cause, 0.0) + share
        missing -= share
        served.append(claim)
    booked[Cause.UNKNOWN] = missing
    return Entry(
        facts.theory,
        facts.harvest,
        {cause: energy for cause, energy in booked.items() if energy},
        tuple(served),
    )


@dataclass(slots=True)
class LossBook:
    """The books of a period; energies in Wh.

    What is unknown is not added up but left over from the rest, so the books close
    to the last bit however many intervals are added.

    Attributes:
        theory: Of all intervals.
        harvest: Of all intervals.
        explained: What each cause but the unknown took.
        unmeasured: Theory of intervals in which the harvest is not known; it is in no
            other figure.
    """

    theory: float = 0.0
    harvest: float = 0.0
    explained: dict[Cause, float] = field(default_factory=dict)
    unmeasured: float = 0.0

    def add(self, entry: Entry) -> None:
        """Add one interval."""
        self.theory += entry.theory
        self.harvest += entry.harvest
        for cause, energy in entry.booked.items():
            if cause is not Cause.UNKNOWN:
                self.explained[cause] = self.explained.get(cause, 0.0) + energy

    def add_unmeasured(self, theory: float) -> None:
        """Add an interval without a known harvest."""
        self.unmeasured += theory

    @property
    def potential(self) -> float:
        """What a new, clean, unshaded plant would have given under the real sky, Wh."""
        return self.theory - self.explained.get(Cause.WEATHER, 0.0)

    @property
    def unknown(self) -> float:
        """What no evidence explains, Wh."""
        return self.theory - fsum((self.harvest, *self.explained.values()))

    def waterfall(self) -> tuple[tuple[Cause, float], ...]:
        """Return every cause with what it took, in the order of the way, Wh."""
        return (
            (Cause.WEATHER, self.explained.get(Cause.WEATHER, 0.0)),
            *((cause, self.explained.get(cause, 0.0)) for cause in BY_EVIDENCE),
            (Cause.UNKNOWN, self.unknown),
        )

    def stated_error(self, model: float, meter: float) -> float:
        """Return the standard uncertainty of what is unknown, Wh.

        Args:
            model: Relative standard uncertainty of the potential.
            meter: Relative standard uncertainty of the harvest.
        """
        return hypot(model * self.potential, meter * self.harvest)

    def closes(self, model: float, meter: float) -> bool:
        """Return whether what is unknown lies within twice the stated error."""
        return abs(self.unknown) <= EXPLAINED * self.stated_error(model, meter)

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        return {
            "theory": self.theory,
            "harvest": self.harvest,
            "unmeasured": self.unmeasured,
            "explained": {str(cause): e for cause, e in self.explained.items()},
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> LossBook:
        """Return the books of a state.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        return cls(
            finite(state["theory"]),
            finite(state["harvest"]),
            {Cause(c): finite(e) for c, e in mapping(state["explained"]).items()},
            finite(state["unmeasured"]),
        )


def total(books: Iterable[LossBook]) -> LossBook:
    """Return several books as one."""
    whole = LossBook()
    for each in books:
        whole.theory += each.theory
        whole.harvest += each.harvest
        whole.unmeasured += each.unmeasured
        for cause, energy in each.explained.items():
            whole.explained[cause] = whole.explained.get(cause, 0.0) + energy
    return whole
