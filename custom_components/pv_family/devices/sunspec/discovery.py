"""Find the SunSpec map of a device: where it starts and which models it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from modbus_connection import (
    AcknowledgeError,
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
)
from modbus_connection.model.sunspec import SunSpecModel, SunSpecModels

from ..device import NotThisProtocolError

# The three places the specification allows, the common one first.
BASE_ADDRESSES: Final = (40_000, 0, 50_000)
# 1 is the rule; SMA listens on 126 (3 is its own map), Kostal on 71, meters behind
# a Fronius on 200 and 240, some gateways on 247.
UNIT_IDS: Final = (1, 126, 3, 2, 71, 247, 200, 240)

_MARKER: Final = [0x5375, 0x6E53]
_END: Final = 0xFFFF
_MOST_MODELS: Final = 100
ADDRESS_SPACE: Final = 0x1_0000


@dataclass(frozen=True, slots=True)
class SunSpecMap:
    """Where a device keeps its models.

    Attributes:
        base: Address of the marker.
        models: The models in the order of the chain.
        complete: Whether the chain ended as the specification says.
    """

    base: int
    models: SunSpecModels
    complete: bool = True

    @property
    def chain(self) -> list[SunSpecModel]:
        """Return every model in the order of the chain."""
        return self.models.chain


async def find_map(unit: ModbusUnit) -> SunSpecMap:
    """Return the device's map.

    Raises:
        NotThisProtocolError: The device answers, but not with a SunSpec marker.
        ModbusConnectionError: The link is down.
        ModbusTimeoutError: The device does not answer.
        ModbusExceptionError: A gateway has no such unit.
    """
    for base in BASE_ADDRESSES:
        try:
            marker = await unit.read_holding_registers(base, 2)
        except (
            GatewayPathUnavailableError,
            GatewayTargetError,
            ModbusConnectionError,
            ModbusTimeoutError,
        ):
            raise
        except ModbusError:
            continue
        if marker == _MARKER:
            return await _walk(unit, base)
    raise NotThisProtocolError("no SunSpec marker at 40000, 0 or 50000")


async def find_unit(
    units: Iterable[tuple[int, ModbusUnit]],
) -> tuple[int, SunSpecMap]:
    """Return the first unit that speaks SunSpec, and its map.

    Raises:
        NotThisProtocolError: Some unit answers, none speaks SunSpec.
        ModbusError: No unit answers; the first one's reason.
    """
    reason: ModbusError | None = None
    answered = False
    for unit_id, unit in units:
        try:
            return unit_id, await find_map(unit)
        except ModbusConnectionError:
            raise
        except NotThisProtocolError:
            answered = True
        except ModbusError as err:
            reason = reason or err
    if answered or reason is None:
        raise NotThisProtocolError("no unit speaks SunSpec")
    raise reason


async def _walk(unit: ModbusUnit, base: int) -> SunSpecMap:
    """Follow the chain of model headers to its end, or to where it breaks off."""
    models = SunSpecModels()
    address = base + 2
    while len(models.chain) < _MOST_MODELS and address + 1 < ADDRESS_SPACE:
        try:
            model_id, length = await _header(unit, address)
        except (
            AcknowledgeError,
            GatewayPathUnavailableError,
            GatewayTargetError,
            ServerDeviceBusyError,
        ):
            # Half a chain must not be taken for the device.
            raise
        except ModbusExceptionError:
            # Some devices end without an end marker.
            return SunSpecMap(base, models, complete=False)
        if model_id == _END:
            return SunSpecMap(base, models)
        model = SunSpecModel(model_id=model_id, address=address, length=length)
        if length == 0 or address + model.span > ADDRESS_SPACE:
            break
        models.setdefault(model_id, []).append(model)
        address += model.span
    return SunSpecMap(base, models, complete=False)


async def _header(unit: ModbusUnit, address: int) -> tuple[int, int]:
    """Return a model's id and length; the end marker may have no length."""
    try:
        model_id, length = await _read(unit, address, 2)
    except ModbusConnectionError:
        raise
    except ModbusError:
        (model_id,) = await _read(unit, address, 1)
        if model_id != _END:
            raise
        return model_id, 0
    return model_id, length


async def _read(unit: ModbusUnit, address: int, count: int) -> list[int]:
    values = await unit.read_holding_registers(address, count)
    if len(values) != count:
        raise ModbusProtocolError(f"asked for {count} registers, got {len(values)}")
    return values
