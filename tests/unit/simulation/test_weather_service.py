"""The stand-ins answer what the parsers of the real services understand."""

from datetime import UTC, datetime
import json
from typing import Any

import numpy as np
import pytest

from custom_components.pv_family.plant.open_meteo.answer import parse_forecast
from custom_components.pv_family.plant.pvgis.answer import (
    parse_horizon,
    parse_monthly,
    parse_production,
    parse_series,
)
from custom_components.pv_family.plant.pvgis.climatology import climatology_of
from custom_components.pv_family.plant.pvgis.spread import day_spread
from custom_components.pv_family.plant.web import WebAnswer
from simulation.site import Site
from simulation.weather import weather_at
from simulation.weather_service import (
    forecast_document,
    horizon_document,
    monthly_document,
    production_document,
    series_document,
)

SITE = Site(45.0, 25.0, 90.0)
NOW = datetime(2026, 6, 15, tzinfo=UTC).timestamp()


def _answer(document: dict[str, Any]) -> WebAnswer:
    return WebAnswer(200, json.dumps(document).encode())


def test_a_forecast_is_the_simulated_sky_seen_through_a_model() -> None:
    """Days match in energy, the further ahead the less."""
    found = parse_forecast(_answer(forecast_document(SITE, 7, NOW, 4, NOW)))
    grid = found.weather.grid
    assert grid.count == 4 * 96
    assert found.clamped == 0
    minutes = grid.starts()[0] + 60.0 * np.arange(4 * 1440)
    truth = weather_at(SITE, 7, minutes).ghi.reshape(-1, 60).mean(axis=1)
    hourly = found.weather.ghi.reshape(-1, 4).mean(axis=1)
    assert np.corrcoef(hourly, truth)[0, 1] > 0.85
    assert hourly.sum() == pytest.approx(truth.sum(), rel=0.2)


def test_long_term_means_have_the_shape_of_a_year() -> None:
    """A month's production, its light and the spread of its days fit together."""
    plane = {"peakpower": "5.0", "loss": "14", "angle": "30", "aspect": "0"}
    production = parse_production(_answer(production_document(SITE, 7, plane)))
    assert 4_000_000 < production.energy < 9_000_000
    assert production.months[5].energy > production.months[11].energy
    means = climatology_of(parse_monthly(_answer(monthly_document(SITE, 7, plane))))
    assert 1000 < means.irradiation[11] < means.irradiation[5] < 9000
    series = parse_series(_answer(series_document(SITE, 7, plane)))
    spread = day_spread(series)
    assert len(spread) == 12
    assert all(0.0 < low < 1.0 < high < 3.0 for low, high in spread)
    horizon = parse_horizon(_answer(horizon_document(SITE, 7, {})))
    assert 0.0 < max(horizon.elevations) < 5.0
