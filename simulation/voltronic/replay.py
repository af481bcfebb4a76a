"""A unit that answers with what real ones once answered."""

from collections.abc import Iterable, Mapping
import json
from pathlib import Path

from .frame import ACK

_SETTERS: tuple[str, ...] = (
    "POP",
    "PCP",
    "PPCP",
    "PGR",
    "PBT",
    "PE",
    "PD",
    "PBCV",
    "PBDV",
    "PSDV",
)
_SETTERS += ("PCVV", "PBFT", "MCHGC", "MNCHGC", "MUCHGC")


def load_replies(path: Path, models: Iterable[str]) -> dict[str, list[str]]:
    """Return the recorded payloads of each command.

    Args:
        path: A list of objects with `model`, `command` and `payload`.
        models: The models whose replies are taken, the first ones first.

    Raises:
        ValueError: the file holds no replies of these models.
    """
    recorded = json.loads(path.read_text())
    replies: dict[str, list[str]] = {}
    for model in models:
        for item in recorded:
            if item["model"] == model:
                replies.setdefault(item["command"], []).append(item["payload"])
    if not replies:
        raise ValueError(f"{path.name} holds no such replies")
    return replies


class RecordedInverter:
    """Gives the recorded reply to each command, and takes every setting for nothing."""

    def __init__(self, replies: Mapping[str, str], *, settable: bool = False) -> None:
        """Replay one reply for each command.

        Args:
            replies: The payloads.
            settable: Whether settings are acknowledged, though nothing changes.
        """
        self.replies = dict(replies)
        self._settable = settable

    @classmethod
    def load(cls, path: Path, models: Iterable[str]) -> RecordedInverter:
        """Replay a file, the first reply of each command.

        Raises:
            ValueError: the file holds no replies of these models.
        """
        return cls({command: r[0] for command, r in load_replies(path, models).items()})

    def answer(self, command: str) -> str | None:
        """Return the recorded reply, `None` where there is none."""
        if self._settable and command.startswith(_SETTERS):
            return ACK
        return self.replies.get(command)
