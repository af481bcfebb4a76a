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
@given(status=st.sampled_from((200, 400, 401, 403, 404, 429, 500)), body=st.binary())
def test_any_bytes(name: str, status: int, body: bytes) -> None:
    """Bytes of any kind, under any status."""
    attempt(PARSERS[name][0], WebAnswer(status, body))


@pytest.mark.parametrize("name", PARSERS)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
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


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60)
@given(data=st.data())
def test_any_cut(name: str, data: st.DataObject) -> None:
    """An answer that breaks off never gives a part of a day."""
    parse, text = PARSERS[name]
    body = text.encode()
    attempt(parse, WebAnswer(200, body[: data.draw(st.integers(0, len(body) - 1))]))
