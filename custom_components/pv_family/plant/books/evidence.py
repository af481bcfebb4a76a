"""What was seen of a component during a quarter of an hour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

RUNNING_SHARE: Final = 0.003
"""Share of the modules' power from which an inverter runs."""
LONGEST_STEP: Final = timedelta(minutes=1)
"""What a beat says holds no longer than this."""

THROTTLED_WORDS: Final = frozenset(
    {"throttled", "self_derating", "dispatched", "shutdown_power_limited"}
)
"""Statuses of an inverter that holds power back."""
STOPPED_WORDS: Final = frozenset(
    {
        "alarm",
        "emergency_stop",
        "fault",
        "key_stop",
        "off",
        "permanent_fault",
        "shut_down",
        "shutdown",
        "shutdown_by_command",
        "shutdown_communication_lost",
        "shutdown_dc_switch_open",
        "shutdown_manual_start_needed",
        "shutdown_ovgr",
        "shutdown_rapid",
        "stopped",
    }
)
"""Statuses of an inverter that would not run in full light."""
OVERVOLTAGE_WORDS: Final = frozenset(
    {
        "ac_over_voltage",
        "grid_voltage_fault",
        "over_voltage_derating",
        "transient_over_voltage",
    }
)
"""Events by which an inverter says that the grid's voltage is too high."""
LIMITED_WORDS: Final = frozenset({"over_frequency_derating", "power_limit"})
"""Events by which an inverter says that it holds power back."""
GRID_LOST_WORDS: Final = frozenset(
    {"ac_disconnect", "grid_disconnect", "grid_lost", "islanding", "line_fail"}
)
"""Events by which an inverter says that the grid is gone."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What a component shows at one beat of the home.

    Attributes:
        power: What its arrays give, W; ``None`` is not known.
        words: Its status and its events.
        voltage: Highest voltage against neutral, V.
        strings: Power of each string over its nominal power, by a lasting name.
    """

    power: float | None = None
    words: frozenset[str] = frozenset()
    voltage: float | None = None
    strings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a component during an interval; shares of the time, 0 to 1.

    Attributes:
        known: In which its power was known.
        energy: What its power came to in the known time, Wh.
        running: Of the known time, in which it ran; ``None`` if nothing is known.
        throttled: Of the known time, in which it held power back.
        stopped: Of the known time, in which its status was one of a fault.
        grid_lost: Of the known time, in which it said that the grid is gone.
        overvoltage: Whether it said that the grid's voltage is too high.
        voltage: Highest mean of a minute, V.
        strings: Power of each string over the mean of its siblings.
        trips: How often it stopped with the grid's voltage too high.
    """

    known: float = 0.0
    energy: float = 0.0
    running: float | None = None
    throttled: float = 0.0
    stopped: float = 0.0
    grid_lost: float = 0.0
    overvoltage: bool = False
    voltage: float | None = None
    strings: tuple[float, ...] = ()
    trips: int = 0


@dataclass(slots=True)
class Watch:
    """Watch one component, beat by beat.

    Attributes:
        peak_power: Nominal power of its modules, W.
        voltage_limit: At which it stops or throttles, V.
    """

    peak_power: float
    voltage_limit: float
    _last: tuple[datetime, Glance] | None = None
    _known: float = 0.0
    _energy: float = 0.0
    _running: float = 0.0
    _throttled: float = 0.0
    _stopped: float = 0.0
    _grid_lost: float = 0.0
    _overvoltage: bool = False
    _highest: float | None = None
    _minute: tuple[int, float, int] = (0, 0.0, 0)
    _strings: dict[str, float] = field(default_factory=dict)
    _high_since: datetime | None = None
    _ran: bool = False
    _trips: int = 0

    def look(self, now: datetime, glance: Glance) -> None:
        """Take in a beat.

        Args:
            now: When (UTC).
            glance: What the component shows.
        """
        if self._last is not None:
            self._count(now - self._last[0], self._last[1])
        self._last = now, glance
        self._see_voltage(now, glance)
        self._see_trip(now, glance)

    def close(self, start: datetime, end: datetime) -> Seen:
        """Return what was seen since the last time, and start anew.

        Args:
            start: Of the interval (UTC).
            end: Of the interval (UTC).
        """
        if self._last is not None:
            self._count(end - self._last[0], self._last[1])
            self._last = end, self._last[1]
        self._end_minute()
        length = (end - start).total_seconds()
        known = self._known
        seen = Seen(
            known=min(known / length, 1.0),
            energy=self._energy,
            running=self._running / known if known else None,
            throttled=self._throttled / known if known else 0.0,
            stopped=self._stopped / known if known else 0.0,
            grid_lost=self._grid_lost / known if known else 0.0,
            overvoltage=self._overvoltage,
            voltage=self._highest,
            strings=_against_siblings(self._strings),
            trips=self._trips,
        )
        self._known = self._running = self._throttled = self._stopped = 0.0
        self._energy = self._grid_lost = 0.0
        self._overvoltage, self._highest = False, None
        self._strings, self._trips = {}, 0
        return seen

    def runs(self, power: float) -> bool:
        """Tell whether a power in W is that of a running inverter."""
        return power > RUNNING_SHARE * self.peak_power

    def _count(self, step: timedelta, glance: Glance) -> None:
        """Count the time that a beat stands for."""
        seconds = min(step, LONGEST_STEP).total_seconds()
        if seconds <= 0.0 or glance.power is None:
            return
        self._known += seconds
        self._energy += seconds / 3600.0 * max(glance.power, 0.0)
        words = glance.words
        if self.runs(glance.power):
            self._running += seconds
        if words & (THROTTLED_WORDS | LIMITED_WORDS):
            self._throttled += seconds
        if words & STOPPED_WORDS:
            self._stopped += seconds
        if words & GRID_LOST_WORDS:
            self._grid_lost += seconds
        for name, share in glance.strings.items():
            self._strings[name] = self._strings.get(name, 0.0) + seconds * share

    def _see_voltage(self, now: datetime, glance: Glance) -> None:
        """Take the mean of each minute: a spike is no voltage of the grid."""
        if glance.words & OVERVOLTAGE_WORDS:
            self._overvoltage = True
        if glance.voltage is None:
            return
        minute = int(now.timestamp()) // 60
        if minute != self._minute[0]:
            self._end_minute()
            self._minute = minute, 0.0, 0
        _, total, count = self._minute
        self._minute = minute, total + glance.voltage, count + 1

    def _end_minute(self) -> None:
        minute, total, count = self._minute
        if count:
            self._highest = max(self._highest or 0.0, total / count)
        self._minute = minute, 0.0, 0

    def _see_trip(self, now: datetime, glance: Glance) -> None:
        """Count a stop that follows a voltage which was too high."""
        high = (
            glance.voltage is not None and glance.voltage >= self.voltage_limit
        ) or bool(glance.words & OVERVOLTAGE_WORDS)
        if high:
            self._high_since = now
        if glance.power is None:
            return
        runs = self.runs(glance.power)
        lately = self._high_since is not None and now - self._high_since <= LONGEST_STEP
        if self._ran and not runs and lately:
            self._trips += 1
        self._ran = runs


def _against_siblings(strings: Mapping[str, float]) -> tuple[float, ...]:
    """Return each string's power over the mean of the others, in order of their names."""
    if len(strings) < 2 or sum(strings.values()) <= 0.0:
        return ()
    whole, others = sum(strings.values()), len(strings) - 1
    return tuple(
        share / mean if (mean := (whole - share) / others) > 0.0 else 1.0
        for _, share in sorted(strings.items())
    )
