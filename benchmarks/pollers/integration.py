"""pv_family as a whole in Home Assistant, with the entities a new home has."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.clock import Clock
from benchmarks.core import add_home, core
from simulation.site import Site

from .poller import Poller
from .values import Value

_SITE: Final = Site(45.75, 21.23, 90.0)


@asynccontextmanager
async def integration_poller(
    port: int, values: Sequence[Value]
) -> AsyncIterator[Poller]:
    """Refresh the coordinator of the inverter, which moves the whole home."""
    clock = Clock()
    async with core(_SITE) as hass:
        with clock.worn():
            entry = await add_home(hass, _SITE, port)
            (device,) = entry.runtime_data.devices.values()

            async def poll() -> None:
                clock.tick()
                await device.async_refresh()

            yield Poller(poll, len(values))
            await hass.config_entries.async_unload(entry.entry_id)
