"""Change a setting of a device: who may, how often, and what it shows afterwards."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util

from ..access import async_check_may_change
from ..const import DOMAIN
from ..control.write_ledger import (
    FLASH,
    VOLATILE,
    Outcome,
    Target,
    Value,
    WriteRefusedError,
)
from ..devices.voltronic.changes import check
from ..devices.voltronic.device import VoltronicDevice
from ..devices.voltronic.errors import SettingError
from .polled import DEVICE_ERRORS, PolledCoordinator

if TYPE_CHECKING:
    from ..devices.voltronic.setting import Offer

_BUDGETS: Final = {"flash": FLASH, "volatile": VOLATILE}


def offers_of(coordinator: PolledCoordinator) -> dict[str, Offer]:
    """Return what can be set on a device now, by key."""
    if isinstance(coordinator.device, VoltronicDevice):
        return dict(coordinator.device.offers)
    return {}


async def async_change(
    coordinator: PolledCoordinator, key: str, value: Value, context: Context | None
) -> None:
    """Change a setting through the write ledger and show what it is then.

    Args:
        coordinator: The device.
        key: The setting.
        value: What it is to become.
        context: Who asked for it.

    Raises:
        HomeAssistantError: He may not, it would wear the device, or the device does
            not take it; each with its own words.
    """
    actor = await async_check_may_change(coordinator.hass, context)
    device = coordinator.device
    offer = offers_of(coordinator).get(key)
    if not isinstance(device, VoltronicDevice) or offer is None:
        raise _invalid(SettingError("not_offered", setting=key))
    if offer.value == value:
        return
    data = coordinator.config_entry.runtime_data
    try:
        check(device.config, key, value)
        entry = data.writes.open(
            Target(coordinator.serial, key),
            value,
            now=dt_util.utcnow(),
            budget=_BUDGETS[offer.storage],
            actor=actor,
            before=offer.value,
        )
    except SettingError as err:
        raise _invalid(err) from err
    except WriteRefusedError as err:
        minutes = str(max(1, round(err.wait.total_seconds() / 60)))
        raise _failed(err.reason, {"setting": key, "minutes": minutes}) from err
    try:
        # On the disk before it is on the wire: a crash must not hide a write.
        await data.async_save()
        shown = await device.write(key, value)
    except SettingError as err:
        refused = err.reason == "refused"
        outcome = Outcome.REFUSED if refused else Outcome.UNCONFIRMED
        data.writes.close(entry, outcome)
        raise _invalid(err) from err
    except DEVICE_ERRORS as err:
        data.writes.close(entry, Outcome.FAILED)
        raise _failed("device_silent", {"error": str(err)}) from err
    finally:
        data.save_soon()
    data.writes.close(entry, Outcome.CONFIRMED, shown)
    coordinator.async_update_listeners()


def _invalid(err: SettingError) -> ServiceValidationError:
    words = {name: str(v).replace("_", " ") for name, v in err.params.items()}
    reason = err.reason
    if reason == "order":
        reason = f"order_{words.pop('relation')}"
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"setting_{reason}",
        translation_placeholders=words,
    )


def _failed(key: str, placeholders: dict[str, str]) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
