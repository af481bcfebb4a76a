"""Bring a node's late hours into the statistics of its home."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..devices.node.hours import HourEnergy
from ..readings.energy_book import EnergyBook, Flow
from ..readings.energy_counter import mapping
from ..readings.power_flow import Role
from ..readings.quantity import Quantity
from ..readings.sources import Source
from ..readings.spans import EnergySpan
from ..statistics import async_apply_hours
from .device import DeviceCoordinator
from .missed_hours import MissedHours, Repair, Rows

_FLOWS: Final[Mapping[Role, tuple[tuple[Flow, Quantity], ...]]] = {
    Role.GENERATION: ((Flow.PRODUCTION, Quantity.ENERGY_PRODUCED),),
    Role.GRID: (
        (Flow.GRID_IMPORT, Quantity.ENERGY_IMPORT),
        (Flow.GRID_EXPORT, Quantity.ENERGY_EXPORT),
    ),
    Role.BATTERY: (
        (Flow.BATTERY_CHARGE, Quantity.ENERGY_CHARGED),
        (Flow.BATTERY_DISCHARGE, Quantity.ENERGY_DISCHARGED),
    ),
}
# What consumption is the remainder of; a home without a battery.
_PARTS: Final = frozenset({Flow.PRODUCTION, Flow.GRID_IMPORT, Flow.GRID_EXPORT})


class LateHours:
    """Watches the gaps of one node at every beat of its home."""

    def __init__(
        self,
        node: DeviceCoordinator,
        memory: Mapping[str, Any] | None,
        ask: Callable[[], None],
    ) -> None:
        """Take up what the last run knew.

        Args:
            node: The node.
            memory: What the last run left.
            ask: Asks the node for its hours.
        """
        self._node = node
        self._ask = ask
        self._missed = MissedHours()
        self._applied: dict[tuple[Flow, datetime], tuple[EnergySpan, ...]] = {}
        self._news = False
        self._repairing = False
        if memory:
            try:
                self._missed.restore(mapping(memory))
            except (KeyError, TypeError, ValueError) as err:
                LOGGER.warning("%s: the stored state is damaged: %r", node.name, err)

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run has to know, as JSON types."""
        return self._missed.as_dict()

    @callback
    def start(self) -> None:
        """Look at every beat of the home."""
        entry = self._node.config_entry
        self._beaten()
        entry.async_on_unload(entry.runtime_data.home.async_add_listener(self._beaten))

    def arrive(self, known_until: datetime) -> None:
        """Note that registers come, before they are counted.

        Args:
            known_until: When they were read (UTC).
        """
        self._missed.arrive(known_until)

    def deliver(self, hours: Iterable[HourEnergy]) -> None:
        """Take in hours; the next beat brings them into the statistics."""
        flows = {
            (source.series.part, quantity): flow
            for source in self._believed()
            for flow, quantity in _FLOWS[source.role]
        }
        rows: Rows = {
            (flow, hour.span.start): hour.span.energy
            for hour in hours
            if (flow := flows.get((hour.series.part, hour.series.quantity)))
        }
        self._missed.deliver(rows)
        self._news = self._news or bool(rows)

    def since(self, now: datetime) -> datetime:
        """Return from when on hours are worth asking for (UTC)."""
        return self._missed.since(now)

    @callback
    def _beaten(self) -> None:
        data = self._node.config_entry.runtime_data
        first = self._missed.heard is None
        ended = self._missed.beat(dt_util.utcnow(), self._totals(data.book))
        if ended:
            self._news = True
            self._ask()
        if ended or (first and self._missed.heard is not None):
            # Where counting began, and what was counted at once, is to be on the
            # disk before more can happen.
            self._in_background(data.async_save())
        if self._news and not self._repairing:
            self._news, self._repairing = False, True
            self._in_background(self._async_repair())

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        self._node.config_entry.async_create_background_task(
            self._node.hass, work, f"late hours of {self._node.name}"
        )

    def _believed(self) -> list[Source]:
        """Return the node's sources that are the first to tell of their place."""
        first: dict[tuple[Role, str], str] = {}
        for device in self._node.config_entry.runtime_data.devices.values():
            for source in device.sources:
                first.setdefault(_place(source), source.series.source)
        return [
            source
            for source in self._node.sources
            if source.role in _FLOWS and first[_place(source)] == self._node.serial
        ]

    def _totals(self, book: EnergyBook) -> dict[Flow, float]:
        """Return what each flow has counted from this node, in Wh."""
        believed = self._believed()
        totals: dict[Flow, float] = {}
        for role, place in {_place(source) for source in believed}:
            for flow, _ in _FLOWS[role]:
                meter = book.meters.get(flow, {}).get(place)
                if meter is not None:
                    totals[flow] = totals.get(flow, 0.0) + meter.total
        if totals.keys() == _PARTS and self._alone():
            totals[Flow.CONSUMPTION] = book.total(Flow.CONSUMPTION)
        return totals

    def _alone(self) -> bool:
        """Return whether nothing else tells of a flow that consumption is left of."""
        return all(
            source.series.source == self._node.serial or source.role is Role.CONSUMPTION
            for device in self._node.config_entry.runtime_data.devices.values()
            for source in device.sources
        )

    async def _async_repair(self) -> None:
        try:
            for repair in self._missed.repairs():
                if self._applied.get((repair.flow, repair.gap)) != repair.spans:
                    await self._async_apply(repair)
        except HomeAssistantError as err:
            LOGGER.debug("%s: late hours are not shown: %r", self._node.name, err)
        finally:
            self._repairing = False

    async def _async_apply(self, repair: Repair) -> None:
        # A name for each gap: what one of them caught is never moved for another.
        refused = await async_apply_hours(
            self._node.hass,
            self._node.config_entry,
            repair.flow,
            f"{self._node.serial} {repair.gap.isoformat()}",
            repair.spans,
            [repair.missed],
        )
        self._applied[repair.flow, repair.gap] = repair.spans
        if refused:
            LOGGER.info("%s: %d late hours are refused", self._node.name, len(refused))


def _place(source: Source) -> tuple[Role, str]:
    role = Role.GENERATION if source.role is Role.ARRAY else source.role
    return role, source.place
