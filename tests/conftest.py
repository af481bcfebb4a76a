"""Fixtures for every test."""

import logging

from hypothesis import settings
import pytest

from .patient_loop import install

# The test plugin makes the database say every statement: megabytes that nobody reads.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
# How long an example takes is for the benchmarks, not for a busy machine's tests.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
install()


@pytest.fixture
def loopback(socket_enabled: None) -> None:
    """Allow TCP to 127.0.0.1, for tests that run a real server.

    Sockets are otherwise blocked. Names are still not resolved, and connections to
    any other host still fail.
    """


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode to ``PYTHONASYNCIODEBUG=1``.

    The test plugin turns it on, and it takes two fifths of the time of a test.
    """
