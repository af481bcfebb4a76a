"""What Open-Meteo is asked, in its own parameters."""

from datetime import date
from typing import Final

from ..web import WebRequest

FORECAST: Final = "https://api.open-meteo.com/v1/forecast"
PAST_FORECASTS: Final = "https://historical-forecast-api.open-meteo.com/v1/forecast"

QUARTERLY: Final = (
    "shortwave_radiation",
    "direct_normal_irradiance",
    "diffuse_radiation",
    "temperature_2m",
    "wind_speed_10m",
    "cloud_cover",
)
"""Asked per quarter-hour."""
HOURLY: Final = ("snow_depth",)
"""Asked per hour: the finer models do not have it."""

_MOST: Final = 4 << 20
_FREE_VARIABLES: Final = 10
_FREE_DAYS: Final = 14


def forecast_request(
    latitude: float, longitude: float, *, forecast_days: int = 3, past_days: int = 0
) -> WebRequest:
    """Ask for the weather of the coming days.

    One request serves every plane of a roof, which global irradiance on one plane
    would not.

    Args:
        latitude: Degrees.
        longitude: Degrees.
        forecast_days: Days from today (UTC), 1 to 16.
        past_days: Days before today, 0 to 92.

    Raises:
        ValueError: A number of days that Open-Meteo does not have.
    """
    if not 1 <= forecast_days <= 16 or not 0 <= past_days <= 92:
        raise ValueError("Open-Meteo has 1 to 16 coming days and 92 past ones")
    return _request(
        FORECAST,
        latitude,
        longitude,
        forecast_days=str(forecast_days),
        past_days=str(past_days),
    )


def past_request(
    latitude: float, longitude: float, first: date, last: date
) -> WebRequest:
    """Ask what was forecast for past days.

    Raises:
        ValueError: The last day lies before the first.
    """
    if last < first:
        raise ValueError("the last day lies before the first")
    return _request(
        PAST_FORECASTS,
        latitude,
        longitude,
        start_date=first.isoformat(),
        end_date=last.isoformat(),
    )


def weight(days: int) -> float:
    """Return how many calls a request for that many days counts as.

    More than ten variables or two weeks count as more than one.
    """
    variables = len(QUARTERLY) + len(HOURLY)
    return max(1.0, variables / _FREE_VARIABLES) * max(1.0, days / _FREE_DAYS)


def _request(url: str, latitude: float, longitude: float, **params: str) -> WebRequest:
    return WebRequest(
        url,
        {
            "latitude": f"{latitude:.4f}",
            "longitude": f"{longitude:.4f}",
            "minutely_15": ",".join(QUARTERLY),
            "hourly": ",".join(HOURLY),
            "timezone": "UTC",
            "timeformat": "unixtime",
            "wind_speed_unit": "ms",
            **params,
        },
        _MOST,
    )
