"""PVGIS: what is asked, what is answered, and what goes wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import numpy as np
import pytest

from custom_components.pv_family.plant.model.module import Mounting, Technology
from custom_components.pv_family.plant.model.mount import (
    FixedMount,
    Mount,
    SingleAxisMount,
    TwoAxisMount,
)
from custom_components.pv_family.plant.pvgis.answer import (
    parse_horizon,
    parse_monthly,
    parse_production,
    parse_series,
)
from custom_components.pv_family.plant.pvgis.climatology import climatology_of
from custom_components.pv_family.plant.pvgis.request import (
    horizon_request,
    monthly_request,
    mounting_system,
    production_request,
    series_request,
)
from custom_components.pv_family.plant.pvgis.spread import day_spread
from custom_components.pv_family.plant.web import (
    WebAnswer,
    WebAnswerError,
    WebBusyError,
    WebError,
    WebRefusedError,
    WebUnreachableError,
)

from .answers import PVGIS, SERIES, answer, horizon, monthly, production


def test_requests() -> None:
    """Units and compass become PVGIS's own; every question asks for JSON."""
    request = production_request(
        45.1,
        25.0,
        peak_power=5400.0,
        system={"angle": "30.0", "aspect": "90.0"},
        technology=Technology.CIS,
        mounting=Mounting.OPEN_RACK,
    )
    assert request.url == "https://re.jrc.ec.europa.eu/api/v5_3/PVcalc"
    assert request.params == {
        "lat": "45.1000",
        "lon": "25.0000",
        "outputformat": "json",
        "peakpower": "5.400",
        "loss": "14.0",
        "pvtechchoice": "CIS",
        "mountingplace": "free",
        "angle": "30.0",
        "aspect": "90.0",
        "usehorizon": "1",
    }
    assert horizon_request(45.0, 25.0).url.endswith("/printhorizon")
    assert monthly_request(45.0, 25.0).params["avtemp"] == "1"
    series = series_request(45.0, 25.0, surface_tilt=30.0, surface_azimuth=90.0)
    assert series.params["aspect"] == "-90.0"
    assert series.params["startyear"] == series.params["endyear"] == "2023"
    with pytest.raises(ValueError, match="2005"):
        series_request(45.0, 25.0, surface_tilt=30.0, surface_azimuth=90.0, year=2004)


def test_production() -> None:
    """Months and totals come in Wh, losses as shares."""
    parsed = parse_production(answer(production()))
    assert parsed.peak_power == 5000.0
    assert parsed.months[6].energy == 640_000.0
    assert parsed.energy == sum(month.energy for month in parsed.months)
    assert parsed.energy_std == 200_000.0
    assert parsed.total_loss == pytest.approx(-0.2)
    assert parsed.spectral_loss == pytest.approx(0.012)
    assert parsed.origin.radiation_db == "PVGIS-SARAH3"
    assert parsed.origin.altitude == 500.0
    # The identity that a real answer keeps.
    share = parsed.energy / (parsed.peak_power * parsed.irradiation / 1000.0) - 1.0
    assert share == pytest.approx(parsed.total_loss)


def test_spectral_loss_may_be_unknown() -> None:
    """PVGIS writes "?(0)" where it does not know, and a number elsewhere."""
    document = production()
    totals = document["outputs"]["totals"]["fixed"]
    totals["l_spec"] = "?(0)"
    assert parse_production(answer(document)).spectral_loss is None
    totals["l_spec"] = 0.5
    assert parse_production(answer(document)).spectral_loss == pytest.approx(0.005)
    totals["l_spec"] = "nan"
    with pytest.raises(WebAnswerError, match="l_spec"):
        parse_production(answer(document))


def test_horizon_points() -> None:
    """South is 180 for us, and north is there once although it comes twice."""
    parsed = parse_horizon(answer(horizon()))
    assert len(parsed.azimuths) == 48
    heights = parsed.height(np.array([0.0, 90.0, 180.0, 356.25]))
    assert heights.tolist() == pytest.approx([9.9, 10.3, 4.6, (9.2 + 9.9) / 2.0])


