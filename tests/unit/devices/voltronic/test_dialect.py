"""Families told apart by what real units answered."""

import pytest

from custom_components.pv_family.devices.voltronic.dialect import (
    Family,
    Replies,
    detect,
)
from custom_components.pv_family.devices.voltronic.pv import CurrentSide

from .recorded import (
    MAX_LIVE,
    MAX_RATINGS,
    MKS_LIVE,
    PIP_LIVE,
    PIP_RATINGS,
    without_pv_power,
)

DARK = "000.0 00.0 230.0 49.9 0161 0119 003 460 50.50 000 060 0030 0000 000.0 00.00"


@pytest.mark.parametrize(
    ("replies", "family"),
    [
        (Replies(ratings=PIP_RATINGS, live=PIP_LIVE), Family.PIP),
        (Replies(ratings=PIP_RATINGS, live=without_pv_power(PIP_LIVE)), Family.PIP),
        (Replies(ratings=MAX_RATINGS, live=MAX_LIVE), Family.MAX),
        (Replies(ratings=PIP_RATINGS, live=MAX_LIVE), Family.MAX),
        (Replies(ratings=PIP_RATINGS, live=MKS_LIVE), Family.MKS),
        (Replies(ratings=PIP_RATINGS, flags="EakxyDbdjuvz"), Family.MAX),
        (Replies(ratings=PIP_RATINGS, mode="E"), Family.GK),
        (Replies(ratings=PIP_RATINGS, warnings="0" * 36), Family.GK),
        (Replies(ratings=MAX_RATINGS, warnings="0" * 36), Family.MAX),
        (Replies(ratings=MAX_RATINGS, model="MKS2-8000"), Family.MAX),
        (Replies(model="MKS-5000"), Family.MKS),
        (Replies(model="PIP-5048GK"), Family.GK),
        (Replies(model="PIP-4048MS"), Family.PIP),
        (Replies(model="VMII-NXPW5KW"), Family.MAX),
        (Replies(model="AXPERT-KING-5000"), Family.MAX),
        (Replies(model="AXPERT-MKS-5000"), Family.MKS),
        # Panels of a 12 V unit stay below what others have at dawn.
        (
            Replies(
                ratings=PIP_RATINGS,
                live=PIP_LIVE.replace("103.8 57.45", "034.0 12.60"),
                warnings="0" * 36,
            ),
            Family.PIP,
        ),
        (Replies(), None),
        (
            Replies(ratings=PIP_RATINGS, live=f"{DARK} 00003 00010000 00 00 00000 010"),
            None,
        ),
    ],
)
def test_family(replies: Replies, family: Family | None) -> None:
    """Each is found, and nothing is guessed in the dark."""
    assert detect(replies).family is family


def test_evidence_in_words() -> None:
    """What speaks for a family can be read, the weightiest first."""
    dialect = detect(
        Replies(
            ratings=MAX_RATINGS,
            live=MAX_LIVE,
            live_2="03.1 327.3 01026",
            model="MAX-7200",
        )
    )
    assert [str(item) for item in dialect.evidence] == [
        "it calls itself MAX-7200: MAX",
        "QPIRI has 28 fields: MAX",
        "the PV current 02.7 has decimals: MAX",
        "QPIGS2 has 3 fields: MAX",
    ]
    assert dialect.scores[Family.MAX] == 11
    assert dialect.scores[Family.PIP] == 0


@pytest.mark.parametrize(
    ("family", "side"),
    [
        ("PIP-4048MS", CurrentSide.BATTERY),
        ("MAX-7200", CurrentSide.PANEL),
        ("MKS-5000", CurrentSide.LOAD),
        ("PIP-5048GK", None),
    ],
)
def test_side_of_the_pv_current(family: str, side: CurrentSide | None) -> None:
    """It follows from the family unless the user knows better."""
    assert detect(Replies(model=family)).pv_current_side is side
    chosen = detect(Replies(model=family), CurrentSide.PANEL)
    assert chosen.pv_current_side is CurrentSide.PANEL
