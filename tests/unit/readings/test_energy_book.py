"""The six energy flows: they close, never fall, and count nothing twice."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.readings.energy_book import EnergyBook, Flow
from custom_components.pv_family.readings.flow_meter import Contribution
from custom_components.pv_family.readings.period import Period
from custom_components.pv_family.readings.power_flow import PowerFlow

START = datetime(2026, 6, 21, 10, tzinfo=UTC)
STEP = timedelta(seconds=10)
NO_REGISTERS: Mapping[Flow, Mapping[str, float]] = {}

maybe = st.none() | st.floats(-10_000.0, 10_000.0)
pictures = st.builds(
    lambda production, grid, battery: (
        None if production is None else abs(production),
        grid,
        battery,
    ),
    maybe,
    maybe,
    maybe,
)


def picture(
    index: int, production: float | None, grid: float | None, battery: float | None
) -> PowerFlow:
    """Return the power flow of one step."""
    return PowerFlow(
        START + index * STEP, production=production, grid=grid, battery=battery
    )


def count(
    book: EnergyBook,
    flow: PowerFlow,
    registers: Mapping[Flow, Mapping[str, float]],
    stand_ins: Mapping[Flow, float] | None = None,
) -> None:
    """Count a home in which each flow has one source."""
    powers = {
        Flow.PRODUCTION: flow.production,
        Flow.GRID_IMPORT: flow.grid,
        Flow.GRID_EXPORT: None if flow.grid is None else -flow.grid,
        Flow.BATTERY_CHARGE: None if flow.battery is None else -flow.battery,
        Flow.BATTERY_DISCHARGE: flow.battery,
    }
    book.count(
        flow.taken,
        {
            name: {
                "only": Contribution(
                    power, registers.get(name, {}), (stand_ins or {}).get(name)
                )
            }
            for name, power in powers.items()
        },
    )


def left(book: EnergyBook) -> float:
    """Return what the measured flows leave for consumption."""
    return (
        book.total(Flow.PRODUCTION)
        + book.total(Flow.GRID_IMPORT)
        + book.total(Flow.BATTERY_DISCHARGE)
        - book.total(Flow.GRID_EXPORT)
        - book.total(Flow.BATTERY_CHARGE)
    )


@given(st.lists(pictures, max_size=30), st.data())
def test_totals_never_fall_and_consumption_is_what_is_left(
    steps: list[tuple[float | None, float | None, float | None]], data: st.DataObject
) -> None:
    """Consumption is the most that was ever left, from power or from registers."""
    book, most = EnergyBook(), 0.0
    totals = dict.fromkeys(Flow, 0.0)
    register = 0.0
    for index, step in enumerate(steps):
        register += data.draw(st.floats(0.0, 30.0))
        registers = data.draw(
            st.sampled_from([{}, {Flow.GRID_EXPORT: {"meter": register}}])
        )
        count(book, picture(index, *step), registers)
        most = max(most, left(book))
        assert book.total(Flow.CONSUMPTION) == most
        for flow in Flow:
            assert book.total(flow) >= totals[flow]
            totals[flow] = book.total(flow)


def test_books_close_over_a_day_of_power() -> None:
    """A home that meters everything accounts for every Wh its loads drew."""
    book = EnergyBook()
    for index in range(8641):
        production = 3000.0 if 2000 < index < 6000 else 0.0
        battery = -1000.0 if production else 400.0
        count(
            book,
            picture(index, production, 700.0 - production - battery, battery),
            NO_REGISTERS,
        )
    assert book.total(Flow.CONSUMPTION) == pytest.approx(700.0 * 24, abs=10.0)
    assert book.total(Flow.CONSUMPTION) == pytest.approx(left(book), abs=10.0)


def test_registers_out_of_step_do_not_add_up() -> None:
    """Whichever register moves first, the dip or the peak does not last."""
    book = EnergyBook()
    produced = exported = 0.0
    for index in range(600):
        produced += 10.0
        exported += 60.0 if index % 10 == 9 else 0.0
        registers = {
            Flow.PRODUCTION: {"inverter": produced},
            Flow.GRID_EXPORT: {"meter": exported},
        }
        count(book, picture(index, None, None, 0.0), registers)
    assert left(book) == pytest.approx(2390.0)
    assert left(book) <= book.total(Flow.CONSUMPTION) <= left(book) + 60.0


def test_first_register_value_is_a_base() -> None:
    """A register's past is not counted when the register appears."""
    book = EnergyBook()
    for total in (5000.0, 5010.0):
        count(book, picture(0, None, None, 0.0), {Flow.PRODUCTION: {"a": total}})
    assert book.total(Flow.PRODUCTION) == 10.0
    count(
        book, picture(0, None, None, 0.0), {Flow.PRODUCTION: {"a": 5020.0, "b": 900.0}}
    )
    assert book.total(Flow.PRODUCTION) == 20.0


