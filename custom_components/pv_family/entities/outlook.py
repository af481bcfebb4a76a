"""The sensors of what the roof should give, and of what is to come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower
from homeassistant.util import dt as dt_util

from .. import publish
from ..coordinator import OutlookCoordinator, OutlookState
from ..coordinator.outlook_state import Trouble
from ..entity import HomeEntity
from ..plant.forecast.period import bounds_between, energy_between, peak_between
from ..plant.forecast.series import Forecast
from ..plant.forecast.standing import Standing, Verdict
from ..plant.model.uncertainty import IrradianceSource
from ..plant.weather import Rung
from ..shown import ShownDescription, ShownSensor, Value

_SOURCES = tuple(str(source) for source in IrradianceSource)
_RUNGS = tuple(rung.name.lower() for rung in Rung)


@dataclass(frozen=True, kw_only=True)
class OutlookDescription(ShownDescription):
    """How one value of the outlook is shown.

    Attributes:
        value_fn: The value at a time, or ``None`` while it is not known.
        attributes_fn: The few words that go with it.
    """

    value_fn: Callable[[OutlookState, datetime], Value]
    attributes_fn: Callable[[OutlookState], dict[str, Any]] | None = None


class OutlookSensor(HomeEntity[OutlookCoordinator], ShownSensor[OutlookCoordinator]):
    """A value of the outlook."""

    entity_description: OutlookDescription

    @override
    def _value(self) -> Value:
        return self.entity_description.value_fn(self.coordinator.data, dt_util.utcnow())

    @override
    def _attributes(self) -> dict[str, Any]:
        tell = self.entity_description.attributes_fn
        return {} if tell is None else tell(self.coordinator.data)


def _today(now: datetime, days: int = 0) -> tuple[datetime, datetime]:
    """Return the ends of a calendar day in the home's time zone."""
    day = dt_util.as_local(now).date() + timedelta(days=days)
    return (
        dt_util.start_of_local_day(day),
        dt_util.start_of_local_day(day + timedelta(days=1)),
    )


def _energy(
    key: str,
    value_fn: Callable[[OutlookState, datetime], float | None],
    *,
    enabled: bool = True,
    attributes_fn: Callable[[OutlookState], dict[str, Any]] | None = None,
) -> OutlookDescription:
    return OutlookDescription(
        key=key,
        translation_key=key,
        attributes_fn=attributes_fn,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_registry_enabled_default=enabled,
        value_fn=lambda state, now: _kwh(value_fn(state, now)),
        digits=2,
        rule=publish.FORECAST,
    )


def _kwh(energy: float | None) -> float | None:
    return None if energy is None else energy / 1000.0


def _harvest_today(state: OutlookState, now: datetime) -> float | None:
    if state.outlook is None:
        return None
    start, end = _today(now)
    return sum(
        (e for when, e in state.outlook.harvest_slots() if start <= when < end), 0.0
    )


def _between(
    series: str, band: str, span: Callable[[datetime], tuple[datetime, datetime]]
) -> Callable[[OutlookState, datetime], float | None]:
    """Return what sums a band of a series up over a time."""

    def value(state: OutlookState, now: datetime) -> float | None:
        forecast: Forecast | None = getattr(state, series)
        if forecast is None:
            return None
        return energy_between(forecast, getattr(forecast, band), *span(now))

    return value


def _remaining(now: datetime) -> tuple[datetime, datetime]:
    return now, _today(now)[1]


def _tomorrow(now: datetime) -> tuple[datetime, datetime]:
    return _today(now, 1)


def _tomorrow_bound(
    side: int,
) -> Callable[[OutlookState, datetime], float | None]:
    """Return what tells one end of the interval of tomorrow's harvest."""

    def value(state: OutlookState, now: datetime) -> float | None:
        if state.harvest is None:
            return None
        bounds = bounds_between(state.harvest, *_tomorrow(now))
        return None if bounds is None else bounds[side]

    return value


def _next_hour(now: datetime) -> tuple[datetime, datetime]:
    return now, now + timedelta(hours=1)


def _peak_time(state: OutlookState, span: tuple[datetime, datetime]) -> datetime | None:
    peak = None if state.harvest is None else peak_between(state.harvest, *span)
    return None if peak is None else peak[0]


def _peak_power(state: OutlookState, span: tuple[datetime, datetime]) -> float | None:
    peak = None if state.harvest is None else peak_between(state.harvest, *span)
    return None if peak is None else peak[1]


def _peaks(
    day: str, span: Callable[[datetime], tuple[datetime, datetime]], *, enabled: bool
) -> tuple[OutlookDescription, OutlookDescription]:
    return (
        OutlookDescription(
            key=f"forecast_peak_time_{day}",
            translation_key=f"forecast_peak_time_{day}",
            device_class=SensorDeviceClass.TIMESTAMP,
            entity_registry_enabled_default=enabled,
            value_fn=lambda state, now: _peak_time(state, span(now)),
        ),
        OutlookDescription(
            key=f"forecast_peak_power_{day}",
            translation_key=f"forecast_peak_power_{day}",
            device_class=SensorDeviceClass.POWER,
            native_unit_of_measurement=UnitOfPower.WATT,
            suggested_display_precision=0,
            entity_registry_enabled_default=enabled,
            value_fn=lambda state, now: _peak_power(state, span(now)),
        ),
    )


