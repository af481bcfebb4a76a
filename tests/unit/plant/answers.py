"""Answers in the documented layout of PVGIS, where no recording may be copied."""

from copy import deepcopy
import csv
import json
from pathlib import Path
from typing import Any

from custom_components.pv_family.plant.web import WebAnswer

FIXTURES = Path(__file__).parents[2] / "fixtures"
PVGIS = FIXTURES / "pvgis"
OPEN_METEO = FIXTURES / "openmeteo"
SERIES = PVGIS / (
    "pvgis_hourly_Timeseries_45.000_8.000_SA2_10kWp_CIS_5_2a_2013_2014.json"
)

INPUTS: dict[str, Any] = {
    "location": {"latitude": 45.0, "longitude": 25.0, "elevation": 500.0},
    "meteo_data": {
        "radiation_db": "PVGIS-SARAH3",
        "meteo_db": "ERA5",
        "year_min": 2005,
        "year_max": 2023,
        "use_horizon": True,
        "horizon_db": None,
        "horizon_data": "DEM-calculated",
    },
    "pv_module": {"technology": "c-Si2025", "peak_power": 5.0, "system_loss": 14.0},
}
MONTHS = (210, 290, 430, 520, 580, 590, 640, 620, 500, 400, 240, 190)


def answer(document: Any, status: int = 200) -> WebAnswer:
    """Return a document as it comes from the network."""
    return WebAnswer(status, json.dumps(document).encode())


def production() -> dict[str, Any]:
    """Return what `PVcalc` answers for 5 kWp."""
    months = [
        {
            "month": number,
            "E_d": energy / 30.0,
            "E_m": energy,
            "H(i)_d": energy / 30.0 / 4.0,
            "H(i)_m": energy / 4.0,
            "SD_m": energy / 10.0,
        }
        for number, energy in enumerate(MONTHS, start=1)
    ]
    whole = float(sum(MONTHS))
    totals = {
        "E_d": whole / 365.0,
        "E_m": whole / 12.0,
        "E_y": whole,
        "H(i)_d": whole / 4.0 / 365.0,
        "H(i)_m": whole / 48.0,
        "H(i)_y": whole / 4.0,
        "SD_m": 10.0,
        "SD_y": 200.0,
        "l_aoi": -2.9,
        "l_spec": "1.2",
        "l_tg": -5.5,
        "l_total": -20.0,
    }
    return {
        "inputs": deepcopy(INPUTS),
        "outputs": {"monthly": {"fixed": months}, "totals": {"fixed": totals}},
    }


def monthly() -> dict[str, Any]:
    """Return what `MRcalc` answers for two years."""
    rows = [
        {"year": year, "month": month, "H(h)_m": 31.0 * month, "T2m": month, "Kd": 0.4}
        for year in (2022, 2023)
        for month in range(1, 13)
    ]
    return {"inputs": deepcopy(INPUTS), "outputs": {"monthly": rows}}


def horizon() -> dict[str, Any]:
    """Return what `printhorizon` answers, from a recorded horizon."""
    text = (PVGIS / "test_read_pvgis_horizon.csv").read_text(encoding="utf-8")
    points = [
        (float(row["horizon_azimuth"]), float(row["horizon_elevation"]))
        for row in csv.DictReader(text.splitlines())
    ]
    profile = [{"A": azimuth - 180.0, "H_hor": height} for azimuth, height in points]
    # The two ends repeat the same direction, north.
    profile.append({"A": 180.0, "H_hor": points[0][1]})
    return {"inputs": deepcopy(INPUTS), "outputs": {"horizon_profile": profile}}
