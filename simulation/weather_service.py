"""Stand-ins for Open-Meteo and PVGIS that look at the simulated sky.

They answer in the services' own layout, so that a home can be shown and tested without
the internet. The forecast is the real sky seen through a model: smooth, and the more
wrong the further ahead.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aiohttp import web
import numpy as np

from .array import diffuse_fraction, plane_of_array
from .noise import FloatArray, gaussian_noise
from .site import Site
from .sun import sun_position
from .weather import cloud_cover, weather_at

type Document = dict[str, Any]

_QUARTER: Final = 900.0
_HOUR: Final = 3600.0
_DAY: Final = 86_400.0
_ERROR_CHANNEL: Final = 91
_ERROR_PERIODS: Final = ((5 * _HOUR, 1.0), (1.5 * _HOUR, 0.5))
_FIRST_ERROR: Final = 0.15
_ERROR_PER_DAY: Final = 0.15
_YEAR: Final = 2023
_SYSTEM: Final = 0.9
"""Share of the modules' energy that heat and inverter leave."""


class WeatherService:
    """Both services on one server.

    Attributes:
        seed: Of the sky.
        requests: How often each path was asked.
        failure: Status and body to answer with in place of what is asked.
    """

    def __init__(
        self,
        seed: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elevation: float = 90.0,
    ) -> None:
        """Look at the sky of a seed.

        Args:
            seed: Of the sky.
            now: Tells the present (UTC).
            elevation: Of every place that is asked for, m.
        """
        self.seed = seed
        self.requests: dict[str, int] = {}
        self.failure: tuple[int, bytes] | None = None
        self._now = now
        self._elevation = elevation

    def add_routes(self, app: web.Application) -> None:
        """Answer on the paths of the real services."""
        app.router.add_get("/v1/forecast", self._get(self._forecast))
        tools = {
            "PVcalc": production_document,
            "printhorizon": horizon_document,
            "MRcalc": monthly_document,
            "seriescalc": series_document,
        }
        for tool, make in tools.items():

            def answer(
                site: Site,
                query: Mapping[str, str],
                make: Callable[[Site, int, Mapping[str, str]], Document] = make,
            ) -> Document:
                return make(site, self.seed, query)

            app.router.add_get(f"/api/v5_3/{tool}", self._get(answer))

    def _get(
        self, make: Callable[[Site, Mapping[str, str]], Document]
    ) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            self.requests[request.path] = self.requests.get(request.path, 0) + 1
            if self.failure is not None:
                status, body = self.failure
                return web.Response(
                    status=status, body=body, content_type="application/json"
                )
            query = request.query
            try:
                latitude, longitude = (
                    float(query.get(short) or query[long])
                    for short, long in (("lat", "latitude"), ("lon", "longitude"))
                )
                site = Site(latitude, longitude, self._elevation)
                return web.json_response(make(site, query))
            except (KeyError, ValueError) as error:
                reason = {"error": True, "reason": str(error), "message": str(error)}
                return web.json_response(reason, status=400)

        return handle

    def _forecast(self, site: Site, query: Mapping[str, str]) -> Document:
        now = self._now()
        if "start_date" in query:
            first = date.fromisoformat(query["start_date"])
            last = date.fromisoformat(query["end_date"])
        else:
            first = now.date() - timedelta(days=int(query.get("past_days", "0")))
            last = now.date() + timedelta(days=int(query["forecast_days"]) - 1)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
        days = (last - first).days + 1
        return forecast_document(site, self.seed, start, days, now.timestamp())