@pytest.mark.parametrize("refresh", [1, 90])
@pytest.mark.parametrize("away", [1, 7, 500])
def test_switching_between_power_and_register_counts_nothing_twice(
    away: int, refresh: int
) -> None:
    """The register goes for a while, power stands in, the register returns.

    Args:
        away: For how many samples the register is gone.
        refresh: How many samples the register stands still.
    """
    book, power = EnergyBook(), 3600.0
    for index in range(1200):
        register = 10.0 * (index // refresh * refresh)
        gone = index < 100 or 400 <= index < 400 + away
        registers = {} if gone else {Flow.PRODUCTION: {"a": register}}
        count(book, picture(index, power, None, 0.0), registers)
    flowed = 10.0 * 1199
    shown = 10.0 * (1199 // refresh * refresh)
    # One sample is lost at each switch, and the register may lag behind.
    assert shown - 40.0 - 10.0 * refresh <= book.total(Flow.PRODUCTION) <= flowed


def test_register_that_comes_and_goes_counts_nothing_twice() -> None:
    """Power that was known before a register's sample does not reach over it."""
    book = EnergyBook()
    for index in range(1000):
        registers = {Flow.PRODUCTION: {"a": 10.0 * index}} if index % 2 else {}
        count(book, picture(index, 3600.0, None, 0.0), registers)
    assert 10.0 * 990 <= book.total(Flow.PRODUCTION) <= 10.0 * 999


def test_unknown_power_is_not_drawn_over() -> None:
    """A line between two samples must not run through one that was missing."""
    book = EnergyBook()
    for index, power in enumerate([3600.0, None, 3600.0]):
        count(book, picture(index, power, None, 0.0), NO_REGISTERS)
    assert book.total(Flow.PRODUCTION) == 0.0


def test_register_that_was_silent_catches_up() -> None:
    """Without power to stand in, an outage is counted when the register returns."""
    book = EnergyBook()
    for index, total in enumerate([0.0, 10.0, None, None, 4000.0]):
        registers = {} if total is None else {Flow.PRODUCTION: {"a": total}}
        count(book, picture(index, None, None, 0.0), registers)
    assert book.total(Flow.PRODUCTION) == 4000.0


def test_another_inverter_leaves_nothing_owed() -> None:
    """What power counted for a source that is gone does not stall the others."""
    book, register = EnergyBook(), 0.0
    count(book, picture(0, 7200.0, None, 0.0), {Flow.PRODUCTION: {"a": register}})
    for index in range(1, 1000):
        count(book, picture(index, 7200.0, None, 0.0), NO_REGISTERS)
    before = book.total(Flow.PRODUCTION)
    register = 10.0 * 1000
    for index in range(1000, 1100):
        register += 10.0
        count(
            book, picture(index, 3600.0, None, 0.0), {Flow.PRODUCTION: {"a": register}}
        )
    assert book.total(Flow.PRODUCTION) == pytest.approx(before + 990.0, abs=11.0)


def test_periods_across_midnight_and_the_hours_of_the_clock() -> None:
    """Days of 23 and 25 hours hold what flowed in them."""
    zone = ZoneInfo("Europe/Bucharest")
    for month, day, hours in ((3, 29, 23), (10, 25, 25)):
        book, now = EnergyBook(), datetime(2026, month, day, tzinfo=zone)
        now = now.astimezone(UTC)
        book.since(Flow.GRID_IMPORT, Period.TODAY, date(2026, month, day))
        last = 0.0
        for index in range(26 * 60):
            taken = now + timedelta(minutes=index)
            count(
                book,
                PowerFlow(taken, production=0.0, grid=600.0, battery=0.0),
                NO_REGISTERS,
            )
            local = taken.astimezone(zone).date()
            today = book.since(Flow.GRID_IMPORT, Period.TODAY, local)
            if local > date(2026, month, day):
                break
            last = today
        assert last == pytest.approx(600.0 * hours, abs=11.0)
        assert today == 0.0
        assert book.started(Flow.GRID_IMPORT, Period.TODAY) == local


def test_round_trip_goes_on_as_before() -> None:
    """Through JSON and back, every flow counts on and every period runs on."""
    book, day = EnergyBook(), date(2026, 6, 21)
    registers = {Flow.GRID_IMPORT: {"meter": 100.0}}
    for index in range(100):
        registers[Flow.GRID_IMPORT]["meter"] += 1.0
        count(book, picture(index, 3600.0, None, -50.0), registers)
        for flow in Flow:
            book.since(flow, Period.WEEK, day)
    restored = EnergyBook()
    restored.restore(json.loads(json.dumps(book.as_dict())))
    assert restored == book
    for index in range(100, 200):
        for each in (book, restored):
            count(each, picture(index, 3600.0, 10.0, -50.0), NO_REGISTERS)
    for flow in Flow:
        assert restored.total(flow) == book.total(flow)
        assert restored.since(flow, Period.WEEK, day) == book.since(
            flow, Period.WEEK, day
        )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*Flow, *Period, "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.data())
def test_damaged_state_is_refused_whole(data: st.DataObject) -> None:
    """Either all of a state is taken up or nothing, and only known errors come."""
    book = EnergyBook()
    for index in range(5):
        count(
            book, picture(index, 3600.0, 5.0, -50.0), {Flow.GRID_IMPORT: {"meter": 1.0}}
        )
    book.since(Flow.PRODUCTION, Period.TODAY, date(2026, 6, 21))
    state: dict[str, Any] = book.as_dict()
    key = data.draw(st.sampled_from(sorted(state)))
    state[key] = data.draw(json_values)
    restored = EnergyBook()
    try:
        restored.restore(state)
    except KeyError, TypeError, ValueError:
        assert restored == EnergyBook()
        return
    totals = {flow: restored.total(flow) for flow in Flow}
    count(restored, picture(9, 3600.0, 5.0, -50.0), {Flow.GRID_IMPORT: {"meter": 2.0}})
    for flow in Flow:
        assert restored.total(flow) >= totals[flow]


def test_what_was_shown_is_put_back_once() -> None:
    """A crash costs nothing that was shown, and a register does not count it again."""
    book = EnergyBook()
    for index in range(100):
        registers = {Flow.PRODUCTION: {"a": 10.0 * index}}
        count(book, picture(index, 3600.0, 500.0, 0.0), registers)
    state = json.loads(json.dumps(book.as_dict()))
    for index in range(100, 200):
        registers = {Flow.PRODUCTION: {"a": 10.0 * index}}
        count(book, picture(index, 3600.0, 500.0, 0.0), registers)
    shown = {flow: round(book.total(flow)) for flow in Flow}

    after = EnergyBook()
    after.restore(state)
    for flow, energy in shown.items():
        after.raise_to(flow, energy)
        assert after.raise_to(flow, energy) == 0.0
        assert after.total(flow) >= energy - 1.0
    for index in range(200, 300):
        registers = {Flow.PRODUCTION: {"a": 10.0 * index}}
        count(after, picture(index, 3600.0, 500.0, 0.0), registers)
    assert after.total(Flow.PRODUCTION) == pytest.approx(10.0 * 299)
