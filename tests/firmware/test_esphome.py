"""The ESPHome components: valid everywhere, and at work on this machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
import json
import math
import os
from pathlib import Path
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import tty
from typing import IO

import pytest

from custom_components.pv_family.devices.push.payload import parse_report

from .building import find_esphome
from .programs import FIRMWARE, read_lines

pytestmark = [pytest.mark.usefixtures("loopback"), pytest.mark.timeout(900)]

_BOARDS = ("gateway-esp32", "gateway-esp8266", "meter-atm90e32", "meter-shelly-em")
_PATIENCE = 300.0
_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def esphome() -> Path:
    """Return the folder of ESPHome's own environment."""
    return find_esphome()


def _run(esphome: Path, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [esphome / "bin" / "esphome", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.mark.parametrize("board", _BOARDS)
def test_a_configuration_becomes_code(
    esphome: Path, tmp_path: Path, board: str
) -> None:
    """Every configuration is valid, and ESPHome writes its program."""
    for name in ("esphome", "components"):
        shutil.copytree(FIRMWARE / name, tmp_path / name)
    folder = tmp_path / "esphome"
    example = (folder / "secrets.yaml.example").read_text()
    (folder / "secrets.yaml").write_text(example.replace('""', '"something"'))
    _run(esphome, folder, "compile", "--only-generate", f"{board}.yaml")
    (program,) = folder.glob(".esphome/build/*/src/main.cpp")
    kind = "pvf_serial::PvfSerial" if "gateway" in board else "pvf_node::PvfNode"
    assert kind in program.read_text()


class Line:
    """A serial line between two programs."""

    def __init__(self, stack: ExitStack) -> None:
        """Lay it; ESPHome takes only paths with two parts."""
        self.near, self.far = os.openpty()
        tty.setraw(self.far)
        self.path = Path(tempfile.gettempdir()) / f"pvf-line-{os.getpid()}"
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self.far))
        stack.callback(self.path.unlink, missing_ok=True)
        stack.callback(os.close, self.near)
        stack.callback(os.close, self.far)


class Client:
    """The states that a device told, and its switch."""

    def __init__(self, stack: ExitStack, esphome: Path, port: int) -> None:
        """Connect."""
        self._rows: queue.Queue[tuple[str, object]] = queue.Queue()
        self._process = subprocess.Popen(
            [esphome / "bin" / "python", _HERE / "native_client.py", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        reader = threading.Thread(target=self._read, args=[self._process.stdout])
        reader.start()
        stack.callback(reader.join)
        stack.callback(self._process.wait)
        stack.callback(self._process.kill)

    def _read(self, stream: IO[str]) -> None:
        for row in stream:
            name, state = json.loads(row)
            if not isinstance(state, float) or math.isfinite(state):
                self._rows.put((name, state))

    def until(self, name: str, *values: object) -> object:
        """Return the next state of an entity, or the next that is one of these."""
        end = time.monotonic() + _PATIENCE
        while (left := end - time.monotonic()) > 0.0:
            try:
                found, state = self._rows.get(timeout=left)
            except queue.Empty:
                break
            if found == name and (not values or state in values):
                return state
        raise AssertionError(f"{name} never became {values}")

    def switch(self, order: str) -> None:
        """Say ``on`` or ``off``."""
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()


@contextmanager
def _running(words: list[str | Path], **options: object) -> Iterator[None]:
    process = subprocess.Popen(words, **options)  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_gateway_at_a_node(build: Path, esphome: Path, tmp_path: Path) -> None:
    """Node, serial line, ESPHome, native API; and back to the node's relay."""
    port = _free_port()
    with ExitStack() as stack:
        line = Line(stack)
        text = (_HERE / "host.yaml").read_text()
        for name, value in (
            ("port", port),
            ("components", FIRMWARE / "components"),
            ("line", line.path),
        ):
            text = text.replace(f"${{{name}}}", str(value))
        (tmp_path / "host.yaml").write_text(text)
        _run(esphome, tmp_path, "compile", "host.yaml")
        program = next(tmp_path.glob(".esphome/build/*/.pioenvs/*/program"))
        node: list[str | Path] = [build / "pvf_node", "--port", "1"]
        stack.enter_context(_running(node, stdin=line.near, stdout=line.near))
        gateway = subprocess.Popen(
            [program], cwd=tmp_path, stdout=subprocess.DEVNULL, text=True
        )
        stack.callback(gateway.wait)
        stack.callback(gateway.kill)
        _wait_for(port)
        client = Client(stack, esphome, port)
        assert client.until("Production") == pytest.approx(1500.0, abs=3.0)
        assert client.until("Exchange") == pytest.approx(-1100.0, abs=3.0)
        _check_reports(client)
        client.switch("on")
        client.until("Relay", True)
        # For longer than its lease, because it is renewed.
        for _ in range(10):
            client.until("Report")
        client.switch("off")
        client.until("Relay", False)
        client.switch("on")
        client.until("Relay", True)
        gateway.kill()
        gateway.wait()
        _let_go(line)


def _wait_for(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the gateway does not listen")


def _check_reports(client: Client) -> None:
    """Check that the integration understands what would be sent over HTTP."""
    first = None
    while first is None or first.values["energy_produced"] == 0.0:
        said = client.until("Report")
        assert isinstance(said, str)
        first = parse_report(said.encode()) if said else None
    assert first.values["current_load"] == pytest.approx(0.4, abs=0.003)
    said = client.until("Report")
    assert isinstance(said, str)
    second = parse_report(said.encode())
    assert first.sequence is not None
    assert second.sequence == first.sequence + 1
    assert second.values["energy_produced"] >= first.values["energy_produced"]


def _let_go(line: Line) -> None:
    """Read the node itself until its relay's lease has ended."""
    end = time.monotonic() + _PATIENCE
    rest = b""
    while time.monotonic() < end:
        rest += os.read(line.far, 4096)
        *whole, rest = rest.split(b"\n")
        for said in read_lines(whole):
            if said.leaf == "rele/1" and said.body["motivo"] == "lease":
                assert said.body["on"] is False
                return
    raise AssertionError("the relay is still on")
