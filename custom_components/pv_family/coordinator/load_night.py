"""A meter that sleeps with its inverter, told from one that has failed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..readings.power_flow import PowerFlow

# Where the sun stands when inverters fall silent at the latest, in degrees.
_LOW: Final = 6.0
# How high it stands at most when one that sleeps was heard last.
_DUSK: Final = 10.0
# Where it stands once every inverter that sleeps does so.
_DARK: Final = -6.0
# A meter that was heard in the dark lately does not sleep.
_LATELY: Final = timedelta(days=3)
_NIGHT: Final = timedelta(hours=24)
# Positions of the sun are worth looking at this often.
_OFTEN: Final = timedelta(minutes=5)
# Nobody sees what the house draws at night: it is taken to be so much more than
# foreseen, for the sake of the main fuse.
_CAUTION: Final = 2.0


class NightWatch:
    """Learns whether a home's meter is silent every night."""

    def __init__(self, sun: Callable[[datetime], float]) -> None:
        """Know nothing yet.

        Args:
            sun: The elevation of the sun at a time, in degrees.
        """
        self._sun = sun
        self._heard: datetime | None = None
        self._awake: datetime | None = None
        self._looked: datetime | None = None

    def see(self, now: datetime, flow: PowerFlow) -> None:
        """Take up whether the meter is heard.

        Args:
            now: The present (UTC).
            flow: Where power flows.
        """
        if flow.grid is None:
            return
        self._heard = now
        if self._looked is None or not timedelta() <= now - self._looked < _OFTEN:
            self._looked = now
            if self._sun(now) < _DARK:
                self._awake = now

    def sleeps(self, now: datetime) -> bool:
        """Tell whether silence now is that of a meter that sleeps at night.

        It fell silent at dusk, and was not heard in the dark of the last nights.

        Args:
            now: The present (UTC).
        """
        heard, awake = self._heard, self._awake
        return (
            heard is not None
            and timedelta() <= now - heard < _NIGHT
            and (awake is None or now - awake > _LATELY)
            and self._sun(now) < _LOW
            and self._sun(heard) < _DUSK
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `restore`."""
        return {
            "heard": self._heard and self._heard.isoformat(),
            "awake": self._awake and self._awake.isoformat(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        self._heard, self._awake = _instant(state["heard"]), _instant(state["awake"])


def night_flow(flow: PowerFlow, base: float, drawn: float) -> PowerFlow:
    """Return the flow of a dark home that nobody measures: all is imported.

    Args:
        flow: What is known of it.
        base: What it is foreseen to draw without its loads, in W.
        drawn: What its loads draw, in W.
    """
    power = _CAUTION * base + drawn
    return replace(flow, consumption=power, grid=power)


def _instant(text: str | None) -> datetime | None:
    when = None if text is None else datetime.fromisoformat(text)
    if when is not None and when.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return when
