"""Build the firmware once, whoever asks first."""

import fcntl
import os
from pathlib import Path
import subprocess

import pytest

from .programs import FIRMWARE

# What the scripts end with where their tools are missing and cannot be had.
_NO_TOOLS = 69


def build_firmware() -> Path:
    """Return the folder with everything built.

    Test processes build one after the other; the later ones find it done. Without
    the tools the test that asks is skipped, but never where it has to run.
    """
    _run("build.sh")
    return FIRMWARE / "build"


def find_esphome() -> Path:
    """Return the folder of ESPHome's own environment, made where there is none."""
    return Path(_run("esphome.sh").strip())


def _run(script: str) -> str:
    folder = FIRMWARE / "build"
    folder.mkdir(exist_ok=True)
    with (folder / f".{script}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(
            [FIRMWARE / script], capture_output=True, text=True, check=False
        )
    if done.returncode == _NO_TOOLS and not os.environ.get("CI"):
        pytest.skip(f"NO FIRMWARE TOOLS: {done.stderr.strip()[-400:]}")
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
