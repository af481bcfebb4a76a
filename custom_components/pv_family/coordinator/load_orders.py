"""Commands to a load: put down, sent, read back, tried again, and let go."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import Context, callback

from ..const import LOGGER
from ..control.write_ledger import (
    VOLATILE,
    Budget,
    Entry,
    Outcome,
    Target,
    WriteLedger,
    WriteRefusedError,
)
from .load_actuator import Actuator, Shown

if TYPE_CHECKING:
    from .data import PvFamilyConfigEntry

POWER: Final = "power"
# Nobody who wants something off is made to wait.
_ALWAYS: Final = Budget(pause=timedelta(0), per_day=1_000_000)
# How long a command may take until it shows.
_PATIENCE: Final = timedelta(seconds=30)
# Tries of one command before the load counts as disobedient.
_TRIES: Final = 3
# A disobedient load is asked again this often.
_LATER: Final = timedelta(minutes=5)
_CALL_TIMEOUT: Final = 30.0
# More power is given no more often than this.
_STEADY: Final = timedelta(seconds=20)


@dataclass(slots=True)
class _Order:
    """A command on its way.

    Attributes:
        power: What was commanded, in W.
        entry: Where it is put down.
        sent: When it was sent last (UTC).
        tries: How often.
    """

    power: float
    entry: Entry
    sent: datetime
    tries: int = 1


class Orders:
    """Keeps one load where it is wanted, as far as it obeys.

    Attributes:
        disobeys: It has not done what it was told, time and again.
        wanted: What it was told last, in W.
    """

    def __init__(
        self, entry: PvFamilyConfigEntry, actuator: Actuator, writes: WriteLedger
    ) -> None:
        """Begin with nothing wanted.

        Args:
            entry: The home.
            actuator: The load's entities.
            writes: Where commands are put down.
        """
        self.target = Target(actuator.settings.key, POWER)
        self.disobeys = False
        self.wanted: float | None = None
        self._entry = entry
        self._actuator = actuator
        self._writes = writes
        self._order: _Order | None = None
        self._given_up: datetime | None = None
        self._sent = datetime.min.replace(tzinfo=UTC)
        self._calling = asyncio.Lock()
        self._calls = 0

    @property
    def on_its_way(self) -> bool:
        """Whether a command has been sent that does not show yet."""
        return self._order is not None

    @property
    def owned(self) -> float | None:
        """What the load was set to by us, in W; ``None`` if it is not ours."""
        owned = self._writes.owned.get(self.target)
        return None if owned is None else float(owned)

    @callback
    def observe(self, now: datetime, shown: Shown) -> None:
        """See what became of the command on its way.

        Args:
            now: The present (UTC).
            shown: What the load shows.
        """
        order = self._order
        if order is None:
            if self.disobeys and self.wanted is not None:
                self._if_it_came_round(shown)
            return
        if self._actuator.settled(order.power, shown):
            self._writes.close(order.entry, Outcome.CONFIRMED, shown.setting)
            self._order, self.disobeys, self._given_up = None, False, None
        elif not _within(order.sent, now, _PATIENCE):
            if order.entry.outcome is Outcome.PENDING:
                self._writes.close(order.entry, Outcome.UNCONFIRMED, shown.setting)
            if order.tries < _TRIES:
                order.sent, order.tries = now, order.tries + 1
                self._call(order, now)
            else:
                self._order, self.disobeys, self._given_up = None, True, now

    def _if_it_came_round(self, shown: Shown) -> None:
        if self.wanted is not None and self._actuator.settled(self.wanted, shown):
            self.disobeys, self._given_up = False, None
            self._writes.owned[self.target] = self.wanted

    @callback
    def send(self, power: float, now: datetime, shown: Shown, reason: str) -> None:
        """Command a set point unless it shows or is on its way.

        Args:
            power: In W; 0 is off.
            now: The present (UTC).
            shown: What the load shows.
            reason: Why, as a code.
        """
        order = self._order
        if order is not None and (order.power > 0.0) == (power > 0.0):
            # A new power waits until the last one shows.
            return
        if order is None and self._actuator.settled(power, shown):
            return
        if not shown.available:
            return
        if self._given_up is not None and _within(self._given_up, now, _LATER):
            return
        fine = shown.on and power > 0.0
        if fine and power > shown.setting and _within(self._sent, now, _STEADY):
            return
        try:
            entry = self._writes.open(
                self.target,
                round(power, 1),
                now=now,
                budget=VOLATILE if power > 0.0 else _ALWAYS,
                actor="",
                before=round(shown.setting, 1),
                reason=reason,
                fine=fine,
            )
        except WriteRefusedError as err:
            LOGGER.debug("%s: %s", self._actuator.settings.title, err)
            return
        if order is not None and order.entry.outcome is Outcome.PENDING:
            self._writes.close(order.entry, Outcome.UNCONFIRMED, shown.setting)
        self.wanted, self._sent = power, now
        self._order = _Order(power, entry, now)
        self._call(self._order, now)

    @callback
    def forget(self, value: float) -> None:
        """Give the load up to somebody else.

        Args:
            value: Where it is now, in W.
        """
        if self._order is not None and self._order.entry.outcome is Outcome.PENDING:
            self._writes.close(self._order.entry, Outcome.UNCONFIRMED, value)
        self._order = self.wanted = self._given_up = None
        self.disobeys = False
        self._writes.owned.pop(self.target, None)

    async def async_release(self, now: datetime, reason: str) -> None:
        """Switch off what we hold, once.

        Args:
            now: The present (UTC).
            reason: Why, as a code.
        """
        held = self.owned or (self._order.power if self._order else 0.0)
        shown = self._actuator.read(now)
        if held and (shown.on or self._order):
            await self.async_put(0.0, now, "", reason)
            # Should it show only later, it was us all the same.
            self._writes.owned[self.target] = 0.0

    async def async_put(
        self, power: float, now: datetime, actor: str, reason: str
    ) -> None:
        """Command a set point once and see whether it shows at once.

        Args:
            power: In W; 0 is off.
            now: The present (UTC).
            actor: Who wants it.
            reason: Why, as a code.
        """
        before = self._actuator.read(now).setting
        if self._order is not None and self._order.entry.outcome is Outcome.PENDING:
            self._writes.close(self._order.entry, Outcome.UNCONFIRMED, before)
        entry = self._writes.open(
            self.target,
            round(power, 1),
            now=now,
            budget=_ALWAYS,
            actor=actor,
            before=round(before, 1),
            reason=reason,
        )
        self._order, self.wanted = None, power
        # Known before it is sent: what is stored meanwhile must not say otherwise.
        self._writes.owned[self.target] = power
        done = await self._async_call(power, now)
        shown = self._actuator.read(now)
        came = done and self._actuator.settled(power, shown)
        outcome = Outcome.CONFIRMED if came else Outcome.UNCONFIRMED
        self._writes.close(entry, outcome, shown.setting)

    @callback
    def _call(self, order: _Order, now: datetime) -> None:
        self._entry.async_create_task(
            self._actuator.hass,
            self._async_order(order, now),
            f"pv_family load {self._actuator.settings.title}",
        )

    async def _async_order(self, order: _Order, now: datetime) -> None:
        done = await self._async_call(order.power, now)
        if not done and order.entry.outcome is Outcome.PENDING:
            self._writes.close(order.entry, Outcome.FAILED)

    async def _async_call(self, power: float, now: datetime) -> bool:
        """Call the actions of a set point and tell whether they were done.

        A slow device is not called twice at once, and a newer set point ends an older
        one: what came first must not be done last.
        """
        self._calls = number = self._calls + 1
        async with self._calling:
            try:
                async with asyncio.timeout(_CALL_TIMEOUT):
                    for call in self._actuator.calls(power, now):
                        if number != self._calls:
                            return False
                        await self._actuator.hass.services.async_call(
                            *call, blocking=True, context=Context()
                        )
            except Exception as err:  # noqa: BLE001 - devices raise what they like
                LOGGER.debug("%s: %r", self._actuator.settings.title, err)
                return False
        return True


def _within(when: datetime, now: datetime, time: timedelta) -> bool:
    """Tell whether something was less than a time ago, by a clock that may go back."""
    return timedelta() <= now - when < time
