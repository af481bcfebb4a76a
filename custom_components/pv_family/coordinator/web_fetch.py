"""Ask services on the internet through Home Assistant's own session."""

from collections.abc import Mapping
from typing import Final

from aiohttp import ClientError, ClientTimeout

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..plant.web import Fetch, WebAnswer, WebRequest

OPEN_METEO: Final = "https://api.open-meteo.com"
OPEN_METEO_PAST: Final = "https://historical-forecast-api.open-meteo.com"
PVGIS: Final = "https://re.jrc.ec.europa.eu"

_PATIENCE: Final = ClientTimeout(total=45)


def through(
    session_of: HomeAssistant,
    doors: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> Fetch:
    """Return how to ask the network.

    Args:
        session_of: Home Assistant, whose session is used.
        doors: Servers that are asked in place of others, by the beginning of the
            address that they replace.
        headers: Said with each question, besides what Home Assistant says.
    """
    session = async_get_clientsession(session_of)

    async def fetch(request: WebRequest) -> WebAnswer:
        url = _replaced(request.url, doors)
        try:
            async with session.get(
                url, params=request.params, headers=headers, timeout=_PATIENCE
            ) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > request.most:
                        break
                return WebAnswer(response.status, bytes(body[: request.most + 1]))
        except ClientError as err:
            raise OSError(str(err) or type(err).__name__) from err

    return fetch


def _replaced(url: str, doors: Mapping[str, str]) -> str:
    for known, other in doors.items():
        if url.startswith(known):
            return other.rstrip("/") + url.removeprefix(known)
    return url
