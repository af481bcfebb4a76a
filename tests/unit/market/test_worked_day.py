"""Money worked out by hand, on days on which not everything goes well."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.pv_family.market.energy_steps import EnergyStep
from custom_components.pv_family.market.home_prices import HomePrices
from custom_components.pv_family.market.price_series import (
    PriceInterval,
    PriceQuality,
    PriceSeries,
)
from custom_components.pv_family.market.savings import SLOT, Against, SavingsBook, Span
from custom_components.pv_family.market.shift import Shift
from custom_components.pv_family.market.tariff import Composition, FeedIn
from custom_components.pv_family.market.time_of_use import Band, TimeOfUse

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOON = datetime(2026, 6, 15, 9, tzinfo=UTC)
BILL = Composition(factor=1.02, margin=0.05, network=0.3, levies=0.1, vat=0.21)
FEED_IN = FeedIn.from_dict(
    {"feed_in": "market", "feed_in_factor": 90.0, "feed_in_fee": 0.02}
)


def market(known: dict[int, float]) -> HomePrices:
    """Return what a home pays and gets at prices by quarter hours after noon."""
    series = PriceSeries(
        "RON",
        tuple(
            PriceInterval(
                NOON + n * SLOT,
                NOON + (n + 1) * SLOT,
                price,
                PriceQuality.PUBLISHED,
                "opcom",
            )
            for n, price in sorted(known.items())
        ),
    )
    return HomePrices.composed(series, BILL, FEED_IN)


def amount(
    book: SavingsBook, prices: HomePrices, now: datetime, against: Against
) -> float:
    """Settle and return all that was saved."""
    book.settle(now, prices.buy, prices.sell, BUCHAREST)
    return book.saved(now, prices.buy, prices.sell, BUCHAREST)[against, Span.EVER]


def test_day_with_a_missing_quarter_hour() -> None:
    """Each quarter hour: 250 Wh not bought and 500 Wh fed in.

    ======  =======  =============================  ================  ========
    market  buying   (market x 1.02 + 0.45) x 1.21  feed-in           worth
    ======  =======  =============================  ================  ========
    0.40    1.03818                                 0.34              0.429545
    0.20    0.79134                                 0.16              0.277835
    -0.10   0.42108                                 -0.11             0.050270
    none
    0.50    1.16160                                 0.43              0.505400
    ======  =======  =============================  ================  ========
    """
    book = SavingsBook()
    book.count(EnergyStep(NOON, NOON + 5 * SLOT, 3750.0, 1250.0, 2500.0))
    # Moved from the second quarter hour into it: 400 Wh less bought, less fed in.
    book.count_shift(Shift(NOON + SLOT, NOON + 2 * SLOT, -400.0, -400.0))
    known = {0: 0.4, 1: 0.2, 2: -0.1, 4: 0.5}
    now = NOON + 6 * SLOT
    before = amount(book, market(known), now, Against.NO_PLANT)
    assert before == pytest.approx(1.26305)
    assert list(book.open) == [NOON + 3 * SLOT]
    # Its price comes late: 0.30 on the market, 0.91476 on the bill, 0.25 for export.
    after = amount(book, market(known | {3: 0.3}), now, Against.NO_PLANT)
    assert after == pytest.approx(1.26305 + 0.35369)
    control = amount(book, market(known), now, Against.NO_CONTROL)
    assert control == pytest.approx(0.4 * 0.79134 - 0.4 * 0.16)


def test_price_that_changes_within_a_quarter_hour() -> None:
    """Seven minutes at 0.80 and eight at 1.20 make 1.01333."""
    change = NOON + timedelta(minutes=7)
    parts = ((NOON, change, 0.8), (change, NOON + SLOT, 1.2))
    buy = PriceSeries(
        "RON",
        tuple(PriceInterval(*part, PriceQuality.REPORTED, "entity") for part in parts),
    )
    book = SavingsBook()
    book.count(EnergyStep(NOON, NOON + SLOT, 3000.0, 3000.0, 0.0))
    book.settle(NOON + SLOT, buy, buy, BUCHAREST)
    assert book.money[Against.NO_PLANT].ever == pytest.approx(3.04)


def test_feed_in_price_matters_only_if_fed_in() -> None:
    """A night without a feed-in price is priced; a noon without one waits."""
    buy, nothing = market({0: 0.4, 1: 0.4}).buy, PriceSeries("RON")
    book = SavingsBook()
    book.count(EnergyStep(NOON, NOON + SLOT, 0.0, 500.0, 0.0))
    book.count(EnergyStep(NOON + SLOT, NOON + 2 * SLOT, 800.0, 500.0, 300.0))
    book.settle(NOON + 2 * SLOT, buy, nothing, BUCHAREST)
    assert book.money[Against.NO_PLANT].ever == pytest.approx(0.5 * 1.03818)
    assert list(book.open) == [NOON + SLOT]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Eight hours of night; seven in spring, nine in autumn.
        (datetime(2026, 6, 15, tzinfo=BUCHAREST), 8 * 0.6 + 16 * 1.5),
        (datetime(2026, 3, 29, tzinfo=BUCHAREST), 7 * 0.6 + 16 * 0.9),
        (datetime(2026, 10, 25, tzinfo=BUCHAREST), 9 * 0.6 + 16 * 0.9),
    ],
    ids=["ordinary Monday", "Sunday in spring", "Sunday in autumn"],
)
def test_tariff_over_midnight_and_clock_change(day: datetime, expected: float) -> None:
    """A kilowatt-hour in each hour: night 22 to 6, the weekend's day, or the rest."""
    night = {"start": "22:00:00", "end": "06:00:00", "price": 0.6}
    weekend = {
        "days": ["sat", "sun"],
        "start": "06:00:00",
        "end": "22:00:00",
        "price": 0.9,
    }
    tariff = TimeOfUse("RON", 1.5, (Band.from_dict(night), Band.from_dict(weekend)))
    start = day.astimezone(UTC)
    end = day.replace(day=day.day + 1).astimezone(UTC)
    buy = tariff.series(start, end, BUCHAREST)
    hours = (end - start) / timedelta(hours=1)
    book = SavingsBook()
    book.count(EnergyStep(start, end, 1000.0 * hours, 1000.0 * hours, 0.0))
    book.settle(end, buy, buy, BUCHAREST)
    assert book.money[Against.NO_PLANT].ever == pytest.approx(expected)


