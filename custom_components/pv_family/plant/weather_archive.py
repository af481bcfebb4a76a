"""Every weather forecast with the time at which it was issued.

Nobody else keeps them, and only with them can be told how well a forecast could have
done. One file a month, of records with a length and a checksum, so that a torn end is
noticed and left behind.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import struct
from typing import Final
import zlib

import numpy as np

from .model.time_grid import TimeGrid
from .model.weather_series import WeatherSeries
from .weather import Offer

EVERY: Final = timedelta(hours=3)
"""Models are renewed no faster; what comes between differs little."""
KEPT: Final = timedelta(days=400)

_MAGIC: Final = b"PVW1"
_HEAD: Final = struct.Struct("<4sqqIHII")
_SCALES: Final = {
    "ghi": 1.0,
    "dni": 1.0,
    "dhi": 1.0,
    "temp_air": 10.0,
    "wind_speed": 10.0,
    "cloud_cover": 100.0,
}
_UNKNOWN: Final = -32768
_MOST_SLOTS: Final = 2000
_LONGEST: Final = 1 << 20


class WeatherArchive:
    """The forecasts of one place.

    Every method reads or writes files and raises ``OSError`` if that fails.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the files in a folder, which need not exist yet."""
        self._folder = folder
        self._last: datetime | None = None

    def add(self, offer: Offer) -> bool:
        """Keep a forecast from its time of issue on; tell whether it was worth it."""
        if self._last is None:
            self._last = self._newest()
        if self._last is not None and offer.issued - self._last < EVERY:
            return False
        self._folder.mkdir(exist_ok=True)
        with self._file(offer.issued).open("ab") as file:
            file.write(_packed(offer))
        self._last = offer.issued
        oldest = self._file(offer.issued - KEPT)
        for file_name in self._files():
            if file_name.name < oldest.name:
                file_name.unlink()
        return True

    def read(self, first: datetime, last: datetime) -> list[Offer]:
        """Return what was issued within a time, the oldest first.

        Args:
            first: Start (UTC).
            last: End (UTC).
        """
        low, high = self._file(first).name, self._file(last).name
        return [
            offer
            for file in self._files()
            if low <= file.name <= high
            for offer in _unpacked(file.read_bytes())
            if first <= offer.issued <= last
        ]

    def _newest(self) -> datetime | None:
        files = self._files()
        offers = list(_unpacked(files[-1].read_bytes())) if files else []
        return offers[-1].issued if offers else None

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("????-??.weather"))

    def _file(self, when: datetime) -> Path:
        return self._folder / f"{when.astimezone(UTC):%Y-%m}.weather"


def _packed(offer: Offer) -> bytes:
    """Return a forecast as a record."""
    grid = offer.weather.grid
    first = min(max(grid.index(offer.issued), 0), grid.count)
    last = min(first + _MOST_SLOTS, grid.count)
    columns = [
        _whole(getattr(offer.weather, name)[first:last] * scale)
        for name, scale in _SCALES.items()
    ]
    body = zlib.compress(np.concatenate(columns).tobytes(), 9)
    head = _HEAD.pack(
        _MAGIC,
        int(offer.issued.timestamp()),
        int(grid.at(first).timestamp()),
        int(grid.step.total_seconds()),
        last - first,
        len(body),
        zlib.crc32(body),
    )
    return head + body


def _whole(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    rounded = np.clip(np.round(np.where(known, values, 0.0)), -32767, 32767)
    return np.where(known, rounded, _UNKNOWN).astype("<i2")


def _unpacked(data: bytes) -> Iterator[Offer]:
    """Yield the forecasts of a file up to the first that is damaged."""
    at = 0
    while at + _HEAD.size <= len(data):
        magic, issued, start, step, count, length, check = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        body = data[at : at + length]
        at += length
        if magic != _MAGIC or length > _LONGEST or zlib.crc32(body) != check:
            return
        try:
            grid = TimeGrid(
                datetime.fromtimestamp(start, UTC), timedelta(seconds=step), count
            )
            raw = np.frombuffer(zlib.decompress(body), "<i2").astype(np.float64)
            table = raw.reshape(len(_SCALES), count)
            when = datetime.fromtimestamp(issued, UTC)
        except OverflowError, ValueError, zlib.error:
            return
        table = np.where(table == _UNKNOWN, np.nan, table)
        columns = {
            name: row / scale
            for (name, scale), row in zip(_SCALES.items(), table, strict=True)
        }
        yield Offer(when, WeatherSeries.from_columns(grid, **columns))
