"""A node that pushes its reports over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import CONF_ENERGY_KIND, CONF_ENERGY_UNIT, CONF_POWER_UNIT, LOGGER
from ..devices.device import Capability, Diagnostics
from ..devices.push.node import Acceptance, EnergyKind, PushNode, Units
from ..devices.push.payload import PayloadError, Report, parse_report
from ..readings.ledger import Ledger
from .journal import HomeJournal, Record
from .pushed import PushedCoordinator

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

_FACTORS = {"wh": 1.0, "kwh": 1000.0, "w": 1.0, "kw": 1000.0}


class PushNodeCoordinator(PushedCoordinator):
    """Take a node's reports in, each once, even if we are killed the moment after.

    Attributes:
        node: Turns its reports into readings.
        facility_id: What the node calls its house.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        learned: frozenset[Capability],
        journal: HomeJournal,
        memory: Mapping[str, Any] | None,
    ) -> None:
        """Start with what was known when the node was last heard.

        Args:
            hass: Home Assistant.
            entry: The home.
            subentry: What the user set up.
            ledger: The home's ledger.
            learned: What the node is known to tell.
            journal: The home's journal.
            memory: What the last run left.
        """
        super().__init__(hass, entry, subentry, ledger, learned)
        data = subentry.data
        self.facility_id = ""
        self.node = PushNode(
            self.serial,
            Units(
                energy=_FACTORS[data[CONF_ENERGY_UNIT]],
                power=_FACTORS[data[CONF_POWER_UNIT]],
                kind=EnergyKind(data[CONF_ENERGY_KIND]),
            ),
        )
        self._journal = journal
        if memory is not None:
            try:
                self.node.restore(memory)
            except (KeyError, TypeError, ValueError) as err:
                LOGGER.warning("%s: the stored state is damaged: %r", self.name, err)

    @property
    @override
    def link(self) -> str:
        return "HTTP"

    @override
    def memory(self) -> dict[str, Any]:
        return self.node.as_dict()

    @override
    async def async_start(self) -> None:
        """Take in what was accepted before a crash and is not in the saved state.

        The first node does it for all: what is saved in between would hold a part.
        """
        devices = self.config_entry.runtime_data.devices
        for record in self._journal.replay():
            node = devices.get(record.source)
            if isinstance(node, PushNodeCoordinator):
                node.take_again(record)

    @callback
    def take_again(self, record: Record) -> None:
        """Take in what the last run accepted."""
        try:
            report = parse_report(record.body.encode())
        except PayloadError as err:
            LOGGER.warning("%s: an accepted report is damaged: %s", self.name, err)
        else:
            self._take(record, report)

    async def async_receive(self, body: bytes) -> Acceptance:
        """Take a report in; it is on the disk when this returns.

        Args:
            body: The body of the request.

        Raises:
            PayloadError: It is no report.
            OSError: The disk does not take it: nothing was counted.
        """
        report = parse_report(body)
        self.node.check(report)
        if self.node.is_repeated(report):
            return Acceptance.REPEATED
        record = await self._journal.async_append(
            self.subentry.subentry_id, dt_util.utcnow().timestamp(), report.as_json()
        )
        self._journal.taken = max(self._journal.taken, record.number)
        return self._take(record, report)

    def _take(self, record: Record, report: Report) -> Acceptance:
        arrived = dt_util.utc_from_timestamp(record.arrived)
        acceptance, poll = self.node.take(report, arrived)
        if acceptance is Acceptance.ACCEPTED:
            self.config_entry.runtime_data.save_soon()
        if poll is not None:
            self.facility_id = report.facility_id or self.facility_id
            self.deliver(poll, arrived)
        return acceptance

    @property
    def last_report(self) -> datetime | None:
        """Return when the node reported last (UTC)."""
        return self.data.answered

    @override
    async def async_describe(self, alias: str) -> Diagnostics:
        return {
            "facility_id": bool(self.facility_id),
            "highest_sequence": self.node.highest,
            "totals_wh": dict(self.node.totals),
        }
