"""Import a log: upload it, see how it is understood, correct that, confirm."""

from typing import Any, Final

import probatio

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util

from ..devices.manual.layout import Kind, Stamp, Unit, numeric_columns
from ..devices.manual.moments import DateOrder
from ..devices.manual.table import LogError, Table, read_table
from ..log_import import (
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
)
from ..readings.energy_book import Flow
from ..readings.hourly import Provenance
from ..statistics import hours_of

_CONF_FILE: Final = "file"
_SHOWN_ROWS: Final = 5
_SHOWN_PROBLEMS: Final = 10


class ImportLogFlow(OptionsFlow):
    """The steps of an import; nothing is written before the last one."""

    _table: Table
    _label: str
    _read_in: LogImport

    async def async_step_import_log(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take the file."""
        if DATA_INSTANCE not in self.hass.data:
            return self.async_abort(reason="recorder_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._label, self._table = await self.hass.async_add_executor_job(
                    _read_upload, self.hass, user_input[_CONF_FILE]
                )
                await self._async_read({})
            except LogError as err:
                errors[_CONF_FILE] = f"log_{err.reason}"
            else:
                return self._show_preview({})
        accepted = FileSelector(FileSelectorConfig(accept=".csv,.txt,text/csv"))
        return self.async_show_form(
            step_id="import_log",
            data_schema=probatio.Schema({probatio.Required(_CONF_FILE): accepted}),
            errors=errors,
        )

    async def async_step_import_preview(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Read the file as the user corrected it; import it once nothing changes."""
        before = self._read_in.answers
        if user_input is None:
            return self._show_preview({})
        if user_input != before:
            answers = dict(user_input)
            if answers[CONF_COLUMN] != before[CONF_COLUMN]:
                # Another column has its own unit.
                kept = (CONF_COLUMN, CONF_DATE_ORDER, CONF_TIME_ZONE)
                answers = {key: answers[key] for key in kept}
            try:
                await self._async_read(answers)
            except LogError as err:
                return self._show_preview({"base": f"log_{err.reason}"}, user_input)
            return self._show_preview({})
        read_in = self._read_in
        import_id, changed = await hours_of(self.hass, self.config_entry).async_put(
            read_in.layout.flow, Provenance.IMPORTED, self._label, read_in.hours
        )
        return self.async_abort(
            reason="log_imported" if changed else "log_known",
            description_placeholders={
                "hours": str(len(read_in.hours)),
                "energy": f"{read_in.log.energy / 1000:.1f}",
                "import_id": import_id,
            },
        )

    async def _async_read(self, answers: dict[str, str]) -> None:
        self._read_in = await self.hass.async_add_executor_job(
            read_import,
            self.hass,
            self.config_entry,
            self._table,
            answers,
            dt_util.utcnow(),
        )

    def _show_preview(
        self, errors: dict[str, str], answers: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="import_preview",
            data_schema=self.add_suggested_values_to_schema(
                _preview_schema(self._table, self._read_in),
                answers or self._read_in.answers,
            ),
            errors=errors,
            description_placeholders=_preview(self._table, self._read_in),
        )


def _read_upload(hass: HomeAssistant, file_id: str) -> tuple[str, Table]:
    try:
        with process_uploaded_file(hass, file_id) as path:
            return path.name, read_table(read_file(path))
    except ValueError as err:
        raise LogError("unreadable") from err


def _preview_schema(table: Table, read_in: LogImport) -> probatio.Schema:
    layout = read_in.layout
    columns = [layout.names[index] for index in numeric_columns(table, layout)]
    return probatio.Schema(
        {
            probatio.Required(CONF_FLOW): _choice("energy_flow", list(Flow)),
            probatio.Required(CONF_COLUMN): SelectSelector(
                SelectSelectorConfig(options=columns, mode=SelectSelectorMode.DROPDOWN)
            ),
            probatio.Required(CONF_UNIT): _choice("log_unit", list(Unit)),
            probatio.Required(CONF_KIND): _choice("log_kind", list(Kind)),
            probatio.Required(CONF_STAMP): _choice("log_stamp", list(Stamp)),
            probatio.Required(CONF_DATE_ORDER): _choice("date_order", list(DateOrder)),
            probatio.Required(CONF_TIME_ZONE): TextSelector(),
        }
    )


def _choice(key: str, options: list[Any]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[str(option) for option in options],
            translation_key=key,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _preview(table: Table, read_in: LogImport) -> dict[str, str]:
    """Return what the file would bring, in words that fit any language."""
    log, layout = read_in.log, read_in.layout
    energy = log.energy / layout.unit.factor
    alike = [unit for unit in Unit if unit.is_power == layout.unit.is_power]
    rows = table.rows[max(0, layout.first - 1) : layout.first + _SHOWN_ROWS]
    return {
        "rows": str(log.rows),
        "hours": str(len(read_in.hours)),
        "energy": f"{log.energy / 1000:.1f}",
        "first": dt_util.as_local(log.spans[0].start).strftime("%Y-%m-%d %H:%M"),
        "last": dt_util.as_local(log.spans[-1].end).strftime("%Y-%m-%d %H:%M"),
        "totals": ", ".join(
            f"{unit}: {energy * unit.factor / 1000:.1f} kWh" for unit in alike
        ),
        "sample": _code("\n".join(table.delimiter.join(row) for _, row in rows)),
        "refused": str(len(log.problems)),
        "problems": _code(
            "\n".join(
                f"{problem.row}: {problem.reason}: {problem.text}"
                for problem in log.problems[:_SHOWN_PROBLEMS]
            )
            or "-"
        ),
    }


def _code(text: str) -> str:
    """Return text of the file so that the page shows it and does not run it."""
    lines = [line[:120].replace("`", "'") for line in text.splitlines()]
    return "\n".join(("```", *lines, "```"))
