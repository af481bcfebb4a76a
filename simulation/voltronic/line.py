"""The unit's end of the line: requests in, answers out, one after the other."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from .faults import Echo, Garble, Late, LineFaults, Nak, NoCrc, Silence, Truncate
from .frame import ACK, NAK, command, reply

_BITS_PER_BYTE = 10


class ReplySource(Protocol):
    """Something that answers commands."""

    def answer(self, command: str) -> str | None:
        """Return the payload of the answer, `None` for a command that it lacks."""


class Line:
    """Answers the requests of one client in the order in which they came."""

    def __init__(
        self,
        source: ReplySource,
        faults: LineFaults | None = None,
        *,
        baud_rate: int | None = None,
        no_zeros: bool = False,
        echoes_unknown: bool = False,
    ) -> None:
        """Prepare a line.

        Args:
            source: What answers.
            faults: What goes wrong.
            baud_rate: How fast answers are sent, as fast as possible if not given.
            no_zeros: Send no zeros in a CRC, as newer firmware does.
            echoes_unknown: Answer what is not known with the question.
        """
        self.source = source
        self.faults = LineFaults() if faults is None else faults
        self.requests: list[str] = []
        """Every command received, in order."""
        self._baud_rate = baud_rate
        self._no_zeros = no_zeros
        self._echoes_unknown = echoes_unknown

    async def serve(
        self, requests: asyncio.Queue[bytes], send: Callable[[bytes], None]
    ) -> None:
        """Answer request frames until cancelled."""
        while True:
            frame = await requests.get()
            asked = command(frame) or ""
            self.requests.append(asked)
            for part in await self._answers(frame, asked):
                if self._baud_rate is not None:
                    await asyncio.sleep(len(part) * _BITS_PER_BYTE / self._baud_rate)
                send(part)

    async def _answers(self, frame: bytes, asked: str) -> list[bytes]:
        """Return what is sent back for a request, an empty one if it was garbled."""
        faults = self.faults
        if faults.take(Silence, asked):
            return []
        if late := faults.take(Late, asked):
            await asyncio.sleep(late.seconds)
        parts = []
        if echo := faults.take(Echo, asked):
            parts.append(frame.strip(b"\0"))
            if echo.instead:
                return parts
        payload: str | None = None
        if asked and not faults.take(Nak, asked):
            payload = self.source.answer(asked)
            if payload is None and self._echoes_unknown:
                return [frame.strip(b"\0")]
        payload = NAK if payload is None else payload
        answer = reply(payload, no_zeros=self._no_zeros)
        if payload in {ACK, NAK} and faults.take(NoCrc, asked):
            answer = b"(" + payload.encode() + b"\r"
        if garble := faults.take(Garble, asked):
            broken = bytearray(answer)
            broken[min(garble.position, len(broken) - 2)] ^= 0x11
            answer = bytes(broken)
        if cut := faults.take(Truncate, asked):
            answer = answer[: cut.length] + (b"\r" if cut.ended else b"")
        return [*parts, answer]
