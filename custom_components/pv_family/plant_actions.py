"""The actions about how the plant does, and about downtime that is planned."""

from datetime import date, timedelta
from typing import Any, Final

import probatio

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DATE
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
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import PlantBooks, PvFamilyConfigEntry
from .plant.kpi.periods import Calendar
from .plant_report import kpis_of, losses_of

SERVICE_GET_LOSSES: Final = "get_losses"
SERVICE_GET_KPIS: Final = "get_kpis"
SERVICE_PLAN_DOWNTIME: Final = "plan_downtime"
SERVICE_CANCEL_DOWNTIME: Final = "cancel_downtime"

ATTR_END: Final = "end"
ATTR_END_DATE: Final = "end_date"
ATTR_INVERTER: Final = "inverter"
ATTR_PERIOD: Final = "period"
ATTR_REASON: Final = "reason"
ATTR_START: Final = "start"
ATTR_START_DATE: Final = "start_date"
ATTR_UID: Final = "uid"

_LONGEST: Final = timedelta(days=3_700)
_HOME: Final[dict[Any, Any]] = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_PERIOD_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Optional(ATTR_PERIOD, default=str(Calendar.DAY)): probatio.In(
            [str(calendar) for calendar in Calendar]
        ),
        probatio.Optional(ATTR_DATE): cv.date,
        probatio.Inclusive(ATTR_START_DATE, "days"): cv.date,
        probatio.Inclusive(ATTR_END_DATE, "days"): cv.date,
    }
)
_PLAN_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Required(ATTR_START): cv.datetime,
        probatio.Required(ATTR_END): cv.datetime,
        probatio.Optional(ATTR_REASON, default=""): probatio.All(
            cv.string, probatio.Length(max=200)
        ),
        probatio.Optional(ATTR_INVERTER): cv.string,
    }
)
_CANCEL_SCHEMA: Final = probatio.Schema(
    {**_HOME, probatio.Required(ATTR_UID): cv.string}
)


@callback
def async_register_plant_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    only, optional = SupportsResponse.ONLY, SupportsResponse.OPTIONAL
    for name, handle, schema, response in (
        (SERVICE_GET_LOSSES, _async_losses, _PERIOD_SCHEMA, only),
        (SERVICE_GET_KPIS, _async_kpis, _PERIOD_SCHEMA, only),
        (SERVICE_PLAN_DOWNTIME, _async_plan, _PLAN_SCHEMA, optional),
        (
            SERVICE_CANCEL_DOWNTIME,
            _async_cancel,
            _CANCEL_SCHEMA,
            SupportsResponse.NONE,
        ),
    ):
        hass.services.async_register(DOMAIN, name, handle, schema, response)


async def _async_losses(call: ServiceCall) -> ServiceResponse:
    """Return where the energy of a period went."""
    books = _books(call)
    first, last = _days(call, books)
    return {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        **losses_of(await books.async_summary(first, last)),
    }


async def _async_kpis(call: ServiceCall) -> ServiceResponse:
    """Return how the plant did in a period."""
    books = _books(call)
    first, last = _days(call, books)
    return {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        **kpis_of(
            await books.async_summary(first, last),
            await books.async_summary(last - timedelta(days=364), last),
            books,
        ),
    }


async def _async_plan(call: ServiceCall) -> ServiceResponse:
    """Mark a downtime as planned."""
    books = _books(call)
    inverter = call.data.get(ATTR_INVERTER)
    names = [component.name for component in books.components]
    if inverter is not None and inverter not in names:
        raise _invalid("unknown_inverter", inverters=", ".join(names))
    try:
        planned = books.plan(
            dt_util.as_utc(call.data[ATTR_START]),
            dt_util.as_utc(call.data[ATTR_END]),
            call.data[ATTR_REASON],
            inverter,
        )
    except ValueError as err:
        raise _invalid("no_time") from err
    return {"uid": planned.uid}


async def _async_cancel(call: ServiceCall) -> None:
    """Take a planned downtime back."""
    if not _books(call).cancel(call.data[ATTR_UID]):
        raise _invalid("no_such_downtime")


def _books(call: ServiceCall) -> PlantBooks:
    entry: PvFamilyConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    books = entry.runtime_data.plant
    if books is None or books.plant is None:
        raise _invalid("no_roof")
    return books


def _days(call: ServiceCall, books: PlantBooks) -> tuple[date, date]:
    """Return the first and the last day that the call asks about."""
    if ATTR_START_DATE in call.data:
        first, last = call.data[ATTR_START_DATE], call.data[ATTR_END_DATE]
    else:
        calendar = Calendar(call.data[ATTR_PERIOD])
        first = calendar.first_day(call.data.get(ATTR_DATE, books.today))
        last = calendar.next_first_day(first) - timedelta(days=1)
    if not first <= last or last - first > _LONGEST:
        raise _invalid("no_time")
    return first, last


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
