"""What a load has drawn, how often it started and what that cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

# Longer gaps between two looks say nothing about energy.
_GAP: Final = timedelta(minutes=2)


@dataclass(slots=True)
class Sums:
    """Sums over a time.

    Attributes:
        energy: In Wh.
        cost: What the energy was worth where it came from, in money.
        grid: Hours in which the price was known, times that price, for its mean.
        hours: Those hours.
        starts: How often it started.
    """

    energy: float = 0.0
    cost: float = 0.0
    grid: float = 0.0
    hours: float = 0.0
    starts: int = 0

    @property
    def saved(self) -> float | None:
        """Money saved against the same energy at the mean price of the time."""
        if self.hours <= 0.0:
            return None
        return self.energy / 1000.0 * self.grid / self.hours - self.cost

    def as_list(self) -> list[float]:
        """Return the sums as JSON types."""
        return [self.energy, self.cost, self.grid, self.hours, self.starts]

    @classmethod
    def from_list(cls, state: list[Any]) -> Sums:
        """Take up where `as_list` left off.

        Raises:
            TypeError, ValueError: The state is not one of ours.
        """
        energy, cost, grid, hours, starts = state
        return cls(float(energy), float(cost), float(grid), float(hours), int(starts))


@dataclass(frozen=True, slots=True)
class Price:
    """What energy is worth now, per kWh.

    Attributes:
        buy: Of import.
        sell: Of export.
    """

    buy: float
    sell: float


@dataclass(slots=True)
class LoadBook:
    """Counts one load, real or only imagined.

    Attributes:
        total: All energy, in Wh.
        today: Since local midnight.
        yesterday: Of the day before, if it was counted.
        need: Energy since the last deadline, in Wh.
        ran: Hours on since then.
        served: The deadline that both count towards.
    """

    total: float = 0.0
    today: Sums = field(default_factory=Sums)
    yesterday: Sums | None = None
    need: float = 0.0
    ran: float = 0.0
    served: datetime | None = None
    _day: date | None = None
    _on: bool | None = None
    _seen: datetime | None = None

    def count(
        self,
        now: datetime,
        day: date,
        *,
        on: bool | None,
        power: float,
        imported: float,
        price: Price | None,
        deadline: datetime | None,
    ) -> None:
        """Count what passed since the last look.

        Args:
            now: The present (UTC).
            day: The local day.
            on: Whether the load is on, ``None`` while it does not answer.
            power: What it draws, in W.
            imported: The share of that which the grid or the battery gives, 0 to 1.
            price: What energy is worth, if that is known.
            deadline: Until when the present need is due (UTC).
        """
        if day != self._day:
            follows = self._day == day - timedelta(days=1)
            self.yesterday = self.today if follows else None
            self._day, self.today = day, Sums()
        if deadline != self.served:
            self.served, self.need, self.ran = deadline, 0.0, 0.0
        if self._on is False and on:
            self.today.starts += 1
        if on is not None:
            self._on = on
        passed = timedelta() if self._seen is None else now - self._seen
        self._seen = now
        if not timedelta() < passed <= _GAP:
            return
        hours = passed.total_seconds() / 3600.0
        energy = power * hours
        self.total += energy
        self.need += energy
        self.ran += hours if on else 0.0
        today = self.today
        today.energy += energy
        if price is not None:
            worth = imported * price.buy + (1.0 - imported) * price.sell
            today.cost += energy / 1000.0 * worth
            today.grid += price.buy * hours
            today.hours += hours

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON types, for `from_dict`."""
        return {
            "total": self.total,
            "today": self.today.as_list(),
            "yesterday": self.yesterday and self.yesterday.as_list(),
            "need": self.need,
            "ran": self.ran,
            "served": self.served and self.served.isoformat(),
            "day": self._day and self._day.isoformat(),
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> LoadBook:
        """Take up where `as_dict` left off.

        Raises:
            KeyError, TypeError, ValueError: The state is not one of ours.
        """
        yesterday, served, day = state["yesterday"], state["served"], state["day"]
        return cls(
            total=float(state["total"]),
            today=Sums.from_list(state["today"]),
            yesterday=None if yesterday is None else Sums.from_list(yesterday),
            need=float(state["need"]),
            ran=float(state["ran"]),
            served=None if served is None else datetime.fromisoformat(served),
            _day=None if day is None else date.fromisoformat(day),
        )
