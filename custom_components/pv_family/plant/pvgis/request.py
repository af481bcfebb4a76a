"""What PVGIS is asked, in its own parameters."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ..model.module import Mounting, Technology
from ..model.mount import FixedMount, Mount, SingleAxisMount, TwoAxisMount
from ..web import WebRequest

BASE: Final = "https://re.jrc.ec.europa.eu/api/v5_3/"
KEEP: Final = timedelta(days=180)
"""Answers change with a release of PVGIS only."""
FIRST_YEAR: Final = 2005
LAST_YEAR: Final = 2023

_FLAT: Final = 1.0
# An axis that lies up to so many degrees off north and south makes little difference.
_OFF_AXIS: Final = 15.0

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


def mounting_system(mount: Mount, latitude: float) -> dict[str, str] | None:
    """Return how PVGIS is told what holds the modules, ``None`` if it cannot be.

    It knows fixed planes, two axes, and one axis that lies level in the direction of
    north and south or leans towards the equator. Its trackers turn as far as they
    want, and never backtrack.

    Args:
        mount: Holds the modules.
        latitude: Degrees.
    """
    match mount:
        case FixedMount():
            return {
                "angle": f"{mount.surface_tilt:.1f}",
                "aspect": f"{aspect(mount.surface_azimuth):.1f}",
            }
        case TwoAxisMount():
            return {"fixed": "0", "twoaxis": "1"}
        case SingleAxisMount():
            turned = (mount.axis_azimuth - (180.0 if latitude >= 0.0 else 0.0)) % 360.0
            if mount.axis_tilt <= _FLAT:
                turned %= 180.0
                off = min(turned, 180.0 - turned)
            else:
                off = min(turned, 360.0 - turned)
            if off > _OFF_AXIS:
                return None
            return {
                "fixed": "0",
                "inclined_axis": "1",
                "inclinedaxisangle": f"{mount.axis_tilt:.1f}",
            }
    return None


def production_request(
    latitude: float,
    longitude: float,
    *,
    peak_power: float,
    system: Mapping[str, str],
    loss: float = 0.14,
    technology: Technology = Technology.CRYSTALLINE,
    mounting: Mounting = Mounting.ROOF,
) -> WebRequest:
    """Ask for the mean production of each month of an array.

    Args:
        latitude: Degrees.
        longitude: Degrees.
        peak_power: W.
        system: What holds it, as `mounting_system` tells.
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
        usehorizon="1",
        **system,
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
