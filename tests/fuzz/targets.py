"""What is fuzzed: good inputs, and a function that must only refuse in known ways."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
import json
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from custom_components.pv_family.devices.manual.layout import guess_layout
from custom_components.pv_family.devices.manual.log import read_log
from custom_components.pv_family.devices.manual.table import LogError, read_table
from custom_components.pv_family.devices.modbus_maps.catalogue import FOLDER
from custom_components.pv_family.devices.modbus_maps.document import MapError
from custom_components.pv_family.devices.modbus_maps.loader import load
from custom_components.pv_family.devices.node.node import NodeState
from custom_components.pv_family.devices.node.topics import Leaf, Topics
from custom_components.pv_family.devices.push.payload import PayloadError, parse_report
from custom_components.pv_family.devices.voltronic import commands
from custom_components.pv_family.devices.voltronic.errors import FrameError
from custom_components.pv_family.devices.voltronic.frame import parse
from custom_components.pv_family.devices.voltronic.query import Query
from custom_components.pv_family.market.energy_charts import parse_energy_charts
from custom_components.pv_family.market.entsoe import parse_entsoe
from custom_components.pv_family.market.exchange import parse_rates
from custom_components.pv_family.market.opcom import parse_opcom
from custom_components.pv_family.plant.web import WebAnswer, WebError

_FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
_PAGE: Final = Path(__file__).parents[2] / "docs" / "node-messages.md"
_MARKET_DAY: Final = date(2024, 2, 27)
_NOW: Final = datetime(2026, 6, 21, 10, tzinfo=UTC)
_ZONE: Final = ZoneInfo("Europe/Bucharest")
_TOPICS: Final = Topics("casa_A")
_QUERIES: Final = [q for q in vars(commands).values() if isinstance(q, Query)]


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of foreign bytes.

    Attributes:
        name: What it reads.
        corpus: Good inputs.
        run: Reads one input; anything that it raises is a defect.
    """

    name: str
    corpus: Sequence[bytes]
    run: Callable[[bytes], None]


def _pi30(data: bytes) -> None:
    with suppress(FrameError):
        text = parse(data).text
        for query in _QUERIES:
            if query.answers(text):
                answer = query.decode(text)
                for name in query.names:
                    answer.number(name)
                    answer.code(name)
        if commands.CHARGE_CURRENTS.answers(text):
            commands.currents(text)
        if commands.FLAGS.answers(text):
            commands.flags(text)


def _mqtt(data: bytes) -> None:
    topic, _, payload = data.partition(b" ")
    state = NodeState(_TOPICS, "a0b1c2d3e4f5")
    state.feed(topic.decode(errors="replace"), payload, False, _NOW)
    for leaf in Leaf:
        state.feed(_TOPICS.of(leaf), payload, False, _NOW)


def _http(data: bytes) -> None:
    with suppress(PayloadError):
        parse_report(data)


def _csv(data: bytes) -> None:
    with suppress(LogError):
        table = read_table(data)
        read_log(table, guess_layout(table), _ZONE, _NOW)


def _map(data: bytes) -> None:
    with suppress(MapError):
        load(data, "fuzzed")


def _replies() -> list[bytes]:
    found: list[bytes] = []
    for path in sorted((_FIXTURES / "pi30").glob("*replies*.json")):
        replies = json.loads(path.read_text(encoding="utf-8"))
        found += [bytes.fromhex(reply["reply_hex"]) for reply in replies]
    return found


def _messages() -> list[bytes]:
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    return [line.encode() for line in lines if line.startswith("comunita/")]


def _price(data: bytes) -> None:
    answer = WebAnswer(200, data)
    for parse_day in (parse_opcom, parse_energy_charts, parse_entsoe):
        with suppress(WebError):
            parse_day(answer, _MARKET_DAY)
    with suppress(WebError):
        parse_rates(answer)


def _prices() -> list[bytes]:
    recorded = [
        path.read_bytes()
        for path in sorted((_FIXTURES / "prices").glob("e*"))
        # Long documents leave no time for many changes.
        if path.stat().st_size < 10_000
    ]
    rows = "".join(f'"Romania","{n}","{n * 9 - 50}.5"\r\n' for n in range(1, 25))
    report = f'"27/02/2024"\r\n"Zona","Interval","Pret [lei/MWh]"\r\n{rows}'
    rates = b'<DataSet><Body><Cube date="2024-02-26"><Rate currency="EUR">4.97</Rate>'
    euros = report.replace(",", ";").replace(".5", ",5").replace("lei", "Euro")
    return [
        *recorded,
        report.encode(),
        euros.encode("utf-16"),
        rates + b"</Cube></Body></DataSet>",
    ]


_REPORTS: Final = (
    b'{"energy_produced":12.5,"energy_consumed":8.25,"current_load":0.4}',
    b'{"energy_produced":1e3,"energy_consumed":0,"current_load":-1,"voltage":231.2,'
    b'"current1":1,"frequency":50,"power_factor":0.98,"facility_id":"casa_A",'
    b'"timestamp":"2026-06-21T10:00:00+03:00","sequence":17}',
)
_LOGS: Final = (
    b"Time,Production (kWh)\n2026-06-01 10:00,1.25\n2026-06-01 11:00,1.50\n",
    b"Data;Ora;Energie [Wh]\n01.06.2026;10:00;1250,5\n01.06.2026;11:00;900\n",
    b"timestamp\tpower W\n2026-06-01T10:00:00Z\t1200\n2026-06-01T10:15:00Z\t900\n",
    b"Date,kWh\n10/25/2025,12\n10/26/2025,9.5\n10/27/2025,3\n",
)


def targets() -> list[Target]:
    """Return everything that is fuzzed."""
    maps = [path.read_bytes() for path in sorted(FOLDER.glob("*.yaml"))]
    return [
        Target("PI30 replies", _replies(), _pi30),
        Target("MQTT messages", _messages(), _mqtt),
        Target("HTTP reports", _REPORTS, _http),
        Target("CSV logs", _LOGS, _csv),
        Target("register maps", maps, _map),
        Target("prices", _prices(), _price),
    ]
