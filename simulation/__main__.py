"""Run a simulated home, or a recorded device, as a Modbus TCP server.

Prints one line of JSON with the ports when it is ready; ends on SIGINT or SIGTERM.
"""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import signal

from .control import ControlServer
from .device import SimulatedDevice
from .home import SimulatedHome
from .modbus_server import SimulatedModbusServer
from .registers import RegisterSource
from .replay import ReplayedDevice
from .site import Site
from .state import HomeConfig
from .sunspec import unit_chains


def _parser() -> argparse.ArgumentParser:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--port", type=int, default=5020, help="Modbus; 0 = free one")
    parser.add_argument(
        "--control-port", type=int, default=5021, help="HTTP; 0 = free one"
    )
    parser.add_argument("--latitude", type=float, default=45.75)
    parser.add_argument("--longitude", type=float, default=21.23)
    parser.add_argument("--elevation", type=float, default=90.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--days", type=float, default=0.0, help="days the home has lived before now"
    )
    parser.add_argument(
        "--family", choices=("integer", "float", "der"), default="integer"
    )
    parser.add_argument("--base", type=int, default=40000, help="first address")
    parser.add_argument("--meter-unit", type=int, help="unit id of a separate meter")
    parser.add_argument("--battery-unit", type=int, help="same for the battery")
    parser.add_argument("--replay", type=Path, help="register dump or diagnostics")
    parser.add_argument("--rtu-framer", action="store_true", help="RTU frames over TCP")
    return parser


def _home_device(options: argparse.Namespace) -> SimulatedDevice:
    """Return the default home at the place that was asked for."""
    config = HomeConfig(
        site=Site(options.latitude, options.longitude, options.elevation)
    )
    start = datetime.now(UTC) - timedelta(days=options.days)
    home = SimulatedHome(config, options.seed, start=start)
    chains = unit_chains(
        config,
        options.family,
        base=options.base,
        meter_unit=options.meter_unit,
        battery_unit=options.battery_unit,
    )
    device = SimulatedDevice(home, chains)
    home.step(datetime.now(UTC))
    return device


async def _serve(options: argparse.Namespace) -> None:
    """Serve until a signal comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    device: SimulatedDevice | None = None
    source: RegisterSource
    if options.replay is None:
        source = device = _home_device(options)
    else:
        source = ReplayedDevice.load(options.replay)
    server = SimulatedModbusServer(
        source,
        None if device is None else device.faults,
        port=options.port,
        rtu_framer=options.rtu_framer,
    )
    control = ControlServer(server, device, port=options.control_port)
    await server.start()
    try:
        await control.start()
        try:
            ports = {"modbus_port": server.port, "control_port": control.port}
            print(json.dumps(ports), flush=True)
            await stopped.wait()
        finally:
            await control.stop()
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(_serve(_parser().parse_args()))
