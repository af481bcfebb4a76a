"""A folder of a user's own maps."""

from pathlib import Path

import pytest

from custom_components.pv_family.devices.modbus_maps.user_maps import (
    RefusedMap,
    UserMaps,
    load_user_maps,
)

GOOD = """\
manufacturer: Mine
models: [One]
units: [1]
points:
  - {part: inverter, quantity: ac_power, address: 1, unit: W}
"""


def test_no_folder(tmp_path: Path) -> None:
    """Nobody has to have maps of their own."""
    assert load_user_maps(tmp_path / "nothing") == UserMaps()


def test_good_and_bad_files(tmp_path: Path) -> None:
    """The good ones work, the bad ones say why and where; others are no maps."""
    (tmp_path / "mine.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(GOOD.replace("ac_power", "power"))
    (tmp_path / "Big Name.yaml").write_text(GOOD)
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "large.yaml").write_bytes(b"#" * 300_000)
    (tmp_path / "bytes.yaml").write_bytes(b"manufacturer: \xff")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "folder.yaml").mkdir()
    found = load_user_maps(tmp_path)
    assert [family.key for family in found.families] == ["mine"]
    assert found.refused == (
        RefusedMap(
            "Big Name.yaml",
            0,
            "the file's name must be small_letters_and_digits.yaml",
        ),
        RefusedMap("bad.yaml", 5, "unknown quantity 'power'"),
        RefusedMap("bytes.yaml", 1, "not UTF-8 text"),
        RefusedMap("empty.yaml", 0, "not a mapping"),
        RefusedMap("large.yaml", 0, "larger than 256 kB"),
    )


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A dangling link is no file; one that leads in a circle cannot be opened."""
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert [f.key for f in load_user_maps(tmp_path).families] == ["mine"]


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own words where a file may not be opened."""
    (tmp_path / "mine.yaml").write_text(GOOD)

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    found = load_user_maps(tmp_path)
    assert found.refused == (RefusedMap("mine.yaml", 0, "Permission denied"),)


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder itself is what is refused then."""

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "glob", denied)
    found = load_user_maps(tmp_path)
    assert found.refused == (RefusedMap(tmp_path.name, 0, "Permission denied"),)


def test_too_many_files(tmp_path: Path) -> None:
    """A hundred maps are enough."""
    for number in range(102):
        (tmp_path / f"map_{number:03}.yaml").write_text(GOOD)
    found = load_user_maps(tmp_path)
    assert len(found.families) == 100
    assert [refused.file for refused in found.refused] == [
        "map_100.yaml",
        "map_101.yaml",
    ]
