"""What a bug report says of a home's weather, plant, prices and plans."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
import re
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.core import callback

from .const import CONF_OPEN_METEO_URL, CONF_PVGIS_URL, CONF_WEATHER, SUBENTRY_PRICES
from .coordinator import (
    ControlCoordinator,
    MarketCoordinator,
    OutlookState,
    PlantBooks,
    PvFamilyConfigEntry,
)
from .coordinator.market_settings import SERVERS
from .coordinator.outlook_state import Trouble
from .devices.device import Diagnostics
from .plant.books.summary import Summary, known
from .plant.forecast.period import energy_between
from .plant.forecast.series import Forecast
from .plant.forecast.standing import Standing
from .plant.sky_now import Expected
from .plant.weather import ChosenWeather

OWN_SERVERS: Final = (CONF_OPEN_METEO_URL, CONF_PVGIS_URL, *SERVERS)
"""Settings that hold an address of the user's own."""
_DAY: Final = timedelta(days=1)
# What the network's errors quote: the query of an address, and where it was tried.
_QUOTED: Final = re.compile(r"(?<=\?)[^\s'\"]+|\('[^']*', \d+[^)]*\)")

type Discreet = Callable[[str], str]


def discreet(entry: PvFamilyConfigEntry, instead: str) -> Discreet:
    """Return what takes the home's own addresses out of a message.

    Args:
        entry: The home.
        instead: What stands where an address was.
    """
    told: list[Mapping[str, Any]] = [entry.options.get(CONF_WEATHER, {})]
    told += [each.data for each in entry.get_subentries_of_type(SUBENTRY_PRICES)]
    hosts = {
        host
        for settings in told
        for key in OWN_SERVERS
        if (host := urlsplit(settings.get(key) or "").hostname)
    }

    def clean(message: str) -> str:
        for host in hosts:
            message = message.replace(host, instead)
        return _QUOTED.sub(instead, message)

    return clean


def describe_outlook(
    state: OutlookState, now: datetime, clean: Discreet
) -> Diagnostics:
    """Return how weather and forecasts are doing; where the home is stays out.

    Args:
        state: What the outlook knows.
        now: The present (UTC).
        clean: Takes addresses out of a message.
    """
    outlook, weather, pvgis = state.outlook, state.weather, state.pvgis
    return {
        "expected": _plain(state.expected),
        "rung": None if weather is None else weather.rung_at(now).name.lower(),
        "rung_hours_ahead": {} if weather is None else _rungs(weather, now),
        "weather_issued": None if weather is None else weather.issued,
        "weather_age_hours": _age(None if weather is None else weather.issued, now),
        "weather_trouble": _trouble(state.weather_trouble, clean),
        "forecast_issued": None if outlook is None else outlook.issued,
        "forecast_age_hours": _age(None if outlook is None else outlook.issued, now),
        "next_day_wh": {
            name: _bands(forecast, now)
            for name, forecast in (
                ("potential", state.potential),
                ("harvest", state.harvest),
                ("load", state.load),
            )
            if forecast is not None
        },
        "pv_standing": _plain(state.pv_standing),
        "load_standing": _plain(state.load_standing),
        "pvgis_taken": None if pvgis is None else pvgis.taken,
        "pvgis_age_hours": _age(None if pvgis is None else pvgis.taken, now),
        "pvgis_database": None if pvgis is None else pvgis.database,
        "pvgis_year_wh": None if pvgis is None else pvgis.year,
        "pvgis_trouble": _trouble(state.pvgis_trouble, clean),
        "produced_month_wh": state.produced_month,
        "produced_year_wh": state.produced_year,
    }


async def async_describe_plant(
    books: PlantBooks | None, serials: Sequence[str]
) -> Diagnostics | None:
    """Return what the plant's books know, ``None`` without a roof.

    Args:
        books: The books.
        serials: Of the devices, in the order in which the report numbers them.
    """
    if books is None or books.plant is None:
        return None
    ever = await books.async_summary(date.min, books.today)
    return {
        "peak_power": books.plant.peak_power,
        "ac_power": books.plant.ac_power,
        "components": [
            {
                "device": _number(component.name, serials),
                "peak_power": component.plant.peak_power,
                "strings_alike": len(component.strings),
            }
            for component in books.components
        ],
        "booked_days": ever.days,
        "booked_until": books.data.until,
        "planned_downtimes": len(books.planned),
        "periods": {
            str(calendar): _figures(books, summary)
            for calendar, summary in books.data.periods.items()
        },
    }


