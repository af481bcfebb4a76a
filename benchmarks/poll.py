"""Requests, registers, CPU and time per poll of one SunSpec hybrid, five ways.

All read the same values of the same simulated inverter, which runs in a process of
its own and counts what it is asked for. CPU is that of this process and all its
threads, less what the same Home Assistant takes while idle. Between polls there is
a pause, so that values have changed when they are read again.

- pv_family: the device, its link, and the ledger, as in Home Assistant
- pv_family in Home Assistant: all of it, with every default entity and the home
- Home Assistant's link alone: the same registers, nothing decoded
- YAML `modbus` hub: one sensor per value, each updated once per poll
- pysunspec2: whole models, then the same values
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final

from .pollers import POLLERS, Poller, least_requests, values_at
from .report import Table, parser, publish, run
from .simulator import Simulator, simulator

_WARM_UP: Final = 10
_HEAD: Final = (
    "per poll",
    "values",
    "requests",
    "registers",
    "CPU min / median, ms",
    "time min / median, ms",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one poll costs.

    Attributes:
        values: Values read.
        requests: Modbus requests, on average.
        registers: Registers read, on average.
        cpu: Least and median CPU time of the client in ms.
        wall: Least and median duration in ms.
    """

    values: int
    requests: float
    registers: float
    cpu: tuple[float, float]
    wall: tuple[float, float]

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the cells of a table."""
        return (
            str(self.values),
            f"{self.requests:.4g}",
            f"{self.registers:.4g}",
            f"{self.cpu[0]:.2f} / {self.cpu[1]:.2f}",
            f"{self.wall[0]:.2f} / {self.wall[1]:.2f}",
        )


async def measure(
    polls: int, pause: float, warm_up: int = _WARM_UP
) -> tuple[int, dict[str, Cost]]:
    """Return the least requests possible and what each way takes.

    Args:
        polls: How often each way polls.
        pause: How long to wait between polls, in s.
        warm_up: How often each way polls before it is measured.
    """
    costs: dict[str, Cost] = {}
    async with simulator() as server:
        values = await values_at(server.modbus_port)
        for name, way in POLLERS.items():
            async with way(server.modbus_port, values) as poller:
                for _ in range(warm_up):
                    await poller.poll()
                costs[name] = await _measure(poller, server, polls, pause)
    return least_requests(values), costs


async def _measure(poller: Poller, server: Simulator, polls: int, pause: float) -> Cost:
    idle = await _idle_share(10 * pause)
    cpu: list[float] = []
    wall: list[float] = []
    before = await server.count()
    for _ in range(polls):
        await asyncio.sleep(pause)
        started, spent = perf_counter(), process_time()
        await poller.poll()
        took = perf_counter() - started
        cpu.append(1000 * (process_time() - spent - idle * took))
        wall.append(1000 * took)
    asked = await server.count() - before
    return Cost(
        values=poller.values,
        requests=asked.requests / polls,
        registers=asked.registers / polls,
        cpu=(min(cpu), median(cpu)),
        wall=(min(wall), median(wall)),
    )


async def _idle_share(seconds: float) -> float:
    """Return the share of a CPU that the process takes while nobody polls."""
    if not seconds:
        return 0.0
    started, spent = perf_counter(), process_time()
    await asyncio.sleep(seconds)
    return (process_time() - spent) / (perf_counter() - started)


def _table(costs: Mapping[str, Cost]) -> Table:
    return Table(_HEAD, [(name, *cost.cells) for name, cost in costs.items()])


def main() -> None:
    """Measure and print."""
    options = parser("poll", __doc__)
    options.add_argument("--polls", type=int, default=200, help="of each way")
    options.add_argument("--pause", type=float, default=0.25, help="between polls, s")
    arguments = options.parse_args()
    least, costs = run(measure(arguments.polls, arguments.pause))
    numbers: dict[str, Any] = {name: asdict(cost) for name, cost in costs.items()}
    publish(_table(costs), {"least_requests": least, "costs": numbers}, arguments.json)
    print(f"least requests possible: {least}")


if __name__ == "__main__":
    main()
