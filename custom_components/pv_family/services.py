"""The actions that log, import, export and undo energy."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DATE
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_register_admin_service,
)
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import MqttNodeCoordinator
from .devices.manual.export import ExportedHour, write_log
from .devices.manual.layout import Kind, Stamp, Unit
from .devices.manual.moments import DateOrder
from .devices.manual.table import MAX_BYTES, LogError, read_table
from .log_import import (
    CONF_COLUMN,
    CONF_DATE_ORDER,
    CONF_FLOW,
    CONF_KIND,
    CONF_STAMP,
    CONF_TIME_ZONE,
    CONF_UNIT,
    LogImport,
    read_file,
    read_import,
    shape_of,
)
from .readings.energy_book import Flow
from .readings.hourly import Provenance
from .readings.spans import EnergySpan, by_hour
from .statistics import hours_of

SERVICE_LOG_PRODUCTION: Final = "log_production"
SERVICE_IMPORT_CSV: Final = "import_csv"
SERVICE_EXPORT_CSV: Final = "export_csv"
SERVICE_UNDO_IMPORT: Final = "undo_import"
SERVICE_ALERT_NODE: Final = "alert_node"

ATTR_CONTENT: Final = "content"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_END: Final = "end"
ATTR_ENERGY: Final = "energy"
ATTR_IMPORT_ID: Final = "import_id"
ATTR_MESSAGE: Final = "message"
ATTR_PATH: Final = "path"
ATTR_START: Final = "start"

_LONGEST_LOG: Final = timedelta(days=31)
_LONGEST_EXPORT: Final = timedelta(days=3700)
_LISTED: Final = 100

_HOME: Final[dict[Any, Any]] = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_FLOW: Final = probatio.In([str(flow) for flow in Flow])

_LOG_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Required(ATTR_ENERGY): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0.0, max=100_000.0)
        ),
        probatio.Exclusive(ATTR_DATE, "when"): cv.date,
        probatio.Exclusive(ATTR_START, "when"): cv.datetime,
        probatio.Optional(ATTR_END): cv.datetime,
    }
)
_IMPORT_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Exclusive(ATTR_CONTENT, "file"): probatio.All(
            cv.string, probatio.Length(max=MAX_BYTES)
        ),
        probatio.Exclusive(ATTR_PATH, "file"): cv.string,
        probatio.Optional(CONF_COLUMN): cv.string,
        probatio.Optional(CONF_DATE_ORDER): probatio.In([str(o) for o in DateOrder]),
        probatio.Optional(CONF_FLOW): _FLOW,
        probatio.Optional(CONF_KIND): probatio.In([str(kind) for kind in Kind]),
        probatio.Optional(CONF_STAMP): probatio.In([str(stamp) for stamp in Stamp]),
        probatio.Optional(CONF_TIME_ZONE): cv.string,
        probatio.Optional(CONF_UNIT): probatio.In([str(unit) for unit in Unit]),
        probatio.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
    }
)
_EXPORT_SCHEMA: Final = probatio.Schema(
    {
        **_HOME,
        probatio.Optional(CONF_FLOW, default=str(Flow.PRODUCTION)): _FLOW,
        probatio.Required(ATTR_START): cv.datetime,
        probatio.Optional(ATTR_END): cv.datetime,
    }
)
_ALERT_SCHEMA: Final = probatio.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        probatio.Required(ATTR_MESSAGE): probatio.All(
            cv.string, probatio.Length(min=1, max=200)
        ),
    }
)
_UNDO_SCHEMA: Final = probatio.Schema(
    {**_HOME, probatio.Optional(ATTR_IMPORT_ID): cv.string}
)


@callback
def async_register_services(hass: HomeAssistant) -> None:
    """Register the actions; what rewrites the past is for administrators."""
    for name, handle, schema, response in (
        (
            SERVICE_LOG_PRODUCTION,
            _async_log_production,
            _LOG_SCHEMA,
            SupportsResponse.OPTIONAL,
        ),
        (SERVICE_IMPORT_CSV, _async_import, _IMPORT_SCHEMA, SupportsResponse.OPTIONAL),
        (SERVICE_UNDO_IMPORT, _async_undo, _UNDO_SCHEMA, SupportsResponse.OPTIONAL),
    ):
        async_register_admin_service(hass, DOMAIN, name, handle, schema, response)
    hass.services.async_register(
        DOMAIN,
        SERVICE_EXPORT_CSV,
        _async_export,
        _EXPORT_SCHEMA,
        SupportsResponse.ONLY,
    )
    _register_node_services(hass)


@callback
def _register_node_services(hass: HomeAssistant) -> None:
    """Register what is done with nodes."""
    hass.services.async_register(
        DOMAIN, SERVICE_ALERT_NODE, _async_alert_node, _ALERT_SCHEMA
    )


async def _async_alert_node(call: ServiceCall) -> None:
    """Show a text at nodes."""
    selected = async_extract_referenced_entity_ids(
        call.hass, TargetSelection(call.data)
    )
    nodes = [
        node
        for entry in call.hass.config_entries.async_loaded_entries(DOMAIN)
        for node in entry.runtime_data.devices.values()
        if isinstance(node, MqttNodeCoordinator)
        and _device_id(call.hass, node) in selected.referenced_devices
    ]
    if not nodes:
        raise _invalid("not_a_node")
    for node in nodes:
        node.alert(call.data[ATTR_MESSAGE])


def _device_id(hass: HomeAssistant, node: MqttNodeCoordinator) -> str | None:
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, node.serial), node.config_entry.entry_id
    )
    return None if device is None else device.id


async def _async_log_production(call: ServiceCall) -> ServiceResponse:
    """Log the production of a day, or of a time within one month."""
    hass, entry = call.hass, _home(call)
    now = dt_util.utcnow()
    if (day := call.data.get(ATTR_DATE)) is not None:
        start = dt_util.start_of_local_day(day)
        end = dt_util.start_of_local_day(day + timedelta(days=1))
        period = day.isoformat()
    else:
        start, end = _time(call, ATTR_START), _time(call, ATTR_END)
        period = f"{start.isoformat()}/{end.isoformat()}"
    # A day that is not over is logged as far as it has come.
    end = min(end, now) if day is not None else end
    if end <= start or end > now:
        raise _invalid("not_in_the_past")
    if end - start > _LONGEST_LOG:
        raise _invalid("too_long")
    span = EnergySpan(start, end, call.data[ATTR_ENERGY] * 1000)
    hours = by_hour([span], shape_of(hass, entry, Flow.PRODUCTION))
    import_id, changed = await hours_of(hass, entry).async_put(
        Flow.PRODUCTION,
        Provenance.MANUAL,
        period,
        hours,
        f"{Flow.PRODUCTION} {period}",
    )
    return {"import_id": import_id, "changed": changed, "hours": len(hours)}


async def _async_import(call: ServiceCall) -> ServiceResponse:
    """Import a file, or only say what it would bring."""
    hass, entry = call.hass, _home(call)
    data = call.data
    path = data.get(ATTR_PATH)
    if path is None and ATTR_CONTENT not in data:
        raise _invalid("no_file")
    if path is not None and not hass.config.is_allowed_path(path):
        raise _invalid("path_not_allowed", path=path)
    answers = {
        key: data[key]
        for key in (
            *(CONF_COLUMN, CONF_DATE_ORDER, CONF_FLOW, CONF_KIND),
            *(CONF_STAMP, CONF_TIME_ZONE, CONF_UNIT),
        )
        if key in data
    }
    now = dt_util.utcnow()

    def read() -> LogImport:
        content = data[ATTR_CONTENT] if path is None else read_file(Path(path))
        return read_import(hass, entry, read_table(content), answers, now)

    try:
        read_in = await hass.async_add_executor_job(read)
    except LogError as err:
        raise _invalid(f"log_{err.reason}") from err
    response = _described(read_in)
    if not data[ATTR_DRY_RUN]:
        label = Path(path).name if path is not None else "CSV"
        response["import_id"], response["changed"] = await hours_of(
            hass, entry
        ).async_put(read_in.layout.flow, Provenance.IMPORTED, label, read_in.hours)
    return response


async def _async_undo(call: ServiceCall) -> ServiceResponse:
    """Take back an import or a logged production."""
    batch_id = call.data.get(ATTR_IMPORT_ID)
    batch = await hours_of(call.hass, _home(call)).async_undo(batch_id)
    if batch is None:
        raise _invalid("nothing_to_undo")
    return {"label": batch.label, "hours": len(batch.hours)}


async def _async_export(call: ServiceCall) -> ServiceResponse:
    """Return what the statistics show of each hour, and who says so."""
    hours = hours_of(call.hass, _home(call))
    flow = Flow(call.data[CONF_FLOW])
    start = _time(call, ATTR_START)
    end = _time(call, ATTR_END) if ATTR_END in call.data else dt_util.utcnow()
    if end <= start or end - start > _LONGEST_EXPORT:
        raise _invalid("too_long")
    shown = await hours.async_shown(flow, start, end)
    rows = [
        ExportedHour(hour, max(0.0, energy), hours.book.provenance(flow, hour))
        for hour, energy in sorted(shown.items())
    ]
    return {"csv": write_log(flow, rows), "hours": len(rows)}


def _home(call: ServiceCall) -> ConfigEntry[Any]:
    return async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )


def _time(call: ServiceCall, key: str) -> datetime:
    """Return a time of the call in UTC; without a zone it is local."""
    if (when := call.data.get(key)) is None:
        raise _invalid("no_time_given")
    return dt_util.as_utc(when)


def _described(read_in: LogImport) -> dict[str, Any]:
    log = read_in.log
    return {
        **read_in.answers,
        "rows": log.rows,
        "hours": len(read_in.hours),
        "energy": round(log.energy / 1000, 3),
        "first": log.spans[0].start.isoformat(),
        "last": log.spans[-1].end.isoformat(),
        "refused": len(log.problems),
        "problems": [
            {"row": problem.row, "reason": str(problem.reason), "text": problem.text}
            for problem in log.problems[:_LISTED]
        ],
    }


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
