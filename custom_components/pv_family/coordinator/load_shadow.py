"""A load that is only imagined: what it would have done had it been controlled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .load_actuator import Shown
from .load_book import LoadBook
from .load_settings import Kind, LoadSettings


class Shadow:
    """Obeys at once and draws what it should.

    Attributes:
        book: What it would have had.
    """

    def __init__(self, settings: LoadSettings) -> None:
        """Begin switched off."""
        self.book = LoadBook()
        self._settings = settings
        self._power = 0.0
        self._since: datetime | None = None

    @property
    def power(self) -> float:
        """What it would draw, in W."""
        return self._power

    def shown(self, now: datetime, *, available: bool) -> Shown:
        """Return what its entities would show.

        Args:
            now: The present (UTC).
            available: Whether the real ones show anything.
        """
        self._since = self._since or now
        if (
            self._settings.kind is Kind.PROGRAMME
            and self._power
            and (now - self._since).total_seconds() >= self._settings.length
        ):
            self._set(0.0, now)
        on = self._power > 0.0
        return Shown(available, on, self._power, None, self._since)

    def obey(self, power: float, now: datetime) -> None:
        """Take a set point.

        Args:
            power: In W; 0 is off.
            now: The present (UTC).
        """
        if self._settings.kind is Kind.PROGRAMME and self._power and not power:
            return
        self._set(power, now)

    def _set(self, power: float, now: datetime) -> None:
        if (power > 0.0) is not (self._power > 0.0):
            self._since = now
        self._power = power

    def stop(self) -> None:
        """End with what is imagined: the load itself is controlled now."""
        self._power, self._since = 0.0, None

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "book": self.book.as_dict(),
            "power": self._power,
            "since": None if self._since is None else self._since.isoformat(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        since = state["since"]
        self.book = LoadBook.from_dict(state["book"])
        self._power = float(state["power"])
        self._since = None if since is None else datetime.fromisoformat(since)
