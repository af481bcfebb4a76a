"""Quarter hours in the books: counted, silent, restarted, midnight, two inverters."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import json

import pytest

from custom_components.pv_family.plant.books.day import Day
from custom_components.pv_family.plant.books.evidence import Seen
from custom_components.pv_family.plant.books.grid_health import GridHealth
from custom_components.pv_family.plant.books.keeper import (
    LONGEST_WAIT,
    QUARTER,
    ClosedQuarter,
    PlantKeeper,
)
from custom_components.pv_family.plant.losses.cause import Cause
from custom_components.pv_family.plant.model.uncertainty import IrradianceSource
from custom_components.pv_family.readings.energy_book import Flow

from .days import BUCHAREST, DARK, HEALTHY, MODEL, NAME, PEAK, Books

SILENT = Seen()


def test_a_healthy_hour() -> None:
    """Four quarters: theory, weather, dirt and harvest, and nothing unknown."""
    books = Books()
    for _ in range(4):
        books.quarter()
    losses = books.today.losses
    assert losses.theory == pytest.approx(3200.0)
    assert losses.harvest == pytest.approx(2800.0)
    assert dict(losses.waterfall())[Cause.WEATHER] == pytest.approx(320.0)
    assert dict(losses.waterfall())[Cause.SOILING] == pytest.approx(80.0)
    assert losses.unknown == pytest.approx(0.0, abs=1e-9)
    # The first quarter began before anybody looked: its harvest is not known.
    assert losses.unmeasured == pytest.approx(800.0)
    assert books.today.useful_hours == pytest.approx(1.0)
    assert books.today.unknown_hours == pytest.approx(0.25)
    # 2800 Wh of 4 kWp x 0.8 kW/m2 x 1 h = 3200 Wh at 25 °C, 0.92 of it at 45 °C.
    assert books.today.performance.ratio == pytest.approx(2800.0 / 3200.0)
    assert books.today.performance.ratio_stc == pytest.approx(2800.0 / (0.92 * 3200.0))


def test_counter_in_steps() -> None:
    """A counter that moves once an hour moves the sum, not the shape."""
    books = Books()
    for index in range(8):
        books.quarter(grown=2800.0 if index % 4 == 3 else 0.0)
    assert books.today.losses.harvest == pytest.approx(5600.0, rel=0.02)
    assert books.today.losses.unknown == pytest.approx(0.0, abs=80.0)


def test_counter_corrects_power() -> None:
    """Where power reads 5 % too much, the counter is right in the end."""
    books = Books()
    for _ in range(20):
        books.quarter(replace(HEALTHY, energy=735.0))
    assert books.today.losses.harvest == pytest.approx(14_000.0)


def test_silence_is_told_by_the_counter() -> None:
    """After an hour of silence the counter says that all was well."""
    books = Books()
    books.quarter()
    for _ in range(4):
        books.quarter(SILENT, 700.0, live=False)
        # The counter is not heard, so nothing is booked.
        assert books.today.losses.harvest == pytest.approx(700.0)
    books.quarter()
    assert books.today.losses.harvest == pytest.approx(6 * 700.0)
    assert books.today.losses.unknown == pytest.approx(0.0, abs=1e-6)
    assert books.today.downs == []
    assert books.today.useful_hours == pytest.approx(1.5)


def test_silence_was_an_outage() -> None:
    """After an hour of silence the counter says that nothing came."""
    books = Books()
    books.quarter()
    for _ in range(4):
        books.quarter(SILENT, 0.0, live=False)
    books.quarter()
    lost = dict(books.today.losses.waterfall())
    assert lost[Cause.OUTAGE] == pytest.approx(4 * 700.0)
    assert lost[Cause.SOILING] == pytest.approx(6 * 20.0)
    assert sum(down.hours for down in books.today.downs) == pytest.approx(1.0)
    assert sum(down.lost for down in books.today.downs) == pytest.approx(2800.0)


def test_silence_for_too_long() -> None:
    """A day and more of silence is unmeasured, and what comes to light late is lost."""
    books = Books()
    books.quarter()
    quarters = LONGEST_WAIT // QUARTER + 8
    for _ in range(quarters):
        books.quarter(SILENT, 700.0, live=False)
    books.quarter()
    books.quarter()
    days = books.keeper.days.values()
    losses = [day.components[NAME].losses for day in days]
    assert sum(book.harvest for book in losses) == pytest.approx(3 * 700.0)
    assert sum(book.unmeasured for book in losses) == pytest.approx(
        (quarters + 1) * 800.0
    )


def test_power_alone() -> None:
    """Without a counter a quarter counts that was seen, and no other."""
    books = Books(total=None)
    books.quarter(replace(HEALTHY, known=0.95, energy=665.0))
    books.quarter(replace(HEALTHY, known=0.5, energy=350.0))
    books.quarter(SILENT, live=False)
    assert books.today.losses.harvest == pytest.approx(700.0)
    assert books.today.losses.unmeasured == pytest.approx(3 * 800.0)


def test_a_restart_in_between() -> None:
    """What flowed while nobody looked is spread over the time, by the model."""
    books = Books()
    books.quarter()
    stored = json.loads(json.dumps(books.keeper.as_dict()))
    days = books.keeper.days
    books.keeper = PlantKeeper(BUCHAREST, 253.0, days)
    books.keeper.restore(stored)
    assert books.total is not None
    books.now += timedelta(minutes=45)
    books.total += 3 * 700.0
    books.quarter(replace(HEALTHY, known=0.3, energy=200.0))
    assert books.today.losses.harvest == pytest.approx(5 * 700.0)
    assert books.today.losses.unknown == pytest.approx(0.0, abs=1e-6)
    assert books.today.useful_hours == pytest.approx(1.25)


def test_a_restart_while_silent() -> None:
    """The quarters of a silent inverter outlive a restart."""
    books = Books()
    books.quarter()
    books.quarter(SILENT, 700.0, live=False)
    stored = json.loads(json.dumps(books.keeper.as_dict()))
    books.keeper = PlantKeeper(BUCHAREST, 253.0, books.keeper.days)
    books.keeper.restore(stored)
    books.quarter()
    assert books.today.losses.harvest == pytest.approx(3 * 700.0)


def test_weather_that_comes_late() -> None:
    """Quarters wait for the weather, and are booked without it in the end."""
    books = Books()
    books.model = lambda _: None
    books.quarter()
    books.quarter()
    assert books.today.losses.harvest == 0.0
    books.model = lambda _: MODEL
    books.quarter()
    assert books.today.losses.harvest == pytest.approx(3 * 700.0)
    books.model = lambda _: None
    books.quarter()
    books.now += LONGEST_WAIT + QUARTER
    books.book()
    first = books.keeper.days[date(2026, 6, 15)].components[NAME]
    assert first.losses.harvest == pytest.approx(3 * 700.0)
    assert first.performance.coverage < 1.0


def test_days_end_at_local_midnight() -> None:
    """The quarter that ends at midnight belongs to the day before."""
    books = Books(now=datetime(2026, 6, 15, 20, 30, tzinfo=UTC))
    books.model = lambda _: DARK
    for _ in range(3):
        books.quarter(Seen(known=1.0, running=0.0), 0.0, flows={Flow.PRODUCTION: 5.0})
    assert sorted(books.keeper.days) == [date(2026, 6, 15), date(2026, 6, 16)]
    assert books.today.downs == []


@pytest.mark.parametrize(
    ("first", "quarters"),
    [
        (datetime(2026, 3, 28, 22, tzinfo=UTC), 23 * 4),
        (datetime(2026, 10, 24, 21, tzinfo=UTC), 25 * 4),
    ],
)
def test_days_when_clocks_change(first: datetime, quarters: int) -> None:
    """The days of 23 and of 25 hours hold as many quarters."""
    books = Books(now=first)
    for _ in range(quarters - 1):
        books.quarter()
    assert len(books.keeper.days) == 1
    assert books.today.performance.hours == pytest.approx(quarters / 4)
    books.quarter()
    assert len(books.keeper.days) == 2


def test_flows_of_the_day() -> None:
    """What each flow carried is the growth of its total; totals never fall."""
    books = Books()
    books.quarter(flows={Flow.PRODUCTION: 1000.0, Flow.GRID_IMPORT: 50.0})
    books.quarter(flows={Flow.PRODUCTION: 1700.0, Flow.GRID_IMPORT: 50.0})
    books.quarter(flows={Flow.PRODUCTION: 1600.0, Flow.GRID_IMPORT: 60.0})
    day = books.keeper.day_of(books.now)
    assert day.flows == {Flow.PRODUCTION: 700.0, Flow.GRID_IMPORT: 10.0}


def test_export_limit() -> None:
    """At the export limit what is missing is curtailed, and below it is not."""
    books = Books()
    limited = Seen(known=1.0, energy=500.0, running=1.0)
    told = {Flow.PRODUCTION: 0.0, Flow.CONSUMPTION: 0.0}
    books.quarter(limited, 500.0, flows=told, export_limit=2000.0)
    told = {Flow.PRODUCTION: 500.0, Flow.CONSUMPTION: 100.0}
    books.quarter(limited, 500.0, flows=told, export_limit=2000.0)
    lost = dict(books.today.losses.waterfall())
    assert lost[Cause.CURTAILMENT] == pytest.approx(200.0)
    assert lost[Cause.UNKNOWN] == pytest.approx(200.0)


def test_a_clock_that_steps_back() -> None:
    """Nothing is booked twice; what flowed meanwhile is booked once it is over."""
    books = Books()
    books.quarter()
    books.now -= timedelta(minutes=30)
    books.quarter()
    books.quarter()
    assert books.today.losses.harvest == pytest.approx(700.0)
    books.quarter(replace(HEALTHY, known=0.5))
    assert books.today.losses.harvest == pytest.approx(4 * 700.0)


def test_a_clock_that_was_far_ahead() -> None:
    """Books go on although the last quarter lies in the future."""
    books = Books()
    books.quarter()
    books.now -= timedelta(days=30)
    books.quarter()
    books.quarter()
    assert books.today.losses.harvest == pytest.approx(1400.0)


def test_an_inverter_that_leaves() -> None:
    """What waits for an inverter that is no longer there is dropped."""
    books = Books()
    books.quarter(SILENT, live=False)
    books.keeper.close(books.now + QUARTER, {}, {}, GridHealth(), peak_power=PEAK)
    assert books.keeper.wanted() == []


def test_two_inverters_wait_by_themselves() -> None:
    """A silent inverter does not hold up the other one's books."""
    keeper = PlantKeeper(BUCHAREST, 253.0)
    now, totals = datetime(2026, 6, 15, 9, tzinfo=UTC), {"a": 0.0, "b": 0.0}
    for index in range(3):
        now += QUARTER
        totals["a"] += 700.0
        keeper.close(
            now,
            {
                "a": ClosedQuarter(HEALTHY, True, totals["a"]),
                "b": ClosedQuarter(
                    HEALTHY if index == 0 else SILENT, index == 0, totals["b"]
                ),
            },
            {},
            GridHealth(),
            peak_power=2 * PEAK,
        )
        keeper.book(
            now,
            {i.start: {"a": MODEL, "b": MODEL} for i in keeper.wanted()},
        )
    day = keeper.day_of(now - QUARTER)
    assert day.components["a"].losses.harvest == pytest.approx(2100.0)
    assert day.components["b"].losses.harvest == pytest.approx(700.0)
    restored = Day.from_dict(json.loads(json.dumps(day.as_dict())))
    assert restored.as_dict() == day.as_dict()