def test_monthly_means() -> None:
    """Months of many years become the mean day of each month."""
    months = parse_monthly(answer(monthly()))
    assert len(months) == 24
    assert months[0].diffuse_share == 0.4
    climatology = climatology_of(months)
    assert climatology.irradiation[0] == pytest.approx(1000.0)
    assert climatology.irradiation[3] == pytest.approx(4.0 * 31.0 / 30.0 * 1000.0)
    assert climatology.temp_air is not None
    assert climatology.temp_air[11] == 12.0
    with pytest.raises(ValueError, match="missing"):
        climatology_of(months[:5])
    bare = monthly()
    for row in bare["outputs"]["monthly"]:
        del row["T2m"]
    assert climatology_of(parse_monthly(answer(bare))).temp_air is None


def test_recorded_series() -> None:
    """A real answer decodes: instants ten minutes after the hour, UTC."""
    parsed = parse_series(WebAnswer(200, SERIES.read_bytes()))
    first = datetime.fromtimestamp(parsed.instants[0], UTC)
    assert first == datetime(2013, 1, 1, 0, 10, tzinfo=UTC)
    assert parsed.poa_global[-1] == 423.28
    assert parsed.power is not None
    assert parsed.power[-1] == 3950.1
    assert parsed.temp_air[0] == -0.97
    assert parsed.origin.radiation_db == "PVGIS-SARAH2"


def test_series_in_parts() -> None:
    """Direct, diffuse and reflected light add up to the whole."""
    document = json.loads(SERIES.read_bytes())
    for row in document["outputs"]["hourly"]:
        whole = row.pop("G(i)")
        row.pop("P")
        row |= {"Gb(i)": 0.5 * whole, "Gd(i)": 0.4 * whole, "Gr(i)": 0.1 * whole}
    parsed = parse_series(answer(document))
    assert parsed.poa_global[-1] == pytest.approx(423.28)
    assert parsed.power is None
    document["outputs"]["hourly"].reverse()
    with pytest.raises(WebAnswerError, match="forward in time"):
        parse_series(answer(document))
    document["outputs"]["hourly"][0]["time"] = "1 January"
    with pytest.raises(WebAnswerError, match=r"hourly\[0\].time is no time"):
        parse_series(answer(document))


def test_recorded_errors() -> None:
    """Errors keep PVGIS's own words, and say whether to come back."""
    expected = {
        "Location over the sea. Please, select another location": WebRefusedError,
        "peakpower Mandatory": WebRefusedError,
        "Internal Server Error": WebUnreachableError,
        "Site is overloaded": WebBusyError,
        "": WebBusyError,
    }
    for recorded in json.loads((PVGIS / "errors.json").read_bytes()):
        body = recorded["body"]
        words = body["message"] if isinstance(body, dict) else body
        raw = json.dumps(body) if isinstance(body, dict) else body
        with pytest.raises(expected[words]) as raised:
            parse_production(WebAnswer(recorded["status"], raw.encode()))
        if isinstance(body, dict):
            assert str(raised.value) == words
        else:
            assert str(raised.value) == "PVGIS is overloaded"
    with pytest.raises(WebRefusedError, match="405"):
        parse_production(WebAnswer(405, b"<html>"))


def change(path: tuple[str | int, ...], value: Any) -> Callable[[Any], None]:
    """Return what changes one value of a document, or removes it."""

    def apply(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        if value is KeyError:
            del document[path[-1]]
        else:
            document[path[-1]] = value

    return apply


@pytest.mark.parametrize(
    ("apply", "where"),
    [
        (change(("outputs",), KeyError), "outputs is missing"),
        (change(("outputs", "monthly", "two"), []), "one mounting system"),
        (change(("outputs", "monthly", "fixed"), []), "0 values"),
        (change(("outputs", "monthly", "fixed", 3, "E_m"), "520"), "is no number"),
        (change(("outputs", "monthly", "fixed", 3, "E_m"), True), "is no number"),
        (change(("outputs", "monthly", "fixed", 3, "month"), 5), "out of order"),
        (change(("outputs", "monthly", "fixed", 3, "month"), 4.5), "no whole number"),
        (change(("outputs", "totals", "fixed", "E_y"), 1.0), "sum of the months"),
        (change(("outputs", "totals", "fixed", "E_y"), 10**400), "is no number"),
        (change(("inputs", "location", "latitude"), 123.0), "not -90 to 90"),
        (change(("inputs", "meteo_data", "radiation_db"), 5), "is no text"),
        (change(("inputs", "meteo_data", "radiation_db"), "x" * 300), "too long"),
        (change(("inputs",), []), "inputs is no object"),
        (change(("outputs", "monthly", "fixed"), {}), "is no list"),
    ],
)
def test_changed_fields(apply: Callable[[Any], None], where: str) -> None:
    """A changed field is named, wherever it stands."""
    document = production()
    apply(document)
    with pytest.raises(WebAnswerError, match=where):
        parse_production(answer(document))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        SERIES.read_bytes()[:1500],
        b'{"inputs": NaN}',
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b"\xff\xfe",
        b" " * (9 << 20),
    ],
)
def test_half_an_answer(body: bytes) -> None:
    """What is cut off, too deep or too long is refused."""
    for parse in (parse_production, parse_horizon, parse_monthly, parse_series):
        with pytest.raises(WebError):
            parse(WebAnswer(200, body))


