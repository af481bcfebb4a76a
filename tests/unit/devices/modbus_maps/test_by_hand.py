"""Registers worked out by hand from the makers' papers, a few for each family."""

import pytest

from custom_components.pv_family.devices.device import Part
from custom_components.pv_family.devices.modbus_maps.decode import decode
from custom_components.pv_family.devices.registers import Table
from custom_components.pv_family.readings.quantity import Quantity

from .noon import KEYS, family

# Family, table, registers, part, quantity, value in SI units and project signs.
EXAMPLES: list[tuple[str, str, dict[int, int], str, str, float]] = [
    # -2500 W at the meter is import in Huawei's counting.
    (
        "huawei_sun2000",
        "holding",
        {37113: 0xFFFF, 37114: 0xF63C},
        "meter_1",
        "ac_power",
        2500.0,
    ),
    # 1 500 000 x 0.01 kWh.
    (
        "huawei_sun2000",
        "holding",
        {32106: 0x0016, 32107: 0xE360},
        "inverter",
        "energy_produced",
        15_000_000.0,
    ),
    # +1200 W is charging in Huawei's counting.
    (
        "huawei_sun2000",
        "holding",
        {37765: 0, 37766: 1200},
        "battery_1",
        "dc_power",
        -1200.0,
    ),
    # 50 000 x 0.1 W.
    (
        "growatt_gen1",
        "input",
        {11: 0, 12: 50_000},
        "inverter",
        "ac_power",
        5000.0,
    ),
    # Discharge 0 W, charge 8000 x 0.1 W.
    (
        "growatt_gen23",
        "input",
        {1009: 0, 1010: 0, 1011: 0, 1012: 8000},
        "battery_1",
        "dc_power",
        -800.0,
    ),
    # Import 0, export 12 345 x 0.1 W.
    (
        "growatt_gen4",
        "input",
        {3041: 0, 3042: 0, 3043: 0, 3044: 12_345},
        "meter_1",
        "ac_power",
        -1234.5,
    ),
    # Low word first: 0x0001_86A0 W.
    (
        "sungrow_string",
        "input",
        {5030: 0x86A0, 5031: 0x0001},
        "inverter",
        "ac_power",
        100_000.0,
    ),
    # Export positive, low word first: 1500 W of export.
    (
        "sungrow_sh",
        "input",
        {13009: 1500, 13010: 0},
        "meter_1",
        "ac_power",
        -1500.0,
    ),
    # Bit 1 of the power flow says charging.
    (
        "sungrow_sh",
        "input",
        {13000: 0b0000_0011, 13021: 700},
        "battery_1",
        "dc_power",
        -700.0,
    ),
    # The same on firmware that signs the power itself.
    (
        "sungrow_sh",
        "input",
        {13000: 0b0000_0011, 13021: 0xFD44},
        "battery_1",
        "dc_power",
        -700.0,
    ),
    # Low word at 78, high word at 80, the frequency between them.
    (
        "deye_1p",
        "holding",
        {78: 0x86A0, 79: 5000, 80: 0x0001},
        "meter_1",
        "energy_import",
        10_000_000.0,
    ),
    # (1456 - 1000) / 10.
    (
        "deye_1p",
        "holding",
        {91: 1456},
        "inverter",
        "temperature_heat_sink",
        45.6,
    ),
    # Discharge positive, -850 W.
    ("deye_3p", "holding", {590: 0xFCAE}, "battery_1", "dc_power", -850.0),
    # Steps of 10 W.
    ("deye_3p_hv", "holding", {590: 0xFFAB}, "battery_1", "dc_power", -850.0),
    (
        "deye_string",
        "holding",
        {86: 0x86A0, 87: 0x0001},
        "inverter",
        "ac_power",
        10_000.0,
    ),
    # Whole kWh, high word first.
    (
        "solis_string",
        "input",
        {3008: 0, 3009: 4321},
        "inverter",
        "energy_produced",
        4_321_000.0,
    ),
    # A magnitude; 0 is charging.
    (
        "solis_hybrid",
        "input",
        {33135: 0, 33149: 0, 33150: 950},
        "battery_1",
        "dc_power",
        -950.0,
    ),
    (
        "solis_hybrid",
        "input",
        {33135: 1, 33149: 0, 33150: 950},
        "battery_1",
        "dc_power",
        950.0,
    ),
    # 12 345.678 Wh as a float: 0x4640E6B6.
    (
        "goodwe_et",
        "holding",
        {36015: 0x4640, 36016: 0xE6B6},
        "meter_1",
        "energy_export",
        12_345.678,
    ),
    (
        "goodwe_dt",
        "holding",
        {30127: 0xFFFF, 30128: 0xFFF6},
        "inverter",
        "ac_power",
        -10.0,
    ),
    # Steps of 10 W, export positive.
    ("sofar_hyd", "holding", {0x0488: 0xFF38}, "meter_1", "ac_power", 2000.0),
    # Steps of 10 W, charging positive.
    # Trackers of 3000 W and 1500 W; the others do not tell.
    (
        "goodwe_et_g2",
        "holding",
        {35105: 0, 35106: 3000, 35109: 0, 35110: 1500},
        "inverter",
        "dc_power",
        4500.0,
    ),
    # 3555 x 0.01 kWh in 64 bits.
    (
        "goodwe_et_g2",
        "holding",
        {36104: 0, 36105: 0, 36106: 0, 36107: 3555},
        "meter_1",
        "energy_export",
        35_550.0,
    ),
    ("sofar_hyd", "holding", {0x0606: 150}, "battery_1", "dc_power", -1500.0),
    ("sofar_string_old", "holding", {12: 275}, "inverter", "ac_power", 2750.0),
    # 0x0000_0000_00BC_614E Wh.
    (
        "sma_own",
        "holding",
        {30513: 0, 30514: 0, 30515: 0x00BC, 30516: 0x614E},
        "inverter",
        "energy_produced",
        12_345_678.0,
    ),
    # Import 300 W, export 0 W.
    (
        "sma_own",
        "holding",
        {30865: 0, 30866: 300, 30867: 0, 30868: 0},
        "meter_1",
        "ac_power",
        300.0,
    ),
    # Loads 1500 + 200 W, grid -800 + 100 W; no third phase.
    (
        "victron_gx",
        "holding",
        {817: 1500, 818: 200, 820: 0xFCE0, 821: 100},
        "inverter",
        "ac_power",
        2400.0,
    ),
    # Charging positive.
    ("victron_gx", "holding", {842: 900}, "battery_1", "dc_power", -900.0),
    # Three phases, export positive.
    (
        "foxess_h3",
        "holding",
        {31026: 100, 31027: 0xFFCE, 31028: 250},
        "meter_1",
        "ac_power",
        -300.0,
    ),
]


