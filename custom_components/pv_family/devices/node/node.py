"""One node: what its messages add up to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ...readings.quantity import Quantity
from ...readings.reading import Quality, Reading, Series
from ..device import (
    Identity,
    Part,
    PartKind,
    Poll,
    Ratings,
    SilentError,
    WrongDeviceError,
)
from .announcement import REGISTERS, Announcement, Role
from .clock import Instant, NodeClock
from .hours import HourEnergy, Hours
from .latest import Latest
from .messages import (
    NODE,
    Alarm,
    AnnouncementMessage,
    Cleaning,
    Energy,
    Hour,
    Measurement,
    Message,
    RelayReport,
    Stamp,
    State,
    Value,
)
from .order import Order, Sequencer
from .parse import parse_message
from .payload import PayloadError, Reason
from .standing import Standing
from .topics import Address, Topics

# Twelve messages of the seed's pace.
MAX_AGE: Final = timedelta(seconds=60)
# Without a voltage, power is current times an assumed voltage.
_ESTIMATED: Final = frozenset({Quantity.AC_POWER, Quantity.APPARENT_POWER})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message, or a part of it, was not taken.

    Attributes:
        reason: A word for texts and counting.
        field: The key it is about, empty for the whole.
    """

    reason: Reason
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one message brought.

    Attributes:
        address: What its topic named, ``None`` if it is none of this node.
        readings: Of the present, and registers.
        late: True, but not of the present.
        hours: Whole hours that were counted while nobody listened.
        message: What it said, ``None`` if it was not taken.
        refusal: Why it was not taken, or not whole.
    """

    address: Address | None = None
    readings: tuple[Reading, ...] = ()
    late: tuple[Reading, ...] = ()
    hours: tuple[HourEnergy, ...] = ()
    message: Message | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class NodeState:
    """What is known of one node. It never reads a clock.

    Attributes:
        topics: Where it speaks.
        serial: Its identity as it was set up, the source of its readings.
        available: Whether it is there by its own word, ``None`` while unknown.
        announcement: What it said of itself, ``None`` while unknown.
        stranger: The serial number of another node that uses its topics.
        clock: What is known of its clock.
        order: What is known of its message order.
        refusals: How often each reason was given.
    """

    topics: Topics
    serial: str
    max_age: timedelta = MAX_AGE
    available: bool | None = None
    announcement: Announcement | None = None
    stranger: str | None = None
    clock: NodeClock = field(default_factory=NodeClock)
    order: Sequencer = field(default_factory=Sequencer)
    refusals: Counter[Reason] = field(default_factory=Counter)
    _latest: Latest = field(init=False)
    _hours: Hours = field(default_factory=Hours)
    _standing: Standing = field(default_factory=Standing)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self._latest = Latest(self.max_age)

    @property
    def identity(self) -> Identity:
        """Return who the node is."""
        said = self.announcement or Announcement(serial=self.serial)
        return Identity(
            serial=self.serial,
            manufacturer=said.manufacturer,
            model=said.model,
            version=said.version,
        )

    @property
    def ratings(self) -> Ratings:
        """Return the most power that the node says can flow."""
        return Ratings(power=self._power)

    def feed(self, topic: str, payload: bytes, retained: bool, now: datetime) -> Result:
        """Take in one message.

        Args:
            topic: As it came.
            payload: As it came.
            retained: Whether the broker had kept it.
            now: When it arrived (UTC).
        """
        address = self.topics.parse(topic)
        if address is None:
            return self._refuse(None, Reason.UNKNOWN_TOPIC)
        try:
            message = parse_message(address, payload)
        except PayloadError as err:
            return self._refuse(address, err.reason, err.field)
        match message:
            case AnnouncementMessage():
                return self._announced(address, message, retained, now)
            case State():
                return self._state(address, message, retained, now)
            case Energy():
                return self._energy(address, message, retained, now)
        if retained:
            return self._refuse(address, Reason.RETAINED)
        order = self._ordered(address, message.stamp)
        if order is Order.DUPLICATE:
            return self._refuse(address, Reason.DUPLICATE)
        if message.stamp.buffered:
            return self._buffered(address, message, now)
        return self._said(address, message, order, now)

    def relay(self, number: int, now: datetime) -> RelayReport | None:
        """Return where a relay is, ``None`` if it was not heard of lately."""
        return None if self.available is False else self._standing.relay(number, now)

    def cleaning(self, now: datetime) -> Cleaning | None:
        """Return how a cleaning run goes, ``None`` if it was not heard of lately."""
        return None if self.available is False else self._standing.cleaning(now)

    def alarms(self, now: datetime) -> tuple[Alarm, ...]:
        """Return what the node warns of."""
        return self._standing.alarms(now)

    def poll(self, now: datetime) -> Poll:
        """Return everything that is the present.

        Args:
            now: The present (UTC).

        Raises:
            WrongDeviceError: Another node uses the same topics.
            SilentError: The node is away, or was not heard for too long.
        """
        if self.stranger is not None:
            raise WrongDeviceError(self.serial, self.stranger)
        if self.available is False:
            raise SilentError("the node is offline")
        if self._latest.silent(now):
            raise SilentError("the node has not been heard")
        codes = frozenset[str](alarm.code for alarm in self.alarms(now))
        return Poll(
            taken=now,
            readings=self._latest.fresh(now),
            statuses=self._standing.statuses(now),
            events={NODE.key: codes} if codes or self.announcement else {},
        )

    def _refuse(self, address: Address | None, reason: Reason, key: str = "") -> Result:
        self.refusals[reason] += 1
        return Result(address=address, refusal=Refusal(reason, key))

    def _ordered(
        self, address: Address, stamp: Stamp, *, introduces: bool = False
    ) -> Order:
        """Judge a message's place; a node that restarted may have lost its clock."""
        restarts = self.order.restarts
        order = self.order.judge(address, stamp, introduces=introduces)
        if self.order.restarts != restarts:
            self.clock.forget()
            self.refusals[Reason.CLOCK_UNKNOWN] += len(self._hours.release())
        return order

    def _live(self, stamp: Stamp, now: datetime) -> Instant | None:
        """Place a message in time and, if it tells the present, hear the node."""
        instant = self.clock.place(stamp.time, now)
        if instant is not None and instant.live:
            self._latest.heard = now
            self.available = True
        return instant

    def _announced(
        self,
        address: Address,
        message: AnnouncementMessage,
        retained: bool,
        now: datetime,
    ) -> Result:
        found = message.announcement
        # Who was set up without a serial number may have any.
        if self.serial not in (found.serial, self.topics.base):
            self.stranger = found.serial
            return self._refuse(address, Reason.OTHER_NODE, "id")
        order = self._ordered(address, message.stamp, introduces=not retained)
        if order is Order.DUPLICATE:
            return self._refuse(address, Reason.DUPLICATE)
        if order is Order.BEHIND and self.announcement is not None:
            return Result(address=address)
        self.stranger, self.announcement = None, found
        if not retained:
            self._live(message.stamp, now)
        return Result(address=address, message=message, hours=self._released(now))

    def _state(
        self, address: Address, message: State, retained: bool, now: datetime
    ) -> Result:
        stamp = message.stamp
        if not message.online:
            if stamp.boot is not None and self.order.boot not in (None, stamp.boot):
                # The last will of an earlier life.
                return self._refuse(address, Reason.DUPLICATE)
            self.available = False
        elif not retained:
            order = self._ordered(address, stamp)
            if order is Order.DUPLICATE:
                return self._refuse(address, Reason.DUPLICATE)
            if order is Order.NEXT:
                self._live(stamp, now)
        elif self.available is None:
            self.available = True
        return Result(address=address, message=message, hours=self._released(now))

    def _said(
        self, address: Address, message: Message, order: Order, now: datetime
    ) -> Result:
        """Take in what was just measured, or just happened."""
        if order is Order.NEXT:
            instant = self._live(message.stamp, now)
        else:
            instant = self.clock.place(message.stamp.time, now)
        hours = self._released(now)
        if instant is None:
            self.refusals[Reason.CLOCK_UNKNOWN] += 1
            refusal = Refusal(Reason.CLOCK_UNKNOWN, "t")
            return Result(address=address, hours=hours, refusal=refusal)
        present = order is Order.NEXT and instant.live
        readings: tuple[Reading, ...] = ()
        if isinstance(message, Measurement):
            readings = self._readings(message.values, instant.taken, message.estimated)
        if not present:
            return Result(address=address, late=readings, hours=hours, message=message)
        self._latest.take(readings)
        self._standing.take(message, now)
        return Result(address=address, readings=readings, hours=hours, message=message)

    def _buffered(self, address: Address, message: Message, now: datetime) -> Result:
        """Take in what was measured before, and could not be sent."""
        if not isinstance(message, Measurement):
            return Result(address=address, message=message)
        taken = self.clock.place_buffered(message.stamp.time, now)
        if taken is None:
            return self._refuse(address, Reason.CLOCK_UNKNOWN, "t")
        late = self._readings(message.values, taken, message.estimated)
        return Result(address=address, late=late, message=message)

    def _energy(
        self, address: Address, message: Energy, retained: bool, now: datetime
    ) -> Result:
        stamp = message.stamp
        order = self._ordered(address, stamp)
        if order is Order.DUPLICATE:
            return self._refuse(address, Reason.DUPLICATE)
        taken = now
        if retained or stamp.buffered:
            placed = self.clock.place_buffered(stamp.time, now)
            taken = placed or self.clock.presumed(stamp.time, now)
        elif order is Order.NEXT and (instant := self._live(stamp, now)) is not None:
            taken = instant.taken
        hours, impossible = self._new_hours(message, order, now)
        self.refusals[Reason.HOUR_IMPOSSIBLE] += impossible
        readings: tuple[Reading, ...] = ()
        # Totals that are older than known ones would look like a fall.
        if order is Order.NEXT and not stamp.buffered:
            readings = self._readings(self._totals(message), taken)
            self._latest.take(readings)
        return Result(
            address=address,
            readings=readings,
            hours=(*hours, *self._released(now)),
            message=message,
            refusal=Refusal(Reason.HOUR_IMPOSSIBLE, "ore") if impossible else None,
        )

    def _new_hours(
        self, message: Energy, order: Order, now: datetime
    ) -> tuple[list[HourEnergy], int]:
        """Return the hours whose time can be told; keep the others until it can.

        Also returns how many can never be told or true.
        """
        time, boot = message.stamp.time, message.stamp.boot
        if not message.hours:
            return [], 0
        if time is None and self.clock.offset is None:
            return self._placed(message.hours, 0.0, now)
        if (
            order is Order.BEHIND
            and boot != self.order.boot
            and not (time is not None and self.clock.fits(time, now))
        ):
            return [], len(message.hours)
        if not self.clock.trusted or self.clock.offset is None:
            self._hours.pending.extend(message.hours)
            return [], 0
        return self._placed(message.hours, self.clock.offset, now)

    def _released(self, now: datetime) -> tuple[HourEnergy, ...]:
        """Return what waited for the clock to be known."""
        if (
            not self._hours.pending
            or not self.clock.trusted
            or self.clock.offset is None
        ):
            return ()
        hours, impossible = self._placed(self._hours.release(), self.clock.offset, now)
        self.refusals[Reason.HOUR_IMPOSSIBLE] += impossible
        return tuple(hours)

    def _placed(
        self, hours: Iterable[Hour], offset: float, now: datetime
    ) -> tuple[list[HourEnergy], int]:
        return self._hours.place(self.serial, hours, offset, now, power=self._power)

    @property
    def _power(self) -> float | None:
        return self.announcement.power if self.announcement is not None else None

    def _totals(self, message: Energy) -> Iterable[Value]:
        yield from message.totals
        roles = self.announcement.roles if self.announcement else {}
        for number, totals in message.channels.items():
            registers = REGISTERS[roles.get(number, Role.OTHER)]
            part = Part(PartKind.CHANNEL, number)
            for quantity, energy in zip(registers, totals, strict=True):
                if quantity is not None and energy is not None:
                    yield Value(part, quantity, energy)

    def _readings(
        self, values: Iterable[Value], taken: datetime, estimated: bool = False
    ) -> tuple[Reading, ...]:
        quality = Quality.DERIVED if estimated else Quality.MEASURED
        return tuple(
            Reading(
                Series(self.serial, value.part.key, value.quantity),
                value.value,
                taken,
                quality if value.quantity in _ESTIMATED else Quality.MEASURED,
            )
            for value in values
        )
