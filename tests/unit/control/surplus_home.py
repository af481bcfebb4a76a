"""A small home in a loop with the surplus controller, every watt known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from custom_components.pv_family.control.surplus.controller import SurplusController
from custom_components.pv_family.control.surplus.loads import (
    Command,
    Load,
    LoadKind,
    LoadSpec,
    LoadState,
    Mode,
)
from custom_components.pv_family.control.surplus.site import Outlook, Policy, Site
from custom_components.pv_family.readings.power_flow import PowerFlow

NOON = datetime(2026, 6, 21, 10, tzinfo=UTC)
STEP = timedelta(seconds=10)
HOURS = 10.0 / 3600.0

BOILER = LoadSpec(key="boiler", kind=LoadKind.SWITCH, nominal=2000.0, least=2000.0)
HEAT_PUMP = LoadSpec(
    key="heat_pump",
    kind=LoadKind.SWITCH,
    nominal=1500.0,
    least=1500.0,
    min_on=900.0,
    min_off=600.0,
    start_loss=125.0,
    priority=2,
)
CAR = LoadSpec(
    key="car",
    kind=LoadKind.MODULATING,
    nominal=3680.0,
    least=1380.0,
    step=230.0,
    extra_value=0.19,
    priority=3,
    battery_floor=1.0,
)
WASHER = LoadSpec(
    key="washer",
    kind=LoadKind.PROGRAMME,
    nominal=2000.0,
    least=2000.0,
    programme=((1200.0, 2000.0), (1800.0, 200.0)),
    priority=4,
)
EVERY = (BOILER, HEAT_PUMP, CAR, WASHER)
BATTERY = Site(battery=5000.0, max_charge=2500.0, max_discharge=2500.0, soc_floor=0.1)

type Meter = Callable[[datetime, PowerFlow], PowerFlow]


@dataclass(slots=True)
class Device:
    """A load's physics: a command takes effect one step later.

    Attributes:
        spec: What it is.
        due: What it still needs, in Wh.
        room: What it still takes, in Wh.
        deadline: By when (UTC).
        mode: What its user wants.
        windows: When it may be on (UTC), ``None`` for always.
        changed: Each change between on and off, with what it became.
        lose: How many commands get lost from now on.
    """

    spec: LoadSpec
    due: float = 2000.0
    room: float = 4000.0
    deadline: datetime | None = None
    mode: Mode = Mode.AUTO
    windows: tuple[tuple[datetime, datetime], ...] | None = None
    setting: float = 0.0
    since: datetime = NOON - timedelta(days=1)
    drawn: float = 0.0
    used: float = 0.0
    changed: list[tuple[datetime, bool]] = field(default_factory=list)
    lose: int = 0
    _next: float | None = None

    def receive(self, power: float) -> None:
        """Take a command, which a programme that runs refuses."""
        if self.spec.kind is LoadKind.PROGRAMME and self.setting > 0.0:
            raise AssertionError("a programme was commanded while it ran")
        if self.lose:
            self.lose -= 1
            return
        self._next = power

    def tick(self, now: datetime) -> None:
        """Live ten seconds."""
        if self._next is not None:
            if (self._next > 0.0) != (self.setting > 0.0):
                self.since = now
                self.changed.append((now, self._next > 0.0))
            self.setting, self._next = self._next, None
        self.drawn = self.setting if self.room > 0.0 else 0.0
        if self.spec.kind is LoadKind.PROGRAMME and self.setting > 0.0:
            self._run(now)
        wh = self.drawn * HOURS
        self.used += wh
        self.due, self.room = max(0.0, self.due - wh), max(0.0, self.room - wh)

    def _run(self, now: datetime) -> None:
        into = (now - self.since).total_seconds()
        self.drawn = 0.0
        for seconds, power in self.spec.programme:
            if into < seconds:
                self.drawn = power
                return
            into -= seconds
        self.setting, self.since = 0.0, now
        self.due = self.room = 0.0

    def load(self) -> Load:
        """Return the load as the controller sees it."""
        on = self.setting > 0.0
        programme = self.spec.kind is LoadKind.PROGRAMME
        return Load(
            self.spec,
            LoadState(
                available=not programme or (not on and self.due > 0.0),
                on=on,
                setting=self.setting,
                measured=self.drawn,
                since=self.since,
                due=0.0 if programme and on else self.due,
                deadline=self.deadline if self.due > 0.0 else None,
                room=self.room,
                mode=self.mode,
                windows=self.windows,
            ),
        )


@dataclass
class Home:
    """A home that lives in steps of ten seconds.

    Attributes:
        seed: Of clouds and appliances.
        site: The home's facts.
        devices: Its loads.
        peak: Production under a clear sky, in W.
        soc: State of charge of the battery, ``None`` without one.
        meter: Alters what the meters say.
        clear: Neither clouds nor appliances.
    """

    seed: int
    site: Site = field(default_factory=Site)
    devices: Sequence[Device] = ()
    peak: float = 5000.0
    soc: float | None = None
    meter: Meter = lambda now, flow: flow
    clear: bool = False
    now: datetime = NOON
    sent: list[tuple[datetime, Command]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with a clear sky."""
        self._random = Random(self.seed)
        self._sky = 1.0
        self._appliance = 0.0
        self.controller = SurplusController(self.site, Policy())
        self.flow = PowerFlow(self.now, self.peak, 300.0, 300.0 - self.peak, 0.0)

    def device(self, spec: LoadSpec) -> Device:
        """Return the device of a load."""
        return next(d for d in self.devices if d.spec.key == spec.key)

    def live(self, duration: timedelta) -> None:
        """Live for a while, controlled."""
        for _ in range(int(duration / STEP)):
            self.step()

    def step(self) -> list[Command]:
        """Live ten seconds, and obey."""
        self.now += STEP
        if not self.clear and self._random.random() < 0.02:
            self._sky = self._random.choice((0.2, 0.5, 0.9, 1.0))
        if not self.clear and self._random.random() < 0.02:
            self._appliance = self._random.choice((0.0, 0.0, 0.0, 1500.0))
        for device in self.devices:
            device.tick(self.now)
        production = self.peak * self._sky
        consumption = 300.0 + self._appliance + sum(d.drawn for d in self.devices)
        battery = 0.0
        if self.site.battery and self.soc is not None:
            battery = min(1500.0, max(-2500.0, consumption - production))
            if (battery < 0.0 and self.soc >= 1.0) or (
                battery > 0.0 and self.soc <= self.site.soc_floor
            ):
                battery = 0.0
            self.soc -= battery * HOURS / self.site.battery
        grid = consumption - production - battery
        self.flow = PowerFlow(self.now, production, consumption, grid, battery)
        commands = self.controller.step(
            self.now,
            self.meter(self.now, self.flow),
            [device.load() for device in self.devices],
            outlook(self.now, self.peak),
            self.soc,
        )
        for command in commands:
            self.sent.append((self.now, command))
            device = next(d for d in self.devices if d.spec.key == command.key)
            device.receive(command.power)
        return commands