def test_no_ratio_from_a_cloudless_sky() -> None:
    """The ceiling is no expectation: without weather there is no ratio."""
    books = Books()
    books.model = lambda _: replace(MODEL, source=IrradianceSource.CLEAR_SKY)
    books.quarter()
    assert books.today.performance.coverage == 0.0
    assert books.today.losses.harvest == pytest.approx(700.0)


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"until": 5, "flows": {}, "components": {}, "shades": {}},
        {"until": "2026-06-15T09:00:00", "flows": {}, "components": {}, "shades": {}},
        {"until": None, "flows": {"wind": 1.0}, "components": {}},
        {"until": None, "flows": {}, "components": {"a": {"total": "x"}}, "shades": {}},
        {"until": None, "flows": [], "components": {}, "shades": {}},
        {"until": None, "flows": {}, "components": {}},
        {"until": None, "flows": {}, "components": {}, "shades": {"a": [[1, 2]]}},
        {
            "until": None,
            "flows": {},
            "components": {},
            "shades": {"a": [[1, 2, 0, 0, 0]]},
        },
    ],
)
def test_damaged_state(damaged: object) -> None:
    """A damaged state is refused, and leaves the keeper as it was."""
    keeper = PlantKeeper(BUCHAREST, 253.0)
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        keeper.restore(damaged)  # type: ignore[arg-type]
    assert keeper.as_dict() == PlantKeeper(BUCHAREST, 253.0).as_dict()


def test_what_was_withheld() -> None:
    """Quarters in which a fault or a limit took something are told, each once."""
    books = Books()
    assert books.keeper.take_withheld() == set()
    books.quarter()
    assert books.keeper.take_withheld() == set()
    starts = [books.now]
    books.quarter(replace(HEALTHY, energy=350.0, strings=(0.0, 2.0)), 350.0)
    starts.append(books.now)
    books.quarter(replace(HEALTHY, energy=300.0, throttled=1.0), 300.0)
    # A little less than expected without any evidence is the model's or the sky's.
    books.quarter(replace(HEALTHY, energy=600.0), 600.0)
    assert books.keeper.take_withheld() == set(starts)
    assert books.keeper.take_withheld() == set()
