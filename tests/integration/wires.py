"""Other wires to a Modbus TCP server: a serial line and datagrams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
import pty
import tty
from typing import override


@asynccontextmanager
async def serial_line(port: int) -> AsyncIterator[str]:
    """Yield the path of a serial port that ends in a server of RTU frames."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    master, slave = pty.openpty()
    tty.setraw(slave)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, lambda: writer.write(os.read(master, 4096)))

    async def answer() -> None:
        while data := await reader.read(4096):
            os.write(master, data)

    answering = asyncio.create_task(answer())
    try:
        yield os.ttyname(slave)
    finally:
        answering.cancel()
        loop.remove_reader(master)
        writer.close()
        os.close(master)
        os.close(slave)


class _Datagrams(asyncio.DatagramProtocol):
    """Pass each datagram to a server as its own connection would."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self.transport: asyncio.DatagramTransport

    @override
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.create_task(self._pass_on(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, data: bytes, addr: tuple[str, int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(data)
        header = await reader.readexactly(6)
        body = await reader.readexactly(int.from_bytes(header[4:6]))
        self.transport.sendto(header + body, addr)
        writer.close()


@asynccontextmanager
async def datagrams(port: int) -> AsyncIterator[int]:
    """Yield a UDP port on which a Modbus TCP server answers."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(port), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
