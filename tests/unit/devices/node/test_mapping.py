"""Other people's nodes are read by rules."""

from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.device import Identity, SilentError
from custom_components.pv_family.devices.node.mapped import Availability, MappedNode
from custom_components.pv_family.devices.node.mapping import (
    MappingError,
    MappingProblem,
    parse_path,
    parse_rules,
)
from custom_components.pv_family.devices.node.payload import PayloadError

from .build import NOW, values

IDENTITY = Identity(serial="plug", manufacturer="", model="")
RULE: dict[str, Any] = {
    "topic": "tele/plug/SENSOR",
    "path": "ENERGY.Power",
    "part": "channel_2",
    "quantity": "ac_power",
}
TASMOTA = (
    b'{"Time":"2026-06-21T12:00:00","ENERGY":{"TotalStartTime":"2025-01-01T00:00:00",'
    b'"Total":1234.567,"Yesterday":4.1,"Power":[523],"Voltage":"231.4"}}'
)


def node(*rules: dict[str, Any], **kwargs: Any) -> MappedNode:
    """Return a node with rules."""
    return MappedNode(IDENTITY, parse_rules(rules), **kwargs)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("power", ("power",)),
        ("ENERGY.Power", ("ENERGY", "Power")),
        ("emeters[0].power", ("emeters", 0, "power")),
        ('["em1:0"].act_power', ("em1:0", "act_power")),
        ('a["b.c"][2]', ("a", "b.c", 2)),
        ("[1]", (1,)),
    ],
)
def test_paths(text: str, path: tuple[str | int, ...]) -> None:
    """A path is keys and indices."""
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text",
    [".a", "a..b", "a.", "a[", "a[x]", "a[-1]", '["a', "a]b", ".".join("abcdefghi")],
)
def test_paths_that_are_none(text: str) -> None:
    """What is not understood is refused when it is written."""
    with pytest.raises(ValueError):
        parse_path(text)


@given(st.text(max_size=30))
def test_any_path(text: str) -> None:
    """A path, or a refusal."""
    try:
        path = parse_path(text)
    except ValueError:
        return
    assert len(path) <= 8


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"1500.5\n", 1500.5),
        (b"+12", 12.0),
        (b".5", 0.5),
        (b"007", 7.0),
        (b"-12.5 W", -12.5),
        (b'"12.5"', 12.5),
        (b"12,5", 12.5),
        (b"-0,25 kW", -0.25),
        (b'"1500,0 W"', 1500.0),
        (b"3,14159", 3.14159),
    ],
)
def test_numbers_as_firmware_writes_them(payload: bytes, value: float) -> None:
    """A payload that is the number itself need not be JSON."""
    found = node({**RULE, "path": ""}).feed("tele/plug/SENSOR", payload, False, NOW)
    assert [reading.value for reading in found] == [value]


@pytest.mark.parametrize(
    "payload",
    [
        *(b"nan", b"on", b"", b"0x10", b"12 34"),
        *(b"1,234", b"1,2,3", b",5", b"1,5e3", b"1e99", b"9" * 60),
    ],
)
def test_texts_that_are_no_numbers(payload: bytes) -> None:
    """What is no number is refused, not guessed."""
    with pytest.raises(PayloadError):
        node({**RULE, "path": ""}).feed("tele/plug/SENSOR", payload, False, NOW)


async def test_capitals_of_availability() -> None:
    """The word counts, however it is written."""
    found = node(RULE, availability=Availability(topic="tele/plug/LWT"))
    found.feed("tele/plug/LWT", b"Offline", True, NOW)
    with pytest.raises(SilentError):
        await found.poll(NOW, full=True)
    found.feed("tele/plug/LWT", b"Online", True, NOW)
    assert found.available


def test_a_message() -> None:
    """Numbers are found, scaled and turned round; also in quotes."""
    found = node(
        {**RULE, "path": "ENERGY.Power[0]", "reversed": True},
        {**RULE, "path": "ENERGY.Total", "quantity": "energy_consumed", "factor": 1000},
        {**RULE, "path": "ENERGY.Voltage", "quantity": "ac_voltage"},
        {**RULE, "path": "ENERGY.Current", "quantity": "ac_current"},
    ).feed("tele/plug/SENSOR", TASMOTA, False, NOW)
    assert values(found) == {
        ("channel_2", "ac_power"): -523.0,
        ("channel_2", "energy_consumed"): pytest.approx(1_234_567.0),
        ("channel_2", "ac_voltage"): 231.4,
    }


