"""Ask one question at a time, and never take an old answer for a new one.

A unit answers in the order in which it was asked, up to seconds late, and its
answers do not say what they answer. So each answer must have the shape of what was
asked, and a question whose answer is still out is not followed by one that could be
answered by it before the line has been proven clear.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
import logging
import re
from typing import Final

from .commands import MODE, PROTOCOL, WARNINGS
from .errors import FrameError, LinkError, RefusedError, UnansweredError
from .frame import END, MAX_FRAME, Kind, Reply, parse, request
from .link import Link, Opener
from .query import Query

_LOGGER = logging.getLogger(__name__)

# Short questions whose answers no other one can pass for.
_BARRIERS: Final = (PROTOCOL, MODE, WARNINGS)
_LEAST_WAIT: Final = 0.002
_NOISE_ROUNDS: Final = 50
_ACK: Final = re.compile(r"ACK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long to wait, in s.

    Attributes:
        timeout: For an answer; slow units take up to 5 s.
        quiet: Between an answer and the next question.
        echo: For the answer after our own question has come back.
        late: After which no answer to an old question comes any more.
        settling: Before a changed setting is read back.
    """

    timeout: float = 5.0
    quiet: float = 0.08
    echo: float = 1.5
    late: float = 12.0
    settling: float = 0.5


