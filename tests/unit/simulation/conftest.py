"""Fixtures for the simulated home and for real connections to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.framer import FramerType
import pytest

from simulation.device import SimulatedDevice
from simulation.faults import Faults
from simulation.home import SimulatedHome
from simulation.modbus_server import SimulatedModbusServer
from simulation.noise import FloatArray
from simulation.registers import RegisterSource
from simulation.site import Site
from simulation.state import HomeConfig

TIMISOARA = Site(45.75, 21.23, 90.0)
NOON = datetime(2026, 6, 10, 10, 40, tzinfo=UTC)


def instants(start: datetime, days: float, step: float) -> FloatArray:
    """Return POSIX seconds from `start`, one every `step` s."""
    count = round(days * 86400.0 / step)
    times: FloatArray = start.timestamp() + step * np.arange(count, dtype=np.float64)
    return times


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        """Show `now`."""
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant shown."""
        return self.now

    def seconds(self) -> float:
        """Return it as POSIX seconds."""
        return self.now.timestamp()

    def move(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def config() -> HomeConfig:
    """Return the default home in Timisoara."""
    return HomeConfig(site=TIMISOARA)


@pytest.fixture
def clock() -> Clock:
    """Return a clock at noon on a summer's day."""
    return Clock(NOON)


@pytest.fixture
def device(config: HomeConfig, clock: Clock) -> SimulatedDevice:
    """Return the default home as a device, on the test's clock."""
    faults = Faults(clock=clock.seconds)
    return SimulatedDevice(SimulatedHome(config, 1), faults=faults, now=clock)


@asynccontextmanager
async def serving(
    source: RegisterSource, faults: Faults | None = None, *, rtu_framer: bool = False
) -> AsyncIterator[SimulatedModbusServer]:
    """Serve a source for as long as the block runs."""
    server = SimulatedModbusServer(source, faults, rtu_framer=rtu_framer)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def connected(
    port: int, *, timeout: float = 1.0, rtu_framer: bool = False
) -> AsyncIterator[AsyncModbusTcpClient]:
    """Connect to a server for as long as the block runs."""
    client = AsyncModbusTcpClient(
        "127.0.0.1",
        port=port,
        timeout=timeout,
        retries=0,
        reconnect_delay=0,
        framer=FramerType.RTU if rtu_framer else FramerType.SOCKET,
    )
    await client.connect()
    try:
        yield client
    finally:
        client.close()


async def read(
    client: AsyncModbusTcpClient, address: int, count: int, unit: int = 1
) -> list[int]:
    """Return registers, as many requests as it takes."""
    registers: list[int] = []
    while len(registers) < count:
        reply = await client.read_holding_registers(
            address + len(registers),
            count=min(125, count - len(registers)),
            device_id=unit,
        )
        assert not reply.isError(), reply
        registers += reply.registers
    return registers


async def exception_code(
    client: AsyncModbusTcpClient, address: int, count: int = 1, unit: int = 1
) -> int:
    """Return the code of the exception that a read is answered with, 0 for none."""
    reply = await client.read_holding_registers(address, count=count, device_id=unit)
    return reply.exception_code
