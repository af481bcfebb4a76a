"""Reports of OPCOM as other programs, years and code pages write them."""

from collections.abc import Callable, Sequence
from datetime import date
from statistics import fmean

import pytest

from custom_components.pv_family.market.day_ahead import NotPublishedError
from custom_components.pv_family.market.opcom import parse_opcom
from custom_components.pv_family.plant.web import WebAnswer, WebAnswerError

from .answers import DAY, answered, opcom_means, opcom_report, prices_of

SPRING, AUTUMN = date(2025, 3, 30), date(2024, 10, 27)
PRICES = prices_of(96)
DEAR = [round(1500.0 + 9.5 * n, 2) for n in range(96)]
"""All with thousands."""
REPORT = opcom_report(DAY, PRICES)
DEAR_REPORT = opcom_report(DAY, DEAR)


def told(text: str, day: date = DAY, currency: str | None = None) -> list[float]:
    """Return the prices that a text is read as."""
    return prices(answered(text), day, currency)


def prices(
    answer: WebAnswer, day: date = DAY, currency: str | None = None
) -> list[float]:
    """Return the prices that an answer is read as."""
    read = parse_opcom(answer, day, currency)
    assert currency in {None, read.currency}
    return [price for _, _, price in read.intervals]


def grouped(text: str, prices: Sequence[float], group: str, point: str) -> str:
    """Return a report with its prices, and their mean, in groups of thousands."""
    for price in {*prices, fmean(prices)}:
        written = f"{price:,.2f}".translate(str.maketrans(",.", group + point))
        text = text.replace(f'"{price:.2f}"', f'"{written}"')
    return text


class TestBytes:
    """Code pages and marks."""

    @pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-2", "utf-8", "utf-16"])
    def test_encodings(self, encoding: str) -> None:
        """Letters of Romania in any code page, with its mark if it has one."""
        text = REPORT.replace("Pret de Inchidere", "Preţ de Închidere")
        assert prices(WebAnswer(200, text.encode(encoding))) == PRICES

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1250"])
    def test_sign_of_the_euro(self, encoding: str) -> None:
        """The euro by its sign."""
        text = opcom_report(DAY, PRICES, english=True).replace("Euro/MWh", "€/MWh")
        body = text.encode(encoding)
        assert prices(WebAnswer(200, body), currency="EUR") == PRICES


class TestNumbers:
    """Numbers as Romania, England and databases write them."""

    @pytest.mark.parametrize(
        ("group", "point"),
        [(",", "."), (".", ","), ("\xa0", ","), (" ", "."), ("'", ".")],
    )
    def test_thousands(self, group: str, point: str) -> None:
        """Groups in the prices and in their mean, which is compared with them."""
        text = grouped(DEAR_REPORT, DEAR, group, point)
        assert f'"1{group}500{point}00"' in text
        assert told(text) == DEAR

    def test_thousands_without_decimals(self) -> None:
        """What the mark means is told by the other numbers of the column."""
        known = [830.06, *[1638.0] * 95]
        text = opcom_means(DAY, known).replace('"1638.00"', '"1,638"')
        assert told(text) == known

    def test_marks_that_contradict_each_other(self) -> None:
        """Points here and commas there mean nothing together."""
        text = opcom_means(DAY, [830.06] * 96).replace('"830.06"', '"830,06"', 5)
        with pytest.raises(WebAnswerError, match="decimals"):
            told(text)

    def test_as_a_database_writes(self) -> None:
        """Without a leading zero, and with every digit of a binary number."""
        text = opcom_means(DAY, [0.5] * 96).replace('"0.50"', '".5"', 4)
        text = text.replace('"0.50"', '"0.50000000000001"', 4)
        assert told(text) == pytest.approx([0.5] * 96)

    def test_mean_without_decimals(self) -> None:
        """The volume beside a whole mean is not taken for the mean."""
        text = opcom_report(DAY, [500.0] * 96)
        assert told(text.replace('"500.00"', '"500"')) == [500.0] * 96

    def test_decimal_commas_between_commas(self) -> None:
        """Cells that fell apart are not a day of whole lei."""
        text = (
            opcom_means(DAY, [830.06] * 96).replace('"', "").replace("830.06", "830,06")
        )
        with pytest.raises(WebAnswerError, match="cells"):
            told(text)


