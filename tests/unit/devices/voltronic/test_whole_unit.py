"""A whole unit as it answered: an MKS that works in parallel with another."""

import json
from typing import Any, Final

import pytest

from custom_components.pv_family.devices.voltronic.commands import (
    LIVE,
    PARALLEL,
    RATINGS,
)
from custom_components.pv_family.devices.voltronic.device import VoltronicDevice
from custom_components.pv_family.devices.voltronic.dialect import Family
from custom_components.pv_family.devices.voltronic.frame import Kind, parse
from custom_components.pv_family.devices.voltronic.live import (
    own_snapshot,
    parallel_snapshot,
    readings,
)
from custom_components.pv_family.devices.voltronic.pv import CurrentSide
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Quality
from simulation.voltronic import RecordedInverter

from .recorded import FIXTURES, MAX_LIVE, NOW, PIP_LIVE, PIP_RATINGS, talking, values

pytestmark = pytest.mark.usefixtures("loopback")
REPLIES: Final[list[dict[str, Any]]] = json.loads(
    (FIXTURES / "axpert_monitor_replies.json").read_text()
)
UNIT: Final = {item["command"]: item["payload"] for item in REPLIES}


@pytest.mark.parametrize("item", REPLIES, ids=lambda item: item["command"])
def test_every_reply_is_read(item: dict[str, Any]) -> None:
    """The bytes are what their publisher reads in them."""
    reply = parse(bytes.fromhex(item["reply_hex"]))
    refused = item["payload"] == "NAK"
    assert reply == (Kind.NAK if refused else Kind.DATA, item["payload"])


async def test_unit_and_its_companion() -> None:
    """Both units' loads, batteries and arrays; the alarm in words."""
    async with talking(RecordedInverter(UNIT)) as (session, _):
        device = await VoltronicDevice.discover(session, fallback_serial="fallback")
        poll = await device.poll(NOW, full=True)
    assert device.identity.serial == "92931905106463"
    assert device.identity.version == "00071.71"
    assert device.ratings.power == 5000.0
    assert device.dialect.family is Family.MKS
    found = values(poll)
    assert found["inverter"] == {
        "bus_voltage": 363.0,
        "temperature_heat_sink": 45.0,
        "dc_power": 241.0,
    }
    assert found["load_1"]["ac_power"] == 250.0
    assert found["load_2"]["ac_power"] == 323.0
    assert found["battery_1"]["dc_power"] == pytest.approx(52.0)
    assert found["battery_2"]["dc_power"] == 0.0
    assert found["meter_1"]["ac_power"] == found["meter_2"]["ac_power"] == 0.0
    # It does not tell what its own arrays give, but nothing else feeds its load.
    assert found["inverter_2"] == {"dc_power": 323.0}
    assert poll.statuses == {"inverter": "battery", "inverter_2": "battery"}
    assert poll.events["inverter"] == {"inverter_fault", "battery_voltage_high_fault"}
    assert poll.events["inverter_2"] == frozenset()
    assert not poll.failed
    assert not poll.doubted
    offers = {key: offer.value for key, offer in device.offers.items()}
    assert offers["output_priority"] == "solar"
    assert offers["charger_priority"] == "solar_and_utility"
    assert offers["recharge_voltage"] == "51"
    assert offers["redischarge_voltage"] == "53"


@pytest.mark.parametrize(
    ("mode", "voltage", "load", "power"),
    [
        ("battery", "302.5", "0437", 437.0),
        # In the dark the sun gives nothing, whoever feeds the load.
        ("line", "012.0", "0437", 0.0),
        # The grid may feed it: who gives how much is not known.
        ("line", "302.5", "0437", None),
        ("battery", "302.5", "None", None),
    ],
)
def test_array_of_a_companion(
    mode: str, voltage: str, load: str, power: float | None
) -> None:
    """What a unit that is not asked itself gives, where it can be worked out."""
    text = UNIT["QPGS1"].replace("302.5", voltage).replace("0437", load)
    snapshot = parallel_snapshot(PARALLEL[1].decode(text), mode)
    value, quality = snapshot.total_pv_power(CurrentSide.LOAD)
    assert value == power
    assert quality is (None if power is None else Quality.INFERRED)


def test_charge_of_no_battery() -> None:
    """A unit that runs without a battery shows a charge that means nothing."""
    for voltage, charged in (("00.10", False), ("12.10", True)):
        text = MAX_LIVE.replace("54.50", voltage)
        snapshot = own_snapshot(LIVE.decode(text), "", "line")
        found = {
            r.series.quantity
            for r in readings(snapshot, "sn", NOW, CurrentSide.PANEL)
            if r.series.part == "battery_1"
        }
        assert (Quantity.STATE_OF_CHARGE in found) is charged
        assert Quantity.DC_VOLTAGE in found


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (LIVE, PIP_LIVE),
        # MAX of 11 kW, more digits and more fields than any paper has.
        (
            LIVE,
            "218.4 50.0 218.4 50.0 0698 0653 013 367 49.60 002 045 0037 00.0 "
            "000.0 00.00 00000 00010101 00 00 00000 010 0 01 0000",
        ),
        (RATINGS, PIP_RATINGS),
        (
            RATINGS,
            "230.0 47.8 230.0 50.0 47.8 11000 11000 48.0 50.0 48.0 56.0 55.2 2 "
            "010 100 1 2 1 9 01 0 0 52.0 0 1 480 0 000",
        ),
        (
            RATINGS,
            "230.0 26.9 230.0 50.0 26.9 6200 6200 48.0 47.1 41.9 58.4 54.0 2 "
            "010 010 1 1 2 1 01 0 0 54.0 0 1 47.1 10 44.0",
        ),
        (
            RATINGS,
            "230.0 21.7 230.0 50.0 21.7 5000 5000 48.0 48.0 45.0 53.2 53.2 2 02 "
            "080 1 2 2 9 00 0 0 00.0 0 1 060 0 120 54.7",
        ),
        (
            RATINGS,
            "230.0 13.0 230.0 50.0 13.0 3000 3000 24.0 23.0 21.0 28.2 27.0 0 30 "
            "60 1 0 0 - 01 1 0 27.0 0 0",
        ),
        (
            RATINGS,
            "230.0 21.7 230.0 50.0 21.7 5000 5000 48.0 46.0 42.0 56.4 54.0 0 "
            "030 060 1 0 0 9 01 0 0 54.0 0 1  00000 000",
        ),
    ],
)
def test_answers_of_other_units(query: Any, text: str) -> None:
    """Answers that owners of other models have published."""
    assert query.answers(text)
    assert query.decode(text).number("battery_voltage")
