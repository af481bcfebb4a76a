"""What a node said that stands until it says otherwise, or has not repeated it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ..device import Part, PartKind
from .messages import Alarm, Cleaning, Measurement, Message, RelayReport

# Nodes repeat these every 30 s, alarms every 60 s: some repeats may be lost.
_MAX_AGE: Final = timedelta(seconds=120)
_ALARM_AGE: Final = timedelta(seconds=300)
_MOST_ALARMS: Final = 16
_SWITCHED: Final = {True: "on", False: "off"}


class _Timed[V](NamedTuple):
    value: V
    heard: datetime


@dataclass(slots=True)
class Standing:
    """The relays, fans, alarms and cleaning of one node."""

    _relays: dict[int, _Timed[RelayReport]] = field(default_factory=dict)
    _fans: dict[int, _Timed[bool]] = field(default_factory=dict)
    _alarms: dict[str, _Timed[Alarm]] = field(default_factory=dict)
    _cleaning: _Timed[Cleaning] | None = None

    def take(self, message: Message, now: datetime) -> None:
        """Keep what a message of the present says."""
        match message:
            case Measurement(fans=fans):
                for number, running in fans.items():
                    self._fans[number] = _Timed(running, now)
            case RelayReport(number=number):
                self._relays[number] = _Timed(message, now)
            case Alarm(word=word, active=active):
                self._alarms.pop(word, None)
                if active:
                    self._alarms[word] = _Timed(message, now)
                if len(self._alarms) > _MOST_ALARMS:
                    del self._alarms[next(iter(self._alarms))]
            case Cleaning():
                self._cleaning = _Timed(message, now)

    def relay(self, number: int, now: datetime) -> RelayReport | None:
        """Return where a relay is, ``None`` if it was not heard of lately."""
        return _lately(self._relays.get(number), now, _MAX_AGE)

    def cleaning(self, now: datetime) -> Cleaning | None:
        """Return how a cleaning run goes, ``None`` if it was not heard of lately."""
        return _lately(self._cleaning, now, _MAX_AGE)

    def alarms(self, now: datetime) -> tuple[Alarm, ...]:
        """Return what is warned of."""
        return tuple(
            timed.value
            for timed in self._alarms.values()
            if now - timed.heard <= _ALARM_AGE
        )

    def statuses(self, now: datetime) -> dict[str, str]:
        """Return the words of relays and fans by part."""
        statuses: dict[str, str] = {}
        for number in self._relays:
            if (report := self.relay(number, now)) is not None:
                statuses[Part(PartKind.RELAY, number).key] = _SWITCHED[report.on]
        for number, fan in self._fans.items():
            if (running := _lately(fan, now, _MAX_AGE)) is not None:
                statuses[Part(PartKind.FAN, number).key] = _SWITCHED[running]
        return statuses


def _lately[V](timed: _Timed[V] | None, now: datetime, age: timedelta) -> V | None:
    return None if timed is None or now - timed.heard > age else timed.value
