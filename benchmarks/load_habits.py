"""What the loads of homes have in common, and how far it holds for another home.

``python -m benchmarks.load_habits`` fits the coefficients that the load forecast goes
out from to the homes of the forecast arena together, prints them as they stand in the
integration, and then scores each home with what the other homes alone have in common.
"""

from collections.abc import Sequence
import importlib
from pathlib import Path
import sys
from typing import Any, ClassVar, Final, NamedTuple, override
from unittest.mock import patch

import numpy as np

from .arena_forecast import LoadModel, side_door

with side_door():
    from custom_components.pv_family.plant.forecast import load, load_regression
    from custom_components.pv_family.plant.forecast.load_columns import (
        COLUMNS,
        CONSTANT,
        COOL,
        HEAT,
    )
    from custom_components.pv_family.plant.forecast.load_regression import (
        QUANTILES,
        LoadRegression,
        prior,
    )
    from custom_components.pv_family.plant.forecast.regression import fit_quantile
    from custom_components.pv_family.plant.model.arrays import BoolArray, FloatArray

_ARENA: Final = Path(__file__).parent / "arenas" / "forecast"
_TARGET: Final = "load_w"
# How many hours of data the coefficients of a home's first days are worth.
_STRENGTH: Final = 300.0
_ROUNDS: Final = 20
_SHOWN: Final = ("mae_w", "bias", "pinball", "cover")


class Rows(NamedTuple):
    """What was known of a home's slots, and what came, as shares of its mean load."""

    columns: FloatArray
    load: FloatArray
    hours: FloatArray


class _Listener(LoadRegression):
    """Keeps what a forecaster would learn from on the evening before."""

    # The first that a forecaster makes is that of the evenings.
    made: ClassVar[list[_Listener]] = []

    def __init__(self, slots: int) -> None:
        super().__init__(slots)
        self.kept: list[FloatArray] = []
        _Listener.made.append(self)

    @override
    def learn(
        self, day: int, columns: FloatArray, load: FloatArray, use: BoolArray
    ) -> None:
        self.kept.append(np.column_stack([columns, load])[use])

    @override
    def fit(self, day: int, *, by_hour: bool) -> None:
        """Go on with what homes have in common."""


def rows_of(path: Path) -> Rows | None:
    """Return what the forecast of a home would learn from; ``None`` without a load."""
    arena: Any = importlib.import_module("arena")
    interface: Any = importlib.import_module("interface")
    record = arena.Record(path)
    if _TARGET not in record.columns:
        return None
    weather = record.weather(0, record.count, None)
    history = (record.start, record.step, record.columns[_TARGET], weather)
    _Listener.made.clear()
    with patch.object(load, "LoadRegression", _Listener):
        LoadModel(record.site(False)).fit(interface.Series(*history))
    rows = np.concatenate(_Listener.made[0].kept)
    rows /= rows[:, COLUMNS].mean()
    hours = np.full(len(rows), record.step.total_seconds() / 3600.0)
    return Rows(rows[:, :COLUMNS], rows[:, COLUMNS], hours)


def in_common(homes: Sequence[Rows]) -> FloatArray:
    """Return the coefficients of homes together, shape (columns, quantiles)."""
    columns, came, hours = (np.concatenate(part) for part in zip(*homes, strict=True))
    # Constant and temperature differ from home to home.
    columns[:, [CONSTANT, COOL, HEAT]] = 0.0
    fitted = (
        fit_quantile(columns, came, hours, first, _STRENGTH, quantile, rounds=_ROUNDS)
        for quantile, first in zip(QUANTILES, prior(0), strict=True)
    )
    return np.asarray(np.round(np.stack(list(fitted), axis=1), 2) + 0.0)


def main() -> None:
    """Print the coefficients, then the scores of homes that they do not know."""
    sys.path[:0] = [str(_ARENA), str(_ARENA.parent)]
    arena: Any = importlib.import_module("arena")
    score: Any = importlib.import_module("score")
    paths = sorted((_ARENA / "data").glob("*.csv.gz"))
    rows = {path: found for path in paths if (found := rows_of(path)) is not None}
    for coefficients in in_common(list(rows.values())).tolist():
        print("    (" + ", ".join(f"{each:.2f}" for each in coefficients) + "),")
    print(f"\n| home, day-ahead | {' | '.join(_SHOWN)} |")
    print("| :-- |" + " --: |" * len(_SHOWN))
    table = []
    for path in rows:
        others = in_common([rows[other] for other in rows if other != path])
        with patch.object(load_regression, "COMMON", others.tolist()):
            found = score.run_site(path, _TARGET, LoadModel, 1, arena.Cost())
        table.append([found["day-ahead"][name] for name in _SHOWN])
        _show(path.name.partition(".")[0], table[-1])
    _show("mean", np.mean(table, axis=0).tolist())


def _show(name: str, row: Sequence[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in row) + " |")


if __name__ == "__main__":
    main()
