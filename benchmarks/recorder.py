"""Recorder rows that one home with default entities writes in a day.

A Home Assistant in this process polls a simulated home over a real Modbus server
every 10 s of a simulated day. Each changed state is one row in `states`; each sensor
with a state class adds 288 short-term and 24 long-term rows of statistics.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from simulation.device import SimulatedDevice
from simulation.home import SimulatedHome
from simulation.modbus_server import SimulatedModbusServer
from simulation.site import Site
from simulation.state import HomeConfig

from .clock import INTERVAL, Clock
from .core import add_home, core
from .report import Table, parser, publish, run

_SITE: Final = Site(45.0, 30.0, 90.0)
_TIME_ZONE: Final = "Etc/GMT-2"
_STATISTICS_A_DAY: Final = 288 + 24
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a day writes.

    Attributes:
        polls: How often the inverter was polled.
        states: Rows in `states` by entity.
        statistics: Entities that have statistics.
    """

    polls: int
    states: dict[str, int]
    statistics: list[str]

    @property
    def statistics_rows(self) -> int:
        """Return the rows of statistics in a whole day."""
        return _STATISTICS_A_DAY * len(self.statistics)

    @property
    def total(self) -> int:
        """Return all rows."""
        return sum(self.states.values()) + self.statistics_rows


class _Counter:
    """Counts the rows that the entities of the integration write."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.states: Counter[str] = Counter()
        self.measured: set[str] = set()
        self._registry = er.async_get(hass)
        for state in hass.states.async_all():
            self._note_statistics(state.entity_id, state)
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._count)

    @callback
    def _count(self, event: Event[EventStateChangedData]) -> None:
        entity_id = event.data["entity_id"]
        entity = self._registry.async_get(entity_id)
        if entity is not None and entity.platform == "pv_family":
            self.states[entity_id] += 1
            self._note_statistics(entity_id, event.data["new_state"])

    def _note_statistics(self, entity_id: str, state: Any) -> None:
        if (
            state is not None
            and ATTR_STATE_CLASS in state.attributes
            and state.state not in ("unknown", "unavailable")
        ):
            self.measured.add(entity_id)


async def count_rows(day: date, seed: int, hours: float = 24.0) -> Rows:
    """Return what a home writes from midnight on.

    Args:
        day: A day of the home's own calendar.
        seed: Of the simulated home: its weather and its loads.
        hours: How much of the day passes.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)
    clock = Clock(midnight)
    home = SimulatedHome(HomeConfig(site=_SITE), seed, start=midnight)
    server = SimulatedModbusServer(SimulatedDevice(home, now=clock))
    await server.start()
    try:
        async with core(_SITE, _TIME_ZONE) as hass:
            with clock.worn():
                entry = await add_home(hass, _SITE, server.port)
                (inverter,) = entry.runtime_data.devices.values()
                counter = _Counter(hass)
                polls = round(timedelta(hours=hours) / INTERVAL)
                for _ in range(polls):
                    clock.tick()
                    await inverter.async_refresh()
                rows = Rows(
                    polls=polls,
                    states=dict(counter.states.most_common()),
                    statistics=sorted(counter.measured),
                )
                await hass.config_entries.async_unload(entry.entry_id)
    finally:
        await server.stop()
    return rows


def _table(rows: Rows) -> Table:
    states = sum(rows.states.values())
    return Table(
        ("rows", "a day"),
        [
            ("total", str(rows.total)),
            (
                f"statistics of {len(rows.statistics)} sensors",
                f"{rows.statistics_rows}",
            ),
            (f"states of {len(rows.states)} entities", str(states)),
            *((f"`{name}`", str(n)) for name, n in list(rows.states.items())[:_SHOWN]),
        ],
    )


def main() -> None:
    """Count and print."""
    options = parser("recorder", __doc__)
    options.add_argument("--day", type=date.fromisoformat, default=date(2026, 6, 15))
    options.add_argument("--seed", type=int, default=7, help="of the simulated home")
    arguments = options.parse_args()
    rows = run(count_rows(arguments.day, arguments.seed))
    publish(_table(rows), {"total": rows.total, **asdict(rows)}, arguments.json)


if __name__ == "__main__":
    main()
