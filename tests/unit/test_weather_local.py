"""What weather entities, calendars and sensors say, however odd."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.pv_family.coordinator.forecasts import holidays_of
from custom_components.pv_family.coordinator.weather_local import (
    continued,
    hourly_weather,
    sensor_value,
)
from homeassistant.core import State

START = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)

_JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_STAMPS = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
).map(datetime.isoformat)


def _row(hours: float, **told: Any) -> dict[str, Any]:
    return {"datetime": (START + timedelta(hours=hours)).isoformat(), **told}


def test_clouds_in_percent_or_in_words() -> None:
    """A share of clouds goes before the name of the weather."""
    weather = hourly_weather(
        [
            _row(0, cloud_coverage=40, condition="rainy", temperature=50),
            _row(1, condition="sunny"),
            _row(3, condition="no such word", temperature="warm"),
            {"condition": "sunny"},
            "no row",
        ],
        "°F",
    )
    assert weather is not None
    assert weather.grid.start == START
    assert weather.cloud_cover[:2].tolist() == [0.4, 0.05]
    assert np.isnan(weather.cloud_cover[2:]).all()
    assert weather.temp_air[0] == pytest.approx(10.0)
    assert np.isnan(weather.temp_air[1:]).all()


@given(
    st.lists(
        st.fixed_dictionaries(
            {"datetime": _STAMPS | _JUNK},
            optional={
                "cloud_coverage": _JUNK,
                "condition": _JUNK,
                "temperature": _JUNK,
            },
        )
        | _JUNK,
        max_size=12,
    ),
    st.sampled_from(["°C", "°F", "K", None, "W"]),
)
def test_no_forecast_is_too_odd(rows: list[Any], unit: str | None) -> None:
    """It is weather within bounds, or none."""
    weather = hourly_weather(rows, unit)
    if weather is not None:
        assert weather.grid.count <= 240
        cover = weather.cloud_cover[np.isfinite(weather.cloud_cover)]
        assert np.all((cover >= 0.0) & (cover <= 1.0))
        warm = weather.temp_air[np.isfinite(weather.temp_air)]
        assert np.all((warm >= -60.0) & (warm <= 70.0))


@given(_JUNK)
def test_no_calendar_is_too_odd(answer: Any) -> None:
    """It names days, or none."""
    assert isinstance(holidays_of(answer), frozenset)
    assert isinstance(holidays_of({"events": answer}), frozenset)
    assert isinstance(holidays_of({"events": [answer]}), frozenset)


def test_whole_days_are_holidays() -> None:
    """An appointment at three o'clock is none."""
    events = [
        {"start": "2026-12-25", "end": "2026-12-27"},
        {"start": "2026-12-30T15:00:00+02:00", "end": "2026-12-30T16:00:00+02:00"},
        {"start": "2026-01-02", "end": "2026-01-01"},
    ]
    assert holidays_of({"events": events}) == {date(2026, 12, 25), date(2026, 12, 26)}


@pytest.mark.parametrize(
    ("state", "kind", "unit", "value"),
    [
        ("600", "irradiance", "W/m²", 600.0),
        ("200", "irradiance", "BTU/(h⋅ft²)", 630.9),
        ("68", "temperature", "°F", 20.0),
        ("-400", "irradiance", "W/m²", None),
        ("2000", "irradiance", "W/m²", None),
        ("150", "temperature", "°C", None),
        ("unavailable", "irradiance", "W/m²", None),
        ("nan", "irradiance", "W/m²", None),
        ("bright", "irradiance", "W/m²", None),
    ],
)
def test_a_sensor_in_its_own_unit(
    state: str, kind: str, unit: str, value: float | None
) -> None:
    """W/m2 and °C, or nothing."""
    attributes = {"device_class": kind, "unit_of_measurement": unit}
    found = sensor_value(State("sensor.own", state, attributes))
    assert found == (None if value is None else pytest.approx(value, abs=0.1))


def test_hours_that_have_passed_are_kept() -> None:
    """An entity that begins with the next hour still says what this one was like."""
    said = [
        hourly_weather(
            [_row(first + n, cloud_coverage=10 * first) for n in range(4)], None
        )
        for first in range(1, 9)
    ]
    whole = None
    for weather in said:
        assert weather is not None
        whole = continued(whole, weather)
    assert whole is not None
    assert whole.grid.start == START + timedelta(hours=1)
    assert whole.cloud_cover.tolist() == pytest.approx(
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.8, 0.8, 0.8]
    )


def test_hours_are_not_kept_across_a_gap_or_for_long() -> None:
    """What does not adjoin is forgotten, and so is what is older than two days."""
    first = hourly_weather([_row(n, cloud_coverage=0) for n in range(60)], None)
    later = hourly_weather([_row(59 + n, cloud_coverage=50) for n in range(4)], None)
    far = hourly_weather([_row(70 + n, cloud_coverage=90) for n in range(4)], None)
    assert first is not None
    assert later is not None
    assert far is not None
    both = continued(first, later)
    assert both.grid.start == START + timedelta(hours=11)
    assert both.grid.count == 52
    assert both.cloud_cover[-5:].tolist() == [0.0, 0.5, 0.5, 0.5, 0.5]
    assert continued(both, far) is far
