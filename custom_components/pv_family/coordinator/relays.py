"""The relays of a node: switched through the write ledger, held on by a lease."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, Context, HassJob, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..control.write_ledger import (
    VOLATILE,
    Budget,
    Entry,
    Outcome as Written,
    Target,
    WriteRefusedError,
)
from ..devices.device import Part, PartKind
from ..devices.node.announcement import DEFAULT_LEASE, AnnouncedRelay
from ..devices.node.commands import Commands, Outgoing
from ..devices.node.messages import Outcome, PinReason, RelayReport
from ..devices.node.relay import RelayLease, RelayState

if TYPE_CHECKING:
    from .mqtt_node import MqttNodeCoordinator

# Renewals are due every third of a lease, and lost commands after as long.
_STEP: Final = timedelta(seconds=5)
# Nobody who wants something off is made to wait; its node limits the starts.
_ALWAYS: Final = Budget(pause=timedelta(0), per_day=1_000_000)
# Three tries, 5 s apart, and the step that finds that they were in vain.
_PATIENCE: Final = 25.0


@dataclass(slots=True)
class _Wish:
    """A command that somebody waits for.

    Attributes:
        entry: Where it is put down.
        done: Resolved when its outcome is known.
    """

    entry: Entry
    done: asyncio.Future[None]


class Relays:
    """Keeps the relays of one node where they are wanted."""

    def __init__(
        self,
        node: MqttNodeCoordinator,
        commands: Commands,
        send: Callable[[Outgoing], None],
    ) -> None:
        """Start with nothing wanted: a restart never switches anything on.

        Args:
            node: The node.
            commands: Writes the commands to it.
            send: Sends them.
        """
        self.names: dict[int, str] = {}
        self._node = node
        self._commands = commands
        self._send = send
        self._leases: dict[int, RelayLease] = {}
        self._longest: dict[int, int] = {}
        self._wishes: dict[int, _Wish] = {}
        self._timer: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Let go of what is on when the home is unloaded or Home Assistant stops."""
        entry = self._node.config_entry
        entry.async_on_unload(self.release)
        entry.async_on_unload(
            self._node.hass.async_add_shutdown_job(
                HassJob(self._release_at_stop, "release relays")
            )
        )

    @callback
    def announce(self, relays: tuple[AnnouncedRelay, ...]) -> None:
        """Learn the limits of the relays."""
        self.names = {relay.number: relay.name for relay in relays if relay.name}
        self._longest = {relay.number: relay.longest_lease for relay in relays}
        for number, lease in self._leases.items():
            lease.lease = self._lease_of(number)

    async def async_switch(
        self, number: int, on: bool, context: Context | None
    ) -> None:
        """Switch a relay and wait until the node shows it.

        Args:
            number: The relay, from 1.
            on: Where it shall be.
            context: Who asked for it.

        Raises:
            HomeAssistantError: The node refuses it or does not answer.
        """
        node = self._node
        data = node.config_entry.runtime_data
        now = dt_util.utcnow()
        report = node.node.state.relay(number, now)
        actor = await _async_name(node, context)
        self._settle(number, Written.FAILED, None, _superseded())
        try:
            entry = data.writes.open(
                Target(node.serial, Part(PartKind.RELAY, number).key),
                on,
                now=now,
                budget=VOLATILE if on else _ALWAYS,
                actor=actor,
                before=None if report is None else report.on,
            )
        except WriteRefusedError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="relay_too_often",
                translation_placeholders={
                    "seconds": str(max(1, round(err.wait.total_seconds())))
                },
            ) from err
        data.save_soon()
        wish = _Wish(entry, node.hass.loop.create_future())
        self._wishes[number] = wish
        lease = self._leases.get(number)
        if lease is None:
            lease = self._leases[number] = RelayLease(
                number, self._commands, self._lease_of(number)
            )
        # Wanted again it is sent again, whatever became of it before.
        lease.want(None)
        lease.want(on)
        self._step(now)
        try:
            async with asyncio.timeout(_PATIENCE):
                await wish.done
        except TimeoutError as err:
            # Only if nothing steps any more: the home is being unloaded.
            self._settle(number, Written.FAILED)
            raise self._lost_error(number) from err
        finally:
            data.save_soon()
            node.async_update_listeners()

    @callback
    def heard(self, report: RelayReport, now: datetime) -> None:
        """Take in where a relay really is."""
        lease = self._leases.get(report.number)
        if lease is None or lease.wanted is None:
            return
        lease.report(report, now)
        self._judge(lease, report)

    @callback
    def release(self) -> None:
        """Switch off what is on, once; should that be lost, the lease ends it."""
        now = dt_util.utcnow()
        for lease in self._leases.values():
            if lease.wanted:
                lease.want(False)
                if (order := lease.step(now)) is not None:
                    self._send(order)
            lease.want(None)
            self._settle(lease.number, Written.FAILED)
        self._step_if_wanted()

    async def _release_at_stop(self) -> None:
        self.release()

    def _lease_of(self, number: int) -> int:
        return min(DEFAULT_LEASE, self._longest.get(number, DEFAULT_LEASE))

    @callback
    def _step(self, now: datetime) -> None:
        """Send what is due."""
        for lease in self._leases.values():
            if (order := lease.step(now)) is not None:
                self._send(order)
            if lease.state is RelayState.LOST:
                self._lose(lease)
        self._step_if_wanted()

    @callback
    def _step_if_wanted(self) -> None:
        wanted = any(lease.wanted is not None for lease in self._leases.values())
        if wanted and self._timer is None:
            self._timer = async_track_time_interval(
                self._node.hass,
                self._on_timer,
                _STEP,
                name="pv_family relays",
                cancel_on_shutdown=True,
            )
        elif not wanted and self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _on_timer(self, _: datetime) -> None:
        self._step(dt_util.utcnow())

    @callback
    def _judge(self, lease: RelayLease, report: RelayReport) -> None:
        """Tell whoever waits, and stop wanting what is done or cannot be."""
        match lease.state:
            case RelayState.CONFIRMED:
                ir.async_delete_issue(
                    self._node.hass, DOMAIN, self._issue(lease.number)
                )
                self._settle(lease.number, Written.CONFIRMED, report.on)
                if not lease.wanted:
                    # What is off stays off by itself.
                    lease.want(None)
            case RelayState.REFUSED:
                waiting = lease.number in self._wishes
                reason = lease.reason
                self._settle(
                    lease.number,
                    Written.REFUSED,
                    report.on,
                    None if reason is None else self._refused(reason, report.wait),
                )
                # An order that was refused is not carried out later unasked, and
                # nobody at the node is overruled. What shall be off is tried again.
                if lease.wanted and (waiting or reason is PinReason.LOCAL):
                    lease.want(None)
        self._step_if_wanted()

    @callback
    def _lose(self, lease: RelayLease) -> None:
        """Give up a relay that nobody hears of; its lease switches it off."""
        lease.want(None)
        error = self._lost_error(lease.number)
        self._settle(lease.number, Written.FAILED, None, error)
        LOGGER.info("%s: relay %d is lost", self._node.name, lease.number)
        ir.async_create_issue(
            self._node.hass,
            DOMAIN,
            self._issue(lease.number),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="relay_lost",
            translation_placeholders={
                "name": self._node.name,
                "relay": str(lease.number),
            },
        )
        self._node.async_update_listeners()

    def _settle(
        self,
        number: int,
        outcome: Written,
        read_back: bool | None = None,
        error: HomeAssistantError | None = None,
    ) -> None:
        """Put down what became of a command, and tell whoever waits for it."""
        wish = self._wishes.pop(number, None)
        if wish is None:
            return
        writes = self._node.config_entry.runtime_data.writes
        writes.close(wish.entry, outcome, read_back)
        if wish.done.done():
            return
        if error is None and outcome is not Written.CONFIRMED:
            error = self._lost_error(number)
        if error is None:
            wish.done.set_result(None)
        else:
            wish.done.set_exception(error)

    def _refused(self, reason: Outcome | PinReason, wait: float) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=f"relay_refused_{_WORDS.get(reason, 'other')}",
            translation_placeholders={"seconds": f"{wait:.0f}"},
        )

    def _lost_error(self, number: int) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="relay_lost",
            translation_placeholders={"name": self._node.name, "relay": str(number)},
        )

    def _issue(self, number: int) -> str:
        return f"relay_lost_{self._node.subentry.subentry_id}_{number}"


def _superseded() -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="relay_superseded"
    )


_WORDS: Final[dict[Outcome | PinReason, str]] = {
    Outcome.DWELL: "dwell",
    Outcome.STARTS: "starts",
    Outcome.INTERLOCK: "interlock",
    PinReason.INTERLOCK: "interlock",
    PinReason.LOCAL: "local",
}


async def _async_name(node: MqttNodeCoordinator, context: Context | None) -> str:
    """Return who asked for something, empty for what runs by itself."""
    if context is None or context.user_id is None:
        return ""
    user = await node.hass.auth.async_get_user(context.user_id)
    return "" if user is None else user.name or ""
