"""The project's own files keep the rules of Home Assistant and the Marketplace."""

import json
from pathlib import Path
import tomllib
from typing import Any

import pytest
import yaml

import homeassistant
from tests.metadata import manifest as manifest_rules, repository, source, texts

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "pv_family"
TRANSLATIONS = COMPONENT / "translations"
# Only overrides what the resolver may choose, so it has no hashes.
LOCKS = sorted(
    set(ROOT.glob("requirements/*.txt")) - {ROOT / "requirements/overrides.txt"}
)
OTHER_LANGUAGES = sorted(
    path.stem for path in TRANSLATIONS.glob("*.json") if path.stem != "en"
)
SOURCES = sorted(path.relative_to(COMPONENT) for path in COMPONENT.rglob("*.py"))
CONSTRAINTS = (
    Path(homeassistant.__file__).parent / "package_constraints.txt"
).read_text(encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Return an object from a JSON file, and refuse keys that are given twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), f"{path.name} repeats a key"
        return dict(pairs)

    assert path.is_file(), f"{path.relative_to(ROOT)} is missing"
    loaded: dict[str, Any] = json.loads(
        path.read_text(encoding="utf-8"), object_pairs_hook=once
    )
    return loaded


@pytest.fixture(name="manifest")
def manifest_fixture() -> dict[str, Any]:
    """Return the manifest."""
    return read_json(COMPONENT / "manifest.json")


@pytest.fixture(name="english")
def english_fixture() -> dict[str, Any]:
    """Return the English texts."""
    return read_json(TRANSLATIONS / "en.json")


@pytest.fixture(name="project")
def project_fixture() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_manifest(manifest: dict[str, Any]) -> None:
    """The manifest is one that Home Assistant accepts."""
    assert manifest_rules.manifest_problems(manifest, COMPONENT.name) == []
    assert manifest_rules.dependency_problems(manifest) == []
    pins = repository.pins(CONSTRAINTS)
    assert manifest_rules.requirement_problems(manifest, pins) == []


def test_discovery_is_handled(manifest: dict[str, Any]) -> None:
    """Each kind of discovery has its step in the config flow."""
    code = (COMPONENT / "config_flow.py").read_text(encoding="utf-8")
    assert manifest_rules.discovery_problems(manifest, source.functions(code)) == []


def test_one_integration_in_the_repository() -> None:
    """The Marketplace takes the first folder, so there is only one."""
    folders = {path.parent.name for path in ROOT.glob("custom_components/*/*.py")}
    assert folders == {COMPONENT.name}


def test_versions_agree(manifest: dict[str, Any], project: dict[str, Any]) -> None:
    """The project and the manifest have the same version."""
    assert project["project"]["version"] == manifest["version"]


def test_hacs() -> None:
    """The Marketplace can read hacs.json."""
    assert manifest_rules.hacs_problems(read_json(ROOT / "hacs.json")) == []


def test_quality_scale() -> None:
    """Every rule of the quality scale is answered."""
    path = COMPONENT / "quality_scale.yaml"
    scale = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert manifest_rules.quality_scale_problems(scale) == []


def test_brand_icons() -> None:
    """The icons are squares in the two sizes that Home Assistant asks for."""
    brand = COMPONENT / "brand"
    assert manifest_rules.png_size((brand / "icon.png").read_bytes()) == (256, 256)
    assert manifest_rules.png_size((brand / "icon@2x.png").read_bytes()) == (512, 512)


@pytest.mark.parametrize("name", ["logo", "dark_logo"])
def test_brand_logos(name: str) -> None:
    """The logos are 128 to 256 pixels high, and twice that for fine screens."""
    brand = COMPONENT / "brand"
    width, height = manifest_rules.png_size((brand / f"{name}.png").read_bytes())
    assert 128 <= height <= 256
    assert width > height
    twice = manifest_rules.png_size((brand / f"{name}@2x.png").read_bytes())
    assert twice == (2 * width, 2 * height)


def test_english(english: dict[str, Any]) -> None:
    """The English texts are well formed."""
    assert not (COMPONENT / "strings.json").exists()
    assert texts.translation_problems(english) == []


def test_there_is_another_language() -> None:
    """The tests of other languages have something to test."""
    assert "ro" in OTHER_LANGUAGES


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_other_language(language: str, english: dict[str, Any]) -> None:
    """Every language has the texts and placeholders of English."""
    other = read_json(TRANSLATIONS / f"{language}.json")
    assert texts.translation_problems(other) == []
    assert texts.parity_problems(english, other) == []


def test_icons(english: dict[str, Any]) -> None:
    """The icons are well formed and belong to entities that exist."""
    icons = read_json(COMPONENT / "icons.json")
    assert texts.icon_problems(icons, english) == []


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_texts_of_the_code_exist(path: Path, english: dict[str, Any]) -> None:
    """Every text that the code names exists and can be filled in."""
    code = (COMPONENT / path).read_text(encoding="utf-8")
    assert source.text_problems(code, english) == []


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_imports_are_declared(path: Path, manifest: dict[str, Any]) -> None:
    """Every integration that the code imports is in the manifest."""
    code = (COMPONENT / path).read_text(encoding="utf-8")
    assert source.import_problems(code, path, manifest) == []


def test_there_is_a_lock() -> None:
    """The tests of lock files have something to test."""
    assert "development.txt" in {path.name for path in LOCKS}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock(path: Path) -> None:
    """A lock has only hashed versions, and those that Home Assistant uses."""
    lock = path.read_text(encoding="utf-8")
    assert repository.lock_problems(lock) == []
    assert repository.constraint_problems(repository.pins(lock), CONSTRAINTS) == []


def test_tools_know_every_folder(project: dict[str, Any]) -> None:
    """Type checks and import rules grow with the project."""
    folders = {
        path.parent for path in (*ROOT.glob("*/*.py"), *COMPONENT.glob("*/*.py"))
    }
    assert COMPONENT / "readings" in folders
    assert repository.project_problems(project, sorted(folders)) == []


def test_nothing_of_one_machine_is_published() -> None:
    """No file names a package registry or a path of the machine it was written on."""
    files = repository.version_controlled(ROOT)
    assert Path("pyproject.toml") in files
    problems = []
    for path in files:
        data = (ROOT / path).read_bytes()
        if b"\0" in data:
            continue
        found = repository.leak_problems(data.decode(), ROOT)
        problems += [f"{path}: {problem}" for problem in found]
    assert problems == []
