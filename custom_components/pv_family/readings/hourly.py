"""Energy by the hour from several witnesses, and which of them is believed.

The hours are those of Home Assistant's long-term statistics: they start on the hour
in UTC. What the home counted live is one witness; a node that buffered, a file and
the user are others. Each says what it says for good, an hour shows one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from .energy_counter import finite
from .spans import EnergySpan, Missed, hour_of, overlap, union

_HOUR: Final = timedelta(hours=1)
# Of an hour that was measured this far, what the others say is not needed.
_MEASURED: Final = 0.9
# Statistics are kept as floating point kWh: less than this is rounding, in Wh.
_ROUNDING: Final = 1e-3
# A value that comes this late in a statistics slot is shown in the next one.
_SHOWN_LATE: Final = timedelta(seconds=15)
_CLOCK_SKEW: Final = timedelta(minutes=1)


class Provenance(StrEnum):
    """Where an hour's energy comes from, the most trusted first."""

    MEASURED = "measured"
    LATE = "late"
    """A measuring node delivered it afterwards."""

    IMPORTED = "imported"
    MANUAL = "manual"


_CLAIMED: Final = (Provenance.IMPORTED, Provenance.MANUAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Hours that were entered together and can be undone together.

    Attributes:
        stream: The energy they are about, a flow of the home as a rule.
        provenance: ``IMPORTED`` or ``MANUAL``.
        label: What the user calls it, a file name as a rule.
        added: When it was entered (UTC); of equals the later one is believed.
        hours: The energy of each whole hour in Wh.
    """

    stream: str
    provenance: Provenance
    label: str
    added: datetime
    hours: Mapping[datetime, float]


class Judged(NamedTuple):
    """What is believed of one hour.

    Attributes:
        provenance: Who is believed, ``None`` if nobody knows of the hour.
        energy: The hour's energy in Wh.
    """

    provenance: Provenance | None
    energy: float | None


@dataclass(slots=True)
class _Row:
    """What the statistics show of one hour.

    Attributes:
        measured: What was counted live in Wh, ``None`` if there is no row.
        shown: What was asked to be shown last.
        settled: Whether it is known to be shown.
    """

    measured: float | None
    shown: float | None
    settled: bool


@dataclass(slots=True)
class _Stream:
    """One energy of the home.

    Attributes:
        rows: The hours that were looked at.
        open: The hours about which something new is known.
        claims: The batches that tell of each hour.
        late: What each source delivered afterwards, by its start.
        missed: When each source was not heard, by its start.
        published: Whether every witness's own series is up to date.
    """

    rows: dict[datetime, _Row] = field(default_factory=dict)
    open: set[datetime] = field(default_factory=set)
    claims: dict[datetime, set[str]] = field(default_factory=dict)
    late: dict[str, dict[datetime, EnergySpan]] = field(default_factory=dict)
    missed: dict[str, dict[datetime, Missed]] = field(default_factory=dict)
    published: bool = True


@dataclass(slots=True)
class HourBook:
    """What every witness says of each hour, and what the statistics should show.

    Believed are, in this order: what was measured in at least nine tenths of the hour,
    live or delivered late; of less, the larger of it and what was entered; a file
    before what was typed in, the later entry before the earlier one. What a source
    delivers late is added only for the time in which it was not heard. What its own
    register caught up at once moves from the hour that got it to where it flowed.

    Attributes:
        batches: What was entered, by its id.
    """

    batches: dict[str, Batch] = field(default_factory=dict)
    _streams: dict[str, _Stream] = field(default_factory=dict)

    @property
    def streams(self) -> tuple[str, ...]:
        """The energies that something is known of."""
        return tuple(self._streams)

    def put(self, batch_id: str, batch: Batch) -> bool:
        """Take in a batch and tell whether it changes anything.

        Args:
            batch_id: The same content has the same id: it is taken in once.
            batch: What was entered.

        Raises:
            ValueError: It holds what cannot be: no whole hours, negative energy.
        """
        if batch.provenance not in _CLAIMED:
            raise ValueError(f"{batch.provenance} is not entered")
        for hour, energy in batch.hours.items():
            if hour != hour_of(hour) or finite(energy) < 0.0:
                raise ValueError(f"{hour} has {energy!r} Wh")
        known = self.batches.get(batch_id)
        if known is not None and (known.stream, known.provenance, known.hours) == (
            batch.stream,
            batch.provenance,
            batch.hours,
        ):
            # Entered again it is looked at again: the statistics may have been lost.
            self._touch(batch.stream, batch.hours)
            return False
        if known is not None:
            self.undo(batch_id)
        self._add(batch_id, batch)
        self._touch(batch.stream, batch.hours)
        return True

    def undo(self, batch_id: str) -> Batch | None:
        """Forget a batch and return it, ``None`` if there is none of that id."""
        if (batch := self.batches.pop(batch_id, None)) is None:
            return None
        claims = self._streams[batch.stream].claims
        for hour in batch.hours:
            claims[hour].discard(batch_id)
            if not claims[hour]:
                del claims[hour]
        self._touch(batch.stream, batch.hours)
        return batch

    def put_late(
        self,
        stream: str,
        source: str,
        spans: Iterable[EnergySpan],
        missed: Iterable[Missed],
        now: datetime,
    ) -> list[EnergySpan]:
        """Take in what a source delivers afterwards and return what is refused.

        A span of the same start and end replaces its earlier version; one that
        overlaps another, lies in the future or is longer than a day is refused.

        Args:
            stream: The energy it is about.
            source: Who delivers it.
            spans: What flowed when.
            missed: When the source was not heard.
            now: The present (UTC).
        """
        book = self._streams.setdefault(stream, _Stream())
        touched: set[datetime] = set()
        gaps = book.missed.setdefault(source, {})
        for gap in missed:
            if gap.end <= gap.start or gaps.get(gap.start) == gap:
                continue
            gaps[gap.start] = gap
            touched |= _hours(gap.start, gap.end)
            touched |= {_booked(gap)} if gap.caught else set()
        known = book.late.setdefault(source, {})
        refused: list[EnergySpan] = []
        for span in spans:
            if known.get(span.start) == span:
                continue
            if not _possible(span, now) or _collides(span, known):
                refused.append(span)
                continue
            known[span.start] = span
            touched |= _hours(span.start, span.end)
            touched |= {
                _booked(gap)
                for gap in gaps.values()
                if gap.caught and overlap(gap, span) > 0.0
            }
        if touched:
            self._touch(stream, touched)
        return refused

    def open_hours(self, stream: str) -> frozenset[datetime]:
        """Return the hours that the statistics may not show rightly yet."""
        return frozenset(self._streams[stream].open)

    def plan(
        self, stream: str, shown: Mapping[datetime, float | None]
    ) -> dict[datetime, float | None]:
        """Return what the statistics should show of the hours.

        Keep the book safe before writing what is returned: until `settle` it cannot
        be told whether an hour shows what was counted live or what was planned.

        Args:
            stream: The energy it is about.
            shown: What the statistics show of open hours that are over, in Wh;
                ``None`` where they have no row.
        """
        book = self._streams[stream]
        for hour, energy in shown.items():
            if (row := book.rows.get(hour)) is None:
                book.rows[hour] = _Row(energy, energy, settled=False)
            elif row.settled:
                _follow(row, energy)
                row.settled = False
        planned = {hour: self.judge(stream, hour).energy for hour in shown}
        for hour, energy in planned.items():
            book.rows[hour].shown = energy
        return planned

    def settle(self, stream: str, hours: Iterable[datetime]) -> None:
        """Note that the statistics show what was planned."""
        book = self._streams[stream]
        for hour in hours:
            book.open.discard(hour)
            row = book.rows[hour]
            row.settled = True
            if row.shown == row.measured:
                del book.rows[hour]

    def judge(self, stream: str, hour: datetime) -> Judged:
        """Return who is believed of an hour that was planned."""
        book = self._streams[stream]
        row = book.rows.get(hour)
        measured = row.measured if row is not None else None
        moved = self._moved(book, hour)
        energy = None if measured is None else max(0.0, measured - moved)
        provenance = None if energy is None else Provenance.MEASURED
        late, seconds = _late(book, hour, measured)
        if seconds > 0.0:
            energy = (energy or 0.0) + late
            provenance = Provenance.LATE
        seen = 0.0 if measured is None else _HOUR.total_seconds() - _unheard(book, hour)
        if seen + seconds >= _MEASURED * _HOUR.total_seconds():
            return Judged(provenance, energy)
        for claimed in _CLAIMED:
            claim = self._claim(book, hour, claimed)
            if claim is not None and (energy is None or claim > energy):
                return Judged(claimed, claim)
            if claim is not None:
                break
        return Judged(provenance, energy)

    def provenance(self, stream: str, hour: datetime) -> Provenance:
        """Return who is believed of an hour that the statistics show."""
        book = self._streams.get(stream)
        if book is None or hour not in book.rows:
            return Provenance.MEASURED
        return self.judge(stream, hour).provenance or Provenance.MEASURED

    def series(self, stream: str, provenance: Provenance) -> dict[datetime, float]:
        """Return what one witness says of each hour in Wh, believed or not.

        Of what was measured only the hours that show something else.
        """
        book = self._streams[stream]
        if provenance is Provenance.MEASURED:
            return {
                hour: row.measured
                for hour, row in book.rows.items()
                if row.measured is not None and row.shown != row.measured
            }
        if provenance is Provenance.LATE:
            totals: dict[datetime, float] = {}
            for spans in book.late.values():
                for span in spans.values():
                    for hour in _hours(span.start, span.end):
                        share = overlap(span, _whole(hour)) / span.seconds
                        totals[hour] = totals.get(hour, 0.0) + span.energy * share
            return totals
        return {
            hour: claim
            for hour in book.claims
            if (claim := self._claim(book, hour, provenance)) is not None
        }

    def unpublished(self) -> list[str]:
        """Return the streams whose witnesses' own series are out of date."""
        return [name for name, book in self._streams.items() if not book.published]

    def publish(self, stream: str) -> None:
        """Note that the witnesses' own series are up to date."""
        self._streams[stream].published = True

    def as_dict(self) -> dict[str, Any]:
        """Return the book as JSON types, for `from_dict`."""
        return {
            "batches": {
                batch_id: {
                    "stream": batch.stream,
                    "provenance": str(batch.provenance),
                    "label": batch.label,
                    "added": batch.added.isoformat(),
                    "hours": {_key(h): energy for h, energy in batch.hours.items()},
                }
                for batch_id, batch in self.batches.items()
            },
            "streams": {
                name: {
                    "rows": {
                        _key(hour): [row.measured, row.shown, row.settled]
                        for hour, row in book.rows.items()
                    },
                    "open": sorted(_key(hour) for hour in book.open),
                    "late": {
                        source: [
                            [s.start.isoformat(), s.end.isoformat(), s.energy]
                            for s in spans.values()
                        ]
                        for source, spans in book.late.items()
                    },
                    "missed": {
                        source: [
                            [g.start.isoformat(), g.end.isoformat(), g.caught]
                            for g in gaps.values()
                        ]
                        for source, gaps in book.missed.items()
                    },
                    "published": book.published,
                }
                for name, book in self._streams.items()
            },
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> HourBook:
        """Return the book that `as_dict` described.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: It is not one of ours.
        """
        made = cls()
        for name, stored in state["streams"].items():
            made._streams[name] = _Stream(
                rows={
                    _hour(key): _Row(_optional(row[0]), _optional(row[1]), bool(row[2]))
                    for key, row in stored["rows"].items()
                },
                open={_hour(key) for key in stored["open"]},
                late={
                    source: {
                        span.start: span
                        for item in spans
                        if (span := EnergySpan(*_bounds(item), finite(item[2])))
                    }
                    for source, spans in stored["late"].items()
                },
                missed={
                    source: {
                        gap.start: gap
                        for item in gaps
                        if (gap := Missed(*_bounds(item), finite(item[2])))
                    }
                    for source, gaps in stored["missed"].items()
                },
                published=bool(stored["published"]),
            )
        for batch_id, item in state["batches"].items():
            batch = Batch(
                stream=str(item["stream"]),
                provenance=Provenance(item["provenance"]),
                label=str(item["label"]),
                added=_instant(item["added"]),
                hours={_hour(key): finite(wh) for key, wh in item["hours"].items()},
            )
            made._add(batch_id, batch)
        return made

    def _add(self, batch_id: str, batch: Batch) -> None:
        self.batches[batch_id] = batch
        claims = self._streams.setdefault(batch.stream, _Stream()).claims
        for hour in batch.hours:
            claims.setdefault(hour, set()).add(batch_id)

    def _touch(self, stream: str, hours: Iterable[datetime]) -> None:
        book = self._streams[stream]
        book.open.update(hours)
        book.published = False

    def _claim(
        self, book: _Stream, hour: datetime, provenance: Provenance
    ) -> float | None:
        claims = [
            (self.batches[batch_id].added, batch_id)
            for batch_id in book.claims.get(hour, ())
            if self.batches[batch_id].provenance is provenance
        ]
        return self.batches[max(claims)[1]].hours[hour] if claims else None

    def _moved(self, book: _Stream, hour: datetime) -> float:
        """Return what an hour holds that is known to have flowed before, in Wh."""
        moved = 0.0
        for source, gaps in book.missed.items():
            for gap in gaps.values():
                if gap.caught and _booked(gap) == hour:
                    told = sum(
                        span.energy * overlap(gap, span) / span.seconds
                        for span in book.late.get(source, {}).values()
                    )
                    moved += min(gap.caught, told)
        return moved


def _possible(span: EnergySpan, now: datetime) -> bool:
    return (
        timedelta(0) < span.end - span.start <= timedelta(days=1)
        and span.end <= now + _CLOCK_SKEW
        and 0.0 <= span.energy < 1e9
    )


def _collides(span: EnergySpan, known: Mapping[datetime, EnergySpan]) -> bool:
    return any(
        overlap(other, span) > 0.0
        for other in known.values()
        if (other.start, other.end) != (span.start, span.end)
    )


def _follow(row: _Row, energy: float | None) -> None:
    """Take over what somebody else changed in the statistics since."""
    if energy is None or row.shown is None:
        row.measured = energy if row.shown is None else None
    elif abs(energy - row.shown) > _ROUNDING:
        row.measured = max(0.0, (row.measured or 0.0) + energy - row.shown)


def _late(book: _Stream, hour: datetime, measured: float | None) -> tuple[float, float]:
    """Return an hour's late energy in Wh that nobody counted live, and its seconds."""
    whole, energy = _whole(hour), 0.0
    covered: list[tuple[datetime, datetime]] = []
    for source, spans in book.late.items():
        gaps = union((g.start, g.end) for g in book.missed.get(source, {}).values())
        for span in spans.values():
            start, end = max(span.start, whole.start), min(span.end, whole.end)
            if end <= start:
                continue
            # Without a row nothing was counted: all of it is news.
            parts = [(start, end)] if measured is None else []
            parts = parts or [(max(start, a), min(end, b)) for a, b in gaps]
            for a, b in parts:
                if b > a:
                    energy += span.energy * (b - a).total_seconds() / span.seconds
                    covered.append((a, b))
    seconds = sum((b - a).total_seconds() for a, b in union(covered))
    return energy, seconds


def _unheard(book: _Stream, hour: datetime) -> float:
    """Return for how many seconds of an hour some source was not heard."""
    whole = _whole(hour)
    gaps = union((g.start, g.end) for of in book.missed.values() for g in of.values())
    return sum(
        max(0.0, (min(b, whole.end) - max(a, whole.start)).total_seconds())
        for a, b in gaps
    )


def _booked(gap: Missed) -> datetime:
    """Return the hour that got what a register caught up after a gap."""
    return hour_of(gap.end + _SHOWN_LATE)


def _hours(start: datetime, end: datetime) -> set[datetime]:
    first = hour_of(start)
    count = -(-(end - first) // _HOUR)
    return {first + n * _HOUR for n in range(count)}


def _whole(hour: datetime) -> EnergySpan:
    return EnergySpan(hour, hour + _HOUR, 0.0)


def _key(hour: datetime) -> str:
    return str(int(hour.timestamp()) // 3600)


def _hour(key: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(key) * 3600, UTC)
    except OverflowError as err:
        raise ValueError(f"{key} is no hour") from err


def _bounds(item: Any) -> tuple[datetime, datetime]:
    start, end = _instant(item[0]), _instant(item[1])
    if end <= start:
        raise ValueError(f"{item!r} has no length")
    return start, end


def _instant(value: str) -> datetime:
    when = datetime.fromisoformat(value)
    if when.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return when


def _optional(value: Any) -> float | None:
    return None if value is None else finite(value)
