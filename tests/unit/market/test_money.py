"""Money saved: each watt-hour once, at the price of its time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
import json
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.market.carbon import (
    GRID_FACTORS,
    CarbonBook,
    factor_of_country,
    read_intensity,
)
from custom_components.pv_family.market.energy_steps import EnergyStep, EnergySteps
from custom_components.pv_family.market.payback import daily_light, payback
from custom_components.pv_family.market.price_series import (
    PriceInterval,
    PriceQuality,
    PriceSeries,
)
from custom_components.pv_family.market.savings import (
    LONGEST_WAIT,
    SLOT,
    Against,
    SavingsBook,
    Span,
)
from custom_components.pv_family.market.shift import Shift, grid_change
from custom_components.pv_family.readings.energy_book import Flow

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOON = datetime(2026, 6, 15, 9, tzinfo=UTC)
NO_PRICES = PriceSeries("RON")


def prices(start: datetime, *values: float, step: timedelta = SLOT) -> PriceSeries:
    """Return prices of quarter hours."""
    return PriceSeries(
        "RON",
        tuple(
            PriceInterval(
                start + n * step,
                start + (n + 1) * step,
                value,
                PriceQuality.PUBLISHED,
                "opcom",
            )
            for n, value in enumerate(values)
        ),
    )


def flat(value: float, days: int = 400) -> PriceSeries:
    """Return one price for long before and after noon."""
    start = NOON - timedelta(days=days)
    return prices(start, value, step=timedelta(days=2 * days))


def step(
    start: datetime, length: timedelta, own: float, exported: float = 0.0
) -> EnergyStep:
    """Return what a plant did."""
    return EnergyStep(start, start + length, own + exported, own, exported)


def saved(
    book: SavingsBook,
    now: datetime,
    buy: PriceSeries,
    sell: PriceSeries,
    span: Span = Span.EVER,
    against: Against = Against.NO_PLANT,
    zone: tzinfo = BUCHAREST,
) -> float:
    """Settle and return what was saved."""
    book.settle(now, buy, sell, zone)
    return book.saved(now, buy, sell, zone)[against, span]


class TestSavings:
    """The book of money."""

    def test_own_and_exported(self) -> None:
        """What is used at home saves the buying price, what is fed in earns its own."""
        book = SavingsBook()
        book.count(step(NOON, SLOT, 1000.0, 500.0))
        assert saved(book, NOON + SLOT, flat(1.4), flat(0.4)) == pytest.approx(1.6)
        assert book.open == {}

    def test_running_quarter_is_shown(self) -> None:
        """The quarter hour that is not over counts, and only once."""
        book = SavingsBook()
        half = timedelta(minutes=7)
        book.count(step(NOON, half, 1000.0))
        assert saved(book, NOON + half, flat(1.0), flat(0.0)) == pytest.approx(1.0)
        assert len(book.open) == 1
        assert saved(book, NOON + SLOT, flat(1.0), flat(0.0)) == pytest.approx(1.0)
        assert book.open == {}

    def test_price_of_its_time(self) -> None:
        """Energy of a step across a change of price is priced by both."""
        book = SavingsBook()
        book.count(step(NOON + SLOT / 3, SLOT, 900.0))
        buy = prices(NOON, 1.0, 4.0)
        expected = 0.6 * 1.0 + 0.3 * 4.0
        assert saved(book, NOON + 2 * SLOT, buy, flat(0.0)) == pytest.approx(expected)

    def test_price_that_comes_late(self) -> None:
        """Without a price nothing is made up, and nothing is lost."""
        book = SavingsBook()
        book.count(step(NOON, 3 * SLOT, 3000.0))
        later = NOON + timedelta(days=2)
        assert saved(book, later, NO_PRICES, NO_PRICES) == 0.0
        assert book.waiting(later) == (NOON, NOON + 3 * SLOT)
        assert saved(book, later, flat(2.0), flat(0.0)) == pytest.approx(6.0)
        assert saved(book, later, flat(9.0), flat(0.0)) == pytest.approx(6.0)
        assert saved(book, later, flat(9.0), flat(0.0), Span.TODAY) == 0.0
        assert book.waiting(later) is None

    def test_price_that_never_comes(self) -> None:
        """Energy does not wait for ever, and what was given up is known."""
        book = SavingsBook()
        book.count(step(NOON, SLOT, 700.0, 300.0))
        book.settle(NOON + LONGEST_WAIT + 2 * SLOT, NO_PRICES, NO_PRICES, BUCHAREST)
        assert book.open == {}
        assert book.unpriced == pytest.approx(1000.0)

    def test_negative_prices(self) -> None:
        """Feeding in at a negative price costs money."""
        book = SavingsBook()
        book.count(step(NOON, SLOT, 0.0, 2000.0))
        assert saved(book, NOON + SLOT, flat(0.1), flat(-0.5)) == pytest.approx(-1.0)

    def test_spans(self) -> None:
        """Today, this month, this year and ever are of the home's calendar."""
        book = SavingsBook()
        moments = (
            datetime(2025, 12, 31, 21, 45, tzinfo=UTC),
            datetime(2025, 12, 31, 22, 0, tzinfo=UTC),
            datetime(2026, 5, 31, 20, 45, tzinfo=UTC),
            datetime(2026, 5, 31, 21, 0, tzinfo=UTC),
            datetime(2026, 6, 14, 20, 45, tzinfo=UTC),
            datetime(2026, 6, 14, 21, 0, tzinfo=UTC),
            NOON,
        )
        for at in moments:
            book.count(step(at, SLOT, 1000.0))
        for now in (NOON + SLOT / 2, NOON + SLOT):
            amounts = {
                span: saved(book, now, flat(1.0), flat(0.0), span) for span in Span
            }
            assert amounts == pytest.approx(
                {Span.TODAY: 2.0, Span.MONTH: 4.0, Span.YEAR: 6.0, Span.EVER: 7.0}
            )

    @pytest.mark.parametrize(
        ("day", "hours"),
        [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 15), 24)],
    )
    def test_clock_change(self, day: tuple[int, int, int], hours: int) -> None:
        """A day of 23 or 25 hours is a day, to the watt-hour."""
        midnight = datetime(*day, tzinfo=BUCHAREST).astimezone(UTC)
        book = SavingsBook()
        for quarter in range(-8, 4 * hours + 8):
            book.count(step(midnight + quarter * SLOT, SLOT, 1000.0))
            if quarter == 4 * hours - 1:
                end = midnight + timedelta(hours=hours)
                assert saved(
                    book,
                    end - timedelta(seconds=1),
                    flat(1.0),
                    flat(0.0),
                    Span.TODAY,
                ) == pytest.approx(4 * hours)
        after = midnight + timedelta(hours=hours + 2)
        today = saved(book, after, flat(1.0), flat(0.0), Span.TODAY)
        assert today == pytest.approx(8.0)
        assert book.money[Against.NO_PLANT].ever == pytest.approx(4 * hours + 16)

    def test_long_outage(self) -> None:
        """What a register tells after weeks is laid on the time that has prices."""
        book = SavingsBook()
        book.count(step(NOON - timedelta(days=30), timedelta(days=30), 8000.0))
        assert min(book.open) >= NOON - LONGEST_WAIT - SLOT
        assert saved(book, NOON, flat(1.0), flat(0.0)) == pytest.approx(8.0)

    def test_months_are_bounded(self) -> None:
        """Two years of months are enough."""
        book = SavingsBook()
        for month in range(40):
            at = datetime(2026 + month // 12, month % 12 + 1, 15, tzinfo=UTC)
            book.count(step(at, SLOT, 1000.0))
            book.settle(at + SLOT, flat(1.0, 2000), flat(0.0, 2000), BUCHAREST)
        money = book.money[Against.NO_PLANT]
        assert len(money.months) == 25
        assert money.ever == pytest.approx(40.0)

    def test_shift(self) -> None:
        """A load moved from the evening into the sun saves the difference."""
        book = SavingsBook()
        evening = NOON + timedelta(hours=9)
        book.count_shift(Shift(NOON, NOON + SLOT, 0.0, -1000.0))
        book.count_shift(Shift(evening, evening + SLOT, -1000.0, 0.0))
        amount = saved(
            book, evening + SLOT, flat(1.4), flat(0.4), against=Against.NO_CONTROL
        )
        assert amount == pytest.approx(1.0)
        assert book.controlled
        assert saved(book, evening + SLOT, flat(1.4), flat(0.4)) == 0.0

    def test_stored(self) -> None:
        """A restart in the middle of a quarter hour changes nothing."""
        book = SavingsBook()
        book.count(step(NOON, SLOT * 1.5, 900.0, 300.0))
        book.count_shift(Shift(NOON, NOON + SLOT, -100.0, 50.0))
        book.settle(NOON + 1.5 * SLOT, flat(1.0), flat(0.5), BUCHAREST)
        again = SavingsBook()
        again.restore(json.loads(json.dumps(book.as_dict())))
        assert again == book

    @pytest.mark.parametrize(
        "change",
        [
            {"since": 5},
            {"money": {}},
            {"money": []},
            {"open": [[0]]},
            {"open": [["x", 1, 1, 1, 1]]},
            {"open": [[1e30, 1, 1, 1, 1]]},
            {"unpriced": None},
        ],
    )
    def test_damaged(self, change: dict[str, Any]) -> None:
        """Damage is refused with an error that the reader expects."""
        book = SavingsBook()
        with pytest.raises((KeyError, TypeError, ValueError, OverflowError)):
            book.restore({**book.as_dict(), **change})
        assert book == SavingsBook()

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(
            st.tuples(
                st.integers(1, 5000), st.floats(-50.0, 500.0), st.floats(0.0, 500.0)
            ),
            min_size=1,
            max_size=40,
        ),
        st.booleans(),
    )
    def test_no_watt_hour_twice(
        self, steps: list[tuple[int, float, float]], late: bool
    ) -> None:
        """However time is cut up, and whenever prices come, the sum is the same."""
        book = SavingsBook()
        at, expected = NOON, 0.0
        for seconds, own, exported in steps:
            length = timedelta(seconds=seconds)
            book.count(step(at, length, own, exported))
            at += length
            expected += own * 2.0 + exported * 0.5
            if not late:
                book.settle(at, flat(2.0), flat(0.5), BUCHAREST)
        assert saved(book, at, flat(2.0), flat(0.5)) == pytest.approx(
            expected / 1000.0, abs=1e-6
        )


