"""A real mosquitto for tests, on a free port of 127.0.0.1."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import random
import shutil
import socket
import subprocess
import time

import pytest

_PLACES = (
    "/usr/sbin/mosquitto",
    "/usr/local/sbin/mosquitto",
    "/opt/homebrew/sbin/mosquitto",
    str(Path(__file__).parents[1] / ".tools" / "bin" / "mosquitto"),
)
# A busy machine takes its time. Ports below those that the machine gives to whoever
# connects, or a client could have taken the broker's while it is away.
_START = 120.0
_PORTS = range(10_000, 32_768)


def find_mosquitto() -> str:
    """Return the broker's path; without one, skip the test that asks."""
    places = (shutil.which("mosquitto"), *_PLACES)
    for place in places:
        if place is not None and Path(place).is_file():
            return place
    pytest.skip("NO MOSQUITTO: run scripts/setup to test against a real broker")


class Broker:
    """One mosquitto process at a time, always on the same port."""

    def __init__(self, folder: Path, program: str) -> None:
        """Prepare a broker that keeps nothing on disk."""
        self.port = free_port()
        self.log = folder / "mosquitto.log"
        self._program = program
        self._settings = folder / "mosquitto.conf"
        self._settings.write_text(
            f"listener {self.port} 127.0.0.1\n"
            "allow_anonymous true\npersistence false\n",
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            RuntimeError: It ended or did not listen in time.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", str(self._settings)], stdout=log, stderr=log
            )
        end = time.monotonic() + _START
        while self._process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        raise RuntimeError(f"mosquitto does not listen: {self.log.read_text()}")

    def stop(self) -> None:
        """End it as a service is ended."""
        if (process := self._process) is None:
            return
        self._process = None
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End it as a power cut does."""
        if (process := self._process) is not None:
            self._process = None
            process.kill()
            process.wait()

    def restart(self, *, killed: bool = False) -> None:
        """End it, start it again; what it retained is lost."""
        if killed:
            self.kill()
        else:
            self.stop()
        self.start()


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """Run a broker for as long as the block runs.

    Args:
        folder: Where its settings and its log may lie.
    """
    broker = Broker(folder, find_mosquitto())
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody has."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