def forecast_document(
    site: Site, seed: int, start: float, days: int, now: float
) -> Document:
    """Return a forecast in the layout of Open-Meteo.

    Args:
        site: Where.
        seed: Of the sky.
        start: First midnight, s since 1970.
        days: How many.
        now: When it is issued, s since 1970.
    """
    stamps = start + _QUARTER * np.arange(days * 96, dtype=np.float64)
    # Means of the quarter before each stamp, of a sky smoothed over an hour.
    offsets = np.arange(-2400.0, 1500.0, 300.0)
    index = _clearness(site, seed, stamps[:, None] + offsets).mean(axis=1)
    lead = np.maximum(stamps - now, 0.0) / _DAY
    error = gaussian_noise(seed, _ERROR_CHANNEL, stamps, _ERROR_PERIODS)
    spread = _FIRST_ERROR + _ERROR_PER_DAY * lead
    index = np.clip(index * np.exp(spread * error), 0.05, 1.05)
    fine = stamps[:, None] - np.arange(75.0, _QUARTER, 150.0)
    ghi = (weather_at(site, seed, fine).clear_sky_ghi).mean(axis=1) * index
    sun = sun_position(site, stamps - _QUARTER / 2)
    diffuse = ghi * diffuse_fraction(ghi, sun)
    dni = (ghi - diffuse) / np.maximum(sun.cos_zenith, 0.05)
    weather = weather_at(site, seed, stamps)
    hours = stamps[::4]
    return {
        "latitude": site.latitude,
        "longitude": site.longitude,
        "elevation": site.elevation,
        "utc_offset_seconds": 0,
        "minutely_15_units": {
            "time": "unixtime",
            "shortwave_radiation": "W/m²",
            "direct_normal_irradiance": "W/m²",
            "diffuse_radiation": "W/m²",
            "temperature_2m": "°C",
            "wind_speed_10m": "m/s",
            "cloud_cover": "%",
        },
        "minutely_15": {
            "time": [int(stamp) for stamp in stamps],
            "shortwave_radiation": _rounded(ghi),
            "direct_normal_irradiance": _rounded(dni),
            "diffuse_radiation": _rounded(diffuse),
            "temperature_2m": _rounded(weather.air_temperature),
            "wind_speed_10m": _rounded(weather.wind_speed),
            "cloud_cover": _rounded(100.0 * cloud_cover(seed, stamps)),
        },
        "hourly_units": {"time": "unixtime", "snow_depth": "m"},
        "hourly": {
            "time": [int(stamp) for stamp in hours],
            "snow_depth": [0.0] * len(hours),
        },
    }


def _clearness(site: Site, seed: int, t: FloatArray) -> FloatArray:
    weather = weather_at(site, seed, t)
    clear = weather.clear_sky_ghi
    return np.where(clear > 1.0, weather.ghi / np.maximum(clear, 1.0), 0.75)


def _rounded(values: FloatArray) -> list[float]:
    rounded: list[float] = np.round(values, 1).tolist()
    return rounded


def _hours() -> FloatArray:
    start = datetime(_YEAR, 1, 1, tzinfo=UTC).timestamp()
    return start + _HOUR * np.arange(8760, dtype=np.float64)


def _months(t: FloatArray) -> np.ndarray[Any, Any]:
    return t.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12


def _inputs(site: Site) -> Document:
    return {
        "location": {
            "latitude": site.latitude,
            "longitude": site.longitude,
            "elevation": site.elevation,
        },
        "meteo_data": {
            "radiation_db": "Simulated sky",
            "meteo_db": "Simulated sky",
            "year_min": _YEAR,
            "year_max": _YEAR,
            "use_horizon": True,
        },
    }


def _plane(
    site: Site, seed: int, query: Mapping[str, str], t: FloatArray
) -> FloatArray:
    # Modules that turn are shown as a plane that leans as their axis does.
    tilt = float(query.get("inclinedaxisangle") or query.get("angle") or 0.0)
    aspect = float(query.get("aspect", "0"))
    return plane_of_array(weather_at(site, seed, t), tilt, aspect + 180.0)


def _system(query: Mapping[str, str]) -> str:
    """Return the key under which PVGIS answers for what holds the modules."""
    if query.get("fixed", "1") != "0":
        return "fixed"
    return "two_axis" if query.get("twoaxis") == "1" else "inclined_axis"


