"""A map is taken as it is meant, or refused with line and reason."""

from hypothesis import given, settings, strategies as st
import pytest
import yaml

from custom_components.pv_family.devices.modbus_maps.catalogue import (
    FOLDER,
    families,
    with_own,
)
from custom_components.pv_family.devices.modbus_maps.decode import decode
from custom_components.pv_family.devices.modbus_maps.document import (
    MAX_SIZE,
    MapError,
    parse,
)
from custom_components.pv_family.devices.modbus_maps.loader import load
from custom_components.pv_family.devices.modbus_maps.schema import (
    Evidence,
    Night,
    Pacing,
    Storage,
    Transport,
)
from custom_components.pv_family.devices.modbus_maps.values import units_of
from custom_components.pv_family.devices.registers import Table
from custom_components.pv_family.readings.quantity import Quantity

HEAD = """\
manufacturer: Maker
models: [One]
units: [1]
points:
"""
POINT = "  - {part: inverter, quantity: ac_power, address: 10, type: s32, unit: W}\n"
GOOD = HEAD + POINT


def refused(text: str) -> tuple[int, str]:
    """Return line and reason of a map that must be refused."""
    with pytest.raises(MapError) as caught:
        load(text.encode(), "own")
    return caught.value.line, caught.value.reason


def test_smallest_map() -> None:
    """Who makes it, what it is called, where it answers and one value."""
    family = load(GOOD.encode(), "own")
    assert family.key == "own"
    assert family.evidence is Evidence.ONE_SOURCE
    assert family.night is Night.SILENT
    assert family.pacing == Pacing()
    assert family.max_block == 125
    found = decode(family, {Table.HOLDING: {10: 0xFFFF, 11: 0xFFFE}}, family.points)
    assert found.get("inverter", Quantity.AC_POWER) == -2.0


def test_everything_a_map_can_say() -> None:
    """All keys of the schema, with values that are not the defaults."""
    text = """\
manufacturer: Maker
models: [One, Two]
evidence: two_sources
sources: [paper, field]
units: [3, 4]
transports: [tcp, rtu]
table: input
word_order: little
max_block: 20
pacing: {spacing: 0.2, connect_delay: 1, timeout: 4.5}
single_client: true
night: refuses
firmware: from 2
notes: >-
  two
  lines
energy_produced_counts: arrays
identity:
  serial: {table: holding, address: 1, type: str, count: 4}
fingerprints:
  - {address: 9, values: [7]}
points:
  - {part: string, repeat: 2, step: 2, quantity: dc_voltage, address: 20, scale: 0.1}
  - part: inverter
    quantity: power_factor
    address: 30
    type: s16
    scale: 0.1
    unit: "%"
    missing: [-1]
  - part: battery_1
    quantity: dc_power
    terms:
      - {address: 40, type: u32, unit: kW, scale: 0.001}
      - {address: [42, 44], type: u32, sign: -1, unit: W, optional: true}
statuses:
  - {part: inverter, address: 50, mask: 0x00FF, words: {1: on_grid}, asleep: [on_grid]}
events:
  - {part: inverter, address: 51, bits: {0: hot, 15: cold}}
settings:
  - {name: limit, address: 60, storage: flash}
"""
    family = load(text.encode(), "own")
    assert family.transports == (Transport.TCP, Transport.RTU)
    assert family.notes == "two lines"
    assert family.pacing == Pacing(0.2, 1.0, 4.5)
    assert family.settings[0].storage is Storage.FLASH
    assert family.settings[0].register.table is Table.HOLDING
    assert family.identity.serial is not None
    assert family.identity.serial.table is Table.HOLDING
    image = {
        Table.INPUT: {20: 3500, 22: 3400, 30: 999}
        | {40: 2000, 41: 0, 42: 500, 44: 0}
        | {50: 0x0101, 51: 0x8001}
    }
    found = decode(family, image, family.points)
    assert found.values == {
        ("string_1", "dc_voltage"): 350.0,
        ("string_2", "dc_voltage"): 340.0,
        ("inverter", "power_factor"): pytest.approx(0.999),
    }
    assert found.derived == {("battery_1", "dc_power"): 1500.0}
    assert found.statuses == {"inverter": "on_grid"}
    assert found.events == {"inverter": {"hot", "cold"}}
    image[Table.INPUT] |= {30: 0xFFFF}
    del image[Table.INPUT][44]
    found = decode(family, image, family.points)
    assert found.get("inverter", Quantity.POWER_FACTOR) is None
    assert found.get("battery_1", Quantity.DC_POWER) == 2000.0


