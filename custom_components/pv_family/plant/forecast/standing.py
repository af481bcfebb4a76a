"""How good the day-ahead forecasts of a home were, against saying "like yesterday"."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

import numpy as np

from ..model.arrays import FloatArray

_MEMORY_DAYS: Final = 60
_FEWEST_DAYS: Final = 7
# A lead of less than this may be luck.
_CLEAR_LEAD: Final = 0.05
# Where next to nothing is used, a percentage of it means nothing.
_LEAST_W: Final = 100.0


class Verdict(StrEnum):
    """What may honestly be said of the forecasts."""

    LEARNING = "learning"
    """Too few days to tell."""
    NOT_YET_BETTER = "not_yet_better"
    """No better than to expect the same as yesterday."""
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the forecasts of the last days turned out.

    Attributes:
        days: How many days were judged.
        mae: Mean absolute error of a slot, W.
        mape: The same as a share of what came, each slot counted with at least 100 W.
        day_error: Error of a day's energy as a share of what came.
        bias: What was foretold too much, as a share of what came.
        skill: 1 less the error over that of "like yesterday".
        coverage: Share of slots between P10 and P90; 0.8 is right.
        verdict: In one word.
    """

    days: int
    mae: float
    mape: float
    day_error: float
    bias: float
    skill: float
    coverage: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Row:
    """Sums over the slots of one judged day, W."""

    day: int
    slots: int
    actual: float
    foretold: float
    error: float
    naive_error: float
    relative: float
    covered: int


class Record:
    """The days that were judged, the last sixty."""

    def __init__(self) -> None:
        """Start without any."""
        self._rows: list[_Row] = []

    @property
    def last_day(self) -> int | None:
        """The last day that was judged."""
        return self._rows[-1].day if self._rows else None

    def judge(
        self,
        day: int,
        actual: FloatArray,
        bands: Sequence[FloatArray],
        naive: FloatArray,
    ) -> None:
        """Compare a day with what was said of it on the evening before.

        Slots in which something is unknown do not count.

        Args:
            day: Its number; days come in order.
            actual: Measured, W, shape (n,).
            bands: P10, P50 and P90 in W, each of shape (n,).
            naive: Measured a day before, W, shape (n,).
        """
        p10, p50, p90 = bands
        use = np.isfinite(actual) & np.isfinite(p50) & np.isfinite(naive)
        if not use.any() or (self._rows and day <= self._rows[-1].day):
            return
        came, said = actual[use], p50[use]
        error = np.abs(came - said)
        inside = (came >= p10[use] - 1.0) & (came <= p90[use] + 1.0)
        self._rows.append(
            _Row(
                day,
                len(came),
                float(came.sum()),
                float(said.sum()),
                float(error.sum()),
                float(np.abs(came - naive[use]).sum()),
                float((error / np.maximum(came, _LEAST_W)).sum()),
                int(inside.sum()),
            )
        )
        del self._rows[:-_MEMORY_DAYS]

    @property
    def standing(self) -> Standing | None:
        """How the forecasts turned out, ``None`` before the first judged day."""
        rows = self._rows
        slots = sum(row.slots for row in rows)
        if not slots:
            return None
        actual = max(sum(row.actual for row in rows), 1e-9)
        error = sum(row.error for row in rows)
        naive = sum(row.naive_error for row in rows)
        skill = 1.0 - error / naive if naive > 0.0 else 0.0
        verdict = Verdict.BETTER if skill > _CLEAR_LEAD else Verdict.NOT_YET_BETTER
        return Standing(
            days=len(rows),
            mae=error / slots,
            mape=sum(row.relative for row in rows) / slots,
            day_error=sum(abs(row.foretold - row.actual) for row in rows) / actual,
            bias=sum(row.foretold - row.actual for row in rows) / actual,
            skill=skill,
            coverage=sum(row.covered for row in rows) / slots,
            verdict=Verdict.LEARNING if len(rows) < _FEWEST_DAYS else verdict,
        )

    def as_list(self) -> list[list[float]]:
        """Return the state."""
        return [
            [
                row.day,
                row.slots,
                *(
                    round(value, 1)
                    for value in (
                        row.actual,
                        row.foretold,
                        row.error,
                        row.naive_error,
                    )
                ),
                round(row.relative, 4),
                row.covered,
            ]
            for row in self._rows
        ]

    @classmethod
    def restore(cls, state: list[list[Any]]) -> Self:
        """Return what ``as_list`` described."""
        record = cls()
        record._rows = [_Row(*row) for row in state]
        return record
