"""A file that knows everything that was accepted since the state was last saved.

A line is on the disk before its sender is told that it was accepted; the next run
reads the lines that the saved state does not hold yet. Lines that come together are
written together, so a burst costs few writes.
"""

from collections.abc import Iterator, Sequence
import errno
import json
import os
from pathlib import Path
from typing import Any, Final
from zlib import crc32

# A journal is emptied every minute: one that grows to this can no longer be.
MAX_SIZE: Final = 64 * 1024 * 1024
_MODE: Final = 0o600


class Journal:
    """Append records and read them back; every method blocks.

    Every line carries its own check sum: one that was not written whole or was damaged
    is left out, and those around it count.
    """

    def __init__(self, path: Path) -> None:
        """Use a file; it need not exist."""
        self._path = path

    def append(self, records: Sequence[Any]) -> int:
        """Put records on the disk, all or, if this fails, none that counts.

        Returns:
            The size of the journal in bytes, for `drop`.

        Raises:
            OSError: The disk does not take them, or the journal is full.
        """
        lines = b"".join(_line(record) for record in records)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _MODE)
        try:
            size = _cut_torn(handle)
            if size + len(lines) > MAX_SIZE:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(self._path))
            try:
                _write(handle, lines)
                os.fsync(handle)
                if size == 0:
                    self._sync_folder()
            except OSError:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)
        return size + len(lines)

    def read(self) -> tuple[list[Any], int]:
        """Return the records, oldest first, and the size of the journal in bytes.

        A last line that a crash left unfinished is cut off first.
        """
        try:
            with self._path.open("r+b") as file:
                _cut_torn(file.fileno())
                content = file.read(MAX_SIZE)
        except FileNotFoundError:
            return [], 0
        return list(_records(content)), len(content)

    def size(self) -> int:
        """Return how large the journal is in bytes."""
        return self._path.stat().st_size if self._path.exists() else 0

    def drop(self, size: int) -> None:
        """Forget the oldest records, which the saved state holds now.

        Args:
            size: How large the journal was when the last of them was on the disk.
        """
        with self._path.open("rb") as file:
            file.seek(size)
            left = file.read()
        if not left:
            self.remove()
            return
        scratch = self._scratch
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        try:
            _write(handle, left)
            os.fsync(handle)
        finally:
            os.close(handle)
        scratch.replace(self._path)
        # Lines that follow go into the new file: it must not vanish in a power cut.
        self._sync_folder()

    def remove(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)
        self._scratch.unlink(missing_ok=True)

    @property
    def _scratch(self) -> Path:
        return self._path.with_name(f"{self._path.name}.tmp")

    def _sync_folder(self) -> None:
        handle = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _line(record: Any) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %s\n" % (crc32(text), text)


def _write(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _cut_torn(handle: int) -> int:
    """Cut off a last line that a crash left unfinished, and return the size.

    The next line would otherwise become a part of it, and be lost with it.
    """
    size = os.fstat(handle).st_size
    if size == 0 or os.pread(handle, 1, size - 1) == b"\n":
        return size
    whole = os.pread(handle, size, 0).rfind(b"\n") + 1
    os.ftruncate(handle, whole)
    return whole


def _records(content: bytes) -> Iterator[Any]:
    for line in content.split(b"\n")[:-1]:
        check, _, text = line.partition(b" ")
        try:
            if int(check, 16) == crc32(text):
                yield json.loads(text)
        except ValueError, RecursionError:
            continue
