"""Read both register tables of a unit in as few requests as it allows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from modbus_connection import (
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusUnit,
)

from ..registers import MAX_SPAN, RegisterReader, Span, Table
from .layout import Place


@dataclass(slots=True)
class TablesReader:
    """Read the same registers of both tables again and again.

    Attributes:
        unit: The Modbus unit to read from.
        max_span: The widest block to ask for.
        refused: The tables that the device does not have; `forget` tries them anew.
    """

    unit: ModbusUnit
    max_span: int = MAX_SPAN
    refused: dict[Table, ModbusError] = field(default_factory=dict)
    _readers: dict[Table, RegisterReader] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """Return how many requests were sent so far."""
        return sum(reader.requests for reader in self._readers.values())

    def forget(self) -> None:
        """Try everything anew at the next read."""
        self.refused.clear()
        for reader in self._readers.values():
            reader.forget()

    async def read(
        self, places: Iterable[Place]
    ) -> tuple[dict[Table, dict[int, int]], dict[Place, ModbusError]]:
        """Return the registers that could be read and the blocks that failed.

        Raises:
            ModbusConnectionError: The link is down.
            ModbusError: Nothing could be read of either table; the first reason.
        """
        wanted: dict[Table, set[Span]] = {}
        for table, span in places:
            wanted.setdefault(table, set()).add(span)
        image: dict[Table, dict[int, int]] = {}
        failed: dict[Place, ModbusError] = {}
        for table, spans in sorted(wanted.items()):
            try:
                if table in self.refused:
                    raise self.refused[table]
                image[table], failures = await self._reader(table).read(spans)
            except ModbusConnectionError:
                raise
            except ModbusError as err:
                if isinstance(err, ModbusExceptionError):
                    self.refused[table] = err
                failures = dict.fromkeys(spans, err)
            failed |= {(table, span): err for span, err in failures.items()}
        if failed and not any(image.values()):
            self.refused.clear()
            raise next(iter(failed.values()))
        return image, failed

    def _reader(self, table: Table) -> RegisterReader:
        if table not in self._readers:
            self._readers[table] = RegisterReader(
                self.unit, max_span=self.max_span, table=table
            )
        return self._readers[table]
