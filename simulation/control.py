"""A local HTTP door to a running simulation: its truth and its faults."""

from dataclasses import asdict
from datetime import datetime
import json
from typing import Any

from aiohttp import web

from .device import SimulatedDevice
from .faults import FAULTS, FaultError, Faults, make_fault
from .modbus_server import SimulatedModbusServer
from .weather_service import WeatherService


def _plain(value: object) -> str:
    """Write what JSON does not know."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _json(content: object, status: int = 200) -> web.Response:
    """Return `content` as JSON."""
    return web.json_response(
        content, status=status, dumps=lambda value: json.dumps(value, default=_plain)
    )


class ControlServer:
    """The server behind the door, on 127.0.0.1 only.

    - `GET /truth`: state of the home (null in a replay), seed and server counters
    - `GET /faults`: what is on
    - `POST /faults/{name}`: switch on; JSON body: arguments and `duration` in s
    - `DELETE /faults/{name}`: switch off; `DELETE /faults` switches all off
    - the paths of Open-Meteo and PVGIS, for the sky above the home
    """

    def __init__(
        self,
        server: SimulatedModbusServer,
        device: SimulatedDevice | None = None,
        *,
        port: int = 0,
    ) -> None:
        """Prepare a server; port 0 takes a free one."""
        self.port = port
        self._server = server
        self._device = device
        self._faults: Faults = server.faults
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """Return the routes."""
        app = web.Application()
        app.router.add_get("/truth", self._get_truth)
        app.router.add_get("/faults", self._get_faults)
        app.router.add_delete("/faults", self._delete_faults)
        app.router.add_post("/faults/{name}", self._post_fault)
        app.router.add_delete("/faults/{name}", self._delete_fault)
        if self._device is not None:
            WeatherService(self._device.home.seed).add_routes(app)
        return app

    async def start(self) -> None:
        """Listen."""
        self._runner = web.AppRunner(self.app(), access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _get_truth(self, request: web.Request) -> web.Response:
        device = self._device
        return _json(
            {
                "faults": self._faults.describe(),
                "home": None if device is None else asdict(device.state),
                "seed": None if device is None else device.home.seed,
                "server": {
                    "registers": self._server.registers,
                    "requests": self._server.requests,
                },
            }
        )

    async def _get_faults(self, request: web.Request) -> web.Response:
        return _json(self._faults.describe())

    async def _post_fault(self, request: web.Request) -> web.Response:
        try:
            arguments: Any = await request.json() if request.can_read_body else {}
            if not isinstance(arguments, dict):
                raise FaultError("the arguments are not a JSON object")
            duration = arguments.pop("duration", None)
            if duration is not None and not isinstance(duration, int | float):
                raise FaultError("duration is not a number")
            fault = make_fault(request.match_info["name"], arguments)
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        self._faults.start(fault, duration)
        return _json(self._faults.describe())

    async def _delete_fault(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FAULTS:
            return _json({"error": f"no fault {name!r}"}, 404)
        self._faults.clear(FAULTS[name])
        return _json(self._faults.describe())

    async def _delete_faults(self, request: web.Request) -> web.Response:
        self._faults.clear_all()
        return _json(self._faults.describe())
