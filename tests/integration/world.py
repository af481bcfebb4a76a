"""A simulated home, its Modbus server and the Home Assistant that reads it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
import threading
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulation.device import SimulatedDevice
from simulation.faults import Fault, Faults
from simulation.home import SimulatedHome
from simulation.modbus_server import SimulatedModbusServer
from simulation.registers import RegisterSource
from simulation.site import Site
from simulation.state import HomeConfig
from simulation.sunspec import ChainOptions

DOMAIN = "pv_family"
SITE = Site(45.0, 25.0, 90.0)
NOON = datetime(2026, 6, 15, 9, 40, tzinfo=UTC)
POLL = 10.0
LINK = {"host": "127.0.0.1"}


class World:
    """Everything that a test of a whole home needs."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        *,
        config: HomeConfig | None = None,
        chains: Mapping[int, ChainOptions] | None = None,
        source: RegisterSource | None = None,
    ) -> None:
        """Prepare a home; its server is started by the fixture or the test."""
        self.hass = hass
        self.freezer = freezer
        self.faults = Faults()
        # A clear day and a battery nearly full: charging and exporting both happen.
        config = config or HomeConfig(site=SITE, initial_soc=0.9)
        self.home = SimulatedHome(config, seed=7)
        self.device = SimulatedDevice(
            self.home, chains, self.faults, now=dt_util.utcnow
        )
        self.server = SimulatedModbusServer(source or self.device, self.faults)
        self.entry: ConfigEntry[Any] | None = None

    def rebuild(self, config: HomeConfig) -> None:
        """Put another home behind the same server."""
        self.home = SimulatedHome(config, seed=7)
        self.device = SimulatedDevice(self.home, None, self.faults, now=dt_util.utcnow)
        self.server.source = self.device

    async def close(self) -> None:
        """Unload the home and stop the server."""
        if self.entry is not None and self.entry.state.recoverable:
            await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.server.stop()

    async def add_home(self, **answers: Any) -> ConfigEntry[Any]:
        """Add the home and its inverter through their flows."""
        entry = await self.add_empty_home()
        result = await self.add_inverter(**answers)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        return entry

    async def add_empty_home(self) -> ConfigEntry[Any]:
        """Add a home without anything in it."""
        flow = self.hass.config_entries.flow
        step = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        step = await flow.async_configure(
            step["flow_id"],
            {
                "name": "Casa",
                "location": {"latitude": SITE.latitude, "longitude": SITE.longitude},
            },
        )
        self.entry = step["result"]
        self.hass.config_entries.subentries.async_abort(step["next_flow"][1])
        return self.entry

    async def add_inverter(self, **answers: Any) -> Any:
        """Add the inverter at the server through its flow; return the last step."""
        assert self.entry is not None
        flow = self.hass.config_entries.subentries
        step = await flow.async_init(
            (self.entry.entry_id, "inverter"), context={"source": SOURCE_USER}
        )
        step = await flow.async_configure(step["flow_id"], {"next_step_id": "tcp"})
        # What is no SunSpec device is asked slowly which vendor's it is.
        with self.running_clock():
            step = await flow.async_configure(
                step["flow_id"], {**LINK, "port": self.server.port}
            )
        if step["type"] is FlowResultType.FORM and step["step_id"] == "found":
            step = await flow.async_configure(
                step["flow_id"], {"name": "Inverter", **answers}
            )
        await self.hass.async_block_till_done(wait_background_tasks=True)
        return step

    async def pass_time(self, seconds: float, step: float = POLL) -> None:
        """Let time pass, poll by poll."""
        for _ in range(round(seconds / step)):
            self.freezer.tick(timedelta(seconds=step))
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done(wait_background_tasks=True)

    async def jump(self, to: datetime) -> None:
        """Let time jump, as when the machine was off."""
        self.freezer.move_to(to)
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def reload(self) -> None:
        """Start the home anew."""
        assert self.entry is not None
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def model(self, model_id: int) -> int:
        """Return the address of a model of unit 1."""
        image = self.device.image(1)
        address = min(image) + 2
        while image[address] != model_id:
            address += 2 + image[address + 1]
        return address

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.faults.start(fault)

    @contextmanager
    def running_clock(self) -> Iterator[None]:
        """Let the frozen time run, twenty times as fast, where timeouts must end."""
        ended = threading.Event()
        loop = asyncio.get_running_loop()

        def run() -> None:
            while not ended.wait(0.01):
                self.freezer.tick(0.2)
                # The loop sleeps in real time: wake it to see what time it is.
                loop.call_soon_threadsafe(int)

        clock = threading.Thread(target=run)
        clock.start()
        try:
            yield
        finally:
            ended.set()
            clock.join()

    async def recover(self) -> None:
        """End every fault and wait until the port is open again."""
        self.faults.clear_all()
        for _ in range(100):
            # The loop's clock stands still with the frozen time: move it along.
            self.freezer.tick(0.1)
            await asyncio.sleep(0)
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            except OSError:
                continue
            writer.close()
            return
        raise AssertionError("the port did not open again")

    def state(self, unique_part: str, domain: str = "sensor") -> str:
        """Return the state of the entity whose unique id ends so."""
        registry = er.async_get(self.hass)
        found = [
            entity.entity_id
            for entity in registry.entities.values()
            if entity.platform == DOMAIN
            and entity.domain == domain
            and entity.unique_id.endswith(f"_{unique_part}")
            and entity.unique_id.removesuffix(f"_{unique_part}").count("_") == 0
        ]
        assert len(found) == 1, (unique_part, found)
        state = self.hass.states.get(found[0])
        assert state is not None, found[0]
        return state.state

    def number(self, unique_part: str) -> float:
        """Return a sensor's number."""
        return float(self.state(unique_part))
