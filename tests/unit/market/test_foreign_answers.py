"""What energy-charts, ENTSO-E and the central bank answer on other days and zones."""

from datetime import UTC, date, datetime, timedelta
import io
import json
from typing import Any
import zipfile

import pytest

from custom_components.pv_family.market.day_ahead import NotPublishedError
from custom_components.pv_family.market.energy_charts import parse_energy_charts
from custom_components.pv_family.market.entsoe import parse_entsoe
from custom_components.pv_family.market.exchange import parse_rates
from custom_components.pv_family.market.market_day import day_bounds
from custom_components.pv_family.plant.web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebError,
    WebRefusedError,
)

from .answers import (
    DAY,
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
PRICES = prices_of(96, 80.0)
WHOLE = entsoe_series(START, END, dict(enumerate(PRICES, 1)))


def charts(**changes: Any) -> WebAnswer:
    """Return an answer of energy-charts of which something is different."""
    return answered(json.dumps(json.loads(energy_charts(START, PRICES)) | changes))


def prices(answer: WebAnswer) -> list[float]:
    """Return the prices of the day in an answer of ENTSO-E."""
    return [price for _, _, price in parse_entsoe(answer, DAY).intervals]


class TestEnergyCharts:
    """Other zones, licences and failures."""

    @pytest.mark.parametrize(
        ("licence", "shown"),
        [
            ("CC BY 4.0 from\n  Bundesnetzagentur | SMARD.de", "CC BY 4.0 from Bundes"),
            ("x" * 5000, "x" * 255),
            (None, ""),
            (["CC BY 4.0"], ""),
            ({"name": "CC BY 4.0"}, ""),
        ],
        ids=["lines", "long", "null", "list", "mapping"],
    )
    def test_licence(self, licence: object, shown: str) -> None:
        """Whatever the licence looks like, the prices are prices."""
        read = parse_energy_charts(charts(license_info=licence), DAY)
        assert [price for _, _, price in read.intervals] == PRICES
        assert read.licence.startswith(shown)
        assert len(read.licence) <= 255

    def test_without_a_licence(self) -> None:
        """Nor does it have to be there."""
        text = energy_charts(START, PRICES).replace("license_info", "notice")
        assert parse_energy_charts(answered(text), DAY).licence == ""

    @pytest.mark.parametrize("unit", ["EUR/MWh", "EUR / MWh", "eur/mwh"])
    def test_unit(self, unit: str) -> None:
        """The unit with and without blanks."""
        assert parse_energy_charts(charts(unit=unit), DAY).currency == "EUR"

    @pytest.mark.parametrize(
        "unit", ["EUR/kWh", "ct/kWh", "PLN / MWh", "", None, 7, ["EUR/MWh"]]
    )
    def test_wrong_unit(self, unit: object) -> None:
        """Another unit is not the euro of a megawatt-hour."""
        with pytest.raises(WebAnswerError, match="unit"):
            parse_energy_charts(charts(unit=unit), DAY)

    def test_hours_become_quarter_hours(self) -> None:
        """The answer over the night of 1 October 2025 changes its step."""
        day = date(2025, 9, 30)
        start, end = day_bounds(day)
        stamps = [start + n * HOUR for n in range(24)]
        stamps += [end + n * QUARTER for n in range(96)]
        known = [round(50.0 + n, 2) for n in range(120)]
        answer = charts(unix_seconds=[int(s.timestamp()) for s in stamps], price=known)
        hours = parse_energy_charts(answer, day)
        assert [price for _, _, price in hours.intervals] == known[:24]
        quarters = parse_energy_charts(answer, day + timedelta(days=1))
        assert [price for _, _, price in quarters.intervals] == known[24:]

    def test_tomorrow_is_null(self) -> None:
        """Today is whole; of tomorrow there are stamps and no prices."""
        answer = answered(energy_charts(START, [*PRICES, *[None] * 96]))
        assert len(parse_energy_charts(answer, DAY).intervals) == 96
        with pytest.raises(NotPublishedError):
            parse_energy_charts(answer, DAY + timedelta(days=1))

    def test_nothing_at_all(self) -> None:
        """Empty lists, as of a zone whose day is still to come."""
        with pytest.raises(NotPublishedError):
            parse_energy_charts(charts(unix_seconds=[], price=[]), DAY)

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (404, '{"detail": "Not Found"}', NotPublishedError),
            (404, "", NotPublishedError),
            (404, "<html><title>404 Not Found</title></html>", WebRefusedError),
            (422, '{"detail": [{"loc": ["query", "bzn"]}]}', WebRefusedError),
            (429, '{"message": "API rate limit exceeded"}', WebBusyError),
            (200, "<html><body>Maintenance</body></html>", WebAnswerError),
            (200, "", WebAnswerError),
            (200, '{"unix_seconds": [1, 2], "price": [1', WebAnswerError),
            (200, '{"detail": "Not Found"}', WebAnswerError),
        ],
    )
    def test_no_prices(self, status: int, body: str, error: type[WebError]) -> None:
        """Not yet, not so and not now are told apart."""
        with pytest.raises(error) as told:
            parse_energy_charts(answered(body, status), DAY)
        assert told.type is error