@pytest.mark.parametrize(
    ("mount", "latitude", "told"),
    [
        (FixedMount(30.0, 270.0), 45.0, {"angle": "30.0", "aspect": "90.0"}),
        (TwoAxisMount(), 45.0, {"fixed": "0", "twoaxis": "1"}),
        (
            SingleAxisMount(axis_azimuth=5.0),
            45.0,
            {"fixed": "0", "inclined_axis": "1", "inclinedaxisangle": "0.0"},
        ),
        (
            SingleAxisMount(axis_azimuth=350.0, axis_tilt=20.0),
            -33.0,
            {"fixed": "0", "inclined_axis": "1", "inclinedaxisangle": "20.0"},
        ),
        # Rows that run east and west, or lean away from the equator, it does not know.
        (SingleAxisMount(axis_azimuth=90.0), 45.0, None),
        (SingleAxisMount(axis_azimuth=180.0, axis_tilt=20.0), -33.0, None),
    ],
)
def test_what_holds_the_modules(
    mount: Mount, latitude: float, told: dict[str, str] | None
) -> None:
    """Trackers are asked for in PVGIS's own words, as far as it has some."""
    assert mounting_system(mount, latitude) == told


def test_trackers_answer_under_their_own_name() -> None:
    """The months of a tracker stand under another key."""
    document = production()
    for part in document["outputs"].values():
        part["inclined_axis"] = part.pop("fixed")
    assert parse_production(answer(document)).months[6].energy == 640_000.0


def year_of_light(longitude: float, *, polar: bool) -> dict[str, Any]:
    """Return hours of a year whose days are bright and dull by turns, by the sun."""
    document = json.loads(SERIES.read_bytes())
    document["inputs"]["location"]["longitude"] = longitude
    first = datetime(2023, 1, 1, 0, 10, tzinfo=UTC)
    rows = []
    for hour in range(8760):
        when = first + timedelta(hours=hour)
        sun = when + timedelta(hours=longitude / 15.0)
        light = 400.0 if sun.date().toordinal() % 2 else 100.0
        if abs(sun.hour - 12) > 4 or (polar and when.month in {1, 12}):
            light = 0.0
        rows.append(
            {
                "time": f"{when:%Y%m%d:%H%M}",
                "G(i)": light,
                "H_sun": 10.0,
                "T2m": 5.0,
                "WS10m": 2.0,
                "Int": 0.0,
            }
        )
    document["outputs"]["hourly"] = rows
    return dict(document)


@pytest.mark.parametrize("longitude", [0.0, 178.0, -172.0])
def test_days_of_the_sun(longitude: float) -> None:
    """At the date line a day of UTC is two halves, which would level days out."""
    document = year_of_light(longitude, polar=False)
    for low, high in day_spread(parse_series(answer(document))):
        assert low == pytest.approx(0.4, abs=0.06)
        assert high == pytest.approx(1.6, abs=0.06)


def test_the_polar_night_has_no_spread() -> None:
    """A month without light is no broken answer."""
    spread = day_spread(parse_series(answer(year_of_light(18.9, polar=True))))
    assert spread[11] == (1.0, 1.0)
    assert spread[5][0] < 0.5
