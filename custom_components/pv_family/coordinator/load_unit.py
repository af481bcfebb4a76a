"""One load: what its user wants of it, how it stands, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Final

from homeassistant.core import callback

from ..control.surplus.loads import Load, LoadState, Mode
from ..control.surplus.reasons import Decision, Why
from .load_actuator import Actuator, Shown
from .load_book import LoadBook
from .load_need import Need, daily_need, next_deadline, open_windows
from .load_orders import Orders
from .load_settings import Kind, LoadSettings, OverrideEnds
from .load_shadow import Shadow

# A load that draws less than this share of its least power is held by its thermostat.
_HELD: Final = 0.1
_HELD_FOR: Final = timedelta(minutes=3)
# When what was full is asked again.
_FULL_FOR: Final = {
    Kind.SWITCH: timedelta(hours=1),
    Kind.THERMAL: timedelta(hours=2),
    Kind.SETPOINT: timedelta(hours=1),
    Kind.MODULATING: timedelta(hours=6),
}
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Override:
    """A change that somebody else has made.

    Attributes:
        on: Where the load was put.
        until: When that stops being respected (UTC).
    """

    on: bool
    until: datetime


class LoadUnit:
    """One load of a home.

    Attributes:
        settings: What its user has set up.
        actuator: Its entities.
        orders: What it is told.
        book: What it has had.
        shadow: What it would have had.
        mode: What its user wants of it.
        enabled: It is controlled; otherwise its shadow is.
        need: The least that it needs a day, in its unit.
        priority: 1 is the most important.
        override: Somebody else's change that is respected.
        decision: The last decision, of the shadow if that is controlled.
        shown: What its entities showed last.
    """

    def __init__(
        self, settings: LoadSettings, actuator: Actuator, orders: Orders
    ) -> None:
        """Begin as the user has set it up."""
        self.settings = settings
        self.actuator = actuator
        self.orders = orders
        self.book = LoadBook()
        self.shadow = Shadow(settings)
        self.mode = Mode.AUTO
        self.mode_until: datetime | None = None
        self.enabled = not settings.shadow
        self.need = settings.need
        self.priority = settings.priority
        self.override: Override | None = None
        self.decision: Decision | None = None
        self.shown: Shown | None = None
        self.ready_by: datetime | None = None
        self._armed = False
        self._expected: bool | None = None
        self._absent = True
        self._held_since: datetime | None = None
        self._full_until: datetime | None = None

    @property
    def key(self) -> str:
        """The load's lasting identity."""
        return self.settings.key

    @property
    def drawn(self) -> float:
        """What the load itself draws, in W."""
        shown = self.shown
        if shown is None:
            return 0.0
        return shown.setting if shown.measured is None else shown.measured

    @callback
    def look(self, now: datetime, zone: tzinfo) -> None:
        """See how the load stands, and whether somebody else has changed it.

        Args:
            now: The present (UTC).
            zone: Whose clock its user reads.
        """
        shown = self.shown = self.actuator.read(now)
        self.orders.observe(now, shown)
        if shown.available:
            self._notice(now, shown, zone)
            self._absent = False
            self._look_at_thermostat(now, shown)
        else:
            self._absent = True
        if self.settings.kind is Kind.PROGRAMME:
            self._arm(now, shown, zone)
        if self.override is not None and self._is_over(self.override, now):
            self.override = None
        if self.mode_until is not None and (
            now >= self.mode_until or self._satisfied_now()
        ):
            self.mode, self.mode_until = Mode.AUTO, None

    def _notice(self, now: datetime, shown: Shown, zone: tzinfo) -> None:
        """Notice that somebody else has changed the load."""
        if self._expected is None:
            owned = self.orders.owned
            self._expected = shown.on if owned is None else owned > 0.0
        if not self.enabled or self.settings.kind is Kind.PROGRAMME:
            self._expected = shown.on
            return
        wanted = self.orders.wanted
        if self.orders.on_its_way or (
            wanted is not None and (wanted > 0.0) == shown.on
        ):
            self._expected = shown.on
        elif self._absent and not shown.on:
            # A lease that ended or a power cut is nobody's wish, and ends one.
            self._expected = False
            self.orders.forget(shown.setting)
            if self.override is not None and self.override.on:
                self.override = None
        elif shown.on is not self._expected:
            self._expected = shown.on
            self.orders.forget(shown.setting)
            self.override = Override(shown.on, self._end(now, zone))

    def _end(self, now: datetime, zone: tzinfo) -> datetime:
        """Return when the user's rule ends a change by hand (UTC)."""
        if self.settings.override_ends is OverrideEnds.HOURS:
            return now + timedelta(hours=self.settings.override_hours)
        return next_deadline(time(), now, zone)

    def _is_over(self, override: Override, now: datetime) -> bool:
        return now >= override.until or (override.on and self._satisfied_now())

    def _satisfied_now(self) -> bool:
        """Tell whether a load that somebody put on has what it needs."""
        return (
            self.settings.override_ends is OverrideEnds.SATISFIED
            and self._full_until is not None
        )

    def _look_at_thermostat(self, now: datetime, shown: Shown) -> None:
        """Notice that a load takes nothing though it is on."""
        kind = self.settings.kind
        full = self._full_until
        if full is not None and not timedelta() < full - now <= _FULL_FOR[kind]:
            self._full_until = None
        least = self.settings.spec(1).least
        if (
            kind not in _FULL_FOR
            or shown.measured is None
            or not shown.on
            or shown.measured > _HELD * least
        ):
            self._held_since = None
            return
        self._held_since = self._held_since or now
        if now - self._held_since >= _HELD_FOR and self._full_until is None:
            self._full_until = now + _FULL_FOR[kind]

    def _arm(self, now: datetime, shown: Shown, zone: tzinfo) -> None:
        """Notice that a programme waits to be started, or has been."""
        if shown.on:
            if self.mode in (Mode.PLANNED, Mode.NOW):
                self.mode, self.mode_until = Mode.AUTO, None
            self.ready_by = None
            # What is loaded has to be unloaded before it is loaded anew.
            self._armed = True
            return
        loaded = self.settings.ready is not None and self.actuator.ready()
        wanted = self.mode in (Mode.PLANNED, Mode.NOW)
        if not loaded:
            self._armed = False
        if not wanted and (not loaded or self._armed):
            self.ready_by = None
        elif self.ready_by is None:
            length = timedelta(seconds=self.settings.length)
            if (clock := self.settings.ready_by) is None:
                self.ready_by = now + max(_DAY, length)
            else:
                self.ready_by = next_deadline(clock, now + length, zone)

    @callback
    def want(self, mode: Mode, now: datetime, zone: tzinfo) -> None:
        """Take up what its user wants; a change by hand is over with that.

        Args:
            mode: What he wants.
            now: The present (UTC).
            zone: Whose clock he reads.
        """
        self.mode = mode
        self.override = None
        self._full_until = None
        self.mode_until = None
        if mode is Mode.NOW and self.settings.kind is not Kind.PROGRAMME:
            self.mode_until = self._end(now, zone)

    def deadline(self, now: datetime, zone: tzinfo) -> datetime:
        """Return until when the present need is due (UTC)."""
        return next_deadline(self.settings.deadline, now, zone)

    def load(self, now: datetime, zone: tzinfo, extra_value: float) -> Load:
        """Return the load as the controller sees it.

        Args:
            now: The present (UTC).
            zone: Whose clock its user reads.
            extra_value: Worth of energy beyond what is due, per kWh.
        """
        assert self.shown is not None
        return self._load(now, zone, extra_value, self.shown, self.book)

    def imagined(self, now: datetime, zone: tzinfo, extra_value: float) -> Load:
        """Return the load as it would stand had it been controlled."""
        assert self.shown is not None
        return self._load(
            now,
            zone,
            extra_value,
            self.shadow.shown(now, available=self.shown.available),
            self.shadow.book,
        )

    def _load(
        self,
        now: datetime,
        zone: tzinfo,
        extra_value: float,
        shown: Shown,
        book: LoadBook,
    ) -> Load:
        settings = self.settings
        spec = settings.spec(self.priority, extra_value)
        mode, available = self.mode, shown.available and self.actuator.ready()
        if settings.kind is Kind.PROGRAMME:
            waits = self.ready_by is not None
            need = self._programme_need(shown)
            available = shown.available and (waits or shown.on)
            if mode is Mode.PLANNED:
                mode = Mode.AUTO
        else:
            need = daily_need(settings, book, self.need, self.deadline(now, zone))
            if self._full_until is not None:
                need = Need(0.0, 0.0, None)
            if mode is Mode.PLANNED and self.need > 0.0:
                mode, need = Mode.AUTO, replace(need, room=need.due)
        if self.override is not None:
            mode = Mode.NOW if shown.on else Mode.OFF
            if shown.on:
                power = max(shown.setting, 1.0)
                spec = replace(spec, nominal=power, least=min(spec.least, power))
        return Load(
            spec,
            LoadState(
                available=available,
                on=shown.on,
                setting=shown.setting,
                measured=shown.measured,
                since=shown.since,
                due=need.due,
                deadline=need.deadline,
                room=need.room,
                mode=mode,
                windows=open_windows(settings.windows, now, zone),
            ),
        )

    def _programme_need(self, shown: Shown) -> Need:
        """Return what a programme needs; its deadline is its latest start."""
        if shown.on or self.ready_by is None:
            return Need(0.0, 0.0, None)
        energy = sum(s * p for s, p in self.settings.curve) / 3600.0
        latest = self.ready_by - timedelta(seconds=self.settings.length)
        return Need(energy, energy, latest)

    @callback
    def obey(self, decision: Decision, power: float | None, now: datetime) -> None:
        """Tell the load what was decided, unless somebody else has it.

        Args:
            decision: Why.
            power: The set point in W, ``None`` to leave it as it is.
            now: The present (UTC).
        """
        self.decision = decision
        if power is None or not self.enabled or self.shown is None:
            return
        if self.override is not None and decision.why is not Why.FUSE:
            return
        self.orders.send(power, now, self.shown, str(decision.why))

    async def async_put_back(
        self, power: float, actor: str, now: datetime, zone: tzinfo
    ) -> None:
        """Put the load where it was before, and respect that as a change by hand.

        Args:
            power: Where it was, in W.
            actor: Who wants it.
            now: The present (UTC).
            zone: Whose clock he reads.
        """
        await self.orders.async_put(power, now, actor, "undo")
        self.shown = self.actuator.read(now)
        self._expected = power > 0.0
        if self.enabled and self.settings.kind is not Kind.PROGRAMME:
            self.override = Override(power > 0.0, self._end(now, zone))

    @property
    def why(self) -> str:
        """Why the load is as it is, as a code."""
        if self.enabled and self.override is not None:
            return "manual"
        if self.enabled and self.orders.disobeys:
            return "disobeys"
        return "starting" if self.decision is None else str(self.decision.why)

    @property
    def next_change(self) -> datetime | None:
        """When it is expected to change next (UTC)."""
        if self.enabled and self.override is not None:
            return self.override.until
        if self.enabled and self.mode is Mode.NOW and self.mode_until is not None:
            return self.mode_until
        return None if self.decision is None else self.decision.next_change

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run has to know, as JSON types."""
        override = self.override
        return {
            "mode": str(self.mode),
            "mode_until": _text(self.mode_until),
            "enabled": self.enabled,
            "need": self.need if self.need != self.settings.need else None,
            "priority": (
                self.priority if self.priority != self.settings.priority else None
            ),
            "override": override and [override.on, override.until.isoformat()],
            "ready_by": _text(self.ready_by),
            "armed": self._armed,
            "full_until": _text(self._full_until),
            "book": self.book.as_dict(),
            "shadow": self.shadow.as_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        override = state["override"]
        book = LoadBook.from_dict(state["book"])
        self.shadow.restore(state["shadow"])
        self.mode = Mode(state["mode"])
        self.mode_until = _instant(state["mode_until"])
        self.enabled = bool(state["enabled"])
        if state["need"] is not None and self.settings.need > 0.0:
            self.need = float(state["need"])
        if state["priority"] is not None:
            self.priority = int(state["priority"])
        if override is not None:
            on, until = override
            self.override = Override(bool(on), datetime.fromisoformat(until))
        self.ready_by = _instant(state["ready_by"])
        self._armed = bool(state["armed"])
        self._full_until = _instant(state["full_until"])
        self.book = book


def _text(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
