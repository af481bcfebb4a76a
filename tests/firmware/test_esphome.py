"""The ESPHome components: valid everywhere, and at work on this machine."""

from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import math
import os
from pathlib import Path
import queue
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import tty
from typing import IO, override

import pytest

from custom_components.pv_family.devices.push.payload import Report, parse_report
from tests.broker import free_port

from .building import find_esphome
from .programs import FIRMWARE, read_lines

pytestmark = [pytest.mark.usefixtures("loopback"), pytest.mark.timeout(1800)]

_BOARDS = ("gateway-esp32", "gateway-esp8266", "meter-atm90e32", "meter-shelly-em")
_PATIENCE = 600.0
_KEY = "pvf_something"
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


class Wire:
    """A node as a program, at a serial line that ESPHome opens.

    Attributes:
        path: Where ESPHome finds the line.
    """

    def __init__(self, stack: ExitStack, build: Path) -> None:
        """Lay the line; ESPHome takes only paths with two parts."""
        near, far = os.openpty()
        tty.setraw(far)
        self.path = Path(tempfile.gettempdir()) / f"pvf-line-{os.getpid()}"
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(far))
        self._near = near
        self._said: list[bytes] = []
        self._ended = threading.Event()
        node = subprocess.Popen(
            [build / "pvf_node", "--port", "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert node.stdin is not None
        assert node.stdout is not None
        threads = (
            threading.Thread(target=self._to_node, args=[node.stdin]),
            threading.Thread(target=self._from_node, args=[node.stdout]),
        )
        for end in (near, far):
            stack.callback(os.close, end)
        stack.callback(self.path.unlink, missing_ok=True)
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(self._ended.set)
        stack.callback(node.wait)
        stack.callback(node.kill)

    def _to_node(self, stream: IO[bytes]) -> None:
        while not self._ended.is_set():
            if not select.select([self._near], [], [], 0.1)[0]:
                continue
            try:
                stream.write(os.read(self._near, 4096))
                stream.flush()
            except BrokenPipeError:
                return

    def _from_node(self, stream: IO[bytes]) -> None:
        for raw in stream:
            self._said.append(raw)
            os.write(self._near, raw)

    def heard(self) -> int:
        """Return how many lines the node has said."""
        return len(self._said)

    def since(self, since: int) -> list[bytes]:
        """Return the lines that it said after these."""
        return self._said[since:]

    def until_let_go(self, since: int) -> None:
        """Wait until the node says that relay 1 is off because its lease ended."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            for said in read_lines(self.since(since)):
                if said.leaf == "rele/1" and said.body["motivo"] == "lease":
                    assert said.body["on"] is False
                    return
            time.sleep(0.1)
        raise AssertionError("the relay is still on")


class Ingest:
    """Takes reports over HTTP, and reads them as the integration does."""

    def __init__(self, stack: ExitStack) -> None:
        """Listen on a port of its own."""
        self.requests: queue.Queue[tuple[str, str, Report]] = queue.Queue()
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["X-API-Key"]
                requests.put((self.path, key, parse_report(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            @override
            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stack.callback(server.server_close)
        stack.callback(thread.join)
        stack.callback(server.shutdown)

    def next(self) -> Report:
        """Return the next report."""
        path, key, report = self.requests.get(timeout=_PATIENCE)
        assert (path, key) == ("/api/pv_family/hardware/data", _KEY)
        return report


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

    def leave(self) -> None:
        """Go away without a word."""
        self._process.kill()
        self._process.wait()

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


def test_a_gateway_at_a_node(build: Path, esphome: Path, tmp_path: Path) -> None:
    """Node, serial line, ESPHome, native API and HTTP; and back to the relay."""
    port = free_port()
    with ExitStack() as stack:
        wire = Wire(stack, build)
        ingest = Ingest(stack)
        text = (_HERE / "host.yaml").read_text()
        for name, value in (
            ("port", port),
            ("http", ingest.port),
            ("components", FIRMWARE / "components"),
            ("stand_in", _HERE / "stand_in"),
            ("line", wire.path),
        ):
            text = text.replace(f"${{{name}}}", str(value))
        (tmp_path / "host.yaml").write_text(text)
        (tmp_path / "secrets.yaml").write_text(f"pv_family_key: {_KEY}\n")
        _run(esphome, tmp_path, "compile", "host.yaml")
        program = next(tmp_path.glob(".esphome/build/*/.pioenvs/*/program"))
        gateway = subprocess.Popen(
            [program], cwd=tmp_path, stdout=subprocess.DEVNULL, text=True
        )
        stack.callback(gateway.wait)
        stack.callback(gateway.kill)
        _wait_for(port)
        client = Client(stack, esphome, port)
        assert client.until("Production") == pytest.approx(1500.0, abs=3.0)
        assert client.until("Exchange") == pytest.approx(-1100.0, abs=3.0)
        _check_reports(ingest)
        client.switch("on")
        client.until("Relay", True)
        # For longer than its lease, because it is renewed; it reports every second.
        lines = wire.heard()
        for _ in range(15):
            ingest.next()
        _check_on(wire, lines)
        client.switch("off")
        client.until("Relay", False)
        client.switch("on")
        client.until("Relay", True)
        # Nobody is there any more who could switch it off.
        lines = wire.heard()
        client.leave()
        wire.until_let_go(lines)
        client = Client(stack, esphome, port)
        client.until("Relay", False)
        client.switch("on")
        client.until("Relay", True)
        lines = wire.heard()
        gateway.kill()
        gateway.wait()
        wire.until_let_go(lines)


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


def _check_reports(ingest: Ingest) -> None:
    """Check what comes over HTTP."""
    while not ingest.requests.empty():
        ingest.requests.get()
    first = ingest.next()
    while first.values["energy_produced"] == 0.0:
        first = ingest.next()
    assert first.values["current_load"] == pytest.approx(0.4, abs=0.003)
    second = ingest.next()
    assert first.sequence is not None
    assert second.sequence == first.sequence + 1
    assert second.values["energy_produced"] >= first.values["energy_produced"]


def _check_on(wire: Wire, since: int) -> None:
    """Check that relay 1 was on in all that the node said of it."""
    said = [m.body["on"] for m in read_lines(wire.since(since)) if m.leaf == "rele/1"]
    assert said
    assert all(said)
