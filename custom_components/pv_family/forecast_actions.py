"""Answer with forecasts and with the long-term reference, which fit in no state."""

from typing import Any, Final

import probatio

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry

from .const import DOMAIN
from .coordinator import OutlookState, PvFamilyConfigEntry
from .plant.forecast.period import in_slots_of
from .plant.forecast.series import Forecast

SERVICE_FORECAST: Final = "get_forecast"
SERVICE_REFERENCE: Final = "get_reference"

ATTR_RESOLUTION: Final = "resolution"
ATTR_SERIES: Final = "series"

_SERIES: Final = ("harvest", "potential", "load")
_HOME: Final[dict[Any, Any]] = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_FORECAST_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Optional(ATTR_SERIES, default="harvest"): probatio.In(_SERIES),
        probatio.Optional(ATTR_RESOLUTION, default=30): probatio.All(
            probatio.Coerce(int), probatio.In((15, 30, 60))
        ),
    }
)


@callback
def async_register_forecast_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handle, schema in (
        (SERVICE_FORECAST, _async_forecast, _FORECAST_SCHEMA),
        (SERVICE_REFERENCE, _async_reference, probatio.Schema(_HOME)),
    ):
        hass.services.async_register(
            DOMAIN, name, handle, schema, SupportsResponse.ONLY
        )


def _outlook(call: ServiceCall) -> OutlookState:
    entry: PvFamilyConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry.runtime_data.outlook.data


async def _async_forecast(call: ServiceCall) -> ServiceResponse:
    """Return a forecast slot by slot, W."""
    state, name = _outlook(call), call.data[ATTR_SERIES]
    forecast: Forecast | None = getattr(state, name)
    if state.outlook is None or forecast is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_forecast_yet"
        )
    shown = in_slots_of(forecast, call.data[ATTR_RESOLUTION])
    bands = zip(
        *(band.round(1).tolist() for band in (shown.p10, shown.p50, shown.p90)),
        strict=True,
    )
    return {
        "series": name,
        "issued": state.outlook.issued.isoformat(),
        "resolution": call.data[ATTR_RESOLUTION],
        "unit_of_measurement": "W",
        "slots": [
            {
                "start": (shown.start + index * shown.step).isoformat(),
                "p10": p10,
                "p50": p50,
                "p90": p90,
            }
            for index, (p10, p50, p90) in enumerate(bands)
        ],
    }


async def _async_reference(call: ServiceCall) -> ServiceResponse:
    """Return what PVGIS says, kWh."""
    pvgis = _outlook(call).pvgis
    if pvgis is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_reference_yet"
        )
    spread = pvgis.day_spread or ((None, None),) * 12
    horizon = pvgis.horizon
    return {
        "taken": pvgis.taken.isoformat(),
        "database": pvgis.database,
        "year": round(pvgis.year / 1000.0, 1),
        "year_std": round(pvgis.year_std / 1000.0, 1),
        "months": [
            {
                "month": number,
                "energy": round(energy / 1000.0, 1),
                "energy_std": round(deviation / 1000.0, 1),
                "dull_day": None if low is None else round(low, 2),
                "bright_day": None if high is None else round(high, 2),
            }
            for number, (energy, deviation, (low, high)) in enumerate(
                zip(pvgis.months, pvgis.months_std, spread, strict=True), 1
            )
        ],
        "horizon": [
            {"azimuth": azimuth, "elevation": elevation}
            for azimuth, elevation in (
                ()
                if horizon is None
                else zip(horizon.azimuths, horizon.elevations, strict=True)
            )
        ],
    }
