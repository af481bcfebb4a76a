"""Where a client finds the unit: a TCP port, a serial port or a USB-HID device."""

import asyncio
from contextlib import suppress
import os
import tty

from .line import Line

_REPORT = 8
_LONGEST = 512


class _Inbox:
    """Cuts what comes in into frames."""

    def __init__(self) -> None:
        """Start empty."""
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._buffer = b""

    def receive(self, data: bytes) -> None:
        """Take bytes."""
        *frames, self._buffer = (self._buffer + data).split(b"\r")
        self._buffer = self._buffer[-_LONGEST:]
        for frame in frames:
            if frame.strip(b"\0\n"):
                self.frames.put_nowait(frame + b"\r")


class TcpPort:
    """A unit behind a serial server, on 127.0.0.1."""

    def __init__(self, line: Line, *, port: int = 0) -> None:
        """Prepare a port; 0 takes a free one."""
        self.line = line
        self.port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """The URL that a client opens."""
        return f"socket://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        self.hang_up()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def hang_up(self) -> None:
        """Close every connection; new ones are welcome."""
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        inbox = _Inbox()
        serving = asyncio.create_task(self.line.serve(inbox.frames, writer.write))
        self._tasks.add(serving)
        self._writers.add(writer)
        try:
            while data := await reader.read(_LONGEST):
                inbox.receive(data)
        except OSError:
            pass
        finally:
            serving.cancel()
            self._tasks.discard(serving)
            self._writers.discard(writer)
            writer.close()


class PtyPort:
    """A unit on a serial port, or on USB-HID in reports of eight bytes."""

    def __init__(self, line: Line, *, hid: bool = False) -> None:
        """Prepare a port."""
        self.line = line
        self.path = ""
        """What a client opens."""
        self._hid = hid
        self._ours = -1
        self._theirs = -1
        self._inbox = _Inbox()
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the port."""
        self._ours, self._theirs = os.openpty()
        for end in (self._ours, self._theirs):
            tty.setraw(end)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        asyncio.get_running_loop().add_reader(self._ours, self._receive)
        self._serving = asyncio.create_task(
            self.line.serve(self._inbox.frames, self._send)
        )

    async def stop(self) -> None:
        """Take the port away."""
        if self._serving is None:
            return
        asyncio.get_running_loop().remove_reader(self._ours)
        self._serving.cancel()
        with suppress(asyncio.CancelledError):
            await self._serving
        self._serving = None
        os.close(self._ours)
        os.close(self._theirs)

    def _receive(self) -> None:
        with suppress(BlockingIOError):
            self._inbox.receive(os.read(self._ours, _LONGEST))

    def _send(self, data: bytes) -> None:
        if self._hid:
            data += b"\0" * (-len(data) % _REPORT)
        os.write(self._ours, data)
