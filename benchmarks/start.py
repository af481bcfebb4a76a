"""What a configured home adds to the start and the memory of Home Assistant.

Two instances with the same YAML, one without the integration and one with the home
that the demo sets up, are started in turn; the simulated home runs all the while.
A probe in both tells when Home Assistant runs, and how late a 5 ms timer fires in
the 60 s that follow. Differences are those of the two starts of a run.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from simulation.demo.instance import Instance

from .home_assistant import SEED, Start, demo_site, free_port, prepare, start
from .report import Table, parser, publish, run
from .simulator import simulator

type Pair = tuple[Start, Start]
"""The start without, and the start with the home."""

_FIGURES: Final[dict[str, Callable[[Start], float]]] = {
    "start, s": lambda found: found.seconds,
    "CPU of the start, s": lambda found: found.cpu,
    "memory, MB": lambda found: found.memory,
    "longest stall, ms": lambda found: found.stall,
    "99th percentile, ms": lambda found: found.stall_p99,
}


async def measure(runs: int) -> list[Pair]:
    """Start both instances that often; which one is first alternates."""
    site = demo_site()
    place = (f"--latitude={site.latitude}", f"--longitude={site.longitude}")
    pairs: list[Pair] = []
    with TemporaryDirectory() as folder:
        async with simulator(*place, f"--seed={SEED}") as server:
            without = Instance(Path(folder) / "without", free_port())
            home = Instance(Path(folder) / "with", free_port())
            await prepare(without, site, None)
            await prepare(home, site, server.modbus_port)
            for number in range(runs):
                if number % 2:
                    second = await start(home)
                    pairs.append((await start(without), second))
                else:
                    pairs.append((await start(without), await start(home)))
    return pairs


def _spread(values: Sequence[float]) -> str:
    """Return median and range."""
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _table(pairs: Sequence[Pair]) -> Table:
    rows = []
    for name, figure in _FIGURES.items():
        without = [figure(pair[0]) for pair in pairs]
        home = [figure(pair[1]) for pair in pairs]
        added = [after - before for before, after in zip(without, home, strict=True)]
        rows.append((name, _spread(without), _spread(home), _spread(added)))
    return Table(("median (range)", "without", "with", "difference"), rows)


def main() -> None:
    """Measure and print."""
    options = parser("start", __doc__)
    options.add_argument("--runs", type=int, default=5, help="pairs of starts")
    arguments = options.parse_args()
    pairs = run(measure(arguments.runs))
    numbers = [{"without": asdict(a), "with": asdict(b)} for a, b in pairs]
    publish(_table(pairs), {"runs": numbers}, arguments.json)


if __name__ == "__main__":
    main()
