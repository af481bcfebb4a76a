"""Open-Meteo: what is asked, what is answered, and what goes wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any

import numpy as np
import pytest

from custom_components.pv_family.plant.model.plant import Site
from custom_components.pv_family.plant.model.production import clear_sky_weather
from custom_components.pv_family.plant.model.time_grid import TimeGrid
from custom_components.pv_family.plant.open_meteo.answer import (
    clamp,
    parse_forecast,
    plane_bound,
)
from custom_components.pv_family.plant.open_meteo.pace import EVERY, next_ask
from custom_components.pv_family.plant.open_meteo.request import (
    HOURLY,
    QUARTERLY,
    forecast_request,
    past_request,
    weight,
)
from custom_components.pv_family.plant.web import (
    LastGood,
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebError,
    WebRefusedError,
    WebUnreachableError,
)

from .answers import OPEN_METEO, answer

QUARTERS = OPEN_METEO / "emhass_openmeteo_minutely15_2025-02-24.json"
HOURS = OPEN_METEO / "eos_openmeteo_hourly_2026-03-02.json"
NOW = datetime(2026, 6, 20, 10, 20, tzinfo=UTC)


def forecast(count: int = 8, start: datetime = NOW) -> dict[str, Any]:
    """Return an answer to our own request: quarter-hours from ``start`` on."""
    first = int(start.timestamp()) // 900 * 900
    columns: dict[str, Any] = {
        "shortwave_radiation": [600.0] * count,
        "direct_normal_irradiance": [500.0] * count,
        "diffuse_radiation": [200.0] * count,
        "temperature_2m": [20.0 + index for index in range(count)],
        "wind_speed_10m": [2.0] * count,
        "cloud_cover": [50] * count,
    }
    units = {
        "time": "unixtime",
        "shortwave_radiation": "W/m²",
        "direct_normal_irradiance": "W/m²",
        "diffuse_radiation": "W/m²",
        "temperature_2m": "°C",
        "wind_speed_10m": "m/s",
        "cloud_cover": "%",
    }
    return {
        "latitude": 45.0,
        "longitude": 25.0,
        "elevation": 500.0,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "minutely_15_units": units,
        "minutely_15": {
            "time": [first + 900 * index for index in range(count)],
            **columns,
        },
        "hourly_units": {"time": "unixtime", "snow_depth": "m"},
        "hourly": {
            "time": [first // 3600 * 3600 + 3600 * index for index in range(6)],
            "snow_depth": [0.1] * 6,
        },
    }


def test_requests() -> None:
    """One question serves every roof: UTC, SI units, ten variables at most."""
    request = forecast_request(45.0, 25.0, forecast_days=3)
    assert request.params["timezone"] == "UTC"
    assert request.params["timeformat"] == "unixtime"
    assert request.params["wind_speed_unit"] == "ms"
    assert len(QUARTERLY) + len(HOURLY) <= 10
    assert weight(3) == 1.0
    assert weight(28) == 2.0
    past = past_request(45.0, 25.0, date(2026, 1, 1), date(2026, 1, 31))
    assert past.url.startswith("https://historical-forecast-api.")
    assert past.params["end_date"] == "2026-01-31"
    with pytest.raises(ValueError, match="16"):
        forecast_request(45.0, 25.0, forecast_days=17)
    with pytest.raises(ValueError, match="before"):
        past_request(45.0, 25.0, date(2026, 1, 2), date(2026, 1, 1))


def test_closing_stamps_become_starts() -> None:
    """A mean stamped 10:15 is that of 10:00 to 10:15; instants are averaged."""
    parsed = parse_forecast(answer(forecast()))
    grid = parsed.weather.grid
    assert grid.start == datetime(2026, 6, 20, 10, 0, tzinfo=UTC)
    assert grid.step == timedelta(minutes=15)
    assert parsed.weather.ghi.tolist() == [600.0] * 8
    assert parsed.weather.temp_air[:3].tolist() == [20.0, 20.5, 21.5]
    assert parsed.weather.cloud_cover[0] == 0.5
    assert parsed.weather.snow_depth.tolist() == [0.1] * 8
    assert parsed.clamped == 0


def test_recorded_hours() -> None:
    """A real answer of hours in local time: its sun is the sky's, an hour earlier."""
    parsed = parse_forecast(WebAnswer(200, HOURS.read_bytes()))
    grid = parsed.weather.grid
    assert grid == TimeGrid(
        datetime(2026, 3, 1, 22, tzinfo=UTC), timedelta(hours=1), 72
    )
    clear = clear_sky_weather(Site(50.0, 10.0, 291.0), grid)
    day = slice(0, 24)
    hours = np.arange(24)
    middle = (parsed.weather.ghi[day] @ hours) / parsed.weather.ghi[day].sum()
    clear_middle = (clear.ghi[day] @ hours) / clear.ghi[day].sum()
    assert abs(middle - clear_middle) < 0.35
    assert parsed.weather.ghi[day].sum() < 1.05 * clear.ghi[day].sum()
    assert np.isfinite(parsed.weather.dhi).all()
    # 4.3 and 4.6 km/h at the ends of the second hour.
    assert parsed.weather.wind_speed[1] == pytest.approx(4.45 / 3.6)


