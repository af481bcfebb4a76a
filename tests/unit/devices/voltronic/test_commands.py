"""Every recorded reply decodes, and only as the answer to what was asked."""

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.voltronic import commands
from custom_components.pv_family.devices.voltronic.commands import (
    EVERY,
    PARALLEL,
    currents,
    flags,
    inputs,
    serial,
)
from custom_components.pv_family.devices.voltronic.query import Answer, Query

from .recorded import EASUN_LIVE, MKS_LIVE, REPLIES, numbers, payloads

QUERIES = (*EVERY, PARALLEL[0])
BY_COMMAND = {query.command: query for query in QUERIES} | {"QPGS": PARALLEL[0]}
CASES = [
    (BY_COMMAND[item["command"]], item["payload"])
    for item in REPLIES
    if item["command"] in BY_COMMAND and item["payload"] != "QPGS0"
]


@pytest.mark.parametrize(
    ("query", "text"), CASES, ids=lambda v: getattr(v, "command", v)
)
def test_shapes_tell_answers_apart(query: Query, text: str) -> None:
    """An answer fits its question, and no other one that it could be mixed up with."""
    assert query.answers(text)
    for other in QUERIES:
        assert not other.answers(text) or other.resembles(query)


def test_live_values() -> None:
    """Every field of QPIGS has its place."""
    answer = commands.LIVE.decode(payloads("QPIGS")[0])
    assert answer.text("status") == "00110110"
    assert answer.text("charging_status") == "010"
    assert numbers(answer) == {
        "grid_voltage": 0.0,
        "grid_frequency": 0.0,
        "output_voltage": 230.0,
        "output_frequency": 49.9,
        "apparent_power": 161.0,
        "active_power": 119.0,
        "load_ratio": 3.0,
        "bus_voltage": 460.0,
        "battery_voltage": 57.5,
        "charge_current": 12.0,
        "state_of_charge": 100.0,
        "heat_sink_temperature": 69.0,
        "pv_current": 14.0,
        "pv_voltage": 103.8,
        "scc_voltage": 57.45,
        "discharge_current": 0.0,
        "status": 110110.0,
        "fan_on_offset": 0.0,
        "eeprom_version": 0.0,
        "pv_power": 856.0,
        "charging_status": 10.0,
    }
    assert commands.LIVE.answers(MKS_LIVE) and commands.LIVE.answers(EASUN_LIVE)


def test_ratings() -> None:
    """Every field of QPIRI has its place, in all recorded lengths."""
    answers = [commands.RATINGS.decode(text) for text in payloads("QPIRI")]
    assert [len(answer.texts) for answer in answers] == [25, 27, 25, 25, 25, 28]
    longest = answers[-1]
    assert longest.number("active_power") == 8000.0
    assert longest.number("cut_off_voltage") == 42.0
    assert longest.number("recharge_voltage") == 48.0
    assert longest.number("bulk_voltage") == 54.0
    assert longest.number("float_voltage") == 52.5
    assert longest.number("redischarge_voltage") == 50.0
    assert longest.code("max_utility_charge_current") == 10
    assert longest.code("max_charge_current") == 30
    assert longest.code("charger_priority") == 2
    assert longest.code("max_discharge_current") == 70
    # This unit cannot work in parallel and says so with a dash.
    assert answers[2].text("parallel_max") == "-"
    assert answers[2].code("parallel_max") is None
    assert answers[2].number("battery_voltage") == 24.0


def test_parallel_units() -> None:
    """The fields of QPGS have their places with one and with two inputs."""
    first, _, _, last = payloads("QPGS")
    one, two = PARALLEL[0].decode(first), PARALLEL[0].decode(last)
    assert one.text("serial") == "92931701100510"
    assert one.text("mode") == "B"
    assert one.number("active_power") == 141.0
    assert one.number("pv_voltage") == 83.3
    assert one.number("pv_current") == 4.0
    assert one.number("state_of_charge") == 100.0
    assert one.number("pv2_voltage") is None
    assert two.number("pv2_voltage") == 275.3
    assert two.number("pv2_current") == 2.0
    assert two.text("exists") == "0"


def test_short_answers() -> None:
    """Serial numbers, currents, flags and the second input."""
    (long_serial,) = payloads("QSID")
    assert serial(long_serial) == "92932105105335"
    assert serial("92932105105335") == "92932105105335"
    assert currents(payloads("QMCHGCR")[0])[:2] == (10, 20)
    assert currents(payloads("QMUCHGCR")[0])[0] == 2
    switches = flags(payloads("QFLAG")[0])
    assert {letter for letter, on in switches.items() if on} == set("akxy")
    assert {letter for letter, on in switches.items() if not on} == set("bjuvz")
    second = Answer(inputs(payloads("QPIGS2")[0]))
    assert numbers(second) == {
        "pv2_current": 3.1,
        "pv2_voltage": 327.3,
        "pv2_power": 1026.0,
    }


def test_a_second_answer_of_three_trackers() -> None:
    """The longer QPIGS2 tells of a third input, too."""
    text = "03.1 327.3 00.00 01026 00000110 012 00620 02.0 200.0 00.00 00400 00 01426"
    assert commands.LIVE_2.answers(text)
    answer = Answer(inputs(text))
    assert answer.number("pv2_power") == 1026.0
    assert answer.number("pv3_current") == 2.0
    assert answer.number("pv3_power") == 400.0
    # What PI41 units send is of another length, and nobody has recorded it.
    assert not commands.LIVE_2.answers(" ".join(text.split()[:11]))


def test_equalisation_and_internals() -> None:
    """QBEQI and the undocumented Q1."""
    equalisation = commands.EQUALISATION.decode(payloads("QBEQI")[0])
    assert equalisation.code("enabled") == 1
    assert equalisation.number("voltage") == 55.4
    assert equalisation.number("elapsed") == 234.0
    inside = commands.INTERNALS.decode(payloads("Q1")[0])
    assert inside.number("inverter_temperature") == 45.0
    assert inside.number("transformer_temperature") == 68.0
    assert inside.number("scc_charge_power") == 580.0
    assert inside.number("sync_frequency") == 50.0
    assert inside.text("charge_stage") == "13"


@pytest.mark.parametrize(
    "text", ["", "-", "nan", "inf", "1e9", "1_0", "0x10", "--1", "1.2.3", "9" * 24, "٣"]
)
def test_fields_that_are_no_numbers(text: str) -> None:
    """Python would take some of these for numbers."""
    answer = Answer({"field": text})
    assert answer.number("field") is None
    assert text == "9" * 24 or answer.code("field") is None
    assert answer.number("other") is None


@given(st.text(max_size=160))
def test_any_text(text: str) -> None:
    """Whatever an answer holds, decoding it is harmless."""
    for query in QUERIES:
        if query.answers(text):
            answer = query.decode(text)
            for name in answer.texts:
                answer.number(name)
                answer.code(name)
    inputs(text)
    flags(text)
