"""Answers in the layouts of the sources, where no recording may be copied."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
import json
from math import sin
from pathlib import Path
from statistics import fmean

from custom_components.pv_family.market.market_day import day_bounds
from custom_components.pv_family.plant.web import WebAnswer

FIXTURES = Path(__file__).parents[2] / "fixtures" / "prices"
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = date(2026, 6, 15)


def count_of(day: date, step: timedelta = QUARTER) -> int:
    """Return how many intervals a market day has."""
    start, end = day_bounds(day)
    return (end - start) // step


def prices_of(count: int, level: float = 500.0) -> list[float]:
    """Return a day's prices: some above the level, some below zero."""
    return [round(level * (0.6 + sin(n / count * 12.0)), 2) for n in range(count)]


def opcom_report(
    day: date,
    prices: Sequence[float],
    *,
    english: bool = False,
    resolution: str | None = "PT15M",
    title: str | None = None,
    averages: bool = True,
    averages_below: bool = False,
) -> str:
    """Return a report of OPCOM in the layout of the files with volumes."""
    if title is None:
        title = (
            f"Mcp and Traded Volume for delivery day: {day.month}/{day.day}/{day.year}"
            if english
            else f"PIP si volum tranzactionat pentru ziua de livrare: {day:%d/%m/%Y}"
        )
    unit = "Euro/MWh" if english else "lei/MWh"
    tail = [] if resolution is None else [resolution]
    names = (
        [
            "Trading Zone",
            "Interval",
            f"Market Clearing Price (MCP) [{unit}]",
            "Traded Volume [MWh]",
            "Traded Buy Volume [MWh]",
            "Traded Sell Volume [MWh]",
        ]
        if english
        else [
            "Zona de tranzactionare",
            "Interval",
            f"Pret de Inchidere a Pietei [{unit}]",
            "Volum Tranzactionat [MW]",
            "Volum Tranzactionat pe cumparare [MW]",
            "Volum Tranzactionat pe vanzare [MW]",
        ]
    )
    if tail:
        names.append("Resolution" if english else "Rezolutie")
    mean = fmean(prices) if prices else 0.0
    summary = [
        [
            "",
            f"{'Average Price' if english else 'Pret mediu'} [{unit}]",
            "Volum",
            *tail,
        ],
        ["ROPEX_DAM_Base (1-24)", f"{mean:.2f}", "36685.1", *tail],
    ]
    table = [
        names,
        *(
            ["Romania", str(n), f"{price:.2f}", "1459.4", "852.2", "1459.4", *tail]
            for n, price in enumerate(prices, 1)
        ),
    ]
    if averages_below:
        table += [[], ["ROPEX_DAM_Base*", f"(1-{len(prices)})", f"{mean:.2f}", "40572"]]
    rows = [[title], [], *([*summary, []] if averages else []), *table]
    return "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows) + "\r\n"


def opcom_means(day: date, prices: Sequence[float]) -> str:
    """Return a report of OPCOM in the layout that has nothing but mean prices."""
    rows = ['"Interval","Pret mediu [lei/MWh]"']
    rows += [f'"{n}","{price:.2f}"' for n, price in enumerate(prices, 1)]
    return f'"Data de livrare: {day:%d/%m/%Y}"\r\n\r\n' + "\r\n".join(rows)


def energy_charts(
    start: datetime, prices: Sequence[float | None], step: timedelta = QUARTER
) -> str:
    """Return what energy-charts answers."""
    return json.dumps(
        {
            "license_info": "private and internal use only",
            "unix_seconds": [
                int((start + n * step).timestamp()) for n in range(len(prices))
            ],
            "price": list(prices),
            "unit": "EUR / MWh",
            "deprecated": False,
        }
    )


def entsoe(*series: str) -> str:
    """Return what ENTSO-E answers."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><Publication_MarketDocument '
        'xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3">'
        f"{''.join(series)}</Publication_MarketDocument>"
    )


def entsoe_series(
    start: datetime,
    end: datetime,
    points: dict[int, float],
    *,
    resolution: str = "PT15M",
    auction: int | None = 1,
    curve: str = "A03",
    currency: str = "EUR",
) -> str:
    """Return a series of ENTSO-E with the points that are given."""
    marked = (
        ""
        if auction is None
        else "<classificationSequence_AttributeInstanceComponent.position>"
        f"{auction}</classificationSequence_AttributeInstanceComponent.position>"
    )
    told = "".join(
        f"<Point><position>{n}</position><price.amount>{price}</price.amount></Point>"
        for n, price in points.items()
    )
    return (
        "<TimeSeries><contract_MarketAgreement.type>A01</contract_MarketAgreement.type>"
        f"<currency_Unit.name>{currency}</currency_Unit.name>"
        f"<price_Measure_Unit.name>MWH</price_Measure_Unit.name>{marked}"
        f"<curveType>{curve}</curveType><Period><timeInterval>"
        f"<start>{start:%Y-%m-%dT%H:%MZ}</start><end>{end:%Y-%m-%dT%H:%MZ}</end>"
        f"</timeInterval><resolution>{resolution}</resolution>{told}</Period>"
        "</TimeSeries>"
    )


def entsoe_nothing(text: str = "No matching data found") -> str:
    """Return what ENTSO-E answers when it has nothing."""
    return (
        '<?xml version="1.0"?><Acknowledgement_MarketDocument xmlns='
        '"urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0"><Reason>'
        f"<code>999</code><text>{text}</text></Reason></Acknowledgement_MarketDocument>"
    )


def bnr_rates(rates: dict[date, float]) -> str:
    """Return what the central bank answers."""
    cubes = "".join(
        f'<Cube date="{day}"><Rate currency="AED">1.2</Rate>'
        f'<Rate currency="EUR">{rate:.4f}</Rate>'
        '<Rate currency="HUF" multiplier="100">1.3</Rate></Cube>'
        for day, rate in rates.items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><DataSet xmlns="http://www.bnr.ro/xsd">'
        f"<Header/><Body><OrigCurrency>RON</OrigCurrency>{cubes}</Body></DataSet>"
    )


def answered(text: str, status: int = 200) -> WebAnswer:
    """Return a text as it comes from the network."""
    return WebAnswer(status, text.encode())
