"""Serial ports, sockets and USB-HID devices, as real file descriptors."""

import asyncio
import os
from pathlib import Path
import tty

import pytest

from custom_components.pv_family.devices.voltronic.commands import LIVE, MODE
from custom_components.pv_family.devices.voltronic.errors import LinkError
from custom_components.pv_family.devices.voltronic.link import (
    HidLink,
    Link,
    SerialLink,
    opener,
)
from custom_components.pv_family.devices.voltronic.session import Session
from simulation.voltronic import Line, PtyPort, RecordedInverter

from .recorded import PIP_LIVE, QUICK

REPLIES = {"QMOD": "B", "QPIGS": PIP_LIVE}


async def test_serial_port() -> None:
    """A unit on a serial port answers."""
    port = PtyPort(Line(RecordedInverter(REPLIES)))
    await port.start()
    session = Session(opener(port.path), QUICK)
    try:
        assert await session.ask(LIVE) == PIP_LIVE
        assert await session.ask(MODE) == "B"
    finally:
        await session.close()
        await port.stop()


async def test_hid_device() -> None:
    """A unit on USB-HID answers in reports that are filled up with zeros."""
    port = PtyPort(Line(RecordedInverter(REPLIES)), hid=True)
    await port.start()

    async def opened() -> Link:
        return await HidLink.open(port.path, pause=0.001)

    session = Session(opened, QUICK)
    try:
        for _ in range(3):
            assert await session.ask(LIVE) == PIP_LIVE
            assert await session.ask(MODE) == "B"
    finally:
        await session.close()
        await port.stop()


def read_all(descriptor: int, size: int) -> bytes:
    """Return so many bytes; those of two writes may come apart."""
    data = b""
    while len(data) < size:
        data += os.read(descriptor, 64)
    return data


async def test_hid_reports() -> None:
    """Requests go out in eight bytes each; a leading zero gets one before it."""
    ours, theirs = os.openpty()
    for end in (ours, theirs):
        tty.setraw(end)
    link = await HidLink.open(os.ttyname(theirs), pause=0.0)
    try:
        await link.write(b"QPIGS\xb7\xa9\r")
        assert read_all(ours, 8) == b"QPIGS\xb7\xa9\r"
        await link.write(b"QPIGS2\x68\x2d\r")
        assert read_all(ours, 16) == b"QPIGS2\x68\x2d\r" + b"\0" * 7
        await link.write(b"12345678\x00\x01\r")
        assert read_all(ours, 17) == b"12345678" + b"\0\x00\x01\r" + b"\0" * 5
    finally:
        await link.close()
        os.close(ours)
        os.close(theirs)
    with pytest.raises(LinkError):
        await link.write(b"Q")
    with pytest.raises(LinkError):
        await link.read()
    await link.close()


async def test_hid_device_unplugged() -> None:
    """A device that goes is noticed, while nobody asks and while somebody waits."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    link = await HidLink.open(os.ttyname(theirs))
    waiting = asyncio.create_task(link.read())
    await asyncio.sleep(0)
    os.close(theirs)
    os.close(ours)
    with pytest.raises(LinkError):
        await waiting
    with pytest.raises(LinkError):
        await link.read()
    await link.close()


async def test_hid_flood() -> None:
    """What nobody reads does not pile up."""
    ours, theirs = os.openpty()
    for end in (ours, theirs):
        tty.setraw(end)
    os.set_blocking(ours, False)
    link = await HidLink.open(os.ttyname(theirs))
    try:
        for _ in range(60):
            os.write(ours, b"x" * 200)
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        assert 1000 < len(await link.read()) <= 4096
    finally:
        await link.close()
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(
    "url",
    [
        "/dev/serial/by-id/usb-that-is-not-there",
        "/dev/hidraw97",
        "/dev/bad\0name",
        "socket://127.0.0.1:1",
        "socket://127.0.0.1",
        "nothing://here",
        "",
    ],
)
@pytest.mark.usefixtures("loopback")
async def test_what_cannot_be_opened(url: str) -> None:
    """One error for whatever is wrong with a port."""
    with pytest.raises(LinkError):
        await opener(url)()


@pytest.mark.parametrize("name", ["hidraw0", "hidraw", "ttyUSB0"])
async def test_a_file_is_no_device(tmp_path: Path, name: str) -> None:
    """A plain file under the name of a device is refused."""
    (tmp_path / name).touch()
    with pytest.raises(LinkError):
        await opener(str(tmp_path / name))()


async def test_the_name_decides() -> None:
    """Only hidraw devices are spoken to in reports."""
    port = PtyPort(Line(RecordedInverter(REPLIES)))
    await port.start()
    link = await opener(port.path)()
    assert isinstance(link, SerialLink)
    await link.close()
    await port.stop()