class TestEnergySteps:
    """From totals to steps."""

    @staticmethod
    def totals(
        produced: float,
        exported: float,
        charged: float | None = None,
        discharged: float | None = None,
    ) -> Mapping[Flow, float]:
        """Return the totals of a home."""
        found = {Flow.PRODUCTION: produced, Flow.GRID_EXPORT: exported}
        if charged is not None:
            found[Flow.BATTERY_CHARGE] = charged
        if discharged is not None:
            found[Flow.BATTERY_DISCHARGE] = discharged
        return found

    def test_first_look(self) -> None:
        """What was counted before is not saved now."""
        steps = EnergySteps()
        assert steps.step(NOON, self.totals(5e6, 2e6)) is None
        found = steps.step(NOON + SLOT, self.totals(5e6 + 900, 2e6 + 400))
        assert found == EnergyStep(NOON, NOON + SLOT, 900.0, 500.0, 400.0)

    def test_battery(self) -> None:
        """Own use is what the house did not have to buy, the battery's part too."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(0, 0, 0, 0))
        found = steps.step(NOON + SLOT, self.totals(1000, 100, 700, 0))
        assert found is not None
        assert found.own == pytest.approx(200.0)
        found = steps.step(NOON + 2 * SLOT, self.totals(1000, 100, 700, 600))
        assert found is not None
        assert found.own == pytest.approx(600.0)

    def test_unknown(self) -> None:
        """Without the export nobody knows what was used at home."""
        assert EnergySteps().step(NOON, {Flow.PRODUCTION: 1.0}) is None

    def test_new_flow(self) -> None:
        """A battery that is added later begins where it stands."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(0, 0))
        found = steps.step(NOON + SLOT, self.totals(100, 0, 5000, 4000))
        assert found is not None
        assert found.own == 100.0

    def test_fall_after_a_crash(self) -> None:
        """What a crash took back is not counted twice."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(0, 0))
        steps.step(NOON + SLOT, self.totals(1000, 0))
        found = steps.step(NOON + 2 * SLOT, self.totals(800, 0))
        assert found is not None
        assert found.produced == 0.0
        found = steps.step(NOON + 3 * SLOT, self.totals(1100, 0))
        assert found is not None
        assert found.produced == 100.0

    def test_books_that_start_anew(self) -> None:
        """After the loss of all counters counting goes on from there."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(50_000, 0))
        steps.step(NOON + SLOT, self.totals(10, 0))
        found = steps.step(NOON + 2 * SLOT, self.totals(510, 0))
        assert found is not None
        assert found.produced == 500.0

    def test_clock(self) -> None:
        """A clock that steps back waits; one that was years ahead does not."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(0, 0))
        assert steps.step(NOON - SLOT, self.totals(10, 0)) is None
        found = steps.step(NOON + SLOT, self.totals(20, 0))
        assert found is not None
        assert found.produced == 20.0
        ahead = NOON + timedelta(days=3000)
        steps.step(ahead, self.totals(20, 0))
        steps.step(ahead + timedelta(minutes=3), self.totals(20, 0))
        assert steps.step(NOON + 2 * SLOT, self.totals(30, 0)) is None
        found = steps.step(NOON + 3 * SLOT, self.totals(40, 0))
        assert found is not None
        assert found.produced == 20.0

    def test_gap(self) -> None:
        """Energy that is believed late is laid on the gap in which it flowed."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(0, 0))
        back = NOON + timedelta(hours=3)
        assert steps.step(back, self.totals(0, 0)) is None
        soon = back + timedelta(seconds=30)
        assert steps.step(soon, self.totals(4000, 1000)) is None
        later = back + timedelta(seconds=130)
        found = steps.step(later, self.totals(4010, 1000))
        assert found == EnergyStep(NOON, later, 4010.0, 3010.0, 1000.0)
        found = steps.step(later + timedelta(seconds=10), self.totals(4020, 1000))
        assert found is not None
        assert found.start == later

    def test_stored(self) -> None:
        """A restart goes on at the same marks."""
        steps = EnergySteps()
        steps.step(NOON, self.totals(100, 50))
        again = EnergySteps()
        again.restore(json.loads(json.dumps(steps.as_dict())))
        assert again == steps
        with pytest.raises((KeyError, TypeError, ValueError)):
            again.restore({"marks": {"nothing": 1.0}, "taken": None})


