"""A day of surplus in a real Home Assistant, and everything that goes wrong in it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import socket

import pytest

from simulation.demo.log import complaints_in
from tests.broker import running_broker

from .surplus_house import BOILER_POWER, CHARGER, VOLTAGE, Row, SurplusHouse

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
# At 30 degrees east it is half past seven by the sun.
MORNING = datetime(2026, 6, 15, 5, 30, tzinfo=UTC)
LEAST = 6 * VOLTAGE
# A reason to be on, or about to be off.
ON = {"surplus", "cheapest", "deadline", "min_on", "confirming"}
# Unknown readings count for three of their intervals; then three minutes pass.
BLIND = 5.0
LEAST_ON = 10.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def house(tmp_path: Path, socket_enabled: None) -> AsyncIterator[SurplusHouse]:
    """Return a home in the morning whose clock stands still."""
    with running_broker(tmp_path) as broker:
        house = SurplusHouse(tmp_path, _free_port(), _free_port(), broker, MORNING)
        try:
            await house.open()
            yield house
        finally:
            await house.close()


def stretches(rows: list[Row], on: Callable[[Row], bool]) -> list[timedelta]:
    """Return how long something was on each time; the last time may go on."""
    found: list[timedelta] = []
    since: datetime | None = None
    for row in rows:
        if on(row):
            since = since or row.when
        elif since is not None:
            found.append(row.when - since)
            since = None
    return found if since is None else [*found, rows[-1].when - since]


async def test_a_day(house: SurplusHouse) -> None:
    """The morning, a frozen meter, no broker, a power cut, and the end."""
    await _morning(house)
    await _frozen_meter(house)
    await _no_broker(house)
    await _power_cut(house)
    await _end(house)
    _no_flutter(house.rows)
    _no_waste(house.rows)


async def _both_on(house: SurplusHouse, minutes: float) -> None:
    """Live until boiler and car are on, and every reason is a good one."""
    since = len(house.rows)
    await house.live_until(lambda: house.boiler_on and house.car > 0.0, minutes)
    await house.live(1)
    for row in house.rows[since:]:
        assert not row.boiler or row.why[0] in ON, row
        assert not row.car or row.why[1] in ON, row
    assert house.boiler_on
    assert house.car >= LEAST


async def _both_off(house: SurplusHouse, minutes: float) -> None:
    """Live until both are off, and see that they stay so, with the reason."""
    since = len(house.rows)
    await house.live_until(lambda: not house.boiler_on and not house.car, minutes)
    assert all(row.car <= LEAST for row in house.rows[since + 5 :])
    since = len(house.rows)
    await house.live(10)
    for row in house.rows[since:]:
        assert not row.boiler
        assert not row.car
        assert row.why == ("blind", "blind")


async def _morning(house: SurplusHouse) -> None:
    """Both go on, though the first command to the boiler is lost."""
    house.wire.deaf = 1
    await _both_on(house, 240)
    assert house.wire.deaf == 0
    assert house.wire.heard >= 2


async def _frozen_meter(house: SurplusHouse) -> None:
    """The node is connected but says nothing: nothing stays on, and comes back."""
    await house.live(LEAST_ON)
    await _both_on(house, 60)
    house.frozen = True
    await _both_off(house, LEAST_ON + BLIND)
    assert house.core.relays[0].reason == "cmd"
    house.frozen = False
    await _both_on(house, 60)


async def _no_broker(house: SurplusHouse) -> None:
    """Without a broker the relay's lease ends, and the car is released."""
    await house.lose_broker()
    await _both_off(house, LEAST_ON + BLIND)
    assert house.core.relays[0].reason == "lease"
    await house.regain_broker()
    await _both_on(house, 60)


async def _power_cut(house: SurplusHouse) -> None:
    """Killed in the middle: the boiler's lease ends, and afterwards all goes on."""
    await house.kill()
    await house.down(20)
    assert not house.boiler_on
    assert house.core.relays[0].reason == "lease"
    await house.restart()
    await _both_on(house, 60)
    await house.live(30)


async def _end(house: SurplusHouse) -> None:
    """Asked to stop, it lets go of everything; the log has a line for each silence."""
    await house.stop()
    assert not house.boiler_on
    stored = house.instance.folder / ".storage" / "core.restore_state"
    states = {
        item["state"]["entity_id"]: item["state"]["state"]
        for item in json.loads(stored.read_text())["data"]
    }
    assert states[CHARGER] == "off"
    # The recorder's thread knows nothing of the clock that is moved on.
    complaints = [
        line
        for line in complaints_in(house.instance.log)
        if "homeassistant.components" not in line
    ]
    assert len(complaints) == 2, complaints
    assert all("nothing new has come" in line for line in complaints)


def _no_flutter(rows: list[Row]) -> None:
    """Check that nothing is on for short, but for the relay that lost its lease."""
    least = timedelta(minutes=LEAST_ON)
    boiler = stretches(rows, lambda row: row.boiler)
    car = stretches(rows, lambda row: row.car > 0.0)
    # Three times they had to be let go of, or were.
    assert 4 <= len(boiler) <= 6, boiler
    assert 3 <= len(car) <= 6, car
    assert sum(stretch < least for stretch in boiler[:-1]) <= 1, boiler
    assert all(stretch >= least for stretch in car[:-1]), car


def _no_waste(rows: list[Row]) -> None:
    """Check that what they took came from the roof, but for a twentieth."""
    taken = sum(row.car + BOILER_POWER * row.boiler for row in rows)
    bought = sum(
        max(0.0, row.grid) + max(0.0, row.battery)
        for row in rows
        if row.car or row.boiler
    )
    assert bought <= 0.05 * taken
