"""What every benchmark has in common: a table for people, a file for programs."""

import argparse
import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
import json
import os
from pathlib import Path
import platform
import signal
import sys
from typing import Any, override


@dataclass(frozen=True, slots=True)
class Table:
    """A Markdown table.

    Attributes:
        head: The names of its columns; all but the first are numbers.
        rows: Its cells as text.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    @override
    def __str__(self) -> str:
        """Return the table as Markdown."""
        rule = [":--", *("--:" for _ in self.head[1:])]
        return "\n".join(_line(row) for row in (self.head, rule, *self.rows))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark."""
    found = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=description
    )
    found.add_argument("--json", type=Path, help="write the numbers here, too")
    return found


def run[T](benchmark: Coroutine[Any, Any, T]) -> T:
    """Run a benchmark; SIGTERM ends it and every program that it started."""

    async def until_terminated() -> T:
        task = asyncio.ensure_future(benchmark)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    try:
        return asyncio.run(until_terminated())
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)


def machine() -> dict[str, Any]:
    """Return what timings depend on."""
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def publish(table: Table, numbers: Any, file: Path | None) -> None:
    """Print a table and what it was measured on; write the numbers if asked to."""
    print(table)
    print(f"\n{machine()}", flush=True)
    if file is not None:
        file.write_text(json.dumps({"machine": machine(), **numbers}, indent=2) + "\n")
