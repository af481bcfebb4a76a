"""A simulated board at a broker, as fast as a real one."""

from collections.abc import Callable, Iterable
import json
from pathlib import Path
import re
import subprocess
import threading
import time
from types import TracebackType
from typing import IO, Any, Self

from .programs import MCUS, Said, Simulated, line, read_simulation

# How long it runs at most if nobody ends it, in s.
_LONGEST = 900


class LiveBoard:
    """A board's firmware in a simulator that takes events while it runs.

    Attributes:
        said: Its lines until now.
        relays: When its relay pins changed until now, see ``Simulated``.
    """

    def __init__(
        self,
        build: Path,
        board: str,
        port: int,
        *events: str,
        lease: int = 900,
        clock: bool = True,
    ) -> None:
        """Start it and set it up over its serial line.

        Its time passes as fast as real time or, on a busy machine, more slowly.

        Args:
            build: Where everything was built.
            board: ``uno`` or ``mega``.
            port: The broker's, on 127.0.0.1.
            events: What there is from the start, see the simulator.
            lease: Longest lease of relay 1 in s.
            clock: Whether a time server tells a Mega the time.
        """
        address = {"broker": "10.0.0.1", "ip": "10.0.0.2"}
        if board == "mega" and clock:
            address["ntp"] = "10.0.0.1"
        settings: Iterable[tuple[float, dict[str, Any]]] = (
            (0.5, {"rele": 1, "min_on_s": 0, "min_off_s": 0, "ttl_max_s": lease}),
            (1.5, {"potenza_w": 12_000}),
            (2.5, address),
            (4.5, {"casa": "casa_A", "rele_attivi": True}),
        )
        words: list[str | Path] = [
            build / "pvf_sim",
            MCUS[board],
            build / board / "node.bin",
            str(_LONGEST),
            *("--broker", str(port), "--live", "1"),
            *("--time", str(int(time.time()))),
        ]
        for event in events:
            words += ["--at", "0", event]
        for at, body in settings:
            words += ["--at", str(at), f"say {line('conf', body)}"]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._output: list[bytes] = []
        self._marks = 0
        self.said: list[Said] = []
        self.relays: list[tuple[float, int]] = []
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=[self._process.stdout])
        self._reader.start()

    def _read(self, stream: IO[bytes]) -> None:
        # The pipe is read at once, or the board would stand still when it is full.
        for raw in stream:
            self._output.append(raw)
            now = read_simulation([raw])
            self.said += now.said
            self.relays += now.relays

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Switch it off."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def say(self, leaf: str, **body: Any) -> None:
        """Type a line on its serial port."""
        self.happen(f"say {line(leaf, body)}")

    def happen(self, event: str) -> None:
        """Let something happen, see the simulator."""
        assert self._process.stdin is not None
        self._process.stdin.write(event.encode() + b"\n")
        self._process.stdin.flush()

    @property
    def written(self) -> str:
        """Return what the simulator wrote until now."""
        return b"".join(list(self._output)).decode(errors="replace")

    def mark(self) -> Callable[[], float | None]:
        """Return what tells the board's time of now in s, once it is known."""
        self._marks += 1
        event = f"mark={self._marks}"
        self.happen(event)

        def told() -> float | None:
            found = re.search(rf"# {event} at ([\d.]+)\n", self.written)
            return None if found is None else float(found[1])

        return told

    def all(self, leaf: str) -> list[dict[str, Any]]:
        """Return all that was said below a leaf until now."""
        return [said.body for said in list(self.said) if said.leaf == leaf]

    def end(self) -> Simulated:
        """Let it end, and return what it did and what it cost."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._reader.join()
        self._process.wait()
        end = json.loads(self._output[-1].removeprefix(b"# end "))
        return read_simulation(self._output, end)
