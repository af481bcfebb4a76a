"""A file that knows everything that was accepted since the state was last saved.

A line is on the disk before its sender is told that it was accepted; the next run
reads the lines that the saved state does not hold yet. Lines that come together are
written together, so a burst costs few writes.
"""

from collections.abc import Iterator, Sequence
import json
import os
from pathlib import Path
from typing import Any, Final
from zlib import crc32

# A journal is emptied every minute; a larger one is not ours.
_MAX_SIZE: Final = 64 * 1024 * 1024


class Journal:
    """Append records and read them back; every method blocks.

    A record that was not written whole, or was damaged, ends the journal: what
    follows it was never confirmed or cannot be told apart.
    """

    def __init__(self, path: Path) -> None:
        """Use a file; it need not exist."""
        self._path = path

    def append(self, records: Sequence[Any]) -> None:
        """Put records on the disk, all or, if this fails, none that counts.

        Raises:
            OSError: The disk does not take them.
        """
        lines = b"".join(_line(record) for record in records)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(self._path, flags, 0o600)
        try:
            size = os.fstat(handle).st_size
            try:
                _write(handle, lines)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)

    def read(self) -> list[Any]:
        """Return the records, oldest first."""
        try:
            if self._path.stat().st_size > _MAX_SIZE:
                return []
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return list(_records(content))

    def drop(self, count: int) -> None:
        """Forget the oldest records, which the saved state holds now."""
        left = self.read()[count:]
        if not left:
            self.remove()
            return
        scratch = self._path.with_suffix(".tmp")
        with scratch.open("wb") as file:
            file.write(b"".join(_line(record) for record in left))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._path)

    def remove(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)


def _line(record: Any) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %s\n" % (crc32(text), text)


def _write(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _records(content: bytes) -> Iterator[Any]:
    for line in content.split(b"\n")[:-1]:
        check, _, text = line.partition(b" ")
        try:
            if int(check, 16) != crc32(text):
                return
            yield json.loads(text)
        except ValueError, RecursionError:
            return
