"""What can be switched for surplus, and how it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LoadKind(StrEnum):
    """How a load can be driven."""

    SWITCH = "switch"
    """On or off; its own thermostat or timer may hold it at nothing."""

    MODULATING = "modulating"
    """Off, or anything from its least to its greatest power in steps."""

    PROGRAMME = "programme"
    """Started once, then it runs its curve and must not be interrupted."""


class Mode(StrEnum):
    """What its user wants of a load."""

    AUTO = "auto"
    OFF = "off"
    NOW = "now"
    PLANNED = "planned"
    """On whenever its windows are open, whatever that costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSpec:
    """Lasting facts about a load.

    Attributes:
        key: The load's lasting identity.
        kind: How it can be driven.
        nominal: Power when on; the greatest of a modulating load, in W.
        least: Smallest power above 0; of other kinds the nominal one, in W.
        step: Between two set points of a modulating load, 0 for any power, in W.
        min_on: How long it must stay on, in s.
        min_off: How long it must stay off, in s.
        start_loss: Energy without benefit at each start, in Wh.
        programme: Pieces of a programme's curve: length in s, power in W.
        extra_value: Worth of energy beyond what is due, per kWh.
        priority: 1 is the most important.
        starts_per_day: The most starts a day, ``None`` for any number.
        battery_floor: The home battery feeds it above this state of charge only;
            1 is never.
        requires: Keys of loads that must be on for it to be on.
    """

    key: str
    kind: LoadKind
    nominal: float
    least: float
    step: float = 0.0
    min_on: float = 300.0
    min_off: float = 300.0
    start_loss: float = 0.0
    programme: tuple[tuple[float, float], ...] = ()
    extra_value: float = 0.0
    priority: int = 1
    starts_per_day: int | None = None
    battery_floor: float = 0.0
    requires: tuple[str, ...] = ()

    def set_point(self, power: float) -> float:
        """Return the greatest set point that is not above a power, in W."""
        power = min(power, self.nominal)
        if self.step > 0.0:
            steps = max(0.0, power - self.least) / self.step
            power = self.least + int(steps + 1e-6) * self.step
        return max(self.least, power)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadState:
    """How a load stands now.

    Attributes:
        available: It can be commanded: plugged in, filled, online.
        on: It confirms to be switched on.
        setting: The power that it confirms to be set to, 0 when off, in W.
        measured: What it draws, ``None`` if that is not known, in W.
        since: When it last changed between on and off (UTC).
        due: Energy that it still needs before the deadline, in Wh.
        deadline: When that must be in (UTC); of a programme its latest start.
        room: Energy that it can take now, in Wh.
        mode: What its user wants.
        windows: When it may be on (UTC), in order and apart; ``None`` is always.
    """

    available: bool
    on: bool
    setting: float
    measured: float | None
    since: datetime
    due: float
    deadline: datetime | None
    room: float
    mode: Mode = Mode.AUTO
    windows: tuple[tuple[datetime, datetime], ...] | None = None

    def open_for(self, start: datetime, end: datetime) -> float:
        """Return how long it may be on between two instants, in s."""
        if self.windows is None:
            return max(0.0, (end - start).total_seconds())
        return sum(
            max(0.0, (min(end, until) - max(start, since)).total_seconds())
            for since, until in self.windows
        )

    def open_at(self, now: datetime) -> bool:
        """Tell whether it may be on at an instant."""
        return self.windows is None or any(a <= now < b for a, b in self.windows)


@dataclass(frozen=True, slots=True)
class Load:
    """A load and how it stands."""

    spec: LoadSpec
    state: LoadState

    @property
    def drawn(self) -> float:
        """What it draws: what its meter says, else what it is set to, in W."""
        state = self.state
        if state.measured is not None:
            return state.measured
        return state.setting if state.on else 0.0


@dataclass(frozen=True, slots=True)
class Command:
    """A wanted set point.

    Attributes:
        key: The load.
        power: In W, 0 is off.
    """

    key: str
    power: float
