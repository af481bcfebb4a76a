"""A simulated node without its connection: time and commands in, messages out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import json
import random
from typing import Any, NamedTuple

from .energy import KEPT_HOURS, NodeEnergy
from .faults import HOSTILE, NodeFaults
from .flows import Flows, Source
from .relay import SimulatedRelay

PREFIX = "comunita"
_REPORT = timedelta(seconds=30)
_ENERGY = timedelta(seconds=30)
_HOURS_PER_MESSAGE = 24


class Outgoing(NamedTuple):
    """A message that the node sends."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(slots=True)
class Calibrated:
    """What the node stores of one channel."""

    gain: float = 1.0
    voltage_gain: float = 1.0
    zero: float = 0.0
    phase: float = 0.0


@dataclass(slots=True)
class NodeCore:
    """A node in a house.

    Attributes:
        house: Its name in the community.
        source: What it measures.
        serial: Its hardware address.
        boot: How often it has started.
        stamped: Whether messages carry `t`, `seq` and `boot`; the seed's do not.
        relays: Its relays.
        faults: What goes wrong.
        energy: Its registers.
        link: Whether it is connected; hours that end without are kept for later.
        sent: Messages sent so far.
    """

    house: str
    source: Source
    serial: str = "a0b1c2d3e4f5"
    prefix: str = PREFIX
    boot: int = 1
    stamped: bool = True
    relays: Sequence[SimulatedRelay] = field(
        default_factory=lambda: (SimulatedRelay(1), SimulatedRelay(2, min_on=60))
    )
    faults: NodeFaults = field(default_factory=NodeFaults)
    energy: NodeEnergy = field(default_factory=NodeEnergy)
    seed: int = 1
    link: bool = False
    sent: int = 0
    _sequence: int = 0
    _sent_hour: int = 0
    _cut: bool = False
    _reported: datetime | None = None
    _energy_sent: datetime | None = None
    _held: list[Outgoing] = field(default_factory=list)
    _calibration: dict[int, Calibrated] = field(default_factory=dict)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Seed what the faults draw."""
        self._random = random.Random(self.seed)

    @property
    def base(self) -> str:
        """What its topics begin with."""
        return f"{self.prefix}/{self.house}"

    @property
    def will(self) -> Outgoing:
        """What the broker says when the node is lost."""
        body: dict[str, Any] = {"stato": "offline"}
        if self.stamped:
            body["boot"] = self.boot
        return Outgoing(f"{self.base}/stato", _dump(body), retain=True)

    def clock(self, now: datetime) -> float:
        """Return the node's own Unix time in s."""
        return now.timestamp() + self.faults.clock_error

    def connected(self, now: datetime) -> list[Outgoing]:
        """Return what the node says when its connection stands."""
        self.link = True
        self._reported = self._energy_sent = None
        messages = [
            self._message("stato", {"stato": "online"}, now, retain=True),
            self._announcement(now),
        ]
        return [*messages, *self._hours(now)]

    def disconnected(self) -> None:
        """Know that nothing can be sent."""
        self.link, self._cut = False, True
        self._held.clear()

    def restart(self) -> None:
        """Lose what a node loses with its power: relays, sequence, not its energy."""
        self.boot += 1
        self._sequence = 0
        self.relays = tuple(
            SimulatedRelay(r.number, r.min_on, r.min_off, r.starts_per_hour)
            for r in self.relays
        )

    def tick(self, now: datetime) -> list[Outgoing]:
        """Measure and return what there is to say."""
        flows = self.source(now)
        kept = len(self.energy.hours)
        last = self.energy.hours[-1][0] if kept else 0
        self.energy.count(flows, now, self.clock(now))
        ended = bool(self.energy.hours) and self.energy.hours[-1][0] != last
        moved = [relay for relay in self.relays if relay.step(now)]
        if not self.link or self.faults.silent:
            return []
        messages = list(self._measurements(flows, now))
        if ended and self._cut:
            messages += self._hours(now)
        elif ended:
            # Somebody listened all the hour: nothing to send later.
            self._sent_hour = self.energy.hours[-1][0]
        self._cut = self._cut and not ended
        if _due(self._reported, _REPORT, now):
            self._reported = now
            moved = list(self.relays)
            messages.append(self._temperature(now))
        messages += [self._relay(relay, now) for relay in moved]
        if _due(self._energy_sent, _ENERGY, now):
            self._energy_sent = now
            messages.append(self._energy(now))
        return self._faulty(messages)

    def receive(
        self, topic: str, payload: bytes, retained: bool, now: datetime
    ) -> list[Outgoing]:
        """Do what a command says and return the answer."""
        name, _, number = topic.removeprefix(f"{self.base}/cmd/").partition("/")
        try:
            body = json.loads(payload)
        except ValueError, RecursionError:
            return []
        if not isinstance(body, dict):
            return []
        match name:
            case "rele":
                for relay in self.relays:
                    if number == str(relay.number):
                        relay.command(body, retained, now)
                        return [self._relay(relay, now)]
            case "annuncia" if not retained:
                return self.connected(now)
            case "ore" if not retained and isinstance(body.get("da"), int):
                self._sent_hour = min(self._sent_hour, body["da"] - 3600)
                return self._hours(now)
            case "calibra" if not retained:
                return self._calibrate(body, now)
        return []

    def _measurements(self, flows: Flows, now: datetime) -> Iterator[Outgoing]:
        if self.faults.hostile:
            payload = self._random.choice(HOSTILE)
            yield Outgoing(f"{self.base}/produzione", payload)
        production = round(flows.production)
        consumption = round(flows.consumption)
        yield self._message("produzione", {"potenza_w": production}, now)
        yield self._message(
            "bilancio", {"produzione_w": production, "consumo_w": consumption}, now
        )
        yield self._message(
            "rete",
            {
                "v": round(flows.voltage, 1),
                "hz": round(flows.frequency, 2),
                "scambio_w": consumption - production,
            },
            now,
        )

    def _temperature(self, now: datetime) -> Outgoing:
        body = {"modulo": 41.5, "diodi": 38.2, "ambiente": 27.0, "ventole": [False]}
        return self._message("temperatura", body, now)

    def _relay(self, relay: SimulatedRelay, now: datetime) -> Outgoing:
        return self._message(f"rele/{relay.number}", relay.report(now), now)

    def _energy(self, now: datetime, hours: Sequence[Any] = ()) -> Outgoing:
        keys = ("prodotta_wh", "consumata_wh", "importata_wh", "esportata_wh")
        body: dict[str, Any] = dict(zip(keys, self.energy.totals, strict=True))
        if hours:
            body["ore"] = [list(hour) for hour in hours]
        return self._message("energia", body, now, retain=not hours)

    def _hours(self, now: datetime) -> list[Outgoing]:
        """Return the hours that nobody has heard of."""
        hours = [hour for hour in self.energy.hours if hour[0] > self._sent_hour]
        if not hours or not self.stamped:
            return []
        self._sent_hour = hours[-1][0]
        return [
            self._energy(now, hours[at : at + _HOURS_PER_MESSAGE])
            for at in range(0, len(hours), _HOURS_PER_MESSAGE)
        ]

    def _announcement(self, now: datetime) -> Outgoing:
        body = {
            "id": self.serial,
            "marca": "Comunita",
            "modello": "Simulated node",
            "fw": "1.0",
            "canali": [
                {"n": 1, "ruolo": "produzione"},
                {"n": 2, "ruolo": "consumo"},
                {"n": 3, "ruolo": "scambio"},
            ],
            "rele": [
                {
                    "n": relay.number,
                    "min_on_s": relay.min_on,
                    "min_off_s": relay.min_off,
                    "avvii_ora": relay.starts_per_hour,
                    "ttl_max_s": 900,
                }
                for relay in self.relays
            ],
            "funzioni": ["calibra", "ore", "temperatura"],
            "limiti": {"potenza_w": 10_000, "ore": KEPT_HOURS},
        }
        return self._message("annuncio", body, now, retain=True)

    def _calibrate(self, body: dict[str, Any], now: datetime) -> list[Outgoing]:
        channel, command = body.get("canale"), body.get("seq")
        if channel not in (1, 2, 3) or not isinstance(command, int):
            return []
        stored = self._calibration.setdefault(channel, Calibrated())
        if body.get("azione") == "scrivi":
            stored.gain = float(body.get("guadagno", stored.gain))
            stored.voltage_gain = float(body.get("guadagno_v", stored.voltage_gain))
            stored.zero = float(body.get("zero_w", stored.zero))
            stored.phase = float(body.get("fase_gradi", stored.phase))
        flows = self.source(now)
        power = (flows.production, flows.consumption, flows.grid)[channel - 1]
        answer = {
            "canale": channel,
            "cmd": command,
            "esito": "ok",
            "v": flows.voltage,
            "a": round(abs(power) / flows.voltage, 3),
            "w": power,
            "var": 0.0,
            "guadagno": stored.gain,
            "guadagno_v": stored.voltage_gain,
            "zero_w": stored.zero,
            "fase_gradi": stored.phase,
        }
        return [self._message("calibrazione", answer, now)]

    def _message(
        self, leaf: str, body: dict[str, Any], now: datetime, *, retain: bool = False
    ) -> Outgoing:
        if self.stamped:
            self._sequence += 1
            body = {
                **body,
                "t": round(self.clock(now), 3),
                "seq": self._sequence,
                "boot": self.boot,
            }
        return Outgoing(f"{self.base}/{leaf}", _dump(body), retain)

    def _faulty(self, messages: list[Outgoing]) -> list[Outgoing]:
        messages = [m for m in messages for _ in range(self.faults.copies)]
        if self.faults.shuffle:
            self._held += messages
            if len(self._held) < self.faults.shuffle:
                return []
            messages = self._held
            self._held = []
            self._random.shuffle(messages)
        self.sent += len(messages)
        return messages


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
