"""Prices of energy-charts and ENTSO-E, and the central bank's rate."""

from datetime import UTC, date, datetime, timedelta

import pytest

from custom_components.pv_family.market.day_ahead import NotPublishedError
from custom_components.pv_family.market.energy_charts import (
    energy_charts_request,
    parse_energy_charts,
)
from custom_components.pv_family.market.entsoe import entsoe_request, parse_entsoe
from custom_components.pv_family.market.exchange import (
    parse_rates,
    rate_for,
    rates_request,
    years_for,
)
from custom_components.pv_family.market.market_day import day_bounds
from custom_components.pv_family.plant.web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebError,
    WebRefusedError,
    WebUnreachableError,
)

from .answers import (
    DAY,
    FIXTURES,
    HOUR,
    QUARTER,
    answered,
    bnr_rates,
    energy_charts,
    entsoe,
    entsoe_nothing,
    entsoe_series,
    prices_of,
)

START, END = day_bounds(DAY)
TOKEN = "00000000-1111-2222-3333-444444444444"


def recorded(name: str) -> WebAnswer:
    """Return a recording."""
    return WebAnswer(200, (FIXTURES / name).read_bytes())


class TestEnergyCharts:
    """The source that needs no key."""

    @pytest.mark.parametrize(
        ("day", "first", "last"),
        [(date(2024, 12, 10), 92.85, 121.37), (date(2024, 12, 11), 115.94, 135.96)],
        ids=str,
    )
    def test_recording(self, day: date, first: float, last: float) -> None:
        """Each of two recorded days is cut out whole."""
        read = parse_energy_charts(recorded("energycharts_DE_2024-12-10.json"), day)
        assert len(read.intervals) == 24
        assert (read.intervals[0][2], read.intervals[-1][2]) == (first, last)
        assert (read.intervals[0][0], read.intervals[-1][1]) == day_bounds(day)
        assert read.currency == "EUR"
        assert "SMARD" in read.licence

    def test_next_day_is_not_there(self) -> None:
        """What is not published yet is no failure."""
        with pytest.raises(NotPublishedError):
            parse_energy_charts(
                recorded("energycharts_DE_2024-12-10.json"), date(2024, 12, 12)
            )

    def test_request_asks_for_one_more_day(self) -> None:
        """Whatever zone the service counts days in, the whole day comes."""
        params = energy_charts_request(DAY, "RO").params
        assert params == {"bzn": "RO", "start": "2026-06-15", "end": "2026-06-16"}

    def test_longer_answer_is_cut(self) -> None:
        """The hours of a Romanian day around the market's are left out."""
        text = energy_charts(START - HOUR, prices_of(96 + 8))
        read = parse_energy_charts(answered(text), DAY)
        assert [price for _, _, price in read.intervals] == prices_of(104)[4:100]

    def test_nulls_ahead(self) -> None:
        """A day of nulls is not published; a hole in a day is a damage."""
        nothing = energy_charts(START, [None] * 96)
        with pytest.raises(NotPublishedError):
            parse_energy_charts(answered(nothing), DAY)
        holed = energy_charts(START, [*prices_of(96)[:50], None, *prices_of(96)[51:]])
        with pytest.raises(WebAnswerError, match="only some"):
            parse_energy_charts(answered(holed), DAY)

    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            energy_charts(START, prices_of(96)).replace("EUR / MWh", "GBP / MWh"),
            energy_charts(START, prices_of(96)).replace('"price": [', '"price": [1,'),
            energy_charts(START, prices_of(96), timedelta(seconds=-900)),
            energy_charts(START, prices_of(96)[:95]),
            energy_charts(START + timedelta(minutes=7), prices_of(96)),
            energy_charts(START, [99_999.0] * 96),
        ],
        ids=["list", "unit", "more", "order", "short", "askew", "price"],
    )
    def test_damaged(self, text: str) -> None:
        """Damage is refused."""
        with pytest.raises(WebAnswerError):
            parse_energy_charts(answered(text), DAY)

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (404, NotPublishedError),
            (429, WebBusyError),
            (400, WebRefusedError),
            (502, WebUnreachableError),
        ],
    )
    def test_status(self, status: int, error: type[WebError]) -> None:
        """Each status means what it says."""
        with pytest.raises(error):
            parse_energy_charts(WebAnswer(status, b"{}"), DAY)