@pytest.mark.parametrize(
    ("grid", "actual", "reference", "change"),
    [
        (-500.0, 2000.0, 0.0, (0.0, -2000.0)),
        (500.0, 2000.0, 0.0, (500.0, -1500.0)),
        (300.0, 0.0, 2000.0, (-2000.0, 0.0)),
        (-3000.0, 1000.0, 1000.0, (0.0, 0.0)),
    ],
)
def test_grid_change(
    grid: float, actual: float, reference: float, change: tuple[float, float]
) -> None:
    """What a load draws comes from export first, then from import."""
    assert grid_change(grid, actual, reference) == change


class TestCarbon:
    """The book of CO2."""

    def test_factor_is_named(self) -> None:
        """Series, area and year stand beside every number."""
        assert GRID_FACTORS["ember_ro"].named.startswith("Ember, RO, 2024")
        assert factor_of_country("RO") == "electricity_maps_ro"
        assert factor_of_country("XX") == "ember_eu27"

    def test_plant_itself(self) -> None:
        """Making the plant emitted something, too."""
        book = CarbonBook()
        book.count(step(NOON, SLOT, 6000.0, 4000.0), 300.0)
        assert book.avoided == pytest.approx(10 * 300 - 10 * 40)

    def test_never_falls(self) -> None:
        """Charging from the grid takes back what was avoided, but shows no fall."""
        book = CarbonBook()
        book.count(step(NOON, SLOT, 1000.0), 300.0, 0.0)
        charge = EnergyStep(NOON, NOON + SLOT, 0.0, -500.0, 0.0)
        book.count(charge, 300.0, 0.0)
        assert (book.avoided, book.balance) == (300.0, 150.0)
        book.count(step(NOON, SLOT, 500.0), 300.0, 0.0)
        assert book.avoided == 300.0

    def test_stored(self) -> None:
        """A restart goes on where it was."""
        book = CarbonBook(5.0, 7.0)
        again = CarbonBook()
        again.restore(book.as_dict())
        assert again == book

    @pytest.mark.parametrize(
        ("state", "unit", "intensity"),
        [
            ("312", "gCO2eq/kWh", 312.0),
            ("0.312", "kg/kWh", 312.0),
            ("312", "kg/MWh", 312.0),
            ("312", "%", None),
            ("unknown", "gCO2eq/kWh", None),
            ("nan", "g/kWh", None),
            ("-1", "g/kWh", None),
            ("9999", "g/kWh", None),
            ("312", None, None),
        ],
    )
    def test_entity(
        self, state: str, unit: str | None, intensity: float | None
    ) -> None:
        """What an entity shows is believed within bounds."""
        assert read_intensity(state, unit) == intensity