def production_document(site: Site, seed: int, query: Mapping[str, str]) -> Document:
    """Return the answer of ``PVcalc``."""
    peak, loss = float(query["peakpower"]), float(query["loss"])
    t = _hours()
    plane = _plane(site, seed, query, t + _HOUR / 2)
    light = np.bincount(_months(t), plane) / 1000.0
    energy = peak * light * _SYSTEM * (1.0 - loss / 100.0)
    rows = [
        {
            "month": number,
            "E_d": round(e / 30.0, 2),
            "E_m": round(e, 2),
            "H(i)_d": round(h / 30.0, 2),
            "H(i)_m": round(h, 2),
            "SD_m": round(0.12 * e, 2),
        }
        for number, (e, h) in enumerate(zip(energy, light, strict=True), 1)
    ]
    whole = sum(float(row["E_m"]) for row in rows)
    totals = {
        "E_y": round(whole, 2),
        "SD_y": round(0.04 * whole, 2),
        "H(i)_y": round(float(light.sum()), 2),
        "l_total": -100.0 * (1.0 - _SYSTEM * (1.0 - loss / 100.0)),
        "l_spec": "?(0)",
    }
    inputs = {**_inputs(site), "pv_module": {"peak_power": peak, "system_loss": loss}}
    return {
        "inputs": inputs,
        "outputs": {
            "monthly": {_system(query): rows},
            "totals": {_system(query): totals},
        },
    }


def horizon_document(site: Site, seed: int, query: Mapping[str, str]) -> Document:
    """Return the answer of ``printhorizon``: low hills all around."""
    azimuths = np.arange(-180.0, 181.0, 7.5)
    heights = 1.5 + np.sin(np.radians(2.0 * azimuths + seed))
    return {
        "inputs": _inputs(site),
        "outputs": {
            "horizon_profile": [
                {"A": float(a), "H_hor": round(float(h), 1)}
                for a, h in zip(azimuths, heights, strict=True)
            ]
        },
    }


def monthly_document(site: Site, seed: int, query: Mapping[str, str]) -> Document:
    """Return the answer of ``MRcalc``."""
    t = _hours()
    weather = weather_at(site, seed, t + _HOUR / 2)
    month = _months(t)
    light = np.bincount(month, weather.ghi) / 1000.0
    warmth = np.bincount(month, weather.air_temperature) / np.bincount(month)
    return {
        "inputs": _inputs(site),
        "outputs": {
            "monthly": [
                {
                    "year": _YEAR,
                    "month": number,
                    "H(h)_m": round(float(h), 2),
                    "T2m": round(float(warm), 1),
                    "Kd": 0.45,
                }
                for number, (h, warm) in enumerate(zip(light, warmth, strict=True), 1)
            ]
        },
    }


def series_document(site: Site, seed: int, query: Mapping[str, str]) -> Document:
    """Return the answer of ``seriescalc``."""
    t = _hours() + 600.0
    weather = weather_at(site, seed, t)
    plane = _plane(site, seed, query, t)
    diffuse = np.minimum(
        weather.ghi * diffuse_fraction(weather.ghi, weather.sun), plane
    )
    rows = [
        {
            "time": f"{datetime.fromtimestamp(when, UTC):%Y%m%d:%H%M}",
            "Gb(i)": round(whole - sky, 2),
            "Gd(i)": round(sky, 2),
            "Gr(i)": 0.0,
            "H_sun": round(max(height, 0.0), 2),
            "T2m": round(warm, 2),
            "WS10m": round(wind, 2),
            "Int": 0.0,
        }
        for when, whole, sky, height, warm, wind in zip(
            t.tolist(),
            plane.tolist(),
            diffuse.tolist(),
            weather.sun.elevation.tolist(),
            weather.air_temperature.tolist(),
            weather.wind_speed.tolist(),
            strict=True,
        )
    ]
    return {"inputs": _inputs(site), "outputs": {"hourly": rows}}
