"""Rewrite single hours of an energy's statistics, and shift every later sum.

Home Assistant's import writes rows and its adjustment shifts sums, each by itself: a
crash between the two leaves a step in the sum, and an adjustment cannot be repeated.
Here both happen in one transaction of the recorder's own thread, from what the rows
hold at that moment: it happens whole or not at all, and repeating it changes nothing.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import time
from typing import Final, override

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.db_schema import (
    Statistics,
    StatisticsRuns,
    StatisticsShortTerm,
)
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
    process_timestamp,
)
from homeassistant.components.recorder.statistics import (
    get_short_term_statistics_run_cache,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.components.recorder.util import retryable_database_job
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.util.unit_conversion import EnergyConverter

from .readings.spans import hour_of

_HOUR: Final = 3600.0
_SLOT: Final = timedelta(minutes=5)
_SLOTS: Final = 12
# In kWh: less is the rounding of a sum.
_ROUNDING: Final = 1e-8


def energy_metadata(
    statistic_id: str, source: str, name: str | None = None
) -> StatisticMetaData:
    """Return how a series of energies is described."""
    return StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=name,
        source=source,
        statistic_id=statistic_id,
        unit_class=EnergyConverter.UNIT_CLASS,
        unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    )


def compiled_until(hass: HomeAssistant, now: datetime) -> datetime | None:
    """Return the end (UTC) of the last hour whose statistics are complete.

    Runs in the recorder's executor.
    """
    with session_scope(hass=hass, read_only=True) as session:
        # A clock that once ran ahead left runs in the future behind.
        last = session.execute(
            select(func.max(StatisticsRuns.start)).where(StatisticsRuns.start <= now)
        ).scalar()
    return None if last is None else hour_of(process_timestamp(last) + _SLOT)


def hour_changes(
    hass: HomeAssistant, statistic_id: str, start: datetime, end: datetime
) -> dict[datetime, float]:
    """Return what the rows of a series show of each hour in Wh.

    Runs in the recorder's executor.
    """
    rows = statistics_during_period(
        hass,
        start,
        end,
        {statistic_id},
        "hour",
        {EnergyConverter.UNIT_CLASS: UnitOfEnergy.WATT_HOUR},
        {"change"},
    ).get(statistic_id, [])
    return {
        datetime.fromtimestamp(row["start"], UTC): change
        for row in rows
        if (change := row.get("change")) is not None
    }


async def async_rewrite_hours(
    hass: HomeAssistant,
    metadata: StatisticMetaData,
    hours: Mapping[datetime, float | None],
    *,
    whole: bool = False,
) -> None:
    """Make a series show these energies in these hours, and wait until it does.

    Args:
        hass: Home Assistant.
        metadata: The series.
        hours: The energy of each hour in Wh, ``None`` where there is to be no row. The
            hours must be over and compiled.
        whole: Whether hours that are not given are to have no row.
    """
    done: asyncio.Future[None] = hass.loop.create_future()
    energies = {hour.timestamp(): energy for hour, energy in hours.items()}
    get_instance(hass).queue_task(_RewriteHours(metadata, energies, whole, done))
    await done


@dataclass(slots=True)
class _RewriteHours(RecorderTask):
    """A job of the recorder's thread."""

    metadata: StatisticMetaData
    energies: dict[float, float | None]
    whole: bool
    done: asyncio.Future[None]

    @override
    def run(self, instance: Recorder) -> None:
        error: Exception | None = None
        try:
            if not _rewrite(instance, self.metadata, self.energies, self.whole):
                # The database was busy.
                instance.queue_task(self)
                return
        except Exception as err:  # noqa: BLE001 - whoever waits is told
            error = err
        instance.hass.loop.call_soon_threadsafe(self._finish, error)

    def _finish(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


@retryable_database_job("rewrite hours of statistics")
def _rewrite(
    instance: Recorder,
    metadata: StatisticMetaData,
    energies: Mapping[float, float | None],
    whole: bool,
) -> bool:
    with session_scope(session=instance.get_session()) as session:
        manager = instance.statistics_meta_manager
        known = manager.get_many(session, statistic_ids={metadata["statistic_id"]})
        if known:
            series_id, present = known[metadata["statistic_id"]]
            unit = present["unit_of_measurement"]
        elif energies:
            _, series_id = manager.update_or_add(session, metadata, {})
            unit = metadata["unit_of_measurement"]
        else:
            return True
        convert = EnergyConverter.converter_factory(UnitOfEnergy.WATT_HOUR, unit)
        wanted = {
            start: None if energy is None else convert(energy)
            for start, energy in energies.items()
        }
        if whole:
            wanted = dict.fromkeys(_starts(session, series_id), None) | wanted
        if wanted:
            shifts = _rewrite_hours(session, series_id, wanted)
            _shift_slots(session, series_id, shifts)
            if not whole:
                _bridge_to_next_slot(instance, session, series_id)
    return True


def _rewrite_hours(
    session: Session, series_id: int, wanted: Mapping[float, float | None]
) -> list[tuple[float, float]]:
    """Rewrite the hourly rows; return each changed hour and the change of its energy.

    Energies are in the unit of the series.
    """
    first, last = min(wanted), max(wanted)
    sum_before = _sum_before(session, series_id, first)
    rows = {
        start: (row_id, total)
        for row_id, start, total in session.execute(
            select(Statistics.id, Statistics.start_ts, Statistics.sum).where(
                Statistics.metadata_id == series_id,
                Statistics.start_ts >= first,
                Statistics.start_ts <= last,
                Statistics.sum.is_not(None),
            )
        )
        if start is not None
    }
    now = time.time()
    shift, shifts = 0.0, []
    removed: list[int] = []
    updated: list[dict[str, float]] = []
    for start in sorted(rows.keys() | wanted.keys()):
        row_id, total = rows.get(start, (None, sum_before))
        shown = total - sum_before
        energy = wanted.get(start, shown)
        difference = (energy or 0.0) - shown
        if abs(difference) > _ROUNDING:
            shift += difference
            shifts.append((start, difference))
        if row_id is not None:
            sum_before = total
            if energy is None:
                removed.append(row_id)
            elif shift:
                updated.append({"id": row_id, "sum": total + shift})
        elif energy is not None:
            session.add(
                Statistics(
                    metadata_id=series_id,
                    created_ts=now,
                    start_ts=start,
                    sum=sum_before + shift,
                )
            )
    if updated:
        session.execute(update(Statistics), updated)
    for row_id in removed:
        session.execute(delete(Statistics).where(Statistics.id == row_id))
    if shift:
        session.execute(
            update(Statistics)
            .where(Statistics.metadata_id == series_id, Statistics.start_ts > last)
            .values(sum=Statistics.sum + shift)
            .execution_options(synchronize_session=False)
        )
    return shifts


def _shift_slots(
    session: Session, series_id: int, shifts: list[tuple[float, float]]
) -> None:
    """Shift the five-minute rows, from the last of which Home Assistant counts on.

    Within its hour a change is spread evenly over the slots.
    """
    if not shifts:
        return
    rows = session.execute(
        select(StatisticsShortTerm.id, StatisticsShortTerm.start_ts)
        .where(
            StatisticsShortTerm.metadata_id == series_id,
            StatisticsShortTerm.start_ts >= shifts[0][0],
            StatisticsShortTerm.sum.is_not(None),
        )
        .order_by(StatisticsShortTerm.start_ts)
    ).all()
    changes = iter([*shifts, (float("inf"), 0.0)])
    hour, change = next(changes)
    passed = 0.0
    for row_id, start in rows:
        if start is None:
            continue
        while start >= hour + _HOUR:
            passed += change
            hour, change = next(changes)
        slot = (start - hour) // _SLOT.total_seconds() + 1
        share = change * min(_SLOTS, slot) / _SLOTS if start >= hour else 0.0
        session.execute(
            update(StatisticsShortTerm)
            .where(StatisticsShortTerm.id == row_id)
            .values(sum=StatisticsShortTerm.sum + passed + share)
            .execution_options(synchronize_session=False)
        )


def _bridge_to_next_slot(instance: Recorder, session: Session, series_id: int) -> None:
    """Let Home Assistant count on from the last hour.

    It goes on from the last five-minute row. If that is older than the last hour, or
    there is none, the next row would fall back to an old sum.
    """
    hour = session.execute(
        select(Statistics.start_ts, Statistics.sum)
        .where(Statistics.metadata_id == series_id, Statistics.sum.is_not(None))
        .order_by(Statistics.start_ts.desc())
        .limit(1)
    ).first()
    slot = session.execute(
        select(StatisticsShortTerm.start_ts, StatisticsShortTerm.state)
        .where(StatisticsShortTerm.metadata_id == series_id)
        .order_by(StatisticsShortTerm.start_ts.desc())
        .limit(1)
    ).first()
    if hour is None or hour[0] is None:
        return
    if slot is not None and slot[0] is not None and slot[0] >= hour[0]:
        return
    bridge = StatisticsShortTerm(
        metadata_id=series_id,
        created_ts=time.time(),
        start_ts=hour[0] + _HOUR - _SLOT.total_seconds(),
        # Without a state the sensor's next value is where counting begins.
        state=slot[1] if slot is not None else None,
        sum=hour[1],
    )
    session.add(bridge)
    session.flush()
    get_short_term_statistics_run_cache(instance.hass).set_latest_id_for_metadata_id(
        series_id, bridge.id
    )


def _sum_before(session: Session, series_id: int, start: float) -> float:
    total = session.execute(
        select(Statistics.sum)
        .where(
            Statistics.metadata_id == series_id,
            Statistics.start_ts < start,
            Statistics.sum.is_not(None),
        )
        .order_by(Statistics.start_ts.desc())
        .limit(1)
    ).scalar()
    return total or 0.0


def _starts(session: Session, series_id: int) -> Iterator[float]:
    for start in session.execute(
        select(Statistics.start_ts).where(Statistics.metadata_id == series_id)
    ).scalars():
        if start is not None:
            yield start
