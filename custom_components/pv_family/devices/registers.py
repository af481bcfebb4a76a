"""Read scattered Modbus registers in as few requests as the device allows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import logging
from typing import Final, override

from modbus_connection import (
    AcknowledgeError,
    GatewayPathUnavailableError,
    GatewayTargetError,
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
)

_LOGGER = logging.getLogger(__name__)

# The protocol's limit for one read (Modbus Application Protocol V1.1b3, 6.3).
MAX_SPAN: Final = 125
# A device that refuses register by register must not make a poll endless.
_MAX_REQUESTS: Final = 64
_MAX_REFUSALS: Final = 8
# What a device answers of registers that it does not have; the rest may pass.
LASTING: Final = (IllegalDataAddressError, IllegalDataValueError, IllegalFunctionError)


class Table(StrEnum):
    """Which of the two register tables of a device."""

    HOLDING = "holding"
    INPUT = "input"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A run of registers that only makes sense when read together."""

    address: int
    count: int

    @property
    def end(self) -> int:
        """Return the address after the last register."""
        return self.address + self.count

    @override
    def __str__(self) -> str:
        """Return the addresses as a range, for people."""
        return f"{self.address}-{self.end - 1}"


def cover(
    spans: Iterable[Span],
    *,
    max_span: int = MAX_SPAN,
    cuts: frozenset[int] = frozenset(),
) -> list[Span]:
    """Return the fewest blocks of at most ``max_span`` registers that hold all spans.

    Going from the lowest address up and filling each block before opening the next
    is optimal for covering intervals by windows of fixed width.

    Args:
        spans: What has to be read.
        max_span: The widest block.
        cuts: Addresses that no block may hold together with the one before.
    """
    blocks: list[Span] = []
    start = end = 0
    for span in sorted(set(spans)):
        cut = any(start < address <= span.address for address in cuts)
        if blocks and not cut and max(end, span.end) - start <= max_span:
            end = max(end, span.end)
            blocks[-1] = Span(start, end - start)
        else:
            start, end = span.address, span.end
            blocks.append(Span(start, end - start))
    return blocks


@dataclass(frozen=True, slots=True)
class _Plan:
    """The blocks that read some spans, and what was known when they were chosen."""

    spans: frozenset[Span]
    learned: tuple[int, int]
    wanted: list[Span]
    blocks: list[Span]


