"""Start and stop the programs of the demo, and leave none behind."""

import asyncio
from asyncio.subprocess import Process
import contextlib
from pathlib import Path
import signal
from typing import Self

_PATIENCE = 20.0


class Program:
    """A child process with its output in a file."""

    def __init__(self, name: str, arguments: list[str], log: Path) -> None:
        """Describe a program; `start` runs it."""
        self.name = name
        self.log = log
        self._arguments = arguments
        self._process: Process | None = None

    async def start(self) -> Self:
        """Run the program in a session of its own, out of reach of Ctrl-C."""
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """Return the process id.

        Raises:
            RuntimeError: The program was not started.
        """
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Tell whether the program has ended by itself."""
        return self._process is not None and self._process.returncode is not None

    async def stop(self) -> None:
        """Ask the program to end, and end it if it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_PATIENCE):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End the program without asking, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
