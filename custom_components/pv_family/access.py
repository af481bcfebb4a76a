"""Who may change what is written to hardware: an administrator, from home."""

from ipaddress import ip_address
from typing import Final

from aiohttp.web import Request

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.http import current_request
from homeassistant.helpers.network import is_cloud_connection
from homeassistant.util.network import is_local

from .const import DOMAIN

# Where proxies write for whom they ask. What stands there is believed only to the
# worse: a stranger cannot talk himself into the house.
_FORWARDED: Final = ("X-Forwarded-For", "X-Real-IP")


async def async_check_may_change(hass: HomeAssistant, context: Context | None) -> str:
    """Return the name of whoever wants to change a setting, if he may.

    What runs by itself (an automation, a script) was written by an administrator and
    acts from inside the house.

    Raises:
        HomeAssistantError: He is no administrator, or not in the local network.
    """
    name = ""
    if context is not None and context.user_id is not None:
        user = await hass.auth.async_get_user(context.user_id)
        if user is None or not user.is_admin:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="only_administrators"
            )
        name = user.name or ""
    request = current_request.get()
    if is_cloud_connection(hass) or (request is not None and not _at_home(request)):
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="only_from_home"
        )
    return name


def _at_home(request: Request) -> bool:
    """Tell whether a request and everybody that it was passed on for are at home."""
    addresses = [request.remote or ""]
    for header in _FORWARDED:
        for value in request.headers.getall(header, []):
            addresses += [address.strip() for address in value.split(",")]
    try:
        return all(is_local(ip_address(address)) for address in addresses)
    except ValueError:
        return False
