"""Talk to Home Assistant as its own pages do: REST for flows, websocket for the rest."""

import asyncio
from collections.abc import Mapping
from itertools import count
from types import TracebackType
from typing import Any, Self

import aiohttp

from .instance import Instance
from .process import Program

USER = "demo"
_TIMEOUT = aiohttp.ClientTimeout(total=60)


class HassError(Exception):
    """Home Assistant did not do what it was asked to."""


class HassClient:
    """One user's connection to an instance."""

    def __init__(self, instance: Instance) -> None:
        """Prepare a connection; `connect` or `onboard` opens it."""
        self.instance = instance
        self.tokens: dict[str, Any] = {}
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = count(1)

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

    @property
    def client_id(self) -> str:
        """Return what identifies the page to Home Assistant."""
        return f"{self.instance.url}/"

    async def wait_until_up(self, program: Program, timeout: float = 90.0) -> None:
        """Wait until the instance answers.

        Raises:
            HassError: It ended instead, or took too long.
        """
        try:
            async with asyncio.timeout(timeout):
                while True:
                    if program.ended:
                        raise HassError(f"Home Assistant ended; see {program.log}")
                    try:
                        async with self._session.get(
                            f"{self.instance.url}/api/onboarding"
                        ) as answer:
                            if answer.status in (200, 404):
                                return
                    except aiohttp.ClientError:
                        pass
                    await asyncio.sleep(0.2)
        except TimeoutError as err:
            raise HassError(
                f"Home Assistant did not answer; see {program.log}"
            ) from err

    async def wait_until_running(self, timeout: float = 60.0) -> None:
        """Wait until everything that starts with the instance has started.

        Raises:
            HassError: It takes too long.
        """
        try:
            async with asyncio.timeout(timeout):
                while (await self.get("/api/config"))["state"] != "RUNNING":
                    await asyncio.sleep(0.2)
        except TimeoutError as err:
            raise HassError("Home Assistant did not finish starting") from err

    async def onboard(self) -> None:
        """Create the first user, as the first page does, and log in."""
        answer = await self.post(
            "/api/onboarding/users",
            {
                "client_id": self.client_id,
                "name": "Demo",
                "username": USER,
                "password": USER,
                "language": "en",
            },
        )
        await self._exchange(answer["auth_code"])
        await self.post("/api/onboarding/core_config", {})
        await self.post("/api/onboarding/analytics", {})
        await self.post(
            "/api/onboarding/integration",
            {"client_id": self.client_id, "redirect_uri": self.client_id},
        )

    async def show_times_of_the_home(self) -> None:
        """Let the page show the home's time instead of the visitor's."""
        await self.command(
            "frontend/set_user_data",
            key="language",
            value={
                "language": "en",
                "number_format": "language",
                "time_format": "24",
                "date_format": "language",
                "time_zone": "server",
                "first_weekday": "monday",
            },
        )

    async def log_in(self) -> None:
        """Log in to an instance that was onboarded before."""
        flow = await self.post(
            "/auth/login_flow",
            {
                "client_id": self.client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": self.client_id,
            },
        )
        answer = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": self.client_id, "username": USER, "password": USER},
        )
        await self._exchange(answer["result"])

    async def _exchange(self, code: str) -> None:
        async with self._session.post(
            f"{self.instance.url}/auth/token",
            data={
                "client_id": self.client_id,
                "grant_type": "authorization_code",
                "code": code,
            },
        ) as answer:
            answer.raise_for_status()
            self.tokens = await answer.json()

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return what a REST path answers to a body.

        Raises:
            HassError: It is refused.
        """
        headers = {}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        async with self._session.post(
            f"{self.instance.url}{path}", json=body, headers=headers
        ) as answer:
            if answer.status >= 400:
                raise HassError(f"{path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def get(self, path: str) -> Any:
        """Return what a REST path answers.

        Raises:
            HassError: It refuses.
        """
        async with self._session.get(
            f"{self.instance.url}{path}",
            headers={"Authorization": f"Bearer {self.tokens['access_token']}"},
        ) as answer:
            if answer.status >= 400:
                raise HassError(f"{path}: {answer.status}")
            return await answer.json()

    async def flow(
        self, kind: str, handler: Any, *answers: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Walk through a flow and return its last step.

        Args:
            kind: ``flow``, ``subentries/flow`` or ``options/flow``.
            handler: The domain, the entry, or the entry and the subentry type.
            *answers: What to fill in, one form after the other.

        Raises:
            HassError: A form was refused.
        """
        path = f"/api/config/config_entries/{kind}"
        step = await self.post(path, {"handler": handler})
        for answer in answers:
            step = await self.post(f"{path}/{step['flow_id']}", answer)
            if step.get("errors"):
                raise HassError(f"{step['step_id']}: {step['errors']}")
        result: dict[str, Any] = step
        return result

    async def connect(self) -> None:
        """Open the websocket.

        Raises:
            HassError: The token is refused.
        """
        self._socket = await self._session.ws_connect(
            f"{self.instance.url}/api/websocket", max_msg_size=0
        )
        await self._socket.receive_json()
        await self._socket.send_json(
            {"type": "auth", "access_token": self.tokens["access_token"]}
        )
        if (await self._socket.receive_json())["type"] != "auth_ok":
            raise HassError("the websocket refused the token")

    async def disconnect(self) -> None:
        """Close the websocket and forget the login, before a restart."""
        if self._socket is not None:
            await self._socket.close()
        self._socket = None
        self.tokens = {}

    async def command(self, kind: str, **arguments: Any) -> Any:
        """Send a websocket command and return its result.

        Raises:
            HassError: It failed.
        """
        if self._socket is None:
            await self.connect()
        assert self._socket is not None
        number = next(self._ids)
        await self._socket.send_json({"id": number, "type": kind, **arguments})
        while (answer := await self._socket.receive_json())["id"] != number:
            pass
        if not answer["success"]:
            raise HassError(f"{kind}: {answer['error']}")
        return answer["result"]

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return every state by its entity id."""
        return {state["entity_id"]: state for state in await self.get("/api/states")}