@dataclass(slots=True)
class RegisterReader:
    """Read the same registers again and again, learning what the device refuses.

    A refused block is halved until what can be read is told from what cannot.
    What was learned holds until `forget`.

    Attributes:
        unit: The Modbus unit to read from.
        max_span: The widest block to ask for.
        table: Which table to read.
        refused: Spans that the device does not serve.
        cuts: Addresses that no block may hold together with the one before.
        requests: How many requests were sent so far.
        registers: How many registers were asked for so far.
    """

    unit: ModbusUnit
    max_span: int = MAX_SPAN
    table: Table = Table.HOLDING
    refused: set[Span] = field(default_factory=set)
    cuts: set[int] = field(default_factory=set)
    requests: int = 0
    registers: int = 0
    _silent: set[Span] = field(default_factory=set)
    _plan: _Plan | None = None

    def forget(self) -> None:
        """Try everything anew at the next read."""
        self.refused.clear()
        self.cuts.clear()
        self._plan = None

    async def read(
        self, spans: Iterable[Span]
    ) -> tuple[dict[int, int], dict[Span, ModbusError]]:
        """Return the registers that could be read and the blocks that failed.

        Raises:
            ModbusConnectionError: The link is down.
            ModbusTimeoutError: The device is silent altogether.
            ModbusError: The device refuses everything.
        """
        plan = self._planned(frozenset(spans))
        wanted, pending = plan.wanted, list(plan.blocks)
        image: dict[int, int] = {}
        failed: dict[Span, ModbusError] = {}
        refused: set[Span] = set()
        budget = self.requests + len(pending) + _MAX_REQUESTS
        # What has long been silent comes last: it must not pass for the device.
        pending.sort(key=self._silent.__contains__)
        pending.reverse()
        while pending:
            block = pending.pop()
            try:
                values = await self._request(block, retry=block not in self._silent)
            except ModbusConnectionError:
                raise
            except ModbusExceptionError as err:
                inside = self._inside(block, wanted)
                if _is_busy(err) or len(inside) == 1 or self.requests >= budget:
                    failed[block] = err
                    if isinstance(err, LASTING) and len(inside) == 1:
                        refused.add(inside[0])
                else:
                    pending.extend(self._halve(block, inside))
            except ModbusError as err:
                failed[block] = err
                self._silent.add(block)
            else:
                image.update(enumerate(values, block.address))
                self._silent.discard(block)
            if failed and not image and (_hopeless(failed) or not pending):
                # What was learned of a device that refuses everything says nothing
                # of its registers.
                self.forget()
                raise next(iter(failed.values()))
        self.refused |= refused
        return image, failed

    def _planned(self, spans: frozenset[Span]) -> _Plan:
        """Return how to read the spans, worked out anew only if something changed."""
        learned = (len(self.refused), len(self.cuts))
        plan = self._plan
        if plan is None or plan.learned != learned or plan.spans != spans:
            wanted = [span for span in spans if span not in self.refused]
            blocks = cover(wanted, max_span=self.max_span, cuts=frozenset(self.cuts))
            plan = self._plan = _Plan(spans, learned, wanted, blocks)
        return plan

    @staticmethod
    def _inside(block: Span, wanted: Iterable[Span]) -> list[Span]:
        """Return the wanted spans that a block holds, in order."""
        return sorted(
            span
            for span in wanted
            if block.address <= span.address and span.end <= block.end
        )

    def _halve(self, block: Span, inside: list[Span]) -> list[Span]:
        """Return two blocks that hold a refused one's spans, in reverse order."""
        middle = block.address + block.count // 2
        at = min(range(1, len(inside)), key=lambda i: abs(inside[i].address - middle))
        self.cuts.add(inside[at].address)
        halves = []
        for part in (inside[at:], inside[:at]):
            start = part[0].address
            halves.append(Span(start, max(s.end for s in part) - start))
        return halves

    async def _request(self, block: Span, *, retry: bool) -> list[int]:
        """Read one block, once more if it fell silent or garbled only now."""
        try:
            return await self._once(block)
        except ModbusConnectionError:
            raise
        except (
            AcknowledgeError,
            ModbusProtocolError,
            ModbusTimeoutError,
            ServerDeviceBusyError,
        ) as err:
            if not retry:
                raise
            _LOGGER.debug("Reading %s again: %s", block, err)
            return await self._once(block)

    async def _once(self, block: Span) -> list[int]:
        self.requests += 1
        self.registers += block.count
        try:
            if self.table is Table.INPUT:
                values = await self.unit.read_input_registers(
                    block.address, block.count
                )
            else:
                values = await self.unit.read_holding_registers(
                    block.address, block.count
                )
        except (GatewayPathUnavailableError, GatewayTargetError) as err:
            # The gateway answers for a device that does not.
            raise ModbusTimeoutError(str(err)) from err
        if len(values) != block.count:
            raise ModbusProtocolError(
                f"asked for {block.count} registers, got {len(values)}"
            )
        return values


def replace_text(image: dict[int, int], span: Span, text: str) -> None:
    """Put another text where one stands in a register image, as far as it was read."""
    words = text.encode().ljust(2 * span.count, b"\0")
    for index in range(span.count):
        if span.address + index in image:
            image[span.address + index] = int.from_bytes(
                words[2 * index : 2 * index + 2]
            )


def _hopeless(failed: Mapping[Span, ModbusError]) -> bool:
    """Tell whether so much failed that nothing can be expected of the rest.

    One late answer is not a silent device, two are; a refusal comes at once.
    """
    late = sum(not isinstance(err, ModbusExceptionError) for err in failed.values())
    return late > 1 or len(failed) > _MAX_REFUSALS


def _is_busy(err: ModbusExceptionError) -> bool:
    """Tell whether a device refuses only for now, whatever it is asked."""
    return isinstance(err, AcknowledgeError | ServerDeviceBusyError)
