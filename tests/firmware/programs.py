"""Run the node as a program or on a simulated board, and read what it says."""

import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
import subprocess
from typing import Any, NamedTuple, Self

FIRMWARE = Path(__file__).parents[2] / "firmware"
# A simulation takes a few seconds; on a machine that is busy with other things many
# times as long.
_PATIENCE = 900.0
_LINE = re.compile(rb"\$(\S+) (.*)\*([0-9A-F]{4})")
_RETAINED = ("stato", "annuncio")


class Said(NamedTuple):
    """A line of a node: what it would publish below its house."""

    leaf: str
    payload: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The payload's object."""
        body: dict[str, Any] = json.loads(self.payload)
        return body

    @property
    def retained(self) -> bool:
        """Whether a gateway publishes it retained."""
        plain = self.leaf == "energia" and b'"ore"' not in self.payload
        return self.leaf in _RETAINED or plain


def crc16(data: bytes) -> int:
    """Return the line protocol's checksum, CRC-16/CCITT-FALSE."""
    return binascii.crc_hqx(data, 0xFFFF)


def line(leaf: str, body: dict[str, Any]) -> str:
    """Return a line to a node."""
    text = f"{leaf} {json.dumps(body, separators=(',', ':'))}"
    return f"${text}*{crc16(text.encode()):04X}"


def read_lines(output: Iterable[bytes]) -> Iterator[Said]:
    """Return what a node said; every checksum must be right."""
    for raw in output:
        if (found := _LINE.match(raw.strip())) is None:
            continue
        leaf, payload, checksum = found.groups()
        assert crc16(leaf + b" " + payload) == int(checksum, 16), raw
        yield Said(leaf.decode(), payload)


class ScriptedNode:
    """The node as a program, whose time passes only when it is told."""

    def __init__(self, build: Path, *options: str) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [build / "pvf_node", "--scripted", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def do(self, order: str) -> list[Said]:
        """Give one order and return what the node says to it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()
        output: list[bytes] = []
        for raw in self._process.stdout:
            if raw == b".\n":
                return list(read_lines(output))
            output.append(raw)
        raise AssertionError("the node ended")

    def run(self, seconds: float, *, link: bool = True) -> list[Said]:
        """Let time pass, with a gateway that has a broker or without."""
        said: list[Said] = []
        while seconds > 0.0:
            if link:
                said += self.do(line("link", {"on": True}))
            step = min(20.0, seconds) if link else seconds
            said += self.do(f"+{step}")
            seconds -= step
        return said


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulated board did.

    Attributes:
        said: Its lines.
        relays: When the relay pins changed, in s, and to which bits.
        whole: Whether the program ran to the end.
        stack: Deepest stack in bytes.
        interrupts: Part of the time in interrupts.
    """

    said: list[Said]
    relays: list[tuple[float, int]]
    whole: bool
    stack: int
    interrupts: float

    def last(self, leaf: str) -> dict[str, Any]:
        """Return the last that was said below a leaf."""
        return [said.body for said in self.said if said.leaf == leaf][-1]

    def all(self, leaf: str) -> list[dict[str, Any]]:
        """Return all that was said below a leaf."""
        return [said.body for said in self.said if said.leaf == leaf]


# Budgets of a board: bytes of stack, and the part of its time in interrupts.
STACK = 600
INTERRUPTS = 0.20
MCUS = {"uno": "atmega328p", "mega": "atmega2560"}


def simulate(
    build: Path,
    board: str,
    seconds: float,
    *events: tuple[float, str],
    options: Iterable[str] = (),
) -> Simulated:
    """Run a board's firmware for some simulated seconds.

    Args:
        build: Where everything was built.
        board: ``uno`` or ``mega``.
        seconds: How long, by the board's own clock.
        events: What happens when, see the simulator.
        options: Further options of the simulator.
    """
    words: list[str | Path] = [
        build / "pvf_sim",
        MCUS[board],
        build / board / "node.bin",
        str(seconds),
        *options,
    ]
    for at, what in events:
        words += ["--at", str(at), what]
    done = subprocess.run(words, capture_output=True, timeout=_PATIENCE, check=False)
    output = done.stdout.splitlines()
    return read_simulation(output, json.loads(output[-1].removeprefix(b"# end ")))


def read_simulation(
    output: Iterable[bytes], end: Mapping[str, Any] | None = None
) -> Simulated:
    """Return what a simulated board did, from what the simulator wrote.

    Args:
        output: Its lines.
        end: What the run cost, ``None`` while it goes on.
    """
    output = list(output)
    relays = [
        (float(found[2]), int(found[1], 16))
        for raw in output
        if (found := re.match(rb"# relays (\w+) at ([\d.]+)", raw))
    ]
    end = end or {"whole": False, "stack": 0, "isr": 0.0}
    return Simulated(
        list(read_lines(output)), relays, end["whole"], end["stack"], end["isr"]
    )