def point(text: str) -> str:
    """Return a map whose second point, on line 6, is of this text."""
    return f"{GOOD}  - {{{text}}}\n"


FREQUENCY = "part: inverter, quantity: frequency"
BAD: list[tuple[str, int, str]] = [
    ("", 0, "not a mapping"),
    ("just text", 1, "not a mapping"),
    ("a: [1", 2, "not YAML"),
    ("a: b: c", 1, "not YAML"),
    ("a: \x07", 0, "not YAML"),
    ("models: [One]\n", 1, "manufacturer is missing"),
    (GOOD + "colour: red\n", 6, "unknown key 'colour'"),
    (GOOD + "units: [2]\n", 6, "key 'units' is there twice"),
    (GOOD.replace("units: [1]", "units: [one]"), 3, "units must be a whole number"),
    (GOOD.replace("units: [1]", "units: [256]"), 3, "units must be between 0 and 255"),
    (GOOD.replace("units: [1]", "units: [1, 1]"), 3, "units has 1 twice"),
    (GOOD.replace("units: [1]", "units: 1"), 3, "units must be a list"),
    (GOOD.replace("Maker", "7"), 1, "manufacturer must be text"),
    (GOOD.replace("Maker", '""'), 1, "manufacturer must be 1 to 60"),
    (GOOD + "night: awake\n", 6, "unknown night 'awake': one of answers"),
    (GOOD + "pacing: {spacing: 60}\n", 6, "spacing must be between 0 and 5"),
    (GOOD + "pacing: {spacing: fast}\n", 6, "spacing must be a number"),
    (GOOD + "pacing: [1]\n", 6, "pacing must be a mapping"),
    (GOOD + "single_client: 1\n", 6, "single_client must be true or false"),
    (GOOD + "max_block: 0\n", 6, "max_block must be between 1 and 125"),
    (GOOD + "max_block: 1\n", 6, "max_block is less than the 2 registers"),
    (GOOD + "table: coils\n", 6, "unknown table 'coils'"),
    (HEAD + "  []\n", 1, "points is empty"),
    (point("quantity: frequency, address: 1"), 6, "part is missing"),
    (point("part: inverter, quantity: warmth, address: 1"), 6, "unknown quantity"),
    (point("part: roof, quantity: frequency, address: 1"), 6, "unknown part 'roof'"),
    (point("part: relay_1, quantity: frequency, address: 1"), 6, "unknown part"),
    (point("part: inverter_1, quantity: frequency, address: 1"), 6, "numbered wrong"),
    (point("part: string, quantity: dc_voltage, address: 1"), 6, "numbered wrongly"),
    (point("part: string_99, quantity: dc_voltage, address: 1"), 6, "numbered wrongly"),
    (point(FREQUENCY), 6, "address is missing"),
    (point(FREQUENCY + ", address: 70000"), 6, "between 0 and 65535"),
    (point(FREQUENCY + ", address: -1"), 6, "between 0 and 65535"),
    (point(FREQUENCY + ", address: 65535, type: u32"), 6, "beyond 65535"),
    (point(FREQUENCY + ", address: 10"), 6, "overlaps the value at address 10"),
    (point(FREQUENCY + ", address: 9, type: u32"), 6, "overlaps"),
    (
        point(
            "part: meter_1, quantity: ac_power, address: 10, type: s32,"
            " word_order: little"
        ),
        6,
        "overlaps",
    ),
    (point(FREQUENCY + ", address: 1, type: u24"), 6, "unknown type 'u24'"),
    (point(FREQUENCY + ", address: 1, type: str, count: 2"), 6, "cannot be text"),
    (point(FREQUENCY + ", address: 1, unit: W"), 6, "unit 'W' is none of frequency"),
    (point(FREQUENCY + ", address: 1, scale: 0"), 6, "scale must be between"),
    (point(FREQUENCY + ", address: 1, scale: 1.0e9"), 6, "scale must be between"),
    (point(FREQUENCY + ", address: 1, scale: .nan"), 6, "scale must be a number"),
    (point(FREQUENCY + ", address: 1, sign: 0"), 6, "sign must be 1 or -1"),
    (point(FREQUENCY + ", address: 1, type: u32, mask: 1"), 6, "mask is for values of"),
    (point(FREQUENCY + ", address: [1], type: u32"), 6, "address must name 2"),
    (point(FREQUENCY + ", address: [1, 1], type: u32"), 6, "address must name 2"),
    (point(FREQUENCY + ", address: 1, step: 2"), 6, "step goes with repeat"),
    (point(FREQUENCY + ", address: 1, repeat: 2, step: 2"), 6, "cannot be repeated"),
    (
        point("part: string, quantity: dc_voltage, address: 1, repeat: 2"),
        6,
        "step is missing",
    ),
    (
        point("part: string, quantity: dc_voltage, address: 65535, repeat: 2, step: 1"),
        6,
        "beyond 65535",
    ),
    (
        point("part: string, quantity: dc_voltage, address: 1, repeat: 99, step: 1"),
        6,
        "repeat must be between 1 and 32",
    ),
    (
        point("part: inverter, quantity: ac_power, address: 1"),
        6,
        "inverter has ac_power twice",
    ),
    (point(FREQUENCY + ", terms: []"), 6, "terms is empty"),
    (point(FREQUENCY + ", terms: [{address: 1, colour: 2}]"), 6, "unknown key"),
    (point(FREQUENCY + ", address: 1, terms: [{address: 2}]"), 6, "unknown key"),
    (
        point(FREQUENCY + ", address: 1, sign_from: {address: 2}"),
        6,
        "negative is missing",
    ),
    (
        point(FREQUENCY + ", address: 1, sign_from: {address: 2, negative: []}"),
        6,
        "negative is empty",
    ),
    (
        GOOD + "statuses:\n" + "  - {part: inverter, address: 1, words: {1: on}}\n" * 2,
        8,
        "inverter has two statuses",
    ),
    (
        GOOD + "statuses: [{part: inverter, address: 1, words: {}}]\n",
        6,
        "no words",
    ),
    (
        GOOD + "statuses: [{part: inverter, address: 1, words: {a: b}}]\n",
        6,
        "key must be a whole number",
    ),
    (
        GOOD + "statuses: [{part: inverter, address: 1, words: {1: B C}}]\n",
        6,
        "word must be in small_letters",
    ),
    (
        GOOD
        + "statuses: [{part: inverter, address: 1, words: {1: on}, asleep: [no]}]\n",
        6,
        "no is none of the words",
    ),
    (
        GOOD + "statuses: [{part: inverter, address: 1, type: f32, words: {1: on}}]\n",
        6,
        "a code must be u16, u32 or u64",
    ),
    (
        GOOD + "events: [{part: inverter, address: 1}]\n",
        6,
        "either bits or codes",
    ),
    (
        GOOD + "events: [{part: inverter, address: 1, bits: {16: hot}}]\n",
        6,
        "up to 15",
    ),
    (
        GOOD + "fingerprints: [{address: 1}]\n",
        6,
        "one of prefix, values and others",
    ),
    (
        GOOD + "fingerprints: [{address: 1, type: str, count: 2, values: [1]}]\n",
        6,
        "text is told by its prefix",
    ),
    (
        GOOD + "settings: [{name: a, address: 1}, {name: a, address: 2}]\n",
        6,
        "a is there twice",
    ),
    (GOOD + "notes: &a hello\n", 6, "anchors and aliases"),
    (GOOD + "notes: *a\n", 6, "anchors and aliases"),
    (GOOD + "notes: !!python/name:os.system x\n", 6, "tags are not allowed"),
    (GOOD + "--- \nmanufacturer: Other\n", 7, "a second document"),
    (GOOD + "? [a]\n: b\n", 6, "a key must be a word"),
    ("a: " + "[" * 50 + "]" * 50, 1, "too deeply nested"),
    ("a: [" + "1," * 30_000 + "]", 1, "too many"),
    ("# " + "x" * MAX_SIZE, 0, "larger than 256 kB"),
]