@pytest.mark.parametrize(
    ("key", "table", "registers", "part", "quantity", "value"),
    EXAMPLES,
    ids=[f"{e[0]}-{e[3]}-{e[4]}" for e in EXAMPLES],
)
def test_example(
    key: str,
    table: str,
    registers: dict[int, int],
    part: str,
    quantity: str,
    value: float,
) -> None:
    """The map makes the value of the registers that the paper says."""
    known = family(key)
    image = {Table(table): registers}
    found = decode(known, image, known.points)
    assert found.get(part, Quantity(quantity)) == pytest.approx(value, rel=1e-6)


def test_every_family_has_an_example() -> None:
    """No map rests on its own encoder alone."""
    assert {example[0] for example in EXAMPLES} == set(KEYS)


SENTINELS: list[tuple[str, str, dict[int, int], str]] = [
    ("huawei_sun2000", "holding", {32016: 0x7FFF, 32069: 0xFFFF}, "u16 and s16"),
    ("growatt_gen23", "input", {35: 0xFFFF, 36: 0xFFFF, 37: 0xFFFF}, "u32"),
    ("sma_own", "holding", {30775: 0x8000, 30776: 0, 30783: 0xFFFF, 30784: 0xFFFF}, ""),
    ("sma_own", "holding", dict.fromkeys(range(30513, 30521), 0xFFFF), "u64"),
    ("goodwe_et", "holding", {36015: 0x7FC0, 36016: 0}, "f32 that is no number"),
    ("goodwe_et", "holding", {36015: 0x7F80, 36016: 0}, "f32 that is infinite"),
    ("goodwe_et", "holding", {36015: 0, 36016: 0x3C87}, "a count read as f32"),
    ("goodwe_et_g2", "holding", dict.fromkeys(range(36104, 36108), 0), "no total"),
    ("deye_3p", "holding", {540: 0, 541: 0}, "temperatures without a sensor"),
    ("deye_1p", "holding", {78: 1}, "half a value"),
    ("solis_hybrid", "input", {33149: 0, 33150: 100}, "a magnitude without direction"),
    ("growatt_gen23", "input", {1009: 0, 1010: 50}, "one side of a difference"),
]


