"""A measuring node that speaks the community's MQTT messages."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..const import CONF_HOUSE, CONF_PREFIX
from ..devices.device import (
    Capability,
    Diagnostics,
    Poll,
    SilentError,
    WrongDeviceError,
)
from ..devices.node.commands import Commands
from ..devices.node.device import NodeDevice
from ..devices.node.messages import (
    NODE,
    AnnouncementMessage,
    CalibrationAnswer,
    Energy,
    RelayReport,
)
from ..devices.node.node import MAX_AGE, NodeState, Result
from ..devices.node.topics import DEFAULT_PREFIX, Topics
from ..readings.ledger import Ledger
from ..readings.reading import Reading
from .late_hours import LateHours
from .mqtt_link import MqttLink
from .pushed import PushedCoordinator
from .relays import Relays

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

# A node sends what it measured at one instant in several messages.
_BURST: Final = 0.25
_ANSWER: Final = 5.0


class MqttNodeCoordinator(PushedCoordinator):
    """Take in what a node says at Home Assistant's broker, and tell it what to do.

    Attributes:
        node: Makes readings of its messages.
        relays: Its relays.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PvFamilyConfigEntry,
        subentry: ConfigSubentry,
        ledger: Ledger,
        learned: frozenset[Capability],
        memory: Mapping[str, Any] | None,
    ) -> None:
        """Start with what was known when the node was last heard.

        Args:
            hass: Home Assistant.
            entry: The home.
            subentry: What the user set up.
            ledger: The home's ledger.
            learned: What the node is known to tell.
            memory: What the last run left.
        """
        super().__init__(hass, entry, subentry, ledger, learned)
        topics = topics_of(subentry.data)
        self.node = NodeDevice(NodeState(topics, self.serial))
        self._commands = Commands(topics)
        self._link = MqttLink(
            hass, entry, topics.subscriptions, self._heard, self._listening
        )
        self.relays = Relays(self, self._commands, self._link.send)
        self._late = LateHours(self, memory, self._ask_for_hours)
        self._answers: dict[int, asyncio.Future[CalibrationAnswer]] = {}
        self._burst: list[Reading] = []
        self._ordered = True
        self._flushing: CALLBACK_TYPE | None = None
        self._registers: datetime | None = None

    @property
    @override
    def link(self) -> str:
        return f"MQTT, {self.node.state.topics.base}"

    @property
    @override
    def fresh_for(self) -> timedelta:
        return MAX_AGE

    @override
    def memory(self) -> dict[str, Any]:
        return self._late.as_dict()

    @override
    async def async_start(self) -> None:
        """Listen once the home stands: nothing that is heard is missed by it."""
        entry = self.config_entry
        entry.async_on_unload(entry.async_on_state_change(self._home_changed))
        entry.async_on_unload(self._stop)

    @callback
    def _home_changed(self) -> None:
        if self.config_entry.state is ConfigEntryState.LOADED:
            self._late.start()
            self.relays.start()
            self._link.start()

    @callback
    def _listening(self) -> None:
        """Ask who is there and what was missed; who does not understand is silent."""
        _, order = self._commands.announce(dt_util.utcnow())
        self._link.send(order)
        self._ask_for_hours()

    @callback
    def _ask_for_hours(self) -> None:
        now = dt_util.utcnow()
        _, order = self._commands.hours(self._late.since(now), now)
        self._link.send(order)

    @callback
    def _heard(self, topic: str, payload: bytes, retained: bool, now: datetime) -> None:
        state = self.node.state
        result = self.node.feed(topic, payload, retained, now)
        if result.hours:
            self._late.deliver(result.hours)
        if state.stranger is not None:
            self._clear_burst()
            self.is_another()
            self.fall_silent("another node uses its topics")
            return
        self._take_message(result, retained, now)
        if state.available is False:
            self._flush(now)
            self.fall_silent("it is offline")
        elif retained:
            self._keep(result, now)
        elif result.message is not None:
            self._burst += result.readings
            if isinstance(result.message, RelayReport):
                self._flush(now)
            elif self._flushing is None:
                job = HassJob(self._flush_later, cancel_on_shutdown=True)
                self._flushing = async_call_later(self.hass, _BURST, job)

    def _take_message(self, result: Result, retained: bool, now: datetime) -> None:
        """Pass on what is not a reading."""
        match result.message:
            case AnnouncementMessage(announcement=announcement):
                self.relays.announce(announcement.relays)
            case RelayReport(number=number) as report:
                # What is late says nothing of where the relay is now.
                if self.node.state.relay(number, now) is report:
                    self.relays.heard(report, now)
            case CalibrationAnswer(command=command) as answer:
                waiting = self._answers.pop(command, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
            case Energy(stamp=stamp) if result.readings:
                self._ordered = stamp.sequence is not None or stamp.time is not None
                taken = result.readings[0].taken
                if retained and stamp.time is not None and taken == now:
                    # Nobody knows the node's clock yet; most clocks are right.
                    taken = min(now, dt_util.utc_from_timestamp(stamp.time))
                self._registers = taken

    @callback
    def _keep(self, result: Result, now: datetime) -> None:
        """Count what a node's registers held last, without taking it to be there."""
        if result.readings:
            self._registers_arrive()
            poll = Poll(taken=now, readings=result.readings, ordered=self._ordered)
            state = self.admit(poll, now, self.data.readings)
            if self.last_update_success:
                self.data = replace(self.data, readings=state.readings)
            self.async_update_listeners()

    @callback
    def _flush_later(self, _: datetime) -> None:
        self._flushing = None
        self._flush(dt_util.utcnow())

    @callback
    def _flush(self, now: datetime) -> None:
        """Take in what was said at one instant."""
        readings = self._clear_burst()
        if (poll := self._poll(now)) is None:
            return
        self._registers_arrive()
        self.node.implemented |= poll.capabilities
        poll = replace(poll, readings=readings, ordered=self._ordered)
        self.deliver(poll, now)

    def _clear_burst(self) -> tuple[Reading, ...]:
        if self._flushing is not None:
            self._flushing()
            self._flushing = None
        readings, self._burst = tuple(self._burst), []
        return readings

    def _registers_arrive(self) -> None:
        if self._registers is not None:
            self._late.arrive(self._registers)
            self._registers = None

    def _poll(self, now: datetime) -> Poll | None:
        """Return everything that is the present, ``None`` if the node is silent."""
        state = self.node.state
        try:
            poll = state.poll(now)
        except SilentError, WrongDeviceError:
            return None
        if (cleaning := state.cleaning(now)) is None:
            return poll
        statuses = {**poll.statuses, NODE.key: str(cleaning.phase)}
        return replace(poll, statuses=statuses)

    @override
    def look(self, now: datetime) -> None:
        """Forget what was not repeated, at every beat of the home."""
        if self.last_update_success:
            if (poll := self._poll(now)) is None:
                self.fall_silent("nothing new has come")
            else:
                present = poll.capabilities
                kept = self.data.readings
                self.data = replace(
                    self.data,
                    readings={c: kept[c] for c in kept if c in present},
                    statuses=poll.statuses,
                    events=poll.events,
                )
        super().look(now)

    async def async_calibrate(self, body: dict[str, Any]) -> CalibrationAnswer:
        """Send a calibration command and return the node's answer to it.

        Args:
            body: The command.

        Raises:
            TimeoutError: It does not answer.
        """
        command, order = self._commands.calibrate(body, dt_util.utcnow())
        answer: asyncio.Future[CalibrationAnswer] = self.hass.loop.create_future()
        self._answers[command] = answer
        try:
            self._link.send(order)
            async with asyncio.timeout(_ANSWER):
                return await answer
        finally:
            self._answers.pop(command, None)

    @callback
    def alert(self, text: str) -> None:
        """Show a text at the node."""
        self._link.send(self._commands.alert(text))

    @callback
    def _stop(self) -> None:
        self._clear_burst()
        for answer in self._answers.values():
            answer.cancel()

    @override
    async def async_describe(self, alias: str) -> Diagnostics:
        topics = self.node.state.topics
        described = await self.node.read_all()
        described["messages"] = {
            topic.removeprefix(topics.base + "/"): text.replace(self.serial, alias)
            for topic, text in described["messages"].items()
        }
        return described | {"late_hours": self._late.as_dict()}


def topics_of(data: Mapping[str, Any]) -> Topics:
    """Return the topics of a node that was set up."""
    return Topics(data[CONF_HOUSE], data.get(CONF_PREFIX, DEFAULT_PREFIX))
