"""Run the demo: a simulated home, a Home Assistant, and 30 days of history."""

import argparse
import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path
import signal
import sys
from time import monotonic

from ..home import SimulatedHome
from ..site import Site, longitude_at_noon
from ..state import HomeConfig
from .check import check
from .client import USER, HassClient, HassError
from .history import DAYS, import_history
from .instance import Instance
from .log import complaints_in
from .newcomer import (
    add_home,
    add_roofs,
    add_to_energy_dashboard,
    choose_weather,
    simulated_weather,
    wait_for_values,
)
from .process import Program
from .simulator import running_simulator

_FOLDER = Path(__file__).parents[2] / ".demo"
_SEED = 7
_CHECK_SECONDS = 40.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8123, help="of the page")
    parser.add_argument(
        "--hours", type=float, help="end after this long instead of at Ctrl-C"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="compare the states with the simulation and end with 0 or 1",
    )
    parser.add_argument(
        "--real-weather",
        action="store_true",
        help="ask Open-Meteo and PVGIS, which know nothing of the simulated sky",
    )
    return parser.parse_args()


def _say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)


async def _run(arguments: argparse.Namespace) -> int:
    started = monotonic()
    now = datetime.now(UTC)
    site = Site(45.0, round(longitude_at_noon(now), 2), 90.0)
    home = SimulatedHome(HomeConfig(site=site), _SEED)
    instance = Instance(_FOLDER / "home-assistant", arguments.port)
    _FOLDER.mkdir(exist_ok=True)
    for log in _FOLDER.glob("*.log"):
        log.unlink()
    instance.prepare(site)

    async with contextlib.AsyncExitStack() as stack:
        _say("Starting the simulated home: 6 kWp, two roofs, a battery, a meter")
        simulator = await stack.enter_async_context(
            running_simulator(_FOLDER / "simulator.log", site, _SEED)
        )
        _say("Starting Home Assistant")
        program = instance.program()
        stack.push_async_callback(program.stop)
        await program.start()
        client = await stack.enter_async_context(HassClient(instance))
        await client.wait_until_up(program)
        await client.onboard()
        await client.show_times_of_the_home()
        _say("Adding the home and its inverter")
        entry_id = await add_home(client, simulator.modbus_port, home)
        weather = {"internet_weather": True}
        if not arguments.real_weather:
            weather |= simulated_weather(simulator.control_url)
        await choose_weather(client, entry_id, weather)
        await wait_for_values(client)
        _say(f"Importing {DAYS} days of history")
        await import_history(client, home, now)
        _say("Adding its roofs, and the Energy dashboard")
        # Forecasts begin with the roof, and learn from what is there.
        await add_roofs(client, entry_id, home)
        await wait_for_values(client)
        await add_to_energy_dashboard(client, entry_id)
        _say(
            f"Ready after {monotonic() - started:.0f} s:"
            f" {instance.url}  (user {USER}, password {USER})"
        )
        if arguments.check:
            return await _check(client, instance, simulator.control_url)
        _say("Ctrl-C ends it and leaves nothing running")
        await _wait(program, arguments.hours)
    return 0


async def _check(client: HassClient, instance: Instance, control_url: str) -> int:
    """Compare states with the simulation, and look through the log."""
    _say(f"Comparing with the simulation for {_CHECK_SECONDS:.0f} s")
    comparisons = await check(client, control_url, _CHECK_SECONDS)
    print(f"{'entity':48} {'shown':>10} {'least':>10} {'most':>10}")
    for comparison in comparisons:
        print(comparison)
    complaints = complaints_in(instance.log)
    for line in complaints:
        print(line)
    wrong = sum(not comparison.agrees for comparison in comparisons)
    _say(
        f"{len(comparisons) - wrong} of {len(comparisons)} values agree,"
        f" {len(complaints)} lines of the log name us"
    )
    return 0 if comparisons and not wrong and not complaints else 1


async def _wait(program: Program, hours: float | None) -> None:
    """Wait for the time to pass, or for Home Assistant to end by itself."""
    end = None if hours is None else monotonic() + hours * 3600
    while end is None or monotonic() < end:
        if program.ended:
            raise HassError(f"Home Assistant ended; see {program.log}")
        await asyncio.sleep(0.5)


async def _until_signal(arguments: argparse.Namespace) -> int:
    task = asyncio.create_task(_run(arguments))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        _say("Stopped")
        return 0


def main() -> int:
    """Run the demo and return its exit code."""
    try:
        return asyncio.run(_until_signal(_arguments()))
    except HassError as err:
        print(f"error: {err}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
