"""What the page about vendors' maps says is what the code does."""

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from custom_components.pv_family.devices.device import PartKind
from custom_components.pv_family.devices.modbus_maps.catalogue import families, with_own
from custom_components.pv_family.devices.modbus_maps.device import MapDevice as Device
from custom_components.pv_family.devices.modbus_maps.schema import (
    Counted,
    Family,
    Pacing,
)
from custom_components.pv_family.devices.modbus_maps.score import probe
from custom_components.pv_family.devices.modbus_maps.user_maps import load_user_maps
from custom_components.pv_family.devices.modbus_maps.values import units_of
from custom_components.pv_family.readings.quantity import Quantity
from simulation.modbus_maps import MapDevice, Scene, encode, load_map

from .noon import NOW, SERIAL, served, shown

PAGE = (Path(__file__).parents[4] / "docs" / "vendor-modbus.md").read_text("utf-8")
_EXAMPLE = re.compile(r"`pv_family_maps/(\w+\.yaml)`:\n\n```yaml\n(.*?)```", re.DOTALL)
_CODE = re.compile(r"`(\w+)`")
_NUMBER = re.compile(r"\d+")
# Parts by column, and the words for what their values tell.
_COLUMNS = {"meter_1": "grid meter", "battery_1": "battery", "load": "house"}


def table(heading: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the table whose first column has this heading."""
    start = PAGE.index(f"| {heading} |")
    lines = PAGE[start:].split("\n\n", 1)[0].splitlines()
    names, _, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    for row in rows:
        yield dict(zip(names[1:-1], row[1:-1], strict=True))


@pytest.fixture(name="example")
def example_fixture(tmp_path: Path) -> Path:
    """Return the file that a reader would make of the page."""
    (found,) = _EXAMPLE.finditer(PAGE)
    path = tmp_path / found[1]
    path.write_text(found[2], encoding="utf-8")
    return path


def test_example_loads(example: Path) -> None:
    """The map is taken as it stands on the page."""
    found = load_user_maps(example.parent)
    assert found.refused == ()
    (family,) = found.families
    assert family.key == "example_hybrid"
    assert family.title == "Example EX-5000H"
    assert family.counted is Counted.ARRAYS


@pytest.mark.usefixtures("loopback")
async def test_example_is_found_and_read(example: Path) -> None:
    """An inverter of that map is proposed first, and tells what it should."""
    values = {
        "string_1": {"dc_voltage": 400.0, "dc_current": 5.0, "dc_power": 2000.0},
        "string_2": {"dc_voltage": 350.0, "dc_current": 4.0, "dc_power": 1400.0},
        "inverter": {
            "ac_power": 2400.0,
            "frequency": 50.0,
            "ac_voltage_l1": 230.0,
            "energy_produced": 12_345_000.0,
            "temperature_heat_sink": 45.6,
        },
        "meter_1": {"ac_power": -1200.0},
        "battery_1": {"state_of_charge": 68.0, "dc_power": -1000.0},
        "load": {"ac_power": 1200.0},
    }
    scene = Scene(values, statuses={"inverter": "producing"}, serial=SERIAL)
    registers = encode(load_map(example), scene)
    assert registers["input"][60] == 1456
    assert registers["input"][82] == 0
    own = load_user_maps(example.parent).families
    async with served(MapDevice(registers, frozenset({1})), 1) as unit:
        best, *_ = await probe({1: unit}, with_own(own), patience=Pacing())
        device = await Device.connect(unit, best.family, fallback_serial="fallback")
        poll = await device.poll(NOW, full=True)
    assert best.family.key == "example_hybrid"
    assert device.identity.serial == SERIAL
    assert device.ratings.power == 10_000.0
    assert shown(poll) == {k: pytest.approx(v) for k, v in values.items()}
    assert poll.statuses == {"inverter": "producing"}
    assert poll.events == {"inverter": frozenset()}


def told(family: Family, part: str) -> str:
    """Return in the words of the page what a map has of a part."""
    names = {point.quantity for point in family.points if point.part.key == part}
    words = []
    if Quantity.AC_POWER_L1 in names:
        words.append("power per phase")
    elif names & {Quantity.AC_POWER, Quantity.DC_POWER}:
        words.append("power")
    if Quantity.STATE_OF_CHARGE in names:
        words.append("charge")
    if Quantity.STATE_OF_HEALTH in names:
        words.append("health")
    energies = {name for name in names if name.startswith("energy_")}
    if energies:
        words.append("import" if energies == {Quantity.ENERGY_IMPORT} else "energy")
    return ", ".join(words)


def test_every_family_is_on_the_page() -> None:
    """Each map with what it is for, how well it is known, and what it reads."""
    rows = {row["map"].strip("`"): row for row in table("map | inverters")}
    assert list(rows) == [family.key for family in families()]
    for family in families():
        row = rows[family.key]
        assert row["inverters"] == family.title, family.key
        assert row["known"].startswith(str(family.evidence).replace("_", " "))
        assert row["unit ID"] == ", ".join(map(str, family.units)), family.key
        strings = {p.part for p in family.points if p.part.kind is PartKind.STRING}
        assert row["strings"] == str(len(strings) or ""), family.key
        for part, column in _COLUMNS.items():
            assert row[column] == told(family, part), (family.key, column)


def test_every_quantity_is_on_the_page() -> None:
    """Each quantity that can be mapped, with its units in their order."""
    found = {
        name: tuple(row["units"].split(", "))
        for row in table("`quantity`")
        for name in _CODE.findall(row["`quantity`"])
    }
    assert found == {
        str(quantity): tuple(units)
        for quantity in Quantity
        if (units := units_of(quantity)) is not None
    }


def test_haste_is_on_the_page() -> None:
    """How much each maker's inverters bear."""
    seen: set[str] = set()
    for row in table("maker | quiet between requests"):
        makers = set(row["maker"].split(", "))
        found = [family for family in families() if family.manufacturer in makers]
        quiet = float(row["quiet between requests"].split(" s")[0])
        most = _CODE.sub("", row["most registers at once"])
        assert {family.manufacturer for family in found} == makers
        assert {family.pacing.spacing for family in found} == {quiet}, makers
        assert {str(family.max_block) for family in found} == set(_NUMBER.findall(most))
        seen |= makers
    assert seen == {family.manufacturer for family in families()}
