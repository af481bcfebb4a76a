"""Monthly expected energy against the real plants of the forecast arena.

``python -m benchmarks.monthly_energy`` takes each plant that has irradiance, lets the
plant model say what every day should have given under the weather as it was measured,
scaled by what the roof gave of it in the thirty days before, and compares whole months
from the thirty-first day on. This is the code that says in Home Assistant what the roof
should give now.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import gzip
import json
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from .arena_forecast import side_door

with side_door():
    from custom_components.pv_family.plant.model.arrays import FloatArray
    from custom_components.pv_family.plant.model.inverter import Inverter
    from custom_components.pv_family.plant.model.mount import FixedMount
    from custom_components.pv_family.plant.model.plant import (
        Chain,
        Plant,
        PvArray,
        Site,
    )
    from custom_components.pv_family.plant.model.production import expected_production
    from custom_components.pv_family.plant.model.time_grid import TimeGrid
    from custom_components.pv_family.plant.model.weather_series import WeatherSeries
    from custom_components.pv_family.plant.site_level import DAYS, SiteLevel

_DATA: Final = Path(__file__).parent / "arenas" / "forecast" / "data"
_LEAST_DAYS: Final = 20
ALLOWED: Final = 0.08


@dataclass(frozen=True, slots=True)
class Record:
    """A plant and what was measured there, on one grid."""

    plant: Plant
    zone: ZoneInfo
    grid: TimeGrid
    power: FloatArray
    weather: WeatherSeries


def read(path: Path) -> Record | None:
    """Return a plant of the arena, ``None`` if nobody measured irradiance there."""
    meta = json.loads(path.read_text(encoding="utf-8"))
    with gzip.open(path.with_suffix(".csv.gz"), "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    if "ghi_w_m2" not in rows[0]:
        return None
    columns = {name: _column(rows, name) for name in rows[0] if name != "time_utc"}
    start = datetime.fromisoformat(rows[0]["time_utc"]).replace(tzinfo=UTC)
    grid = TimeGrid(start, timedelta(minutes=meta["step_min"]), len(rows))
    known = {"ghi": columns["ghi_w_m2"]}
    if "temp_c" in columns:
        known["temp_air"] = columns["temp_c"]
    peak = 1000.0 * meta["kwp"]
    array = PvArray(peak, FixedMount(meta["tilt"], meta["azimuth"]))
    return Record(
        Plant(Site(meta["lat"], meta["lon"]), (Chain(Inverter(peak), (array,)),)),
        ZoneInfo(meta["tz"]),
        grid,
        columns["pv_w"],
        WeatherSeries.from_columns(grid, **known),
    )


def _column(rows: list[dict[str, Any]], name: str) -> FloatArray:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


def errors(record: Record) -> dict[str, float]:
    """Return by how much the expectation of each month is off, as a share."""
    modelled = expected_production(record.plant, record.weather).ac_power
    local = [when.astimezone(record.zone) for when in record.grid]
    days = np.array([when.toordinal() for when in local])
    months = np.array([f"{when:%Y-%m}" for when in local])
    level, expected = SiteLevel(), np.full(record.grid.count, np.nan)
    for day in np.unique(days):
        here = days == day
        if day >= days[0] + DAYS:
            expected[here] = modelled[here] * level.factor
        level.learn(days[here], modelled[here], record.power[here])
    use = np.isfinite(expected) & np.isfinite(record.power)
    least = _LEAST_DAYS * timedelta(days=1) / record.grid.step
    return {
        str(month): float(expected[part].sum() / record.power[part].sum() - 1.0)
        for month in np.unique(months)
        if (part := use & (months == month)).sum() >= least
    }


def main() -> None:
    """Print the table."""
    print("| plant | months | mean error % | largest error % | within 8 % |")
    print("| :-- | --: | --: | --: | --: |")
    for path in sorted(_DATA.glob("*.json")):
        if (record := read(path)) is None:
            continue
        found = np.array(list(errors(record).values()))
        size = np.abs(found)
        largest = found[size.argmax()]
        print(
            f"| {path.stem} | {len(found)} | {100 * size.mean():.1f} |"
            f" {100 * largest:+.1f} | {(size <= ALLOWED).sum()} |"
        )


if __name__ == "__main__":
    main()
