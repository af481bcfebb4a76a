"""Look at what answers at the end of a link, before anything is set up."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from modbus_connection import (
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusTimeoutError,
)

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.const import CONF_MODEL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_BATTERY_CAPACITY,
    CONF_CAPABILITIES,
    CONF_MANUFACTURER,
    CONF_RATED_POWER,
    CONF_UNIT_ID,
    CONF_VERSION,
)
from ..devices.device import DeviceError, PartKind, Poll
from ..devices.sunspec.device import SunSpecDevice
from ..devices.sunspec.discovery import UNIT_IDS, find_unit
from ..link import link_name, link_params


class ProbeError(Exception):
    """Nothing usable answered.

    Attributes:
        key: Which error to show.
        detail: What the device or the link said.
    """

    def __init__(self, key: str, detail: str) -> None:
        """Keep what is shown to the user."""
        super().__init__(f"{key}: {detail}")
        self.key = key
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered.

    Attributes:
        unit_id: The unit that it answers on.
        device: The device.
        poll: What it said.
    """

    unit_id: int
    device: SunSpecDevice
    poll: Poll

    @property
    def name(self) -> str:
        """Return what to call the device until the user says otherwise."""
        identity = self.device.identity
        return f"{identity.manufacturer} {identity.model}".strip() or "SunSpec"

    def has(self, kind: PartKind) -> bool:
        """Tell whether such a part of the device said something."""
        return self.count(kind) > 0

    def count(self, kind: PartKind) -> int:
        """Return how many such parts said something."""
        return len(
            {
                capability.part
                for capability in self.poll.capabilities
                if capability.part.startswith(kind)
            }
        )

    def as_data(self) -> dict[str, Any]:
        """Return what to remember of the device for a start after dark."""
        identity, ratings = self.device.identity, self.device.ratings
        return {
            CONF_UNIT_ID: self.unit_id,
            CONF_MANUFACTURER: identity.manufacturer,
            CONF_MODEL: identity.model,
            CONF_VERSION: identity.version,
            CONF_RATED_POWER: ratings.power,
            CONF_BATTERY_CAPACITY: ratings.battery_capacity,
            CONF_CAPABILITIES: sorted(
                [str(c.part), str(c.name)] for c in self.poll.capabilities
            ),
        }


async def async_probe(
    hass: HomeAssistant, data: Mapping[str, Any], taken: frozenset[int] = frozenset()
) -> Found:
    """Find the SunSpec device at the end of a link and read it once.

    Args:
        hass: Home Assistant.
        data: The link; without a unit id the usual ones are tried.
        taken: Unit ids on that link that are set up already.

    Raises:
        ProbeError: Nothing usable answered.
    """
    wanted = data.get(CONF_UNIT_ID)
    unit_ids = [wanted] if wanted else [u for u in UNIT_IDS if u not in taken]
    try:
        params = link_params(data)
        async with AsyncExitStack() as stack:
            units = [
                (
                    unit_id,
                    await stack.enter_async_context(
                        async_get_temporary_unit(hass, params, unit_id)
                    ),
                )
                for unit_id in unit_ids
            ]
            unit_id, found = await find_unit(units)
            device = await SunSpecDevice.discover(
                dict(units)[unit_id],
                fallback_serial=link_name({**data, CONF_UNIT_ID: unit_id}),
                sunspec_map=found,
            )
            poll = await device.poll(dt_util.utcnow(), full=True)
    except HomeAssistantError as err:
        raise ProbeError("link_in_use", str(err)) from err
    except ModbusConnectionError as err:
        raise ProbeError("cannot_connect", str(err)) from err
    except ModbusTimeoutError as err:
        raise ProbeError("no_answer", str(err)) from err
    except ModbusExceptionError as err:
        raise ProbeError("modbus_exception", str(err)) from err
    except ModbusError as err:
        raise ProbeError("garbled", str(err)) from err
    except DeviceError as err:
        raise ProbeError("not_sunspec", str(err)) from err
    return Found(unit_id, device, poll)