class TestPayback:
    """When the plant will have paid for itself."""

    def test_too_early(self) -> None:
        """Some weeks say nothing about a year."""
        found = payback(20_000, 0, 300, NOON - timedelta(days=29), NOON, 45.0)
        assert (found.yearly, found.day) == (None, None)
        assert found.share == pytest.approx(0.015)

    def test_after_years(self) -> None:
        """From whole years the rest follows."""
        since = NOON - timedelta(days=2 * 365.25)
        found = payback(20_000, 2000, 6000, since, NOON, 45.0)
        assert found.share == pytest.approx(0.4)
        assert found.yearly == pytest.approx(3000.0, rel=0.01)
        assert found.day is not None
        assert abs(found.day - (NOON + timedelta(days=4 * 365.25)).date()) < timedelta(
            days=20
        )

    @pytest.mark.parametrize("month", [1, 4, 7, 10])
    def test_season(self, month: int) -> None:
        """A plant that saves with the light is told the same year in any season."""
        since = datetime(2026, month, 1, tzinfo=UTC)
        days = [since + timedelta(days=n) for n in range(60)]
        light = sum(daily_light(d.timetuple().tm_yday, 45.0) for d in days)
        year = sum(daily_light(n, 45.0) for n in range(1, 366))
        amount = 3000 * light / year
        now = since + timedelta(days=60)
        found = payback(20_000, 0, amount, since, now, 45.0)
        assert found.yearly == pytest.approx(3000.0, rel=0.03)

    def test_ends(self) -> None:
        """Paid is paid; what never pays has no day."""
        since = NOON - timedelta(days=400)
        assert payback(1000, 900, 500, since, NOON, 45.0).day is None
        assert payback(1000, 900, 500, since, NOON, 45.0).share == pytest.approx(1.4)
        assert payback(1000, 0, -5, since, NOON, 45.0).day is None
        assert payback(1e9, 0, 500, since, NOON, 45.0).day is None

    def test_polar_night(self) -> None:
        """A month without light says nothing."""
        since = datetime(2026, 12, 1, tzinfo=UTC)
        now = since + timedelta(days=31)
        assert payback(1000, 0, 5, since, now, 80.0).yearly is None

    def test_daily_light(self) -> None:
        """At 45 degrees it is 41.8 MJ/m2 in mid-June and 10.4 in mid-December."""
        constant = 1367.0 * 86_400 / 1e6
        assert constant * daily_light(162, 45.0) == pytest.approx(41.8, abs=0.4)
        assert constant * daily_light(344, 45.0) == pytest.approx(10.4, abs=0.3)
