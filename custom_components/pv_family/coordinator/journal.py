"""The journal of a home: what was accepted is on the disk before we say so."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
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
        pending: Records of the last run that its saved state does not hold.
        taken: The number of the last record that the home took in.
        used: Whether anything was written since the journal was emptied.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Use the home's own file beside its stored state."""
        path = Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.journal"))
        self.pending: list[Record] = []
        self.taken = 0
        self.used = False
        self._hass = hass
        self._journal = Journal(path)
        self._number = 0
        self._queue: list[tuple[Record, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._disk = asyncio.Lock()

    async def async_open(self, taken: int) -> None:
        """Read what the last run accepted after its state was saved.

        Args:
            taken: The number of the last record that the saved state holds.
        """
        read = await self._hass.async_add_executor_job(self._journal.read)
        records = [record for item in read if (record := _record(item)) is not None]
        self.used = bool(read)
        self.taken = taken
        self.pending = [record for record in records if record.number > taken]
        self._number = max([taken, *(record.number for record in records)])

    async def async_append(self, source: str, arrived: float, body: str) -> Record:
        """Return the record of a message once it is on the disk.

        Raises:
            OSError: The disk does not take it.
        """
        self._number += 1
        record = Record(self._number, source, arrived, body)
        written = self._hass.loop.create_future()
        self._queue.append((record, written))
        if self._writer is None:
            self._writer = self._hass.async_create_background_task(
                self._async_write(), "pv_family journal"
            )
        await written
        return record

    async def _async_write(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue, []
                error: OSError | None = None
                async with self._disk:
                    self.used = True
                    try:
                        await self._hass.async_add_executor_job(
                            self._journal.append, [record for record, _ in batch]
                        )
                    except OSError as err:
                        error = err
                for _, written in batch:
                    if written.done():
                        continue
                    if error is None:
                        written.set_result(None)
                    else:
                        written.set_exception(error)
        finally:
            self._writer = None

    async def async_drop(self, number: int) -> None:
        """Forget the records that the saved state holds.

        Args:
            number: The number of the last of them.
        """
        async with self._disk:
            kept = await self._hass.async_add_executor_job(self._drop, number)
            self.used = kept > 0

    def _drop(self, number: int) -> int:
        records = self._journal.read()
        old = sum(
            (r := _record(item)) is None or r.number <= number for item in records
        )
        self._journal.drop(old)
        return len(records) - old

    async def async_remove(self) -> None:
        """Forget everything."""
        async with self._disk:
            await self._hass.async_add_executor_job(self._journal.remove)


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