@callback
def describe_market(
    market: MarketCoordinator | None, now: datetime, clean: Discreet
) -> Diagnostics | None:
    """Return what is known of prices, without how they were asked for.

    Args:
        market: The prices, ``None`` if the user said nothing about them.
        now: The present (UTC).
        clean: Takes addresses out of a message.
    """
    if market is None:
        return None
    prices, data = market.prices, market.data
    present = prices.buy.interval_at(now)
    return {
        "kind": str(market.settings.kind),
        "quality": None if present is None else str(present.quality),
        "source": None if present is None else present.source,
        "known_until": prices.buy.end,
        "intervals_today": len(data.today.intervals),
        "failing_since": market.failing_since,
        "failures": {name: clean(why) for name, why in market.failures.items()},
        "counted_since": data.since,
        "unpriced_wh": data.unpriced,
        "control_counted": data.controlled,
        "prices": prices.market.as_dict(),
        "counted": market.as_dict(),
    }


@callback
def describe_loads(control: ControlCoordinator | None) -> list[Diagnostics]:
    """Return what each load does, why, and what is planned for it."""
    if control is None:
        return []
    plans = control.timeline()
    return [
        told | {"plan": [stretch._asdict() for stretch in plans.get(key, ())]}
        for key, told in zip(control.units, control.describe(), strict=True)
    ]


@callback
def describe_beats(entry: PvFamilyConfigEntry) -> Diagnostics:
    """Return which of the home's own looks at itself went well."""
    data = entry.runtime_data
    return {
        name: {
            "well": beat.last_update_success,
            "error": (
                None
                if beat.last_exception is None
                else type(beat.last_exception).__name__
            ),
        }
        for name, beat in (
            ("home", data.home),
            ("outlook", data.outlook),
            ("plant", data.plant),
            ("control", data.control),
            ("market", data.market),
        )
        if beat is not None
    }


def _rungs(weather: ChosenWeather, now: datetime) -> dict[str, float]:
    """Return how many hours from now on stand on each step of the ladder."""
    grid = weather.weather.grid
    hours = grid.step / timedelta(hours=1)
    count = Counter(
        weather.rung_at(grid.start + n * grid.step)
        for n in range(max(grid.index(now), 0), grid.count)
    )
    return {rung.name.lower(): n * hours for rung, n in sorted(count.items())}


def _bands(forecast: Forecast, now: datetime) -> dict[str, float | None]:
    return {
        band: energy_between(forecast, getattr(forecast, band), now, now + _DAY)
        for band in ("p10", "p50", "p90")
    }


def _figures(books: PlantBooks, summary: Summary) -> Diagnostics:
    availability = summary.availability([each.downtime for each in books.planned])
    performance, losses = summary.performance, summary.losses
    return {
        "days": summary.days,
        "production_wh": summary.production,
        "performance_ratio": known(performance.ratio),
        "coverage": known(performance.coverage),
        "irradiance_source": summary.source,
        "uncertainty": summary.ratio_uncertainty,
        "technical_availability": known(availability.technical),
        "unknown_hours": availability.unknown_hours,
        "lost_wh": {str(cause): energy for cause, energy in losses.waterfall()},
        "closes": summary.closes,
    }


def _number(serial: str, serials: Sequence[str]) -> int | None:
    """Return the number of a device in the report, ``None`` for all the rest."""
    return serials.index(serial) + 1 if serial in serials else None


def _age(taken: datetime | None, now: datetime) -> float | None:
    return None if taken is None else round((now - taken) / timedelta(hours=1), 2)


def _trouble(trouble: Trouble | None, clean: Discreet) -> Diagnostics | None:
    if trouble is None:
        return None
    return {"reason": clean(trouble.reason), "since": trouble.since}


def _plain(told: Expected | Standing | None) -> Diagnostics | None:
    return None if told is None else asdict(told)
