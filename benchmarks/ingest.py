"""Reports of nodes that push over HTTP: how many, how fast, at what cost.

A real Home Assistant with recorder and frontend runs on one core; nodes in this process
report from another, over loopback, each with its own key and at a steady pace whether
they were answered or not. Latency counts from when a report was due. Every report is
on the disk before it is answered. CPU is that of Home Assistant with all its threads,
less what it takes while nobody reports.
"""

import asyncio
from dataclasses import asdict, dataclass
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import aiohttp
import psutil  # type: ignore[import-untyped]

from simulation.demo.instance import Instance

from .home_assistant import demo_site, free_port
from .push_nodes import DATA, prepare, program, wait_until_open
from .report import Table, parser, publish, run

_IDLE: Final = 10.0
# Long enough for the first write of the state and everything that is loaded late.
_WARM_UP: Final = 70.0
_HEAD: Final = (
    "offered, 1/s",
    "answered, 1/s",
    "p50, ms",
    "p99, ms",
    "longest, ms",
    "CPU, ms/request",
    "memory before, MB",
    "after, MB",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one pace of reports was like.

    Attributes:
        offered: Reports a second that were due.
        answered: Reports a second that got 200.
        refused: Reports that got anything else.
        p50: Median time from due to answered in ms.
        p99: 99th percentile of it in ms.
        longest: The longest in ms.
        cpu: CPU time of Home Assistant for one report in ms.
        before: Its resident memory before in MB.
        after: Its resident memory after in MB.
    """

    offered: float
    answered: float
    refused: int
    p50: float
    p99: float
    longest: float
    cpu: float
    before: float
    after: float

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the cells of a table."""
        return (
            f"{self.offered:.0f}",
            f"{self.answered:.1f}",
            f"{self.p50:.1f}",
            f"{self.p99:.1f}",
            f"{self.longest:.0f}",
            f"{self.cpu:.2f}",
            f"{self.before:.1f}",
            f"{self.after:.1f}",
        )


class _Nodes:
    """Nodes that report at a steady pace."""

    def __init__(self, session: aiohttp.ClientSession, url: str, keys: list[str]):
        self._session = session
        self._url = f"{url}{DATA}"
        self._keys = keys
        self._sequence = 0
        self.latencies: list[float] = []
        self.refused = 0

    async def report(self, rate: float, seconds: float) -> None:
        """Report that often in all, each in its turn."""
        self.latencies, self.refused = [], 0
        start = perf_counter() + 0.1
        async with asyncio.TaskGroup() as group:
            for number in range(round(rate * seconds)):
                due = start + number / rate
                if (wait := due - perf_counter()) > 0.0:
                    await asyncio.sleep(wait)
                key = self._keys[number % len(self._keys)]
                group.create_task(self._send(key, due))

    async def _send(self, key: str, due: float) -> None:
        self._sequence += 1
        total = 10 * self._sequence // len(self._keys)
        body = {
            "energy_produced": total,
            "energy_consumed": 2 * total,
            "current_load": 400 + self._sequence % 100,
            "voltage": 230.0 + self._sequence % 7,
            "sequence": self._sequence,
        }
        async with self._session.post(
            self._url, json=body, headers={"X-API-Key": key}
        ) as answer:
            await answer.read()
        if answer.status == 200:
            self.latencies.append(1000 * (perf_counter() - due))
        else:
            self.refused += 1


async def measure(nodes: int, rates: list[float], seconds: float) -> list[Load]:
    """Report at each rate for some time.

    Args:
        nodes: How many nodes there are.
        rates: Reports a second of all nodes together.
        seconds: How long each rate lasts.
    """
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[1:] or cores)
    answers = [
        {
            "name": f"Node {number}",
            "energy_kind": "total",
            "energy_unit": "wh",
            "power_unit": "w",
            "channel_1": {"name": "PV", "role": "generation"},
            "channel_2": {"name": "House", "role": "none"},
            "old_path": False,
        }
        for number in range(nodes)
    ]
    with TemporaryDirectory() as folder:
        instance = Instance(Path(folder) / "config", free_port())
        keys = await prepare(instance, demo_site(), answers)
        running = program(instance, "taskset", "--cpu-list", str(cores[0]))
        await running.start()
        try:
            connector = aiohttp.TCPConnector(limit=nodes)
            async with aiohttp.ClientSession(connector=connector) as session:
                await wait_until_open(session, instance, running, keys[0])
                pushing = _Nodes(session, instance.url, keys)
                await pushing.report(rates[0], _WARM_UP)
                process = psutil.Process(running.pid)
                idle = await _idle_share(process)
                return [
                    await _load(pushing, process, idle, rate, seconds) for rate in rates
                ]
        finally:
            await running.stop()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _idle_share(process: psutil.Process) -> float:
    """Return the share of a CPU that the process takes while nobody reports."""
    before = _cpu(process)
    await asyncio.sleep(_IDLE)
    return (_cpu(process) - before) / _IDLE


async def _load(
    nodes: _Nodes, process: psutil.Process, idle: float, rate: float, seconds: float
) -> Load:
    memory, spent, started = process.memory_info().rss, _cpu(process), perf_counter()
    await nodes.report(rate, seconds)
    took = perf_counter() - started
    spent = _cpu(process) - spent - idle * took
    latencies = sorted(nodes.latencies)
    return Load(
        offered=rate,
        answered=len(latencies) / took,
        refused=nodes.refused,
        p50=median(latencies),
        p99=latencies[len(latencies) * 99 // 100],
        longest=latencies[-1],
        cpu=1000 * spent / len(latencies),
        before=memory / 2**20,
        after=process.memory_info().rss / 2**20,
    )


def main() -> None:
    """Measure and print."""
    options = parser("ingest", __doc__)
    options.add_argument("--nodes", type=int, default=40)
    options.add_argument(
        "--rates", type=float, nargs="+", default=[100.0, 300.0, 390.0], help="1/s"
    )
    options.add_argument("--seconds", type=float, default=60.0, help="of each rate")
    arguments = options.parse_args()
    loads = run(measure(arguments.nodes, arguments.rates, arguments.seconds))
    table = Table(_HEAD, [load.cells for load in loads])
    publish(table, {"loads": [asdict(load) for load in loads]}, arguments.json)
    print(f"refused: {sum(load.refused for load in loads)}")


if __name__ == "__main__":
    main()
