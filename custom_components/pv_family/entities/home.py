"""The sensors of the home as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, UnitOfEnergy, UnitOfPower, UnitOfTime
from homeassistant.util import dt as dt_util

from .. import publish
from ..coordinator import HomeState
from ..readings.energy_book import Flow
from ..readings.period import Period
from ..shown import ShownDescription


@dataclass(frozen=True, kw_only=True)
class HomeDescription(ShownDescription):
    """How one value of the home is shown.

    Attributes:
        value_fn: The value, or ``None`` while it is not known.
        needs: The flows without which the home does not have it.
        reset_fn: When it last started from zero.
    """

    value_fn: Callable[[HomeState], float | None]
    needs: frozenset[Flow] = frozenset()
    rule: publish.Publish = publish.HOME_POWER
    reset_fn: Callable[[HomeState], datetime | None] | None = None


def _power(key: str, needs: Flow) -> HomeDescription:
    return HomeDescription(
        key=f"{key}_power",
        translation_key=f"{key}_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda state: getattr(state.flow, key),
        needs=frozenset({needs}),
    )


def _total(flow: Flow) -> HomeDescription:
    return HomeDescription(
        key=f"{flow}_energy",
        translation_key=f"{flow}_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=1,
        value_fn=lambda state: _kwh(state.totals.get(flow)),
        needs=frozenset({flow}),
        digits=3,
        rule=publish.ENERGY,
    )


def _since(flow: Flow, period: Period) -> HomeDescription:
    today = period is Period.TODAY
    return HomeDescription(
        key=f"{flow}_energy_{period}",
        translation_key=f"{flow}_energy_{period}",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=1,
        value_fn=lambda state: _kwh(state.periods.get((flow, period))),
        needs=frozenset({flow}),
        digits=2 if today else 1,
        rule=publish.ENERGY_TODAY if today else publish.ENERGY,
        reset_fn=lambda state: _midnight(state, period),
    )


def _kwh(energy: float | None) -> float | None:
    return None if energy is None else energy / 1000


def _midnight(state: HomeState, period: Period) -> datetime | None:
    start = state.starts.get(period)
    return None if start is None else dt_util.start_of_local_day(start)


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else 100 * ratio


def _self_consumption_today(state: HomeState) -> float | None:
    produced = state.periods.get((Flow.PRODUCTION, Period.TODAY))
    exported = state.periods.get((Flow.GRID_EXPORT, Period.TODAY))
    return _kept_share(exported, produced)


def _autarky_today(state: HomeState) -> float | None:
    used = state.periods.get((Flow.CONSUMPTION, Period.TODAY))
    imported = state.periods.get((Flow.GRID_IMPORT, Period.TODAY))
    return _kept_share(imported, used)


def _kept_share(exchanged: float | None, whole: float | None) -> float | None:
    """Return the share in percent of a day's energy that the grid had no part in."""
    if exchanged is None or not whole:
        return None
    return 100 * min(1.0, max(0.0, 1.0 - exchanged / whole))


def _share(
    key: str,
    needs: frozenset[Flow],
    value_fn: Callable[[HomeState], float | None],
    *,
    enabled: bool,
) -> HomeDescription:
    return HomeDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=enabled,
        value_fn=value_fn,
        needs=needs,
        digits=1,
        rule=publish.RATIO,
    )


_OWN = frozenset({Flow.PRODUCTION, Flow.GRID_EXPORT})
_FREE = frozenset({Flow.CONSUMPTION, Flow.GRID_IMPORT})

HOME_DESCRIPTIONS: tuple[HomeDescription, ...] = (
    _power("production", Flow.PRODUCTION),
    _power("consumption", Flow.CONSUMPTION),
    _power("grid", Flow.GRID_IMPORT),
    _power("battery", Flow.BATTERY_CHARGE),
    *(_total(flow) for flow in Flow),
    *(_since(flow, period) for flow in Flow for period in Period),
    _share("self_consumption_today", _OWN, _self_consumption_today, enabled=True),
    _share("autarky_today", _FREE, _autarky_today, enabled=True),
    _share(
        "self_consumption",
        _OWN,
        lambda state: _percent(state.flow.self_consumption),
        enabled=False,
    ),
    _share("autarky", _FREE, lambda state: _percent(state.flow.autarky), enabled=False),
    HomeDescription(
        key="state_of_charge",
        translation_key="home_state_of_charge",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda state: state.state_of_charge,
        needs=frozenset({Flow.BATTERY_CHARGE}),
        rule=publish.RATIO,
    ),
    HomeDescription(
        key="battery_hours",
        translation_key="battery_hours",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.HOURS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=lambda state: state.battery_hours,
        needs=frozenset({Flow.BATTERY_CHARGE}),
        rule=publish.RATIO,
    ),
)