@pytest.mark.parametrize(("key", "table", "registers", "why"), SENTINELS)
def test_unknown_is_absent(
    key: str, table: str, registers: dict[int, int], why: str
) -> None:
    """What says that it has no value has none: never 0, never 6553.5."""
    known = family(key)
    found = decode(known, {Table(table): registers}, known.points)
    assert not found.values, why
    assert not found.derived, why


WORDS: list[tuple[str, str, dict[int, int], str, set[str]]] = [
    (
        "huawei_sun2000",
        "holding",
        {32008: 1 << 7, 32009: 1 << 2, 32010: 1 << 15},
        "inverter",
        {"grid_lost", "insulation_low", "other_fault"},
    ),
    (
        "goodwe_et",
        "holding",
        {35189: 1 << 2, 35190: 1 << 9},
        "inverter",
        {"insulation_low", "grid_lost"},
    ),
    (
        "deye_3p",
        "holding",
        {553: 2, 554: 0x4000, 555: 0, 556: 2, 557: 0, 558: 0x8000},
        "inverter",
        {"fan_fault", "battery_lost", "output_over_current", "over_temperature"},
    ),
    (
        "solis_hybrid",
        "input",
        {33095: 0x1015},
        "inverter",
        {"grid_lost"},
    ),
    (
        "growatt_gen4",
        "input",
        {3105: 999},
        "inverter",
        {"other_fault"},
    ),
    ("growatt_gen4", "input", {3105: 0}, "inverter", set()),
    ("solis_hybrid", "input", {33095: 3}, "inverter", set()),
]


@pytest.mark.parametrize(("key", "table", "registers", "part", "words"), WORDS)
def test_faults_in_words(
    key: str, table: str, registers: dict[int, int], part: str, words: set[str]
) -> None:
    """Bits over several registers, bits of long values and codes."""
    known = family(key)
    found = decode(known, {Table(table): registers}, known.points)
    assert found.events == {part: words}


STATUSES: list[tuple[str, str, dict[int, int], str | None]] = [
    ("huawei_sun2000", "holding", {32089: 0xA000}, "standby_no_irradiation"),
    ("growatt_gen4", "input", {3000: 0x0501}, "producing"),
    ("sungrow_sh", "input", {12999: 0x0040}, "producing"),
    ("sma_own", "holding", {30201: 0, 30202: 455}, "warning"),
    ("sofar_hyd", "holding", {0x0404: 5}, "permanent_fault"),
    ("sofar_hyd", "holding", {0x0404: 99}, None),
]


@pytest.mark.parametrize(("key", "table", "registers", "word"), STATUSES)
def test_status_in_words(
    key: str, table: str, registers: dict[int, int], word: str | None
) -> None:
    """Codes, masked codes, long codes; a code that nobody knows is no status."""
    known = family(key)
    found = decode(known, {Table(table): registers}, known.points)
    assert found.statuses.get("inverter") == word


def test_parts_are_the_projects() -> None:
    """Every part of every map is one that the home knows."""
    for key in KEYS:
        for point in family(key).points:
            assert Part.from_key(point.part.key) == point.part
