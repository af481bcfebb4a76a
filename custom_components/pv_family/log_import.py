"""From the user's file to hours of energy, for the action and for the flow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import math
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .coordinator.sun import sun_elevation
from .devices.manual.layout import Kind, Layout, Stamp, Unit, guess_layout
from .devices.manual.log import Log, read_log
from .devices.manual.moments import DateOrder
from .devices.manual.table import MAX_BYTES, LogError, Table
from .readings.energy_book import Flow
from .readings.spans import by_hour

CONF_COLUMN: Final = "column"
CONF_DATE_ORDER: Final = "date_order"
CONF_FLOW: Final = "flow"
CONF_KIND: Final = "kind"
CONF_STAMP: Final = "stamp"
CONF_TIME_ZONE: Final = "time_zone"
CONF_UNIT: Final = "unit"


@dataclass(frozen=True, slots=True)
class LogImport:
    """A file as it would be imported.

    Attributes:
        layout: How it was read.
        time_zone: Where its local times are.
        log: What it says.
        hours: The energy of each UTC hour in Wh.
    """

    layout: Layout
    time_zone: str
    log: Log
    hours: Mapping[datetime, float]

    @property
    def answers(self) -> dict[str, str]:
        """How it was read, as the answers that would lead to it."""
        return {
            CONF_FLOW: str(self.layout.flow),
            CONF_COLUMN: self.layout.names[self.layout.value],
            CONF_UNIT: str(self.layout.unit),
            CONF_KIND: str(self.layout.kind),
            CONF_STAMP: str(self.layout.stamp),
            CONF_DATE_ORDER: str(self.layout.order),
            CONF_TIME_ZONE: self.time_zone,
        }


def sun_shape(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> Callable[[datetime], float]:
    """Return how strongly the home's sun shines at an instant, from 0 to 1.

    A day's production is spread over its hours with the sine of the sun's height, as
    on a level roof under a clear sky.
    """

    def shape(when: datetime) -> float:
        elevation = math.radians(sun_elevation(hass, entry, when))
        return max(0.0, math.sin(elevation))

    return shape


def shape_of(
    hass: HomeAssistant, entry: ConfigEntry[Any], flow: Flow
) -> Callable[[datetime], float] | None:
    """Return the shape of a flow's day, ``None`` where it flows at any time."""
    return sun_shape(hass, entry) if flow is Flow.PRODUCTION else None


def read_import(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    table: Table,
    answers: Mapping[str, str],
    now: datetime,
) -> LogImport:
    """Return what a table says; runs in the executor.

    Args:
        hass: Home Assistant.
        entry: The home.
        table: The cells.
        answers: What the user knows better than the guess.
        now: The present (UTC).

    Raises:
        LogError: It cannot be read so.
    """
    layout = guess_layout(table, _column(table, answers.get(CONF_COLUMN)))
    layout = replace(
        layout,
        flow=Flow(answers.get(CONF_FLOW, layout.flow)),
        unit=Unit(answers.get(CONF_UNIT, layout.unit)),
        kind=Kind(answers.get(CONF_KIND, layout.kind)),
        stamp=Stamp(answers.get(CONF_STAMP, layout.stamp)),
        order=DateOrder(answers.get(CONF_DATE_ORDER, layout.order)),
    )
    time_zone = answers.get(
        CONF_TIME_ZONE, "UTC" if layout.utc else hass.config.time_zone
    )
    if (zone := dt_util.get_time_zone(time_zone)) is None:
        raise LogError("unknown_time_zone")
    log = read_log(table, layout, zone, now)
    if not log.spans:
        raise LogError("nothing_to_import")
    hours = by_hour(log.spans, shape_of(hass, entry, layout.flow))
    return LogImport(layout, time_zone, log, hours)


def read_file(path: Path) -> bytes:
    """Return a file's content; runs in the executor.

    Raises:
        LogError: It is too large or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as err:
        raise LogError("unreadable") from err
    if len(data) > MAX_BYTES:
        raise LogError("too_large")
    return data


def _column(table: Table, name: str | None) -> int | None:
    if name is None:
        return None
    try:
        return guess_layout(table).names.index(name)
    except ValueError as err:
        raise LogError("no_such_column") from err