def outlook(now: datetime, peak: float) -> Outlook:
    """Return an outlook of half the peak for six hours, then night."""
    start = now.replace(minute=now.minute // 15 * 15, second=0)
    lit = [
        start + k * timedelta(minutes=15) < NOON + timedelta(hours=6) for k in range(96)
    ]
    half = tuple(0.5 * peak * x for x in lit)
    return Outlook(
        start=start,
        slot=900.0,
        production=half,
        production_low=tuple(0.6 * p for p in half),
        production_high=tuple(1.5 * p for p in half),
        base=(300.0,) * 96,
        buy=(0.30,) * 96,
        sell=(0.08,) * 96,
    )


def blind_to(*quantities: str, since: datetime) -> Meter:
    """Return a meter of which some quantities fall silent."""

    def read(now: datetime, flow: PowerFlow) -> PowerFlow:
        if now < since:
            return flow
        silent: dict[str, Any] = dict.fromkeys(quantities)
        return replace(flow, **silent)

    return read


def frozen(since: datetime) -> Meter:
    """Return a meter that keeps repeating an old reading."""
    kept: list[PowerFlow] = []

    def read(now: datetime, flow: PowerFlow) -> PowerFlow:
        if now < since:
            return flow
        kept.append(flow)
        return kept[0]

    return read
