"""Modules and inverters are found by name in SAM's libraries."""

from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.plant.model.module import Module, Technology
from custom_components.pv_family.plant.model.sam_library import (
    SamLibraryError,
    find_inverters,
    find_modules,
)

FIXTURES = Path(__file__).parents[2] / "fixtures/pvlib"
MODULES = (FIXTURES / "cec_modules.csv").read_text(encoding="utf-8").splitlines()
INVERTERS = (FIXTURES / "cec_inverters.csv").read_text(encoding="utf-8").splitlines()


def test_modules() -> None:
    """All words count, in any case; technologies become ours."""
    (found,) = find_modules(MODULES, "lg 330n1c")
    assert found.name == "LG Electronics Inc. LG330N1C-A5"
    assert found.peak_power == pytest.approx(330.26)
    assert found.module.technology is Technology.CRYSTALLINE
    assert -0.005 < found.module.gamma < -0.002
    (cadmium,) = find_modules(MODULES, "first solar")
    assert cadmium.module.technology is Technology.CDTE
    assert len(find_modules(MODULES, "")) == 8
    assert len(find_modules(MODULES, "a10green", most=2)) == 2
    assert Module().gamma == -0.003015


def test_inverters() -> None:
    """Power and efficiency come from the AC and DC ratings."""
    found = find_inverters(INVERTERS, "fronius primo 240v")[0]
    assert 9000.0 < found.inverter.ac_power < 11_000.0
    assert 0.94 < found.inverter.efficiency < 0.99
    assert len(find_inverters(INVERTERS, "", most=2)) == 2


def test_other_files() -> None:
    """A file that is no library is refused, a bad row passed over."""
    with pytest.raises(SamLibraryError, match="no column Technology"):
        find_modules(["Name,STC,gamma_r", "a,1,2"], "a")
    with pytest.raises(SamLibraryError):
        find_inverters([], "a")
    head = ["Name,Technology,STC,gamma_r", "Units,,,", "[0],,,"]
    rows = ["a,Mono-c-Si,x,-0.4", "a,Mono-c-Si,300,-40", "a,Wood,300,-0.4", "a"]
    assert find_modules([*head, *rows], "a") == []
    inverters = ["Name,Paco,Pdco", "Units,,", "[0],,", "a,5,4", "a,1,9", "a,x,1"]
    assert find_inverters(inverters, "a") == []
    with pytest.raises(SamLibraryError, match="rows"):
        find_modules([*head, *(["b,,,"] * 100_000)], "a")


@given(st.lists(st.text(max_size=60), max_size=12), st.text(max_size=5))
def test_any_text(lines: list[str], words: str) -> None:
    """Whatever the file holds, only its own error comes out."""
    for find in (find_modules, find_inverters):
        try:
            assert len(find(lines, words)) <= 20
        except SamLibraryError:
            continue
