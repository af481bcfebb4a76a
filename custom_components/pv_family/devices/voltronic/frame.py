"""Requests and replies as bytes, with their checksum.

A request is the command, its CRC16 (XMODEM, high byte first) and a carriage return;
a reply has a parenthesis in front, which the checksum covers. A checksum byte that
would read as ``(``, line feed or carriage return is sent one higher, so a frame
always ends at the first carriage return.
"""

from binascii import crc_hqx
from enum import StrEnum
from typing import Final, NamedTuple

from .errors import FrameError

END: Final = b"\r"
START: Final = b"("
# The longest reply known (QPGS of three trackers) has 160 bytes.
MAX_FRAME: Final = 320
_RESERVED: Final = b"(\r\n"
# USB-HID reports are filled up with zeros, some clones add line feeds.
_FILLING: Final = b"\0\n\r"


class Kind(StrEnum):
    """What a reply is."""

    DATA = "data"
    ACK = "ack"
    NAK = "nak"
    ECHO = "echo"
    """A command without the parenthesis: what we sent, come back."""

    FOREIGN = "foreign"
    """An answer in the framing of PI17 and PI18."""


class Reply(NamedTuple):
    """One frame that can be believed."""

    kind: Kind
    text: str


def checksum(data: bytes) -> bytes:
    """Return the two bytes that follow the data on the line."""
    crc = crc_hqx(data, 0)
    return bytes(
        byte + 1 if byte in _RESERVED else byte for byte in (crc >> 8, crc & 0xFF)
    )


def request(command: str) -> bytes:
    """Return the frame that asks for a command."""
    data = command.encode("ascii")
    return data + checksum(data) + END


def parse(frame: bytes) -> Reply:
    """Return what a frame says, whether it still has its carriage return or not.

    Raises:
        FrameError: It is too long, cut off, garbled or no text.
    """
    if len(frame) > MAX_FRAME:
        raise FrameError("an answer without end")
    body = frame.lstrip(_FILLING).partition(END)[0]
    # Refusals come without a checksum from some units.
    if body in {b"(NAK", b"NAK"}:
        return Reply(Kind.NAK, "NAK")
    if body == b"(ACK":
        return Reply(Kind.ACK, "ACK")
    if body.startswith(b"^"):
        return Reply(Kind.FOREIGN, body.decode("ascii", "replace"))
    start = body.find(START)
    if start < 0:
        return Reply(Kind.ECHO, _text(_checked(body)))
    while True:
        try:
            text = _text(_checked(body[start:])[1:])
            break
        except FrameError:
            # The head of a broken answer may stand before a whole one.
            start = body.find(START, start + 1)
            if start < 0:
                raise
    if text in {"ACK", "NAK"}:
        return Reply(Kind(text.lower()), text)
    return Reply(Kind.DATA, text)


def _checked(body: bytes) -> bytes:
    """Return a body without its checksum, which may be escaped in three ways."""
    data, received = body[:-2], body[-2:]
    if len(data) < 2:
        raise FrameError("a cut answer")
    crc = crc_hqx(data, 0)
    for byte, plain in zip(received, (crc >> 8, crc & 0xFF), strict=True):
        # Newer firmware sends 1 for 0, too; the oldest does not escape at all.
        escapes = plain in _RESERVED or plain == 0
        if byte != plain and not (escapes and byte == plain + 1):
            raise FrameError("a garbled answer")
    return data


def _text(data: bytes) -> str:
    if not all(0x20 <= byte < 0x7F for byte in data):
        raise FrameError("an answer that is no text")
    return data.decode("ascii")
