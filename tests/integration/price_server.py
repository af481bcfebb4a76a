"""A server that stands for OPCOM, energy-charts, ENTSO-E and the central bank."""

from datetime import date, timedelta
from typing import Final

from aiohttp import web

from custom_components.pv_family.market.market_day import day_bounds
from tests.unit.market.answers import (
    bnr_rates,
    count_of,
    energy_charts,
    entsoe,
    entsoe_series,
    opcom_report,
    prices_of,
)

RATE: Final = 5.0
LEVEL: Final = 100.0
"""EUR/MWh around which the prices of every day move."""


class PriceServer:
    """Answers from a loopback port as the four services do.

    Attributes:
        published: Days whose prices are there.
        broken: What each service that is out of order answers with, by its name.
        verbatim: Bytes with which a service answers, by its name and day.
        asked: What was asked, by service and day.
    """

    def __init__(self) -> None:
        """Publish nothing yet."""
        self.published: set[date] = set()
        self.broken: dict[str, int] = {}
        self.verbatim: dict[tuple[str, str], bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/opcom/{d}/{m}/{y}/{language}", self._opcom)
        app.router.add_get("/charts", self._charts)
        app.router.add_get("/entsoe", self._entsoe)
        app.router.add_get("/bnr/{file}", self._bnr)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def addresses(self) -> dict[str, str]:
        """What the user enters to have this server asked."""
        base = f"http://127.0.0.1:{self.port}"
        return {
            "opcom_url": f"{base}/opcom",
            "energy_charts_url": f"{base}/charts",
            "entsoe_url": f"{base}/entsoe",
            "bnr_url": f"{base}/bnr",
        }

    @staticmethod
    def prices(day: date) -> list[float]:
        """Return the prices of a market day in EUR/MWh; each day has its own."""
        level = LEVEL + (day - date(2026, 6, 1)).days
        return prices_of(count_of(day), level)

    def asked_of(self, name: str) -> list[str]:
        """Return the days that a service was asked for."""
        return [day for service, day in self.asked if service == name]

    def _ask(self, name: str, day: str) -> web.Response | None:
        """Note a question, and return the answer of a service that is odd or broken."""
        self.asked.append((name, day))
        status = self.broken.get(name)
        if (body := self.verbatim.get((name, day))) is not None:
            return web.Response(status=status or 200, body=body)
        return None if status is None else web.Response(status=status, text="broken")

    async def _opcom(self, request: web.Request) -> web.Response:
        told = request.match_info
        day = date(int(told["y"]), int(told["m"]), int(told["d"]))
        if (broken := self._ask("opcom", day.isoformat())) is not None:
            return broken
        english = told["language"] == "en"
        if day not in self.published:
            return web.Response(text=opcom_report(day, [], english=english))
        factor = 1.0 if english else RATE
        prices = [price * factor for price in self.prices(day)]
        return web.Response(text=opcom_report(day, prices, english=english))

    async def _charts(self, request: web.Request) -> web.Response:
        first = date.fromisoformat(request.query["start"])
        if (broken := self._ask("charts", first.isoformat())) is not None:
            return broken
        days = [d for d in (first, first + timedelta(days=1)) if d in self.published]
        if not days:
            return web.Response(status=404, text="{}")
        prices: list[float | None] = []
        for day in days:
            prices += self.prices(day)
        return web.Response(text=energy_charts(day_bounds(days[0])[0], prices))

    async def _entsoe(self, request: web.Request) -> web.Response:
        start = request.query["periodStart"]
        if (broken := self._ask("entsoe", start)) is not None:
            return broken
        day = next(
            d for d in self.published if f"{day_bounds(d)[0]:%Y%m%d%H%M}" == start
        )
        points = dict(enumerate(self.prices(day), 1))
        return web.Response(text=entsoe(entsoe_series(*day_bounds(day), points)))

    async def _bnr(self, request: web.Request) -> web.Response:
        year = int(request.match_info["file"].removesuffix(".xml")[-4:])
        if (broken := self._ask("bnr", str(year))) is not None:
            return broken
        days = (date(year, 1, 5) + timedelta(days=n) for n in range(350))
        return web.Response(
            text=bnr_rates({day: RATE for day in days if day.weekday() < 5})
        )
