"""Bidding zones of the European day-ahead market, as each source names them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with one price.

    Attributes:
        key: Our name of it.
        country: Code of ISO 3166-1.
        energy_charts: Its name at energy-charts.
        eic: Its energy identification code, by which ENTSO-E knows it.
    """

    key: str
    country: str
    energy_charts: str
    eic: str


_ALL: Final = (
    Zone("at", "AT", "AT", "10YAT-APG------L"),
    Zone("be", "BE", "BE", "10YBE----------2"),
    Zone("bg", "BG", "BG", "10YCA-BULGARIA-R"),
    Zone("ch", "CH", "CH", "10YCH-SWISSGRIDZ"),
    Zone("cz", "CZ", "CZ", "10YCZ-CEPS-----N"),
    Zone("de_lu", "DE", "DE-LU", "10Y1001A1001A82H"),
    Zone("es", "ES", "ES", "10YES-REE------0"),
    Zone("fr", "FR", "FR", "10YFR-RTE------C"),
    Zone("gr", "GR", "GR", "10YGR-HTSO-----Y"),
    Zone("hr", "HR", "HR", "10YHR-HEP------M"),
    Zone("hu", "HU", "HU", "10YHU-MAVIR----U"),
    Zone("it_north", "IT", "IT-North", "10Y1001A1001A73I"),
    Zone("it_centre_north", "IT", "IT-Centre-North", "10Y1001A1001A70O"),
    Zone("it_centre_south", "IT", "IT-Centre-South", "10Y1001A1001A71M"),
    Zone("it_south", "IT", "IT-South", "10Y1001A1001A788"),
    Zone("it_calabria", "IT", "IT-Calabria", "10Y1001C--00096J"),
    Zone("it_sicily", "IT", "IT-Sicily", "10Y1001A1001A75E"),
    Zone("it_sardinia", "IT", "IT-Sardinia", "10Y1001A1001A74G"),
    Zone("nl", "NL", "NL", "10YNL----------L"),
    Zone("pl", "PL", "PL", "10YPL-AREA-----S"),
    Zone("pt", "PT", "PT", "10YPT-REN------W"),
    Zone("ro", "RO", "RO", "10YRO-TEL------P"),
    Zone("si", "SI", "SI", "10YSI-ELES-----O"),
    Zone("sk", "SK", "SK", "10YSK-SEPS-----K"),
)
ZONES: Final = {zone.key: zone for zone in _ALL}


def zone_of_country(country: str | None) -> str | None:
    """Return the first zone of a country, or ``None`` if none is known."""
    return next((zone.key for zone in _ALL if zone.country == country), None)
