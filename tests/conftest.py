"""Fixtures for every test."""

import pytest


@pytest.fixture
def loopback(socket_enabled: None) -> None:
    """Allow TCP to 127.0.0.1, for tests that run a real server.

    Sockets are otherwise blocked. Names are still not resolved, and connections to
    any other host still fail.
    """
