"""Prices over time: looked up, cut, laid over each other, stored."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.pv_family.market.price_series import (
    PriceInterval,
    PriceQuality,
    PriceSeries,
    repeated_until,
)

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def interval(hour: float, price: float, length: float = 1.0) -> PriceInterval:
    """Return an interval some hours after noon."""
    start = NOON + hour * HOUR
    return PriceInterval(
        start, start + length * HOUR, price, PriceQuality.PUBLISHED, "opcom"
    )


def series(*intervals: PriceInterval) -> PriceSeries:
    """Return a series in lei."""
    return PriceSeries("RON", intervals)


def hourly(first: int, *prices: float) -> PriceSeries:
    """Return a series of hours."""
    return series(*(interval(first + n, price) for n, price in enumerate(prices)))


def test_lookup() -> None:
    """An interval holds its start and not its end."""
    known = hourly(0, 1.0, 2.0)
    assert known.price_at(NOON - timedelta(microseconds=1)) is None
    assert known.price_at(NOON) == 1.0
    assert known.price_at(NOON + HOUR) == 2.0
    assert known.price_at(NOON + 2 * HOUR) is None
    assert known.next_change(NOON - HOUR) == NOON
    assert known.next_change(NOON) == NOON + HOUR
    assert known.next_change(NOON + 2 * HOUR) is None


def test_hole() -> None:
    """What nobody knows is not known."""
    known = series(interval(0, 1.0), interval(2, 3.0))
    assert known.price_at(NOON + 1.5 * HOUR) is None
    assert known.mean(NOON, NOON + 3 * HOUR) is None
    assert known.mean(NOON + 0.5 * HOUR, NOON + HOUR) == 1.0
    assert not known.covers(NOON, NOON + 3 * HOUR)
    assert known.next_change(NOON + 1.5 * HOUR) == NOON + 2 * HOUR


def test_mean_weighs_by_time() -> None:
    """A price counts for as long as it lasts."""
    known = series(interval(0, 1.0, 0.25), interval(0.25, 5.0, 0.75))
    assert known.mean(NOON, NOON + HOUR) == pytest.approx(4.0)
    assert known.mean(NOON, NOON) is None


def test_extremes() -> None:
    """The first of several equal prices is shown."""
    known = hourly(0, 2.0, -1.0, -1.0, 4.0)
    lowest, highest = known.lowest(), known.highest()
    assert lowest is not None
    assert highest is not None
    assert (lowest.start, highest.price) == (NOON + HOUR, 4.0)
    assert series().lowest() is None
    assert series().quality is None


def test_overlaid() -> None:
    """The newer series counts where both know something; the rest stays."""
    older, newer = hourly(0, 1.0, 1.0, 1.0, 1.0), series(interval(1.5, 9.0))
    both = older.overlaid(newer)
    assert [i.price for i in both.intervals] == [1.0, 1.0, 9.0, 1.0, 1.0]
    assert both.covers(NOON, NOON + 4 * HOUR)
    assert both.mean(NOON, NOON + 4 * HOUR) == pytest.approx(3.0)
    assert older.overlaid(series()) == older
    assert series().overlaid(older) == older
    with pytest.raises(ValueError, match="EUR"):
        older.overlaid(PriceSeries("EUR"))


def test_repeated() -> None:
    """A plan may look further than the auction, and sees that it is a guess."""
    known = hourly(0, *(float(n) for n in range(24)))
    longer = repeated_until(known, NOON + 50.5 * HOUR)
    assert longer.end == NOON + 50.5 * HOUR
    assert longer.price_at(NOON + 25 * HOUR) == 1.0
    assert longer.price_at(NOON + 50 * HOUR) == 2.0
    assert longer.quality is PriceQuality.ESTIMATED
    assert longer.between(NOON, NOON + 24 * HOUR) == known
    assert repeated_until(series(), NOON) == series()
    assert repeated_until(known, NOON) == known
    bounded = repeated_until(known, NOON + timedelta(days=999)).end
    assert bounded == NOON + timedelta(days=8)


@pytest.mark.parametrize(
    "intervals",
    [
        (interval(0, 1.0), interval(0.5, 1.0)),
        (interval(1, 1.0), interval(0, 1.0)),
        (interval(0, 1.0, 0.0),),
        (interval(0, float("nan")),),
        (
            PriceInterval(
                NOON.replace(tzinfo=None),
                NOON.replace(tzinfo=None) + HOUR,
                1.0,
                PriceQuality.PUBLISHED,
                "",
            ),
        ),
    ],
)
def test_refused(intervals: tuple[PriceInterval, ...]) -> None:
    """What is not a series cannot become one."""
    with pytest.raises(ValueError):
        PriceSeries("RON", intervals)


def test_stored() -> None:
    """A series comes back from the disk as it was."""
    known = series(interval(0, -0.125), interval(3, 1.5, 0.25))
    assert PriceSeries.from_dict(json.loads(json.dumps(known.as_dict()))) == known


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"currency": "RON"},
        {"currency": "RON", "intervals": [[0, 1]]},
        {"currency": "RON", "intervals": [[0, 900, "x", "published", ""]]},
        {"currency": "RON", "intervals": [[0, 900, 1.0, "invented", ""]]},
        {"currency": "RON", "intervals": [[900, 0, 1.0, "published", ""]]},
        {"currency": "RON", "intervals": [[0, 1e30, 1.0, "published", ""]]},
    ],
)
def test_damaged(stored: dict[str, Any]) -> None:
    """Damage is refused with an error that the reader expects."""
    with pytest.raises((KeyError, TypeError, ValueError, OverflowError)):
        PriceSeries.from_dict(stored)


@st.composite
def any_series(draw: st.DrawFn) -> PriceSeries:
    """Return a series of quarter hours and holes."""
    at, intervals = draw(st.integers(0, 20)), []
    for _ in range(draw(st.integers(0, 12))):
        length = draw(st.integers(1, 5))
        intervals.append(interval(at / 4, draw(st.floats(-5.0, 5.0)), length / 4))
        at += length + draw(st.integers(0, 3))
    return series(*intervals)


@settings(deadline=None)
@given(any_series(), any_series(), st.integers(-4, 120))
def test_overlaid_everywhere(
    older: PriceSeries, newer: PriceSeries, quarter: int
) -> None:
    """At every instant: the newer price, else the older one, else none."""
    when = NOON + quarter * HOUR / 4
    expected = newer.price_at(when)
    if expected is None:
        expected = older.price_at(when)
    assert older.overlaid(newer).price_at(when) == expected


@settings(deadline=None)
@given(any_series(), st.integers(0, 60), st.integers(1, 40))
def test_mean_is_that_of_its_parts(known: PriceSeries, first: int, count: int) -> None:
    """The mean of a time is the mean over its quarter hours, or unknown."""
    start = NOON + first * HOUR / 4
    prices = [known.price_at(start + n * HOUR / 4) for n in range(count)]
    mean = known.mean(start, start + count * HOUR / 4)
    if None in prices:
        assert mean is None
    else:
        assert mean == pytest.approx(sum(p for p in prices if p is not None) / count)
