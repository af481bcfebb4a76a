"""What real units once answered, and shorthands to talk to simulated ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

from custom_components.pv_family.devices.device import Poll
from custom_components.pv_family.devices.voltronic.link import opener
from custom_components.pv_family.devices.voltronic.query import Answer
from custom_components.pv_family.devices.voltronic.session import Pace, Session
from simulation.voltronic import Line, LineFaults, ReplySource, TcpPort

FIXTURES = Path(__file__).parents[3] / "fixtures" / "pi30"
NOW = datetime(2026, 6, 10, 10, 40, tzinfo=UTC)
CALM = Pace(timeout=5.0, quiet=0.001, echo=0.1, settling=0.01)
# For tests that wait for what never comes.
QUICK = Pace(timeout=0.15, quiet=0.001, echo=0.1, late=1.5, settling=0.01)

REPLIES: list[dict[str, Any]] = json.loads((FIXTURES / "pi30_replies.json").read_text())
REQUESTS: list[dict[str, Any]] = json.loads(
    (FIXTURES / "pi30_requests.json").read_text()
)

PIP_LIVE = (
    "000.0 00.0 230.0 49.9 0161 0119 003 460 57.50 012 100 0069 0014 103.8 57.45 "
    "00000 00110110 00 00 00856 010"
)
MAX_LIVE = (
    "227.2 50.0 230.3 50.0 0829 0751 010 447 54.50 020 083 0054 02.7 323.6 00.00 "
    "00000 00010110 00 00 00879 010"
)
MKS_LIVE = (
    "233.8 49.8 230.2 49.8 0277 0250 005 363 52.00 000 028 0045 0000 289.6 00.00 "
    "00001 00010010 00 00 00241 010"
)
EASUN_LIVE = (
    "000.0 00.0 220.1 49.9 0198 0155 006 395 26.30 000 060 0028 0000 000.0 00.00 "
    "00004 00010000 00 00 00001 010"
)
PIP_RATINGS = (
    "230.0 21.7 230.0 50.0 21.7 5000 4000 48.0 46.0 42.0 56.4 54.0 0 10 010 1 0 0 6 01 "
    "0 0 54.0 0 1"
)
MAX_RATINGS = (
    "230.0 34.7 230.0 50.0 34.7 8000 8000 48.0 48.0 42.0 54.0 52.5 2 010 030 1 2 2 9 "
    "01 0 0 50.0 0 1 480 0 070"
)


def without_pv_power(live: str) -> str:
    """Return the answer that older firmware would give: 17 fields."""
    return " ".join(live.split()[:17])


def payloads(command: str) -> list[str]:
    """Return every recorded payload of a command."""
    return [item["payload"] for item in REPLIES if item["command"] == command]


def numbers(answer: Answer) -> dict[str, float | None]:
    """Return every field that is a number."""
    return {name: answer.number(name) for name in answer.texts}


def values(poll: Poll) -> dict[str, dict[str, float]]:
    """Return the readings of a poll by part and quantity."""
    found: dict[str, dict[str, float]] = {}
    for reading in poll.readings:
        part = found.setdefault(reading.series.part, {})
        assert reading.series.quantity not in part
        part[reading.series.quantity] = reading.value
    return found


@asynccontextmanager
async def talking(
    source: ReplySource,
    faults: LineFaults | None = None,
    *,
    pace: Pace = CALM,
    echoes_unknown: bool = False,
) -> AsyncIterator[tuple[Session, Line]]:
    """Talk to a unit over TCP for as long as the block runs."""
    line = Line(source, faults, echoes_unknown=echoes_unknown)
    port = TcpPort(line)
    await port.start()
    session = Session(opener(port.url), pace)
    try:
        yield session, line
    finally:
        await session.close()
        await port.stop()
