"""The core's own tests, and the budgets of the boards."""

from pathlib import Path
import subprocess

import pytest

pytestmark = pytest.mark.timeout(900)

# Optiboot takes the last 512 bytes; a margin for what somebody adds.
_BUDGETS = {"uno": (28 * 1024, 1350), "mega": (128 * 1024, 4096)}


def test_unit_tests(build: Path) -> None:
    """They hold, and nothing in them is out of bounds or undefined."""
    done = subprocess.run(
        [build / "unit" / "run"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "0 skipped" in done.stdout


@pytest.mark.parametrize("board", _BUDGETS)
def test_sizes(build: Path, board: str) -> None:
    """Flash and static memory are within the board's budget."""
    rows = (
        row.split() for row in (build / board / "size.txt").read_text().splitlines()
    )
    sizes = {row[0]: int(row[1]) for row in rows if len(row) == 3 and row[0][0] == "."}
    flash, memory = _BUDGETS[board]
    assert sizes[".text"] + sizes[".data"] <= flash
    assert sizes[".data"] + sizes[".bss"] + sizes.get(".noinit", 0) <= memory
