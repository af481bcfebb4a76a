"""The link of Home Assistant's `modbus` alone: the same blocks, nothing decoded."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from .poller import Poller
from .values import Value, connected, least_blocks


@asynccontextmanager
async def link_poller(port: int, values: Sequence[Value]) -> AsyncIterator[Poller]:
    """Read the blocks that hold the values, and throw them away."""
    async with connected(port) as (unit, _):

        async def poll() -> None:
            for address, count in least_blocks(values):
                await unit.read_holding_registers(address, count)

        yield Poller(poll, len(values))
