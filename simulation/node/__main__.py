"""Run a simulated node at a broker until SIGINT or SIGTERM."""

import argparse
import asyncio
from datetime import UTC, datetime
import signal

from ..home import SimulatedHome
from ..site import Site
from ..state import HomeConfig
from .client import SimulatedNode
from .core import PREFIX, NodeCore
from .faults import NodeFaults
from .flows import constant, home_source


def _parser() -> argparse.ArgumentParser:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m simulation.node", description=__doc__
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--house", default="casa_A")
    parser.add_argument("--prefix", default=PREFIX)
    parser.add_argument("--serial", default="a0b1c2d3e4f5")
    parser.add_argument("--interval", type=float, default=5.0, help="s")
    parser.add_argument("--production", type=float, help="W; else a simulated home")
    parser.add_argument("--consumption", type=float, default=400.0, help="W")
    parser.add_argument(
        "--seed-only", action="store_true", help="messages without t, seq and boot"
    )
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--shuffle", type=int, default=0)
    parser.add_argument("--clock-error", type=float, default=0.0, help="s")
    parser.add_argument("--hostile", action="store_true")
    return parser


async def _run(options: argparse.Namespace) -> None:
    """Serve until a signal comes."""
    if options.production is None:
        home = SimulatedHome(
            HomeConfig(site=Site(45.75, 21.23, 90.0)), start=datetime.now(UTC)
        )
        source = home_source(home)
    else:
        source = constant(options.production, options.consumption)
    core = NodeCore(
        options.house,
        source,
        serial=options.serial,
        prefix=options.prefix,
        stamped=not options.seed_only,
        faults=NodeFaults(
            copies=options.copies,
            shuffle=options.shuffle,
            clock_error=options.clock_error,
            hostile=options.hostile,
        ),
    )
    node = SimulatedNode(
        core, host=options.host, port=options.port, interval=options.interval
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await node.start()
    await stopped.wait()
    await node.stop()


if __name__ == "__main__":
    asyncio.run(_run(_parser().parse_args()))
