"""pv_family below the line: the device, its link, and the ledger behind it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from benchmarks.clock import Clock
from custom_components.pv_family.readings.ledger import Ledger, Limits

from .poller import Poller
from .values import Value, connected


@asynccontextmanager
async def sunspec_poller(port: int, values: Sequence[Value]) -> AsyncIterator[Poller]:
    """Poll as the integration does, over the link of Home Assistant's `modbus`."""
    async with connected(port) as (_, device):
        clock, ledger = Clock(), Ledger()

        async def poll() -> None:
            now = clock.tick()
            taken = await device.poll(now, full=False)
            for part, resolution in taken.resolutions.items():
                ledger.limits[device.identity.serial, part] = Limits(
                    None, resolution, taken.moduli.get(part)
                )
            for reading in taken.readings:
                ledger.admit(reading, now)

        yield Poller(poll, len(values))
