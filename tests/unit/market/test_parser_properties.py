"""Whatever comes from the network, only the parsers' own errors come out."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.pv_family.market.day_ahead import DayPrices
from custom_components.pv_family.market.energy_charts import parse_energy_charts
from custom_components.pv_family.market.entsoe import parse_entsoe
from custom_components.pv_family.market.exchange import parse_rates
from custom_components.pv_family.market.market_day import day_bounds
from custom_components.pv_family.market.opcom import parse_opcom
from custom_components.pv_family.plant.web import WebAnswer, WebError

from .answers import (
    DAY,
    bnr_rates,
    energy_charts,
    entsoe,
    entsoe_series,
    opcom_means,
    opcom_report,
    prices_of,
)

type Parse = Callable[[WebAnswer], object]

START, END = day_bounds(DAY)
PARSERS: dict[str, tuple[Parse, str]] = {
    "opcom": (
        lambda answer: parse_opcom(answer, DAY),
        opcom_report(DAY, prices_of(96)),
    ),
    "energy_charts": (
        lambda answer: parse_energy_charts(answer, DAY),
        energy_charts(START, prices_of(96)),
    ),
    "entsoe": (
        lambda answer: parse_entsoe(answer, DAY),
        entsoe(entsoe_series(START, END, {1: 40.0, 9: 50.0, 44: -1.0})),
    ),
    "opcom means": (
        lambda answer: parse_opcom(answer, DAY, "RON"),
        opcom_means(DAY, [1638.5] * 96).replace('"1638.50"', '"1.638,50"'),
    ),
    "rates": (parse_rates, bnr_rates({date(2026, 6, 12): 5.0941})),
}


def attempt(parse: Parse, answer: WebAnswer) -> None:
    """Parse, and let nothing pass but the parsers' own error or a whole day."""
    with suppress(WebError):
        read = parse(answer)
        if isinstance(read, DayPrices):
            assert read.intervals[0][0] == START
            assert read.intervals[-1][1] == END


@pytest.mark.parametrize("name", PARSERS)
@settings(deadline=None)
@given(status=st.sampled_from((200, 400, 401, 403, 404, 429, 500)), body=st.binary())
def test_any_bytes(name: str, status: int, body: bytes) -> None:
    """Bytes of any kind, under any status."""
    attempt(PARSERS[name][0], WebAnswer(status, body))


@pytest.mark.parametrize("name", PARSERS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(data=st.data())
def test_any_change(name: str, data: st.DataObject) -> None:
    """A real answer in which a stretch has become something else, or has gone."""
    parse, text = PARSERS[name]
    body = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        end = at + data.draw(st.integers(0, 12))
        body[at:end] = data.draw(
            st.binary(max_size=6) | st.sampled_from((b"-", b"1e9", b'"', b",", b"<"))
        )
    attempt(parse, WebAnswer(200, bytes(body)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)
@given(
    prices=st.lists(
        st.integers(-50_000, 500_000).map(lambda cents: cents / 100),
        min_size=96,
        max_size=96,
    ),
    separator=st.sampled_from(",;\t"),
    marks=st.sampled_from([".", ",", ",.", ".,", "\xa0,", " ."]),
    quoted=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1250"]),
    end=st.sampled_from(["\r\n", "\n"]),
    other=st.booleans(),
)
def test_any_layout(
    prices: list[float],
    separator: str,
    marks: str,
    quoted: bool,
    encoding: str,
    end: str,
    other: bool,
) -> None:
    """Whatever program wrote a report, the prices are the same."""
    quoted |= separator in marks
    rows = [["PIP pentru ziua 15/06/2026"], ["Zonă", "Interval", "Preţ [lei/MWh]"]]
    rows[1] += ["Pret [Euro/MWh]"] if other else []
    for n, price in enumerate(prices, 1):
        group, point = marks[:-1], marks[-1]
        written = f"{price:,.2f}".translate({ord(","): group, ord("."): point})
        rows.append(["Romania", str(n), written, *(["0.5"] if other else [])])
    text = end.join(
        separator.join(f'"{cell}"' if quoted else cell for cell in row) for row in rows
    )
    read = parse_opcom(WebAnswer(200, text.encode(encoding)), DAY, "RON")
    assert [price for _, _, price in read.intervals] == pytest.approx(prices)


@pytest.mark.parametrize(
    "body",
    [
        b"Interval," + b"lei " * 50_000 + b"kwh,Pret [lei/MWh]\n1,5.0",
        b"Interval,Pret [lei/MWh]" + b"," * 200_000,
        b'Interval,Pret [lei/MWh]\n1,"' + b"1," * 90_000 + b'"',
        b"Interval,Pret [lei/MWh]\n1," + b"1" * 200_000,
        b"15/06/2026 " * 20_000,
        b"interval;" * 25_000,
    ],
    ids=["name", "columns", "marks", "digits", "dates", "headers"],
)
def test_long(body: bytes) -> None:
    """Reports that make a careless reader work for minutes; this takes moments."""
    attempt(lambda answer: parse_opcom(answer, DAY), WebAnswer(200, body))


@pytest.mark.parametrize("name", PARSERS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(data=st.data())
def test_any_cut(name: str, data: st.DataObject) -> None:
    """An answer that breaks off never gives a part of a day."""
    parse, text = PARSERS[name]
    body = text.encode()
    attempt(parse, WebAnswer(200, body[: data.draw(st.integers(0, len(body) - 1))]))
