"""Devices replayed from what was once read of real ones."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any

from .registers import RegisterImage, UnknownUnitError, read_image


def _dump_image(dump: Mapping[str, Any]) -> RegisterImage:
    """Return the registers of a dump: first address and hex words, null = missing."""
    start = int(dump["start"])
    return {
        start + offset: int(word, 16)
        for offset, word in enumerate(dump["registers"])
        if word is not None
    }


def _diagnostics_images(node: Any) -> Iterator[RegisterImage]:
    """Yield every `{"registers": {"holding": {address: value}}}` within `node`."""
    if isinstance(node, list):
        for item in node:
            yield from _diagnostics_images(item)
    elif isinstance(node, dict):
        registers = node.get("registers")
        if isinstance(registers, dict) and isinstance(registers.get("holding"), dict):
            yield {
                int(address): int(value)
                for address, value in registers["holding"].items()
                if value is not None
            }
        for item in node.values():
            yield from _diagnostics_images(item)


def load_images(path: Path) -> list[RegisterImage]:
    """Return the registers of each device in a file.

    The file is a register dump (`start` and `registers`, a list) or a diagnostics
    download of Home Assistant with holding registers anywhere under `data`.

    Raises:
        ValueError: the file holds no registers.
    """
    content = json.loads(path.read_text())
    images: list[RegisterImage] = []
    if isinstance(content, dict):
        if "start" in content and isinstance(content.get("registers"), list):
            images = [_dump_image(content)]
        else:
            images = list(_diagnostics_images(content.get("data")))
    if not images:
        raise ValueError(f"{path.name} holds no registers")
    return images


class ReplayedDevice:
    """Devices whose registers never change."""

    def __init__(
        self,
        units: Mapping[int, RegisterImage],
        fallback: RegisterImage | None = None,
    ) -> None:
        """Replay an image for each unit id, and `fallback` for all others."""
        self._units = units
        self._fallback = fallback

    @classmethod
    def load(cls, path: Path) -> ReplayedDevice:
        """Replay a file: one device behind every unit id, several behind 1, 2, ...

        Raises:
            ValueError: the file holds no registers.
        """
        images = load_images(path)
        if len(images) == 1:
            return cls({}, images[0])
        return cls(dict(enumerate(images, start=1)))

    def read(self, unit: int, address: int, count: int) -> list[int]:
        """Return registers of a unit.

        Raises:
            RegisterError: the device answers with an exception.
        """
        image = self._units.get(unit, self._fallback)
        if image is None:
            raise UnknownUnitError(f"unit {unit}")
        return read_image(image, address, count)
