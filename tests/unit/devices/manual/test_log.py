"""Logs of different portals, with everything that goes wrong in them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.devices.manual.export import ExportedHour, write_log
from custom_components.pv_family.devices.manual.layout import (
    Kind,
    Layout,
    Stamp,
    Unit,
    guess_layout,
    numeric_columns,
)
from custom_components.pv_family.devices.manual.log import Log, Reason, read_log
from custom_components.pv_family.devices.manual.table import LogError, read_table
from custom_components.pv_family.readings.energy_book import Flow
from custom_components.pv_family.readings.spans import by_hour

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(text: str, **changes: object) -> tuple[Layout, Log]:
    """Read a file as it is guessed, but for the changes."""
    table = read_table(text)
    layout = replace(guess_layout(table), **changes)  # type: ignore[arg-type]
    return layout, read_log(table, layout, BUCHAREST, NOW)


def energies(log: Log) -> list[int]:
    """Return the energy of each span in whole Wh."""
    return [round(span.energy) for span in log.spans]


@pytest.mark.parametrize(
    ("header", "flow", "unit", "kind"),
    [
        ("Producție (kWh)", Flow.PRODUCTION, Unit.KWH, Kind.ENERGY),
        ("Energia prodotta [Wh]", Flow.PRODUCTION, Unit.WH, Kind.ENERGY),
        ("PV-Erzeugung in kW", Flow.PRODUCTION, Unit.KW, Kind.POWER),
        ("ac_power_w", Flow.PRODUCTION, Unit.W, Kind.POWER),
        ("Consum MWh", Flow.CONSUMPTION, Unit.MWH, Kind.ENERGY),
        ("Energia immessa kWh", Flow.GRID_EXPORT, Unit.KWH, Kind.ENERGY),
        ("Netzbezug kWh", Flow.GRID_IMPORT, Unit.KWH, Kind.ENERGY),
        ("Energie preluată din rețea", Flow.GRID_IMPORT, Unit.KWH, Kind.ENERGY),
        ("Battery discharge (kWh)", Flow.BATTERY_DISCHARGE, Unit.KWH, Kind.ENERGY),
        ("Entladung kWh", Flow.BATTERY_DISCHARGE, Unit.KWH, Kind.ENERGY),
        ("Încărcare baterie kWh", Flow.BATTERY_CHARGE, Unit.KWH, Kind.ENERGY),
        ("Putere", Flow.PRODUCTION, Unit.KW, Kind.POWER),
    ],
)
def test_headers_in_four_languages(
    header: str, flow: Flow, unit: Unit, kind: Kind
) -> None:
    """Flow, unit and kind follow from the name of the column."""
    layout, _ = read(f"Time;{header}\n2026-06-15 10:00;3,5\n2026-06-15 11:00;2,5\n")
    assert (layout.flow, layout.unit, layout.kind) == (flow, unit, kind)


def test_the_best_column_is_chosen() -> None:
    """Production before consumption, energy before power, text never."""
    table = read_table(
        "Report of my plant\nSerial;4711\n\n"
        "Status;Time;Load (kWh);PV power (W);PV energy (kWh);Temp\n"
        "ok;2026-06-15 10:00;1;1500;1.5;20\nok;2026-06-15 11:00;1;2500;2.5;21\n"
    )
    layout = guess_layout(table)
    assert layout.names[layout.value] == "PV energy (kWh)"
    assert [layout.names[i] for i in numeric_columns(table, layout)] == [
        "Load (kWh)",
        "PV power (W)",
        "PV energy (kWh)",
        "Temp",
    ]
    other = guess_layout(table, column=3)
    assert (other.unit, other.kind) == (Unit.W, Kind.POWER)


def test_columns_of_the_same_name_are_told_apart() -> None:
    """A second one of a name gets its number."""
    layout, _ = read("Time;kWh;kWh;\n2026-06-15 10:00;1;2;\n")
    assert layout.names == ("Time", "kWh", "kWh 3", "4")


def test_power_is_held_until_the_next_row_but_not_through_a_gap() -> None:
    """Quarter hours of power; what follows a gap starts anew."""
    _, log = read(
        "Time,Power (kW)\n2026-06-15 10:00,4\n2026-06-15 10:15,2\n"
        "2026-06-15 10:30,1\n2026-06-15 13:00,8\n2026-06-15 13:15,8\n"
    )
    assert energies(log) == [1000, 500, 250, 2000, 2000]
    assert log.spans[2].end == log.spans[2].start + timedelta(minutes=15)


def test_a_lifetime_counter_counts_its_growth() -> None:
    """Resets go on from zero, a fall in between is refused."""
    text = "Date;Total counter kWh\n" + "".join(
        f"{day:02d}.06.2026 00:00;{value}\n"
        for day, value in enumerate(
            (1000, 1010, 1020, 1015, 1030, 5, 25, 30, 40), start=1
        )
    )
    layout, log = read(text)
    assert layout.kind is Kind.COUNTER
    assert energies(log) == [10_000, 10_000, 10_000, 5_000, 20_000, 5_000, 10_000]
    assert [(p.row, p.reason) for p in log.problems] == [(5, Reason.COUNTER_FELL)]


def test_a_daily_counter_is_recognized() -> None:
    """Values that grow through each day and start anew are a counter."""
    rows = [
        f"{day:02d}.06.2026 {hour:02d}:00;{max(0, min(10, hour - 7))}"
        for day in (1, 2, 3)
        for hour in range(24)
    ]
    layout, log = read("Zeit;Tagesertrag kWh\n" + "\n".join(rows))
    assert layout.kind is Kind.COUNTER
    assert log.energy == pytest.approx(30_000)


def test_daily_values_stand_for_local_days() -> None:
    """A date is its local day: 23 hours in March, 25 in October."""
    _, log = read("Data;kWh\n28.03.2026;1\n29.03.2026;2\n30.03.2026;3\n")
    assert [span.seconds / 3600 for span in log.spans] == [24, 23, 24]
    assert log.spans[1].start == datetime(2026, 3, 28, 22, tzinfo=UTC)
    _, log = read("Data;kWh\n25.10.2025;1\n26.10.2025;2\n27.10.2025;3\n")
    assert [span.seconds / 3600 for span in log.spans] == [24, 25, 24]


def test_monthly_values_stand_for_their_month() -> None:
    """The first of each month stands for all of it."""
    _, log = read("Month;kWh\n01.01.2026;1\n01.02.2026;2\n01.03.2026;3\n")
    assert [span.seconds / 86400 for span in log.spans] == [31, 28, 30.958333333333332]


def test_the_hour_twice_in_autumn_is_told_by_order() -> None:
    """The second 03:00 is an hour after the first."""
    rows = "".join(f"2025-10-26 {hour};1\n" for hour in ("02:00", "03:00", "03:00"))
    _, log = read(f"Time;kWh\n{rows}2025-10-26 04:00;1\n")
    assert not log.problems
    starts = [span.start for span in log.spans]
    assert starts == [
        datetime(2025, 10, 25, 23, tzinfo=UTC) + n * HOUR for n in range(4)
    ]


def test_the_hour_twice_in_autumn_backwards() -> None:
    """A file with its newest row first tells the same."""
    rows = ["02:30", "03:00", "03:30", "03:00", "03:30", "04:00"]
    text = "".join(f"2025-10-26 {hour};{n}\n" for n, hour in enumerate(rows))
    back = "".join(reversed(text.splitlines(keepends=True)))
    assert read(f"Time;kWh\n{back}")[1].spans == read(f"Time;kWh\n{text}")[1].spans


def test_the_hour_that_spring_skips_is_refused() -> None:
    """It is named with its row; the others count."""
    _, log = read(
        "Time;kWh\n2026-03-29 02:00;1\n2026-03-29 03:00;9\n2026-03-29 04:00;2\n"
    )
    assert energies(log) == [1000, 2000]
    assert [(p.row, p.reason) for p in log.problems] == [(3, Reason.NO_SUCH_TIME)]


def test_every_refused_row_is_listed() -> None:
    """Each with its line and its reason; nothing is dropped in silence."""
    _, log = read(
        "Time;PV kWh\n"
        "2026-06-15 10:00;1\n"
        "2026-06-15 10:00;1\n"
        "2026-06-15 10:00;2\n"
        "2026-06-15 11:00;\n"
        "2026-06-15 12:00;-1\n"
        "whenever;1\n"
        "2027-06-15 13:00;1\n"
        "2026-06-15 14:00;9999999\n"
        "2026-06-15 15:00;2\n"
    )
    assert log.rows == 9
    assert [(problem.row, problem.reason) for problem in log.problems] == [
        (3, Reason.DUPLICATE),
        (4, Reason.CONFLICT),
        (5, Reason.NO_VALUE),
        (6, Reason.NEGATIVE),
        (7, Reason.NO_TIME),
        (8, Reason.FUTURE),
        (9, Reason.IMPOSSIBLE),
    ]
    assert energies(log) == [1000, 2000]


def test_rows_may_name_the_end_of_their_time() -> None:
    """A day that ends at 24:00 names ends."""
    rows = "".join(f"15.06.2026;{hour:02d}:00;1\n" for hour in range(1, 25))
    layout, log = read(f"Datum;Uhrzeit;Ertrag kWh\n{rows}")
    assert layout.stamp is Stamp.END
    assert layout.time == (0, 1)
    assert log.spans[0].start == datetime(2026, 6, 14, 21, tzinfo=UTC)
    assert log.spans[-1].end == datetime(2026, 6, 15, 21, tzinfo=UTC)


def test_unit_and_kind_have_to_agree() -> None:
    """A power in kWh is a question back, not a guess."""
    with pytest.raises(LogError) as caught:
        read("Time;kWh\n2026-06-15 10:00;1\n", kind=Kind.POWER)
    assert caught.value.reason == "unit_and_kind"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a;b\n1;2\n", "no_time"), ("Time;b\n2026-06-15;\n", "no_time")],
)
def test_a_file_without_times_is_refused(text: str, reason: str) -> None:
    """It says what is missing."""
    with pytest.raises(LogError) as caught:
        read(text)
    assert caught.value.reason == reason


hours = st.dictionaries(
    st.integers(0, 24 * 400).map(lambda n: datetime(2025, 4, 1, tzinfo=UTC) + n * HOUR),
    st.floats(0, 1e5),
    min_size=1,
    max_size=60,
)


@settings(deadline=None)
@given(hours, st.sampled_from(Flow))
def test_what_is_exported_comes_back_the_same(
    written: dict[datetime, float], flow: Flow
) -> None:
    """Hour by hour, to the millionth of a watt-hour."""
    written = {hour: round(energy, 6) for hour, energy in written.items()}
    rows = [ExportedHour(h, e, "measured") for h, e in sorted(written.items())]
    layout, log = read(write_log(flow, rows))
    assert layout.flow is flow
    assert not log.problems
    assert by_hour(log.spans) == written


cell = st.sampled_from(
    [
        *("2026-06-15", "15.06.2026", "03:00", "24:00", "26/10/2025 03:10"),
        *("29.03.2026 03:30", "1,5", "1.234,5", "-3", "9" * 30, "1e9"),
        *("kWh", "W", "Time", "Date", "", "é"),
    ]
) | st.text(max_size=8)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(cell, min_size=1, max_size=5), max_size=12),
    st.sampled_from(";,\t"),
)
def test_no_file_breaks_it(rows: list[list[str]], delimiter: str) -> None:
    """Every row of data is counted in, or listed."""
    text = "\n".join(delimiter.join(row) for row in rows)
    try:
        layout, log = read(text)
    except LogError:
        return
    told = len(log.spans) + len(log.problems)
    assert told >= log.rows - (layout.kind is Kind.COUNTER)
    assert all(span.energy >= 0.0 and span.end > span.start for span in log.spans)
    by_hour(log.spans)
