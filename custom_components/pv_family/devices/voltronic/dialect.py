"""Tell the families of PI30 apart by what a unit answers, and say why."""

from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Final, NamedTuple, override

from .commands import FLAGS, LIVE, RATINGS, flags
from .pv import CurrentSide
from .words import LONG_WARNINGS


class Family(StrEnum):
    """Units whose answers and settings mean the same."""

    PIP = "pip"
    """PIP4048, HS, MS, MSX: a charge controller beside the inverter."""

    MKS = "mks"
    """KS, MKS: the sun feeds the load before the battery."""

    GK = "gk"
    """PIP-GK, MK."""

    MAX = "max"
    """MAX, VM, King."""


SIDES: Final = {
    Family.PIP: CurrentSide.BATTERY,
    Family.MKS: CurrentSide.LOAD,
    Family.MAX: CurrentSide.PANEL,
}

_MAX_RATINGS: Final = 28
_OLD_LIVE: Final = 17
_DAYLIGHT: Final = 60.0

# Model names as QMN gives them; the first that fits. MKS of the second generation
# speak like MAX and are left to what they answer.
_NAMES: Final = (
    (re.compile(r"\S*\d(GK|MK)\b|(PIP-?)?(GK|MK)\b"), Family.GK),
    (re.compile(r"(?:.*-)?(MAX|VM|KING)", re.IGNORECASE), Family.MAX),
    (re.compile(r"(AXPERT-)?(KS|MKS)(?!2|I)"), Family.MKS),
    (re.compile(r"PIP|HS|MS"), Family.PIP),
)


class Evidence(NamedTuple):
    """One thing that speaks for a family.

    Attributes:
        family: What it speaks for.
        weight: How much.
        fact: What it is, as a translation key.
        value: What the unit said.
    """

    family: Family
    weight: int
    fact: str
    value: str

    @override
    def __str__(self) -> str:
        """Return it in words."""
        return f"{_WORDS[self.fact].format(self.value)}: {self.family.upper()}"


_WORDS: Final = {
    "model": "it calls itself {}",
    "rating_fields": "QPIRI has {} fields",
    "feed_flag": "QFLAG has the letter {}",
    "live_fields": "QPIGS has only {} fields",
    "current_decimals": "the PV current {} has decimals",
    "charge_controller": "a charge controller sees {} V at the battery",
    "no_charge_controller": "PV gives {} V and there is no charge controller",
    "second_input": "QPIGS2 has {} fields",
    "eco_mode": "QMOD says {}",
    "warning_bits": "QPIWS has {} bits",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """What a unit answered while it was probed; empty where it did not."""

    protocol: str = ""
    ratings: str = ""
    flags: str = ""
    live: str = ""
    live_2: str = ""
    mode: str = ""
    warnings: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a unit is taken for.

    Attributes:
        family: The best supported family, ``None`` while two are equally so.
        evidence: Everything that speaks for one, the weightiest first.
        chosen_side: Where the user says that the PV current is measured.
    """

    family: Family | None
    evidence: tuple[Evidence, ...] = ()
    chosen_side: CurrentSide | None = None
    scores: dict[Family, int] = field(default_factory=dict)

    @property
    def pv_current_side(self) -> CurrentSide | None:
        """Return where the PV current is measured, ``None`` if that is not known."""
        if self.chosen_side is not None:
            return self.chosen_side
        return None if self.family is None else SIDES.get(self.family)


def detect(replies: Replies, pv_side: CurrentSide | None = None) -> Dialect:
    """Score the families by what a unit answered.

    Args:
        replies: What it answered.
        pv_side: Where the user says that its PV current is measured.
    """
    evidence = sorted(_evidence(replies), key=lambda item: -item.weight)
    scores = dict.fromkeys(Family, 0)
    for item in evidence:
        scores[item.family] += item.weight
    best = max(scores.values())
    leading = [family for family, score in scores.items() if score == best]
    family = leading[0] if len(leading) == 1 else None
    return Dialect(family, tuple(evidence), pv_side, scores)


def _evidence(replies: Replies) -> list[Evidence]:
    found: list[Evidence] = []

    def add(family: Family, weight: int, fact: str, value: object) -> None:
        found.append(Evidence(family, weight, fact, str(value)))

    for pattern, family in _NAMES:
        if replies.model and pattern.match(replies.model):
            add(family, 4, "model", replies.model)
            break
    rated, live = len(replies.ratings.split()), len(replies.live.split())
    bits = len(replies.warnings)
    if rated >= _MAX_RATINGS:
        add(Family.MAX, 3, "rating_fields", rated)
    if FLAGS.answers(replies.flags) and "d" in flags(replies.flags):
        add(Family.MAX, 3, "feed_flag", "d")
    if replies.live_2:
        add(Family.MAX, 1, "second_input", len(replies.live_2.split()))
    if RATINGS.answers(replies.ratings) and rated < _MAX_RATINGS:
        if live == _OLD_LIVE:
            add(Family.PIP, 2, "live_fields", live)
        if replies.mode == "E":
            add(Family.GK, 2, "eco_mode", replies.mode)
        elif bits >= LONG_WARNINGS:
            add(Family.GK, 2, "warning_bits", bits)
    if LIVE.answers(replies.live):
        found += _live_evidence(replies.live)
    return found


def _live_evidence(text: str) -> list[Evidence]:
    live = LIVE.decode(text)
    if "." in live.text("pv_current"):
        return [Evidence(Family.MAX, 3, "current_decimals", live.text("pv_current"))]
    if live.number("scc_voltage"):
        seen = live.text("scc_voltage")
        return [Evidence(Family.PIP, 3, "charge_controller", seen)]
    if (live.number("pv_voltage") or 0.0) < _DAYLIGHT:
        # In the dark a charge controller sees nothing either.
        return []
    voltage = live.text("pv_voltage")
    return [Evidence(Family.MKS, 1, "no_charge_controller", voltage)]