def test_recorded_quarters() -> None:
    """A real answer of instantaneous values: each interval has the mean of its ends."""
    raw = json.loads(QUARTERS.read_bytes())["minutely_15"]
    parsed = parse_forecast(WebAnswer(200, QUARTERS.read_bytes()))
    assert parsed.weather.grid.count == 288
    assert parsed.weather.grid.at(1) == datetime(2025, 2, 23, 23, 0, tzinfo=UTC)
    index = int(np.argmax(parsed.weather.ghi))
    ends = raw["shortwave_radiation_instant"][index - 1 : index + 1]
    assert parsed.weather.ghi[index] == pytest.approx(sum(ends) / 2.0)
    assert parsed.clamped == 0


def test_null_is_unknown() -> None:
    """Nulls at the tail are not 0."""
    document = forecast()
    document["minutely_15"]["shortwave_radiation"][-2:] = [None, None]
    parsed = parse_forecast(answer(document))
    assert np.isnan(parsed.weather.ghi).tolist() == [False] * 6 + [True] * 2


def test_absurd_light_is_cut_down() -> None:
    """Light beyond what falls on the air is cut down and counted; night is dark."""
    document = forecast()
    document["minutely_15"]["shortwave_radiation"][0] = 84_155.0
    document["minutely_15"]["diffuse_radiation"][1] = -50.0
    parsed = parse_forecast(answer(document))
    assert 1000.0 < parsed.weather.ghi[0] < 1600.0
    assert parsed.weather.dhi[1] == 0.0
    assert parsed.clamped == 2
    night = datetime(2026, 6, 20, 23, 0, tzinfo=UTC)
    dark = parse_forecast(answer(forecast(start=night)))
    assert dark.weather.ghi.max() == 0.0
    assert dark.clamped == 3 * 8


def test_plane_bound() -> None:
    """On a plane the bound follows the sun's angle, or the flat one behind it."""
    grid = TimeGrid(datetime(2026, 6, 20, tzinfo=UTC), timedelta(minutes=15), 96)
    east = plane_bound(grid, 45.0, 25.0, 40.0, 90.0)
    west = plane_bound(grid, 45.0, 25.0, 40.0, 270.0)
    assert east[:8].max() == 0.0
    assert 900.0 < east.max() < 1650.0
    assert east[20] > 2.0 * west[20]
    kept, count = clamp(np.array([84_155.0, np.nan, 10.0, 0.5]), east[[20, 20, 20, 0]])
    assert (kept[0], kept[2], kept[3]) == (east[20], 10.0, 0.0)
    assert np.isnan(kept[1])
    assert count == 1


def test_refusals() -> None:
    """A used-up quota, a bad question and a broken service are told apart."""
    words = "Daily API request limit exceeded. Please try again tomorrow."
    for status, body, error, text in (
        (429, {"error": True, "reason": words}, WebBusyError, words),
        (400, {"error": True, "reason": "no"}, WebRefusedError, "no"),
        (404, "gone", WebRefusedError, "404"),
        (529, "x", WebBusyError, "overloaded"),
        (503, "x", WebBusyError, "overloaded"),
        (500, {}, WebUnreachableError, "500"),
    ):
        with pytest.raises(error, match=text):
            parse_forecast(answer(body, status))


