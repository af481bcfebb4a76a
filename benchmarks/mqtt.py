"""CPU time of Home Assistant for one message of a node, from the broker to entities.

A simulated node in a process of its own speaks at a real mosquitto; Home Assistant
runs in this process, with every default entity, the home and its energy book. CPU is
that of this process and all its threads, less what it takes while the node is silent.
A node sends three messages at a time, as here; real ones do so every 5 s.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Final

from homeassistant.components import mqtt
from homeassistant.config_entries import SOURCE_MQTT, SOURCE_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from simulation.demo.process import Program
from tests.broker import running_broker

from .core import core
from .home_assistant import demo_site
from .report import Table, parser, publish, run

_HOUSE: Final = "comunita/casa_A"
_PATIENCE: Final = 30.0


class Counter:
    """Counts what arrives of the node."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.messages = 0

    @callback
    def count(self, _: mqtt.ReceiveMessage) -> None:
        """Count a message."""
        self.messages += 1


async def measure(seconds: float, interval: float) -> dict[str, float]:
    """Return the messages a second and the CPU time of one in ms.

    Args:
        seconds: How long to measure, with the node and without.
        interval: How long the node waits between its measurements, in s.
    """
    counter = Counter()
    with TemporaryDirectory() as folder, running_broker(Path(folder)) as broker:
        async with core(demo_site()) as hass:
            await _connect(hass, broker.port)
            idle = 0.0
            async with _node(broker.port, interval, Path(folder)):
                await _add_node(hass)
                await mqtt.async_subscribe(hass, f"{_HOUSE}/#", counter.count, 0)
                await asyncio.sleep(5)
                before = counter.messages
                busy = await _cpu(seconds)
                messages = counter.messages - before
            await asyncio.sleep(5)
            idle = await _cpu(seconds)
    return {
        "messages_per_second": messages / seconds,
        "cpu_ms": 1000 * (busy - idle) / messages,
    }


async def _cpu(seconds: float) -> float:
    """Return the CPU time of this process over some time, in s."""
    end, spent = perf_counter() + seconds, process_time()
    await asyncio.sleep(end - perf_counter())
    return process_time() - spent


async def _connect(hass: HomeAssistant, port: int) -> None:
    """Set the broker up as a user does."""
    # The broker's integration reads the configuration again.
    await asyncio.to_thread(Path(hass.config.path("configuration.yaml")).touch)
    flow = hass.config_entries.flow
    step: Any = await flow.async_init("mqtt", context={"source": SOURCE_USER})
    other = {"set_client_cert": False, "set_ca_cert": "off"}
    step = await flow.async_configure(
        step["flow_id"],
        {"broker": "127.0.0.1", "port": port, "other_settings": other},
    )
    if step["type"] is not FlowResultType.CREATE_ENTRY:
        raise RuntimeError(f"the flow stopped at {step}")


@asynccontextmanager
async def _node(port: int, interval: float, folder: Path) -> AsyncIterator[None]:
    """Run a node for as long as the context lasts."""
    program = Program(
        "node",
        [
            *(sys.executable, "-m", "simulation.node", "--port", str(port)),
            *("--interval", str(interval)),
        ],
        folder / "node.log",
    )
    await program.start()
    try:
        yield
    finally:
        await program.stop()


async def _add_node(hass: HomeAssistant) -> None:
    """Confirm the node that announced itself; it brings its home."""
    flow = hass.config_entries.flow
    async with asyncio.timeout(_PATIENCE):
        while not (
            found := flow.async_progress_by_handler(
                "pv_family", match_context={"source": SOURCE_MQTT}
            )
        ):
            await asyncio.sleep(0.1)
    step: Any = await flow.async_configure(
        found[0]["flow_id"],
        {
            "name": "Node",
            "channel_1": {"name": "PV", "role": "generation"},
            "channel_2": {"name": "House", "role": "consumption"},
            "channel_3": {"name": "Grid", "role": "grid"},
        },
    )
    if step["type"] is not FlowResultType.CREATE_ENTRY:
        raise RuntimeError(f"the flow stopped at {step}")
    await hass.async_block_till_done()


def main() -> None:
    """Measure and print."""
    options = parser("mqtt", __doc__)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--interval", type=float, default=0.5, help="of the node, s")
    arguments = options.parse_args()
    numbers = run(measure(arguments.seconds, arguments.interval))
    rows = [(f"{numbers['messages_per_second']:.1f}", f"{numbers['cpu_ms']:.2f}")]
    publish(
        Table(("messages a second", "CPU of one, ms"), rows), numbers, arguments.json
    )


if __name__ == "__main__":
    main()
