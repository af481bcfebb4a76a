"""Composition, feed-in, time of use and other integrations' entities."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.market.entity_price import (
    PriceUnit,
    present_price,
    read_curve,
    read_unit,
)
from custom_components.pv_family.market.home_prices import HomePrices
from custom_components.pv_family.market.price_series import (
    PriceInterval,
    PriceQuality,
    PriceSeries,
)
from custom_components.pv_family.market.tariff import Composition, FeedIn, FeedInKind
from custom_components.pv_family.market.time_of_use import Band, TimeOfUse

BUCHAREST = ZoneInfo("Europe/Bucharest")
NOW = datetime(2026, 6, 15, 9, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def market(*prices: float) -> PriceSeries:
    """Return prices of hours from now on."""
    start = NOW.replace(minute=0)
    return PriceSeries(
        "RON",
        tuple(
            PriceInterval(
                start + n * HOUR,
                start + (n + 1) * HOUR,
                price,
                PriceQuality.PUBLISHED,
                "opcom",
            )
            for n, price in enumerate(prices)
        ),
    )


def values(series: PriceSeries) -> list[float]:
    """Return the prices of a series."""
    return [item.price for item in series.intervals]


def test_composition() -> None:
    """Everything that is added is taxed, as on a bill."""
    bill = Composition.from_dict(
        {"factor": 102.0, "margin": 0.05, "network": 0.35, "levies": 0.1, "vat": 21.0}
    )
    assert bill.price(0.5) == pytest.approx((0.51 + 0.5) * 1.21)
    # What the market pays for taking is taken off, and may outweigh the rest.
    assert bill.price(-1.0) == pytest.approx((-1.02 + 0.5) * 1.21)
    priced = bill.priced(market(0.5, -1.0))
    assert values(priced) == pytest.approx([bill.price(0.5), bill.price(-1.0)])
    assert priced.quality is PriceQuality.PUBLISHED
    assert Composition.from_dict({}).price(0.7) == 0.7


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ({}, [0.0, 0.0]),
        ({"feed_in": "fixed", "feed_in_price": 0.4}, [0.4, 0.4]),
        ({"feed_in": "market", "feed_in_fee": 0.05}, [0.45, -0.25]),
        (
            {"feed_in": "market", "feed_in_factor": 90.0, "feed_in_fee": 0.05},
            [0.4, -0.23],
        ),
        ({"feed_in": "market", "feed_in_never_negative": True}, [0.5, 0.0]),
        ({"feed_in": "buying"}, [1.0, 0.3]),
        ({"feed_in": "entity"}, [0.3, -0.4]),
        (
            {"feed_in": "entity", "feed_in_factor": 90.0, "feed_in_fee": 0.02},
            [0.25, -0.38],
        ),
        ({"feed_in": "entity", "feed_in_never_negative": True}, [0.3, 0.0]),
    ],
)
def test_feed_in(entered: dict[str, Any], expected: list[float]) -> None:
    """Exported energy is worth nothing, a price, the market's or the bill's."""
    base = market(0.5, -0.2)
    buying = Composition(network=0.5).priced(base)
    feed_in = FeedIn.from_dict(entered)
    shown = market(0.3, -0.4)
    assert values(feed_in.series(base, buying, shown)) == pytest.approx(expected)


def test_foreseen() -> None:
    """A plan sees all three prices as far as it looks."""
    base = market(*(n / 10.0 for n in range(24)))
    prices = HomePrices.composed(
        base, Composition(network=0.5), FeedIn(kind=FeedInKind.MARKET)
    )
    until = NOW + timedelta(hours=40)
    plan = prices.foreseen(until)
    at = NOW + timedelta(hours=26)
    shown = (plan.market.price_at(at), plan.buy.price_at(at), plan.sell.price_at(at))
    assert shown == (0.2, 0.7, 0.2)
    assert plan.buy.end == until
    assert prices.buy.price_at(at) is None


def test_unknown_feed_in() -> None:
    """A kind that does not exist is refused."""
    with pytest.raises(ValueError):
        FeedIn.from_dict({"feed_in": "bitcoin"})
    assert FeedIn().kind is FeedInKind.NONE


def band(start: str, end: str, price: float, days: list[str] | None = None) -> Band:
    """Return a band as the form gives it."""
    return Band.from_dict({"start": start, "end": end, "price": price, "days": days})


def test_fixed() -> None:
    """Without bands there is one price and one interval."""
    fixed = TimeOfUse("RON", 1.3).series(NOW, NOW + 50 * HOUR, BUCHAREST)
    assert values(fixed) == [1.3]
    assert fixed.intervals[0].source == "fixed"
    assert fixed.quality is PriceQuality.ENTERED


def test_bands() -> None:
    """A night band past midnight belongs to the day on which it begins."""
    night = band("22:00:00", "06:00:00", 0.5, ["fri"])
    day = band("06:00:00", "09:00:00", 2.0, WORKDAYS)
    tariff = TimeOfUse("RON", 1.0, (night, day))
    friday = datetime(2026, 6, 19, tzinfo=BUCHAREST)
    expected = {
        timedelta(hours=5, minutes=45): 1.0,
        timedelta(hours=6): 2.0,
        timedelta(hours=8, minutes=45): 2.0,
        timedelta(hours=9): 1.0,
        timedelta(hours=22): 0.5,
        timedelta(days=1, hours=5): 0.5,
        timedelta(days=1, hours=6): 1.0,
        timedelta(days=1, hours=23): 1.0,
    }
    start = friday.astimezone(UTC)
    prices = tariff.series(start, start + timedelta(days=2), BUCHAREST)
    for after, price in expected.items():
        assert prices.price_at(start + after) == price, after
    assert prices.intervals[0].source == "time_of_use"
    assert prices.covers(start, start + timedelta(days=2))


@pytest.mark.parametrize(
    ("day", "hours", "night_hours"),
    [((2026, 3, 29), 23, 5.0), ((2026, 10, 25), 25, 7.0), ((2026, 6, 15), 24, 6.0)],
)
def test_clock_change(
    day: tuple[int, int, int], hours: int, night_hours: float
) -> None:
    """A band by the clock on the wall is an hour shorter or longer that night."""
    tariff = TimeOfUse("RON", 1.0, (band("00:00:00", "06:00:00", 0.5),))
    start = datetime(*day, tzinfo=BUCHAREST).astimezone(UTC)
    prices = tariff.series(start, start + timedelta(hours=hours), BUCHAREST)
    cheap = sum(
        (i.end - i.start).total_seconds() for i in prices.intervals if i.price == 0.5
    )
    assert cheap == night_hours * 3600


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Band,
            st.frozensets(st.integers(0, 6)),
            st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15)),
            st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15)),
            st.floats(-1.0, 5.0),
        ),
        max_size=4,
    ),
    st.integers(0, 365 * 96),
)
def test_every_quarter_has_the_price_of_its_wall_clock(
    bands: list[Band], quarter: int
) -> None:
    """At any time of the year: the first band that holds, else the basic price."""
    tariff = TimeOfUse("RON", 9.0, bands)
    start = datetime(2026, 1, 1, tzinfo=UTC) + quarter * timedelta(minutes=15)
    prices = tariff.series(start, start + 6 * HOUR, BUCHAREST)
    for n in range(24):
        at = start + n * timedelta(minutes=15)
        assert prices.price_at(at) == tariff.price_at(at.astimezone(BUCHAREST))


@pytest.mark.parametrize(
    "entered",
    [
        {},
        {"start": "07:05:00", "end": "09:00:00", "price": 1.0},
        {"start": "07:00:00", "end": "9 o'clock", "price": 1.0},
        {"start": "07:00:00", "end": "09:00:00", "price": 1.0, "days": ["someday"]},
    ],
)
def test_damaged_band(entered: dict[str, Any]) -> None:
    """A band that cannot be read is refused."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Band.from_dict(entered)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("RON/kWh", PriceUnit("RON", 1.0)),
        ("EUR/MWh", PriceUnit("EUR", 0.001)),
        ("€/kWh", PriceUnit("EUR", 1.0)),
        ("lei/kWh", PriceUnit("RON", 1.0)),
        ("bani/kWh", PriceUnit("RON", 0.01)),
        ("ct/kWh", PriceUnit(None, 0.01)),
        ("RON / kWh", PriceUnit("RON", 1.0)),
        ("ron/kwh", PriceUnit("RON", 1.0)),
        ("Eur/MWh", PriceUnit("EUR", 0.001)),
        ("c€/kWh", PriceUnit(None, 0.01)),
        ("öre/kWh", PriceUnit(None, 0.01)),
        ("ore/kWh", PriceUnit(None, 0.01)),
        ("kr/kWh", PriceUnit(None, 1.0)),
        ("$/MWh", PriceUnit(None, 0.001)),
        ("RON/kW", None),
        ("kWh", None),
        ("RON", None),
        ("%/kWh", None),
        ("", None),
        (None, None),
    ],
)
def test_units(unit: str | None, expected: PriceUnit | None) -> None:
    """Units as integrations write them."""
    assert read_unit(unit) == expected


