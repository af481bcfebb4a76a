"""What a user has set up of a load, and the lasting facts that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID

from ..control.surplus.loads import LoadKind, LoadSpec

CONF_BATTERY_FLOOR: Final = "battery_floor"
CONF_CURVE: Final = "curve"
CONF_DEADLINE: Final = "deadline"
CONF_DEPENDS_ON: Final = "depends_on"
CONF_DURATION: Final = "duration"
CONF_ENABLE: Final = "enable"
CONF_ENTITY: Final = CONF_ENTITY_ID
CONF_HIGH: Final = "high"
CONF_KIND: Final = "kind"
CONF_LOW: Final = "low"
CONF_METER: Final = "meter"
CONF_MIN_OFF: Final = "min_off"
CONF_MIN_ON: Final = "min_on"
CONF_MOST: Final = "most"
CONF_NEED: Final = "need"
CONF_NEED_UNIT: Final = "need_unit"
CONF_NORMAL: Final = "normal"
CONF_OVERRIDE_ENDS: Final = "override_ends"
CONF_OVERRIDE_HOURS: Final = "override_hours"
CONF_PHASE_SWITCH: Final = "phase_switch"
CONF_PHASES: Final = "phases"
CONF_POWER: Final = "power"
CONF_PRIORITY: Final = "priority"
CONF_RAISED: Final = "raised"
CONF_READY: Final = "ready"
CONF_READY_BY: Final = "ready_by"
CONF_SHADOW: Final = "shadow"
CONF_STARTS: Final = "starts"
CONF_STEP: Final = "step"
CONF_UNIT: Final = "unit"
CONF_VOLTAGE: Final = "voltage"
CONF_WINDOWS: Final = "windows"

AMPERE: Final = "a"
WATT: Final = "w"
HOURS: Final = "h"
KILOWATT: Final = "kw"
KILOWATT_HOURS: Final = "kwh"

_WATTS: Final = {WATT: 1.0, KILOWATT: 1000.0}
_MIDNIGHT: Final = time()
_LONGEST: Final = 24 * 3600.0


class Kind(StrEnum):
    """What a load is, for its user."""

    SWITCH = "switch"
    THERMAL = "thermal"
    MODULATING = "modulating"
    SETPOINT = "setpoint"
    PROGRAMME = "programme"


class OverrideEnds(StrEnum):
    """When somebody else's change stops being respected."""

    MIDNIGHT = "midnight"
    HOURS = "hours"
    SATISFIED = "satisfied"


class CurveError(ValueError):
    """A programme's curve that cannot be read."""


