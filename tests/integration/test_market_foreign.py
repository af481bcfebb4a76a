"""Answers that nobody recorded, over the wire and up to the sensors."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from custom_components.pv_family.market.market_day import day_bounds
from tests.unit.market.answers import (
    entsoe,
    entsoe_nothing,
    entsoe_series,
    opcom_means,
    opcom_report,
)

from .price_server import RATE, PriceServer
from .test_market import TODAY, YESTERDAY, add_market, attributes_of
from .world import World

LEI = [price * RATE for price in PriceServer.prices(TODAY)]
EUROS = PriceServer.prices(TODAY)
NOW = 46
"""The quarter hour of the market day that holds noon."""
TOKEN = "00000000-1111-2222-3333-444444444444"


@pytest.fixture
async def prices(world: World) -> AsyncIterator[PriceServer]:
    """Return the services, with the prices of yesterday and today."""
    server = PriceServer()
    server.published = {YESTERDAY, TODAY}
    await server.start()
    await world.add_empty_home()
    yield server
    await server.stop()


def dear(text: str) -> str:
    """Return a report as a spreadsheet in Romania saves it."""
    rows = [line.split('","') for line in text.replace(";", " ").splitlines()]
    swap = str.maketrans(".,", ",.")
    return "\r\n".join(
        '";"'.join(cell if "/" in cell else cell.translate(swap) for cell in row)
        for row in rows
    )


@pytest.mark.parametrize(
    "body",
    [
        opcom_report(TODAY, LEI).encode("utf-8-sig"),
        opcom_report(TODAY, LEI, resolution=None).encode("utf-16"),
        opcom_report(TODAY, LEI).replace("Pret de", "Preţ de").encode("cp1250"),
        dear(opcom_report(TODAY, LEI)).encode("iso-8859-2"),
        (opcom_report(TODAY, EUROS, english=True) + opcom_report(TODAY, LEI)).encode(),
        (opcom_means(TODAY, LEI) + "\r\n\r\nTotal,,1.0\r\n").encode(),
    ],
    ids=["mark", "utf-16", "cp1250", "comma", "both", "means"],
)
async def test_other_layouts(world: World, prices: PriceServer, body: bytes) -> None:
    """A report in another layout is as good as any: published, by OPCOM."""
    prices.verbatim["opcom", str(TODAY)] = body
    await add_market(world, prices)
    assert world.number("price") == pytest.approx(LEI[NOW] / 1000.0, abs=1e-4)
    assert world.state("price_quality") == "published"
    assert world.state("price_source") == "opcom"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><title>Request rejected</title>", "no table"),
        (opcom_report(YESTERDAY, LEI).encode(), "is of"),
        (opcom_report(TODAY, LEI).encode()[:-2000], "rows|quote"),
        (opcom_means(TODAY, LEI[:92]).encode(), "92 rows"),
        (b"\xff" * 5000, "no table"),
        (b"x" * (1 << 19), "too long"),
        ('{"error": "' + f"{TODAY:%d/%m/%Y}" + '"}', "no table"),
    ],
    ids=["page", "other day", "cut", "92 rows", "bytes", "long", "json"],
)
async def test_next_source(
    world: World, prices: PriceServer, body: Any, reason: str
) -> None:
    """What is no report is told, and another source is asked at once."""
    prices.verbatim["opcom", str(TODAY)] = (
        body.encode() if isinstance(body, str) else body
    )
    await add_market(world, prices)
    assert world.number("price") == pytest.approx(LEI[NOW] / 1000.0, abs=1e-4)
    assert world.state("price_quality") == "converted"
    failure = attributes_of(world, "price_quality")["failures"]["opcom"]
    assert any(word in failure for word in reason.split("|"))


async def test_two_auctions_and_a_gap(world: World, prices: PriceServer) -> None:
    """The last source: the coupled auction counts, and a gap repeats its price."""
    prices.broken |= {"opcom": 500, "charts": 500}
    start, end = day_bounds(TODAY)
    other = entsoe_series(start, end, {1: 999.0}, auction=2)
    coupled = entsoe_series(start, end, {1: 10.0, NOW - 2: -25.0, 60: 90.0})
    prices.verbatim["entsoe", f"{start:%Y%m%d%H%M}"] = entsoe(other, coupled).encode()
    await add_market(world, prices, currency="EUR", entsoe_token=TOKEN)
    assert world.number("price") == pytest.approx(-0.025)
    assert world.state("price_source") == "entsoe"


async def test_nobody_has_prices(world: World, prices: PriceServer) -> None:
    """Pages and refusals everywhere: unknown is not zero, and each says why."""
    for day in (YESTERDAY, TODAY):
        start = f"{day_bounds(day)[0]:%Y%m%d%H%M}"
        prices.verbatim |= {
            ("opcom", str(day)): b"<html/>",
            ("charts", str(day)): b'{"detail": "Not Found"}',
            ("entsoe", start): entsoe_nothing("Authentication failed.").encode(),
        }
    await add_market(world, prices, entsoe_token=TOKEN)
    assert world.state("price") == "unavailable"
    assert world.state("price_quality") == "missing"
    failures = attributes_of(world, "price_quality")["failures"]
    assert failures.keys() == {"opcom", "energy_charts", "entsoe"}
    assert "Authentication" in failures["entsoe"]
