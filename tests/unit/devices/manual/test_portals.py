"""Files laid out as portals and grid operators lay them out."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from custom_components.pv_family.devices.manual.layout import (
    Kind,
    Layout,
    Unit,
    guess_layout,
)
from custom_components.pv_family.devices.manual.log import Log, read_log
from custom_components.pv_family.devices.manual.matrix import unfold
from custom_components.pv_family.devices.manual.table import read_table
from custom_components.pv_family.readings.energy_book import Flow

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def read(text: str) -> tuple[Layout, Log]:
    """Read a file as it is guessed."""
    table = read_table(text)
    layout = guess_layout(table)
    return layout, read_log(table, layout, ROME, NOW)


def test_names_in_a_row_and_units_below() -> None:
    """Several rows above the data: the one that tells columns apart has the names."""
    head = (
        "sep=,\nVersion CSV3|Tool WebUI|Delimiter comma\n\n"
        ",STP6.0,STP6.0,STP6.0\n,SERIAL,SERIAL,SERIAL\n"
        ",Metering.TotWhOut,GridMs.TotWhOut,GridMs.TotWhIn\n"
        ",Analog,Analog,Analog\nDD.MM.YYYY hh:mm:ss,[Wh],[Wh],[Wh]\n"
    )
    start = datetime(2026, 1, 1)
    rows = "".join(
        f"{start + timedelta(days=n):%d.%m.%Y 00:00:00},{n * 9000},NaN,0\n"
        for n in range(120)
    )
    layout, log = read(head + rows)
    assert layout.names[layout.value] == "Metering.TotWhOut [Wh]"
    assert (layout.flow, layout.unit) == (Flow.PRODUCTION, Unit.WH)
    # A counter that was read from its first day on starts at nothing.
    assert layout.kind is Kind.COUNTER
    assert log.energy == 119 * 9000
    table = read_table(head + rows)
    assert guess_layout(table, column=3).flow is Flow.GRID_IMPORT


def test_two_columns_with_a_row_of_units() -> None:
    """What is between brackets alone is no name."""
    layout, log = read(
        "Datum und Uhrzeit;Verbrauch | Haus\n[dd.MM.yyyy HH:mm];[Wh]\n"
        "01.06.2026 00:00;12,5\n01.06.2026 00:05;10\n"
    )
    assert layout.flow is Flow.CONSUMPTION
    assert log.energy == 22.5


def test_identifiers_and_money_are_no_energy() -> None:
    """Long numbers and amounts are passed over as long as anything else is there."""
    layout, log = read(
        "Datum,EAN,Meter Id,Charges,Volume\n"
        "2026-06-01T00:00:00+02:00,871687120061402458,12345678,89.45,0.742\n"
        "2026-06-01T01:00:00+02:00,871687120061402458,12345678,90.45,0.383\n"
    )
    assert layout.names[layout.value] == "Volume"
    assert log.energy == pytest.approx(1125)


def test_a_bill_with_usage_in_kwh() -> None:
    """Charges are money and do not charge a battery."""
    layout, _ = read(
        "Bill Date,Electric Charges,Electric Usage (kWh)\n"
        "06/24/2026,89.45,450\n05/26/2026,102.34,520\n"
    )
    assert layout.names[layout.value] == "Electric Usage (kWh)"
    assert layout.flow is Flow.CONSUMPTION


def test_rows_without_a_value_at_the_head() -> None:
    """The names are above the first time, not above the first number."""
    layout, log = read(
        "From (date);From (time);Volume;Unit\n01/06/2026;00:00:00;;kWh\n"
        "01/06/2026;00:15:00;;kWh\n01/06/2026;00:30:00;0,173;kWh\n"
    )
    assert layout.names[layout.value] == "Volume"
    assert [problem.row for problem in log.problems] == [2, 3]
    assert log.energy == 173


@pytest.mark.parametrize(
    ("name", "flow"),
    [
        ("Returned energy Wh (A)", Flow.GRID_EXPORT),
        ("Teruglevering kWh", Flow.GRID_EXPORT),
        ("Offtake (kWh)", Flow.GRID_IMPORT),
        ("Verbruik kWh", Flow.CONSUMPTION),
        ("Opbrengst kWh", Flow.PRODUCTION),
    ],
)
def test_more_words(name: str, flow: Flow) -> None:
    """Grid operators' own words for the two directions."""
    layout, _ = read(f"Time;{name}\n2026-06-01 10:00;3\n2026-06-01 11:00;2\n")
    assert layout.flow is flow


@pytest.mark.parametrize(
    ("name", "utc"),
    [("Date/time UTC", True), ("Time (GMT)", True), ("Time", False)],
)
def test_times_that_say_that_they_are_utc(name: str, utc: bool) -> None:
    """The name of the column says it, not each row."""
    layout, _ = read(f"{name},Energy Wh\n2026-03-29 02:30,1\n2026-03-29 03:30,2\n")
    assert layout.utc is utc


def test_a_few_readings_of_a_counter() -> None:
    """Seven values that hardly move are no energies of a quarter of an hour."""
    text = "time,Import kWh\n" + "".join(
        f"2026-06-01 05:{15 * n // 60:02d}:{15 * n % 60:02d},{6199.5 + n / 100:.2f}\n"
        for n in range(7)
    )
    layout, log = read(text)
    assert layout.kind is Kind.COUNTER
    assert log.energy == pytest.approx(60)


def test_a_day_in_a_row() -> None:
    """A quarter of an hour in each column, a day in each row."""
    times = [f"{n // 4:02d}:{n % 4 * 15:02d}" for n in range(97)]
    spans = [f"{a}-{b}" for a, b in pairwise(times)]
    text = "Giorno;" + ";".join(spans) + "\n"
    for day in (1, 2, 3):
        text += f"0{day}/06/2026;" + ";".join(["0,25"] * 96) + "\n"
    layout, log = read(text)
    assert layout.names == ("Date", "Time", "Value")
    assert len(log.spans) == 3 * 96
    assert log.energy == 72_000
    assert not log.problems
    assert log.spans[0].start == datetime(2026, 5, 31, 22, tzinfo=UTC)


def test_a_row_of_times_without_days() -> None:
    """What only looks so stays what it is."""
    header = (1, tuple(f"{n:02d}:00" for n in range(24)))
    rows = [header, (2, ("no day", *(["1"] * 23)))]
    assert unfold(rows, 1000) == rows
    days = [(1, ("", *header[1])), (2, ("01/06/2026", *(["1"] * 24)))]
    assert unfold(days, 10) == days