def _expected(key: str, name: str, *, enabled: bool) -> OutlookDescription:
    return OutlookDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=enabled,
        value_fn=lambda state, _: (
            None if state.expected is None else getattr(state.expected, name)
        ),
        rule=publish.EXPECTED,
    )


def _standing(
    key: str,
    series: str,
    value_fn: Callable[[Standing], float | None],
    unit: str,
    *,
    enabled: bool = False,
) -> OutlookDescription:
    def value(state: OutlookState, _: datetime) -> float | None:
        standing: Standing | None = getattr(state, f"{series}_standing")
        return None if standing is None else value_fn(standing)

    return OutlookDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=unit,
        device_class=SensorDeviceClass.POWER if unit == UnitOfPower.WATT else None,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=enabled,
        value_fn=value,
        digits=1,
    )


def _verdict(series: str) -> OutlookDescription:
    def value(state: OutlookState, _: datetime) -> str | None:
        standing: Standing | None = getattr(state, f"{series}_standing")
        if standing is not None:
            return str(standing.verdict)
        return None if state.outlook is None else str(Verdict.LEARNING)

    return OutlookDescription(
        key=f"{series}_forecast_verdict",
        translation_key=f"{series}_forecast_verdict",
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.ENUM,
        options=[str(verdict) for verdict in Verdict],
        value_fn=value,
    )


def _month(state: OutlookState, now: datetime) -> float | None:
    if state.pvgis is None:
        return None
    return state.pvgis.months[dt_util.as_local(now).month - 1]


def _year(state: OutlookState, _: datetime) -> float | None:
    return None if state.pvgis is None else state.pvgis.year


def _reached(
    key: str,
    produced: Callable[[OutlookState], float | None],
    expected: Callable[[OutlookState, datetime], float | None],
) -> OutlookDescription:
    def value(state: OutlookState, now: datetime) -> float | None:
        energy, whole = produced(state), expected(state, now)
        return None if energy is None or not whole else 100.0 * energy / whole

    return OutlookDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=value,
        digits=1,
        rule=publish.RATIO,
    )


def _rung(state: OutlookState, now: datetime) -> str | None:
    return None if state.weather is None else state.weather.rung_at(now).name.lower()


def _trouble(trouble: Trouble | None) -> dict[str, Any]:
    """Return why nothing new comes, and since when."""
    if trouble is None:
        return {}
    return {"reason": trouble.reason, "since": trouble.since.isoformat()}


LOAD_DESCRIPTIONS: tuple[OutlookDescription, ...] = (
    _energy("load_forecast_remaining_today", _between("load", "p50", _remaining)),
    _energy("load_forecast_tomorrow", _between("load", "p50", _tomorrow)),
    _verdict("load"),
    _standing("load_forecast_skill", "load", lambda s: 100.0 * s.skill, PERCENTAGE),
    _standing("load_forecast_mae", "load", lambda s: s.mae, UnitOfPower.WATT),
    _standing("load_forecast_mape", "load", lambda s: 100.0 * s.mape, PERCENTAGE),
)
"""Of the household, with or without a roof."""

ROOF_DESCRIPTIONS: tuple[OutlookDescription, ...] = (
    _expected("expected_power", "power", enabled=True),
    _expected("expected_power_low", "p10", enabled=False),
    _expected("expected_power_high", "p90", enabled=False),
    OutlookDescription(
        key="irradiance_source",
        translation_key="irradiance_source",
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.ENUM,
        options=list(_SOURCES),
        entity_registry_enabled_default=False,
        value_fn=lambda state, _: (
            None if state.expected is None else str(state.expected.source)
        ),
    ),
    OutlookDescription(
        key="weather_rung",
        translation_key="weather_rung",
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.ENUM,
        options=list(_RUNGS),
        value_fn=_rung,
        attributes_fn=lambda state: _trouble(state.weather_trouble),
    ),
    OutlookDescription(
        key="weather_issued",
        translation_key="weather_issued",
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_registry_enabled_default=False,
        value_fn=lambda state, _: (
            None if state.weather is None else state.weather.issued
        ),
    ),
    _energy("forecast_today", _harvest_today),
    _energy("forecast_remaining_today", _between("harvest", "p50", _remaining)),
    _energy("forecast_tomorrow", _between("harvest", "p50", _tomorrow)),
    _energy("forecast_next_hour", _between("harvest", "p50", _next_hour)),
    _energy("forecast_tomorrow_low", _tomorrow_bound(0), enabled=False),
    _energy("forecast_tomorrow_high", _tomorrow_bound(1), enabled=False),
    _energy(
        "potential_remaining_today",
        _between("potential", "p50", _remaining),
        enabled=False,
    ),
    _energy(
        "potential_tomorrow", _between("potential", "p50", _tomorrow), enabled=False
    ),
    *_peaks("today", _today, enabled=True),
    *_peaks("tomorrow", _tomorrow, enabled=False),
    _verdict("pv"),
    _standing("pv_forecast_skill", "pv", lambda s: 100.0 * s.skill, PERCENTAGE),
    _standing("pv_forecast_error", "pv", lambda s: 100.0 * s.day_error, PERCENTAGE),
    _energy("pvgis_month", _month),
    _energy(
        "pvgis_year", _year, attributes_fn=lambda state: _trouble(state.pvgis_trouble)
    ),
    _reached("pvgis_month_reached", lambda state: state.produced_month, _month),
    _reached("pvgis_year_reached", lambda state: state.produced_year, _year),
)