KWH = PriceUnit("RON", 1.0)


def test_curve_with_ends() -> None:
    """A list of a start, an end and a value, today's and tomorrow's."""
    start = datetime(2026, 6, 15, tzinfo=BUCHAREST)
    listed = [
        {"start": start + n * HOUR, "end": start + (n + 1) * HOUR, "value": n / 10}
        for n in range(48)
    ]
    curve = read_curve(
        {"raw_today": listed[:24], "raw_tomorrow": listed[24:]}, KWH, "RON", NOW
    )
    assert len(curve.intervals) == 48
    assert curve.price_at(start.astimezone(UTC) + 25.5 * HOUR) == 2.5
    assert curve.quality is PriceQuality.REPORTED


def test_curve_without_ends() -> None:
    """Texts for times, and each price until the next."""
    listed = [
        {"startsAt": f"2026-06-15T{n:02d}:{m:02d}:00+03:00", "total": n + m / 100}
        for n in range(24)
        for m in (0, 15, 30, 45)
    ]
    curve = read_curve({"prices": listed}, PriceUnit("EUR", 0.001), "EUR", NOW)
    assert len(curve.intervals) == 96
    assert {i.end - i.start for i in curve.intervals} == {timedelta(minutes=15)}
    assert curve.intervals[-1].price == pytest.approx(0.02345)


