"""Where a simulated home stands."""

from dataclasses import dataclass
from datetime import UTC, datetime

SECONDS_PER_DEGREE = 240.0


@dataclass(frozen=True, slots=True)
class Site:
    """A point on Earth: degrees north, degrees east, metres above the sea."""

    latitude: float
    longitude: float
    elevation: float = 0.0

    def __post_init__(self) -> None:
        """Refuse coordinates that are not on Earth.

        Raises:
            ValueError: latitude outside -90..90 or longitude outside -180..180.
        """
        if not -90.0 <= self.latitude <= 90.0:
            raise ValueError(f"latitude {self.latitude} is outside -90..90")
        if not -180.0 <= self.longitude <= 180.0:
            raise ValueError(f"longitude {self.longitude} is outside -180..180")


def longitude_at_noon(now: datetime, solar_hour: float = 12.5) -> float:
    """Return the longitude, in degrees east, whose mean solar time is `solar_hour`."""
    utc = now.astimezone(UTC)
    hours = utc.hour + utc.minute / 60 + utc.second / 3600
    return ((solar_hour - hours) * 15.0 + 180.0) % 360.0 - 180.0
