"""Whatever comes from the network, only the parsers' own errors come out."""

from collections.abc import Callable
from contextlib import suppress
import json
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.pv_family.plant.open_meteo.answer import parse_forecast
from custom_components.pv_family.plant.pvgis.answer import (
    parse_horizon,
    parse_monthly,
    parse_production,
    parse_series,
)
from custom_components.pv_family.plant.web import WebAnswer, WebError

from .answers import OPEN_METEO, SERIES, answer, horizon, monthly, production

type Parse = Callable[[WebAnswer], object]

PARSERS: dict[str, tuple[Parse, Any]] = {
    "production": (parse_production, production()),
    "horizon": (parse_horizon, horizon()),
    "monthly": (parse_monthly, monthly()),
    "series": (parse_series, json.loads(SERIES.read_bytes())),
    "forecast": (
        parse_forecast,
        json.loads(
            (OPEN_METEO / "emhass_openmeteo_minutely15_2025-02-24.json").read_bytes()
        ),
    ),
}
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def attempt(parse: Parse, given_answer: WebAnswer) -> None:
    """Parse, and let nothing but the parsers' own error pass."""
    with suppress(WebError):
        parse(given_answer)


@pytest.mark.parametrize("name", PARSERS)
@given(status=st.sampled_from((200, 400, 429, 500, 529)), body=st.binary(max_size=200))
def test_any_bytes(name: str, status: int, body: bytes) -> None:
    """Bytes of any kind, under any status."""
    attempt(PARSERS[name][0], WebAnswer(status, body))


@pytest.mark.parametrize("name", PARSERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_change(name: str, data: st.DataObject) -> None:
    """A real answer in which one value has become something else, or has gone."""
    parse, original = PARSERS[name]
    document = json.loads(json.dumps(original))
    node = document
    while True:
        if isinstance(node, list):
            key: Any = data.draw(st.integers(0, len(node) - 1))
        else:
            key = data.draw(st.sampled_from(sorted(node)))
        child = node[key]
        if not isinstance(child, list | dict) or not child or data.draw(st.booleans()):
            break
        node = child
    if data.draw(st.booleans()):
        node[key] = data.draw(JUNK)
    else:
        del node[key]
    attempt(parse, answer(document))


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_any_cut(name: str, data: st.DataObject) -> None:
    """An answer that breaks off is refused, wherever it does."""
    parse, original = PARSERS[name]
    body = json.dumps(original).encode()
    with pytest.raises(WebError):
        parse(WebAnswer(200, body[: data.draw(st.integers(0, len(body) - 1))]))
