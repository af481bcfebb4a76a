"""The journal of a home: what was accepted is on the disk before we say so."""

import asyncio
from collections import deque
from collections.abc import Container
from pathlib import Path
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant

from ..const import DOMAIN, LOGGER
from ..readings.journal import Journal


class Record(NamedTuple):
    """One accepted message.

    Attributes:
        number: Its number, one more than that of the record before.
        source: The subentry that it is for.
        arrived: When it came, in Unix seconds.
        body: What it said.
    """

    number: int
    source: str
    arrived: float
    body: str


class HomeJournal:
    """Write records that come together at once, off the event loop.

    Attributes:
        taken: The number of the last record that the home took in.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Use the home's own file beside its stored state."""
        path = Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.journal"))
        self.taken = 0
        self._hass = hass
        self._journal = Journal(path)
        self._number = 0
        self._pending: list[Record] = []
        self._queue: list[tuple[Record, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._disk = asyncio.Lock()
        # The last record of each write, and the size of the file after it.
        self._marks: deque[tuple[int, int]] = deque()
        self._closed = False

    @property
    def used(self) -> bool:
        """Return whether anything was written since the journal was emptied."""
        return bool(self._marks)

    async def async_open(self, taken: int, sources: Container[str]) -> None:
        """Read what the last run accepted after its state was saved.

        Args:
            taken: The number of the last record that the saved state holds.
            sources: The subentries that there are; records for others are left out.
        """
        read, size = await self._hass.async_add_executor_job(self._journal.read)
        records = [record for item in read if (record := _record(item)) is not None]
        self._number = max([taken, *(record.number for record in records)])
        self._pending = [r for r in records if r.number > taken and r.source in sources]
        self.taken = taken if self._pending else self._number
        if size:
            self._marks.append((self._number, size))

    def replay(self) -> list[Record]:
        """Hand over, once, what the saved state does not hold.

        All of it has to be taken in before anything is saved.
        """
        pending, self._pending = self._pending, []
        self.taken = self._number
        return pending

    async def async_append(self, source: str, arrived: float, body: str) -> Record:
        """Return the record of a message once it is on the disk.

        Raises:
            OSError: The disk does not take it, or the journal is closed.
        """
        if self._closed:
            raise OSError("the journal is closed")
        self._number += 1
        record = Record(self._number, source, arrived, body)
        written = self._hass.loop.create_future()
        self._queue.append((record, written))
        # A task can be done as soon as it is made: it starts before it is returned.
        if self._writer is None or self._writer.done():
            self._writer = self._hass.async_create_background_task(
                self._async_write(), "pv_family journal"
            )
        await written
        return record

    async def _async_write(self) -> None:
        while self._queue:
            batch, self._queue = self._queue, []
            records = [record for record, _ in batch]
            try:
                async with self._disk:
                    size = await self._hass.async_add_executor_job(
                        self._journal.append, records
                    )
                    self._marks.append((records[-1].number, size))
                for _, written in batch:
                    if not written.done():
                        written.set_result(None)
            except OSError as err:
                for _, written in batch:
                    if not written.done():
                        written.set_exception(err)
            finally:
                # Nobody waits for ever, whatever else happened.
                for _, written in batch:
                    written.cancel()

    async def async_drop(self, number: int) -> None:
        """Forget the records that the saved state holds.

        Args:
            number: The number of the last of them.
        """
        async with self._disk:
            size = 0
            while self._marks and self._marks[0][0] <= number:
                last, size = self._marks.popleft()
            if not size:
                return
            try:
                await self._hass.async_add_executor_job(self._journal.drop, size)
                self._marks = deque((n, end - size) for n, end in self._marks)
            except OSError as err:
                # They count once all the same. How far it came is not known: what is
                # left goes together.
                LOGGER.warning("The journal could not be shortened: %s", err)
                left = await self._hass.async_add_executor_job(self._journal.size)
                last = self._marks[-1][0] if self._marks else last
                self._marks = deque([(last, left)] if left else [])

    async def async_close(self) -> None:
        """Finish what is being written and take no more."""
        self._closed = True
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def async_remove(self) -> None:
        """Forget everything."""
        async with self._disk:
            await self._hass.async_add_executor_job(self._journal.remove)
            self._marks.clear()


def _record(item: Any) -> Record | None:
    """Return the record that a line of the journal holds, if it is one."""
    match item:
        case [
            int() as number,
            str() as source,
            float() | int() as arrived,
            str() as body,
        ]:
            return Record(number, source, float(arrived), body)
        case _:
            return None
