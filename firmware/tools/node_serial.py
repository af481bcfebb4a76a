"""Set up and calibrate a node over its USB serial line.

Needs pyserial. Examples, from the project's folder:

    python -m firmware.tools.node_serial PORT show
    python -m firmware.tools.node_serial PORT set casa=casa_A broker=192.168.1.10
    python -m firmware.tools.node_serial PORT calibrate 1 --watts 2010 --volts 231.5
    python -m firmware.tools.node_serial PORT listen
"""

import argparse
import cmath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
import importlib
import json
import math
import re
import statistics
import sys
import time
from typing import Any, Protocol

_LINE = re.compile(rb"\$(\S+) (.*)\*([0-9A-F]{4})")
_BAUD = 115200
# A node that writes its memory does not listen for a second.
_ANSWER = 4.0
_TRIES = 4
_SAMPLES = 8
_LEAST_LOAD = 500.0
# What does not fit into one line of the smallest node.
_LONGEST = 150


class CalibrationError(ValueError):
    """A calibration that would make things worse."""


class Port(Protocol):
    """A serial port."""

    def write(self, data: bytes, /) -> int | None:
        """Send bytes."""

    def readline(self) -> bytes:
        """Return a line, or what came of it in time."""


def crc16(data: bytes) -> int:
    """Return CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def encode(leaf: str, body: dict[str, Any]) -> bytes:
    """Return a line to a node."""
    text = f"{leaf} {json.dumps(body, separators=(',', ':'))}".encode()
    return b"$" + text + b"*%04X\r\n" % crc16(text)


def decode(raw: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return the leaf and the object of a line, ``None`` if it is none."""
    found = _LINE.search(raw)
    if found is None:
        return None
    leaf, payload, checksum = found.groups()
    if crc16(leaf + b" " + payload) != int(checksum, 16):
        return None
    body: dict[str, Any] = json.loads(payload)
    return leaf.decode(), body


