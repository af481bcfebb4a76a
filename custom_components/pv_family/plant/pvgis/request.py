"""What PVGIS is asked, in its own parameters."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from ..model.module import Mounting, Technology
from ..web import WebRequest

BASE: Final = "https://re.jrc.ec.europa.eu/api/v5_3/"
KEEP: Final = timedelta(days=180)
"""Answers change with a release of PVGIS only."""
FIRST_YEAR: Final = 2005
LAST_YEAR: Final = 2023

_SMALL: Final = 1 << 20
_SERIES: Final = 8 << 20


class Tool(StrEnum):
    """The tools that are used."""

    PRODUCTION = "PVcalc"
    HORIZON = "printhorizon"
    MONTHLY = "MRcalc"
    SERIES = "seriescalc"


_TECHNOLOGIES: Final = {
    Technology.CRYSTALLINE: "crystSi2025",
    Technology.CRYSTALLINE_OLD: "crystSi",
    Technology.CIS: "CIS",
    Technology.CDTE: "CdTe",
}
_PLACES: Final = {
    Mounting.OPEN_RACK: "free",
    Mounting.ROOF: "building",
    Mounting.INTEGRATED: "building",
}


def aspect(surface_azimuth: float) -> float:
    """Return PVGIS's azimuth (0 south, 90 west) of a compass azimuth, degrees."""
    return (surface_azimuth % 360.0) - 180.0


def production_request(
    latitude: float,
    longitude: float,
    *,
    peak_power: float,
    surface_tilt: float,
    surface_azimuth: float,
    loss: float = 0.14,
    technology: Technology = Technology.CRYSTALLINE,
    mounting: Mounting = Mounting.ROOF,
) -> WebRequest:
    """Ask for the mean production of each month of an array.

    Args:
        latitude: Degrees.
        longitude: Degrees.
        peak_power: W.
        surface_tilt: Degrees.
        surface_azimuth: Compass degrees.
        loss: Share lost in cables, inverter and by age.
        technology: Of the cells.
        mounting: How air reaches the back.
    """
    return _request(
        Tool.PRODUCTION,
        latitude,
        longitude,
        _SMALL,
        peakpower=f"{peak_power / 1000.0:.3f}",
        loss=f"{100.0 * loss:.1f}",
        pvtechchoice=_TECHNOLOGIES[technology],
        mountingplace=_PLACES[mounting],
        angle=f"{surface_tilt:.1f}",
        aspect=f"{aspect(surface_azimuth):.1f}",
        usehorizon="1",
    )


def horizon_request(latitude: float, longitude: float) -> WebRequest:
    """Ask for the horizon that hills make."""
    return _request(Tool.HORIZON, latitude, longitude, _SMALL)


def monthly_request(latitude: float, longitude: float) -> WebRequest:
    """Ask for radiation, its diffuse share and temperature of every month."""
    return _request(
        Tool.MONTHLY, latitude, longitude, _SMALL, horirrad="1", d2g="1", avtemp="1"
    )


def series_request(
    latitude: float,
    longitude: float,
    *,
    surface_tilt: float,
    surface_azimuth: float,
    year: int = LAST_YEAR,
) -> WebRequest:
    """Ask for one year of irradiance on a plane, hour by hour.

    Raises:
        ValueError: PVGIS does not have the year.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"PVGIS has {FIRST_YEAR} to {LAST_YEAR}")
    return _request(
        Tool.SERIES,
        latitude,
        longitude,
        _SERIES,
        startyear=str(year),
        endyear=str(year),
        angle=f"{surface_tilt:.1f}",
        aspect=f"{aspect(surface_azimuth):.1f}",
        components="1",
        usehorizon="1",
    )


def _request(
    tool: Tool, latitude: float, longitude: float, most: int, **params: str
) -> WebRequest:
    return WebRequest(
        BASE + tool,
        {
            "lat": f"{latitude:.4f}",
            "lon": f"{longitude:.4f}",
            "outputformat": "json",
            **params,
        },
        most,
    )
