"""Look at what answers at the end of a Modbus link, before anything is set up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from modbus_connection import (
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusTimeoutError,
    ModbusUnit,
)

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.const import CONF_MODEL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_BATTERY_CAPACITY,
    CONF_CAPABILITIES,
    CONF_FAMILY,
    CONF_LINK,
    CONF_MANUFACTURER,
    CONF_PROTOCOL,
    CONF_RATED_POWER,
    CONF_UNIT_ID,
    CONF_VERSION,
)
from ..devices.device import Device, DeviceError, PartKind, Poll, SilentError
from ..devices.modbus_maps import catalogue
from ..devices.modbus_maps.device import MapDevice
from ..devices.modbus_maps.schema import Family
from ..devices.modbus_maps.score import Candidate, probe
from ..devices.sunspec.device import SunSpecDevice
from ..devices.sunspec.discovery import UNIT_IDS, find_unit
from ..link import Link, Protocol, link_name, link_params
from ..register_maps import async_register_maps

# Where the makers' own maps answer as a rule, the most usual first.
_MAP_UNIT_IDS: Final = (1, 247, 127, 3, 100, 2)
# Some answer on 0 as well, which on a wire with several devices is all of them.
_POINT_TO_POINT: Final = 0


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


class NotSunSpecError(ProbeError):
    """Something answers, but not as SunSpec: it may be read by a vendor's map."""


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered.

    Attributes:
        unit_id: The unit that it answers on.
        device: The device.
        poll: What it said.
        family: Its register map, if it is read by one.
    """

    unit_id: int
    device: Device
    poll: Poll
    family: Family | None = None

    @property
    def name(self) -> str:
        """Return what to call the device until the user says otherwise."""
        identity = self.device.identity
        model = identity.model or (self.family.title if self.family else "")
        if identity.manufacturer and model.startswith(identity.manufacturer):
            return model
        return f"{identity.manufacturer} {model}".strip() or "SunSpec"

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
        protocol = Protocol.SUNSPEC if self.family is None else Protocol.MAP
        return {
            CONF_PROTOCOL: str(protocol),
            CONF_FAMILY: self.family.key if self.family else "",
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


@dataclass(frozen=True, slots=True)
class Guess:
    """What may answer, if it is not SunSpec.

    Attributes:
        families: Every map by its key.
        candidates: Those that fit, the best first.
        own: Whether some maps are the user's own, who may know better than a score.
    """

    families: Mapping[str, Family]
    candidates: list[Candidate]
    own: bool


async def async_probe(
    hass: HomeAssistant, data: Mapping[str, Any], taken: frozenset[int] = frozenset()
) -> Found:
    """Find the SunSpec device at the end of a link and read it once.

    Args:
        hass: Home Assistant.
        data: The link; without a unit id the usual ones are tried.
        taken: Unit ids on that link that are set up already.

    Raises:
        NotSunSpecError: What answers is no SunSpec device.
        ProbeError: Nothing usable answered.
    """
    unit_ids = _unit_ids(data, UNIT_IDS, taken)
    async with _units(hass, data, unit_ids) as units:
        unit_id, found = await find_unit(units.items())
        device = await SunSpecDevice.discover(
            units[unit_id],
            fallback_serial=link_name({**data, CONF_UNIT_ID: unit_id}),
            sunspec_map=found,
        )
        poll = await device.poll(dt_util.utcnow(), full=True)
    return Found(unit_id, device, poll)


async def async_guess(
    hass: HomeAssistant, data: Mapping[str, Any], taken: frozenset[int] = frozenset()
) -> Guess:
    """Find out which vendors' maps fit what answers at the end of a link.

    Args:
        hass: Home Assistant.
        data: The link; without a unit id the usual ones are tried.
        taken: Unit ids on that link that are set up already.

    Raises:
        ProbeError: Nothing answers.
    """
    families = await async_register_maps(hass)
    usual: tuple[int, ...] = _MAP_UNIT_IDS
    if data[CONF_LINK] == Link.TCP:
        usual = (*usual, _POINT_TO_POINT)
    unit_ids = _unit_ids(data, usual, taken)
    async with _units(hass, data, unit_ids) as units:
        candidates = await probe(units, families.values())
    own = len(families) > len(catalogue.families())
    return Guess(families, candidates, own)


async def async_read_mapped(
    hass: HomeAssistant, data: Mapping[str, Any], family: Family, unit_id: int
) -> Found:
    """Read a device once by a vendor's map.

    Args:
        hass: Home Assistant.
        data: The link.
        family: The map.
        unit_id: The unit that answers.

    Raises:
        ProbeError: It does not answer as the map says.
    """
    async with _units(hass, data, [unit_id]) as units:
        device = await MapDevice.connect(
            units[unit_id],
            family,
            fallback_serial=link_name({**data, CONF_UNIT_ID: unit_id}),
        )
        poll = await device.poll(dt_util.utcnow(), full=True)
    return Found(unit_id, device, poll, family)


def _unit_ids(
    data: Mapping[str, Any], usual: tuple[int, ...], taken: frozenset[int]
) -> list[int]:
    wanted = data.get(CONF_UNIT_ID)
    return [wanted] if wanted is not None else [u for u in usual if u not in taken]


@asynccontextmanager
async def _units(
    hass: HomeAssistant, data: Mapping[str, Any], unit_ids: list[int]
) -> AsyncIterator[dict[int, ModbusUnit]]:
    """Yield units for a moment, and say in our words what went wrong with them."""
    try:
        async with AsyncExitStack() as stack:
            params = link_params(data)
            yield {
                unit_id: await stack.enter_async_context(
                    async_get_temporary_unit(hass, params, unit_id)
                )
                for unit_id in unit_ids
            }
    except HomeAssistantError as err:
        raise ProbeError("link_in_use", str(err)) from err
    except ModbusConnectionError as err:
        raise ProbeError("cannot_connect", str(err)) from err
    except (ModbusTimeoutError, SilentError) as err:
        raise ProbeError("no_answer", str(err)) from err
    except ModbusExceptionError as err:
        raise NotSunSpecError("modbus_exception", str(err)) from err
    except ModbusError as err:
        raise ProbeError("garbled", str(err)) from err
    except DeviceError as err:
        raise NotSunSpecError("not_sunspec", str(err)) from err
