"""The journal gives back what was on the disk, whatever happened to the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
import errno
import os
from pathlib import Path
import resource
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.pv_family.readings import journal as module
from custom_components.pv_family.readings.journal import Journal

_RECORDS = st.lists(
    st.tuples(st.integers(), st.text(max_size=20), st.floats(allow_nan=False)).map(
        list
    ),
    max_size=8,
)
_ONE_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the journal is."""
    return tmp_path / "storage" / "home.journal"


@pytest.fixture
def journal(path: Path) -> Journal:
    """Return a journal that nobody has written to."""
    return Journal(path)


def records(journal: Journal) -> list[Any]:
    """Return what the journal gives back."""
    read, size = journal.read()
    assert size == journal.size()
    return read


def test_an_empty_journal(journal: Journal, path: Path) -> None:
    """There is nothing to read, and nothing to delete."""
    assert journal.read() == ([], 0)
    journal.remove()
    assert not path.exists()


def test_what_is_written_is_read(journal: Journal, path: Path) -> None:
    """In the order of writing, by another journal as well."""
    size = journal.append([[1, "a"], [2, "ß\n\ud800"]])
    assert size == path.stat().st_size
    assert journal.append([[3, "c"]]) > size
    assert records(Journal(path)) == [[1, "a"], [2, "ß\n\ud800"], [3, "c"]]


def test_nobody_else_reads_it(journal: Journal, path: Path) -> None:
    """Neither before nor after it was shortened."""
    size = journal.append([[1]])
    journal.append([[2]])
    assert path.stat().st_mode & 0o777 == 0o600
    journal.drop(size)
    assert path.stat().st_mode & 0o777 == 0o600


def test_drop(journal: Journal, path: Path) -> None:
    """The oldest go, the others stay; without any the file goes."""
    first = journal.append([[1], [2]])
    second = journal.append([[3]])
    journal.append([[4]])
    journal.drop(second)
    assert records(journal) == [[4]]
    journal.append([[5]])
    assert records(journal) == [[4], [5]]
    journal.drop(journal.size())
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    assert first < second


def test_a_torn_last_line_takes_nothing_with_it(journal: Journal, path: Path) -> None:
    """What was not written whole is gone; what follows is not glued to it."""
    journal.append([[1], [2]])
    whole = path.read_bytes()
    journal.append([[3]])
    torn = path.read_bytes()
    for cut in range(len(whole), len(torn)):
        path.write_bytes(torn[:cut])
        if cut % 2:
            # Whether the next run looked at it first or not.
            assert records(Journal(path)) == [[1], [2]]
        assert Journal(path).append([[4]]) == path.stat().st_size
        assert records(Journal(path)) == [[1], [2], [4]]


def test_a_file_with_a_torn_line_alone(journal: Journal, path: Path) -> None:
    """The first write after it starts anew."""
    path.parent.mkdir()
    path.write_bytes(b"0123")
    assert records(journal) == []
    journal.append([[1]])
    assert records(journal) == [[1]]


def test_a_damaged_line_takes_no_other_with_it(journal: Journal, path: Path) -> None:
    """Each line stands for itself."""
    journal.append([[n, "text"] for n in range(5)])
    lines = path.read_bytes().split(b"\n")
    for damage in (b"", b"no", b"00000000 [2]", b"zz " + lines[2][3:], lines[2][:-1]):
        path.write_bytes(b"\n".join([*lines[:2], damage, *lines[3:]]))
        assert records(journal) == [[n, "text"] for n in (0, 1, 3, 4)]


@_ONE_FOLDER
@given(_RECORDS, st.data())
def test_any_truncation(tmp_path: Path, items: list[Any], data: st.DataObject) -> None:
    """A file that ends anywhere gives back the records before, and goes on."""
    path = tmp_path / "cut.journal"
    path.unlink(missing_ok=True)
    Journal(path).append(items)
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    left = items[: content[:cut].count(b"\n")]
    assert records(Journal(path)) == left
    Journal(path).append(["more"])
    assert records(Journal(path)) == [*left, "more"]


@_ONE_FOLDER
@given(_RECORDS, st.data())
def test_any_damage(tmp_path: Path, items: list[Any], data: st.DataObject) -> None:
    """Bytes that were overwritten cost the lines that they are in."""
    path = tmp_path / "damaged.journal"
    path.unlink(missing_ok=True)
    Journal(path).append(items)
    whole = path.read_bytes()
    content = bytearray(whole)
    places = st.integers(0, max(0, len(content) - 1))
    harmed: set[int] = set()
    for place, byte in data.draw(st.dictionaries(places, st.integers(0, 255))).items():
        if place < len(whole) and whole[place] != byte:
            first = whole[:place].count(b"\n")
            harmed |= {first, first + (whole[place] == ord("\n"))}
            content[place] = byte
    path.write_bytes(content)
    read = records(Journal(path))
    for number, item in enumerate(items):
        assert number in harmed or item in read
    assert len(read) <= len(items)
    Journal(path).append(["more"])
    assert records(Journal(path))[-1] == "more"


@_ONE_FOLDER
@given(st.binary(max_size=400))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    """A file that is none of ours holds nothing, and stops nothing."""
    path = tmp_path / "any.journal"
    path.write_bytes(content)
    assert records(Journal(path)) == []
    Journal(path).append([1])
    assert records(Journal(path)) == [1]


def no_space(*_: Any) -> int:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let the system end writes there, in the middle of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 7, 30])
def test_a_disk_that_is_full(journal: Journal, path: Path, room: int) -> None:
    """What could not be written whole leaves no trace, and the next is taken."""
    size = journal.append([[1]])
    before = path.read_bytes()
    with no_file_larger_than(size + room), pytest.raises(OSError, match="large"):
        journal.append([["x" * 50]])
    assert path.read_bytes() == before
    journal.append([[2]])
    assert records(journal) == [[1], [2]]


def test_a_disk_that_does_not_confirm(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may not be on the disk is taken back."""
    journal.append([[1]])
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="space"):
            journal.append([[2]])
    assert path.read_bytes() == before


def test_writes_that_take_less_than_asked(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write may be short without being an error."""
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda h, view: write(h, view[:3]))
        journal.append([[1, "a"], [2, "b"]])
    assert records(journal) == [[1, "a"], [2, "b"]]


def test_a_journal_that_is_never_emptied(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes no more rather than fill the disk, and loses nothing."""
    monkeypatch.setattr(module, "MAX_SIZE", 100)
    for number in range(7):
        journal.append([[number]])
    with pytest.raises(OSError, match="large"):
        journal.append([[7]])
    assert records(journal) == [[number] for number in range(7)]
    journal.drop(journal.size())
    journal.append([[1]])
    assert records(journal) == [[1]]


def test_a_drop_that_fails_loses_nothing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records stay until they can go."""
    size = journal.append([[1]])
    journal.append([[2]])
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="space"):
            journal.drop(size)
    assert records(journal) == [[1], [2]]
    journal.drop(size)
    assert records(journal) == [[2]]
