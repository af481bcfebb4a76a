"""What the recorder knows of a home's production and load, in the forecasts' slots."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import numpy as np

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE

from ..const import CONF_SWITCHED_LOADS, CONF_WEATHER, DOMAIN, SUBENTRY_LOAD
from ..plant.forecast.keeper import STEP
from ..plant.forecast.slots import COARSE, FINE, slots_of
from ..plant.model.arrays import FloatArray
from ..plant.model.plant import Plant
from ..plant.model.production import clear_sky_weather, expected_production
from ..plant.model.time_grid import TimeGrid
from ..readings.energy_book import Flow
from ..recorded import async_recorded

type Means = dict[float, float]

_FLOWS: Final = (Flow.PRODUCTION, Flow.CONSUMPTION)
# Times the peak power; more than that is no power.
_MOST: Final = 1.3
# The recorder forgets short means after ten days.
_FINE_FOR: Final = timedelta(days=9)


@dataclass(frozen=True, slots=True)
class Measured:
    """Means of slots in W, nan where unknown.

    Attributes:
        pv: Production.
        load: Consumption without the loads that are switched for the household.
    """

    pv: FloatArray
    load: FloatArray


async def async_measured(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    plant: Plant | None,
    grid: TimeGrid,
    held_back: Collection[int],
    now: datetime,
) -> Measured:
    """Return what was measured in slots of the past.

    Args:
        hass: Home Assistant.
        entry: The home.
        plant: What stands on its roof; gives hours their shape. Without one no
            production is read.
        grid: The slots.
        held_back: Numbers of slots in which the roof gave less than it could.
        now: The present (UTC).
    """
    unknown = np.full(grid.count, np.nan)
    if DATA_INSTANCE not in hass.data:
        return Measured(unknown, unknown)
    production, consumption = (_Series.of(hass, entry, flow) for flow in _FLOWS)
    told = entry.options.get(CONF_WEATHER, {}).get(CONF_SWITCHED_LOADS, ())
    switched = [_Series(statistic, None) for statistic in told]
    switched += _controlled(hass, entry)

    def read() -> Measured:
        wanted = {id_ for s in (production, consumption, *switched) for id_ in s.ids}
        means = _read(hass, wanted, grid, now)
        load = means.slots(grid, consumption)
        for series in switched:
            # A sensor that is gone while its load is off has nothing to add.
            load = load - np.nan_to_num(means.slots(grid, series))
        load = np.maximum(load, 0.0)
        if plant is None:
            return Measured(unknown, load)
        sky = clear_sky_weather(plant.site, grid)
        shape = expected_production(plant, sky).ac_power
        pv = means.slots(grid, production, shape)
        numbers = (grid.starts() // STEP.total_seconds()).astype(np.int64)
        pv = np.where(np.isin(numbers, list(held_back)), np.nan, pv)
        # Energy of a silence that comes all at once is no power.
        pv = np.where(pv <= _MOST * plant.peak_power, pv, np.nan)
        return Measured(pv, load)

    return await async_recorded(hass, read)


def _controlled(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[_Series]:
    """Return the energies of the loads that surplus is put into."""
    registry = er.async_get(hass)
    found = (
        registry.async_get_entity_id("sensor", DOMAIN, f"{load.subentry_id}_energy")
        for load in entry.get_subentries_of_type(SUBENTRY_LOAD)
    )
    return [_Series(None, energy) for energy in found if energy is not None]


async def async_first_days(
    hass: HomeAssistant, entry: ConfigEntry[Any], since: datetime, now: datetime
) -> tuple[datetime, datetime]:
    """Return since when the recorder knows production and consumption (UTC).

    What it does not know at all begins now.
    """
    if DATA_INSTANCE not in hass.data:
        return now, now
    production, consumption = (_Series.of(hass, entry, flow) for flow in _FLOWS)

    def read() -> tuple[datetime, datetime]:
        wanted = production.ids | consumption.ids
        rows = _rows(hass, since, now, wanted, "day") if wanted else {}

        def first(series: _Series) -> datetime:
            starts = [row["start"] for id_ in series.ids for row in rows.get(id_, ())]
            known = datetime.fromtimestamp(min(starts), since.tzinfo) if starts else now
            return min(max(known, since), now)

        return first(production), first(consumption)

    return await async_recorded(hass, read)


@dataclass(frozen=True, slots=True)
class _Series:
    """Statistics that tell of one power: its means, and the energy it carried."""

    power: str | None
    energy: str | None

    @classmethod
    def of(cls, hass: HomeAssistant, entry: ConfigEntry[Any], flow: Flow) -> _Series:
        registry = er.async_get(hass)
        power, energy = (
            registry.async_get_entity_id(
                "sensor", DOMAIN, f"{entry.entry_id}_{flow}_{kind}"
            )
            for kind in ("power", "energy")
        )
        return cls(power, energy)

    @property
    def ids(self) -> set[str]:
        return {id_ for id_ in (self.power, self.energy) if id_}


@dataclass(frozen=True, slots=True)
class _Read:
    fine: Mapping[str, Means]
    coarse: Mapping[str, Means]

    def slots(
        self, grid: TimeGrid, series: _Series, shape: FloatArray | None = None
    ) -> FloatArray:
        # Imported logs and the late hours of a node have energies only.
        hours = self.coarse.get(series.energy or "", {})
        hours = hours | self.coarse.get(series.power or "", {})
        fine = self.fine.get(series.power or series.energy or "", {})
        return slots_of(grid, fine, hours, shape)


def _read(
    hass: HomeAssistant, wanted: set[str], grid: TimeGrid, now: datetime
) -> _Read:
    recent = max(grid.start, now - _FINE_FOR)
    fine: dict[str, Means] = {}
    if recent < grid.end:
        fine = _means(_rows(hass, recent, grid.end, wanted, "5minute"), FINE)
    # An hour that has short means is not spoken for by its own.
    first = grid.start.replace(minute=0)
    coarse = _means(_rows(hass, first, grid.end, wanted, "hour"), COARSE)
    return _Read(fine, coarse)


def _rows(
    hass: HomeAssistant,
    start: datetime,
    end: datetime,
    wanted: set[str],
    period: Literal["5minute", "hour", "day"],
) -> Mapping[str, Iterable[Any]]:
    units = {"power": "W", "energy": "Wh"}
    return statistics_during_period(
        hass, start, end, wanted, period, units, {"mean", "change"}
    )


def _means(rows: Mapping[str, Iterable[Any]], length: int) -> dict[str, Means]:
    """Return the power of each row, out of its energy where it has no mean.

    Args:
        rows: Of each statistic.
        length: What a row is about, s.
    """
    found: dict[str, Means] = {}
    for statistic, own in rows.items():
        means = found[statistic] = {}
        for row in own:
            if (mean := row.get("mean")) is not None:
                means[row["start"]] = mean
            elif (change := row.get("change")) is not None:
                means[row["start"]] = change * COARSE / length
    return found
