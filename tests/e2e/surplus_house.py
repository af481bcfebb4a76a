"""A home with a boiler, a car and a battery, and a Home Assistant that it can hurry.

The boiler hangs at a relay of an MQTT node, which is the meter at the grid connection,
too. The car's charger is a number and a switch. Roof and battery are a Modbus inverter.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sys
from typing import Any, Final

from simulation.demo.client import HassClient
from simulation.demo.instance import Instance
from simulation.demo.process import Program
from simulation.device import SimulatedDevice
from simulation.home import SimulatedHome
from simulation.inverter import Inverter
from simulation.modbus_server import SimulatedModbusServer
from simulation.node.core import NodeCore
from simulation.node.flows import home_source
from simulation.site import Site
from simulation.state import DEFAULT_STRINGS, HomeConfig
from tests.broker import Broker

from .surplus_wire import Wire

SITE: Final = Site(45.0, 30.0, 90.0)
BOILER_POWER: Final = 1500.0
BOILER_ROOM: Final = 12_000.0
CAR_ROOM: Final = 40_000.0
VOLTAGE: Final = 230.0
CURRENT, CHARGER = "input_number.current", "input_boolean.charger"
_PATIENCE: Final = 90.0
_HELPERS: Final = """\
automation: !include automations.yaml
input_boolean:
  charger:
input_number:
  current: {min: 0, max: 16, step: 1, unit_of_measurement: A}
