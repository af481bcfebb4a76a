"""Asking a service, and keeping what it last answered."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.pv_family.plant.pvgis.answer import parse_horizon
from custom_components.pv_family.plant.pvgis.request import horizon_request
from custom_components.pv_family.plant.web import (
    LastGood,
    WebAnswer,
    WebBusyError,
    WebRequest,
    WebUnreachableError,
    ask,
)

from .answers import answer, horizon

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
REQUEST = horizon_request(45.0, 25.0)


async def test_ask() -> None:
    """The answer to the question comes back parsed."""
    asked: list[WebRequest] = []

    async def fetch(request: WebRequest) -> WebAnswer:
        asked.append(request)
        return answer(horizon())

    assert (await ask(fetch, REQUEST, parse_horizon)).azimuths[0] == 0.0
    assert asked == [REQUEST]


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionRefusedError("refused")])
async def test_no_answer(error: Exception) -> None:
    """Silence has a type of its own."""

    async def fetch(request: WebRequest) -> WebAnswer:
        raise error

    with pytest.raises(WebUnreachableError):
        await ask(fetch, REQUEST, parse_horizon)


def test_last_good_stays() -> None:
    """A failure keeps the value and says since when; a success clears it."""
    state: LastGood[int] = LastGood()
    state = state.failed(NOW, WebBusyError("busy"))
    assert (state.value, state.failing_since, state.failures) == (None, NOW, 1)
    state = state.succeeded(NOW + timedelta(hours=1), 7)
    assert (state.value, state.failure) == (7, None)
    for hours in (2, 3):
        state = state.failed(NOW + timedelta(hours=hours), WebBusyError("busy"))
    assert state.value == 7
    assert state.taken == NOW + timedelta(hours=1)
    assert state.failing_since == NOW + timedelta(hours=2)
    assert (state.failure, state.failures) == ("busy", 2)