@pytest.mark.parametrize(
    "strange",
    ["true", '"unavailable"', "nan", "-inf", "NaN", "[]", "null", '{"a":nan}'],
)
def test_one_strange_field_spoils_no_other(strange: str) -> None:
    """A sensor that failed does not take the power of the same message with it."""
    found = node(RULE, {**RULE, "path": "ENERGY.Voltage", "quantity": "ac_voltage"})
    body = f'{{"ENERGY":{{"Voltage": {strange} ,"Power":"523,5"}}}}'
    readings = found.feed("tele/plug/SENSOR", body.encode(), False, NOW)
    assert values(readings) == {("channel_2", "ac_power"): 523.5}


def test_a_plain_number() -> None:
    """A payload may be the number itself."""
    plain = node({**RULE, "path": ""})
    for payload in (b"523.5", b'"523.5"', b" 523.5\n"):
        found = plain.feed("tele/plug/SENSOR", payload, False, NOW)
        assert found[0].value == 523.5


@pytest.mark.parametrize(
    "payload",
    [b"on", b"true", b"NaN", b'{"ENERGY":{"Power":true}}', b"\xff", b" " * 20_000],
)
def test_payloads_that_are_none(payload: bytes) -> None:
    """Words and damage are refused."""
    with pytest.raises(PayloadError):
        node(RULE, {**RULE, "path": "", "part": "channel_3"}).feed(
            "tele/plug/SENSOR", payload, False, NOW
        )


@given(st.binary(max_size=300))
def test_any_bytes(payload: bytes) -> None:
    """Readings or a refusal."""
    try:
        found = node(RULE).feed("tele/plug/SENSOR", payload, False, NOW)
    except PayloadError:
        return
    assert all(abs(reading.value) <= 1e21 for reading in found)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"topic": "tele/+/SENSOR"}, MappingProblem.TOPIC),
        ({"topic": ""}, MappingProblem.TOPIC),
        ({"topic": "$SYS/broker"}, MappingProblem.TOPIC),
        ({"topic": 5}, MappingProblem.TOPIC),
        ({"path": "a["}, MappingProblem.PATH),
        ({"part": "roof"}, MappingProblem.PART),
        ({"part": None}, MappingProblem.PART),
        ({"quantity": "joy"}, MappingProblem.QUANTITY),
        ({"factor": 0}, MappingProblem.FACTOR),
        ({"factor": float("nan")}, MappingProblem.FACTOR),
        ({"factor": True}, MappingProblem.FACTOR),
        ({"factor": "1"}, MappingProblem.FACTOR),
        ({}, MappingProblem.DOUBLE),
    ],
)
def test_rules_that_are_none(change: dict[str, Any], problem: MappingProblem) -> None:
    """A mapping is refused with the rule and the reason."""
    with pytest.raises(MappingError) as caught:
        parse_rules([RULE, {**RULE, **change}])
    assert (caught.value.rule, caught.value.problem) == (1, problem)


def test_the_number_of_rules() -> None:
    """None at all, or too many, are no mapping."""
    for rules in ([], [RULE] * 65):
        with pytest.raises(MappingError) as caught:
            parse_rules(rules)
        assert caught.value.problem is MappingProblem.TOO_MANY


async def test_presence() -> None:
    """Retained power is nothing; the last will is believed."""
    mapped = node(
        RULE,
        {**RULE, "path": "ENERGY.Total", "quantity": "energy_consumed"},
        availability=Availability(
            topic="tele/plug/LWT", online="Online", offline="Offline"
        ),
    )
    assert mapped.subscriptions == ("tele/plug/SENSOR", "tele/plug/LWT")
    body = b'{"ENERGY":{"Power":5,"Total":10}}'
    found = mapped.feed("tele/plug/SENSOR", body, True, NOW)
    assert set(values(found)) == {("channel_2", "energy_consumed")}
    with pytest.raises(SilentError):
        await mapped.poll(NOW, full=False)
    mapped.feed("tele/plug/SENSOR", body, False, NOW)
    assert len((await mapped.poll(NOW, full=False)).readings) == 2
    assert mapped.feed("tele/plug/LWT", b"Offline", True, NOW) == ()
    with pytest.raises(SilentError):
        await mapped.poll(NOW, full=False)
    mapped.feed("tele/plug/LWT", b"Online", False, NOW)
    assert (await mapped.poll(NOW, full=False)).readings
    with pytest.raises(SilentError):
        await mapped.poll(NOW + timedelta(minutes=6), full=False)
    assert (await mapped.read_all())["messages"]