@dataclass(slots=True)
class Session:
    """Questions and answers over a link, which is opened again when it was lost.

    Attributes:
        opener: Opens the link.
        pace: How long to wait.
        refused: The commands that this unit does not have.
        opened: How often the link was opened.
        requests: How many requests were sent.
    """

    opener: Opener
    pace: Pace = field(default_factory=Pace)
    refused: set[str] = field(default_factory=set)
    opened: int = 0
    requests: int = 0
    _link: Link | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _buffer: bytearray = field(default_factory=bytearray)
    _outstanding: dict[Query, float] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)
    _echoes: bool = False
    _heard: float = 0.0

    async def ask(self, query: Query) -> str:
        """Return the text of the answer.

        Raises:
            RefusedError: The unit refuses, or did so before it ever answered.
            FrameError: What it answers cannot be read, twice.
            UnansweredError: No answer in time.
            LinkError: The link is down.
        """
        if query.command in self.refused:
            raise RefusedError(query.command)
        async with self._lock:
            try:
                text = await self._ask(query)
            except RefusedError:
                # What it once knew it is only too busy for.
                if query.command not in self._answered:
                    self.refused.add(query.command)
                raise
            self._answered.add(query.command)
            return text

    async def find(self, query: Query) -> str:
        """Return the answer, empty if this unit lacks the command.

        Some units are silent where they should refuse: two silences, with an
        answer to something else in between, are a refusal.

        Raises:
            FrameError: What it answers cannot be read, twice.
            UnansweredError: It is silent altogether.
            LinkError: The link is down.
        """
        try:
            with suppress(UnansweredError):
                return await self.ask(query)
            await self.ask(self._barrier([query]))
            try:
                return await self.ask(query)
            except UnansweredError:
                self._outstanding.pop(query, None)
                self.refused.add(query.command)
        except RefusedError:
            pass
        return ""

    async def order(self, command: str) -> None:
        """Give an order and wait until it is acknowledged; never give it twice.

        Raises:
            RefusedError: The unit refuses.
            FrameError: What it answers cannot be read: the order may stand.
            UnansweredError: No answer in time: the order may stand.
            LinkError: The link is down.
        """
        async with self._lock:
            order = Query(command, _ACK, like="order")
            await self._prepare(order, certain=True)
            await self._exchange(order)

    async def settle(self) -> None:
        """Give the unit the time to store a setting."""
        await asyncio.sleep(self.pace.settling)

    async def close(self) -> None:
        """Give the link back."""
        async with self._lock:
            await self._drop()

    async def _ask(self, query: Query) -> str:
        await self._prepare(query)
        try:
            return await self._exchange(query)
        except FrameError as err:
            _LOGGER.debug("Asking %s again: %s", query.command, err)
        return await self._exchange(query)

    async def _prepare(self, query: Query, *, certain: bool = False) -> None:
        """Make sure that no answer still on its way can pass for this one.

        Args:
            query: What is to be asked.
            certain: Nothing at all may be on its way.
        """
        now = asyncio.get_running_loop().time()
        for old, asked in list(self._outstanding.items()):
            if now - asked > self.pace.late:
                del self._outstanding[old]
        for old in self._outstanding:
            if old.command != query.command and old.resembles(query):
                raise UnansweredError(
                    f"{query.command}: an answer to {old.command} may still come"
                )
        if query in self._outstanding or (certain and self._outstanding):
            await self._exchange(self._barrier(self._outstanding))
            if certain:
                self._outstanding.clear()

    async def _exchange(self, query: Query) -> str:
        """Send a question and return the answer to it."""
        await self._quieten()
        loop = asyncio.get_running_loop()
        self._outstanding[query] = loop.time()
        self.requests += 1
        try:
            await self._connected().write(request(query.command))
            text = await self._answer(query)
        except LinkError:
            await self._drop()
            raise
        except FrameError, RefusedError:
            self._outstanding.pop(query, None)
            raise
        except TimeoutError:
            raise UnansweredError(f"{query.command}: no answer") from None
        self._outstanding.pop(query, None)
        return text

    async def _answer(self, query: Query) -> str:
        """Wait for the answer to a question, passing over everything else.

        Raises:
            TimeoutError: It has not come.
            FrameError: Something came that cannot be read.
            RefusedError: It is a refusal, or nothing but our own question.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.pace.timeout
        echoed = False
        while True:
            try:
                reply = parse(await self._frame(deadline))
            except TimeoutError:
                if echoed and not self._echoes:
                    raise RefusedError(query.command) from None
                raise
            match reply.kind:
                case Kind.ECHO if reply.text == query.command:
                    echoed = True
                    if not self._echoes:
                        deadline = min(deadline, loop.time() + self.pace.echo)
                case Kind.NAK if len(self._outstanding) == 1:
                    raise RefusedError(query.command)
                case Kind.DATA | Kind.ACK | Kind.FOREIGN if query.answers(reply.text):
                    self._echoes |= echoed
                    return reply.text
                case Kind.FOREIGN:
                    raise FrameError("an answer of another protocol")
                case _:
                    self._pass_over(reply)

    def _pass_over(self, reply: Reply) -> None:
        """Note that the late answer to an earlier question has come."""
        _LOGGER.debug("Passing over a late or strange answer")
        for query in list(self._outstanding):
            if reply.kind is Kind.DATA and query.answers(reply.text):
                del self._outstanding[query]

    async def _frame(self, deadline: float) -> bytes:
        """Return the bytes up to the next carriage return, if there are any.

        Raises:
            TimeoutError: They have not come.
            FrameError: There are too many.
            LinkError: The link is gone.
        """
        while True:
            for frame in self._frames():
                return frame
            if len(self._buffer) > MAX_FRAME:
                self._buffer.clear()
                raise FrameError("an answer without end")
            async with asyncio.timeout_at(deadline):
                self._buffer += await self._connected().read()
            self._heard = asyncio.get_running_loop().time()

    def _frames(self) -> Iterator[bytes]:
        """Take complete frames from the buffer, leaving out empty ones."""
        while (end := self._buffer.find(END)) >= 0:
            frame = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            if frame.strip(b"\0\r\n"):
                yield frame

    async def _quieten(self) -> None:
        """Open the link if need be, and wait until the line has been quiet.

        Raises:
            FrameError: It never is.
            LinkError: It cannot be opened.
        """
        if self._link is None:
            self._buffer.clear()
            self._link = await self.opener()
            self.opened += 1
        loop = asyncio.get_running_loop()
        for _ in range(_NOISE_ROUNDS):
            wait = max(_LEAST_WAIT, self._heard + self.pace.quiet - loop.time())
            try:
                async with asyncio.timeout(wait):
                    self._buffer += await self._link.read()
            except TimeoutError:
                self._buffer.clear()
                return
            except LinkError:
                await self._drop()
                raise
            self._heard = loop.time()
            for frame in self._frames():
                with suppress(FrameError):
                    self._pass_over(parse(frame))
            del self._buffer[:-MAX_FRAME]
        raise FrameError("the line is never quiet")

    def _barrier(self, busy: Iterable[Query]) -> Query:
        """Return a question whose answer proves that all earlier ones have come.

        Raises:
            UnansweredError: There is none that the unit is not busy with itself.
        """
        commands = {query.command for query in busy} | self.refused
        for query in _BARRIERS:
            if query.command not in commands:
                return query
        raise UnansweredError("the unit is silent")

    def _connected(self) -> Link:
        if self._link is None:
            raise LinkError("the link is closed")
        return self._link

    async def _drop(self) -> None:
        link, self._link = self._link, None
        self._buffer.clear()
        if link is not None:
            await link.close()
