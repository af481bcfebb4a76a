"""Recorded devices, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest

import simulation
from simulation.registers import (
    IllegalAddressError,
    IllegalValueError,
    UnknownUnitError,
)
from simulation.replay import ReplayedDevice, load_images

from .conftest import connected, exception_code, read, serving
from .sunspec_oracle import chain

DUMPS = Path(simulation.__file__).parent / "data" / "sunspec"
FIMER = DUMPS / "DeviceFimerPVSDated20240722.json"
SMA = DUMPS / "DeviceSMASunnyBoy36Dated20250518.json"
DER = DUMPS / "EmulatedDER.json"


def words(path: Path) -> list[int]:
    """Return the registers of a dump without gaps."""
    return [int(word, 16) for word in json.loads(path.read_text())["registers"]]


def write(path: Path, content: Any) -> Path:
    """Write JSON and return its path."""
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("path", [FIMER, SMA, DER], ids=lambda path: path.stem)
@pytest.mark.usefixtures("loopback")
async def test_every_register_over_the_wire(path: Path) -> None:
    """What was read of the device is what is read of its replay."""
    expected = words(path)
    async with (
        serving(ReplayedDevice.load(path)) as server,
        connected(server.port) as client,
    ):
        assert await read(client, 40000, len(expected), unit=126) == expected
        assert await exception_code(client, 39999) == 2
        assert await exception_code(client, 40000 + len(expected)) == 2


def test_known_values_of_the_dumps() -> None:
    """The dumps hold what their makers' inverters showed."""
    fimer, sma, der = (chain(words(path)) for path in (FIMER, SMA, DER))
    assert fimer[103]["W"] == pytest.approx(141_380)
    assert fimer[103]["WH"] == 459_493_000
    assert sma[101]["W"] == 3680
    assert sma[160]["N"] == 6
    assert der[701]["InvSt"] == 3


def test_missing_registers_answer_with_an_exception(tmp_path: Path) -> None:
    """A read that touches null fails as a whole, beside it all is well."""
    dump = {"start": 100, "registers": ["0001", None, "00ff", "ffff"]}
    device = ReplayedDevice.load(write(tmp_path / "dump.json", dump))
    assert device.read(1, 100, 1) == [1]
    assert device.read(7, 102, 2) == [255, 65535]
    for address, count in ((100, 2), (101, 1), (103, 2), (99, 1)):
        with pytest.raises(IllegalAddressError):
            device.read(1, address, count)
    for count in (0, 126):
        with pytest.raises(IllegalValueError):
            device.read(1, 100, count)


@pytest.mark.usefixtures("loopback")
async def test_missing_registers_over_the_wire(tmp_path: Path) -> None:
    """The exception is number 2."""
    dump = {"start": 100, "registers": ["0001", None, "00ff"]}
    device = ReplayedDevice.load(write(tmp_path / "dump.json", dump))
    async with serving(device) as server, connected(server.port) as client:
        assert await exception_code(client, 100, 3) == 2
        assert await read(client, 102, 1) == [255]


def test_diagnostics_download(tmp_path: Path) -> None:
    """Registers are found wherever they lie in the diagnostics of the integration."""
    content = {
        "home_assistant": {"registers": {"holding": {"1": 1}}},
        "data": {
            "entry": {"title": "home"},
            "devices": [
                {"registers": {"holding": {"40000": 21365, "40001": 28243}}},
            ],
        },
    }
    device = ReplayedDevice.load(write(tmp_path / "one.json", content))
    assert device.read(126, 40000, 2) == [21365, 28243]


def test_several_devices_in_one_download(tmp_path: Path) -> None:
    """Each device answers behind its own unit id."""
    holding = [{"registers": {"holding": {"0": value}}} for value in (10, 20)]
    path = write(tmp_path / "two.json", {"data": {"a": holding[0], "b": holding[1]}})
    device = ReplayedDevice.load(path)
    assert (device.read(1, 0, 1), device.read(2, 0, 1)) == ([10], [20])
    with pytest.raises(UnknownUnitError):
        device.read(3, 0, 1)


@pytest.mark.parametrize("content", [[], {}, {"data": {"registers": []}}, {"data": 1}])
def test_files_without_registers_are_refused(tmp_path: Path, content: Any) -> None:
    """The reason is said."""
    with pytest.raises(ValueError, match="holds no registers"):
        load_images(write(tmp_path / "none.json", content))
