"""Run a real Home Assistant whose clock can be stopped and moved on by hand.

A day passes in a minute, and nothing depends on how fast the machine is: time stands
still while messages are on their way. Only the clock differs from
``python -m homeassistant``.

Its control port takes a word a line and answers each with the Unix time: ``hold``,
``run`` and ``step <seconds>``. It runs by itself at first, and again once nobody is
connected there, so that it can be stopped like any other.
"""

import argparse
import asyncio
from datetime import UTC, datetime, tzinfo
import selectors
import sys
import time
from typing import Any, override

_monotonic = time.monotonic
# How long a poll may really take before time goes on without it.
_PATIENCE = 30.0


class SteppedClock:
    """Two clocks of one process, wall and monotonic, that go together."""

    def __init__(self, start: float) -> None:
        """Run from a Unix time on."""
        self.held = False
        self._start = start
        self._zero = _monotonic()
        self._elapsed = 0.0
        self._since = self._zero

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        if self.held:
            return self._elapsed
        return self._elapsed + _monotonic() - self._since

    def time(self) -> float:
        """Return the Unix time."""
        return self._start + self.elapsed

    def monotonic(self) -> float:
        """Return the time of event loops."""
        return self._zero + self.elapsed

    def hold(self) -> None:
        """Stop."""
        self._elapsed = self.elapsed
        self.held = True

    def run(self) -> None:
        """Go on by itself."""
        self._elapsed, self._since = self.elapsed, _monotonic()
        self.held = False

    def step(self, seconds: float) -> None:
        """Move on."""
        self._elapsed += seconds

    def utcnow(self) -> datetime:
        """Return the present (UTC)."""
        return datetime.fromtimestamp(self.time(), UTC)

    def now(self, time_zone: tzinfo | None = None) -> datetime:
        """Return the present in a zone, that of the home unless told."""
        from homeassistant.util import dt as dt_util  # noqa: PLC0415

        zone = time_zone or dt_util.DEFAULT_TIME_ZONE
        return datetime.fromtimestamp(self.time(), zone)

    def wear(self) -> None:
        """Let everything in this process look at this clock."""
        time.time = self.time
        time.monotonic = self.monotonic
        select = selectors.EpollSelector.select

        def wait(self_: Any, timeout: float | None = None) -> Any:
            # Until a timer is due nothing but a message can happen.
            return select(self_, None if self.held and timeout else timeout)

        selectors.EpollSelector.select = wait  # type: ignore[assignment, method-assign]
        import jwt.api_jwt  # noqa: PLC0415 - looks at the clock above

        from homeassistant.util import dt as dt_util  # noqa: PLC0415

        clock = self

        class Now(datetime):
            """A datetime that knows this clock."""

            @classmethod
            @override
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.fromtimestamp(clock.time(), tz)

        jwt.api_jwt.datetime = Now  # type: ignore[attr-defined]
        dt_util.utcnow = self.utcnow  # type: ignore[assignment]
        dt_util.now = self.now


class Control:
    """The port at which the clock is told what to do."""

    def __init__(self, clock: SteppedClock) -> None:
        """Serve a clock."""
        self._clock = clock

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Do what the lines of a connection say."""
        clock = self._clock
        try:
            while line := await reader.readline():
                word, _, seconds = line.decode().partition(" ")
                match word.strip():
                    case "hold":
                        clock.hold()
                    case "run":
                        clock.run()
                    case "step":
                        clock.step(float(seconds))
                        await _settle()
                writer.write(f"{clock.time()}\n".encode())
                await writer.drain()
        finally:
            if clock.held:
                clock.run()
            writer.close()


async def _settle() -> None:
    """Wait for the polls that fell due."""
    end = _monotonic() + _PATIENCE
    for _ in range(20):
        await asyncio.sleep(0)
    while _monotonic() < end and any(
        task.get_name().endswith("refresh") for task in asyncio.all_tasks()
    ):
        await asyncio.sleep(0)


def main() -> int:
    """Run it until it is asked to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=float, required=True, help="Unix time")
    parser.add_argument("--control-port", type=int, required=True)
    options, rest = parser.parse_known_args()
    clock = SteppedClock(options.start)
    clock.wear()
    from homeassistant import __main__ as program, bootstrap  # noqa: PLC0415

    set_up = bootstrap.async_setup_hass

    async def async_setup_hass(runtime_config: Any) -> Any:
        await asyncio.start_server(
            Control(clock).serve, "127.0.0.1", options.control_port
        )
        return await set_up(runtime_config)

    bootstrap.async_setup_hass = async_setup_hass
    sys.argv = ["homeassistant", *rest]
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