class TestEntsoe:
    """The source with a token."""

    def test_recording(self) -> None:
        """A recorded day comes out price by price."""
        answer = recorded("entsoe_A44_BE_2024-10-08_PT60M.xml")
        read = parse_entsoe(answer, date(2024, 10, 8))
        assert len(read.intervals) == 24
        assert [price for _, _, price in read.intervals][:3] == [64.98, 57.86, 53.73]
        assert {end - start for start, end, _ in read.intervals} == {HOUR}

    @pytest.mark.parametrize(
        ("day", "points"), [(date(2024, 10, 6), 23), (date(2024, 10, 7), 24)], ids=str
    )
    def test_recorded_auctions(self, day: date, points: int) -> None:
        """Of two auctions the coupled one counts, although the other one is finer.

        One of the recorded days has a gap, which repeats the price before it.
        """
        answer = recorded("entsoe_A44_DE_PT60M_PT15M_overlap.xml")
        period = answer.body.split(b"<Period>")[1 if points == 23 else 2]
        assert period.count(b"<position>") == points
        read = parse_entsoe(answer, day)
        assert len(read.intervals) == 24
        assert (read.intervals[0][0], read.intervals[-1][1]) == day_bounds(day)

    def test_gaps(self) -> None:
        """A price lasts until the next point, also at the end."""
        text = entsoe(entsoe_series(START, END, {1: 10.0, 5: -3.5, 90: 7.0}))
        prices = [p for _, _, p in parse_entsoe(answered(text), DAY).intervals]
        assert prices == [10.0] * 4 + [-3.5] * 85 + [7.0] * 7

    @pytest.mark.parametrize("points", [{2: 5.0}, {1: 5.0, 3: 5.0}, {1: 5.0}])
    def test_no_gaps_in_other_curves(self, points: dict[int, float]) -> None:
        """In a curve of kind A01 each position has to be there."""
        text = entsoe(entsoe_series(START, END, points, curve="A01"))
        with pytest.raises(WebAnswerError, match="missing"):
            parse_entsoe(answered(text), DAY)

    def test_finest(self) -> None:
        """Of one auction the quarter hours count, wherever they stand."""
        hours = entsoe_series(START, END, {1: 40.0}, resolution="PT60M")
        quarters = entsoe_series(START, END, {1: 41.0}, auction=None)
        for text in (entsoe(hours, quarters), entsoe(quarters, hours)):
            read = parse_entsoe(answered(text), DAY)
            assert {p for _, _, p in read.intervals} == {41.0}
            assert {end - start for start, end, _ in read.intervals} == {QUARTER}

    def test_finer_but_not_whole(self) -> None:
        """A day that is not whole in quarter hours is taken from the hours."""
        hours = entsoe_series(START, END, {1: 40.0}, resolution="PT60M")
        some = entsoe_series(START, START + HOUR, {1: 41.0})
        read = parse_entsoe(answered(entsoe(hours, some)), DAY)
        assert {p for _, _, p in read.intervals} == {40.0}

    def test_other_auction_alone(self) -> None:
        """The early auction's result is not the coupled one's."""
        text = entsoe(entsoe_series(START, END, {1: 40.0}, auction=2))
        with pytest.raises(NotPublishedError):
            parse_entsoe(answered(text), DAY)

    def test_contradiction(self) -> None:
        """Two different prices for the same time are refused, the same is not."""
        one, other = (entsoe_series(START, END, {1: p}) for p in (40.0, 41.0))
        assert parse_entsoe(answered(entsoe(one, one)), DAY).intervals
        with pytest.raises(WebAnswerError, match="two prices"):
            parse_entsoe(answered(entsoe(one, other)), DAY)

    @pytest.mark.parametrize(
        ("day", "count"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100)], ids=str
    )
    def test_clock_change(self, day: date, count: int) -> None:
        """Days of 23 and 25 hours are whole days."""
        text = entsoe(entsoe_series(*day_bounds(day), {1: 40.0}))
        assert len(parse_entsoe(answered(text), day).intervals) == count

    def test_other_namespace(self) -> None:
        """The version of the schema does not matter, nor does a prefix."""
        text = entsoe(entsoe_series(START, END, {1: 40.0}))
        older = text.replace(":7:3", ":7:0").replace("<TimeSeries", "<ns:TimeSeries")
        older = older.replace("</TimeSeries", "</ns:TimeSeries")
        assert len(parse_entsoe(answered(older), DAY).intervals) == 96

    @pytest.mark.parametrize(
        ("text", "status", "error"),
        [
            (entsoe_nothing(), 200, NotPublishedError),
            (entsoe_nothing(), 400, NotPublishedError),
            (entsoe_nothing("Authentication failed."), 401, WebRefusedError),
            (entsoe_nothing("Invalid security token"), 200, WebRefusedError),
            (entsoe_nothing("Too many requests"), 429, WebBusyError),
            ("<html/>", 503, WebBusyError),
            ("<html/>", 200, WebAnswerError),
            ("", 200, WebAnswerError),
            (entsoe(), 200, NotPublishedError),
        ],
    )
    def test_no_prices(self, text: str, status: int, error: type[WebError]) -> None:
        """Why there are none is told apart."""
        with pytest.raises(error) as told:
            parse_entsoe(answered(text, status), DAY)
        assert told.type is error

    def test_token_is_not_repeated(self) -> None:
        """What the platform repeats of the question does not hold the token."""
        assert entsoe_request(DAY, "10YRO-TEL------P", TOKEN).params["periodStart"] == (
            "202606142200"
        )
        text = entsoe_nothing(f"Bad securityToken={TOKEN}")
        with pytest.raises(WebRefusedError) as told:
            parse_entsoe(answered(text, 400), DAY)
        assert TOKEN not in str(told.value)

    @pytest.mark.parametrize(
        "text",
        [
            entsoe(entsoe_series(START, END, {1: 40.0}, resolution="P1Y")),
            entsoe(entsoe_series(START, END, {0: 40.0})),
            entsoe(entsoe_series(START, END, {97: 40.0})),
            entsoe(entsoe_series(START, END, {2: 40.0})),
            entsoe(entsoe_series(END, START, {1: 40.0})),
            entsoe(entsoe_series(START, START + timedelta(days=99), {1: 40.0})),
            entsoe(entsoe_series(START, END, {1: float("nan")})),
            entsoe(entsoe_series(START, END, {1: 40.0}, currency="XXX")),
            entsoe(entsoe_series(START, END, {1: 4.0})).replace(">MWH<", ">KWH<"),
            entsoe(entsoe_series(START, END - HOUR, {1: 40.0})),
            entsoe(entsoe_series(START, END, {1: 40.0})).replace(
                "Z</start>", "</start>"
            ),
        ],
        ids=[
            "resolution",
            "zeroth",
            "beyond",
            "no first",
            "backwards",
            "long",
            "nan",
            "currency",
            "unit",
            "short",
            "no zone",
        ],
    )
    def test_damaged(self, text: str) -> None:
        """Damage is refused."""
        with pytest.raises(WebAnswerError):
            parse_entsoe(answered(text), DAY)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_entities(self, encoding: str) -> None:
        """Entities that grow without end have no place to be declared."""
        bomb = '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
        text = f'<?xml version="1.0" encoding="{encoding}"?>{bomb}<a>&b;</a>'
        with pytest.raises(WebAnswerError, match="document type"):
            parse_entsoe(WebAnswer(200, text.encode(encoding)), DAY)

    @pytest.mark.parametrize(
        "body",
        [
            b"<a>" * 40 + b"</a>" * 40,
            b"<a " + b" ".join(b'b%d="c"' % n for n in range(30)) + b"/>",
            b"<a>" + b"x" * (2 << 20) + b"</a>",
            b"<a>" + b"<b/>" * 100_001 + b"</a>",
        ],
        ids=["deep", "attributes", "long", "many"],
    )
    def test_bounds(self, body: bytes) -> None:
        """An answer without end is cut off."""
        with pytest.raises(WebAnswerError):
            parse_entsoe(WebAnswer(200, body), DAY)

    def test_many_long_periods(self) -> None:
        """Points that stand for days do not add up without bound."""
        series = entsoe_series(START, START + timedelta(days=10), {1: 40.0})
        read = parse_entsoe(answered(entsoe(*[series] * 1000)), DAY)
        assert len(read.intervals) == 96