def test_clock_that_was_years_ahead() -> None:
    """A day that never was does not stop the count of today."""
    always = TimeOfUse("RON", 1.0).series(
        NOON - timedelta(days=3), NOON + timedelta(days=3000), BUCHAREST
    )
    book = SavingsBook()
    ahead = NOON + timedelta(days=2000)
    book.count(EnergyStep(ahead, ahead + SLOT, 1000.0, 1000.0, 0.0))
    book.settle(ahead + SLOT, always, always, BUCHAREST)
    book.count(EnergyStep(NOON, NOON + SLOT, 1000.0, 1000.0, 0.0))
    book.settle(NOON + SLOT, always, always, BUCHAREST)
    found = book.saved(NOON + SLOT, always, always, BUCHAREST)
    assert found[Against.NO_PLANT, Span.TODAY] == pytest.approx(1.0)
    assert found[Against.NO_PLANT, Span.EVER] == pytest.approx(2.0)


def test_price_of_december_that_comes_in_january() -> None:
    """Late money is of its own month and year, and of no day."""
    eve = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    book = SavingsBook()
    book.count(EnergyStep(eve, eve + 16 * SLOT, 16_000.0, 16_000.0, 0.0))
    now = eve + timedelta(days=1)
    nothing = PriceSeries("RON")
    book.settle(now, nothing, nothing, BUCHAREST)
    known = TimeOfUse("RON", 1.0).series(eve, now, BUCHAREST)
    # Midnight in Bucharest is at 22:00 UTC: half of it is of the new year.
    book.settle(now, known, known, BUCHAREST)
    found = book.saved(now, known, known, BUCHAREST)
    spans = {span: found[Against.NO_PLANT, span] for span in Span}
    assert spans == pytest.approx(
        {Span.TODAY: 8.0, Span.MONTH: 8.0, Span.YEAR: 8.0, Span.EVER: 16.0}
    )
    assert book.money[Against.NO_PLANT].months["2026-12"] == pytest.approx(8.0)