@pytest.mark.parametrize(("text", "line", "reason"), BAD)
def test_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    """Everything that a person can get wrong, and what nobody writes by accident."""
    found_line, found_reason = refused(text)
    assert reason in found_reason
    assert found_line == line


def test_too_many_values() -> None:
    """A map for every poll must stay small enough for every poll."""
    quantities = [q for q in Quantity if units_of(q)][:34]
    text = HEAD + "".join(
        f"  - {{part: string, repeat: 32, step: 1, quantity: {quantity},"
        f" address: {32 * index}}}\n"
        for index, quantity in enumerate(quantities)
    )
    assert refused(text) == (4 + 32, "more than 1000 values")


def test_not_utf_8() -> None:
    """The line of the byte that is not text."""
    with pytest.raises(MapError) as caught:
        load(GOOD.encode() + b"notes: \xff\n", "own")
    assert (caught.value.line, caught.value.reason) == (6, "not UTF-8 text")


def test_our_families_are_complete() -> None:
    """Each says what the schema asks for, beyond what a user's map must."""
    known = families()
    assert len(known) == len(list(FOLDER.glob("*.yaml"))) == 20
    for family in known:
        assert family.sources, family.key
        assert family.transports, family.key
        assert len(family.sources) >= 2 or family.evidence is not Evidence.TWO_SOURCES
        kinds = {point.part.kind for point in family.points}
        assert "inverter" in kinds, family.key
        quantities = {(point.part.kind, point.quantity) for point in family.points}
        assert ("inverter", "ac_power") in quantities, family.key
        if family.has_battery:
            assert ("battery", "dc_power") in quantities, family.key
            assert ("battery", "state_of_charge") in quantities, family.key