"""
_WATCHED: Final = ("sensor.boiler_why", "sensor.car_why", CHARGER, CURRENT)
_SHOWN: Final = (
    "{{ [trigger.payload | int"
    + "".join(f", states('{entity}')" for entity in _WATCHED)
    + "] | to_json }}"
)
_ECHO: Final = {
    "alias": "Echo",
    "mode": "queued",
    "max": 100,
    "triggers": [{"trigger": "mqtt", "topic": "probe/ping"}],
    "actions": [
        {
            "action": "mqtt.publish",
            "data": {"topic": "probe/pong", "payload": _SHOWN},
        }
    ],
}


@dataclass(slots=True)
class Row:
    """What there was after one step."""

    when: datetime
    boiler: bool
    car: float
    grid: float
    battery: float
    why: tuple[str, str]


@dataclass
class SurplusHouse:
    """The home and its Home Assistant.

    Attributes:
        folder: Where everything lies.
        port: Of Home Assistant.
        control_port: Of its clock.
        broker: The MQTT broker.
        start: When the day begins.
        rows: What there was, step by step.
        frozen: The meter at the grid connection says nothing any more.
    """

    folder: Path
    port: int
    control_port: int
    broker: Broker
    start: datetime
    seed: int = 7
    rows: list[Row] = field(default_factory=list)
    frozen: bool = False
    broken: bool = False
    token: str = ""

    def __post_init__(self) -> None:
        """Build it."""
        self.now = self.start
        roof = tuple(replace(string, modules=16) for string in DEFAULT_STRINGS)
        config = HomeConfig(
            site=SITE,
            strings=roof,
            inverter=Inverter(nameplate=8000.0),
            meter=False,
            initial_soc=0.3,
        )
        self.home = SimulatedHome(config, self.seed)
        self.device = SimulatedDevice(self.home, now=lambda: self.now)
        self.server = SimulatedModbusServer(self.device, self.device.faults)
        self.core = NodeCore("casa_A", home_source(self.home))
        self.wire = Wire(self.core, self.broker.port, lambda: self.now)
        self.instance = Instance(self.folder / "config", self.port)
        self.client = HassClient(self.instance)
        self.heat = self.charge = 0.0
        self.car = 0.0
        self.program: Program | None = None
        self._control: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._entry_id = ""

    @property
    def boiler_on(self) -> bool:
        """Whether the relay is on."""
        return self.core.relays[0].on

    # --- Home Assistant ---

    async def open(self) -> None:
        """Start all of it, add the home and its loads, and stop the clock."""
        await self.server.start()
        self._link = asyncio.create_task(self.wire.run())
        self.instance.prepare(SITE)
        with (self.instance.folder / "configuration.yaml").open("a") as yaml:
            yaml.write(_HELPERS)
        (self.instance.folder / "automations.yaml").write_text("[]\n")
        await self._boot()
        client = self.client
        await client.onboard()
        await client.wait_until_running()
        await self._add_home()
        self.token = await client.command(
            "auth/long_lived_access_token", client_name="Test", lifespan=30
        )
        await client.disconnect()
        client.tokens = {"access_token": self.token}
        await self._hold()

    async def close(self) -> None:
        """End all of it."""
        await self.leave()
        if self.program is not None:
            await self.program.kill()
        await self.client.__aexit__(None, None, None)
        self._link.cancel()
        await asyncio.gather(self._link, return_exceptions=True)
        await self.server.stop()

    async def _boot(self) -> None:
        arguments = (
            f"--start={self.now.timestamp()}",
            f"--control-port={self.control_port}",
            f"--config={self.instance.folder}",
            "--skip-pip",
        )
        self.program = Program(
            "Home Assistant",
            [sys.executable, "-m", "tests.e2e.stepped_hass", *arguments],
            self.instance.log,
        )
        await self.program.start()
        await self.client.wait_until_up(self.program)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.control_port)
        self._control = reader, writer

    async def _add_home(self) -> None:
        client = self.client
        await client.flow(
            "flow",
            "mqtt",
            {
                "broker": "127.0.0.1",
                "port": self.broker.port,
                "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
            },
        )
        await client.post("/api/config/automation/config/echo", _ECHO)
        place = {"latitude": SITE.latitude, "longitude": SITE.longitude}
        step = await client.flow(
            "flow", "pv_family", {"name": "Home", "location": place}
        )
        self._entry_id = step["result"]["entry_id"]
        await self._add(
            "inverter",
            {"next_step_id": "tcp"},
            {"host": "127.0.0.1", "port": self.server.port},
            {"name": "Inverter"},
        )
        await self._add(
            "node",
            {"next_step_id": "mqtt"},
            {"house": self.core.house},
            {
                "name": "Node",
                "channel_1": {"name": "Cable", "role": "none"},
                "channel_2": {"name": "House", "role": "none"},
                "channel_3": {"name": "Grid", "role": "grid"},
            },
        )
        relay = await self._until(self._relay)
        await self._add(
            "load",
            {"next_step_id": "thermal"},
            {
                "name": "Boiler",
                "entity_id": relay,
                "power": BOILER_POWER,
                "need": 8,
                "need_unit": "kwh",
                "deadline": "19:00:00",
                "shadow": False,
                "daily": {},
                "times": {"min_on": 10, "min_off": 10},
                "rules": {"priority": 3},
            },
        )
        await self._add(
            "load",
            {"next_step_id": "modulating"},
            {
                "name": "Car",
                "entity_id": CURRENT,
                "phases": "1",
                "shadow": False,
                "range": {"enable": CHARGER},
                "daily": {},
                "times": {"min_on": 10, "min_off": 5},
                "rules": {"priority": 5},
            },
        )

    async def _add(self, kind: str, *answers: dict[str, Any]) -> None:
        step = await self.client.flow(
            "subentries/flow", [self._entry_id, kind], *answers
        )
        assert step["type"] == "create_entry", step

    async def _relay(self) -> str | None:
        states = await self.client.states()
        return next((e for e in states if e.startswith("switch.node_relay_1")), None)

    async def _complete(self) -> bool:
        states = await self.client.states()
        known = ("sensor.home_grid_power", "sensor.home_battery_power")
        return all(
            states.get(entity, {}).get("state") not in (None, "unknown", "unavailable")
            for entity in known
        ) and await self.wire.flush(1.0)

    async def _until(self, condition: Any) -> Any:
        """Wait until something is there while the clock runs, and return it."""
        async with asyncio.timeout(_PATIENCE):
            while not (found := await condition()):
                await self._tell("time")
                self.wire.send(self.core.tick(self.now))
                await asyncio.sleep(0.3)
        return found

    async def _hold(self) -> None:
        """Wait until the home is seen, and stop the clock at a full five minutes."""
        await self._until(self._complete)
        await self._tell("hold")
        while left := -self.now.timestamp() % 300.0:
            await self.step(min(30.0, left))

    async def _tell(self, line: str) -> None:
        """Tell the clock something, and learn what time it is."""
        assert self._control is not None
        reader, writer = self._control
        writer.write(f"{line}\n".encode())
        await writer.drain()
        answer = await reader.readline()
        self.now = max(self.now, datetime.fromtimestamp(float(answer), UTC))

    async def leave(self) -> None:
        """Let the clock of Home Assistant run by itself."""
        if self._control is not None:
            _, writer = self._control
            self._control = None
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def stop(self) -> None:
        """Ask Home Assistant to end, and let its last words arrive."""
        assert self.program is not None
        await self.leave()
        await self.program.stop()

    async def kill(self) -> None:
        """Kill Home Assistant, as a power cut does."""
        assert self.program is not None
        await self.program.kill()
        self._control = None

    async def restart(self) -> None:
        """Start Home Assistant again, and stop its clock."""
        await self._boot()
        await self.client.wait_until_running()
        await self._hold()

    # --- the day ---

    async def step(self, seconds: float = 30.0) -> None:
        """Live for a while, and see what Home Assistant makes of it."""
        hours = seconds / 3600.0
        boiler = BOILER_POWER if self.boiler_on and self.heat < BOILER_ROOM else 0.0
        car = self.car if self.charge < CAR_ROOM else 0.0
        self.heat += boiler * hours
        self.charge += car * hours
        self.home.extra_load = boiler + car
        self.now += timedelta(seconds=seconds)
        said = self.core.tick(self.now)
        state = self.home.step(self.now)
        if not self.frozen:
            self.wire.send(said)
        await self._exchange()
        await self._tell(f"step {seconds}")
        *why, charging, current = await self._exchange()
        self.car = float(current) * VOLTAGE if charging == "on" else 0.0
        self.rows.append(
            Row(
                when=self.now,
                boiler=self.boiler_on,
                car=self.car,
                grid=state.grid,
                battery=state.battery.power_ac if state.battery else 0.0,
                why=(why[0], why[1]),
            )
        )

    async def _exchange(self) -> list[str]:
        """Let everything that was said arrive; return what Home Assistant shows."""
        if self.broken:
            states = await self.client.states()
            return [states[entity]["state"] for entity in _WATCHED]
        assert await self.wire.flush(), "Home Assistant does not answer"
        return self.wire.shown

    async def down(self, minutes: float) -> None:
        """Live for some minutes without Home Assistant; the car goes on charging."""
        for _ in range(round(minutes * 2)):
            self.now += timedelta(seconds=30)
            self.wire.send(self.core.tick(self.now))
            self.home.step(self.now)
            # Nobody measures time while the broker takes the messages in.
            await asyncio.sleep(0.01)

    async def lose_broker(self) -> None:
        """Kill the broker."""
        self.broken = True
        await asyncio.to_thread(self.broker.kill)

    async def regain_broker(self) -> None:
        """Start the broker anew, and live until Home Assistant has found it."""
        await asyncio.to_thread(self.broker.start)
        async with asyncio.timeout(_PATIENCE):
            while not await self.wire.flush(0.5):
                await self.step()
        self.broken = False

    async def live(self, minutes: float) -> None:
        """Live for some minutes."""
        for _ in range(round(minutes * 2)):
            await self.step()

    async def live_until(self, condition: Any, minutes: float) -> float:
        """Live until something holds, and return after how many minutes.

        Raises:
            AssertionError: It took too long.
        """
        for number in range(round(minutes * 2)):
            if condition():
                return number / 2
            await self.step()
        raise AssertionError(f"not within {minutes} min: {self.rows[-1]}")