class TestEntsoe:
    """Other zones, schemas and failures."""

    @pytest.mark.parametrize("auction", [2, 3, 4, 12])
    @pytest.mark.parametrize("first", [True, False])
    def test_other_auctions(self, auction: int, first: bool) -> None:
        """However many auctions there are, the coupled one counts."""
        other = entsoe_series(START, END, {1: 9.0}, auction=auction)
        text = entsoe(other, WHOLE) if first else entsoe(WHOLE, other)
        assert prices(answered(text)) == PRICES
        with pytest.raises(NotPublishedError):
            parse_entsoe(answered(entsoe(other)), DAY)

    @pytest.mark.parametrize("local", ["RON", "PLN", "BGN"])
    def test_own_currency_beside_the_euro(self, local: str) -> None:
        """A zone listed in its own currency, too, is taken in euro."""
        other = entsoe_series(START, END, {1: 400.0}, currency=local)
        for text in (entsoe(other, WHOLE), entsoe(WHOLE, other)):
            read = parse_entsoe(answered(text), DAY)
            assert read.currency == "EUR"
            assert [price for _, _, price in read.intervals] == PRICES

    def test_all_resolutions(self) -> None:
        """Of three resolutions the finest that has the whole day counts."""
        hours = entsoe_series(START, END, {1: 40.0}, resolution="PT60M")
        halves = entsoe_series(START, END, {1: 41.0}, resolution="PT30M")
        part = entsoe_series(START, END - QUARTER, {1: 42.0})
        read = parse_entsoe(answered(entsoe(hours, part, halves)), DAY)
        assert {price for _, _, price in read.intervals} == {41.0}
        assert len(read.intervals) == 48

    def test_day_in_two_series(self) -> None:
        """Each half of the day in a series of its own."""
        noon = START + 12 * HOUR
        morning = entsoe_series(START, noon, {1: 1.0, 48: 2.0})
        evening = entsoe_series(noon, END, {1: 3.0})
        expected = [1.0] * 47 + [2.0] + [3.0] * 48
        assert prices(answered(entsoe(evening, morning))) == expected

    def test_every_point(self) -> None:
        """A curve of kind A01 has every point, and a curve may have no kind."""
        points = dict(enumerate(PRICES, 1))
        for curve in ("A01", ""):
            text = entsoe(entsoe_series(START, END, points, curve=curve))
            assert prices(answered(text)) == PRICES

    @pytest.mark.parametrize(
        "change",
        [
            (":7:3", ":7:2"),
            (":7:3", ":8:0"),
            ("xmlns=", "xmlns:p="),
            (">MWH<", ">MWh<"),
            ("<Point>", "\n <!-- of the auction -->\n <Point>"),
            (":00Z</start>", ":00:00Z</start>"),
            ("utf-8", "ISO-8859-1"),
        ],
        ids=["7:2", "8:0", "prefix", "unit", "comments", "seconds", "encoding"],
    )
    def test_harmless(self, change: tuple[str, str]) -> None:
        """What does not change the numbers changes nothing."""
        text = entsoe(WHOLE).replace(*change)
        assert text != entsoe(WHOLE)
        assert prices(answered(text)) == PRICES

    def test_intraday(self) -> None:
        """Prices of intraday auctions are no day-ahead prices."""
        later = entsoe_series(START, END, {1: 9.0}).replace(">A01</con", ">A07</con")
        assert prices(answered(entsoe(later, WHOLE))) == PRICES
        with pytest.raises(NotPublishedError):
            parse_entsoe(answered(entsoe(later)), DAY)

    @pytest.mark.parametrize(
        ("text", "status", "error"),
        [
            (
                "No matching data found for Data item Energy Prices [12.1.D] "
                "(10YRO-TEL------P, 10YRO-TEL------P) and interval "
                "2026-06-14T22:00:00.000Z/2026-06-15T22:00:00.000Z.",
                200,
                NotPublishedError,
            ),
            ("Unauthorized. Missing or invalid security token", 401, WebRefusedError),
            ("More than 200 matching documents found", 400, WebRefusedError),
            ("", 200, WebRefusedError),
            ("Max allowed requests per minute from each unique IP", 429, WebBusyError),
        ],
    )
    def test_acknowledged(self, text: str, status: int, error: type[WebError]) -> None:
        """Reasons as the platform words them."""
        with pytest.raises(error) as told:
            parse_entsoe(answered(entsoe_nothing(text), status), DAY)
        assert told.type is error

    def test_archive(self) -> None:
        """Some of the platform's answers are archives; prices never are."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("prices.xml", entsoe(WHOLE) + " " * (8 << 20))
        with pytest.raises(WebAnswerError, match="no XML"):
            parse_entsoe(WebAnswer(200, packed.getvalue()), DAY)

    @pytest.mark.parametrize(
        "body",
        [
            b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>',
            b'<!DOCTYPE a PUBLIC "-" "http://127.0.0.1:9/a.dtd"><a/>',
            b"<a>" + b"<b>" * 400 + b"</b>" * 400 + b"</a>",
            b'<?xml version="1.0" encoding="klingon"?><a/>',
            b"<a>&undeclared;</a>",
            b"<a>" + b"\xff" * 99 + b"</a>",
            entsoe(WHOLE).encode()[:-40],
        ],
        ids=["file", "address", "deep", "encoding", "entity", "bytes", "cut"],
    )
    def test_hostile(self, body: bytes) -> None:
        """Nothing is fetched, nothing grows, nothing half is taken."""
        with pytest.raises(WebAnswerError):
            parse_entsoe(WebAnswer(200, body), DAY)


class TestBank:
    """Layouts and days of the central bank."""

    RATES = {date(2026, 6, 11): 5.01, date(2026, 6, 12): 5.02}

    @pytest.mark.parametrize(
        "change",
        [
            ("<Body>", "<Body><Subject>Reference rates</Subject>"),
            ("Body>", "Rates>"),
            ("<OrigCurrency>RON</OrigCurrency>", ""),
            ('currency="EUR">', 'currency="EUR" multiplier="1">'),
        ],
        ids=["subject", "body", "currency", "one"],
    )
    def test_layouts(self, change: tuple[str, str]) -> None:
        """The euro is found by its name wherever its day stands."""
        text = bnr_rates(self.RATES).replace(*change)
        assert parse_rates(answered(text)) == pytest.approx(self.RATES)

    def test_rate_of_a_hundred(self) -> None:
        """A rate may be that of many euro."""
        text = bnr_rates({date(2026, 6, 11): 5.01}).replace(
            '"EUR">5.0100', '"EUR" multiplier="100">501'
        )
        assert parse_rates(answered(text)) == {date(2026, 6, 11): 5.01}

    @pytest.mark.parametrize("nothing", ["", "-"])
    def test_day_without_a_rate(self, nothing: str) -> None:
        """A day on which there was none spoils no other."""
        text = bnr_rates(self.RATES).replace("5.0100", nothing)
        assert parse_rates(answered(text)) == {date(2026, 6, 12): 5.02}

    @pytest.mark.parametrize(
        ("text", "status", "error"),
        [
            ("<html><body>404</body></html>", 404, WebRefusedError),
            ("<html><body>Mentenanta</body></html>", 200, WebAnswerError),
            (bnr_rates(RATES)[:-60], 200, WebAnswerError),
            (bnr_rates(RATES).replace("EUR", "USD"), 200, WebAnswerError),
            (bnr_rates(RATES).replace("<Dat", "<!DOCTYPE a><Dat"), 200, WebAnswerError),
        ],
        ids=["404", "page", "cut", "dollars", "type"],
    )
    def test_no_rates(self, text: str, status: int, error: type[WebError]) -> None:
        """Anything else is refused."""
        with pytest.raises(error):
            parse_rates(answered(text, status))


def test_midnight_in_bucharest() -> None:
    """00:00 to 01:00 at home is the last hour of the market day before."""
    midnight = datetime(2026, 6, 14, 21, tzinfo=UTC)
    before = DAY - timedelta(days=1)
    answer = answered(energy_charts(day_bounds(before)[0], [*PRICES, *[7.0] * 96]))
    last = parse_energy_charts(answer, before).intervals[-4:]
    assert [(start, price) for start, _, price in last] == [
        (midnight + n * QUARTER, PRICES[92 + n]) for n in range(4)
    ]
    first = parse_energy_charts(answer, DAY).intervals[0]
    assert (first[0], first[2]) == (midnight + HOUR, 7.0)
