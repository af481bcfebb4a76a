"""The door for nodes that push over HTTP.

A node proves itself with the key that was made for it (``X-API-Key``). The paths of
the energy platform are served below our own; whoever has nodes that cannot be changed
allows the old ones in the node's settings.
"""

import asyncio
from http import HTTPStatus
import time
from typing import Final, NamedTuple

from aiohttp import web

from homeassistant.components.http.ban import process_wrong_login
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .const import CONF_KEY_HASH, CONF_OLD_PATH, DOMAIN, SUBENTRY_NODE
from .coordinator import PushNodeCoordinator, PvFamilyConfigEntry
from .devices.push.keys import owner_of
from .devices.push.limiter import Limiter
from .devices.push.node import Acceptance
from .devices.push.payload import MAX_BODY, PayloadError

_HEADER: Final = "X-API-Key"
_OWN: Final = f"/api/{DOMAIN}/hardware"
_OLD: Final = "/api/hardware"
# A node reports every few seconds; after an outage it may have much to tell.
_RATE: Final = 10.0
_BURST: Final = 120.0
# What a node is told of how to report, in s and bytes.
_INTERVAL: Final = 10
# How long the body of a request may take, in s.
_PATIENCE: Final = 10.0

_ERRORS: Final = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_slow": HTTPStatus.REQUEST_TIMEOUT,
}


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Open the door; it answers only to the keys of nodes that are set up."""
    limiters: dict[str, Limiter] = {}
    for root, old in ((_OWN, False), (_OLD, True)):
        for view in (_DataView, _StatusView, _ConfigView):
            hass.http.register_view(view(root, limiters, old=old))


def _error(
    status: HTTPStatus, code: str, reason: str, retry_after: float | None = None
) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if retry_after is not None:
        headers["Retry-After"] = str(int(retry_after) + 1)
    return web.json_response(
        {"success": False, "error": code, "reason": reason},
        status=status,
        headers=headers,
    )


class _View(HomeAssistantView):
    """What the three paths have in common."""

    requires_auth = False
    cors_allowed = False
    suffix = ""

    def __init__(self, root: str, limiters: dict[str, Limiter], *, old: bool) -> None:
        """Serve below a root.

        Args:
            root: Where.
            limiters: How fast each node may go on.
            old: Whether only nodes that need the old paths are let in.
        """
        self.url = f"{root}/{self.suffix}"
        self.name = self.url.strip("/").replace("/", ":")
        self._limiters = limiters
        self._old = old

    async def _admit(self, request: web.Request) -> PushNodeCoordinator | web.Response:
        """Return whose key the request brings, or why it goes no further."""
        nodes = _nodes(request.app[KEY_HASS], old=self._old)
        if self._old and not nodes:
            return _error(HTTPStatus.NOT_FOUND, "not_found", "nothing is served here")
        hashes = {key: node.subentry.data[CONF_KEY_HASH] for key, node in nodes.items()}
        owner = owner_of(request.headers.get(_HEADER, ""), hashes)
        if owner is None:
            await process_wrong_login(request)
            return _error(
                HTTPStatus.UNAUTHORIZED, "unauthorized", f"{_HEADER} is not a known key"
            )
        if (running := nodes[owner].running) is None:
            # Taken for a wrong login, it would get the node's address banned.
            return _error(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "not_ready",
                "the home is not running: send the report again",
                _INTERVAL,
            )
        now = time.monotonic()
        limiter = self._limiters.get(owner)
        if limiter is None:
            limiter = self._limiters[owner] = Limiter.full(_RATE, _BURST, now)
        if (wait := limiter.take(now)) > 0.0:
            return _error(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_fast",
                f"at most {_RATE:g} requests a second",
                wait,
            )
        return running


class _DataView(_View):
    """Takes reports."""

    suffix = "data"

    async def post(self, request: web.Request) -> web.Response:
        """Take one report in, and say so only when it cannot be lost any more."""
        node = await self._admit(request)
        if isinstance(node, web.Response):
            return node
        try:
            body = await _body(request)
            acceptance = await node.async_receive(body)
        except PayloadError as err:
            status = _ERRORS.get(err.code, HTTPStatus.BAD_REQUEST)
            return _error(status, err.code, err.reason)
        except OSError:
            return _error(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "not_stored",
                "the report could not be stored: send it again",
                _INTERVAL,
            )
        return web.json_response(
            {"success": True, "repeated": acceptance is Acceptance.REPEATED}
        )


class _StatusView(_View):
    """Tells a node how it is seen."""

    suffix = "status"

    async def get(self, request: web.Request) -> web.Response:
        """Say when the node reported last, and up to which number."""
        node = await self._admit(request)
        if isinstance(node, web.Response):
            return node
        last = node.last_report
        return web.json_response(
            {
                "success": True,
                "online": node.answers,
                "last_report": None if last is None else last.isoformat(),
                "sequence": node.node.highest if node.node.highest >= 0 else None,
            }
        )


class _ConfigView(_View):
    """Tells a node how to report."""

    suffix = "config"

    async def get(self, request: web.Request) -> web.Response:
        """Say how often, how much and in which units."""
        node = await self._admit(request)
        if isinstance(node, web.Response):
            return node
        units = node.node.units
        return web.json_response(
            {
                "success": True,
                "interval": _INTERVAL,
                "max_body": MAX_BODY,
                "max_rate": _RATE,
                "energy_unit": "kWh" if units.energy == 1000.0 else "Wh",
                "energy_kind": str(units.kind),
                "power_unit": "kW" if units.power == 1000.0 else "W",
            }
        )


async def _body(request: web.Request) -> bytes:
    """Return the body of a request, and never read more than is allowed.

    Raises:
        PayloadError: It is too large, takes too long or does not come whole.
    """
    length = request.content_length or 0
    body = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            while max(length, len(body)) <= MAX_BODY:
                if not (part := await request.content.readany()):
                    return body
                body += part
    except TimeoutError as err:
        raise PayloadError("too_slow", f"the body takes over {_PATIENCE:g} s") from err
    except web.RequestPayloadError as err:
        raise PayloadError("not_whole", "the body did not come whole") from err
    raise PayloadError("too_large", f"the body exceeds {MAX_BODY} bytes")


class _Node(NamedTuple):
    """A node that is set up, whether its home runs or not."""

    entry: PvFamilyConfigEntry
    subentry: ConfigSubentry

    @property
    def running(self) -> PushNodeCoordinator | None:
        """Return what takes its reports, if its home runs."""
        if self.entry.state is not ConfigEntryState.LOADED:
            return None
        device = self.entry.runtime_data.devices.get(self.subentry.subentry_id)
        return device if isinstance(device, PushNodeCoordinator) else None


def _nodes(hass: HomeAssistant, *, old: bool) -> dict[str, _Node]:
    """Return the nodes with a key of all homes that are not disabled."""
    return {
        subentry.subentry_id: _Node(entry, subentry)
        for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False)
        for subentry in entry.get_subentries_of_type(SUBENTRY_NODE)
        if CONF_KEY_HASH in subentry.data
        and (not old or subentry.data.get(CONF_OLD_PATH))
    }
