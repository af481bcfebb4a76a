"""The bytes between us and a unit: a serial port, a socket, or USB-HID."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import os
from pathlib import PurePath
import re
from typing import Final, Protocol, Self

import serialx

from .errors import LinkError

BAUD_RATE: Final = 2400
REPORT: Final = 8
_REPORT_PAUSE: Final = 0.05
_CHUNK: Final = 256
_KEPT: Final = 4096
_HIDRAW: Final = re.compile(r"hidraw\d+")
_CONNECT_TIMEOUT: Final = 10.0


class Link(Protocol):
    """A way for bytes to and from one unit."""

    async def read(self) -> bytes:
        """Return what has come, at least one byte; may be cancelled without loss.

        Raises:
            LinkError: The link is gone.
        """

    async def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LinkError: The link is gone.
        """

    async def close(self) -> None:
        """Give the port back; no error is raised."""


type Opener = Callable[[], Awaitable[Link]]


def opener(url: str) -> Opener:
    """Return what opens a link.

    Args:
        url: A path like ``/dev/serial/by-id/...`` or ``/dev/hidraw0``, or a URL that
            serialx knows: ``socket://host:port``, ``esphome://...``.
    """
    if _HIDRAW.fullmatch(PurePath(url).name):
        return lambda: HidLink.open(url)
    return lambda: SerialLink.open(url)


class SerialLink:
    """A link through serialx."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take over an open connection."""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open a port or a connection.

        Raises:
            LinkError: It cannot be opened.
        """
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                streams = await serialx.open_serial_connection(
                    url=url, baudrate=BAUD_RATE
                )
        except (OSError, serialx.SerialException, ValueError, ImportError) as err:
            raise LinkError(str(err) or type(err).__name__) from err
        return cls(*streams)

    async def read(self) -> bytes:
        """Return what has come.

        Raises:
            LinkError: The port is gone or the peer has closed.
        """
        try:
            data = await self._reader.read(_CHUNK)
        except (OSError, serialx.SerialException) as err:
            raise LinkError(str(err)) from err
        if not data:
            raise LinkError("the connection was closed")
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LinkError: The port is gone.
        """
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (OSError, serialx.SerialException) as err:
            raise LinkError(str(err)) from err

    async def close(self) -> None:
        """Close the port."""
        self._writer.close()
        with suppress(OSError, serialx.SerialException, TimeoutError):
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                await self._writer.wait_closed()


class HidLink:
    """A link through reports of eight bytes on ``/dev/hidraw*``."""

    def __init__(self, descriptor: int, *, pause: float = _REPORT_PAUSE) -> None:
        """Take over an open descriptor.

        Args:
            descriptor: Opened non-blocking.
            pause: Seconds between two reports of one request.
        """
        self._descriptor: int | None = descriptor
        self._reading = True
        self._pause = pause
        self._buffer = bytearray()
        self._ready = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, self._receive)

    @classmethod
    async def open(cls, path: str, *, pause: float = _REPORT_PAUSE) -> Self:
        """Open a device.

        Raises:
            LinkError: It is not there or we may not use it.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        except (OSError, ValueError) as err:
            raise LinkError(str(err)) from err
        try:
            return cls(descriptor, pause=pause)
        except OSError as err:
            # What cannot be waited for is no device.
            os.close(descriptor)
            raise LinkError(str(err)) from err

    async def read(self) -> bytes:
        """Return what has come.

        Raises:
            LinkError: The device is gone.
        """
        await self._ready.wait()
        if not self._buffer:
            raise LinkError("the device is gone")
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._reading:
            self._ready.clear()
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes in reports, the last one filled up with zeros.

        Raises:
            LinkError: The device is gone.
        """
        for start in range(0, len(data), REPORT):
            if start:
                await asyncio.sleep(self._pause)
            report = data[start : start + REPORT].ljust(REPORT, b"\0")
            if report.startswith(b"\0"):
                # The kernel takes a leading zero for the number of the report.
                report = b"\0" + report
            if self._descriptor is None:
                raise LinkError("the device is gone")
            try:
                os.write(self._descriptor, report)
            except OSError as err:
                raise LinkError(str(err)) from err

    async def close(self) -> None:
        """Close the device."""
        self._stop_reading()
        if (descriptor := self._descriptor) is not None:
            self._descriptor = None
            os.close(descriptor)

    def _stop_reading(self) -> None:
        if self._reading and self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self._reading = False
        self._ready.set()

    def _receive(self) -> None:
        """Take what is there without waiting."""
        if self._descriptor is None:
            return
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError, InterruptedError:
            return
        except OSError:
            data = b""
        if not data:
            self._stop_reading()
            return
        # Nobody may be listening for hours to a unit that does not stop talking.
        self._buffer = (self._buffer + data)[-_KEPT:]
        self._ready.set()