class WindowError(ValueError):
    """Time windows that cannot be read."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time of the day; one that ends before it begins spans midnight."""

    since: time
    until: time


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """A load as its user describes it.

    Attributes:
        key: Its lasting identity: the subentry.
        title: What its user calls it.
        kind: What it is.
        entity: The entity that is controlled, or what stays of it when it is renamed.
        power: When on, the greatest of a modulating load, in W.
        meter: The sensor of its power, if it has one.
        unit: What a modulating load's number counts: A or W.
        low: The smallest number above 0, in that unit.
        high: The greatest.
        step: Between two numbers.
        phases: On which it draws.
        voltage: Of one phase, in V.
        enable: The switch that lets a modulating load run.
        phase_switch: Its switch between one phase (off) and three (on).
        normal: The set point of a heat pump that needs nothing, in its own unit.
        raised: Its set point for surplus.
        curve: Pieces of a programme: length in s, power in W.
        ready_by: When a programme is to be over, by the local clock.
        ready: The binary sensor that tells whether it can be used.
        need: The least that it needs a day, in the unit of need.
        most: The most that it may have a day.
        need_unit: Hours or kWh.
        deadline: Until when the day's need is due, by the local clock.
        min_on: In s.
        min_off: In s.
        starts: The most starts a day.
        windows: When it may run; empty is always.
        priority: 1 is the most important.
        depends_on: The loads that have to be on.
        battery_floor: Above this the home battery may feed it, 0 to 1; 1 is never.
        override_ends: When somebody else's change stops being respected.
        override_hours: After how long, if that is the rule.
        shadow: Begin by only recording what would have been done.
    """

    key: str
    title: str
    kind: Kind
    entity: str
    power: float
    meter: str | None = None
    unit: str = WATT
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    phases: int = 1
    voltage: float = 230.0
    enable: str | None = None
    phase_switch: str | None = None
    normal: float = 0.0
    raised: float = 0.0
    curve: tuple[tuple[float, float], ...] = ()
    ready_by: time | None = None
    ready: str | None = None
    need: float = 0.0
    most: float | None = None
    need_unit: str = KILOWATT_HOURS
    deadline: time = _MIDNIGHT
    min_on: float = 300.0
    min_off: float = 300.0
    starts: int | None = None
    windows: tuple[Window, ...] = ()
    priority: int = 5
    depends_on: tuple[str, ...] = ()
    battery_floor: float = 1.0
    override_ends: OverrideEnds = OverrideEnds.MIDNIGHT
    override_hours: float = 2.0
    shadow: bool = False

    @classmethod
    def from_subentry(cls, subentry: ConfigSubentry) -> Self:
        """Read what the flow has checked."""
        data = subentry.data
        kind = Kind(data[CONF_KIND])
        curve = programme_of(data) if kind is Kind.PROGRAMME else ()
        voltage = float(data.get(CONF_VOLTAGE, 230.0))
        phases = int(data.get(CONF_PHASES, 1))
        ready_by = data.get(CONF_READY_BY)
        return cls(
            key=subentry.subentry_id,
            title=subentry.title,
            kind=kind,
            entity=subentry.unique_id or data[CONF_ENTITY],
            power=_power(data, curve),
            meter=data.get(CONF_METER),
            unit=data.get(CONF_UNIT, WATT),
            low=float(data.get(CONF_LOW, 0.0)),
            high=float(data.get(CONF_HIGH, 0.0)),
            step=float(data.get(CONF_STEP, 1.0)),
            phases=phases,
            voltage=voltage,
            enable=data.get(CONF_ENABLE),
            phase_switch=data.get(CONF_PHASE_SWITCH),
            normal=float(data.get(CONF_NORMAL, 0.0)),
            raised=float(data.get(CONF_RAISED, 0.0)),
            curve=curve,
            ready_by=None if ready_by is None else time.fromisoformat(ready_by),
            ready=data.get(CONF_READY),
            need=float(data.get(CONF_NEED, 0.0)),
            most=None if (most := data.get(CONF_MOST)) is None else float(most),
            need_unit=data.get(CONF_NEED_UNIT, KILOWATT_HOURS),
            deadline=time.fromisoformat(data.get(CONF_DEADLINE, "00:00:00")),
            min_on=60.0 * float(data.get(CONF_MIN_ON, 5.0)),
            min_off=60.0 * float(data.get(CONF_MIN_OFF, 5.0)),
            starts=None if (n := data.get(CONF_STARTS)) is None else int(n),
            windows=windows_of(data.get(CONF_WINDOWS, "")),
            priority=int(data.get(CONF_PRIORITY, 5)),
            depends_on=tuple(data.get(CONF_DEPENDS_ON, ())),
            battery_floor=float(data.get(CONF_BATTERY_FLOOR, 100.0)) / 100.0,
            override_ends=OverrideEnds(
                data.get(CONF_OVERRIDE_ENDS, OverrideEnds.MIDNIGHT)
            ),
            override_hours=float(data.get(CONF_OVERRIDE_HOURS, 2.0)),
            shadow=bool(data.get(CONF_SHADOW, False)),
        )

    @property
    def watts(self) -> float:
        """What one of a modulating load's number is, of current on one phase, in W."""
        return self.voltage if self.unit == AMPERE else _WATTS[self.unit]

    @property
    def count(self) -> int:
        """How many phases its number has to be multiplied with."""
        return self.phases if self.unit == AMPERE else 1

    @property
    def length(self) -> float:
        """How long a programme takes, in s."""
        return sum(seconds for seconds, _ in self.curve)

    def spec(self, priority: int, extra_value: float = 0.0) -> LoadSpec:
        """Return the lasting facts that the controller needs.

        Args:
            priority: As its user has set it since.
            extra_value: Worth of energy beyond what is due, per kWh.
        """
        least, step = self.power, 0.0
        if self.kind is Kind.MODULATING:
            fewest = 1 if self.phase_switch else self.count
            low = self.low or self.step
            least = low * self.watts * fewest
            step = self.step * self.watts * fewest
        return LoadSpec(
            key=self.key,
            kind=_KINDS[self.kind],
            nominal=self.power,
            least=least,
            step=step,
            min_on=self.min_on,
            min_off=self.min_off,
            programme=self.curve,
            extra_value=extra_value if self.kind is Kind.MODULATING else 0.0,
            priority=priority,
            starts_per_day=self.starts,
            # Never is above all that a battery ever shows.
            battery_floor=2.0 if self.battery_floor >= 1.0 else self.battery_floor,
            requires=self.depends_on,
        )

    def energy(self, amount: float) -> float:
        """Return an amount in the unit of need as energy, in Wh."""
        return amount * (self.power if self.need_unit == HOURS else 1000.0)