def change(block: str, key: str, value: Any) -> Callable[[Any], None]:
    """Return what changes one field of a block."""

    def apply(document: Any) -> None:
        document[block][key] = value

    return apply


@pytest.mark.parametrize(
    ("apply", "where"),
    [
        (change("minutely_15", "shortwave_radiation", [1.0]), "has 1 values"),
        (change("minutely_15", "shortwave_radiation", ["x"] * 8), "holds 'x'"),
        (change("minutely_15", "temperature_2m", [900.0] * 8), "holds '900.0'"),
        (change("minutely_15", "time", list(range(8))), "not regular"),
        (change("minutely_15", "time", []), "has 0 values"),
        (change("minutely_15", "time", "now"), "is no list"),
        (change("minutely_15_units", "time", "sundial"), "unknown format"),
        (change("minutely_15_units", "time", "iso8601"), "is no text"),
        (change("minutely_15_units", "temperature_2m", "°F"), "unknown unit"),
        (lambda document: document.pop("minutely_15_units"), "units is missing"),
        (lambda document: document.update(latitude=None), "latitude is no number"),
        (
            lambda document: [document.pop(key) for key in ("minutely_15", "hourly")],
            "neither",
        ),
    ],
)
def test_changed_fields(apply: Callable[[Any], None], where: str) -> None:
    """A changed field is named."""
    document = forecast()
    apply(document)
    with pytest.raises(WebAnswerError, match=where):
        parse_forecast(answer(document))


@pytest.mark.parametrize(
    "stamp", ["2026-06-20T10:00+02:00", "soon", "0001-01-01T00:00"]
)
def test_bad_local_times(stamp: str) -> None:
    """Local times with an offset of their own, or none at all, are refused."""
    document = forecast()
    document["minutely_15_units"]["time"] = "iso8601"
    document["minutely_15"]["time"] = [stamp] * 8
    with pytest.raises(WebAnswerError):
        parse_forecast(answer(document))


def test_several_places_are_refused() -> None:
    """A list of answers is not one answer."""
    with pytest.raises(WebAnswerError, match="no object"):
        parse_forecast(answer([forecast()]))
    with pytest.raises(WebError):
        parse_forecast(WebAnswer(200, HOURS.read_bytes()[:9000]))


def test_pace() -> None:
    """A quota is waited for as long as its name says, other failures ever longer."""
    state = LastGood(1, NOW)
    assert next_ask(state, NOW) == NOW + EVERY
    for words, when in (
        ("Minutely API request limit exceeded.", NOW + timedelta(minutes=2)),
        ("Hourly API request limit exceeded.", NOW + timedelta(hours=1)),
        ("Daily API request limit exceeded.", datetime(2026, 6, 21, 0, 5, tzinfo=UTC)),
        ("Monthly API request limit exceeded.", datetime(2026, 7, 1, tzinfo=UTC)),
    ):
        assert next_ask(state.failed(NOW, WebBusyError(words)), NOW) == when
    waits = []
    for _ in range(12):
        state = state.failed(NOW, WebUnreachableError("no answer in time"))
        waits.append(next_ask(state, NOW) - NOW)
    assert waits == sorted(waits)
    assert waits[:3] == [timedelta(minutes=minutes) for minutes in (2, 4, 8)]
    assert waits[-1] == timedelta(hours=2)


@pytest.mark.parametrize("known", [0, 3])
def test_no_irradiance_is_no_answer(known: int) -> None:
    """Nulls in place of light must not take the place of the last good answer."""
    document = forecast()
    column = document["minutely_15"]["shortwave_radiation"]
    document["minutely_15"]["shortwave_radiation"] = column[:known] + [None] * (
        len(column) - known
    )
    with pytest.raises(WebAnswerError, match="hardly any irradiance"):
        parse_forecast(answer(document))
    del document["minutely_15"]["shortwave_radiation"]
    with pytest.raises(WebAnswerError, match="hardly any irradiance"):
        parse_forecast(answer(document))
