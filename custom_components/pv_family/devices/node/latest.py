"""The last values of a source that speaks when it likes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...readings.quantity import BOUNDS, Kind
from ...readings.reading import Reading, Series


@dataclass(slots=True)
class Latest:
    """The newest reading of each series, and when the source was last heard.

    Attributes:
        max_age: How long a value is the present.
        heard: When the source last said something of the present (UTC).
    """

    max_age: timedelta
    heard: datetime | None = None
    _readings: dict[Series, Reading] = field(default_factory=dict)

    def take(self, readings: Iterable[Reading]) -> None:
        """Keep what is newer than what is known."""
        for reading in readings:
            known = self._readings.get(reading.series)
            if known is None or known.taken <= reading.taken:
                self._readings[reading.series] = reading

    def silent(self, now: datetime) -> bool:
        """Return whether nothing was heard for longer than a value lives."""
        return self.heard is None or now - self.heard > self.max_age

    def fresh(self, now: datetime) -> tuple[Reading, ...]:
        """Return what is the present; a register stands until it moves."""
        return tuple(
            reading
            for reading in self._readings.values()
            if now - reading.taken <= self.max_age
            or BOUNDS[reading.series.quantity].kind is Kind.REGISTER
        )