_KINDS: Final = {
    Kind.SWITCH: LoadKind.SWITCH,
    Kind.THERMAL: LoadKind.SWITCH,
    Kind.SETPOINT: LoadKind.SWITCH,
    Kind.MODULATING: LoadKind.MODULATING,
    Kind.PROGRAMME: LoadKind.PROGRAMME,
}


def _power(data: Mapping[str, Any], curve: tuple[tuple[float, float], ...]) -> float:
    if curve:
        return max(power for _, power in curve)
    if data[CONF_KIND] != Kind.MODULATING:
        return float(data[CONF_POWER])
    phases = 3 if data.get(CONF_PHASE_SWITCH) else int(data.get(CONF_PHASES, 1))
    if (unit := data.get(CONF_UNIT, WATT)) != AMPERE:
        return float(data[CONF_HIGH]) * _WATTS[unit]
    return float(data[CONF_HIGH]) * float(data.get(CONF_VOLTAGE, 230.0)) * phases


def programme_of(data: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Return a programme's pieces: its curve, else its mean power all along.

    Raises:
        CurveError: The curve cannot be read.
    """
    if text := str(data.get(CONF_CURVE) or "").strip():
        return curve_of(text)
    return ((60.0 * float(data[CONF_DURATION]), float(data[CONF_POWER])),)


def curve_of(text: str) -> tuple[tuple[float, float], ...]:
    """Return the pieces of a curve written as ``minutes:watts, minutes:watts``.

    Raises:
        CurveError: It is not written so, or too long or too strong for a house.
    """
    pieces: list[tuple[float, float]] = []
    for piece in text.split(","):
        minutes, _, watts = piece.partition(":")
        try:
            seconds, power = 60.0 * float(minutes), float(watts)
        except ValueError as err:
            raise CurveError(piece) from err
        if not (0.0 < seconds <= _LONGEST and 0.0 <= power <= 100_000.0):
            raise CurveError(piece)
        pieces.append((seconds, power))
    if sum(seconds for seconds, _ in pieces) > _LONGEST or not any(
        power for _, power in pieces
    ):
        raise CurveError(text)
    return tuple(pieces)


def windows_of(text: str) -> tuple[Window, ...]:
    """Return the windows written as ``06:00-09:00, 22:00-06:00``.

    Raises:
        WindowError: They are not written so, or one is empty.
    """
    windows: list[Window] = []
    for piece in filter(None, (part.strip() for part in text.split(","))):
        since, _, until = piece.partition("-")
        try:
            window = Window(_clock(since), _clock(until))
        except ValueError as err:
            raise WindowError(piece) from err
        if window.since == window.until:
            raise WindowError(piece)
        windows.append(window)
    return tuple(windows)


def _clock(text: str) -> time:
    """Return a time of the day; 24:00 is the midnight that ends it."""
    text = text.strip()
    if text == "24:00":
        return _MIDNIGHT
    clock = time.fromisoformat(text.zfill(5))
    if clock.tzinfo is not None:
        raise ValueError(f"{text!r} names a zone")
    return clock


def circular(edges: Mapping[str, tuple[str, ...]], start: str) -> bool:
    """Tell whether a load waits for itself, by what each load waits for."""
    seen: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        key = waiting.pop()
        if key == start:
            return True
        if key not in seen:
            seen.add(key)
            waiting += edges.get(key, ())
    return False