class TestLayout:
    """Where things stand."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: "sep=;\r\n" + text.replace(",", ";"),
            lambda text: text.replace('","', '"\t"'),
            lambda text: text.replace("\r\n", ",\r\n"),
            lambda text: text.replace('","', '", "'),
            lambda text: text.replace("PIP si", "Intervale, PIP si").replace(
                '","', '";"'
            ),
            lambda text: text.replace('"Interval"', '"Interval (CET)"'),
            lambda text: text.replace('"PT15M"', '"15 min"'),
            lambda text: text.replace('"PT15M"', '""'),
            lambda text: text + '"Media","","512.10","1000","","",""\r\n',
            lambda text: text + "\r\nSursa: OPCOM S.A.\r\n",
            lambda text: text.replace("\r\n", "\r"),
        ],
        ids=[
            "separator",
            "tabs",
            "closed",
            "blanks",
            "title",
            "zone",
            "words",
            "no step",
            "mean below",
            "footer",
            "cr",
        ],
    )
    def test_harmless(self, change: Callable[[str], str]) -> None:
        """What does not change the numbers changes nothing."""
        assert told(change(REPORT)) == PRICES

    def test_numbers_with_zeros_before(self) -> None:
        """Intervals from 01 to 24, as in files of hours."""
        known = prices_of(24)
        text = opcom_means(DAY, known)
        for n in range(1, 10):
            text = text.replace(f'"{n}",', f'"{n:02d}",')
        assert told(text) == known

    @pytest.mark.parametrize("currency", ["RON", "EUR"])
    def test_both_currencies_side_by_side(self, currency: str) -> None:
        """The column of the home's currency counts, wherever it stands."""
        lei = [round(price * 5.0, 2) for price in PRICES]
        for units in (("lei", "Euro"), ("Euro", "lei")):
            one, other = (lei, PRICES) if units[0] == "lei" else (PRICES, lei)
            rows = [f"Interval,Pret [{units[0]}/MWh],Pret [{units[1]}/MWh],Volum [MW]"]
            rows += [
                f"{n},{a},{b},9"
                for n, (a, b) in enumerate(zip(one, other, strict=True), 1)
            ]
            assert told("\n".join(rows), currency=currency) == (
                lei if currency == "RON" else PRICES
            )

    @pytest.mark.parametrize("currency", ["RON", "EUR"])
    def test_both_currencies_one_below_the_other(self, currency: str) -> None:
        """The table of the home's currency counts, with its own mean."""
        lei = [round(price * 5.0, 2) for price in PRICES]
        text = opcom_report(DAY, lei) + "\r\n"
        text += opcom_report(DAY, PRICES, english=True)
        assert told(text, currency=currency) == (lei if currency == "RON" else PRICES)

    def test_hours_and_quarter_hours(self) -> None:
        """The finer of two tables counts."""
        text = opcom_report(DAY, PRICES[::4], resolution="PT60M", averages=False)
        assert told(text + opcom_report(DAY, PRICES, averages=False)) == PRICES

    def test_only_the_other_currency(self) -> None:
        """A report that was not asked for says what it is in."""
        text = opcom_report(DAY, PRICES, english=True)
        assert parse_opcom(answered(text), DAY, "RON").currency == "EUR"


class TestClockChange:
    """Hours numbered by the clock on the wall, which skips one or has one twice."""

    def test_hour_that_is_not_there(self) -> None:
        """1, 2, 4 and so on to 24 on the day with 23 hours."""
        known = prices_of(23)
        text = opcom_means(SPRING, known)
        for n in range(23, 2, -1):
            text = text.replace(f'"{n}",', f'"{n + 1}",')
        assert told(text, SPRING) == known
        with pytest.raises(WebAnswerError, match="missing"):
            told(text.replace('"24",', '"25",'), SPRING)

    @pytest.mark.parametrize("nothing", ["", "-"])
    def test_hour_without_a_price(self, nothing: str) -> None:
        """24 rows, of which that of the missing hour says nothing."""
        known = [*prices_of(24)[:2], 777.0, *prices_of(24)[3:]]
        text = opcom_means(SPRING, known).replace('"777.00"', f'"{nothing}"')
        assert told(text, SPRING) == [*known[:2], *known[3:]]

    def test_hour_that_is_there_twice(self) -> None:
        """1, 2, 3, 3, 4 and so on to 24 on the day with 25 hours."""
        known = prices_of(25)
        text = opcom_means(AUTUMN, known)
        for n in range(4, 26):
            text = text.replace(f'"{n}",', f'"{n - 1}",')
        assert told(text, AUTUMN) == known


class TestNotYet:
    """Reports without prices."""

    def test_rows_without_prices(self) -> None:
        """All rows are there and all are empty."""
        text = opcom_means(DAY, [777.0] * 96).replace('"777.00"', '""')
        with pytest.raises(NotPublishedError):
            told(text)

    def test_only_zero_rows(self) -> None:
        """Titles and averages of nothing, under a line for a spreadsheet."""
        with pytest.raises(NotPublishedError):
            told("sep=,\r\n" + opcom_report(DAY, []))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!DOCTYPE html><html><td>Interval</td><td>Pret [lei/MWh]</td>", "no table"),
        ('{"error": "Service unavailable for 15/06/2026"}', "no table"),
        ("PK\x03\x04\x14\x00\x06\x00", "no table"),
        ("%PDF-1.7 15/06/2026", "no table"),
        (REPORT[: REPORT.rindex('"96"') + 7], "quote"),
        (REPORT.replace('"', "")[:-30], "cells"),
        (opcom_means(DAY, DEAR)[:-4], "quote"),
        (REPORT.replace(f'"5","{PRICES[4]:.2f}"', '"5",""'), "95 rows"),
        (
            opcom_means(DAY, [5.0] * 96).replace('"5","5.00"', '"5","5.0.0"'),
            "decimals",
        ),
        (
            "Interval,Pret [lei/MWh]\n"
            + "\n".join(f"{n // 4:02d}:{n % 4 * 15:02d},{n}.5" for n in range(96)),
            "intervals cannot be read",
        ),
    ],
    ids=[
        "page",
        "json",
        "archive",
        "document",
        "cut",
        "cut bare",
        "cut price",
        "hole",
        "points",
        "clock",
    ],
)
def test_refused(text: str, reason: str) -> None:
    """What is no whole day is refused with a reason, so that others are asked."""
    with pytest.raises(WebAnswerError, match=reason) as found:
        told(text)
    assert not isinstance(found.value, NotPublishedError)
