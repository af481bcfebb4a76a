"""A Modbus TCP server around any source of registers; pymodbus speaks the protocol."""

import asyncio
from contextlib import suppress
import logging
from typing import Any, override

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusIOException
from pymodbus.framer import FramerType
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.simulator.simcore import SimCore
from pymodbus.transaction import TransactionManager

from .faults import CutReply, Delay, ExceptionReply, Faults, Refuse, Silence
from .registers import RegisterError, RegisterSource

_LOGGER = logging.getLogger(__name__)
_READ_REGISTERS = (3, 4)
_REFUSE_POLL = 0.02


class SimulatedModbusServer:
    """Serves registers on 127.0.0.1, function codes 3 and 4, and misbehaves on demand.

    Requests of one connection are answered in the order in which they came.
    """

    def __init__(
        self,
        source: RegisterSource,
        faults: Faults | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        rtu_framer: bool = False,
    ) -> None:
        """Prepare a server; port 0 takes a free one."""
        self.source = source
        self.faults = Faults() if faults is None else faults
        self.host = host
        self.port = port
        self.requests = 0
        """Requests received."""
        self.registers = 0
        """Registers given out."""
        self._framer = FramerType.RTU if rtu_framer else FramerType.SOCKET
        self._engine: _Engine | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._unsubscribe = self._nothing

    async def start(self) -> None:
        """Listen.

        Raises:
            RuntimeError: the port is taken.
        """
        await self._listen()
        self._unsubscribe = self.faults.subscribe(self._faults_changed)
        self._faults_changed()

    async def stop(self) -> None:
        """Close every connection and the port."""
        self._unsubscribe()
        self._unsubscribe = self._nothing
        if self._reopening is not None:
            self._reopening.cancel()
            with suppress(asyncio.CancelledError):
                await self._reopening
            self._reopening = None
        await self._hang_up()

    async def _listen(self) -> None:
        """Open the port."""
        engine = _Engine(self, self._framer)
        await engine.serve_forever(background=True)
        self._engine = engine
        listener: Any = engine.transport
        self.port = listener.sockets[0].getsockname()[1]

    async def _hang_up(self) -> None:
        """Close the port and wait until nothing of it is left."""
        engine, self._engine = self._engine, None
        if engine is None:
            return
        workers = list(engine.workers)
        await engine.shutdown()  # type: ignore[no-untyped-call]
        await asyncio.gather(*workers, return_exceptions=True)

    def _faults_changed(self) -> None:
        """Close the port while connections are to be refused."""
        if self.faults.get(Refuse) is None or self._reopening is not None:
            return
        if self._engine is not None:
            self._engine.close()
        self._reopening = asyncio.create_task(self._reopen())

    async def _reopen(self) -> None:
        """Listen again once connections are no longer refused."""
        await self._hang_up()
        while self.faults.get(Refuse) is not None:
            await asyncio.sleep(_REFUSE_POLL)
        await self._listen()
        self._reopening = None

    @staticmethod
    def _nothing() -> None:
        """Do nothing, in place of a removal."""


class _Registers(SimCore):
    """The registers of the source, where pymodbus keeps its own."""

    def __init__(self, server: SimulatedModbusServer) -> None:
        """Keep no devices: the source knows its units."""
        super().__init__(SimDevice(1, SimData(0, datatype=DataType.REGISTERS)))
        self._server = server

    @override
    async def async_getValues(
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """Return registers, or the code of an exception."""
        if func_code not in _READ_REGISTERS:
            return ExcCodes.ILLEGAL_FUNCTION
        try:
            registers = self._server.source.read(device_id, address, count)
        except RegisterError as error:
            return ExcCodes(error.code)
        self._server.registers += count
        return registers

    @override
    async def async_setValues(
        self,
        device_id: int,
        func_code: int,
        address: int,
        values: list[int] | list[bool],
    ) -> ExcCodes | None:
        """Refuse writing."""
        return ExcCodes.ILLEGAL_FUNCTION


class _Engine(ModbusTcpServer):
    """The server of pymodbus with our registers and connections."""

    def __init__(self, owner: SimulatedModbusServer, framer: FramerType) -> None:
        """Prepare to listen where `owner` says."""
        registers = _Registers(owner)
        super().__init__(
            SimDevice(1, SimData(0, datatype=DataType.REGISTERS)),
            framer=framer,
            address=(owner.host, owner.port),
        )
        self.context = registers
        self.owner = owner
        self.workers: set[asyncio.Task[None]] = set()

    @override
    def callback_new_connection(self) -> ServerRequestHandler:
        """Return the handler of an incoming connection."""
        return _Connection(self)


class _Connection(ServerRequestHandler):
    """One client: its requests queue up and are answered one by one."""

    def __init__(self, engine: _Engine) -> None:
        """Prepare for requests."""
        super().__init__(engine, None, None, None)  # type: ignore[no-untyped-call]
        self._owner = engine.owner
        self._requests: asyncio.Queue[ModbusPDU] = asyncio.Queue()
        self._worker = asyncio.create_task(self._answer())
        engine.workers.add(self._worker)
        self._worker.add_done_callback(engine.workers.discard)

    @override
    def callback_disconnected(self, exc: Exception | None) -> None:
        """Forget what the client still waited for."""
        super().callback_disconnected(exc)
        self._worker.cancel()

    @override
    def callback_data(self, data: bytes, addr: tuple[Any, ...] | None = None) -> int:
        """Queue every complete request in `data`; return how much was used."""
        used = 0
        while used < len(data):
            try:
                # The handler between here and there would answer at once.
                taken = TransactionManager.callback_data(self, data[used:], addr)
            except ModbusIOException:
                return len(data)
            used += taken
            if self.last_pdu is None or not taken:
                break
            self._owner.requests += 1
            self._requests.put_nowait(self.last_pdu)
        return used

    async def _answer(self) -> None:
        """Answer requests until the connection ends."""
        faults = self._owner.faults
        while True:
            request = await self._requests.get()
            if delay := faults.get(Delay):
                await asyncio.sleep(delay.seconds)
            if faults.get(Silence) is not None:
                continue
            reply = await self._reply(request)
            reply.dev_id = request.dev_id
            reply.transaction_id = request.transaction_id
            frame = self.framer.buildFrame(reply)
            transport: Any = self.transport
            if faults.get(CutReply) is not None:
                transport.write(frame[: len(frame) // 2])
                self.close()
                return
            transport.write(frame)

    async def _reply(self, request: ModbusPDU) -> ModbusPDU:
        """Return the answer to a request."""
        code = request.function_code
        failing = self._owner.faults.get(ExceptionReply)
        if failing is not None and (
            not failing.addresses
            or any(
                request.address <= address < request.address + request.count
                for address in failing.addresses
            )
        ):
            return ExceptionResponse(code, failing.code)
        context: Any = self.server.context
        try:
            return await request.datastore_update(context, request.dev_id)
        except Exception:
            _LOGGER.exception("No answer to %s", request)
            return ExceptionResponse(code, ExcCodes.DEVICE_FAILURE)
