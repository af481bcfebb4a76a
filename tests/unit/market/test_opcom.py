"""Reports of OPCOM in both languages, in every layout, on every length of day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.pv_family.market.day_ahead import NotPublishedError
from custom_components.pv_family.market.opcom import opcom_request, parse_opcom
from custom_components.pv_family.plant.web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebError,
    WebUnreachableError,
)

from .answers import (
    DAY,
    HOUR,
    QUARTER,
    answered,
    count_of,
    opcom_means,
    opcom_report,
    prices_of,
)

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_request() -> None:
    """The language of the report decides the currency."""
    request = opcom_request(date(2026, 6, 5), "RON")
    assert request.url.endswith("/05/06/2026/ro")
    assert opcom_request(DAY, "EUR").url.endswith("/15/06/2026/en")


@pytest.mark.parametrize(
    ("day", "count"), [(DAY, 96), (SPRING, 92), (AUTUMN, 100)], ids=str
)
@pytest.mark.parametrize("resolution", ["PT15M", None])
def test_quarter_hours(day: date, count: int, resolution: str | None) -> None:
    """A day has 92, 96 or 100 quarter hours, with and without the column."""
    prices = prices_of(count)
    read = parse_opcom(answered(opcom_report(day, prices, resolution=resolution)), day)
    assert read.currency == "RON"
    assert [price for _, _, price in read.intervals] == prices
    assert min(prices) < 0.0
    assert {end - start for start, end, _ in read.intervals} == {QUARTER}
    assert read.intervals[0][0] == datetime(
        day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Brussels")
    )


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2025, 3, 30), 23), (date(2024, 2, 27), 24), (date(2024, 10, 27), 25)],
    ids=str,
)
def test_hours(day: date, count: int) -> None:
    """Files before October 2025 have hours and no column that says so."""
    prices = prices_of(count, 80.0)
    report = opcom_report(day, prices, english=True, resolution=None)
    read = parse_opcom(answered(report), day)
    assert read.currency == "EUR"
    assert len(read.intervals) == count
    assert {end - start for start, end, _ in read.intervals} == {HOUR}


def test_english_title_is_month_first() -> None:
    """The day asked for counts; an English title names the month first."""
    day = date(2024, 2, 3)
    report = opcom_report(day, prices_of(24), english=True, resolution=None)
    assert "2/3/2024" in report
    assert parse_opcom(answered(report), day).day == day


@pytest.mark.parametrize(("count", "step"), [(24, HOUR), (48, timedelta(minutes=30))])
def test_means_only(count: int, step: timedelta) -> None:
    """The other layout has an ordinal and a mean price."""
    read = parse_opcom(answered(opcom_means(DAY, prices_of(count))), DAY)
    assert {end - start for start, end, _ in read.intervals} == {step}


def test_first_romanian_hour_is_of_the_day_before() -> None:
    """At half past midnight in Bucharest the market is still in the day before."""
    read = parse_opcom(answered(opcom_report(DAY, prices_of(96))), DAY)
    midnight = datetime(2026, 6, 15, tzinfo=ZoneInfo("Europe/Bucharest"))
    assert read.intervals[0][0] == midnight + timedelta(hours=1)
    assert read.intervals[-1][1] == midnight + timedelta(days=1, hours=1)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\r\n", "\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace('"', ""),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace("Pret de Inchidere", "Preţ  de Închidere"),
        lambda text: text.replace(" de livrare", " de livrare:"),
    ],
    ids=["lf", "bom", "bare", "semicolon", "accents", "title"],
)
def test_harmless_changes(change: object) -> None:
    """What does not change the numbers changes nothing."""
    report = opcom_report(DAY, prices_of(96))
    assert callable(change)
    read = parse_opcom(answered(change(report)), DAY)
    assert [price for _, _, price in read.intervals] == prices_of(96)


def test_decimal_commas() -> None:
    """Numbers as Romania writes them are understood."""
    report = opcom_means(DAY, [1638.5] * 96).replace('"1638.50"', '"1.638,50"')
    read = parse_opcom(answered(report), DAY)
    assert {price for _, _, price in read.intervals} == {1638.5}


def test_other_code_page() -> None:
    """Accents in an old code page do not matter: the unit tells the column."""
    report = opcom_report(DAY, prices_of(96)).replace("Pret de", "Pre\u00fe de")
    body = report.encode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert len(parse_opcom(WebAnswer(200, body), DAY).intervals) == 96


def test_unknown_table() -> None:
    """Rows below a header that cannot be read are not "not yet published"."""
    report = opcom_report(DAY, prices_of(96), averages=False)
    with pytest.raises(WebAnswerError, match="no table"):
        parse_opcom(answered(report.replace("Interval", "Nr.")), DAY)


@pytest.mark.parametrize("title", ["2026-06-15", "15.06.2026", "31/31/2026"])
def test_other_titles(title: str) -> None:
    """A title with another kind of date confirms, or says nothing."""
    report = opcom_report(DAY, prices_of(96), title=title)
    assert len(parse_opcom(answered(report), DAY).intervals) == 96


def test_plain_table() -> None:
    """A table of nothing but intervals and prices is understood, too."""
    day = date(2025, 3, 30)
    rows = "".join(f"{n},{price}\n" for n, price in enumerate(prices_of(23), 1))
    for header, currency in (("RON", "RON"), ("eur_mwh", "EUR")):
        read = parse_opcom(answered(f"interval,{header}\n{rows}"), day)
        assert (read.currency, len(read.intervals)) == (currency, 23)
    with pytest.raises(WebAnswerError, match="no table"):
        parse_opcom(answered(f"interval,RON/kWh\n{rows}"), day)


def test_averages_below() -> None:
    """Averages may stand below the table, where they are no interval."""
    report = opcom_report(DAY, prices_of(96), averages=False, averages_below=True)
    assert len(parse_opcom(answered(report), DAY).intervals) == 96


@pytest.mark.parametrize(
    "text",
    ["", "\r\n\r\n", "\ufeff", opcom_report(DAY, []), f'"... {DAY:%d/%m/%Y}"\r\n'],
    ids=["nothing", "blank", "mark", "no rows", "title"],
)
def test_not_published_yet(text: str) -> None:
    """An empty report is an answer, too: not yet."""
    with pytest.raises(NotPublishedError):
        parse_opcom(answered(text), DAY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><body>Forbidden</body></html>", "no table"),
        (opcom_report(DAY, prices_of(95)), "95 rows"),
        (opcom_report(DAY, prices_of(96), resolution="PT60M"), "96 rows"),
        (opcom_report(DAY, prices_of(96), resolution="P1D"), "unknown resolution"),
        (opcom_report(DAY + timedelta(days=1), prices_of(96)), "is of"),
        (opcom_report(DAY, [70_000.0] * 96), "impossible"),
        (opcom_report(DAY, prices_of(96)).replace("lei/MWh", "GBP/MWh"), "unit"),
        (opcom_report(DAY, prices_of(96)).replace('"7","', '"8","'), "interval 8"),
        (opcom_report(DAY, prices_of(96)).replace('"96","', '"97","'), "missing"),
        (
            opcom_report(DAY, [5.0] * 96).replace('"9","5.00"', '"9","n/a"'),
            "no price",
        ),
        (
            opcom_report(DAY, [5.0] * 96).replace('24)","5.00"', '24)","9.00"'),
            "average",
        ),
        (opcom_report(DAY, prices_of(96)) * 9, "lines"),
        (opcom_report(DAY, prices_of(96))[:2000], "rows do not make|no price"),
    ],
    ids=[
        "page",
        "95 rows",
        "hours",
        "days",
        "other day",
        "price",
        "unit",
        "twice",
        "gap",
        "text",
        "average",
        "long",
        "cut",
    ],
)
def test_damaged(text: str, reason: str) -> None:
    """Damage is refused with a reason."""
    with pytest.raises(WebAnswerError, match=reason):
        parse_opcom(answered(text), DAY)


@pytest.mark.parametrize(("day", "count"), [(SPRING, 96), (AUTUMN, 96), (DAY, 92)])
def test_length_must_fit_the_day(day: date, count: int) -> None:
    """As many rows as an ordinary day has are wrong when the clocks change."""
    with pytest.raises(WebAnswerError):
        parse_opcom(answered(opcom_report(day, prices_of(count))), day)
    assert count_of(day) != count


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, WebBusyError), (429, WebBusyError), (500, WebUnreachableError)],
)
def test_refused(status: int, error: type[WebError]) -> None:
    """A refusal is not an empty report."""
    with pytest.raises(error):
        parse_opcom(WebAnswer(status, b""), DAY)


def test_utc() -> None:
    """Intervals are in UTC."""
    read = parse_opcom(answered(opcom_report(DAY, prices_of(96))), DAY)
    assert read.intervals[0][0].tzinfo is UTC
