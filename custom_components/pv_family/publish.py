"""How often a value is worth a row in the user's database.

Home Assistant writes a row whenever a state changes, and measured values always
change. A home at rest is shown every now and then, a jump at once; what controls
and counts inside sees every value.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# Statistics are compiled every five minutes: an energy that is current then makes
# them exact, however rarely it was shown in between.
_STATISTICS_SLOT: Final = 300
_BEFORE_SLOT: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """When a changed number is shown.

    Attributes:
        interval: How long a small change waits.
        step: A change smaller than this waits ten times as long.
        jump: A change of at least this is shown at once.
        slotted: Show the value at the end of every statistics slot.
    """

    interval: timedelta = timedelta(0)
    step: float = 0.0
    jump: float = float("inf")
    slotted: bool = False

    def due(
        self, shown: float, shown_at: datetime, value: float, now: datetime
    ) -> bool:
        """Tell whether a new value is to be shown now.

        Args:
            shown: The value that is shown.
            shown_at: Since when (UTC).
            value: The new value.
            now: The present (UTC).
        """
        change = abs(value - shown)
        if change == 0.0:
            return False
        if change >= self.jump:
            return True
        if self.slotted and _slot(now) != _slot(shown_at):
            return True
        waited = now - shown_at
        return waited >= (self.interval if change >= self.step else 10 * self.interval)


def _slot(when: datetime) -> int:
    """Return the statistics slot for which a value at that time is the last."""
    return int(when.timestamp() + _BEFORE_SLOT) // _STATISTICS_SLOT


_MINUTE: Final = timedelta(minutes=1)

ALWAYS: Final = Publish()
EXPECTED: Final = Publish(interval=4 * _MINUTE, step=20.0, jump=500.0)
# What is left of a day shrinks every minute.
FORECAST: Final = Publish(interval=10 * _MINUTE, jump=0.5)
HOME_POWER: Final = Publish(interval=timedelta(seconds=20), step=5.0, jump=200.0)
POWER: Final = Publish(interval=_MINUTE, step=5.0, jump=500.0)
VOLTAGE: Final = Publish(interval=_MINUTE, step=1.0, jump=10.0)
CURRENT: Final = Publish(interval=_MINUTE, step=0.2, jump=5.0)
FREQUENCY: Final = Publish(interval=_MINUTE, step=0.05, jump=0.2)
TEMPERATURE: Final = Publish(interval=_MINUTE, step=0.5, jump=5.0)
RATIO: Final = Publish(interval=_MINUTE, step=0.5, jump=5.0)
ENERGY_TODAY: Final = Publish(interval=2 * _MINUTE, slotted=True)
ENERGY: Final = Publish(interval=5 * _MINUTE, slotted=True)