class TestExchange:
    """The rate by which euro become lei."""

    RATES = {
        date(2026, 6, 11): 5.01,
        date(2026, 6, 12): 5.02,
        date(2026, 6, 15): 5.03,
    }

    def test_rates(self) -> None:
        """Only the euro is taken, by its day."""
        assert rates_request(2026).url.endswith("/nbrfxrates2026.xml")
        assert parse_rates(answered(bnr_rates(self.RATES))) == self.RATES

    @pytest.mark.parametrize(
        ("delivery", "rate"),
        [
            (date(2026, 6, 13), 5.01),
            (date(2026, 6, 14), 5.02),
            (date(2026, 6, 16), 5.02),
            (date(2026, 6, 17), 5.03),
            (date(2026, 6, 12), None),
            (date(2026, 8, 1), None),
        ],
        ids=str,
    )
    def test_rate_for(self, delivery: date, rate: float | None) -> None:
        """The last rate before the day of the auction counts, if it is near."""
        assert rate_for(self.RATES, delivery) == rate

    def test_years(self) -> None:
        """In the first days of January the rate may be of the year before."""
        assert years_for(date(2026, 6, 15)) == [2026]
        assert years_for(date(2027, 1, 1)) == [2026]
        assert years_for(date(2027, 1, 5)) == [2027, 2026]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "<DataSet/>",
            bnr_rates({}),
            bnr_rates({date(2026, 6, 1): 99.0}),
            bnr_rates({date(2026, 6, 1): 5.0}).replace("2026-06-01", "today"),
            bnr_rates({date(2026, 6, 1): 5.0}).replace("5.0000", "5,0"),
            bnr_rates({date(2026, 6, 1): 5.0}).replace("5.0000", "-"),
        ],
        ids=["nothing", "empty", "none", "impossible", "day", "rate", "no rate"],
    )
    def test_damaged(self, text: str) -> None:
        """Damage is refused."""
        with pytest.raises(WebAnswerError):
            parse_rates(answered(text))


def test_utc() -> None:
    """Intervals of every source are in UTC."""
    read = parse_energy_charts(answered(energy_charts(START, prices_of(96))), DAY)
    assert read.intervals[0][0] == datetime(2026, 6, 14, 22, tzinfo=UTC)
