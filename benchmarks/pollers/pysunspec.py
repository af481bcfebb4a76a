"""pysunspec2, the SunSpec Alliance's own client."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

from .poller import Poller
from .values import Value


@asynccontextmanager
async def pysunspec_poller(port: int, values: Sequence[Value]) -> AsyncIterator[Poller]:
    """Read every model that holds a value as a whole, then compute the same values.

    Raises:
        RuntimeError: It does not know all of the values.
    """
    device = SunSpecModbusClientDeviceTCP(1, "127.0.0.1", port, timeout=5.0)
    device.scan()
    device.connect()
    try:
        addresses = {value.address for value in values}
        models: list[Any] = []
        points: list[Any] = []
        for model in device.model_list:
            held = [
                point
                for point in _points(model)
                if model.model_addr + point.offset in addresses
            ]
            if held:
                models.append(model)
                points += held
        if len(points) != len(addresses):
            raise RuntimeError(f"{len(points)} of {len(addresses)} values are known")

        async def poll() -> list[Any]:
            for model in models:
                model.read()
            return [point.cvalue for point in points]

        yield Poller(poll, len(points))
    finally:
        device.disconnect()


def _points(group: Any) -> Iterator[Any]:
    yield from group.points.values()
    for inner in group.groups.values():
        groups: Iterable[Any] = inner if isinstance(inner, list) else (inner,)
        for each in groups:
            yield from _points(each)
