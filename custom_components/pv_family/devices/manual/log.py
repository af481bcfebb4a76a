"""A log turned into energy over time, with a reason for every row left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from ...readings.spans import EnergySpan
from .layout import Kind, Layout, Stamp, joined_time
from .moments import parse_moment
from .numbers import parse_number
from .table import LogError, Table

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
# Nothing is known of how a longer time's energy was spread.
_LONGEST: Final = timedelta(days=31)
# No home gives or takes more, in W.
_MOST: Final = 2e6
# A counter that falls below this part of what it stood at has started anew.
_ANEW: Final = 0.05


class Reason(StrEnum):
    """Why a row is left out."""

    COUNTER_FELL = "counter_fell"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    """The same time as another row, with another value: the first one counts."""

    FUTURE = "future"
    IMPOSSIBLE = "impossible"
    NEGATIVE = "negative"
    NO_SUCH_TIME = "no_such_time"
    """The clock skipped this time when summer time began."""

    NO_TIME = "no_time"
    NO_VALUE = "no_value"
    TOO_FAR_APART = "too_far_apart"


class Problem(NamedTuple):
    """A row that is left out.

    Attributes:
        row: Its line in the file, counted from 1.
        reason: Why.
        text: What it says.
    """

    row: int
    reason: Reason
    text: str


@dataclass(slots=True)
class Log:
    """What a file says.

    Attributes:
        spans: The energy in Wh, in the order of time.
        problems: The rows that are left out, in the order of the file.
        rows: How many rows of data the file has.
        step: The usual time from one row to the next.
    """

    spans: list[EnergySpan] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    step: timedelta = _HOUR

    @property
    def energy(self) -> float:
        """All of it in Wh."""
        return sum(span.energy for span in self.spans)


class _Sample(NamedTuple):
    when: datetime
    value: float
    row: int
    text: str
    whole_day: bool


def read_log(table: Table, layout: Layout, zone: tzinfo, now: datetime) -> Log:
    """Return the energy that a table holds.

    Times without a zone are local. An hour that the clock shows twice in autumn is
    told apart by the order of the rows, the one skipped in spring does not exist.

    Args:
        table: The cells.
        layout: What they mean.
        zone: Where the file was written.
        now: The present (UTC): what claims to be later is left out.

    Raises:
        LogError: The unit is not one of what the values are said to be.
    """
    if layout.unit.is_power != (layout.kind is Kind.POWER):
        raise LogError("unit_and_kind")
    log = Log()
    samples = _samples(table, layout, zone, log)
    samples = [s for s in samples if _keep(s, now, log)]
    samples = _unique(samples, log)
    if layout.length is not None:
        log.step = layout.length
    elif len(samples) > 1:
        steps = sorted(b.when - a.when for a, b in pairwise(samples))
        log.step = steps[(len(steps) - 1) // 2]
    if layout.kind is Kind.COUNTER:
        spans = _counted(samples, layout, log)
    else:
        spans = _told(samples, layout, zone, log.step)
    for span, sample in spans:
        hours = span.seconds / 3600
        if span.end - span.start > _LONGEST:
            log.problems.append(_problem(sample, Reason.TOO_FAR_APART))
        elif span.energy > _MOST * hours:
            log.problems.append(_problem(sample, Reason.IMPOSSIBLE))
        else:
            log.spans.append(span)
    log.problems.sort()
    return log


def _samples(table: Table, layout: Layout, zone: tzinfo, log: Log) -> list[_Sample]:
    """Return what the rows say, in the order of time."""
    found: list[_Sample] = []
    for row, cells in table.rows[layout.first :]:
        log.rows += 1
        text = _text(cells, table.delimiter)
        moment = parse_moment(joined_time(cells, layout), layout.order)
        if moment is None:
            log.problems.append(Problem(row, Reason.NO_TIME, text))
            continue
        cell = cells[layout.value] if layout.value < len(cells) else ""
        value = parse_number(cell, layout.decimal)
        if value is None:
            log.problems.append(Problem(row, Reason.NO_VALUE, text))
            continue
        found.append(_Sample(moment.when, value, row, text, moment.whole_day))
    direction = sum(
        (b.when.replace(tzinfo=None) > a.when.replace(tzinfo=None))
        - (b.when.replace(tzinfo=None) < a.when.replace(tzinfo=None))
        for a, b in pairwise(found)
    )
    if direction < 0:
        found.reverse()
    placed: list[_Sample] = []
    before: datetime | None = None
    for sample in found:
        when = _in_utc(sample.when, zone, before)
        if when is None and sample.whole_day:
            # Where the clock skips midnight the day begins after it.
            when = _in_utc(sample.when + _HOUR, zone, before)
        if when is None:
            log.problems.append(_problem(sample, Reason.NO_SUCH_TIME))
            continue
        before = when
        placed.append(sample._replace(when=when))
    # The sort is stable: of rows of the same time the file's first one stays first.
    return sorted(placed, key=lambda sample: sample.when)


def _text(cells: Sequence[str], delimiter: str) -> str:
    """Return a row as text, shortened to what is worth showing."""
    return delimiter.join(cells)[:80]


def _in_utc(when: datetime, zone: tzinfo, before: datetime | None) -> datetime | None:
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    first = when.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = when.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) != when:
        return None
    if first != second and before is not None and first <= before < second:
        return second
    return first


def _keep(sample: _Sample, now: datetime, log: Log) -> bool:
    if sample.when > now:
        log.problems.append(_problem(sample, Reason.FUTURE))
    elif sample.value < 0.0:
        log.problems.append(_problem(sample, Reason.NEGATIVE))
    else:
        return True
    return False


def _unique(samples: Sequence[_Sample], log: Log) -> list[_Sample]:
    kept: list[_Sample] = []
    for sample in samples:
        if kept and kept[-1].when == sample.when:
            same = kept[-1].value == sample.value
            reason = Reason.DUPLICATE if same else Reason.CONFLICT
            log.problems.append(_problem(sample, reason))
        else:
            kept.append(sample)
    return kept


def _told(
    samples: Sequence[_Sample], layout: Layout, zone: tzinfo, step: timedelta
) -> list[tuple[EnergySpan, _Sample]]:
    """Return the energies that the rows tell of their own time."""
    days = step >= timedelta(hours=23) and all(
        _is_midnight(sample.when, zone) for sample in samples
    )
    days = days or bool(samples and all(sample.whole_day for sample in samples))
    told: list[tuple[EnergySpan, _Sample]] = []
    for index, sample in enumerate(samples):
        following = samples[index + 1].when if index + 1 < len(samples) else None
        preceding = samples[index - 1].when if index else None
        if days:
            start, end = sample.when, _end_of_day(sample.when, zone, step)
        elif layout.stamp is Stamp.END:
            length = step if preceding is None else sample.when - preceding
            start, end = sample.when - min(step, length), sample.when
        else:
            length = step if following is None else following - sample.when
            start, end = sample.when, sample.when + min(step, length)
        energy = sample.value * layout.unit.factor
        if layout.kind is Kind.POWER:
            energy *= (end - start) / _HOUR
        told.append((EnergySpan(start, end, energy), sample))
    return told


def _counted(
    samples: Sequence[_Sample], layout: Layout, log: Log
) -> list[tuple[EnergySpan, _Sample]]:
    """Return what a counter grew by from row to row."""
    counted: list[tuple[EnergySpan, _Sample]] = []
    last: _Sample | None = None
    for sample in samples:
        if last is not None:
            grown = sample.value - last.value
            if grown < 0.0:
                if sample.value > _ANEW * last.value:
                    log.problems.append(_problem(sample, Reason.COUNTER_FELL))
                    continue
                grown = sample.value
            energy = grown * layout.unit.factor
            counted.append((EnergySpan(last.when, sample.when, energy), sample))
        last = sample
    return counted


def _is_midnight(when: datetime, zone: tzinfo) -> bool:
    local = when.astimezone(zone)
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def _end_of_day(start: datetime, zone: tzinfo, step: timedelta) -> datetime:
    """Return the end of the local day or month that a row stands for."""
    local = start.astimezone(zone).replace(hour=0, minute=0, second=0, tzinfo=None)
    if step > timedelta(days=27) and local.day == 1:
        following = (local + timedelta(days=32)).replace(day=1)
    else:
        following = local + _DAY
    return following.replace(tzinfo=zone).astimezone(UTC)


def _problem(sample: _Sample, reason: Reason) -> Problem:
    return Problem(sample.row, reason, sample.text)
