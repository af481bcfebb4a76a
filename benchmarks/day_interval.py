"""How many days fall between P10 and P90 of their energy, in the homes of the arena.

``python -m benchmarks.day_interval`` replays the forecast arena's day-ahead issues and
compares the interval of a day's energy that Home Assistant shows with the sums of the
P10 and the P90 of its slots. Days from the eighth on count, of which most was measured.
"""

from collections.abc import Iterator
from datetime import datetime
import importlib
from pathlib import Path
import sys
from typing import Any, Final, NamedTuple, override

import numpy as np

from .arena_forecast import Bands, PvModel, WeatherForecast, side_door

with side_door():
    from custom_components.pv_family.plant.forecast.day_interval import SUMS, Halves

_ARENA: Final = Path(__file__).parent / "arenas" / "forecast"
_FIRST_DAY: Final = 7
_MEASURED: Final = 0.7
_FEWEST_SLOTS: Final = 4


class Day(NamedTuple):
    """A day in sums of the slots that were measured, W."""

    made: float
    p10: float
    p50: float
    p90: float
    halves: Halves

    def bounds(self, halves: Halves) -> tuple[float, float]:
        """Return the interval of its energy."""
        return (
            max(self.p50 - halves.low * (self.p50 - self.p10), 0.0),
            self.p50 + halves.high * (self.p90 - self.p50),
        )


class _Model(PvModel):
    """The entrant, which remembers how far its days stray."""

    halves: Halves = SUMS

    @override
    def predict(self, issue_time: datetime, weather: WeatherForecast) -> Bands:
        told = self.forecast(weather)
        _Model.halves = told.day
        return Bands(told)


def days_of(path: Path) -> Iterator[Day]:
    """Yield the days of a home of the arena."""
    sys.path[:0] = [str(_ARENA), str(_ARENA.parent)]
    arena: Any = importlib.import_module("arena")
    record = arena.Record(path)
    if "pv_w" not in record.columns:
        return
    for issue in arena.replay(record, "pv_w", _Model, False, 1, arena.Cost()):
        if issue.kind != "day-ahead" or issue.age < _FIRST_DAY:
            continue
        use = [
            index
            for index, lit in enumerate(issue.light)
            if lit and issue.actual[index] is not None
        ]
        if len(use) < max(_FEWEST_SLOTS, _MEASURED * sum(issue.light)):
            continue
        made, p10, p50, p90 = (
            sum(column[index] for index in use)
            for column in (issue.actual, issue.p10, issue.p50, issue.p90)
        )
        yield Day(made, p10, p50, p90, _Model.halves)


def main() -> None:
    """Print a row for each home."""
    print("| home | days | sums hold % | wide % | the day's own holds % | wide % |")
    print("| :-- | --: | --: | --: | --: | --: |")
    rows = []
    for path in sorted((_ARENA / "data").glob("*.csv.gz")):
        days = list(days_of(path))
        if not days:
            continue
        made = sum(day.made for day in days)
        row = [float(len(days))]
        for own in (False, True):
            ends = [day.bounds(day.halves if own else SUMS) for day in days]
            held = sum(
                low <= day.made <= high
                for day, (low, high) in zip(days, ends, strict=True)
            )
            row += [
                100.0 * held / len(days),
                100.0 * sum(high - low for low, high in ends) / made,
            ]
        rows.append(row)
        _show(path.name.partition(".")[0], row)
    _show("mean", np.mean(rows, axis=0).tolist())


def _show(name: str, row: list[float]) -> None:
    print(
        f"| {name} | {row[0]:.0f} | " + " | ".join(f"{v:.1f}" for v in row[1:]) + " |"
    )


if __name__ == "__main__":
    main()
