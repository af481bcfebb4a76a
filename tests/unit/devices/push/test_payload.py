"""What a body may hold, and everything that it may not."""

from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.push.payload import (
    MAX_BODY,
    MAX_SEQUENCE,
    PayloadError,
    Report,
    parse_report,
)

LEAST = {"energy_produced": 1.5, "energy_consumed": 2, "current_load": 0.4}


def parse(**members: Any) -> Report:
    """Return the report of a body with the required members and others."""
    return parse_report(json.dumps(LEAST | members).encode())


def refusal(body: bytes) -> PayloadError:
    """Return why a body is refused."""
    with pytest.raises(PayloadError) as caught:
        parse_report(body)
    assert caught.value.reason == str(caught.value)
    return caught.value


def code(**members: Any) -> str:
    """Return the code with which a member is refused."""
    return refusal(json.dumps(LEAST | members).encode()).code


def test_the_least() -> None:
    """Three numbers are a report."""
    assert parse() == Report(values=LEAST)


def test_everything() -> None:
    """Every member is read; unknown ones and those without a value are not."""
    more = {
        "voltage": 231.5,
        "current": 1.7,
        "current1": 1,
        "current2": 2,
        "current3": -3.5,
        "frequency": 50.01,
        "power_factor": 0.93,
    }
    report = parse(
        **more,
        facility_id="casa-7",
        sequence=42,
        timestamp="2026-06-15T12:00:00+03:00",
        firmware="x" * 100,
    )
    assert report.values == LEAST | more
    assert report.facility_id == "casa-7"
    assert report.sequence == 42
    assert report.timestamp == datetime(2026, 6, 15, 9, tzinfo=UTC)
    empty = parse(voltage=None, sequence=None, timestamp=None, facility_id=None)
    assert empty == Report(values=LEAST)


@pytest.mark.parametrize("name", LEAST)
def test_required(name: str) -> None:
    """Without one of the three there is no report."""
    body = {key: value for key, value in LEAST.items() if key != name}
    for lacking in (body, body | {name: None}):
        error = refusal(json.dumps(lacking).encode())
        assert error.code == "missing"
        assert name in error.reason


@pytest.mark.parametrize("name", [*LEAST, "voltage", "power_factor"])
@pytest.mark.parametrize("value", ["1", True, [], {}, "NaN"])
def test_a_number_is_a_number(name: str, value: Any) -> None:
    """Text, truth and lists are not taken for numbers."""
    assert code(**{name: value}) == "type"


@pytest.mark.parametrize("value", ["1e400", "-1e400", "1e13", "1" + "0" * 400])
def test_numbers_that_nothing_measures(value: str) -> None:
    """Numbers out of every range are refused, however they are written."""
    body = json.dumps(LEAST | {"voltage": 0}).replace(
        '"voltage": 0', f'"voltage": {value}'
    )
    assert refusal(body.encode()).code == "range"


@pytest.mark.parametrize("name", ["energy_produced", "energy_consumed"])
def test_energies_are_not_negative(name: str) -> None:
    """An energy that flows back is another energy."""
    assert code(**{name: -0.001}) == "range"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"energy_produced": NaN}',
        b'{"energy_produced": Infinity}',
        b"\xff\xfe",
        b"[" * 8000,
        b'{"a":' * 3000,
        b"energy_produced=1&energy_consumed=2",
        b'{"energy_produced": 1' + b"0" * 5000 + b"}",
    ],
)
def test_not_json(body: bytes) -> None:
    """Whatever is no JSON object says so."""
    assert refusal(body).code == "not_json"


def test_too_large() -> None:
    """The limit is exact."""
    body = json.dumps(LEAST).encode()
    assert parse_report(body.ljust(MAX_BODY)).values == LEAST
    assert refusal(body.ljust(MAX_BODY + 1)).code == "too_large"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-1, "range"),
        (MAX_SEQUENCE + 1, "range"),
        (1.0, "type"),
        (True, "type"),
        ("7", "type"),
    ],
)
def test_sequence(value: Any, expected: str) -> None:
    """A number of a report is a whole one of 63 bits."""
    assert code(sequence=value) == expected
    assert parse(sequence=MAX_SEQUENCE).sequence == MAX_SEQUENCE


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-06-15T12:00:00", "type"),
        ("yesterday", "range"),
        ("", "range"),
        (True, "type"),
        ([], "type"),
        (1e18, "range"),
        (10**400, "range"),
        ("0001-01-01T00:00:00+14:00", "range"),
        ("9999-12-31T23:59:59-14:00", "range"),
    ],
)
def test_timestamp(value: Any, expected: str) -> None:
    """A time without a zone may be any; one that is none is refused."""
    assert code(timestamp=value) == expected


def test_timestamps_that_are_right() -> None:
    """Unix seconds with or without a fraction, and ISO 8601 with a zone."""
    noon = datetime(2026, 6, 15, 9, tzinfo=UTC)
    for value in (noon.timestamp(), int(noon.timestamp()), "2026-06-15T09:00:00Z"):
        assert parse(timestamp=value).timestamp == noon


def test_a_facility_is_a_text() -> None:
    """A long name is cut; a nest of lists is no name."""
    assert parse(facility_id="x" * 500).facility_id == "x" * 100
    assert parse(facility_id=17).facility_id == "17"
    nest: Any = []
    for _ in range(500):
        nest = [nest]
    others: list[Any] = [nest, {}, True, 1.5]
    for value in others:
        assert code(facility_id=value) == "type"


def test_a_repeated_member_counts_once() -> None:
    """The last of several values is the one that counts, as JSON has it."""
    body = b'{"energy_produced":1,"energy_produced":2,"energy_consumed":0,"current_load":0}'
    assert parse_report(body).values["energy_produced"] == 2.0


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
_MEMBERS = st.fixed_dictionaries(
    dict.fromkeys(LEAST, st.floats(0, 1e6) | st.integers(0, 10**6) | _JSON),
    optional=dict.fromkeys(
        (
            "voltage",
            "current",
            "current3",
            "power_factor",
            "facility_id",
            "sequence",
            "timestamp",
            "other",
        ),
        _JSON,
    ),
)


def parses(body: bytes) -> None:
    """Parse anything: a report that survives being written, or a reason."""
    try:
        again = parse_report(body).as_json().encode()
    except PayloadError as err:
        refused = err
    else:
        assert parse_report(again) == parse_report(body)
        assert len(again) < 3000
        return
    assert refused.code in {"missing", "not_json", "range", "too_large", "type"}
    assert refused.reason


@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    """Random bytes are no report, and no accident."""
    parses(body)


@given(_JSON)
def test_any_json(value: Any) -> None:
    """Neither is random JSON."""
    parses(json.dumps(value).encode())


@given(_MEMBERS)
def test_any_members(members: dict[str, Any]) -> None:
    """Right names with random values are a report or have a reason."""
    parses(json.dumps(members).encode())


@given(
    st.dictionaries(st.sampled_from(["voltage", "current1"]), st.floats(-1e9, 1e9)),
    st.text(max_size=100),
    st.none() | st.integers(0, MAX_SEQUENCE),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_a_report_can_be_kept(
    more: dict[str, float], facility: str, sequence: int | None, when: datetime | None
) -> None:
    """What was read is written, and read as the same."""
    report = Report(
        values=LEAST | more, facility_id=facility, timestamp=when, sequence=sequence
    )
    assert parse_report(report.as_json().encode()) == report