def test_every_quantity_has_units() -> None:
    """A map can hold whatever the home knows."""
    for quantity in Quantity:
        assert units_of(quantity), quantity
    assert families()[0].title.startswith("Deye SUN")


def test_own_map_replaces_ours() -> None:
    """A user who corrects a map keeps its name."""
    own = load(GOOD.encode(), "solis_hybrid")
    merged = with_own((own, load(GOOD.encode(), "mine")))
    assert [f for f in merged if f.key == "solis_hybrid"] == [own]
    assert len(merged) == len(families()) + 1


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes(content: bytes) -> None:
    """Bytes of any kind are refused in words."""
    with pytest.raises(MapError):
        load(content, "own")


KEYS = st.sampled_from(
    [
        "manufacturer",
        "models",
        "units",
        "points",
        "part",
        "quantity",
        "address",
        "type",
        "scale",
        "unit",
        "terms",
        "sign_from",
        "negative",
        "statuses",
        "words",
        "events",
        "bits",
        "codes",
        "identity",
        "serial",
        "count",
        "repeat",
        "step",
        "mask",
        "missing",
        "offset",
        "sign",
        "table",
        "word_order",
        "fingerprints",
        "values",
        "pacing",
    ]
)
SCALARS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=8),
    st.sampled_from(["inverter", "string_1", "ac_power", "u32", "holding", "W", "on"]),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, st.integers(0, 70_000)), inner, max_size=5),
    ),
    max_leaves=12,
)


def load_or_refuse(text: str) -> None:
    """Load a map, or see it refused in words and nothing else."""
    reason = "none"
    line = 0
    try:
        load(text.encode("utf-8", "surrogatepass"), "own")
    except MapError as err:
        line, reason = err.line, err.reason
    assert 0 <= line <= text.count("\n") + 2
    assert reason


@given(st.dictionaries(KEYS, TREES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_yaml(tree: object) -> None:
    """YAML of any shape is refused in words."""
    load_or_refuse(yaml.safe_dump(tree, allow_unicode=True))


@given(
    st.sampled_from(sorted(FOLDER.glob("*.yaml"))),
    st.lists(st.tuples(st.floats(0, 1), st.text(max_size=6)), min_size=1, max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_damaged_maps(path: object, damage: list[tuple[float, str]]) -> None:
    """Our own maps with typing mistakes load or are refused, whatever was hit."""
    text = FOLDER.joinpath(str(path)).read_text(encoding="utf-8")
    for place, typed in damage:
        at = int(place * len(text))
        text = text[:at] + typed + text[at + len(typed) :]
    load_or_refuse(text)


def test_scalars_are_what_they_look_like() -> None:
    """Words that other readers of YAML turn into something else stay words."""
    root = parse(b"a: on\nb: 012\nc: 1_000\nd: 1:30\ne: 0x1F\nf: 2026-01-01\ng: 1e5\n")
    values = [getattr(node, "value", None) for node in root.items.values()]
    assert values == ["on", "012", "1_000", "1:30", 31, "2026-01-01", "1e5"]