@pytest.mark.parametrize(
    "listed",
    [
        None,
        "text",
        [1, 2, 3],
        [{"start": "2026-06-15T00:00:00", "value": 1.0}],
        [{"start": "yesterday", "value": 1.0}],
        [{"start": "2026-06-15T00:00:00+00:00", "value": "dear"}],
        [{"start": "2026-06-15T00:00:00+00:00", "value": 1e9}],
        [{"start": "1999-06-15T00:00:00+00:00", "value": 1.0}],
        [{"start": "2026-06-15T00:00:00+00:00", "value": 1.0}] * 1001,
        [
            {"start": "2026-06-15T00:00:00+00:00", "value": 1.0},
            {"start": "2026-06-15T00:00:00+00:00", "value": 2.0},
        ],
    ],
    ids=str,
)
def test_no_curve(listed: Any) -> None:
    """What cannot be read, or contradicts itself, is not used."""
    assert not read_curve({"prices": listed}, KWH, "RON", NOW)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(("raw_today", "prices", "data")),
        st.lists(
            st.dictionaries(
                st.sampled_from(("start", "end", "value", "price", "time")),
                st.none()
                | st.text(max_size=10)
                | st.integers()
                | st.floats()
                | st.datetimes(timezones=st.just(UTC))
                | st.just("2026-06-15T10:00:00+03:00"),
            ),
            max_size=5,
        ),
    )
)
def test_any_attributes(attributes: dict[str, Any]) -> None:
    """Whatever an integration lists, a series comes out or nothing."""
    assert read_curve(attributes, KWH, "RON", NOW).currency == "RON"


@pytest.mark.parametrize(
    ("state", "price"), [("0.5", 0.5), ("-0.1", -0.1), ("unavailable", None)]
)
def test_present_price(state: str, price: float | None) -> None:
    """A number is a price; anything else is none."""
    shown = present_price(state, KWH, "RON", NOW, NOW + HOUR)
    assert shown.price_at(NOW) == price


@pytest.mark.parametrize("state", ["nan", "inf", "1e12", ""])
def test_impossible_price(state: str) -> None:
    """A number that is no price is none."""
    assert not present_price(state, KWH, "RON", NOW, NOW + HOUR)
