"""What can go wrong on a serial line, switched on for some answers or for good."""

from dataclasses import dataclass, field
from typing import cast


@dataclass(frozen=True, slots=True)
class Nak:
    """Commands are refused."""


@dataclass(frozen=True, slots=True)
class Garble:
    """One byte of the answer is wrong."""

    position: int = 3


@dataclass(frozen=True, slots=True)
class Echo:
    """The request comes back before the answer, or in its place."""

    instead: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """Commands are not answered."""


@dataclass(frozen=True, slots=True)
class Late:
    """The answer comes late, and so do all that wait behind it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Truncate:
    """The answer breaks off after some bytes; its carriage return may be left."""

    length: int = 10
    ended: bool = True


@dataclass(frozen=True, slots=True)
class NoCrc:
    """Acknowledgements and refusals come without a CRC."""


type LineFault = Nak | Garble | Echo | Silence | Late | Truncate | NoCrc


@dataclass(slots=True)
class _Active:
    """A fault that is on, for some more answers or for good."""

    fault: LineFault
    only: tuple[str, ...]
    left: int | None


@dataclass(slots=True)
class LineFaults:
    """The faults that are on; at most one of each kind."""

    _active: dict[type[LineFault], _Active] = field(default_factory=dict)

    def start(
        self,
        fault: LineFault,
        answers: int | None = None,
        *,
        only: tuple[str, ...] = ("",),
    ) -> None:
        """Switch a fault on.

        Args:
            fault: What goes wrong.
            answers: With how many answers; until it is cleared if not given.
            only: The beginnings of the commands that it hits.
        """
        self._active[type(fault)] = _Active(fault, only, answers)

    def clear(self) -> None:
        """Switch all faults off."""
        self._active.clear()

    def take[F: LineFault](self, kind: type[F], command: str) -> F | None:
        """Return the fault of this kind if it hits a command, and count that."""
        key = cast(type[LineFault], kind)
        active = self._active.get(key)
        if active is None or not command.startswith(active.only):
            return None
        if active.left is not None:
            active.left -= 1
            if active.left <= 0:
                del self._active[key]
        return cast(F, active.fault)