@dataclass(slots=True)
class NodeLine:
    """A node at a port."""

    port: Port
    sequence: int = field(default_factory=lambda: int(time.time()))

    def listen(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return every line that is whole, for ever."""
        while True:
            if (found := decode(self.port.readline())) is not None:
                yield found

    def ask(self, leaf: str, body: dict[str, Any], answer: str) -> dict[str, Any]:
        """Send a line until an answer comes that has what was asked for, as far as told.

        Raises:
            TimeoutError: It does not.
        """
        for _ in range(_TRIES):
            self.port.write(encode(leaf, body))
            end = time.monotonic() + _ANSWER
            while time.monotonic() < end:
                found = decode(self.port.readline())
                if (
                    found is not None
                    and found[0] == answer
                    and all(
                        _same(found[1].get(key, value), value)
                        for key, value in body.items()
                        if key != "seq"
                    )
                ):
                    return found[1]
        raise TimeoutError(f"the node does not answer {leaf}")

    def configure(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Set what is given, in lines that fit; return the whole configuration."""
        answer = self.ask("conf", {}, "conf") if not settings else {}
        together = {key for key in ("ct", "rele") if key in settings}
        part: dict[str, Any] = {}
        for key, value in settings.items():
            if key in together:
                continue
            fixed = {k: settings[k] for k in together}
            if len(encode("conf", fixed | part | {key: value})) > _LONGEST:
                answer = self.ask("conf", fixed | part, "conf")
                part = {}
            part[key] = value
        if part:
            fixed = {k: settings[k] for k in together}
            answer = self.ask("conf", fixed | part, "conf")
        return answer

    def calibrate(self, channel: int, action: dict[str, Any]) -> dict[str, Any]:
        """Send one calibration command and return its answer."""
        self.sequence += 1
        body = {"canale": channel, **action, "seq": self.sequence}
        while True:
            answer = self.ask("cmd/calibra", body, "calibrazione")
            if answer["cmd"] == self.sequence:
                return answer

    def samples(self, channel: int) -> list[dict[str, Any]]:
        """Return some seconds of a channel."""
        found = []
        for _ in range(_SAMPLES):
            time.sleep(1.1)
            found.append(self.calibrate(channel, {"azione": "leggi"}))
        return found


def solve(
    nothing: list[dict[str, Any]],
    loaded: list[dict[str, Any]],
    watts: float,
    volts: float | None,
) -> dict[str, float]:
    """Return the calibration that makes a resistive load read as it should.

    Args:
        nothing: Answers with nothing switched on.
        loaded: Answers with the load switched on.
        watts: The load's power by a meter that is right, in W.
        volts: The voltage by that meter, ``None`` if not measured.

    Raises:
        CalibrationError: The answers cannot be calibrated by.
    """

    def power(samples: list[dict[str, Any]]) -> complex:
        if any(s.get("var") is None for s in samples):
            raise CalibrationError("there is no voltage at the node's input")
        return complex(
            statistics.fmean(s["w"] for s in samples),
            statistics.fmean(s["var"] for s in samples),
        )

    present = loaded[-1]
    offset = power(nothing) + present["zero_w"]
    seen = power(loaded) + present["zero_w"] - offset
    if watts < _LEAST_LOAD:
        raise CalibrationError(f"take a load of at least {_LEAST_LOAD:.0f} W")
    if seen.real < watts / 4:
        raise CalibrationError("turn the transformer round, or check its channel")
    seen_volts = statistics.fmean(s["v"] for s in loaded)
    voltage_ratio = 1.0 if volts is None else volts / seen_volts
    ratio = watts / abs(seen)
    turn = -cmath.phase(seen)
    return {
        "guadagno": round(present["guadagno"] * ratio / voltage_ratio, 6),
        "guadagno_v": round(present["guadagno_v"] * voltage_ratio, 6),
        "zero_w": round((offset * cmath.rect(ratio, turn)).real, 3),
        "fase_gradi": round(present["fase_gradi"] + math.degrees(turn), 3),
    }


def _same(told: Any, asked: Any) -> bool:
    """Return whether a value was taken, for writing with few digits."""
    if isinstance(asked, float) and isinstance(told, int | float):
        return math.isclose(told, asked, rel_tol=1e-3, abs_tol=1e-3)
    return bool(told == asked)


def _value(text: str) -> Any:
    """Return a number, true or false where a text is one."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _calibrate(
    node: NodeLine,
    channel: int,
    watts: float,
    volts: float | None,
    wait: Callable[[str], object],
) -> None:
    wait("Switch everything off behind this transformer, then press Enter. ")
    nothing = node.samples(channel)
    wait("Switch the heater or kettle on, then press Enter. ")
    loaded = node.samples(channel)
    found = solve(nothing, loaded, watts, volts)
    answer = node.calibrate(channel, {"azione": "scrivi", **found})
    _say(json.dumps(answer, indent=2))
    if answer.get("esito") != "ok":
        raise CalibrationError("the node did not store it")


def main(words: list[str] | None = None) -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port")
    orders = parser.add_subparsers(dest="order", required=True)
    orders.add_parser("show")
    orders.add_parser("listen")
    settings = orders.add_parser("set")
    settings.add_argument("settings", nargs="+", metavar="KEY=VALUE")
    calibration = orders.add_parser("calibrate")
    calibration.add_argument("channel", type=int)
    calibration.add_argument("--watts", type=float, required=True)
    calibration.add_argument("--volts", type=float)
    options = parser.parse_args(words)
    # Loaded here: lines and calibration work without it.
    serial: Any = importlib.import_module("serial")
    with serial.Serial(options.port, _BAUD, timeout=1.0) as port:
        node = NodeLine(port)
        match options.order:
            case "show":
                _say(json.dumps(node.configure({}), indent=2))
            case "set":
                pairs = (word.partition("=") for word in options.settings)
                wanted = {key: _value(value) for key, _, value in pairs}
                _say(json.dumps(node.configure(wanted), indent=2))
            case "calibrate":
                _calibrate(node, options.channel, options.watts, options.volts, input)
            case "listen":
                for leaf, body in node.listen():
                    _say(f"{leaf} {json.dumps(body)}")


if __name__ == "__main__":
    main()
