"""What every test of the firmware needs."""

from pathlib import Path

import pytest

from .building import build_firmware


@pytest.fixture(scope="session")
def build() -> Path:
    """Return the folder with everything built."""
    return build_firmware()
